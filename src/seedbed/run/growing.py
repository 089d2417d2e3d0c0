"""One run: rows of a prepared plan, part by part, into one sink; checked, noted, gone on with."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from seedbed.core.digest import table_digest, type_name
from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError
from seedbed.core.events import PartMade, RowsChecked, RunFinished, RunStarted, Subscriber, nobody
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import Existing, Part, Sink, TableShape
from seedbed.generate.prepared import Prepared
from seedbed.generate.quality.delivery import Delivery, delivered_rows
from seedbed.model.document import Model
from seedbed.plan.ordering import order_of
from seedbed.plan.plan import Plan
from seedbed.plan.plugged import plugins_of
from seedbed.plan.shapes import in_order_of_need, table_shape
from seedbed.run.dataset import Dataset
from seedbed.run.executors import CLUSTERS, Crew, ExecutorName, default_workers, make_parts
from seedbed.run.figures import Figures, Gathered, taken
from seedbed.run.journal import PartDone, Request
from seedbed.run.kept import Kept, kept_of
from seedbed.run.layout import Span, parts_of, refuse_many
from seedbed.run.make import Job
from seedbed.run.rolling import Rolling
from seedbed.run.strategy import Asked, Strategy, strategy_of, within, works_of
from seedbed.write.files import FileSink
from seedbed.write.manifest import ColumnEntry, FileEntry, Manifest, TableEntry

if TYPE_CHECKING:
    from seedbed.check.results import Report
    from seedbed.check.structure import Checker
    from seedbed.core.shapes import TableScan

Verify = Literal["files", "blocks"]

#: So many objects of a bucket are asked for at a time.
_ASKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """What a run made: the place, a table each, and what was checked.

    `kept_rows` were there from the run that this one went on with. `warnings` are what the plan doubts about the model. `further` are
    the runs to the other targets, where there were several.
    """

    place: str
    dataset: str
    seed: int
    fingerprint: str
    tables: tuple[TableEntry, ...]
    kept_rows: int
    figures: Figures
    report: Report | None = None
    warnings: tuple[str, ...] = ()
    further: tuple[GenerateResult, ...] = ()

    @property
    def out(self) -> Path:
        """The place as a path, where it is a local folder."""
        return Path(self.place)

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return self.figures.seconds

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        """The bytes of all tables, as files or as they were sent."""
        return sum(table.size_bytes for table in self.tables)


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is done; none of it changes a value."""

    workers: int | None = None
    executor: ExecutorName = "threads"
    existing: Existing = "refuse"
    verify: Verify | None = None
    events: Subscriber = nobody
    master: str | None = None
    pool_options: Mapping[str, str] = field(default_factory=dict)
    max_memory: int | None = None


def grow(dataset: Dataset, sink: Sink, spans: tuple[Span, ...], options: Options) -> GenerateResult:
    """Make these rows of a data set into a sink; see `seedbed.generate`."""
    began = time.perf_counter()
    prepared = dataset.prepared
    request = Request(prepared.plan.fingerprint, spans, sink.settings, prepared.pool_hashes)
    try:
        kept = kept_of(sink, request, options.existing)
        run = _Run(prepared, request, sink, kept, options)
        if not kept.is_all:
            sink.begin(in_order_of_need(run.shapes.values()), request.to_text(), options.existing, kept.receipts)
        report, manifest, figures = _made(run, began)
    finally:
        sink.close()
    warnings = tuple(finding.message for finding in prepared.plan.findings if finding.level == "warning")
    result = GenerateResult(
        sink.place, manifest.dataset, manifest.seed, manifest.fingerprint, manifest.tables, run.kept_rows, figures, report, warnings
    )
    options.events(RunFinished(result.rows, result.size_bytes, result.seconds))
    return result


def _made(run: _Run, began: float) -> tuple[Report | None, Manifest, Figures]:
    """Make what is missing and let it appear; what has to be left is left where the run ends early."""
    sink = run.sink
    try:
        run.make()
        run.refuse_lost()
        report = run.verified()
        manifest = run.manifest(complete=True)
        figures = run.figures(began)
        if not run.kept.is_all:
            if isinstance(sink, FileSink):
                sink.report(figures.to_json())
            sink.finish(manifest.to_json())
    except (ModelError, DataError, PluginError):
        sink.discard()
        raise
    except BaseException:
        with suppress(EdgeError):
            sink.pause(run.manifest(complete=False).to_json())
        raise
    return report, manifest, figures


class _Run:
    """A run on its way: what is wanted, and what is whole so far."""

    def __init__(self, prepared: Prepared, request: Request, sink: Sink, kept: Kept, options: Options) -> None:
        self.sink, self.kept, self.options = sink, kept, options
        self._prepared, self._request = prepared, request
        self._rows = delivered_rows(prepared)
        self._delivery = Delivery(prepared)
        refuse_many(request.spans, sink.part_rows)
        self._parts = {span.table: parts_of(span, sink.part_rows) for span in request.spans}
        self._whole: dict[tuple[str, int], PartDone] = {}
        self._digests = {span.table: Rolling(len(self._delivery.schema(span.table))) for span in request.spans}
        for part in kept.parts.values():
            self._keep(part)
        self._gathered = Gathered()
        self._checker = _checker(prepared.plan.model) if options.verify == "blocks" else None
        self.workers = options.workers or default_workers()
        self.kept_rows = sum(part.rows for part in kept.parts.values()) + sum(table.rows for table in kept.tables.values())
        self.shapes = {span.table: self._shape(span) for span in request.spans}
        self._strategy = self._within_memory()

    def _shape(self, span: Span) -> TableShape:
        """A table as the sink must know it: with references to tables that come whole, for others would lead nowhere."""
        shape = table_shape(self._prepared.plan, span.table, self._delivery.schema(span.table), span.rows)
        whole = {other.table for other in self._request.spans if other.rows == self._rows[other.table]}
        shape = replace(shape, foreign_keys=tuple(key for key in shape.foreign_keys if key.table in whole))
        return self.sink.shape(shape) if isinstance(self.sink, FileSink) else shape

    def _within_memory(self) -> Strategy | None:
        """How to stay within the memory, where there is a limit; ModelError where that can't be."""
        options = self.options
        if options.max_memory is None:
            return None
        asked = Asked(options.executor, options.workers, options.max_memory)
        found = strategy_of(asked, self.sink, works_of(self._prepared, self.sink, self._request.spans), self._prepared)
        self.workers = self.workers if options.executor in CLUSTERS else found.workers
        return found

    def make(self) -> None:
        """Make all parts that are missing, the costliest first."""
        options = self.options
        missing = self._missing()
        options.events(self._started(len(missing)))
        is_here = options.executor == "threads"
        job = Job(self._prepared, self.sink, self.shapes, self._checker, is_here, events=options.events if is_here else None)
        crew = Crew(options.workers, options.master, options.pool_options)
        if self._strategy is not None:
            job = replace(job, block_rows=self._strategy.block_rows, in_flight=self._strategy.in_flight)
            crew = within(crew, self._strategy)
        if missing:
            make_parts(job, missing, self._note, crew, options.executor)

    def _started(self, parts: int) -> RunStarted:
        rows = {span.table: span.rows for span in self._request.spans}
        kept = {name: table.rows for name, table in self.kept.tables.items()}
        for part in self.kept.parts.values():
            kept[part.table] = kept.get(part.table, 0) + part.rows
        return RunStarted(rows, self.kept_rows, self.workers, kept, parts, _bytes_per_row(self._prepared.plan, self._rows))

    def refuse_lost(self) -> None:
        """Raise EdgeError where a part that was made is not there any more: somebody was in the place, or a mount went away."""
        whole = list(self._whole.values())
        lost = [part for part, is_there in zip(whole, _held(self.sink, whole), strict=True) if not is_there]
        if lost:
            names = sorted(
                file.path for part in lost for file in part.written.files if not self.sink.holds(replace(part.written, files=(file,)))
            )
            names = names or sorted(f"{part.table}[{part.index}]" for part in lost)
            is_one = len(names) == 1
            raise EdgeError(
                f"{one_of(names, most=3)} {'is' if is_one else 'are'} gone or cut short since this run made {'it' if is_one else 'them'}",
                where=self.sink.place,
                fix="keep others out of there, then run again with --resume",
            )

    def _missing(self) -> list[Part]:
        parts = [part for table, parts in self._parts.items() if table not in self.kept.tables for part in parts]
        missing = [part for part in parts if (part.table, part.index) not in self._whole]
        cost = _bytes_per_row(self._prepared.plan, self._rows)
        # tables with costly parts first; the parts of a table in order, so that digests follow them
        costly = {table: -parts[len(parts) // 2].rows * cost[table] for table, parts in self._parts.items()}
        return sorted(missing, key=lambda part: costly[part.table])

    def _keep(self, part: PartDone) -> None:
        self._digests[part.table].add(part.index, part.leaves)
        self._whole[part.table, part.index] = replace(part, checker=None, leaves=())

    def _note(self, part: PartDone) -> None:
        self.sink.note(part.to_line())
        self._gathered.add(part)
        self._keep(part)
        if self._checker is not None and part.checker is not None:
            self._checker.merge(part.checker)
        self.options.events(PartMade(part.table, part.index, part.rows, part.size_bytes, part.seconds))

    def verified(self) -> Report | None:
        """What the checks say; DataError where a hard promise is broken."""
        if self.options.verify is None:
            return None
        from seedbed.run.faults import clean_scans, with_faults_told
        from seedbed.run.verify import checked_blocks, checked_files, refuse_broken

        model, rows, spans = self._prepared.plan.model, self._rows, self._request.spans
        events, workers = self.options.events, self.workers
        if self._checker is not None:
            report = checked_blocks(self._checker, clean_scans(self._delivery, spans), spans, rows)
        else:
            root = Path(self.sink.place)
            report = checked_files(model, root, spans, rows, workers, lambda table, count: events(RowsChecked(table, count)))
            if self._prepared.plan.ground_truth is not None:
                report = with_faults_told(report, model, self._delivery, spans, _scans(root, spans), workers)
        refuse_broken(report)
        return report

    def figures(self, began: float) -> Figures:
        """What this run took so far."""
        made = self._gathered.in_order(span.table for span in self._request.spans)
        return taken(began, made, self.workers, self.options.executor, self._strategy)

    def manifest(self, *, complete: bool) -> Manifest:
        """What the place says of itself."""
        plan = self._prepared.plan
        tables = tuple(self.kept.tables.get(span.table) or self._entry(span) for span in self._request.spans)
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

    def _entry(self, span: Span) -> TableEntry:
        parts = self._parts[span.table]
        done = [found for part in parts if (found := self._whole.get((part.table, part.index)))]
        plan, schema = self._prepared.plan, self._delivery.schema(span.table)
        is_whole = len(done) == len(parts)
        digests = self._digests[span.table].hexdigests() if is_whole else [""] * len(schema)
        columns = tuple(
            ColumnEntry(column.name, type_name(column.type), plan.key(span.table, column.name).hex, digest)
            for column, digest in zip(schema, digests, strict=True)
        )
        digest = table_digest(digests, schema, span.rows, span.start) if is_whole else ""
        files = tuple(FileEntry(file.path, file.rows, file.size_bytes, file.sha256) for part in done for file in part.written.files)
        rows, size = sum(part.rows for part in done), sum(part.size_bytes for part in done)
        kind = "truth" if span.table == plan.ground_truth else plan.table(span.table).kind
        partition_by = self.shapes[span.table].partition_by if files else ()
        return TableEntry(
            span.table,
            kind,
            rows,
            span.start,
            self._rows[span.table],
            span.is_aligned,
            digest,
            columns,
            files,
            size,
            partition_by,
            () if kind == "truth" else order_of(plan.model, {table.name: table for table in plan.tables}, plan.table(span.table)),
        )


def _held(sink: Sink, parts: Sequence[PartDone]) -> Iterable[bool]:
    """Whether each part is still there; a bucket is asked about several at a time, for each question takes it a while."""
    if not (isinstance(sink, FileSink) and sink.folder is None):
        return (sink.holds(part.written) for part in parts)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="seedbed-look") as pool:
        return list(pool.map(lambda part: sink.holds(part.written), parts))


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
