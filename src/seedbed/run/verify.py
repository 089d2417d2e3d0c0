"""Promises of the model, looked at on blocks as they are made or on the files when they are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from seedbed.check.check import Check
from seedbed.check.results import CheckResult, Report, Sample
from seedbed.check.structure import Checker, Progress, check_scans
from seedbed.core.errors import DataError, Problem
from seedbed.core.shapes import TableScan
from seedbed.model.document import Model
from seedbed.read.parquet import scan_tables
from seedbed.run.layout import Span

#: Kinds that need a whole table though they read no other.
_OF_WHOLE_TABLES = frozenset({"foreign_key", "tree", "state_path"})


def checked_blocks(checker: Checker, scans: Mapping[str, TableScan], spans: Sequence[Span], rows: dict[str, int]) -> Report:
    """What the checks say of the blocks that a checker has seen; the tables are only read where a promise is broken, for the failing rows."""
    return _of_what_is_there(_model_of(checker), checker.report(scans), spans, rows)


def checked_files(
    model: Model, root: Path, spans: Sequence[Span], rows: dict[str, int], workers: int = 2, progress: Progress | None = None
) -> Report:
    """What the checks say of the files in a folder, each read once.

    Raises:
        DataError: a table has not the rows that were made, or a file is broken.
    """
    scans = scan_tables(root, [span.table for span in spans], dictionaries=True)
    wrong = [span for span in spans if span.table in scans and scans[span.table].rows != span.rows]
    if wrong:
        fix = "make it anew, or find out who changed it"
        raise DataError.of(Problem(f"{scans[span.table].rows:,} rows where {span.rows:,} were made", span.table, fix) for span in wrong)
    return _of_what_is_there(model, check_scans(model, scans, progress, workers), spans, rows)


def checked_sample(checker: Checker, spans: Sequence[Span], rows: dict[str, int], blocks: Mapping[str, pa.RecordBatch]) -> Report:
    """What can be said of a few blocks in memory."""
    scans = {span.table: _InMemory(blocks[span.table]) for span in spans if span.rows == rows[span.table]}
    return _of_what_is_there(_model_of(checker), checker.report(scans), spans, rows)


def _model_of(checker: Checker) -> Model:
    assert isinstance(checker.model, Model)  # checks documents come with data of their own
    return checker.model


class _InMemory:
    """A whole table in memory, to be read again."""

    def __init__(self, block: pa.RecordBatch) -> None:
        self._block = block
        self.schema: pa.Schema = block.schema
        self.rows: int = block.num_rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row."""
        block = self._block if columns is None else self._block.select(list(columns))
        for start in range(0, self.rows, batch_rows):
            yield start, block.slice(start, batch_rows)


def _of_what_is_there(model: Model, report: Report, spans: Sequence[Span], rows: dict[str, int]) -> Report:
    """The results that the tables, or parts of tables, that were made can answer for: no reference into rows that were not asked for."""
    made = {span.table for span in spans}
    whole = {span.table for span in spans if span.rows == rows[span.table]}
    if {node.id for node in model.nodes} <= whole:
        return report
    checks = Checker(model).checks
    results = tuple(result for check, result in zip(checks, report.results, strict=True) if _can_answer(check, result, made, whole))
    return Report(results, report.rows)


def _can_answer(check: Check, result: CheckResult, made: set[str], whole: set[str]) -> bool:
    tables = {result.table, *(measure.table for measure in check.measures)}
    needs_all = len(tables) > 1 or result.kind in _OF_WHOLE_TABLES or not result.is_hard
    return tables <= (whole if needs_all else made)


def refuse_broken(report: Report) -> None:
    """Raise DataError that names every hard promise that is broken."""
    broken = [result for result in report.broken if result.is_hard]
    if broken:
        raise DataError.of(map(_problem, broken))


def _problem(result: CheckResult) -> Problem:
    if result.status == "error":
        return Problem(f"cannot be checked: {result.reason}", result.id)
    told = f"{result.failing:,} of {result.rows:,} rows break `{result.expected}`"
    if result.observed is not None and str(result.observed) not in told:
        told += f"; observed {result.observed}"
    return Problem(told + _shown(result.samples), result.id, "change the model, or tell us: rows should be made so that this holds")


def _shown(samples: Iterable[Sample]) -> str:
    lines = [
        f"\n    row {'?' if sample.row is None else sample.row}: {', '.join(f'{name}={value!r}' for name, value in sample.values)}"
        for sample in samples
    ]
    return "".join(lines)
