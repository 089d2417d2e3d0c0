"""A run that writes nothing: what would be made, how large and how long, by pieces that are made in memory; and a few rows, checked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from seedbed.check.results import Report
from seedbed.check.structure import Checker
from seedbed.core.errors import ModelError, PluginError
from seedbed.core.events import Subscriber, nobody
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink
from seedbed.plan.plan import Plan
from seedbed.plan.quality import TRUTH_BYTES
from seedbed.run.dataset import Dataset
from seedbed.run.executors import default_workers
from seedbed.run.generate import spans_wanted
from seedbed.run.layout import Span, count_parts
from seedbed.run.samples import Sample, Sampled, sampled
from seedbed.run.verify import checked_sample
from seedbed.write.files import FileSink
from seedbed.write.formats.format import FORMATS, open_format
from seedbed.write.nowhere import Nowhere
from seedbed.write.targets import SinkOptions


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one format would take: the bytes and files of each table, and the seconds that making them takes on this machine.

    `refused` says why there would be none. Bytes are exact where all rows of a table were made.
    """

    format: str
    size_bytes: Mapping[str, int]
    files: Mapping[str, int]
    is_exact: bool
    seconds: float
    refused: str | None = None

    @property
    def total_bytes(self) -> int:
        """The bytes of all tables."""
        return sum(self.size_bytes.values())

    @property
    def total_files(self) -> int:
        """The files of all tables."""
        return sum(self.files.values())


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would be made, and in each format, after `prepared_s` seconds of counting and building pools; where a sample was wanted, the first rows of each span and what the checks say of them."""

    plan: Plan
    spans: tuple[Span, ...]
    samples: Mapping[str, pa.RecordBatch]
    report: Report | None
    forecasts: tuple[Forecast, ...] = ()
    prepared_s: float = 0.0

    def bytes_of(self, span: Span) -> int:
        """About how many bytes the rows of a span take in memory."""
        if span.table == self.plan.ground_truth:
            return span.rows * TRUTH_BYTES
        expected = self.plan.table(span.table).expected_rows
        return round(self.plan.estimated_bytes[span.table] * span.rows / expected) if expected else 0


def rehearsed(
    dataset: Dataset,
    *,
    tables: Sequence[str] | None = None,
    slices: Mapping[str, tuple[int, int]] | None = None,
    sample: int = 0,
    sinks: Sequence[FileSink | Forecast] = (),
    workers: int | None = None,
    events: Subscriber = nobody,
) -> Rehearsal:
    """Prepare a data set, make pieces of it as each of `sinks` would store them, and `sample` rows of each table to look at, all in memory.

    Raises:
        ModelError: what is asked cannot be.
    """
    began = time.perf_counter()
    workers = workers or default_workers()
    spans = spans_wanted(dataset, tables, slices, workers, events)
    prepared_s = time.perf_counter() - began
    forecasts = tuple(sink if isinstance(sink, Forecast) else _forecast(dataset, sink, spans, workers) for sink in sinks)
    if not sample:
        return Rehearsal(dataset.plan, spans, {}, None, forecasts, prepared_s)
    checker = Checker(dataset.model)
    pieces = tuple(Span(span.table, span.start, min(span.stop, span.start + sample)) for span in spans)
    samples = {piece.table: dataset.block(piece.table, piece.start, piece.stop) for piece in pieces}
    clean = {piece.table: dataset.clean_block(piece.table, piece.start, piece.stop) for piece in pieces}
    looked_at = {name: block for name, block in clean.items() if block is not None}
    for piece in pieces:
        if piece.table in looked_at:
            checker.block(piece.table, piece.start, looked_at[piece.table])
    report = checked_sample(checker, [piece for piece in pieces if piece.table in looked_at], dataset.rows, looked_at)
    return Rehearsal(dataset.plan, spans, samples, report, forecasts, prepared_s)


def sinks_of(options: SinkOptions, sink: Sink | None = None) -> Iterator[FileSink | Forecast]:
    """The files to foresee: those of the format that is asked for or of the target, else of every format that is installed here.

    Raises:
        ModelError: the format that is asked for can't be.
        PluginError: it must be installed.
    """
    if sink is not None or options.given:
        yield sink if isinstance(sink, FileSink) else FileSink(Nowhere(), open_format(options), options.partition_by)
        return
    for name in FORMATS:
        try:
            yield FileSink(Nowhere(), open_format(SinkOptions(format=name)))
        except PluginError as error:
            yield _none(name, str(error))


def _forecast(dataset: Dataset, sink: FileSink, spans: Sequence[Span], workers: int) -> Forecast:
    try:
        found = sampled(dataset.prepared, sink, spans, workers)
    except (ModelError, PluginError) as error:
        return _none(sink.format, "; ".join(problem.message for problem in error.problems))
    sizes = {span.table: _scaled(found.tables[span.table].size_bytes, span, found.tables[span.table]) for span in spans}
    files = {span.table: _files(span, sink, found.tables[span.table]) for span in spans}
    is_exact = all(each.is_whole for each in found.tables.values())
    return Forecast(sink.format, sizes, files, is_exact, found.warming_s + _seconds(found, spans, sink, workers))


def _none(name: str, why: str) -> Forecast:
    return Forecast(name, {}, {}, is_exact=False, seconds=0.0, refused=why)


def _scaled(size: float, span: Span, part: Sampled) -> int:
    return round(size * span.rows / part.rows) if part.rows else round(size)


def _files(span: Span, sink: FileSink, part: Sampled) -> int:
    """One for each part, but in folders by values as many as the pieces had folders."""
    parts = count_parts(span.rows, sink.part_rows)
    return part.files if part.is_whole else max(1, round(part.files / part.parts)) * parts


def _seconds(found: Sample, spans: Sequence[Span], sink: FileSink, workers: int) -> float:
    """How long the parts would take: the seconds of all, as many at a time as the pieces were; the longest part at least."""
    spent = sum(table.seconds for table in found.tables.values())
    at_once = max(1.0, min(spent / found.wall_s if found.wall_s else 1.0, 2.0 * workers))
    working = min(1.0, workers / at_once)  # the rest of a part's seconds it waited for its turn
    every, longest = 0.0, 0.0
    for span in spans:
        table = found.tables[span.table]
        seconds = table.seconds * (span.rows / table.rows if table.rows else 1.0)
        every += seconds
        longest = max(longest, working * seconds / count_parts(span.rows, sink.part_rows))
    return max(every / at_once, longest)
