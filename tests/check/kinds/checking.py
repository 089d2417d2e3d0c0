"""Judge one table, or several, by checks that are written as in a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from seedbed.check.outcome import CheckResult
from seedbed.check.results import Report
from seedbed.check.structure import Checker, gather
from seedbed.check.vocabulary import compile_document
from seedbed.model.checks.reading import checks_from

#: 2024-01-10 12:00 UTC in microseconds.
NOON = 1_704_888_000_000_000


class Rows:
    """A table in memory, handed out in batches of a few rows."""

    def __init__(self, table: pa.Table, most: int = 3) -> None:
        self.table, self.most = table, max(most, table.num_rows // 20)
        self.schema: pa.Schema = table.schema
        self.rows: int = table.num_rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        wanted = self.table.schema.names if columns is None else list(columns)
        for start in range(0, self.rows, min(self.most, batch_rows)):
            piece = self.table.slice(start, self.most).combine_chunks()
            whole = piece.to_batches()[0] if piece.num_rows else pa.RecordBatch.from_pylist([], self.schema)
            yield start, whole.select(wanted)


def report_of(tables: Mapping[str, pa.Table], checks: Mapping[str, Sequence[Mapping[str, Any]]], most: int = 3) -> Report:
    """What the checks of each table say."""
    document = checks_from({"version": "1.0", "tables": {name: list(listed) for name, listed in checks.items()}})
    scans = {name: Rows(table, most) for name, table in tables.items()}
    checker = Checker(document, compile_document(document, {name: scan.schema for name, scan in scans.items()}, now=NOON))
    gather(checker, scans)
    return checker.report(scans)


def result_of(table: pa.Table | Mapping[str, Any], check: Mapping[str, Any], **others: pa.Table) -> CheckResult:
    """What one check says of the table `t`."""
    own = table if isinstance(table, pa.Table) else pa.table(dict(table))
    return report_of({"t": own, **others}, {"t": [check]}).results[0]


def failing_rows(table: pa.Table | Mapping[str, Any], check: Mapping[str, Any], **others: pa.Table) -> list[int | None]:
    """The numbers of the failing rows of the table `t`; the check must be one that can be evaluated."""
    result = result_of(table, {"sample": 100, **check}, **others)
    assert result.status in ("passed", "failed"), result.reason
    assert result.failing == len(result.samples)
    return [sample.row for sample in result.samples]
