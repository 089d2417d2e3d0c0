"""Which faults break a promise of their own cell, key or reference, told from the document alone and by plain Python, row by row.

This is a second opinion on purpose: it shares no code with the checks. What it doesn't judge (rules, aggregates, paths, orders across
tables, distributions) may be found too, and then counts for precision, never for recall.
"""

from __future__ import annotations

import datetime as dt
import json
import operator
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from seedbed.core.block import ColumnType
from seedbed.model.base import column_of, table_of
from seedbed.model.document import ColumnSpec, Model
from tools.detection.faults import Faulty

_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Broken:
    """A promise that an entry of the list breaks: the kinds of checks that must see it, the columns, and whether row or column is accused."""

    kinds: frozenset[str]
    columns: frozenset[str]
    is_whole: bool = False


class Referee:
    """Judges the entries of one list of faults."""

    def __init__(self, made: Faulty) -> None:
        self.made, self.model = made, made.model
        self._counts: dict[tuple[str, tuple[str, ...]], Counter[Any]] = {}
        self.references = dict(references(self.model))

    def broken_by(self, entry: dict[str, Any]) -> list[Broken]:
        """The promises that an entry breaks."""
        if entry["op"] == "move":
            return []
        if entry["column"] is None:
            return list(self._repeats(entry["table"], entry["row"], None))
        return list(self._of_cell(entry["table"], entry["column"], entry["row"]))

    def _of_cell(self, table: str, name: str, row: int) -> Iterator[Broken]:
        node = self.model.node(table)
        column = node.column(name) if node is not None else None
        assert node is not None
        assert column is not None
        stored = self.made.tables[table].schema.field(name)
        if b"seedbed.clean_type" in (stored.metadata or {}):
            yield Broken(frozenset({"type"}), frozenset({name}), is_whole=True)
            return
        value = self.made.tables[table][name][row].as_py()
        if value is None:
            if not column.may_be_null or name in node.primary_key:
                yield Broken(frozenset({"not_null"}), frozenset({name}))
            return
        for kinds in self._of_value(table, column, value):
            yield Broken(frozenset(kinds), frozenset({name}))
        yield from self._repeats(table, row, name)
        yield from self._orphans(table, row, name)
        yield from self._orders(table, row, name)

    def _of_value(self, table: str, column: ColumnSpec, value: Any) -> Iterator[set[str]]:
        ref, rules = f"{table}.{column.name}", self.model.constraints
        for bounds in rules.ranges:
            if bounds.attr == ref and not self._is_within(value, bounds.min, bounds.max):
                yield {"range"}
        lists = [column.constraints.enum, *(rule.values for rule in rules.enum if rule.attr == ref)]
        if any(values and not _is_listed(value, values) for values in lists):
            yield {"enum"}
        patterns = [column.constraints.pattern, *(rule.regex for rule in rules.pattern if rule.attr == ref)]
        if any(regex and re.search(regex, value) is None for regex in patterns):
            yield {"pattern"}
        if column.type is ColumnType.UUID and _UUID.fullmatch(value) is None:
            yield {"format"}
        if column.type is ColumnType.JSON and not _is_json(value):
            yield {"format"}

    def _is_within(self, value: Any, low: Any, high: Any) -> bool:
        return (low is None or value >= self._end(value, low, is_end=False)) and (
            high is None or value <= self._end(value, high, is_end=True)
        )

    def _end(self, value: Any, end: Any, *, is_end: bool) -> Any:
        if isinstance(value, dt.datetime):
            moment = dt.datetime.fromisoformat(end)
            moment += dt.timedelta(days=1, microseconds=-1) if is_end and len(end) == 10 else dt.timedelta()
            return moment if value.tzinfo is None or moment.tzinfo is not None else moment.replace(tzinfo=self._zone())
        if isinstance(value, dt.date):
            return dt.datetime.fromisoformat(end).date()
        if isinstance(value, dt.time):
            return dt.time.fromisoformat(end)
        return Decimal(repr(end)) if isinstance(value, Decimal) else end

    @lru_cache  # noqa: B019 - lives as long as a measurement
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.model.timeframe.tz or "UTC")

    def _repeats(self, table: str, row: int, name: str | None) -> Iterator[Broken]:
        """Keys of the row that another row has too; those with the cell, or all."""
        for kinds, columns in keys(self.model, table):
            if name is not None and name not in columns:
                continue
            key = tuple(self.made.texts(table, column)[row] for column in columns)
            if None not in key and self._count(table, columns)[key] > 1:
                yield Broken(frozenset(kinds), frozenset(columns))

    def _orphans(self, table: str, row: int, name: str) -> Iterator[Broken]:
        for (source, columns), goals in self.references.items():
            if source != table or name not in columns:
                continue
            key = tuple(self.made.texts(table, column)[row] for column in columns)
            for goal, others in goals:
                if None not in key and key not in self._count(goal, others) and self._is_alike(table, columns, goal, others):
                    yield Broken(frozenset({"foreign_key", "enum"}), frozenset(columns))

    def _is_alike(self, table: str, columns: tuple[str, ...], goal: str, others: tuple[str, ...]) -> bool:
        """Whether the two sides are spelt alike: one of them may be text now."""
        here, there = self.made.tables[table].schema, self.made.tables[goal].schema
        return all(
            pa.types.is_binary(here.field(a).type) == pa.types.is_binary(there.field(b).type) for a, b in zip(columns, others, strict=True)
        )

    def _count(self, table: str, columns: tuple[str, ...]) -> Counter[Any]:
        if (table, columns) not in self._counts:
            self._counts[table, columns] = Counter(zip(*(self.made.texts(table, column) for column in columns), strict=True))
        return self._counts[table, columns]

    def _orders(self, table: str, row: int, name: str) -> Iterator[Broken]:
        for rule in self.model.constraints.inequalities:
            if {table_of(rule.left), table_of(rule.right)} != {table} or name not in (column_of(rule.left), column_of(rule.right)):
                continue
            left, right = (_moment(self.made.tables[table][column_of(side)][row].as_py()) for side in (rule.left, rule.right))
            is_told = left is not None and right is not None and type(left) is type(right)
            if is_told and not _OPERATORS[rule.op](left, right):
                yield Broken(frozenset({"inequality"}), frozenset({column_of(rule.left), column_of(rule.right)}))


def keys(model: Model, table: str) -> Iterator[tuple[set[str], tuple[str, ...]]]:
    """What repeats nowhere: the primary key, and columns that are unique by themselves or together."""
    node = model.node(table)
    assert node is not None
    if node.primary_key:
        yield {"primary_key"}, node.primary_key
    for refs in model.constraints.unique:
        columns = (refs,) if isinstance(refs, str) else refs
        if table_of(columns[0]) == table:
            yield {"unique", "primary_key"}, tuple(map(column_of, columns))
    for column in node.columns:
        if column.unique and not column.hidden:
            yield {"unique", "primary_key"}, (column.name,)


def references(model: Model) -> Iterator[tuple[tuple[str, tuple[str, ...]], list[tuple[str, tuple[str, ...]]]]]:
    """Columns that refer to rows of other tables, with what they refer to."""
    found: dict[tuple[str, tuple[str, ...]], list[tuple[str, tuple[str, ...]]]] = {}
    for key in model.constraints.foreign_keys:
        source = table_of(key.sources[0]), tuple(map(column_of, key.sources))
        found.setdefault(source, []).append((table_of(key.goals[0]), tuple(map(column_of, key.goals))))
    for node in model.nodes:
        for column in node.columns:
            lookup = column.generator.lookup
            target = model.node(table_of(lookup.from_)) if lookup is not None else None
            if lookup is None or target is None or column.modifiers or column.hidden or target.primary_key != (column_of(lookup.from_),):
                continue
            goal = target.id, target.primary_key
            goals = found.setdefault((node.id, (column.name,)), [])
            goals += [] if goal in goals else [goal]
    yield from found.items()


def _is_listed(value: Any, values: tuple[Any, ...]) -> bool:
    return str(value) in {str(each) for each in values} or value in values


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _moment(value: Any) -> Any:
    return dt.datetime.combine(value, dt.time()) if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else value
