"""The modifier `round`."""

from __future__ import annotations

import pytest

import seedbed
from seedbed.core.errors import SeedbedError

TEXT = """
version: "2.0"
metadata: {name: round}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
entities:
  t:
    rows: 3000
    columns:
      a: {distribution: {type: normal, params: {mean: 5, std: 3}}, type: float, modifiers: [{transform: round, args: {digits: 1}}]}
      b: {distribution: {type: normal, params: {mean: 5, std: 3}}, type: float, modifiers: [{transform: multiply, args: {factor: 1.19}}, {transform: round, args: {digits: 2}}]}
      c: {distribution: {type: uniform, params: {low: 0, high: 99}}, type: decimal, scale: 2, modifiers: [{transform: round}]}
constraints:
  ranges: [{attr: t.b, min: 1.005, max: 8}]
"""


def test_values_have_so_many_digits_and_keep_their_range() -> None:
    rows = seedbed.plan(seedbed.loads(TEXT, "round.yaml")).table("t").read_all().to_pylist()
    assert all(row["a"] == round(row["a"], 1) for row in rows)
    assert all(row["b"] == round(row["b"], 2) and 1.005 <= row["b"] <= 8 for row in rows)
    assert min(row["b"] for row in rows) < 1.5
    assert all(row["c"] == int(row["c"]) for row in rows)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("digits: 1", "digits: 99", "digits"), ('version: "2.0"', 'version: "1.0"', "needs version 2.0"), ("type: float, modifiers: [{transform: round, args: {digits: 1", "type: string, modifiers: [{transform: round, args: {digits: 1", "round")],
)  # fmt: skip
def test_what_cannot_be_rounded_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(SeedbedError, match=message):
        seedbed.plan(seedbed.loads(TEXT.replace(old, new, 1), "round.yaml"))
