"""Which rows go into which part: decided by the rows alone, never by the workers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.core.sinks import Part as Part  # noqa: PLC0414 - part of the layout

#: Rows of a part where a sink has no number of its own: eight leaves. Parts begin where this divides the row's number, so that any run cuts alike.
PART_ROWS = 8 * LEAF_ROWS

#: Parts of one run: what is remembered of so many takes a gigabyte, two with the manifest, seven where a run goes on (docs/scaling.md).
MOST_PARTS = 1_000_000


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


def count_parts(rows: int, part_rows: int | None = PART_ROWS) -> int:
    """How many parts the first rows of a table are cut into.

    >>> count_parts(524_289), count_parts(0), count_parts(10**12, None)
    (2, 1, 1)
    """
    return 1 if part_rows is None else max(1, -(-rows // part_rows))


def refuse_many(spans: Sequence[Span], part_rows: int | None) -> None:
    """Refuse more parts than the process that leads a run can remember.

    Raises:
        ModelError: there are more than `MOST_PARTS`.
    """
    parts = sum(count_parts(span.rows, part_rows) for span in spans)
    if parts > MOST_PARTS:
        largest = max(spans, key=lambda span: span.rows)
        rows = MOST_PARTS // 2 * (part_rows or 1)
        fix = f"make slices, each into a place of its own: --slice {largest.table}={largest.start}:{largest.start + rows}, and so on"
        raise ModelError(f"{parts:,} parts are too many for one run; at most {MOST_PARTS:,}", where=largest.table, fix=fix)


def parts_of(span: Span, part_rows: int | None = PART_ROWS) -> tuple[Part, ...]:
    """One part for at most `part_rows` rows, else parts that end where `part_rows` divides; None makes one of any number.

    >>> [part.stem for part in parts_of(Span("user", 0, 10))]
    ['user']
    >>> [(part.stem, part.rows) for part in parts_of(Span("event", 0, 524_289))]
    [('event/part-00000', 524288), ('event/part-00001', 1)]
    """
    if part_rows is None or span.rows <= part_rows:
        return (Part(span.table, 0, 1, span.start, span.stop),)
    cuts = [span.start, *range((span.start // part_rows + 1) * part_rows, span.stop, part_rows), span.stop]
    count = len(cuts) - 1
    return tuple(Part(span.table, index, count, start, stop) for index, (start, stop) in enumerate(pairwise(cuts)))
