"""What is verified of a part of the data: only what the part can answer for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

import seedbed

TEXT = """
version: "2.0"
metadata: {name: t}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
entities:
  order:
    rows: 50
    pk: id
    columns:
      id: {sequence: {}}
      at: {datetime_series: {}}
      state: {type: string}
      state_at: {type: datetime}
    state_transition_model:
      initial_state: open
      state_column: state
      time_column: state_at
      start_column: at
      emit: events
      states:
        open: {next_states: {done: 0.9}, dwell: {type: exponential, params: {mean: 6}}}
        done: {terminal: true}
"""


@pytest.mark.parametrize("verify", ["files", "blocks"])
def test_rows_from_the_middle_of_a_path_break_no_promise(verify: Literal["files", "blocks"], tmp_path: Path) -> None:
    made = seedbed.generate(seedbed.loads(TEXT, "m.yaml"), tmp_path, slices={"order_state": (1, 9)}, verify=verify)
    assert made.report is not None
    kinds = {result.kind: result.status for result in made.report.results}
    assert "state_path" not in kinds
    assert set(kinds.values()) == {"passed"}
