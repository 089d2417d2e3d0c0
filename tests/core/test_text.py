from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.text import Piece, join_taken, join_text, string_array, take_text

TABLES = st.lists(st.lists(st.text(max_size=4), min_size=1, max_size=12), min_size=1, max_size=4)


@given(TABLES, st.integers(0, 9), st.integers(0, 2**32))
def test_taking_side_by_side_is_taking_then_joining(texts: list[list[str]], rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pieces: list[Piece] = [(string_array(table), rng.integers(0, len(table), rows)) for table in texts]
    assert join_taken(*pieces).equals(join_text(*(take_text(table, index) for table, index in pieces if index is not None)))


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_a_piece_may_be_the_rows_themselves(rows: int) -> None:
    own = string_array([f"é{row}" for row in range(rows)]).slice(0, rows)
    joined = join_taken((string_array(["<", ">"]), np.zeros(rows, np.int32)), (own, None))
    assert joined.to_pylist() == [f"<é{row}" for row in range(rows)]
