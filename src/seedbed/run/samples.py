"""Small pieces of a run, really made and put together in memory: what a row takes, and how long."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.records import dataclass
from seedbed.core.sinks import Part, TableShape
from seedbed.generate.prepared import Prepared
from seedbed.generate.quality.delivery import Delivery
from seedbed.plan.shapes import table_shape
from seedbed.run.executors import Crew, make_parts
from seedbed.run.journal import PartDone
from seedbed.run.layout import Span, parts_of
from seedbed.run.make import Job
from seedbed.write.files import FileSink
from seedbed.write.nowhere import Nowhere

#: Rows of a piece, and how many pieces of a large table: formats that cut rows into groups are only small with whole groups.
_GROUP, _GROUPS = 2 * LEAF_ROWS, 2
_LINES, _PIECES = LEAF_ROWS // 4, 4
_IN_GROUPS = ("parquet", "delta", "orc")

#: Rows of each table that are made first, and not counted: tables of generators are built then, libraries loaded.
_WARMING = 256


@dataclass(frozen=True, slots=True)
class Sampled:
    """What pieces of one table took: their rows, bytes, files, and the seconds of those who made them."""

    parts: int
    rows: int
    size_bytes: int
    seconds: float
    files: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """Pieces of each table; `wall_s` is how long all took together, `warming_s` what is to be paid once."""

    tables: Mapping[str, Sampled]
    wall_s: float
    warming_s: float


def shapes_of(prepared: Prepared, spans: Sequence[Span]) -> dict[str, TableShape]:
    """The tables as sinks know them."""
    delivery = Delivery(prepared)
    return {span.table: table_shape(prepared.plan, span.table, delivery.schema(span.table), span.rows) for span in spans}


def sampled(prepared: Prepared, sink: FileSink, spans: Sequence[Span], workers: int) -> Sample:
    """Make pieces of all tables as `sink` would, by so many threads, and keep nothing.

    Raises:
        ModelError: a table can't be held by such files.
    """
    shapes = {name: sink.shape(shape) for name, shape in shapes_of(prepared, spans).items()}
    nowhere = sink.to(Nowhere())
    nowhere.check(list(shapes.values()))
    pieces = {span.table: pieces_of(span, sink) for span in spans}
    job = Job(prepared, nowhere, shapes)
    began = time.perf_counter()
    for span in spans:
        _made(job, [Part(span.table, 0, 1, span.start, min(span.stop, span.start + _WARMING))], 1)
    warm = time.perf_counter()
    done = _made(job, [piece for each in pieces.values() for piece in each], workers)
    wall = time.perf_counter() - warm
    tables = {span.table: _summed(span, [part for part in done if part.table == span.table]) for span in spans}
    return Sample(tables, wall, warm - began)


def _made(job: Job, parts: Sequence[Part], workers: int) -> list[PartDone]:
    done: list[PartDone] = []
    make_parts(job, parts, done.append, Crew(workers))
    return done


def _summed(span: Span, done: Sequence[PartDone]) -> Sampled:
    rows = sum(part.rows for part in done)
    size, seconds = sum(part.size_bytes for part in done), sum(part.seconds for part in done)
    return Sampled(len(done), rows, size, seconds, sum(len(part.written.files) for part in done), rows == span.rows)


def pieces_of(span: Span, sink: FileSink) -> list[Part]:
    """All parts of a small table, else pieces from all over it.

    Values change along a table (numbers get longer, years go by), so the pieces lie in the middles of equal shares of it.
    """
    rows, most = (_GROUP, _GROUPS) if sink.format in _IN_GROUPS else (_LINES, _PIECES)
    if span.rows <= rows * most:
        return list(parts_of(span, sink.part_rows))
    starts = [span.start + (2 * at + 1) * span.rows // (2 * most) - rows // 2 for at in range(most)]
    return [Part(span.table, at, most, start, start + rows) for at, start in enumerate(starts)]


def stored_bytes(prepared: Prepared, sink: FileSink, span: Span, rows: int) -> float:
    """The bytes of a row as files hold it, by the first rows of a span."""
    shape = sink.shape(shapes_of(prepared, [span])[span.table])
    job = Job(prepared, sink.to(Nowhere()), {span.table: shape})
    return _made(job, [Part(span.table, 0, 1, span.start, span.start + rows)], 1)[0].size_bytes / rows
