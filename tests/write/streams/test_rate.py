from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import EdgeError, ModelError
from seedbed.write.streams.rate import Rate


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 3)), min_size=1, max_size=30), st.floats(0.5, 5_000))
def test_no_more_rows_go_than_the_rate_lets(steps: list[tuple[int, float]], rows_per_s: float) -> None:
    clock, gone = [0.0], 0
    rate = Rate(rows_per_s, now=lambda: clock[0])
    for rows, pause in steps:
        clock[0] += pause
        clock[0] += rate.wait_s(rows)
        assert gone <= rows_per_s * clock[0] + 1e-6
        gone += rows


def test_copies_in_other_processes_count_along() -> None:
    rate = Rate(1.0)
    rate.share()
    try:
        assert rate.wait_s(100) == 0
        code = "import pickle, sys; print(pickle.load(sys.stdin.buffer).wait_s(1))"
        done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(rate), capture_output=True, check=True, timeout=60)
        assert float(done.stdout) > 1
        assert rate.wait_s(1) > float(done.stdout) - 60
    finally:
        rate.close()


def test_a_rate_that_nobody_shares_stays_here() -> None:
    rate = Rate(1.0)
    with pytest.raises(ModelError, match="threads"):
        pickle.dumps(rate)
    rate.share()
    copy = pickle.loads(pickle.dumps(rate))  # noqa: S301 - our own
    assert rate._path is not None
    path: Path = rate._path
    rate.close()
    assert not path.exists()
    with pytest.raises(EdgeError, match="one machine"):
        copy.wait_s(1)
