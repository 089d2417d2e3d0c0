"""A report as one HTML page that needs no network: plots, search and filters, light and dark, printable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from seedbed.check.results import Report


def to_html(
    report: Report,
    *,
    title: str = "Data quality",
    trends: Mapping[str, Sequence[float]] | None = None,
    history: Sequence[Mapping[str, object]] = (),
) -> str:
    """A report as an HTML page.

    `trends` holds earlier shares of passing rows by check, the oldest first; `history` the score of each run, `{"at": .., "score": ..}`.

    >>> to_html(Report(()))[:15]
    '<!doctype html>'
    """
    data: dict[str, Any] = report.to_dict() | {"trends": {key: list(points) for key, points in (trends or {}).items()}}
    data["history"] = [dict(run) for run in history]
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")  # no value can end the script
    page = files("seedbed.check.reports").joinpath("page.html").read_text(encoding="utf-8")
    before, after = page.split("__DATA__")
    return before.replace("__TITLE__", escape(title)) + safe + after
