"""Parts: every row once, in files cut by row numbers alone."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.digest import LEAF_ROWS
from seedbed.run.layout import PART_ROWS, Span, parts_of

ROWS = st.integers(0, 5 * PART_ROWS)
SPANS = st.tuples(ROWS, ROWS).map(lambda ends: Span("t", min(ends), max(ends)))


@given(SPANS)
def test_parts_hold_every_row_once_in_order(span: Span) -> None:
    parts = parts_of(span)
    assert [parts[0].start, parts[-1].stop] == [span.start, span.stop]
    assert all(before.stop == after.start for before, after in pairwise(parts))
    assert sum(part.rows for part in parts) == span.rows
    assert [part.index for part in parts] == list(range(len(parts)))


@given(SPANS)
def test_parts_of_a_folder_end_on_the_grid(span: Span) -> None:
    parts = parts_of(span)
    if len(parts) > 1:
        assert all(part.stop % PART_ROWS == 0 for part in parts[:-1])
        assert {part.stem.partition("/")[0] for part in parts} == {"t"}
    else:
        assert parts[0].stem == "t"


@given(SPANS)
def test_blocks_are_leaves_of_the_digest(span: Span) -> None:
    for part in parts_of(span):
        blocks = list(part.blocks())
        assert [blocks[0][0], blocks[-1][1]] == [part.start, part.stop]
        assert all(before[1] == after[0] and after[0] % LEAF_ROWS == 0 for before, after in pairwise(blocks))
        assert all(stop - start <= LEAF_ROWS for start, stop in blocks)
