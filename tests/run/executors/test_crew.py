"""What pools and clusters are told: settings are known ones, and missing programs are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedbed.core.errors import ModelError, PluginError
from seedbed.run.executors import Crew, check_executor


@pytest.mark.parametrize(("executor", "settings", "said"), [
    ("slurm", {"partitions": "short"}, "partition"),
    ("condor", {"schedule": "here"}, "has no setting"),
    ("threads", {"jobs": "3"}, "leave it out"),
    ("slurm", {"cores": "many"}, "whole number"),
    ("condor", {"retries": "-1"}, "whole number"),
    ("condor", {"requirements": "a\nqueue 100"}, "one line"),
])  # fmt: skip
def test_settings_that_cannot_be_are_refused(executor: str, settings: dict[str, str], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        check_executor(executor, Crew(settings=settings))


def test_an_unknown_executor_gets_its_nearest_named() -> None:
    with pytest.raises(ModelError, match="slurm"):
        check_executor("slrum", Crew())


def test_slurm_is_used_where_jobs_can_be_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PluginError, match="sbatch, squeue, scancel"):
        check_executor("slurm", Crew())
