"""What was found: keys and references, each with how sure it is and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from seedbed.core.records import dataclass
from seedbed.stats.relations.evidence import ColumnEvidence

Cardinality = Literal["one-to-one", "many-to-one"]


@dataclass(frozen=True, slots=True)
class TableEvidence:
    """A table as keys are sought: its columns in order."""

    name: str
    rows: int
    columns: Mapping[str, ColumnEvidence]


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """Columns that name the rows of a table; `uniqueness` is the share of different values; `evidence` says why.

    `counter_example` is a value that comes twice, where there is one.
    """

    table: str
    columns: tuple[str, ...]
    confidence: float
    uniqueness: float
    evidence: tuple[str, ...]
    counter_example: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The key as JSON takes it."""
        return _plain(asdict(self))


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns whose values are keys of another table; `coverage` is the share of rows, nulls left out, whose value is one.

    `counter_example` is a value that is none, where there is one.
    """

    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    confidence: float
    coverage: float
    cardinality: Cardinality
    is_optional: bool
    evidence: tuple[str, ...]
    counter_example: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The reference as JSON takes it."""
        return _plain(asdict(self))


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in rounded.items()}
