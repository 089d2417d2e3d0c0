"""A document as the model's classes take it, whichever way its author wrote it, and the way back to what the author wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from seedbed.core.counts import COUNT_PATTERN, count_of
from seedbed.core.records import dataclass
from seedbed.model.places import Mistake, Path
from seedbed.model.reading.forms import SECTIONS, Canonical, canonical
from seedbed.model.reading.profiles import Overridden, overridden, profile_mistakes
from seedbed.model.resolve.versions import needs_version

#: The version that has neither maps of tables nor inlined generators nor short numbers of rows.
FIRST_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Source:
    """Data in the canonical form, and where each part of it stands in the document."""

    data: object
    form: Canonical
    profiled: Overridden
    mistakes: tuple[Mistake, ...]

    @classmethod
    def of(cls, data: object, profile: str | None = None) -> Source:
        """What a document means, with the overrides of one of its profiles if wanted."""
        profiled = Overridden(data) if profile is None else overridden(data, profile)
        is_first = isinstance(data, Mapping) and data.get("version") == FIRST_VERSION
        form = canonical(profiled.data, inline=not is_first)
        mistakes = [*form.mistakes, *profile_mistakes(data), *(_too_new(form) if is_first else ())]
        return cls(form.data if is_first else _counted(form.data), form, profiled, tuple(mistakes))

    def author(self, path: Path) -> Path:
        """Where the author wrote a part of the canonical form."""
        return self.profiled.origin(self.form.author(path))


def _too_new(form: Canonical) -> list[Mistake]:
    """What the author's form has that the first version does not."""
    sections = list(dict.fromkeys(table.base[0] for table in form.tables if table.is_named))
    found = [Mistake((section,), *needs_version(f"`{section}`"), at_key=True) for section in sections]
    maps = [table for table in form.tables if not table.is_named and table.columns is not None]
    return [*found, *(Mistake((*table.base, "columns"), *needs_version("a map of columns")) for table in maps)]


def _counted(data: object) -> object:
    """The data with numbers of rows such as `50K` as numbers."""
    if not isinstance(data, Mapping) or not isinstance(data.get("nodes"), list):
        return data
    return {**data, "nodes": [_with_rows(node) for node in data["nodes"]]}


def _with_rows(node: object) -> object:
    rows = node.get("rows") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(rows, str) or not re.match(COUNT_PATTERN, rows):
        return node
    with suppress(ValueError):
        return {**node, "rows": count_of(rows)}
    return node


#: What a document may have instead of `nodes`.
TABLE_KEYS = ("nodes", *SECTIONS)
