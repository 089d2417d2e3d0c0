"""Who makes the parts of a run: threads, processes, or the machines of a cluster. The same values, whoever makes which part in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.registry import load
from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Crew, Done, default_workers

if TYPE_CHECKING:
    from seedbed.run.make import Job

__all__ = ["CLUSTERS", "EXECUTORS", "Crew", "ExecutorName", "check_executor", "default_workers", "make_parts"]

ExecutorName = Literal["threads", "processes", "spark", "condor", "slurm"]
EXECUTORS: tuple[ExecutorName, ...] = get_args(ExecutorName)

#: Those whose workers are on other machines. Each is a module of that name with `check(crew)` and `make(job, parts, done, crew)`.
CLUSTERS: tuple[ExecutorName, ...] = ("spark", "condor", "slurm")


def check_executor(executor: str, crew: Crew, *, verify: str | None = None) -> None:
    """Refuse what can't be, before anything is begun.

    Raises:
        ModelError: there is no such executor, or it can't follow what is asked.
        PluginError: something must be installed for it.
    """
    if executor not in EXECUTORS:
        fix = did_you_mean(executor, EXECUTORS) or f"one of {one_of(EXECUTORS)}"
        raise ModelError(f"there is no executor `{executor}`", where="executor", fix=fix)
    if executor not in CLUSTERS:
        if crew.master is not None:
            raise ModelError(f"`{executor}` have no master", where="--master", fix="leave it out, or give --executor spark with it")
        crew.only({}, executor)
        return
    if verify == "blocks":
        fix = "verify the files that were written: --verify=files"
        raise ModelError("blocks that other machines make can't be looked at here", where="verify", fix=fix)
    load(f"seedbed.run.executors.{executor}:check")(crew)


def make_parts(job: Job, parts: Sequence[Part], done: Done, crew: Crew, executor: ExecutorName = "threads") -> None:
    """Make all parts, the first ones first, and hand each to `done` when it is whole.

    When one fails, or the run is interrupted, no further part is begun, those in the making stop at their next block or are called
    back, and those that had become whole are still handed to `done`.

    Raises:
        EdgeError: a part cannot be written, a worker died, or the cluster can't be reached.
    """
    load(f"seedbed.run.executors.{executor}:make")(job, parts, done, crew)
