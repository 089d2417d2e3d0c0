"""Checks of data with faults on purpose: which broken promises the faults explain, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from seedbed.check.results import CheckResult, Report
from seedbed.check.structure import Checker, check_scans
from seedbed.core.digest import LEAF_ROWS, leaf_digests
from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.generate.quality.delivery import Delivery
from seedbed.model.document import Model
from seedbed.run.layout import Span

#: Marks results of promises that hold but for the faults.
INJECTED = "injected"


@dataclass(frozen=True, slots=True)
class CleanScan:
    """Rows of a table without the faults, made as they are read."""

    delivery: Delivery
    span: Span

    @property
    def schema(self) -> pa.Schema:
        """Every column's name and type."""
        return self.delivery.clean.schema(self.span.table)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max(self._stop - self.span.start, 0)

    @property
    def _stop(self) -> int:
        return min(self.span.stop, self.delivery.clean.rows(self.span.table))

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = LEAF_ROWS) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row among these."""
        for start in range(self.span.start, self._stop, batch_rows):
            block = self.delivery.clean.block(self.span.table, start, min(start + batch_rows, self._stop))
            yield start - self.span.start, block if columns is None else block.select(list(columns))


def clean_scans(delivery: Delivery, spans: Sequence[Span]) -> dict[str, TableScan]:
    """The tables of some spans without the faults; the list of faults is none of them."""
    return {span.table: CleanScan(delivery, span) for span in spans if span.table != delivery.plan.ground_truth}


def with_faults_told(
    report: Report, model: Model, delivery: Delivery, spans: Sequence[Span], scans: Mapping[str, TableScan], workers: int
) -> Report:
    """The report of files with faults, where promises that only the faults break are marked: of severity `info`, tagged `injected`.

    A broken promise is explained where it holds without the faults, and the files of its tables hold exactly what was made. So the list
    of faults, which is the difference of what was made with and without them, holds every reason.

    Raises:
        DataError: a file does not hold what was made.
    """
    tables = {check.about.id: {check.about.table, *(measure.table for measure in check.measures)} for check in Checker(model).checks}
    doubtful = {result.id: tables[result.id] for result in report.broken if any(map(delivery.is_dirty, tables[result.id]))}
    if not doubtful:
        return report
    concerned = {table for names in doubtful.values() for table in names}
    for span in spans:
        if span.table in concerned:
            _refuse_changed(delivery, span, scans[span.table])
    clean = check_scans(model, clean_scans(delivery, spans), workers=workers)
    holds = {result.id for result in clean.results if result.passed}
    results = tuple(_told(result) if result.id in holds & doubtful.keys() else result for result in report.results)
    return replace(report, results=results)


def _refuse_changed(delivery: Delivery, span: Span, scan: TableScan) -> None:
    """Raise DataError where a file does not hold what was made."""
    for start, batch in scan.batches():
        first = span.start + start
        if leaf_digests(batch) != leaf_digests(delivery.block(span.table, first, first + len(batch))):
            where = f"{span.table}[{first}:{first + len(batch)}]"
            raise DataError("the files do not hold what was made", where=where, fix="make it anew, or find out who changed it")


def _told(result: CheckResult) -> CheckResult:
    broken = result.reason or f"{result.failing:,} of {result.rows:,} rows break it"
    reason = f"expected: {broken}; it holds without the faults of `quality_injection`, which the ground truth lists"
    return replace(result, severity="info", reason=reason, tags=(*result.tags, INJECTED))
