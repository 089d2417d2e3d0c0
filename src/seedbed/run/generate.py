"""Grow a model's tables: into a folder of files, a bucket, a database, a broker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast

from seedbed.core.errors import ModelError
from seedbed.core.events import Subscriber, nobody
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.sinks import Existing, Sink
from seedbed.model.document import Model
from seedbed.plan.plan import Plan
from seedbed.run.dataset import Dataset, check_span, planned, require_tables
from seedbed.run.executors import EXECUTORS, ExecutorName, default_workers
from seedbed.run.growing import GenerateResult, Options, Verify, grow
from seedbed.run.layout import Span
from seedbed.write.files import FileSink, open_folder
from seedbed.write.targets import MODES, Mode, SinkOptions, open_sink

__all__ = ["GenerateResult", "Options", "Verify", "generate", "grow", "spans_wanted"]

#: Files may be so much smaller than the estimate of what they hold; less than a terabyte is tried.
_BEST_RATIO, _LEAST_DOUBT = 64, 10**12


def generate(  # noqa: PLR0913 - every option by its name
    model: Model | Dataset | Mapping[str, object] | str | Path,
    out: str | Path | None = None,
    *,
    to: str | Path | Sequence[str | Path] | None = None,
    seed: int | None = None,
    rows: Mapping[str, int] | None = None,
    scale: float | None = None,
    profile: str | None = None,
    clean: bool = False,
    tables: Sequence[str] | None = None,
    slices: Mapping[str, tuple[int, int]] | None = None,
    workers: int | None = None,
    executor: ExecutorName = "threads",
    format: str | None = None,  # noqa: A002 - as the command line calls it
    compression: str | None = None,
    partition_by: Mapping[str, Sequence[str]] | None = None,
    mode: Mode | None = None,
    overwrite: bool = False,
    resume: bool = False,
    verify: Verify | None = None,
    events: Subscriber | None = None,
    **options: Any,
) -> GenerateResult:
    """Grow a model, or the one in the document at a path or in plain data, into the folder `out`: Parquet files and `.metadata.json`.

    `seed`, `rows` (by entity), `scale`, `profile` and `clean` are those of `seedbed.plan`, and not to be given with a data set. `tables` are
    those to write, by default all; `slices` asks for rows [start, stop) of tables and then for no others but those in `tables`. Any number of
    `workers` (by default one a core), as threads or processes, gives the same files. `verify` looks at every promise of the model,
    on the written files or on the blocks as they are made; where the model puts in faults on purpose, on the blocks without them, and of
    the files it tells which broken promises the faults explain. `events` is told of what happens.

    The folder must be empty or missing, unless what an earlier run wrote there may be replaced (`overwrite`) or finished (`resume`).

    Returns:
        What was made: rows, files and digests of each table, and with `verify` the report of all checks.

    Raises:
        ModelError: the model or what is asked cannot be; nothing is left.
        DataError: `verify` found a broken promise; nothing is left.
        EdgeError: the disk failed; parts that are whole stay, and `resume` makes what is missing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = generate("examples/users_events.json", folder, rows={"user": 100}, seed=7, verify="files")
    >>> made.rows, made.tables[0].files[0].path, made.report.hard_ok
    (922, 'user.parquet', True)
    """
    asked = sink_options(format=format, compression=compression, partition_by=partition_by, mode=mode, **options)
    how = Options(workers, executor, _existing(mode, overwrite=overwrite, resume=resume), verify, events or nobody)
    _refuse_wrong(how)
    sinks = [*([open_folder(out, asked)] if out is not None else []), *(open_sink(str(target), asked) for target in _several(to))]
    if not sinks:
        raise ModelError("nothing says where to", fix="give `out`, a folder, or `to`, a path or URL")
    for sink in sinks:
        _refuse_unreadable(sink, verify)
    if isinstance(model, Dataset):
        if seed is not None or rows or scale is not None or profile is not None or clean:
            raise ModelError(
                "a data set has its seed and its rows", fix="give `seed`, `rows`, `scale`, `profile` and `clean` to seedbed.plan"
            )
        dataset = model
    else:
        dataset = planned(model, seed=seed, rows=rows, scale=scale, profile=profile, clean=clean)
    for sink in sinks:
        if isinstance(sink, FileSink) and sink.folder is not None:
            _refuse_hopeless(dataset.plan, sink.folder, tables, slices or {})
    spans = spans_wanted(dataset, tables, slices, workers or default_workers(), how.events)
    first, *further = [grow(dataset, sink, spans, how) for sink in sinks]
    return replace(first, further=tuple(further))


def _several(to: str | Path | Sequence[str | Path] | None) -> Sequence[str | Path]:
    return () if to is None else (to,) if isinstance(to, str | Path) else to


def sink_options(*, partition_by: Mapping[str, Sequence[str]] | None = None, **options: Any) -> SinkOptions:
    """Options for sinks by their names; those that are None say nothing.

    Raises:
        ModelError: there is no option of a name.
    """
    known = {each.name for each in fields(SinkOptions)}
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ModelError(f"there is no option `{unknown[0]}`", fix=did_you_mean(unknown[0], known) or f"one of {one_of(sorted(known))}")
    folders = {table: (columns,) if isinstance(columns, str) else tuple(columns) for table, columns in (partition_by or {}).items()}
    return SinkOptions(partition_by=folders, **{name: value for name, value in options.items() if value is not None})


def _existing(mode: Mode | None, *, overwrite: bool, resume: bool) -> Existing:
    """What to do where something is there already."""
    if mode is not None and mode not in MODES:
        raise ModelError(f"there is no mode `{mode}`", where="mode", fix=did_you_mean(mode, MODES) or f"one of {one_of(MODES)}")
    if overwrite and resume:
        raise ModelError("overwriting and resuming exclude each other", fix="give one of them")
    if overwrite and mode not in (None, "replace"):
        raise ModelError(f"overwriting and the mode `{mode}` exclude each other", fix="give one of them")
    if resume:
        return "resume"
    return "overwrite" if overwrite or mode == "replace" else cast("Existing", mode or "refuse")


def _refuse_wrong(options: Options) -> None:
    if options.existing == "resume" and options.verify == "blocks":
        raise ModelError("blocks of an earlier run can't be verified any more", where="verify", fix="verify the files: --verify=files")
    if options.executor not in EXECUTORS:
        raise ModelError(f"there is no executor `{options.executor}`", where="executor", fix=f"one of {', '.join(EXECUTORS)}")
    if options.workers is not None and not 1 <= options.workers <= 1024:
        raise ModelError(f"{options.workers} workers cannot be", where="workers", fix="give 1 to 1024, or leave it out: one a core")


def _refuse_unreadable(sink: Sink, verify: Verify | None) -> None:
    """Refuse to verify what can't be read back with its types and order."""
    if verify != "files":
        return
    if not (isinstance(sink, FileSink) and sink.folder is not None and sink.format == "parquet"):
        fix = "check the blocks as they are made: --verify=blocks"
        raise ModelError("only Parquet files in a folder are read again to check the model's promises", where=sink.place, fix=fix)


def _refuse_hopeless(plan: Plan, out: Path, tables: Sequence[str] | None, slices: Mapping[str, object]) -> None:
    """Raise ModelError where no disk like this one could hold the tables that are wanted whole, before hours are spent on counting."""
    wanted = (tables or (() if slices else plan.estimated_bytes)) if not isinstance(tables, str) else (tables,)
    size = sum(plan.estimated_bytes.get(name, 0) for name in wanted if name not in slices)
    folder = next((parent for parent in (out, *out.absolute().parents) if os.path.isdir(parent)), None)  # noqa: PTH112 - Path.is_dir raises where a name is too long
    if folder is None or size <= _LEAST_DOUBT:
        return
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if size > free * _BEST_RATIO:
            message = f"about {size / 1e9:,.0f} GB are asked for, but the disk has {free / 1e9:,.0f} GB left"
            raise ModelError(message, where=str(out), fix="lower the rows or the scale, or choose another disk with -o")


def spans_wanted(
    dataset: Dataset,
    tables: Sequence[str] | None,
    slices: Mapping[str, tuple[int, int]] | None,
    workers: int = 1,
    events: Subscriber = nobody,
) -> tuple[Span, ...]:
    """Which rows of which tables are wanted, in the plan's order.

    Raises:
        ModelError: there is no such table, or it has no such rows.
    """
    slices = slices or {}
    tables = (tables,) if isinstance(tables, str) else tables
    require_tables(dataset.plan, [*(tables or ()), *slices])
    if tables is not None and not tables:
        raise ModelError("no table is wanted", where="tables", fix="name one, or leave it out: all")
    dataset.prepared_by(workers, events)
    rows = dataset.rows
    for table, (start, stop) in slices.items():
        check_span(table, start, stop, rows[table])
    wanted = {*slices, *(tables or (() if slices else dataset.tables))}
    return tuple(Span(name, *slices.get(name, (0, rows[name]))) for name in dataset.tables if name in wanted)
