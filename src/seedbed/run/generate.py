"""Grow a model's tables into a folder of Parquet files."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from seedbed.core.digest import column_digests, table_digest, type_name
from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError
from seedbed.core.events import PartMade, RowsChecked, RunFinished, RunStarted, Subscriber, nobody
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.generate.prepared import Prepared
from seedbed.generate.quality.delivery import Delivery, delivered_rows
from seedbed.model.document import Model
from seedbed.plan.plan import Plan
from seedbed.plan.plugged import plugins_of
from seedbed.run.dataset import Dataset, check_span, planned, require_tables
from seedbed.run.executors import EXECUTORS, ExecutorName, default_workers, make_parts
from seedbed.run.journal import PartDone, Request
from seedbed.run.layout import MANIFEST, Part, Span, parts_of
from seedbed.run.make import Job
from seedbed.run.output import Output, has_size, open_output
from seedbed.write.atomic import sync_folders
from seedbed.write.manifest import ColumnEntry, FileEntry, Manifest, TableEntry, write_manifest
from seedbed.write.parquet import COMPRESSIONS, Compression

if TYPE_CHECKING:
    from seedbed.check.results import Report
    from seedbed.check.structure import Checker
    from seedbed.core.shapes import TableScan

#: Files may be so much smaller than the estimate of what they hold; less than a terabyte is tried.
_BEST_RATIO, _LEAST_DOUBT = 64, 10**12

Verify = Literal["files", "blocks"]


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """What a run made: the folder, a table each, and what was checked.

    `kept_rows` were there from the run that this one went on with. `warnings` are what the plan doubts about the model.
    """

    out: Path
    dataset: str
    seed: int
    fingerprint: str
    tables: tuple[TableEntry, ...]
    kept_rows: int
    seconds: float
    report: Report | None = None
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        """The size of all files."""
        return sum(table.size_bytes for table in self.tables)


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is done; none of it changes a value."""

    workers: int | None = None
    executor: ExecutorName = "threads"
    compression: Compression = "snappy"
    overwrite: bool = False
    resume: bool = False
    verify: Verify | None = None
    events: Subscriber = nobody


def generate(  # noqa: PLR0913 - every option by its name
    model: Model | Dataset | Mapping[str, object] | str | Path,
    out: str | Path,
    *,
    seed: int | None = None,
    rows: Mapping[str, int] | None = None,
    scale: float | None = None,
    profile: str | None = None,
    clean: bool = False,
    tables: Sequence[str] | None = None,
    slices: Mapping[str, tuple[int, int]] | None = None,
    workers: int | None = None,
    executor: ExecutorName = "threads",
    compression: Compression = "snappy",
    overwrite: bool = False,
    resume: bool = False,
    verify: Verify | None = None,
    events: Subscriber | None = None,
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
    options = Options(workers, executor, compression, overwrite, resume, verify, events or nobody)
    _refuse_wrong(options)
    if isinstance(model, Dataset):
        if seed is not None or rows or scale is not None or profile is not None or clean:
            raise ModelError(
                "a data set has its seed and its rows", fix="give `seed`, `rows`, `scale`, `profile` and `clean` to seedbed.plan"
            )
        dataset = model
    else:
        dataset = planned(model, seed=seed, rows=rows, scale=scale, profile=profile, clean=clean)
    _refuse_hopeless(dataset.plan, Path(out), tables, slices or {})
    return grow(dataset, Path(out), spans_wanted(dataset, tables, slices, workers or default_workers(), options.events), options)


def _refuse_wrong(options: Options) -> None:
    if options.overwrite and options.resume:
        raise ModelError("overwriting and resuming exclude each other", fix="give one of them")
    if options.resume and options.verify == "blocks":
        raise ModelError("blocks of an earlier run can't be verified any more", where="verify", fix="verify the files: --verify=files")
    if options.executor not in EXECUTORS:
        raise ModelError(f"there is no executor `{options.executor}`", where="executor", fix=f"one of {', '.join(EXECUTORS)}")
    if options.workers is not None and not 1 <= options.workers <= 1024:
        raise ModelError(f"{options.workers} workers cannot be", where="workers", fix="give 1 to 1024, or leave it out: one a core")
    if options.compression not in COMPRESSIONS:
        raise ModelError(f"there is no compression `{options.compression}`", where="compression", fix=f"one of {', '.join(COMPRESSIONS)}")


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


def grow(dataset: Dataset, out: Path, spans: tuple[Span, ...], options: Options) -> GenerateResult:
    """Make these rows of a data set into a folder; see `generate`."""
    began = time.perf_counter()
    prepared = dataset.prepared
    request = Request(prepared.plan.fingerprint, spans, options.compression, prepared.pool_hashes)
    output = open_output(out, request, "resume" if options.resume else "overwrite" if options.overwrite else "refuse")
    run = _Run(prepared, request, output, options)
    try:
        run.make()
        run.refuse_lost()
        report = run.verified()
        manifest = run.manifest(complete=True)
        sync_folders(run.folders())
        write_manifest(out / MANIFEST, manifest)
        sync_folders([out])
        output.finish()
    except (ModelError, DataError, PluginError):
        output.discard([part for span in spans for part in parts_of(span)])
        raise
    except BaseException:
        with suppress(EdgeError):
            write_manifest(out / MANIFEST, run.manifest(complete=False))
        raise
    finally:
        output.close()
    seconds = time.perf_counter() - began
    rows = sum(span.rows for span in spans)
    warnings = tuple(finding.message for finding in prepared.plan.findings if finding.level == "warning")
    result = GenerateResult(
        out, manifest.dataset, manifest.seed, manifest.fingerprint, manifest.tables, run.kept_rows, seconds, report, warnings
    )
    options.events(RunFinished(rows, result.size_bytes, seconds))
    return result


class _Run:
    """A run on its way: what is wanted, and what is whole so far."""

    def __init__(self, prepared: Prepared, request: Request, output: Output, options: Options) -> None:
        self._prepared, self._request, self._output, self._options = prepared, request, output, options
        self._rows = delivered_rows(prepared)
        self._parts = {span.table: parts_of(span) for span in request.spans}
        self._whole: dict[tuple[str, int], PartDone] = dict(output.kept)
        self._checker = _checker(prepared.plan.model) if options.verify == "blocks" else None
        self.kept_rows = sum(part.rows for part in output.kept.values()) + sum(table.rows for table in output.kept_tables.values())

    def make(self) -> None:
        """Make all parts that are missing, the costliest first."""
        options = self._options
        missing = self._missing()
        workers = options.workers or default_workers()
        options.events(RunStarted({span.table: span.rows for span in self._request.spans}, self.kept_rows, workers))
        job = Job(self._prepared, self._output.root, options.compression, self._checker, options.executor == "threads")
        if missing:
            make_parts(job, missing, self._note, workers=workers, executor=options.executor)

    def refuse_lost(self) -> None:
        """Raise EdgeError where a part that was made is not there any more: somebody was in the folder, or a mount went away."""
        lost = [part.path for part in self._whole.values() if not has_size(self._output.root / part.path, part.size_bytes)]
        if lost:
            raise EdgeError(
                f"{one_of(sorted(lost), most=3)} {'is' if len(lost) == 1 else 'are'} gone or cut short since this run made {'it' if len(lost) == 1 else 'them'}",
                where=str(self._output.root),
                fix="keep others out of the folder, then run again with --resume",
            )

    def _missing(self) -> list[Part]:
        parts = [part for table, parts in self._parts.items() if table not in self._output.kept_tables for part in parts]
        missing = [part for part in parts if (part.table, part.index) not in self._whole]
        cost = _bytes_per_row(self._prepared.plan, self._rows)
        return sorted(missing, key=lambda part: -part.rows * cost[part.table])

    def _note(self, part: PartDone) -> None:
        self._output.note(part)
        self._whole[part.table, part.index] = replace(part, checker=None)
        if self._checker is not None and part.checker is not None:
            self._checker.merge(part.checker)
        self._options.events(PartMade(part.table, part.index, part.rows, part.size_bytes, part.seconds))

    def folders(self) -> list[Path]:
        """The folders that hold files of this run, each before what is in it."""
        return sorted({(self._output.root / part.path).parent for part in self._whole.values()} | {self._output.root})

    def verified(self) -> Report | None:
        """What the checks say; DataError where a hard promise is broken."""
        if self._options.verify is None:
            return None
        from seedbed.run.faults import clean_scans, with_faults_told
        from seedbed.run.verify import checked_blocks, checked_files, refuse_broken

        model, rows, spans, root = self._prepared.plan.model, self._rows, self._request.spans, self._output.root
        delivery = None if self._prepared.plan.ground_truth is None else Delivery(self._prepared)
        workers, events = self._options.workers or default_workers(), self._options.events
        if self._checker is not None:
            report = checked_blocks(self._checker, _scans(root, spans) if delivery is None else clean_scans(delivery, spans), spans, rows)
        else:
            report = checked_files(model, root, spans, rows, workers, lambda table, count: events(RowsChecked(table, count)))
            if delivery is not None:
                report = with_faults_told(report, model, delivery, spans, _scans(root, spans), workers)
        refuse_broken(report)
        return report

    def manifest(self, *, complete: bool) -> Manifest:
        """What the folder says of itself."""
        plan = self._prepared.plan
        delivery = Delivery(self._prepared)
        tables = tuple(self._output.kept_tables.get(span.table) or self._entry(delivery, span) for span in self._request.spans)
        request = self._request
        return Manifest(
            plan.model.metadata.name,
            plan.seed,
            plan.fingerprint,
            complete,
            request.to_dict(),
            tables,
            dict(request.pools),
            plugins_of(plan.model),
        )

    def _entry(self, delivery: Delivery, span: Span) -> TableEntry:
        parts = self._parts[span.table]
        done = [found for part in parts if (found := self._whole.get((part.table, part.index)))]
        plan, schema = self._prepared.plan, delivery.schema(span.table)
        is_whole = len(done) == len(parts)
        digests = column_digests((leaf for part in done for leaf in part.leaves), len(schema)) if is_whole else [""] * len(schema)
        columns = tuple(
            ColumnEntry(column.name, type_name(column.type), plan.key(span.table, column.name).hex, digest)
            for column, digest in zip(schema, digests, strict=True)
        )
        digest = table_digest(digests, schema, span.rows, span.start) if is_whole else ""
        files = tuple(FileEntry(part.path, part.rows, part.size_bytes, part.sha256) for part in done)
        rows = sum(part.rows for part in done)
        kind = "truth" if span.table == plan.ground_truth else plan.table(span.table).kind
        return TableEntry(span.table, kind, rows, span.start, self._rows[span.table], span.is_aligned, digest, columns, files)


def _scans(root: Path, spans: Sequence[Span]) -> Mapping[str, TableScan]:
    """The tables of a folder, to be read."""
    from seedbed.read.parquet import scan_tables

    return scan_tables(root, [span.table for span in spans])


def _checker(model: Model) -> Checker:
    from seedbed.check.structure import Checker

    return Checker(model)


def _bytes_per_row(plan: Plan, rows: Mapping[str, int]) -> dict[str, float]:
    expected = {table.name: table.expected_rows for table in plan.tables}
    return {name: plan.estimated_bytes[name] / max(1.0, expected.get(name, rows[name])) for name in plan.delivered}
