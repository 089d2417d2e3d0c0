"""What is known of tables and columns, put together of decisions, sketch and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seedbed.core.records import dataclass
from seedbed.read.collect.shapes import ID, KEY, PARENT, POSITION, RESCUED, Column, TableShape
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.run.collect.contracts import OWN
from seedbed.stats.relations.found import TableEvidence

#: Values that are shown of a column.
_EXAMPLES = 3

_OF_ITS_OWN = {
    ID: "the row's number: the same whatever the order of collecting",
    PARENT: "the `_id` of the row that this one belongs to",
    POSITION: "its place in the list, from 0; null for an object that stood alone",
    KEY: "the key that the value stood under",
    RESCUED: "values that the columns can't hold, as JSON by their place in the row",
}


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column: null is what is null or missing; `low`, `high` and `examples` are as texts, in an order that means nothing."""

    name: str
    path: str
    kind: str
    nulls: int
    distinct: int | None
    low: str | None
    high: str | None
    longest: int | None
    examples: tuple[str, ...]
    meaning: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is one that every table has."""
        return self.name in OWN


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table with its columns in order."""

    shape: TableShape
    rows: int
    columns: tuple[ColumnFacts, ...]


def facts_of(tables: Sequence[TableShape], sketch: Sketch, evidence: Mapping[str, TableEvidence]) -> list[TableFacts]:
    """The facts of all tables that have rows."""
    forms = {table.path: table.form for table in tables}
    return [
        TableFacts(table, evidence[table.name].rows, tuple(_columns(table, _at([sketch], "", table.path, forms), evidence[table.name])))
        for table in tables
        if table.name in evidence
    ]


def _columns(table: TableShape, sketches: list[Sketch], evidence: TableEvidence) -> list[ColumnFacts]:
    return [_column(column, sketches, evidence) for column in table.columns]


def _column(column: Column, sketches: list[Sketch], evidence: TableEvidence) -> ColumnFacts:
    if column.name in OWN:
        return ColumnFacts(column.name, column.path, column.kind, 0, None, None, None, None, (), _OF_ITS_OWN[column.name])
    known = evidence.columns[column.name]
    sketch = merge(_at(sketches, "", column.path, {}))
    low, high = _ends(sketch, column.kind)
    scalar = sketch.element if sketch.element is not None and not sketch.distinct.sample else sketch
    examples = tuple(list(scalar.distinct.sample.values())[:_EXAMPLES])
    distinct = None if known.family == "other" else round(known.distinct)
    return ColumnFacts(column.name, column.path, column.kind, known.nulls, distinct, low, high, known.longest or None, examples)


def _ends(sketch: Sketch, kind: str) -> tuple[str | None, str | None]:
    """The least and the greatest value, of numbers for columns of numbers."""
    if kind in ("string", "json") or kind.startswith(("date", "timestamp", "time")):
        ends = [sketch.text_range]
    else:
        ends = [sketch.int_range, sketch.double_range]
    lows, highs = [one.low for one in ends if one.low is not None], [one.high for one in ends if one.high is not None]
    return (str(min(lows)) if lows else None), (str(max(highs)) if highs else None)


def _at(sketches: list[Sketch], here: str, path: str, forms: Mapping[str, str]) -> list[Sketch]:
    """The sketches at a path: of elements, members, and of objects that stand where lists do."""
    for part in path.split("/")[1:]:
        here = f"{here}/{part}"
        if part == "*":
            sketches = [found for one in sketches for found in _inside(one, forms.get(here, "list"))]
        else:
            key = part.replace("~1", "/").replace("~0", "~")
            sketches = [one.members[key] for one in sketches if key in one.members]
    return sketches


def _inside(sketch: Sketch, form: str) -> list[Sketch]:
    if form == "map":
        return [*([sketch.value] if sketch.value else []), *(sketch.members[key] for key in sorted(sketch.members))]
    alone = [sketch] if sketch.members or sketch.value else []
    return [*alone, *([sketch.element] if sketch.element else [])]


def column_dict(column: ColumnFacts, rows: int) -> dict[str, Any]:
    """A column as JSON takes it; what isn't known is left out."""
    told: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.meaning is not None:
        return {**told, "description": column.meaning}
    share = round(column.nulls / rows, 4) if rows else 0.0
    told |= {"path": column.path, "nulls": column.nulls, "null_share": share, "distinct": column.distinct}
    told |= {"min": column.low, "max": column.high, "longest": column.longest, "examples": list(column.examples)}
    return {name: value for name, value in told.items() if value not in (None, [])}
