"""Grow a model's tables: into a folder of files, a bucket, a database, a broker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from seedbed.core.errors import ModelError
from seedbed.core.events import Subscriber, nobody
from seedbed.core.sinks import Sink
from seedbed.core.sizes import size_of
from seedbed.model.document import Model
from seedbed.plan.plan import Plan
from seedbed.run.dataset import Dataset, check_span, planned, require_tables
from seedbed.run.executors import CLUSTERS, Crew, ExecutorName, check_executor, default_workers
from seedbed.run.growing import GenerateResult, Options, Verify, grow
from seedbed.run.layout import Span
from seedbed.run.targets import Wanted, folder_of, sink_options, targets_of
from seedbed.write.files import FileSink
from seedbed.write.targets import Mode

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
    master: str | None = None,
    pool_options: Mapping[str, str] | None = None,
    max_memory: int | str | None = None,
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
    """Grow a model, or the one in the document at a path or in plain data, into files, a database or a broker, with a manifest.

    `out` is a folder. `to` is a path or a URL (`s3://bucket/prefix`, `postgresql://host/db`, `kafka://host`), or several: each gets the
    same rows, one after the other. Without both, the model's `outputs` say where to. `format`, `compression`, `partition_by` (columns by
    table) and `mode` (`append`, `replace`, `upsert`), and as further `options` all those of `SinkOptions` by their names, say how to write.

    `seed`, `rows` (by entity), `scale`, `profile` and `clean` are those of `seedbed.plan`, and not to be given with a data set. `tables` are
    those to write, by default all; `slices` asks for rows [start, stop) of tables and then for no others but those in `tables`. Any number of
    `workers` (by default one a core), as threads or processes, or on the machines behind `master`, gives the same, and so does any `max_memory` (bytes, or `500MB`): fewer parts and
    smaller blocks are made at a time. `verify` looks at every promise of the model,
    on the written files or on the blocks as they are made; where the model puts in faults on purpose, on the blocks without them, and of
    the files it tells which broken promises the faults explain. `events` is told of what happens.

    The place must be empty or missing, unless what an earlier run wrote there may be replaced (`overwrite`) or finished (`resume`).

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
    urls = () if to is None else (str(to),) if isinstance(to, str | Path) else tuple(map(str, to))
    wanted = Wanted(out, urls, asked, overwrite, resume, is_elsewhere=executor in CLUSTERS)
    how = Options(workers, executor, "refuse", verify, events or nobody, master, dict(pool_options or {}), memory_limit(max_memory))
    _refuse_wrong(how, resume=resume)
    if isinstance(model, Dataset):
        if seed is not None or rows or scale is not None or profile is not None or clean:
            raise ModelError(
                "a data set has its seed and its rows", fix="give `seed`, `rows`, `scale`, `profile` and `clean` to seedbed.plan"
            )
        dataset = model
    else:
        dataset = planned(model, seed=seed, rows=rows, scale=scale, profile=profile, clean=clean)
    targets = targets_of(dataset.plan, wanted, (tables,) if isinstance(tables, str) else tables)
    for target in targets:
        _refuse_unreadable(target.sink, verify)
        if (folder := folder_of(target.sink)) is not None:
            _refuse_hopeless(dataset.plan, folder, target.tables, slices or {})
    spans = [spans_wanted(dataset, target.tables, slices, workers or default_workers(), how.events) for target in targets]
    runs = [
        grow(dataset, target.sink, rows_of, replace(how, existing=target.existing)) for target, rows_of in zip(targets, spans, strict=True)
    ]
    return replace(runs[0], further=tuple(runs[1:]))


def memory_limit(asked: int | str | None) -> int | None:
    """The bytes that a run may take; ModelError where it is no size."""
    try:
        found = size_of(asked) if isinstance(asked, str) else asked
    except ValueError as error:
        raise ModelError(str(error), where="max_memory", fix="give bytes, or a text such as 500MB or 2GiB") from error
    if found is not None and found < 1:
        raise ModelError(f"{found} bytes of memory cannot be", where="max_memory", fix="give bytes, or a text such as 500MB or 2GiB")
    return found


def _refuse_wrong(options: Options, *, resume: bool) -> None:
    if options.max_memory is not None and options.verify is not None:
        fix = "leave --verify out, and look at what was written with `seedbed validate --low-memory`"
        raise ModelError("checks hold keys in memory, so --max-memory can't be promised with them", where="--verify", fix=fix)
    if resume and options.verify == "blocks":
        raise ModelError("blocks of an earlier run can't be verified any more", where="verify", fix="verify the files: --verify=files")
    if options.workers is not None and not 1 <= options.workers <= 1024:
        raise ModelError(f"{options.workers} workers cannot be", where="workers", fix="give 1 to 1024, or leave it out: one a core")
    check_executor(options.executor, Crew(options.workers, options.master, options.pool_options), verify=options.verify)


def _refuse_unreadable(sink: Sink, verify: Verify | None) -> None:
    """Refuse to verify what can't be read back with its types and order."""
    if verify != "files":
        return
    if not (isinstance(sink, FileSink) and sink.folder is not None and sink.format == "parquet" and not sink.is_parted):
        fix = "check the blocks as they are made: --verify=blocks"
        raise ModelError(
            "only Parquet files in a folder, a table in one place, are read again to check the model's promises", where=sink.place, fix=fix
        )


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
