"""Reading tables once for a checker, in several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.core.shapes import Piece, TableScan, pieces_of

#: Called with a table's name and how many more of its rows were checked; from several threads.
Progress: TypeAlias = Callable[[str, int], None]

#: Rows looked at together: enough that starting a computation costs nothing, few enough to stay in the processor's cache.
BATCH_ROWS = 1 << 16

#: Cells looked at together in tables of hundreds of columns, whose batches have fewer rows.
_CELLS = 16_000_000


class Taker(Protocol):
    """Who takes the rows in: a `Checker`."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that are wanted."""
        ...

    @property
    def rows(self) -> dict[str, int]:
        """How many rows of each table came."""
        ...

    def columns(self, table: str, schema: pa.Schema) -> list[str]:
        """The columns that must be read of a table."""
        ...

    def block(self, table: str, start: int, batch: pa.RecordBatch, *, whole: pa.Schema | None = None) -> None:
        """Take in the rows of a table from `start` on; from any thread."""
        ...

    def unread(self, table: str, reason: str) -> None:
        """A table couldn't be read."""
        ...


def gather(
    checker: Taker,
    scans: Mapping[str, TableScan],
    progress: Progress | None = None,
    workers: int = 2,
    tables: Sequence[str] | None = None,
) -> None:
    """Read tables once for a checker, in so many threads; all that it asks for, or some of them.

    Raises:
        EdgeError: a disk or network failed.
    """
    work = _Shared(_stretches(checker, scans, checker.tables if tables is None else tables))
    threads = [_Worker(checker, work, progress) for _ in range(max(1, workers) - 1)]
    for thread in threads:
        thread.start()
    first = _Worker(checker, work, progress)
    first.run()
    for thread in threads:
        thread.join()
    for worker in (first, *threads):
        if worker.error is not None:
            raise worker.error
    for table, (_, reason) in work.unread.items():
        checker.unread(table, reason)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some rows of a table: its number among all stretches, and how many rows of the table came in earlier runs."""

    number: int
    table: str
    before: int
    schema: pa.Schema
    read: Piece


def _stretches(checker: Taker, scans: Mapping[str, TableScan], tables: Sequence[str]) -> Iterator[_Stretch | tuple[int, str, DataError]]:
    """All stretches of some tables, or what keeps a table from being read; every table has a batch at least."""
    number = 0
    for table in tables:
        scan = scans.get(table)
        if scan is None:
            continue
        before = checker.rows.get(table, 0)
        try:
            schema = scan.schema
            checker.block(table, before, _no_rows(schema), whole=schema)
            columns = checker.columns(table, schema)
            for read in pieces_of(scan, columns, max(1_000, min(BATCH_ROWS, _CELLS // max(len(columns), 1)))):
                yield _Stretch(number, table, before, schema, read)
                number += 1
        except DataError as error:
            yield number, table, error
            number += 1


class _Shared:
    """Stretches that several threads draw; after an error there are none, and none of a table that is broken."""

    def __init__(self, source: Iterator[_Stretch | tuple[int, str, DataError]]) -> None:
        self._source = source
        self._lock = threading.Lock()
        self.unread: dict[str, tuple[int, str]] = {}

    def draw(self) -> _Stretch | None:
        with self._lock:
            for found in self._source:
                if not isinstance(found, _Stretch):
                    self._note(*found)
                elif found.table not in self.unread:
                    return found
        return None

    def broken(self, stretch: _Stretch, error: DataError) -> None:
        """Say that a stretch can't be read."""
        with self._lock:
            self._note(stretch.number, stretch.table, error)

    def _note(self, number: int, table: str, error: DataError) -> None:
        """Keep the first thing that is wrong with a table, in the order of its rows."""
        self.unread[table] = min((number, str(error.problems[0])), self.unread.get(table, (number + 1, "")))

    def close(self) -> None:
        with self._lock:
            self._source = iter(())


class _Worker(threading.Thread):
    """Checks stretches until there are none; keeps the error that stopped it."""

    def __init__(self, checker: Taker, work: _Shared, progress: Progress | None) -> None:
        super().__init__(name="seedbed-check", daemon=True)
        self.error: BaseException | None = None
        self._checker = checker
        self._work = work
        self._progress = progress

    def run(self) -> None:
        try:
            while (stretch := self._work.draw()) is not None:
                try:
                    self._check(stretch)
                except DataError as error:
                    self._work.broken(stretch, error)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
            self.error = error
            self._work.close()

    def _check(self, stretch: _Stretch) -> None:
        for start, batch in stretch.read():
            self._checker.block(stretch.table, stretch.before + start, batch, whole=stretch.schema)
            if self._progress is not None:
                self._progress(stretch.table, batch.num_rows)


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.nulls(0, column.type) for column in schema], names=schema.names)
