"""Tables, columns and types: whether the data has the shape that the model says."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, Self

from seedbed.check.check import Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.view import TableFacts, View, arrow_name
from seedbed.core.records import dataclass


@dataclass(slots=True)
class ShapeState:
    """The Arrow types that each column had in any batch; a column some batch didn't have is missing."""

    names: tuple[str, ...]
    seen: dict[str, frozenset[str]] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()

    def update(self, view: View) -> None:
        """Take in a batch's schema."""
        schema = view.schema
        present = set(schema.names)
        self.missing |= set(self.names) - present
        for name in self.names:
            if name in present:
                kind = schema.field(name).type
                self.seen[name] = self.seen.get(name, frozenset()) | {str(kind)}
                if not view.table.holds(kind, name):
                    self.wrong |= {name}

    def merge(self, other: Self) -> None:
        """Take in the schemas of other batches."""
        self.missing |= other.missing
        self.wrong |= other.wrong
        for name, kinds in other.seen.items():
            self.seen[name] = self.seen.get(name, frozenset()) | kinds


@dataclass(frozen=True, slots=True)
class Shape:
    """The schemas of a table's batches; reads no column."""

    table: str
    names: tuple[str, ...]
    columns: tuple[str, ...] = ()

    def start(self) -> ShapeState:
        """Nothing seen yet."""
        return ShapeState(self.names)


@dataclass(frozen=True, slots=True)
class ShapeCheck:
    """The table is there; it has all columns; they have the right types."""

    about: Promise
    facts: TableFacts
    aspect: Literal["table", "columns", "types"]

    @property
    def measure(self) -> Shape:
        """The table's schemas."""
        return Shape(self.about.table, tuple(self.facts.types))

    @property
    def measures(self) -> tuple[Shape, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Name what is missing or wrong; `failing` and `rows` count columns, for the table rows."""
        rows = states.rows(self.about.table)
        if self.aspect == "table":
            return self.about.passed(rows, rows)
        seen = states.of(self.measure)
        columns = len(self.facts.types)
        if self.aspect == "columns":
            missing = [name for name in self.facts.types if name in seen.missing]
            return self.about.failed(columns, len(missing), f"missing: {', '.join(missing)}") if missing else self.about.passed(columns)
        wrong = [_wrong(name, seen.seen[name], self.facts) for name in self.facts.types if name in seen.wrong]
        return self.about.failed(columns, len(wrong), "; ".join(wrong)) if wrong else self.about.passed(columns)


def _wrong(name: str, kinds: frozenset[str], facts: TableFacts) -> str:
    return f"{name} is {' and '.join(sorted(kinds))}, not {arrow_name(facts.types[name])}"
