"""Make one part: its blocks, their digests, what the sink keeps of it. The one function that every executor maps over parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import TYPE_CHECKING

import pyarrow as pa

from seedbed.core.digest import LEAF_ROWS, LeafRow, leaf_digests
from seedbed.core.events import BlockMade, Subscriber
from seedbed.core.records import dataclass
from seedbed.core.sinks import Part, Sink, TableShape, Turns, Written
from seedbed.generate.prepared import Prepared
from seedbed.generate.quality.delivery import Delivery
from seedbed.run.journal import PartDone

if TYPE_CHECKING:
    from seedbed.check.structure import Checker


class StoppedError(Exception):
    """The run is being stopped: leave this part."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know to make any part; can be pickled.

    `checker` looks at every block, without the faults put in on purpose, if there is one: threads share it, a process makes its own for each part.
    `block_rows` are made at a time, and `in_flight` parts at most in one process: less of both takes less memory, and gives the same bytes.
    `events` is told of blocks, where the parts are made in the process that leads.
    """

    prepared: Prepared
    sink: Sink
    shapes: Mapping[str, TableShape]
    checker: Checker | None = None
    is_shared: bool = True
    block_rows: int = LEAF_ROWS
    in_flight: int | None = None
    events: Subscriber | None = None


class Maker:
    """Makes parts of a job; threads may share it."""

    def __init__(self, job: Job, is_stopping: Callable[[], bool], turns: AbstractContextManager[object] | None = None) -> None:
        """Make parts of `job`; what is a processor's work is done while one of `turns` is held, waiting is not."""
        self._job = job
        self._turns = Turns(turns or nullcontext(), self._look)
        self._delivery = Delivery(job.prepared)
        self._is_stopping = is_stopping

    def make(self, part: Part) -> PartDone:
        """Make a part and have it written.

        Raises:
            StoppedError: the run is being stopped; nothing is left of the part.
            EdgeError: it cannot be written; nothing is left of the part.
        """
        began = time.perf_counter()
        leaves: list[LeafRow] = []
        checker = self._checker()

        def done(written: Written) -> PartDone:
            seconds = time.perf_counter() - began
            return PartDone(part.table, part.index, written, tuple(leaves), seconds, None if self._job.is_shared else checker)

        batches = self._blocks(part, leaves, checker)
        shape = self._job.shapes[part.table]
        return done(self._job.sink.write(part, shape, batches, lambda written: done(written).to_line(), self._turns))

    def _look(self) -> None:
        if self._is_stopping():
            raise StoppedError

    def _checker(self) -> Checker | None:
        checker = self._job.checker
        return checker if checker is None or self._job.is_shared else type(checker)(checker.model)

    def _blocks(self, part: Part, leaves: list[LeafRow], checker: Checker | None) -> Iterator[pa.RecordBatch]:
        encoded = self._job.sink.takes_codes
        for start, stop in part.blocks():
            self._look()
            block = self._block(part.table, start, stop, encoded=encoded)
            if len(block):
                leaves.append(leaf_digests(block))
            if checker:
                self._check(checker, part.table, start, stop, block)
            if self._job.events is not None:
                self._job.events(BlockMade(part.table, part.index, stop - start))
            yield block

    def _block(self, table: str, start: int, stop: int, *, encoded: bool) -> pa.RecordBatch:
        """A leaf's rows, made in smaller pieces where memory is short."""
        rows = self._job.block_rows
        if stop - start <= rows:
            return self._delivery.block(table, start, stop, encoded=encoded)
        cuts = [*range(start, stop, rows), stop]
        return joined([self._delivery.block(table, low, high, encoded=encoded) for low, high in pairwise(cuts)])

    def _check(self, checker: Checker, table: str, start: int, stop: int, block: pa.RecordBatch) -> None:
        """Look at a block; where faults were put in, at what it was without them."""
        clean = self._delivery.clean_block(table, start, stop) if self._delivery.is_dirty(table) else block
        if clean is not None:
            checker.block(table, start, clean)


def joined(pieces: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Pieces of a leaf as one batch, as if it had been made at once."""
    schema = pieces[0].schema
    arrays = [pa.concat_arrays([piece.column(at) for piece in pieces]) for at in range(len(schema))]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
