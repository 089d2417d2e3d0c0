"""How the checks ended, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from seedbed.check.results import Report


def show_checks(report: Report) -> None:
    """Print how many promises hold, by kind, and which wishes don't."""
    kinds = ", ".join(f"{count.total} {kind}" for kind, count in report.counts.items())
    count = report.count
    skipped = f", {count.skipped} skipped" if count.skipped else ""
    click.echo(f"{count.passed} of {count.total - count.skipped} checks hold ({kinds}){skipped}")
    for result in report.broken:
        told = result.reason or f"observed {_shown(result.observed)}, wanted {result.expected}"
        click.echo(f"  {result.severity} {result.status}: {result.id}: {told}")


def _shown(observed: object) -> str:
    return f"{observed:.4g}" if isinstance(observed, float) else str(observed)
