"""Reports as files: JSON, HTML, Markdown, JUnit, and a history in Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from seedbed.check.reports.history import SCHEMA, history_rows, trends_of
from seedbed.check.results import Report
from seedbed.core.errors import DataError
from seedbed.read.parquet import scan
from seedbed.write.atomic import edge_errors, write_whole
from seedbed.write.formats.parquet import write_parquet


def write_reports(report: Report, wanted: Mapping[str, str | Path | None]) -> None:
    """Write a report in every form that has a path: output (JSON), html, markdown, junit, report_dir, history.

    The history is added to first, so that a page shows this run, too.

    Raises:
        EdgeError: writing is not allowed, or the disk is full.
        DataError: the history is no history.
    """
    paths = {name: Path(path) for name, path in wanted.items() if path is not None}
    trends: dict[str, list[float]] = {}
    scores: list[dict[str, object]] = []
    if "history" in paths:
        trends, scores = trends_of(add_to_history(report, paths["history"]))
    if "report_dir" in paths:
        folder = paths["report_dir"]
        with edge_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "data_quality_report.json", json_text(report))
        _write(folder / "QUALITY_REPORT.md", _markdown(report))
    if "output" in paths:
        _write(paths["output"], json_text(report))
    if "markdown" in paths:
        _write(paths["markdown"], _markdown(report))
    if "junit" in paths:
        from seedbed.check.reports.junit import to_junit

        _write(paths["junit"], to_junit(report))
    if "html" in paths:
        _write(paths["html"], _html(report, trends, scores))


def json_text(report: Report) -> str:
    """A report as the text of a JSON document."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _markdown(report: Report) -> str:
    from seedbed.check.reports.markdown import to_markdown

    return to_markdown(report)


def _html(report: Report, trends: Mapping[str, Sequence[float]], scores: Sequence[Mapping[str, object]]) -> str:
    from seedbed.check.reports.html import to_html

    return to_html(report, trends=trends, history=scores)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())


def add_to_history(report: Report, path: Path) -> pa.Table:
    """Add a run to the history in a Parquet file, and give all of it.

    Raises:
        DataError: the file is no history.
        EdgeError: it can't be read or written.
    """
    rows = history_rows(report, report.origin.checked_at or "")
    if path.exists():
        found = scan(path) if path.suffix == ".parquet" else None
        if found is None or found.schema != SCHEMA:
            raise DataError("this file is no history of checks", where=str(path), fix="name another file, or remove it")
        rows = pa.Table.from_batches([*(batch for _, batch in found.batches()), *rows.to_batches()], SCHEMA)
    write_parquet(path, SCHEMA, rows.to_batches(), table="history")
    return rows
