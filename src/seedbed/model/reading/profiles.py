"""Profiles: named overrides that a document holds for itself, such as a small one for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.model.generators import KINDS
from seedbed.model.places import Mistake, Path
from seedbed.model.reading.forms import SECTIONS

#: What a profile cannot override.
_FIXED = ("version", "profiles", "$schema")


@dataclass(frozen=True, slots=True)
class Overridden:
    """A document with a profile's overrides, and where the overridden parts stand."""

    data: object
    origins: dict[Path, Path] = field(default_factory=dict)

    def origin(self, path: Path) -> Path:
        """Where the author wrote a part: in the profile, if that has it."""
        for depth in range(len(path), 0, -1):
            found = self.origins.get(path[:depth])
            if found is not None:
                return found + path[depth:]
        return path


def profile_names(data: object) -> list[str]:
    """The names of a document's profiles.

    >>> profile_names({"profiles": {"small": {"scale": 0.01}}})
    ['small']
    """
    profiles = data.get("profiles") if isinstance(data, Mapping) else None
    return [name for name in profiles if isinstance(name, str)] if isinstance(profiles, Mapping) else []


def require_profile(data: object, profile: str, name: str) -> None:
    """Raise ModelError where the document `name` has no such profile."""
    known = profile_names(data)
    if profile not in known:
        fix = did_you_mean(profile, known) or (f"profiles: {one_of(known)}" if known else "the document has no `profiles`")
        raise ModelError(f"there is no profile `{profile}`", where=name, fix=fix)


def overridden(data: object, profile: str) -> Overridden:
    """The document with a profile's overrides: objects are merged key by key, everything else is replaced.

    A generator of another kind takes the place of the one before. Tables and columns that the document has in lists are merged by their names.

    >>> overridden({"seed": 1, "profiles": {"two": {"seed": 2}}}, "two").data
    {'seed': 2, 'profiles': {'two': {'seed': 2}}}
    """
    profiles = data["profiles"] if isinstance(data, Mapping) else {}
    overrides = profiles[profile]
    if not isinstance(data, Mapping) or not isinstance(overrides, Mapping):
        return Overridden(data)
    origins: dict[Path, Path] = {}
    merged: dict[str, object] = dict(data)
    base: Path = ("profiles", profile)
    for key, value in overrides.items():
        if key in _FIXED:
            continue
        if key in SECTIONS and isinstance(value, Mapping):
            _merge_tables(merged, key, value, (*base, key), origins)
        else:
            merged[key] = _merged(merged, key, value, (), (*base, key), origins)
    return Overridden(merged, origins)


def profile_mistakes(data: object) -> list[Mistake]:
    """What is wrong with the profiles as such: no objects, or keys that none may override."""
    profiles = data.get("profiles") if isinstance(data, Mapping) else None
    named = profiles.items() if isinstance(profiles, Mapping) else ()
    wrong = ((name, key) for name, overrides in named if isinstance(overrides, Mapping) for key in _FIXED if key in overrides)
    return [Mistake(("profiles", name, key), f"a profile cannot override `{key}`", f"remove `{key}`", at_key=True) for name, key in wrong]


def _merge_tables(merged: dict[str, object], section: str, over: Mapping[str, object], origin: Path, origins: dict[Path, Path]) -> None:
    """Merge tables by name, into the list of nodes where they stand there."""
    nodes = merged.get("nodes")
    places = {node.get("id"): place for place, node in enumerate(nodes) if isinstance(node, Mapping)} if isinstance(nodes, list) else {}
    for name, value in over.items():
        if name in places and isinstance(nodes, list):
            nodes = [*nodes]
            nodes[places[name]] = _merged(nodes, places[name], value, ("nodes",), (*origin, name), origins)
            merged["nodes"] = nodes
            continue
        around = merged.get(section)
        tables: dict[str, object] = dict(around) if isinstance(around, Mapping) else {}
        tables[name] = _merged(tables, name, value, (section,), (*origin, name), origins)
        merged[section] = tables


def _merged(
    around: Mapping[str, object] | list[object], key: str | int, over: object, path: Path, origin: Path, origins: dict[Path, Path]
) -> object:
    """The value at `key` after an override of it."""
    here = (*path, key)
    before = around.get(str(key)) if isinstance(around, Mapping) else around[int(key)]
    if isinstance(before, Mapping) and isinstance(over, Mapping):
        inlined = {name: value for name, value in over.items() if name in KINDS} if "generator" in before else {}
        replaced = set(KINDS) - over.keys() if set(KINDS) & over.keys() - before.keys() else set()  # another generator instead
        parts: dict[str, object] = {name: value for name, value in before.items() if name not in replaced}
        for name, value in over.items():
            if name not in inlined:
                parts[name] = _merged(parts, name, value, here, (*origin, name), origins)
        if inlined:
            parts["generator"] = _merged(parts, "generator", inlined, here, origin, origins)
        return parts
    if isinstance(before, list) and isinstance(over, Mapping) and key == "columns":
        return _merged_columns(before, over, here, origin, origins)
    origins[here] = origin
    return over


def _merged_columns(before: list[object], over: Mapping[str, object], path: Path, origin: Path, origins: dict[Path, Path]) -> list[object]:
    """A list of columns after overrides by their names; new ones come last."""
    columns = list(before)
    places = {column.get("name"): place for place, column in enumerate(columns) if isinstance(column, Mapping)}
    for name, value in over.items():
        if name in places:
            columns[places[name]] = _merged(columns, places[name], value, path, (*origin, name), origins)
        else:
            origins[(*path, len(columns))] = (*origin, name)
            columns.append({"name": name, **value} if isinstance(value, Mapping) else value)
    return columns
