"""What the checks accuse: rows and groups by the marks of each check, columns and tables where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from seedbed.check.check import Check
from seedbed.check.facts import facts_of
from seedbed.check.results import CheckResult
from seedbed.check.structure import Checker, Compiled, compile_checks, gather
from seedbed.check.vocabulary import compile_document
from seedbed.core.shapes import TableScan
from seedbed.model.checks.document import ChecksDocument
from seedbed.model.document import Model
from seedbed.read.sources import open_tables


@dataclass(frozen=True)
class Accusation:
    """A failed check: the rows it accuses, or None where it is about a column or table as a whole; the tables that it looks at."""

    result: CheckResult
    rows: frozenset[int] | None
    tables: frozenset[str]


def accusations(rules: Model | ChecksDocument, tables: Mapping[str, pa.Table]) -> list[Accusation]:
    """Every failed check of a model or a checks document, with its rows as quarantine would have them."""
    with open_tables(dict(tables)) as opened:
        scans = dict(opened.tables)
        compiled = _compiled(rules, scans)
        checker = Checker(rules, compiled)
        gather(checker, scans)
        report = checker.report(scans)
        pairs = zip(checker.checks, report.results, strict=True)
        return [_accusation(checker, check, result, scans) for check, result in pairs if result.status == "failed"]


def _compiled(rules: Model | ChecksDocument, scans: Mapping[str, TableScan]) -> Compiled:
    if isinstance(rules, Model):
        return Compiled(compile_checks(rules, behaviour=True), facts_of(rules))
    return compile_document(rules, {name: scan.schema for name, scan in scans.items()})


def _accusation(checker: Checker, check: Check, result: CheckResult, scans: Mapping[str, TableScan]) -> Accusation:
    looked_at = frozenset({result.table, *(measure.table for measure in check.measures)})
    marker = checker.marker(check, scans) if result.failing else None
    if marker is None:
        return Accusation(result, None, looked_at)
    found = [
        start + np.flatnonzero(marker.broken(checker.view(result.table, start, batch))) for start, batch in scans[result.table].batches()
    ]
    rows = frozenset(int(row) for part in found for row in part)
    assert len(rows) == result.failing, f"{result.id}: {len(rows)} rows marked, {result.failing} counted"
    return Accusation(result, rows, looked_at)
