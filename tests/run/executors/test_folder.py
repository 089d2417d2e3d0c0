"""The folder that a pool's jobs share: nothing that others could have put there is loaded, nothing torn is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedbed.core.errors import EdgeError, ModelError, PluginError
from seedbed.core.sinks import Part
from seedbed.run.executors import worker
from seedbed.run.executors.folder import Seal, TaskFolder
from seedbed.run.make import Job
from tests.run.executors.reaching import job_of, parted


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, list[Part]]:
    root = tmp_path_factory.mktemp("made")
    return job_of(parted(root, customers=100), root / "out")


def laid(path: Path, made: tuple[Job, list[Part]], tasks: int = 2) -> tuple[TaskFolder, Seal]:
    folder = TaskFolder(path / "jobs")
    return folder, folder.lay(*made, tasks)


def test_a_worker_makes_the_parts_of_its_task_and_notes_each(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    folder, seal = laid(tmp_path, made)
    for task in (0, 1):
        assert worker.main([str(folder.path), str(task), str(seal), "1"]) == 0
    assert len(list(folder.news())) == len(made[1])
    assert not list(folder.news())


def test_a_task_goes_on_after_its_last_whole_part(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    folder, seal = laid(tmp_path, made, tasks=1)
    worker.main([str(folder.path), "0", str(seal), "1"])
    notes = folder.path / "done/00000"
    lines = notes.read_bytes().splitlines(keepends=True)
    notes.write_bytes(lines[0] + lines[1][:20])  # a kill in the midst of a line
    assert len(list(folder.news())) == 1
    assert len(folder.parts(0)) == len(made[1]) - 1
    worker.main([str(folder.path), "0", str(seal), "1"])
    assert len(list(folder.news())) == len(made[1]) - 1


def test_other_bytes_than_those_sealed_are_not_loaded(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    folder, seal = laid(tmp_path, made)
    (folder.path / "job.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(EdgeError, match="isn't the job that was sent"):
        folder.open(seal)


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    folder, seal = laid(tmp_path, made)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.path.chmod(0o777)
    with pytest.raises(EdgeError, match="isn't this user's alone"):
        folder.open(seal)


def test_another_seedbed_on_the_pool_is_refused(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    folder, seal = laid(tmp_path, made)
    with pytest.raises(PluginError, match="python=PATH"):
        folder.open(Seal(seal.digest, "0.0.0"))


def test_a_folder_that_jobs_cannot_see_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="folder=DIR"):
        TaskFolder(tmp_path / "nowhere").open(Seal.read(f"{worker_version()}:00"))


def worker_version() -> str:
    from seedbed.core.version import __version__

    return __version__


def test_what_goes_wrong_comes_home_as_it_was_raised(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    folder, seal = laid(tmp_path, made)
    (folder.path / "tasks/00000.json").unlink()
    assert worker.main([str(folder.path), "0", str(seal), "1"]) == EdgeError.exit_code
    assert "the task can't be read" in folder.failures()[0]


def test_a_folder_of_somebody_else_is_not_cleared(tmp_path: Path, made: tuple[Job, list[Part]]) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/thesis.txt").write_text("years of work")
    with pytest.raises(ModelError, match="isn't one of earlier jobs"):
        laid(tmp_path, made)
    assert (tmp_path / "jobs/thesis.txt").exists()
