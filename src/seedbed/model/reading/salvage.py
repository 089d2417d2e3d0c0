"""What is left of a document without its wrong parts: so that one wrong key doesn't hide the other mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from seedbed.core.plugins import NO_PLUGINS, Plugins
from seedbed.core.records import dataclass
from seedbed.model.document import ColumnSpec
from seedbed.model.places import Mistake, Path
from seedbed.model.plugins import plugin_context
from seedbed.model.reading.faults import MOST_FAULTS, Fault, faults
from seedbed.model.reading.problems import LATER, meant_key, mistakes_of
from seedbed.model.resolve.scope import UNREADABLE

#: From the deepest part to the top there are fewer steps than this.
_MOST_ROUNDS = 16

_LONGEST_NAME = 128

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Rest:
    """The data that is left; `kept` are the old positions of what lists still hold, by the list's new path.

    Of what was `removed`, keys that mean nothing leave no gap; the other parts are `missed` by what they were in.
    """

    data: object
    removed: frozenset[Path] = frozenset()
    missed: frozenset[Path] = frozenset()
    kept: dict[Path, list[int]] = field(default_factory=dict)

    def original(self, path: Path) -> Path:
        """The path in the whole document of a part of the rest."""
        steps: list[str | int] = []
        for depth, step in enumerate(path):
            old = self.kept.get(path[:depth])
            steps.append(old[step] if old is not None and isinstance(step, int) and step < len(old) else step)
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[M]):
    """What is left, if anything, and the mistakes that showed on the way."""

    model: M | None
    rest: Rest
    mistakes: list[Mistake]


def salvage(kind: type[M], data: object, plugins: Plugins | None = NO_PLUGINS) -> Salvaged[M]:
    """Take wrong parts out, from the inside outwards, until the rest is a `kind` or nothing is left."""
    rest, found = Rest(data), list[Mistake]()
    for _ in range(_MOST_ROUNDS):
        try:
            model = kind.model_validate(rest.data, by_alias=True, by_name=False, context=plugin_context(plugins))
            return Salvaged(model, rest, found)
        except ValidationError as error:
            if error.error_count() > MOST_FAULTS:
                break
            found += still_true(iter(mistakes_of(error, kind, rest.data)), rest, near=0)
            wrong = {rest.original(_to_remove(fault)): _is_missed(fault, kind, rest.data) for fault in faults(error, rest.data)}
        if not wrong or () in wrong:
            break
        rest = _without(data, rest, wrong)
    return Salvaged(None, rest, found)


def still_true(mistakes: Iterator[Mistake], rest: Rest, *, near: int = 1) -> Iterator[Mistake]:
    """Mistakes of the rest that are mistakes of the whole document, at their places there.

    Those about what a removed part was in are left out; inside of a column, so are those about its neighbours, `near` levels up.
    """
    touched = {gone[:depth] for gone in rest.missed for depth in range(len(gone) + 1)}
    for mistake in mistakes:
        path = rest.original(mistake.path)
        around = path[: len(path) - near] if len(path) > _COLUMN_DEPTH else path
        if around not in touched:
            yield replace(mistake, path=path)


#: `nodes, 3, columns, 2, generator`: what is deeper belongs together, so one wrong part puts the others in doubt.
_COLUMN_DEPTH = 5


def names_in(data: object) -> dict[str, frozenset[str]]:
    """The names of tables and of their columns that a document has, right or wrong; a name that is none counts as `UNREADABLE`.

    >>> names_in({"nodes": [{"id": "a", "columns": [{"name": "b"}]}, 3]})
    {'a': frozenset({'b'}), '?': frozenset()}
    """
    found: dict[str, frozenset[str]] = {}
    for node in _listed(data, "nodes"):
        table, columns = _name(node, "id"), frozenset(_name(column, "name") for column in _listed(node, "columns"))
        found[table] = found.get(table, frozenset()) | columns
    return found


def _listed(data: object, key: str) -> list[object]:
    items = data.get(key) if isinstance(data, Mapping) else None
    return items if isinstance(items, list) else []


def _name(item: object, key: str) -> str:
    name = item.get(key) if isinstance(item, Mapping) else None
    return name if isinstance(name, str) and name.isidentifier() and len(name) <= _LONGEST_NAME else UNREADABLE


def _is_missed(fault: Fault, root: type[BaseModel], data: object) -> bool:
    """Whether what is around a wrong part may be wrong only without it; an unknown generator still says that one was meant."""
    is_strange = fault.type == "extra_forbidden" and "generator" not in fault.path[-2:-1]
    return not is_strange or fault.path[-1] in LATER[ColumnSpec] or meant_key(fault, root, data) is not None


def _to_remove(fault: Fault) -> Path:
    """The wrong part; a column whose type is wrong goes as a whole, as nothing can be said of its values."""
    is_type = len(fault.path) == _COLUMN_DEPTH and fault.path[-1] == "type"
    return fault.path[:-1] if fault.type == "missing" or is_type else fault.path


def _without(data: object, before: Rest, wrong: dict[Path, bool]) -> Rest:
    """The data without the wrong parts, each marked whether it will be missed."""
    rest = Rest(None, before.removed | wrong.keys(), before.missed | {path for path, is_missed in wrong.items() if is_missed})
    rest.data = _copy(data, (), (), rest)
    return rest


def taken_out(data: object, removed: frozenset[Path]) -> Rest:
    """The data without the parts at these paths."""
    rest = Rest(None, removed)
    rest.data = _copy(data, (), (), rest)
    return rest


def _copy(value: object, old: Path, new: Path, rest: Rest) -> object:
    if isinstance(value, dict):
        return {key: _copy(part, (*old, key), (*new, key), rest) for key, part in value.items() if (*old, key) not in rest.removed}
    if isinstance(value, list):
        kept = [index for index in range(len(value)) if (*old, index) not in rest.removed]
        if len(kept) < len(value):
            rest.kept[new] = kept
        return [_copy(value[index], (*old, index), (*new, position), rest) for position, index in enumerate(kept)]
    return value
