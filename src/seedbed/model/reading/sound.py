"""The part of a document that its mistakes leave in no doubt: what is judged there is true of the whole.

What is wrong is taken out, and with it whatever needs it: columns that read a wrong one, tables of a wrong parent, constraints and
the columns they bind. So later checks can look at the rest without telling what only follows from mistakes already told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from seedbed.core.nearest import nearest
from seedbed.core.plugins import NO_PLUGINS, Plugins
from seedbed.core.records import dataclass
from seedbed.model.document import Model, Node
from seedbed.model.places import Path
from seedbed.model.plugins import plugin_context
from seedbed.model.reading.faults import faults
from seedbed.model.reading.salvage import Rest, taken_out
from seedbed.model.resolve import resolve
from seedbed.model.shape import keys_of

#: Each round takes out what the one before left without its ground; longer chains of columns are rare.
_MOST_ROUNDS = 32

#: Parts that name or describe, and what stands for them; later checks don't judge them again.
_STAND_INS: dict[str, object] = {"metadata": {"name": "unnamed"}, "timeframe": {"start": "2000-01-01", "end": "2000-12-31"}}
_JUDGED = frozenset({("targets",), ("dag",)})

_BINDING = ("unique", "foreign_keys", "ranges", "inequalities")
_TIMELESS = ("int", "float", "string", "bool")
_BY_TIME = ("seasonality", "trend", "effect")


@dataclass(frozen=True, slots=True)
class Sound:
    """A model of the sound part, and the way from its paths to those of the whole document."""

    model: Model
    rest: Rest

    def original(self, path: Path) -> Path:
        """The path in the whole document."""
        return self.rest.original(path)


def sound_part(data: object, wrong: Iterable[Path], plugins: Plugins | None = NO_PLUGINS) -> Sound | None:
    """What is left of a document without the parts at these paths and all that needs them; None where that is nothing.

    >>> column = {"name": "n", "type": "int", "generator": {"sequence": {}}}
    >>> nodes = [{"id": name, "kind": "entity", "columns": [column]} for name in "ab"]
    >>> time = {"start": "2024-01-01", "end": "2024-12-31"}
    >>> data = {"version": "1.0", "metadata": {"name": "m"}, "timeframe": time, "nodes": nodes}
    >>> sound = sound_part(data, [("nodes", 0, "columns", 0, "type")])
    >>> [node.id for node in sound.model.nodes], sound.original(("nodes", 0))
    (['b'], ('nodes', 1))
    """
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        return None
    lost = ((key,) for key in _STAND_INS if key not in data)  # told where the key is misspelt
    gone = _with_all_kin(data, [*wrong, *lost]) | _JUDGED
    for _ in range(_MOST_ROUNDS):
        if () in gone:
            return None
        rest = taken_out(data, frozenset(gone))
        model, follow = _judged(rest, plugins)
        found = _with_all_kin(data, map(rest.original, follow))
        if model is not None and not found:
            return Sound(model, rest)
        if found <= gone:
            return None
        gone |= found
    return None


def _judged(rest: Rest, plugins: Plugins | None) -> tuple[Model | None, list[Path]]:
    """The model of a rest, and where something in it has lost its ground."""
    assert isinstance(rest.data, dict)
    whole = {**rest.data, **{key: part for key, part in _STAND_INS.items() if key not in rest.data}}
    try:
        model = Model.model_validate(whole, by_alias=True, by_name=False, context=plugin_context(plugins))
    except ValidationError as error:
        return None, [fault.path[:-1] if fault.type == "missing" else fault.path for fault in faults(error, whole)]
    return model, [mistake.path for mistake in resolve(model)]


def _with_all_kin(data: Mapping[str, Any], paths: Iterable[Path]) -> set[Path]:
    """What goes with wrong parts, and what goes with that in turn."""
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        new = _with_kin(data, waiting.pop()) - found
        found |= new
        waiting += new
    return found


def _with_kin(data: Mapping[str, Any], path: Path) -> set[Path]:
    """What goes with a wrong part: the smallest part that has a meaning of its own, and what it is bound to; `()` where that is all."""
    match path:
        case ("nodes", int(table), "columns", int(column), *_):
            return _of_column(data, table, column)
        case ("nodes", int(table), str(key)) if _means_nothing(key):
            return {("nodes", table, key)}
        case ("nodes", int(table), *_):
            return _of_table(data, table)
        case ("constraints", str(kind), int(index), *_):
            rules = data["constraints"].get(kind) if kind in _BINDING else None
            bound = _refs(rules[index]) if isinstance(rules, list) else []
            return {path[:3], *_columns_named(data, bound)}
        case ("constraints", *_):
            return {path[:2]}
        case ("timeframe", *_):
            return {("timeframe",), *_timed_columns(data)}
        case () | ("nodes" | "version", *_):
            return {()}
    return {path[:1]}


def _means_nothing(key: str) -> bool:
    known = keys_of(Node)
    return key not in known and nearest(key, list(known)) is None


def _of_table(data: Mapping[str, Any], table: int) -> set[Path]:
    """A table, and others of its name."""
    name = _named(data["nodes"][table], "id")
    return {("nodes", table), *(("nodes", at) for at, node in enumerate(data["nodes"]) if name and _named(node, "id") == name)}


def _of_column(data: Mapping[str, Any], table: int, column: int) -> set[Path]:
    """A column, others of its name, columns whose expressions read it, and where it may have been the rows' time, all that goes by it."""
    node, path = data["nodes"][table], ("nodes", table, "columns")
    columns = node["columns"]
    name = _named(columns[column], "name")
    if name is None or not name.isidentifier():  # any expression of the table may mean it
        return _of_table(data, table)
    found: set[Path] = {(*path, at) for at, other in enumerate(columns) if _named(other, "name") == name}
    found |= {(*path, at) for at, other in enumerate(columns) if name in _names_read(other)}
    if _may_be_time(columns[column]):
        found |= {(*path, at) for at, other in enumerate(columns) if _goes_by_time(other)}
        parents = node.get("parents") if isinstance(node.get("parents"), list) else []
        ages = [other for other in data["nodes"] if _named(other, "id") in parents and other.get("vintage_behavior")]
        if node.get("modifiers") or ages:
            found |= _of_table(data, table)
    return found


def _named(part: object, key: str) -> str | None:
    name = part.get(key) if isinstance(part, Mapping) else None
    return name if isinstance(name, str) else None


def _may_be_time(column: object) -> bool:
    return _named(column, "type") not in _TIMELESS


def _goes_by_time(column: object) -> bool:
    modifiers = column.get("modifiers") if isinstance(column, Mapping) else None
    return isinstance(modifiers, list) and any(_named(modifier, "transform") in _BY_TIME for modifier in modifiers)


def _timed_columns(data: Mapping[str, Any]) -> Iterator[Path]:
    for table, node in enumerate(data["nodes"]):
        columns = node.get("columns") if isinstance(node, Mapping) else None
        for at, column in enumerate(columns if isinstance(columns, list) else ()):
            if _may_be_time(column) or _goes_by_time(column):
                yield ("nodes", table, "columns", at)


def _names_read(column: object) -> tuple[str, ...]:
    """The columns that a column's expression names."""
    generator = column.get("generator") if isinstance(column, Mapping) else None
    part = generator.get("expression") if isinstance(generator, Mapping) else None
    code = _named(part, "code")
    if code is None:
        return ()
    from seedbed.core.expression import ExpressionError, parse  # only models with expressions need it

    try:
        return parse(code).names
    except ExpressionError:
        return ()


def _refs(rule: object) -> list[str]:
    """What a constraint names: `table.column` each."""
    values = rule.values() if isinstance(rule, Mapping) else [rule]
    return [value for value in values if isinstance(value, str) and value.count(".") == 1]


def _columns_named(data: Mapping[str, Any], refs: Iterable[str]) -> Iterator[Path]:
    wanted = {tuple(ref.split(".")) for ref in refs}
    for table, node in enumerate(data["nodes"]):
        columns = node.get("columns") if isinstance(node, Mapping) else None
        for at, column in enumerate(columns if isinstance(columns, list) else ()):
            if (_named(node, "id"), _named(column, "name")) in wanted:
                yield ("nodes", table, "columns", at)
