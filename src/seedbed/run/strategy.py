"""How a run is done: parts, workers, and as many rows at a time as the memory allows. None of it changes a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field, replace
from typing import TYPE_CHECKING, Any

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.sinks import Sink
from seedbed.core.sizes import size_text
from seedbed.run.executors import CLUSTERS, Crew, default_workers
from seedbed.run.layout import Span, count_parts
from seedbed.write.files import FileSink

if TYPE_CHECKING:
    from seedbed.generate.prepared import Prepared
    from seedbed.plan.plan import Plan

#: Rows that are made at a time, from the quickest to the smallest.
BLOCKS = (LEAF_ROWS, LEAF_ROWS // 2, LEAF_ROWS // 4, LEAF_ROWS // 8, LEAF_ROWS // 16)

#: Parts at a time for each worker that is a thread: one is made while another waits for the disk.
_EACH = 2

#: Rows of each table that are made to see how many bytes a row takes.
_LOOKED_AT = 4096

# Measured on W1, the bank and the shop (bench/results/memory.md); estimates are to lie above what a run takes, never below.

#: What seedbed and its libraries hold in a process of its own, before it makes anything.
BASE_BYTES = 110_000_000

#: Bytes of temporaries for each byte of a block in the making, the block itself included.
_KERNELS = 4.0

#: Copies of a leaf's rows that are there at once: as text in files, as messages or statements elsewhere.
_COPIES, _COPIES_SENT = 3.0, 4.0

#: Formats whose files are put together in memory, and copies of a group of rows that are there at once.
_IN_MEMORY, _GROUPS = ("parquet", "delta"), 2.0

#: A file on its way: what is collected, what is being written, and what Python's allocator keeps of it.
_OUTGOING = 18 << 20

#: The children of a block of 65,536 parents, and the number of the first of them.
_INDEX_BYTES = 16

#: What the leading process remembers of each part, its digests and files.
_NOTES = 1_000


@dataclass(frozen=True, slots=True)
class TableWork:
    """One table: its rows, in how many parts, the bytes of a row in memory and as it is stored, and how both are known."""

    name: str
    rows: int
    is_exact: bool
    parts: int
    part_rows: int
    row_bytes: float
    stored_bytes: float
    why: str


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the memory, and where the number comes from."""

    what: str
    size_bytes: int
    why: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """What will be used: `in_flight` parts at a time in each of `processes`, blocks of `block_rows`, and about `memory_bytes` in all."""

    executor: str
    place: str
    workers: int
    workers_why: str
    processes: int
    in_flight: int
    block_rows: int
    shares: tuple[Share, ...]
    limit_bytes: int | None
    tables: tuple[TableWork, ...]

    @property
    def memory_bytes(self) -> int:
        """All shares; of a cluster's workers, of one of them."""
        return sum(share.size_bytes for share in self.shares)

    @property
    def parts(self) -> int:
        """The parts of all tables."""
        return sum(table.parts for table in self.tables)

    def to_dict(self) -> dict[str, Any]:
        """The strategy as JSON takes it."""
        return {**asdict(self), "memory_bytes": self.memory_bytes, "parts": self.parts}


def resident_bytes() -> int:
    """The bytes that this process holds now; 0 where the system doesn't say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no folder of ours
            import resource

            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, ImportError, ValueError, IndexError):
        return 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked: the executor, the number of workers where one is given, the memory where there is a limit.

    `resident_bytes` are what the process holds before anything is made.
    """

    executor: str = "threads"
    workers: int | None = None
    max_memory: int | None = None
    resident_bytes: int = field(default_factory=resident_bytes)


def strategy_of(asked: Asked, sink: Sink, tables: Sequence[TableWork], prepared: Prepared | Plan) -> Strategy:
    """The quickest way that stays within the limit.

    Raises:
        ModelError: no way does, with the numbers.
    """
    if asked.max_memory is not None and sink.settings.get("database") == "DuckDB":
        fix = "set its own limit (PRAGMA memory_limit), or load files into it that were written under --max-memory"
        raise ModelError("DuckDB keeps in memory what it sees fit, so nothing can be promised of it", where="--max-memory", fix=fix)
    found = [_of(asked, sink, tables, prepared, *cut) for cut in _cuts(asked, sum(table.parts for table in tables))]
    if asked.max_memory is None:
        return found[0]
    for each in found:
        if each.memory_bytes <= asked.max_memory:
            return each
    raise _too_little(min(found, key=lambda each: each.memory_bytes), asked)


def _too_little(least: Strategy, asked: Asked) -> ModelError:
    shares = "; ".join(f"{share.what} {size_text(share.size_bytes)}" for share in least.shares if share.size_bytes)
    need = size_text(-(-least.memory_bytes // 10**7) * 10**7)
    message = (
        f"{size_text(asked.max_memory or 0)} are too little: with {least.workers} workers and blocks of {least.block_rows:,} rows "
        f"a run takes about {size_text(least.memory_bytes)} ({shares})"
    )
    fewer = ", or lower --workers" if asked.workers is not None and asked.workers > 1 else ""
    return ModelError(message, where="--max-memory", fix=f"give {need} or more{fewer}")


def _cuts(asked: Asked, parts: int) -> Iterator[tuple[int, int, int]]:
    """Workers, parts at a time in each process, rows at a time; the quickest first."""
    most = max(1, min(asked.workers or default_workers(), parts))
    if asked.executor in CLUSTERS:
        cores = 1 if asked.executor != "spark" else default_workers()
        each = (_EACH * cores, cores, 1) if cores > 1 else (1,)
        yield from ((asked.workers or parts, at_once, rows) for at_once in dict.fromkeys(each) for rows in BLOCKS)
        return
    for workers in range(most, 0, -1) if asked.workers is None else (most,):
        if asked.executor == "processes" or workers == 1:
            yield from ((workers, 1, rows) for rows in BLOCKS)
            continue
        yield workers, _EACH * workers, BLOCKS[0]
        yield from ((workers, workers, rows) for rows in BLOCKS)


def _of(
    asked: Asked, sink: Sink, tables: Sequence[TableWork], prepared: Prepared | Plan, workers: int, in_flight: int, rows: int
) -> Strategy:
    parts = sum(table.parts for table in tables)
    in_flight = max(1, min(in_flight, parts))
    processes = workers if asked.executor == "processes" else 1
    at_work = 1 if asked.executor == "processes" else min(workers, in_flight, default_workers() if asked.executor == "spark" else in_flight)
    makers = processes * at_work
    held = max((_held(sink, table) for table in tables), default=0)
    block = max((_block(table, rows) for table in tables), default=0)
    encoding = max((_encoding(sink, table) for table in tables), default=0)
    shares = [
        *_bases(asked, prepared, processes),
        Share("blocks in the making", makers * block, f"{_times(makers)} of {rows:,} rows of the widest table, and what computes them"),
        Share("rows being stored", makers * encoding, f"{_times(makers)} of what {_name(sink)} needs of the widest table"),
        Share(
            "parts on their way",
            processes * in_flight * held,
            f"{_times(processes * in_flight)} of what is there of a part that is not whole yet",
        ),
    ]
    if asked.executor not in CLUSTERS:  # there, they are kept by the process that leads
        shares.append(Share("notes of parts", parts * _NOTES, f"{parts:,} parts, {_NOTES:,} B each"))
    return Strategy(
        asked.executor,
        sink.place,
        workers,
        _workers_why(asked, workers, parts),
        processes,
        in_flight,
        rows,
        tuple(shares),
        asked.max_memory,
        tuple(tables),
    )


def _bases(asked: Asked, prepared: Prepared | Plan, processes: int) -> Iterator[Share]:
    """What is there before a block is made: in this process, and again in each process that works."""
    plan = prepared_bytes(prepared)
    copies = 1 if asked.executor == "threads" or asked.executor in CLUSTERS else 1 + processes
    here = BASE_BYTES if asked.executor in CLUSTERS else max(BASE_BYTES, asked.resident_bytes - plan)
    where = "on each machine that works" if asked.executor in CLUSTERS else f"in {copies} process{'es' if copies > 1 else ''}"
    yield Share("seedbed itself", here + (copies - 1) * BASE_BYTES, f"measured: Python, NumPy, Arrow and the model {where}")
    yield Share("fan-outs and pools", copies * plan, f"{_INDEX_BYTES} B for each 65,536 parents of a fact, and the pools of values {where}")


def prepared_bytes(prepared: Prepared | Plan) -> int:
    """The bytes of what is prepared: numbers for each 65,536 parents of a fact, and the pools of values; of a plan the first only.

    >>> import seedbed
    >>> data = seedbed.plan("examples/users_events.json", rows={"user": 1_000_000})
    >>> prepared_bytes(data.plan), prepared_bytes(data.prepared)
    (256, 264)
    """
    from seedbed.plan.plan import Plan

    if isinstance(prepared, Plan):
        rows = {table.name: table.rows if table.rows is not None else table.expected_rows for table in prepared.tables}
        return sum(-(-int(rows[table.parent]) // LEAF_ROWS) * _INDEX_BYTES for table in prepared.tables if table.parent in rows)
    fans = sum(
        fan.totals.nbytes + fan.starts.nbytes + (0 if fan.families is None else fan.families.nbytes) for fan in prepared.fans.values()
    )
    return int(fans + sum(values.nbytes for values in prepared.pools.values()))


def _block(table: TableWork, rows: int) -> int:
    """The leaf that is put together, and the piece of it that is being computed."""
    leaf = min(LEAF_ROWS, table.part_rows)
    block = min(rows, leaf)
    return int(table.row_bytes * (_KERNELS * block + (leaf if block < leaf else 0)))


def _encoding(sink: Sink, table: TableWork) -> int:
    """What a writer needs to turn rows into bytes, while it has a processor."""
    leaf = min(LEAF_ROWS, table.part_rows)
    if isinstance(sink, FileSink) and sink.format in _IN_MEMORY:
        return int(_GROUPS * min(2 * LEAF_ROWS, table.part_rows) * table.row_bytes)
    copies = _COPIES if isinstance(sink, FileSink) else _COPIES_SENT
    return int(copies * leaf * (table.stored_bytes + table.row_bytes))


def _held(sink: Sink, table: TableWork) -> int:
    """What is there of a part that waits for the disk, the network or its turn."""
    leaf = min(LEAF_ROWS, table.part_rows) * table.row_bytes
    if not isinstance(sink, FileSink):
        return int(leaf + min(_OUTGOING, 2 * table.part_rows * table.row_bytes))
    whole = 2 * table.part_rows * table.row_bytes if sink.is_parted else 0
    if sink.format in _IN_MEMORY:
        return int(whole + 2 * table.part_rows * table.stored_bytes)
    return int(whole + leaf + min(_OUTGOING, 3 * table.part_rows * table.stored_bytes))


def _times(count: int) -> str:
    return f"{count:,} time{'s' if count > 1 else ''}"


def _name(sink: Sink) -> str:
    return f"the writer of {sink.format}" if isinstance(sink, FileSink) else "the connection"


def _workers_why(asked: Asked, workers: int, parts: int) -> str:
    if asked.workers is not None:
        return "as asked" if workers == asked.workers else f"as asked, but there are {parts:,} parts"
    if asked.executor in CLUSTERS:
        return "at most one task for each part; the cluster says how many at a time"
    cores = default_workers()
    if workers < min(cores, parts):
        return f"fewer than the {cores} cores, for the memory"
    return f"the cores of this machine: {cores}" if workers == cores else f"there are {parts:,} parts for {cores} cores"


def works_of(prepared: Prepared, sink: Sink, spans: Sequence[Span]) -> tuple[TableWork, ...]:
    """The tables of a prepared run, by a few thousand rows of each that are made and stored in memory."""
    from seedbed.generate.quality.delivery import Delivery
    from seedbed.run.samples import stored_bytes

    delivery = Delivery(prepared)
    found = []
    for span in spans:
        block = delivery.block(span.table, span.start, min(span.stop, span.start + _LOOKED_AT))
        width = block.nbytes / len(block) if len(block) else 0.0
        stored = stored_bytes(prepared, sink, span, len(block)) if isinstance(sink, FileSink) and len(block) else width
        found.append(_work(span.table, span.rows, sink, (width, stored), f"{len(block):,} rows that were made", is_exact=True))
    return tuple(found)


def works_expected(rows: Mapping[str, float], sizes: Mapping[str, int], sink: Sink, exact: Mapping[str, bool]) -> tuple[TableWork, ...]:
    """The tables of a plan that isn't prepared: by the types of their columns."""
    return tuple(
        _work(name, round(count), sink, (sizes[name] / max(count, 1.0),) * 2, "the types of the columns", is_exact=exact.get(name, False))
        for name, count in rows.items()
    )


def _work(name: str, rows: int, sink: Sink, widths: tuple[float, float], why: str, *, is_exact: bool) -> TableWork:
    part_rows = rows if sink.part_rows is None else min(rows, sink.part_rows)
    return TableWork(name, rows, is_exact, count_parts(rows, sink.part_rows), part_rows, *widths, why)


def within(crew: Crew, strategy: Strategy) -> Crew:
    """The crew as a strategy asks for it; jobs of a pool ask for as much memory as they are allowed."""
    if strategy.executor not in CLUSTERS:
        return replace(crew, workers=strategy.workers)
    if strategy.executor == "spark" or strategy.limit_bytes is None:
        return crew
    memory = {"memory": str(-(-strategy.limit_bytes // 10**6)), "cores": "1"}
    return replace(crew, settings={**memory, **crew.settings})
