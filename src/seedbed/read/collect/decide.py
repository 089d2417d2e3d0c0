"""Sketches become decisions: which tables there are, their columns, names and types. A pure function of the merged sketch and the options."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from seedbed.core.records import dataclass
from seedbed.read.collect.maps import keys_are_data
from seedbed.read.collect.names import pointer, safe_name, unlike
from seedbed.read.collect.shapes import ID, KEY, PARENT, POSITION, RESCUED, Column, Options, TableShape
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.read.collect.types import kind_of


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the values at one path.

    `form`: `scalar` and `list` (a column), `json` (a column of JSON texts), `object` (its members' columns), `rows` (a table with a row an element; an
    object that stands alone is a row too), `map` (a table with a row a member), `variants` (a table for each
    text that the member `column` has, with the objects that have it). `absent` is what a slot is that shows nothing in the tables:
    `missing`, `null`, or `empty`; whatever is different is told in `_rescued`. `spelling` is how texts spell values of `kind`.
    """

    form: str
    absent: str = "missing"
    column: str = ""
    kind: str = "null"
    spelling: str = ""
    table: str = ""
    members: tuple[tuple[str, Plan], ...] = ()
    element: Plan | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """The tables that were decided on, and the plan that leads there; equal decisions make equal tables of the same values."""

    plan: Plan
    tables: tuple[TableShape, ...]

    def to_json(self) -> str:
        """The decisions as JSON, the same for equal ones."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Decisions:
        """Decisions from `to_json`."""
        content = json.loads(text)
        tables = tuple(TableShape(**{**one, "columns": tuple(Column(**column) for column in one["columns"])}) for one in content["tables"])
        return cls(_plan_from(content["plan"]), tables)


def _plan_from(content: dict[str, Any]) -> Plan:
    members = tuple((key, _plan_from(member)) for key, member in content["members"])
    element = None if content["element"] is None else _plan_from(content["element"])
    return Plan(**{**content, "members": members, "element": element})


def decide(sketch: Sketch, options: Options = Options()) -> Decisions:  # noqa: B008 - frozen
    """The tables for values of which a sketch is known.

    >>> from seedbed.read.collect.build import build
    >>> from seedbed.read.collect.look import sketch_of
    >>> for table in decide(sketch_of(build([{"a": 1, "b": [{"c": "2024-01-01"}]}]))).tables:
    ...     print(table.name, table.path, [f"{one.name} {one.kind}" for one in table.columns])
    records  ['_id int64', 'a int64', '_rescued string']
    b /b/* ['_id int64', '_parent_id int64', '_pos int64', 'c date', '_rescued string']
    """
    ranks = {key: rank for rank, key in enumerate(sketch.order[1])} if sketch.order else {}
    plan = _Planner(options, ranks).plan(sketch, "", "", sketch.present)
    plan = _named_tables(plan, options.root)
    plan = _named_columns(plan)
    return Decisions(plan, tuple(_tables(plan, options.root)))


@dataclass(frozen=True, slots=True)
class _Planner:
    options: Options
    ranks: dict[str, int]

    def plan(self, sketch: Sketch, path: str, key: str, slots: int) -> Plan:
        """The plan of a path (its names still to be found), of which there are `slots`."""
        form = _form(sketch)
        absent = _absent(sketch, form, slots)
        if form == "object" and sketch.variants and self._is_split(path):
            return self._variants(sketch, path, key, absent)
        if form == "object":
            if self._is_map(sketch, path):
                return Plan("map", _absent(sketch, "map", slots), element=self._value(sketch, path))
            return Plan("object", absent, members=self._members(sketch, path))
        if form == "rows":
            element = merge([_objects_of(sketch), sketch.element or Sketch()])
            return Plan("rows", absent, element=self.plan(element, f"{path}/*", key, element.present))
        if form == "json":
            return Plan("json", absent, kind="json")
        kind, spelling = kind_of(sketch, key, text_flags=self.options.text_flags, is_list=form == "list")
        return Plan(form, absent, kind=kind, spelling=spelling)

    def _is_map(self, sketch: Sketch, path: str) -> bool:
        if path in self.options.structs and sketch.value is None:
            return False
        too_many = len(sketch.members) > self.options.most_columns
        return path in self.options.maps or too_many or keys_are_data(sketch) is not None

    def _is_split(self, path: str) -> bool:
        return any(where == path for where, _ in self.options.split)

    def _variants(self, sketch: Sketch, path: str, key: str, absent: str) -> Plan:
        """A table for each text that a member has, with the objects that have it."""
        absent = "missing" if absent == "empty" else absent
        part = dict(self.options.split)[path]
        plans = []
        for value in sorted(sketch.variants):
            variant = sketch.variants[value]
            plans.append((value, Plan("rows", table=value, element=self.plan(variant, f"{path}?", key, variant.present))))
        return Plan("variants", absent, column=part, members=tuple(plans))

    def _members(self, sketch: Sketch, path: str) -> tuple[tuple[str, Plan], ...]:
        keys = sorted(sketch.members, key=lambda key: (self.ranks.get(key, len(self.ranks)), key))
        objects = sketch.counts["objects"]
        return tuple((key, self.plan(sketch.members[key], pointer(path, key), key, objects)) for key in keys)

    def _value(self, sketch: Sketch, path: str) -> Plan:
        value = sketch.value or merge(sketch.members.values())
        return self.plan(value, f"{path}/*", path.rpartition("/")[2], value.present)


def _objects_of(sketch: Sketch) -> Sketch:
    """What a sketch says of objects."""
    made = Sketch(counts={name: count for name, count in sketch.counts.items() if name in {"objects", "empty_objects"}})
    made.members, made.value, made.keys = sketch.members, sketch.value, sketch.keys
    made.variants, made.has_many_variants = sketch.variants, sketch.has_many_variants
    return made


def _has_objects(sketch: Sketch | None) -> bool:
    return sketch is not None and bool(sketch.counts.get("objects") or _has_objects(sketch.element))


def _form(sketch: Sketch) -> str:
    """What most values at a path are; objects and lists of objects are one."""
    counts = sketch.counts.get
    lists, objects = counts("lists", 0), counts("objects", 0)
    scalars = sum(counts(name, 0) for name in ("bools", "ints", "doubles", "strings", "bigs", "odds"))
    is_filled = lists > counts("empty_lists", 0)
    weights = {"object": objects, "list": lists, "scalar": scalars, "json": counts("raws", 0)}
    if _has_objects(sketch.element):
        weights = {"rows": lists + objects, "scalar": scalars, "json": counts("raws", 0)}
    elif is_filled and scalars:
        weights = {"object": objects, "list": lists + scalars, "json": counts("raws", 0)}
    elif objects and not is_filled:
        weights["list"] = 0
    if not any(weights.values()):
        return "scalar"
    return max(weights, key=lambda form: weights[form])


def _absent(sketch: Sketch, form: str, slots: int) -> str:
    """What most slots are that show nothing."""
    missing, nulls = slots - sketch.present, sketch.counts.get("nulls", 0)
    if form == "object" and not missing and not nulls:
        return "empty"
    empty = sketch.counts.get("empty_lists", 0) if form == "rows" else sketch.counts.get("empty_objects", 0) if form == "map" else 0
    weights = {"missing": missing, "null": nulls, "empty": empty}
    return max(weights, key=lambda name: weights[name])


# ------------------------------------------------------------------------------------------------ names

#: Stands for the name of the root table in keys.
_ROOT = "\0root"


def _walk(plan: Plan, path: str, parents: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], Plan]]:
    """Every plan of a table with its path and the keys that lead to it."""
    if plan.element is not None:
        yield path, parents, plan
        yield from _walk(plan.element, f"{path}/*", parents)
    for key, member in plan.members:
        yield from _walk(member, _below(plan, path, key), _led(plan, parents, key))


def _below(plan: Plan, path: str, key: str) -> str:
    """The path of a member, or of a variant."""
    return f"{path}?{key}" if plan.form == "variants" else pointer(path, key)


def _led(plan: Plan, parents: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The keys that lead to a member; a variant's table has the name of its whole and the text."""
    if plan.form != "variants":
        return (*parents, key)
    return (*parents[:-1], "_".join([*parents[-1:], key or "other"])) if parents else (f"{_ROOT}_{key or 'other'}",)


def _named_tables(plan: Plan, root: str) -> Plan:
    """The plan with names of tables: their key; the keys that lead there, where others have it too."""
    found = [(path, tuple(key.replace(_ROOT, root) for key in keys), one) for path, keys, one in _walk(plan, "", ())]
    short = [safe_name(keys[-1]) if keys else f"{root}_entries" for _, keys, _ in found]
    counts: dict[str, int] = {root.casefold(): 2}
    for name in short:
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    wanted = [
        name if counts[name.casefold()] == 1 or len(keys) < 2 else safe_name("_".join(map(safe_name, keys)))
        for name, (_, keys, _) in zip(short, found, strict=True)
    ]
    names = dict(zip((path for path, _, _ in found), unlike(wanted, [root]), strict=True))
    return _with_tables(plan, "", names)


def _with_tables(plan: Plan, path: str, names: dict[str, str]) -> Plan:
    members = tuple((key, _with_tables(member, _below(plan, path, key), names)) for key, member in plan.members)
    if plan.element is None:
        return replace(plan, members=members)
    return replace(plan, table=names[path], element=_with_tables(plan.element, f"{path}/*", names))


def _slots(plan: Plan, keys: tuple[str, ...], path: str) -> Iterator[tuple[tuple[str, ...], str, Plan]]:
    """The columns of a table whose rows have this plan: the keys that lead to each, its path and plan."""
    if plan.form == "object":
        for key, member in plan.members:
            yield from _slots(member, (*keys, key), pointer(path, key))
    elif plan.element is None and plan.form != "variants":
        yield keys, path, plan


def _named_columns(plan: Plan) -> Plan:
    """The plan with names of columns: the keys that lead to each from its row, joined."""
    found = list(_slots(plan, (), ""))
    wanted = [safe_name("_".join(map(safe_name, keys))) if len(keys) != 1 else safe_name(keys[0]) for keys, _, _ in found]
    wanted = [name if keys else "value" for name, (keys, _, _) in zip(wanted, found, strict=True)]
    names = dict(zip((path for _, path, _ in found), unlike(wanted), strict=True))
    return _with_columns(plan, "", names)


def _with_columns(plan: Plan, path: str, names: dict[str, str]) -> Plan:
    if plan.element is not None:
        return replace(plan, element=_named_columns(plan.element))
    if plan.form == "variants":
        return replace(plan, members=tuple((key, _with_columns(member, path, names)) for key, member in plan.members))
    if plan.form == "object":
        return replace(plan, members=tuple((key, _with_columns(member, pointer(path, key), names)) for key, member in plan.members))
    return replace(plan, column=names[path])


def _tables(plan: Plan, root: str) -> Iterable[TableShape]:
    yield _shape(plan, root, "", "root", None)
    yield from _children(plan, root, "")


def _children(plan: Plan, parent: str, path: str) -> Iterator[TableShape]:
    if plan.element is not None:
        below = path if "?" in path.rpartition("/")[2] else f"{path}/*"
        yield _shape(plan.element, plan.table, below, "map" if plan.form == "map" else "list", parent)
        yield from _children(plan.element, plan.table, below)
    for key, member in plan.members:
        yield from _children(member, parent, _below(plan, path, key))


def _shape(plan: Plan, name: str, path: str, form: str, parent: str | None) -> TableShape:
    own = [Column(ID, "", "int64")]
    if parent is not None:
        own.append(Column(PARENT, "", "int64"))
        own.append(Column(KEY, "", "string") if form == "map" else Column(POSITION, "", "int64"))
    columns = [Column(one.column, where, one.kind) for _, where, one in _slots(plan, (), "")]
    return TableShape(name, path, form, parent, (*own, *columns, Column(RESCUED, "", "string")))
