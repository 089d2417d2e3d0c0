"""`seedbed generate --dry-run`: prepare, sample and tell, write nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.show import bytes_text, show_json, show_table

if TYPE_CHECKING:
    from seedbed.run.rehearsal import Rehearsal


def rehearse(  # noqa: PLR0913 - every option by its name
    model: str,
    *,
    sample: int,
    as_json: bool,
    to: Sequence[str],
    workers: int | None,
    asked: Mapping[str, Any],
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
    from seedbed.run.outlook import sink_for
    from seedbed.run.rehearsal import rehearsed, sinks_of
    from seedbed.run.targets import sink_options
    from seedbed.run.verify import refuse_broken
    from seedbed.write.files import FileSink

    dataset = planned(model, seed=seed, rows=rows, scale=scale, profile=profile, clean=clean)
    options = sink_options(**asked)
    targets = [sink_for(dataset.plan, url, options) for url in to]
    files = [sink for sink in targets if isinstance(sink, FileSink)]
    others = [sink.place for sink in targets if not isinstance(sink, FileSink)]
    sinks = [each for sink in files for each in sinks_of(options, sink)] if targets else list(sinks_of(options))
    with progress() as events:
        found = rehearsed(dataset, tables=tables, slices=slices, sample=sample, sinks=sinks, workers=workers, events=events or nobody)
    if as_json:
        show_json(_data(found, others))
    else:
        _show(found, others)
    if found.report is not None:
        refuse_broken(found.report)


def _data(found: Rehearsal, others: Sequence[str]) -> dict[str, Any]:
    from seedbed.cli.preview import records

    tables = [{"name": span.table, "start": span.start, "rows": span.rows, "estimated_bytes": found.bytes_of(span)} for span in found.spans]
    samples = {name: records(batch) for name, batch in found.samples.items()}
    formats = [
        {"format": each.format, "size_bytes": each.total_bytes, "files": each.total_files, "seconds": round(each.seconds, 3)}
        | {"is_exact": each.is_exact, "tables": dict(each.size_bytes), "files_of": dict(each.files)}
        if each.refused is None
        else {"format": each.format, "refused": each.refused}
        for each in found.forecasts
    ]
    data = {
        "ok": True,
        "tables": tables,
        "prepared_s": round(found.prepared_s, 3),
        "formats": formats,
        "not_foreseen": list(others),
        "samples": samples,
    }
    return data | {"checks": found.report.to_dict() if found.report else None}


def _show_formats(found: Rehearsal, others: Sequence[str]) -> None:
    lines = [
        (each.format, "-", "-", "-", each.refused)
        if each.refused is not None
        else (
            each.format,
            f"{'' if each.is_exact else '~'}{bytes_text(each.total_bytes)}",
            f"{'' if each.is_exact else '~'}{each.total_files:,}",
            f"~{each.seconds:.1f}",
            "all of it" if each.is_exact else "pieces of it",
        )
        for each in found.forecasts
    ]
    if lines:
        show_table("in files", ("format", "size", "files", "seconds", "made in memory to tell"), lines, right=("size", "files", "seconds"))
    click.echo(f"seconds are those of making the files; what has to be known first took {found.prepared_s:.1f} s")
    for place in others:
        click.echo(f"{place}: what a server makes of the rows is not foreseen; rows and bytes in memory are as above")


def _show(found: Rehearsal, others: Sequence[str]) -> None:
    from seedbed.cli.checks import show_checks
    from seedbed.cli.preview import show_rows

    lines = [(span.table, f"{span.rows:,}", bytes_text(found.bytes_of(span))) for span in found.spans]
    total = ("total", f"{sum(span.rows for span in found.spans):,}", bytes_text(sum(map(found.bytes_of, found.spans))))
    show_table("would be made", ("table", "rows", "in memory"), [*lines, total], right=("rows", "in memory"))
    _show_formats(found, others)
    for name, batch in found.samples.items():
        show_rows(name, batch)
    if found.report is not None:
        show_checks(found.report)
    click.echo("nothing was written")
