"""Tables beside others of the same names: drift of each column, likeness, and signs that rows were given away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.core.hashing import Keys
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.read.sources import Opened
from seedbed.stats.column import ColumnSummary
from seedbed.stats.facts import plain
from seedbed.stats.fingerprints import has_keys, row_keys
from seedbed.stats.likeness import ColumnDrift, PairLikeness, column_drift, pair_likeness
from seedbed.stats.privacy import copied, distance_to_closest, records_of
from seedbed.stats.table import TableSummary
from seedbed.stats.values import Floats

#: Rows of each table whose distances are measured: every one of the first with every one of the second.
_MEASURED, _REFERENCE = 1_000, 5_000

#: Fingerprints of more rows than these are not kept.
_MOST_ROWS = 20_000_000

#: Columns beside each other.
_MOST_COLUMNS = 30

Summarise = Callable[[str, TableScan], TableSummary]


@dataclass(frozen=True, slots=True)
class Privacy:
    """Signs that rows were copied. Distances are Gower's to the closest row of the reference, on samples; `own_*` those of its rows among
    themselves. `closer` is the share of rows nearer to a real one than 95 of 100 real ones are to another.

    `copies` are rows that the reference has too, all columns but row numbers and the like compared; None where there are too many rows.
    `twins` is the share of the reference's rows that have a twin in it, `columns` those that were compared.
    """

    columns: tuple[str, ...]
    copies: int | None
    copy_share: float | None
    twins: float | None
    distance_median: float
    distance_low: float
    own_median: float
    own_low: float
    closer: float
    measured: int


@dataclass(frozen=True, slots=True)
class TableLikeness:
    """A table beside one of the same name; scores from 0 to 100: of columns, of pairs, and both."""

    name: str
    rows: tuple[int, int]
    score: float
    marginals: float
    pairs: float | None
    boundaries: float | None
    columns: tuple[ColumnDrift, ...]
    pair_details: tuple[PairLikeness, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    retyped: tuple[str, ...]
    privacy: Privacy | None

    @property
    def drifted(self) -> tuple[str, ...]:
        """The columns whose distribution has changed."""
        return tuple(column.name for column in self.columns if column.drifted)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Tables beside those of a reference."""

    reference: str
    tables: tuple[TableLikeness, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def score(self) -> float:
        """The mean of the tables' scores, 0 to 100."""
        return sum(table.score for table in self.tables) / len(self.tables) if self.tables else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        told: dict[str, Any] = plain(asdict(self)) | {"score": self.score}
        for table, parts in zip(self.tables, told["tables"], strict=True):
            parts["drifted"] = list(table.drifted)
            for column, facts in zip(table.columns, parts["columns"], strict=True):
                facts["drifted"] = column.drifted
        return told


def compare_tables(
    scans: Mapping[str, TableScan],
    summaries: Mapping[str, TableSummary],
    reference: Opened,
    tables: Sequence[str] | None,
    summarise: Summarise,
) -> Comparison:
    """Each table beside the reference's table of the same name; the only tables of both belong together whatever they are called.

    Raises:
        ModelError: no table has the name of another.
    """
    others = {table: scan for table, scan in reference.tables.items() if tables is None or table in tables or len(reference.tables) == 1}
    partner = {table: table for table in summaries if table in others}
    if not partner and len(summaries) == len(others) == 1:
        partner = {next(iter(summaries)): next(iter(others))}
    if not partner:
        message = f"no table is in both: {', '.join(summaries) or 'none'} here, {', '.join(others) or 'none'} in the reference"
        raise ModelError(message, where=reference.where, fix="give tables that have the same names")
    alike = []
    for table, other in partner.items():
        before = summarise(other, others[other])
        alike.append(_likeness(table, scans[table], summaries[table], others[other], before))
    used = set(partner.values())
    missing, extra = (each for each in others if each not in used), (each for each in summaries if each not in partner)
    return Comparison(reference.where, tuple(alike), tuple(missing), tuple(extra))


def _likeness(name: str, scan: TableScan, after: TableSummary, reference: TableScan, before: TableSummary) -> TableLikeness:
    shared = [column for column in before.columns if column in after.columns]
    comparable = [column for column in shared if before.columns[column].kind == after.columns[column].kind]
    ids = _identifiers(before)
    drifts = [found for column in comparable if (found := column_drift(before.columns[column], after.columns[column]))]
    judged = [drift for drift in drifts if drift.name not in ids]
    samples = before.sample.table()[1], after.sample.table()[1]
    pairs = _pairs(samples, [column for column in comparable if column not in ids])
    marginals = 100 * _mean([drift.likeness for drift in judged or drifts])
    together = 100 * _mean([pair.likeness for pair in pairs]) if pairs else None
    inside = [drift.inside for drift in judged if drift.inside is not None]
    told = [column for column in comparable if column not in ids and has_keys(before.columns[column].type)]
    return TableLikeness(
        name, (before.rows, after.rows), marginals if together is None else (marginals + together) / 2, marginals, together,
        100 * _mean(inside) if inside else None, tuple(drifts), tuple(sorted(pairs, key=lambda pair: pair.likeness)),
        tuple(column for column in before.columns if column not in after.columns),
        tuple(column for column in after.columns if column not in before.columns),
        tuple(_retyped(before.columns[column], after.columns[column]) for column in shared if _is_retyped(before, after, column)),
        _privacy(scan, reference, before, samples, told) if told and min(map(len, samples)) > 1 else None,
    )  # fmt: skip


def _is_retyped(before: TableSummary, after: TableSummary, column: str) -> bool:
    return bool(before.columns[column].type != after.columns[column].type)


def _retyped(before: ColumnSummary, after: ColumnSummary) -> str:
    return f"{before.name}: {before.type} became {after.type}"


def _identifiers(table: TableSummary) -> set[str]:
    """Columns that number rows: they say nothing of likeness."""
    return {name for name, column in table.columns.items() if _is_identifier(column)}


def _is_identifier(column: ColumnSummary) -> bool:
    if column.kind not in {"number", "text"} or column.fractions or column.rows < 2 or column.nulls:
        return False
    nearly = 0.97 if not column.distinct_exact else 1.0
    if column.kind == "text":
        outlines = column.shapes.outlines
        return (column.distinct or 0) >= nearly * column.rows and len(outlines.values) == 1 and bool(column.shapes.texts_with[2])
    if column.low is None or column.high is None or (column.distinct or 0) < nearly * column.rows:
        return False
    span = column.high - column.low  # row numbers fill their range, random ones are far apart
    return span < 2 * column.rows or span > 1e15


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _pairs(samples: tuple[pa.Table, pa.Table], names: Sequence[str]) -> list[PairLikeness]:
    if not all(sample.num_rows for sample in samples):
        return []
    return list(pair_likeness(*samples, names[:_MOST_COLUMNS]))


def _privacy(
    scan: TableScan, reference: TableScan, before: TableSummary, samples: tuple[pa.Table, pa.Table], names: Sequence[str]
) -> Privacy:
    real, made = samples[0].slice(0, _REFERENCE), samples[1].slice(0, _MEASURED)
    real_records, made_records = records_of(real, made, names)
    apart = distance_to_closest(made_records, real_records)
    first, _ = records_of(real, real.slice(0, 0), names)
    few = min(_MEASURED, real.num_rows)
    own = distance_to_closest(type(first)(first.numbers[:few], first.codes[:few]), first, leave_out_itself=True)
    low = float(np.quantile(own, 0.05))
    copies = _copies(scan, reference, names) if before.rows <= _MOST_ROWS else None
    closer = float((apart < low).mean()) if low > 0 else float((apart <= 0).mean())
    return Privacy(
        tuple(names), copies[0] if copies else None, copies[0] / max(scan.rows, 1) if copies else None, copies[1] if copies else None,
        float(np.median(apart)), _low(apart), float(np.median(own)), low, closer, len(apart),
    )  # fmt: skip


def _low(numbers: Floats) -> float:
    return float(np.quantile(numbers, 0.05))


def _copies(scan: TableScan, reference: TableScan, names: Sequence[str]) -> tuple[int, float]:
    """How many rows the reference has too, and the share of the reference's rows that have a twin in it."""
    theirs = np.sort(np.concatenate([np.zeros(0, np.int64), *_keys(reference, names)]))
    same = theirs[1:] == theirs[:-1]
    twins = np.concatenate([[False], same]) | np.concatenate([same, [False]]) if len(theirs) else np.zeros(0, bool)
    return sum(copied(np.sort(keys), theirs) for keys in _keys(scan, names)), float(twins.mean()) if len(twins) else 0.0


def _keys(scan: TableScan, names: Sequence[str]) -> Iterator[Keys]:
    for _, batch in scan.batches(names):
        yield row_keys(batch, names)
