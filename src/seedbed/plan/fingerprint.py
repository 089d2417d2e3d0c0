"""What names a plan: its model's meaning, its seed and its numbers of rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from seedbed.core.zones import zone
from seedbed.model.document import Metadata, Model
from seedbed.model.plugins import Args
from seedbed.plan.plan import BYTES_VERSION

#: Fields that speak to readers and editors only.
_FOR_READERS = frozenset({"comment", "description", "schema_uri"})

#: Fields that only decide where rows go and how they are laid out there: the rows are the same.
_FOR_TARGETS = frozenset({"partition_by", "order_by"})

#: Fields of the model that only decide the seed and the numbers of rows, which are named for themselves, or where the data goes.
_ASKED = frozenset({"seed", "scale", "profiles", "outputs"})


def fingerprint(model: Model, seed: int, counts: Mapping[str, int | None]) -> str:
    """What names a plan: equal for plans that give the same bytes; 64 hexadecimal digits.

    Comments, the layout of the document, the order of its tables, profiles that are not asked for, what is written out though it is the default, and texts about the data set other than its
    name change nothing.
    """
    model = model.model_copy(update={"nodes": tuple(sorted(model.nodes, key=lambda node: node.id)), **dict.fromkeys(_ASKED)})
    rules = [_zone_rules(model.timeframe.tz)] if model.timeframe.tz is not None else []
    text = json.dumps([BYTES_VERSION, seed, sorted(counts.items()), _meaning(model), *rules], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _zone_rules(name: str) -> list[list[int]]:
    """When the clocks of a zone change, and to what: laws change, and versions of `tzdata` with them."""
    found = zone(name)
    return [found.starts.tolist(), found.offsets.tolist()]


def _meaning(value: object) -> Any:
    """What decides data, as JSON takes it."""
    if isinstance(value, Metadata):
        return {"name": value.name}
    if isinstance(value, Args):
        return _of_plugin(value)
    if isinstance(value, BaseModel):
        return _said(value)
    if isinstance(value, Mapping):
        return {str(key): _meaning(part) for key, part in value.items()}
    return [_meaning(part) for part in value] if isinstance(value, tuple | list) else value


def _of_plugin(args: Args) -> list[Any]:
    """Which plug-in it is, of which version, and what it was given beyond its defaults."""
    if args.plugin is None:
        return [_meaning(args.written)]
    return [args.plugin.package, args.plugin.version, _meaning(args.params)]


def _said(part: BaseModel) -> dict[str, Any]:
    """What a part says beyond its defaults."""
    found = {name: _meaning(value) for name, value in (part.model_extra or {}).items()}
    for name, info in type(part).model_fields.items():
        meant = None if name in _FOR_READERS | _FOR_TARGETS else _meaning(getattr(part, name))
        if meant is not None and meant != _meaning(info.default):
            found[info.alias or name] = meant
    return found


def fingerprint_with(fingerprint: str, files: Mapping[str, str]) -> str:
    """What names a plan together with the content of the files it reads: their hashes by name."""
    return hashlib.sha256(json.dumps([fingerprint, sorted(files.items())], ensure_ascii=True).encode()).hexdigest()
