"""Which rows of a table fail which checks: what is set apart, and what may pass on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from seedbed.check.check import Marker
from seedbed.check.results import Report
from seedbed.check.structure import Checker
from seedbed.check.view import Mask
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan

#: The column of set-apart rows that names the checks they fail.
FAILED_CHECKS = "_failed_checks"


@dataclass(frozen=True, slots=True)
class Parted:
    """A batch of a table in two: rows that fail, with the ids of the checks that say so, and the others."""

    failed: pa.RecordBatch
    passed: pa.RecordBatch


def markers_of(checker: Checker, report: Report, scans: Mapping[str, TableScan]) -> dict[str, list[tuple[str, Marker]]]:
    """For each table the failed checks that can name their rows, by their ids."""
    found: dict[str, list[tuple[str, Marker]]] = {}
    for check, result in zip(checker.checks, report.results, strict=True):
        is_meant = result.status == "failed" and result.failing and check.about.quarantine
        marker = checker.marker(check, scans) if is_meant else None
        if marker is not None:
            found.setdefault(result.table, []).append((result.id, marker))
    return found


def parted(checker: Checker, table: str, scan: TableScan, markers: list[tuple[str, Marker]]) -> Iterator[Parted]:
    """A table, batch by batch, in failing and passing rows; each row comes once, in order."""
    for start, batch in scan.batches():
        view = checker.view(table, start, batch)
        masks = [marker.broken(view) for _, marker in markers]
        broken = np.logical_or.reduce(masks) if masks else np.zeros(batch.num_rows, np.bool_)
        failed = batch.filter(pa.array(broken)).append_column(
            pa.field(FAILED_CHECKS, pa.list_(pa.string()), nullable=False),
            _named([name for name, _ in markers], [mask[broken] for mask in masks]),
        )
        yield Parted(failed, batch.filter(pa.array(~broken)) if broken.any() else batch)


def _named(names: list[str], masks: list[Mask]) -> pa.Array:
    """The names of the masks that are true, row by row."""
    if not masks:
        return pa.array([], pa.list_(pa.string()))
    table = np.stack(masks, axis=1)
    rows, which = np.nonzero(table)
    offsets = np.concatenate([[0], np.cumsum(table.sum(axis=1))]).astype(np.int32)
    del rows
    values = pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32)), pa.array(names, pa.string())).dictionary_decode()
    return pa.ListArray.from_arrays(pa.array(offsets), values)
