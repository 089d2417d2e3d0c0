"""The demo of the school: what comes in order keeps all checks, what races doesn't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seedbed.core.errors import ModelError
from seedbed.run.simulate.demo import REPORT, SUMMARY, demo_school


@pytest.mark.slow
def test_the_ordered_school_is_sound_and_the_racing_one_is_not(tmp_path: Path) -> None:
    made = demo_school(tmp_path / "out", files=30, pace=200)
    assert made.is_as_meant
    told = json.loads((tmp_path / "out" / REPORT).read_text())
    assert told["dependency"]["collection"]["files"] == 30
    assert told["dependency"]["grown_rows"] > 0
    assert all(speed > 0 for speed in told["dependency"]["throughput"].values())
    assert {row["what"]: row["dependency"] for row in told["comparison"]}["references that lead nowhere"] == 0
    assert {row["what"]: row["race"] for row in told["comparison"]}["references that lead nowhere"] > 0
    assert "30 files became" in (tmp_path / "out" / SUMMARY).read_text()
    with pytest.raises(ModelError, match="already"):
        demo_school(tmp_path / "out", files=30)
    assert demo_school(tmp_path / "out", files=20, pace=200, clean=True).is_as_meant


def test_a_folder_with_other_things_is_never_cleaned(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ModelError, match="mine"):
        demo_school(tmp_path, clean=True)
    assert (tmp_path / "mine.txt").exists()
