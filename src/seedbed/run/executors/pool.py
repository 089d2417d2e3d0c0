"""What batch pools have in common: the settings, the folder, and how the leading process follows the jobs until all parts are whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Crew, Done
from seedbed.run.executors.folder import Seal, TaskFolder
from seedbed.run.executors.told import error_of
from seedbed.run.journal import PartDone
from seedbed.write.files import FileSink

if TYPE_CHECKING:
    from seedbed.run.make import Job

#: Settings of every pool.
SETTINGS = {
    "folder": "the folder that the jobs share; beside the output folder where left out",
    "python": "the Python of the jobs; this one where left out",
    "jobs": "in how many jobs the parts are made; one for each, at most 1,000, where left out",
    "cores": "the cores of each job",
    "memory": "the memory of each job in MB",
    "retries": "how often a job is tried again",
}
CORES, MEMORY_MB, RETRIES = 1, 1024, 3

_MOST_JOBS = 1_000  # as many as Slurm takes in an array by default
_MOST_RETRIES = 20

#: Seconds between two looks at the folder, and between two questions to the pool.
_LOOK_S, _ASK_S = 0.3, 2.0

#: A file that a job has closed may take so many seconds to be seen here, over a network.
_SETTLE_S = 5.0

#: Seconds that jobs get to end when they are called back.
_LEAVE_S = 30.0

#: What the environment of a job holds beside what the pool gives: NumPy's matrix library needs no threads, Arrow's own allocator takes more memory.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


class Pool(Protocol):
    """A pool that jobs were sent to."""

    @property
    def name(self) -> str:
        """What it is, for messages."""
        ...

    def send(self, folder: TaskFolder, command: Sequence[str], crew: Crew) -> dict[str, Any]:
        """Send a job for each task; `command` has `{task}` where its number goes. Gives what `is_busy` and `cancel` need, as JSON takes it.

        Raises:
            EdgeError: the pool can't be reached, or refuses.
        """
        ...

    def is_busy(self, sent: dict[str, Any]) -> bool:
        """Whether jobs are still waiting or running.

        Raises:
            EdgeError: the pool can't be reached.
        """
        ...

    def cancel(self, sent: dict[str, Any]) -> None:
        """Call all jobs back, also those that are gone."""
        ...

    def reason(self, sent: dict[str, Any], folder: TaskFolder) -> str:
        """What the pool says of why jobs didn't run to their end; empty where it doesn't."""
        ...


def check_pool(crew: Crew, own: dict[str, str], name: str) -> None:
    """Refuse settings that can't be."""
    crew.only({**SETTINGS, **own}, name)
    if crew.master is not None:
        raise ModelError(f"`{name}` has no master", where="--master", fix="leave it out: the pool's own configuration says where it is")
    crew.count("jobs", 1, most=100_000)
    crew.count("cores", CORES, most=1024)
    crew.count("memory", MEMORY_MB)
    crew.count("retries", RETRIES, least=0, most=_MOST_RETRIES)


def make_in_pool(pool: Pool, job: Job, parts: Sequence[Part], done: Done, crew: Crew) -> None:
    """Make all parts by jobs of a pool.

    Raises:
        EdgeError: the pool can't be reached, or jobs failed with all their tries.
    """
    tasks = min(len(parts), crew.count("jobs", min(len(parts), _MOST_JOBS)))
    folder = TaskFolder(_folder_of(job, crew))
    earlier = folder.remembered()
    if earlier.get("pool") == pool.name:  # of a run that was killed
        _call_back(pool, earlier)
    seal = folder.lay(job, parts, tasks)
    sent: dict[str, Any] = {}
    try:
        sent = pool.send(folder, _command(folder, seal, crew), crew)
        folder.remember({**sent, "pool": pool.name})
        _follow(pool, sent, folder, parts, done)
    except BaseException:
        if sent:
            _call_back(pool, sent)
            with suppress(SeedbedError):
                _take(folder, set(), done)
        folder.close()
        raise
    _call_back(pool, sent)  # those that were to try again
    folder.remove()


def _folder_of(job: Job, crew: Crew) -> Path:
    """Where the jobs' folder is: beside the output folder, in the current one where the output is elsewhere."""
    said = crew.settings.get("folder")
    if said is not None:
        return Path(said).absolute()
    out = job.sink.folder if isinstance(job.sink, FileSink) else None
    return Path("seedbed.jobs").absolute() if out is None else out.absolute().with_name(f"{out.absolute().name}.jobs")


def _command(folder: TaskFolder, seal: Seal, crew: Crew) -> list[str]:
    python = crew.settings.get("python", sys.executable)
    cores = str(crew.count("cores", CORES))
    return [python, "-m", "seedbed.run.executors.worker", str(folder.path), "{task}", str(seal), cores]


def _follow(pool: Pool, sent: dict[str, Any], folder: TaskFolder, parts: Sequence[Part], done: Done) -> None:
    missing = {(part.table, part.index) for part in parts}
    asked = ended = 0.0
    while True:
        _take(folder, missing, done)
        if not missing:
            return
        _refuse_hopeless(folder)
        now = time.monotonic()
        if ended:
            if now - ended > _SETTLE_S:
                raise _failure(pool, sent, folder, len(missing))
        elif now - asked > _ASK_S:
            asked = now
            ended = 0.0 if pool.is_busy(sent) else now
        time.sleep(_LOOK_S)


def _take(folder: TaskFolder, missing: set[tuple[str, int]], done: Done) -> None:
    """Hand on the parts that have become whole, each once."""
    for seconds, receipt in folder.news():
        part = replace(PartDone.from_line(receipt), seconds=seconds)
        if (part.table, part.index) in missing:
            missing.discard((part.table, part.index))
            done(part)


def _refuse_hopeless(folder: TaskFolder) -> None:
    """Raise what a task ended with where another try can't mend it."""
    for told in folder.failures().values():
        error = error_of(told)
        if not isinstance(error, EdgeError):
            raise error


def _failure(pool: Pool, sent: dict[str, Any], folder: TaskFolder, missing: int) -> SeedbedError:
    """The error of a run whose jobs have all ended before their time."""
    for told in folder.failures().values():
        return error_of(told)
    said = "\n".join(text for text in (pool.reason(sent, folder), folder.excerpt()) if text)
    message = f"the jobs of {pool.name} ended, and {missing:,} parts are missing" + (f"; {said}" if said else "")
    fix = f"look at {folder.path / 'log'}, then run again with --resume"
    if "No module named" in said:
        fix = "install the same seedbed on the machines of the pool, or name its Python with --pool-option python=PATH"
    return EdgeError(message, where=f"--executor {pool.name}", fix=fix)


def _call_back(pool: Pool, sent: dict[str, Any]) -> None:
    """Cancel all jobs and wait until they are gone, so that none writes after this."""
    with suppress(SeedbedError):
        pool.cancel(sent)
        end = time.monotonic() + _LEAVE_S
        while time.monotonic() < end and pool.is_busy(sent):
            time.sleep(_LOOK_S)
