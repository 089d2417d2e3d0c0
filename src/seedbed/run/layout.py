"""Which rows go into which file: decided by the rows alone, never by the workers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.records import dataclass

#: Rows of a part: eight leaves. Parts begin where this divides the row's number, so that any run cuts alike.
PART_ROWS = 8 * LEAF_ROWS

JOURNAL = ".seedbed-journal"
MANIFEST = ".metadata.json"


@dataclass(frozen=True, slots=True)
class Span:
    """Rows [start, stop) of a table that are wanted."""

    table: str
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """How many rows."""
        return self.stop - self.start

    @property
    def is_aligned(self) -> bool:
        """Whether the digest's leaves begin with the first row."""
        return self.start % LEAF_ROWS == 0


@dataclass(frozen=True, slots=True)
class Part:
    """Rows [start, stop) of a table that make one file, `path` from the output folder on."""

    table: str
    index: int
    start: int
    stop: int
    path: str

    @property
    def rows(self) -> int:
        """How many rows."""
        return self.stop - self.start

    def blocks(self) -> Iterator[tuple[int, int]]:
        """The part in blocks that are leaves of the digest; the first and the last may be shorter. No rows are one block."""
        cuts = [self.start, *range((self.start // LEAF_ROWS + 1) * LEAF_ROWS, self.stop, LEAF_ROWS), self.stop]
        yield from pairwise(cuts)


def parts_of(span: Span) -> tuple[Part, ...]:
    """One file `<table>.parquet` for at most 524,288 rows, else a folder `<table>` of parts that end where 524,288 divides.

    >>> [part.path for part in parts_of(Span("user", 0, 10))]
    ['user.parquet']
    >>> [(part.path, part.rows) for part in parts_of(Span("event", 0, 524_289))]
    [('event/part-00000.parquet', 524288), ('event/part-00001.parquet', 1)]
    """
    if span.rows <= PART_ROWS:
        return (Part(span.table, 0, span.start, span.stop, f"{span.table}.parquet"),)
    cuts = [span.start, *range((span.start // PART_ROWS + 1) * PART_ROWS, span.stop, PART_ROWS), span.stop]
    return tuple(
        Part(span.table, index, start, stop, f"{span.table}/part-{index:05}.parquet") for index, (start, stop) in enumerate(pairwise(cuts))
    )
