"""`seedbed generate --dry-run`: prepare, sample and tell, write nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seedbed.cli.show import bytes_text, show_json, show_table

if TYPE_CHECKING:
    from seedbed.run.rehearsal import Rehearsal


def rehearse(  # noqa: PLR0913 - every option by its name
    model: str,
    *,
    sample: int,
    as_json: bool,
    seed: int | None,
    rows: Mapping[str, int],
    scale: float | None,
    profile: str | None,
    clean: bool,
    tables: Sequence[str] | None,
    slices: Mapping[str, tuple[int, int]],
) -> None:
    """Print what a run would make; DataError where the sample breaks a promise."""
    from seedbed.cli.progress import progress
    from seedbed.core.events import nobody
    from seedbed.run.dataset import planned
    from seedbed.run.rehearsal import rehearsed
    from seedbed.run.verify import refuse_broken

    dataset = planned(model, seed=seed, rows=rows, scale=scale, profile=profile, clean=clean)
    with progress() as events:
        found = rehearsed(dataset, tables=tables, slices=slices, sample=sample, events=events or nobody)
    if as_json:
        show_json(_data(found))
    else:
        _show(found)
    if found.report is not None:
        refuse_broken(found.report)


def _data(found: Rehearsal) -> dict[str, Any]:
    from seedbed.cli.preview import records

    tables = [{"name": span.table, "start": span.start, "rows": span.rows, "estimated_bytes": found.bytes_of(span)} for span in found.spans]
    samples = {name: records(batch) for name, batch in found.samples.items()}
    return {"ok": True, "tables": tables, "samples": samples, "checks": found.report.to_dict() if found.report else None}


def _show(found: Rehearsal) -> None:
    import click

    from seedbed.cli.checks import show_checks
    from seedbed.cli.preview import show_rows

    lines = [(span.table, f"{span.rows:,}", bytes_text(found.bytes_of(span))) for span in found.spans]
    total = ("total", f"{sum(span.rows for span in found.spans):,}", bytes_text(sum(map(found.bytes_of, found.spans))))
    show_table("would be made", ("table", "rows", "about"), [*lines, total], right=("rows", "about"))
    for name, batch in found.samples.items():
        show_rows(name, batch)
    if found.report is not None:
        show_checks(found.report)
    click.echo("nothing was written")
