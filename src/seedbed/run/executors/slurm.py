"""Make parts by array jobs of Slurm: `sbatch`, `squeue` and `scancel`, as its users know them.

For every try there is an array. Each but the first waits for the one before to end with a failure (`afternotok`); where there is none, Slurm
drops it. A task that is whole already ends at once.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, PluginError
from seedbed.core.sinks import Part
from seedbed.run.executors.crew import Crew, Done
from seedbed.run.executors.folder import TaskFolder
from seedbed.run.executors.pool import CORES, ENVIRONMENT, MEMORY_MB, RETRIES, check_pool, make_in_pool
from seedbed.write.atomic import write_whole

if TYPE_CHECKING:
    from seedbed.run.make import Job

_SETTINGS = {
    "partition": "the partition",
    "account": "the account that pays",
    "qos": "the quality of service",
    "time": "the time limit of a job, as sbatch takes it",
    "constraint": "the features that a node must have",
}

#: Seconds that a command of Slurm may take: its own time-outs are shorter.
_PATIENCE_S = 120

#: Exit codes are remembered for a while only; what is asked for is what still waits or runs.
_WAITING = "PENDING,CONFIGURING,RUNNING,COMPLETING,SUSPENDED,REQUEUED,RESIZING,STOPPED,REQUEUE_HOLD,SPECIAL_EXIT,SIGNALING,STAGE_OUT"


def check(crew: Crew) -> None:
    """Refuse settings that aren't known, and a machine that can't send jobs."""
    check_pool(crew, _SETTINGS, "slurm")
    absent = [name for name in ("sbatch", "squeue", "scancel") if shutil.which(name) is None]
    if absent:
        raise PluginError(f"{', '.join(absent)} isn't here", where="--executor slurm", fix="run on a machine that jobs are sent from")


def make(job: Job, parts: Sequence[Part], done: Done, crew: Crew) -> None:
    """Make all parts by the tasks of an array job; `workers` is how many run at a time, where that is limited."""
    make_in_pool(_Slurm(), job, parts, done, crew)


class _Slurm:
    name = "slurm"

    def send(self, folder: TaskFolder, command: Sequence[str], crew: Crew) -> dict[str, Any]:
        """One array for each try."""
        script = folder.path / "job.sh"
        write_whole(script, _script(command, ENVIRONMENT).encode())
        limit = f"%{crew.workers}" if crew.workers else ""
        words = [
            "sbatch",
            "--parsable",
            f"--array=0-{folder.tasks - 1}{limit}",
            "--job-name=seedbed",
            "--ntasks=1",
            f"--cpus-per-task={crew.count('cores', CORES)}",
            f"--mem={crew.count('memory', MEMORY_MB)}",
            "--open-mode=append",
            f"--output={folder.path}/log/%a.log",
            "--requeue",
            *(f"--{name}={crew.settings[name]}" for name in _SETTINGS if name in crew.settings),
        ]
        arrays: list[str] = []
        try:
            for _ in range(crew.count("retries", RETRIES, least=0) + 1):
                after = [f"--dependency=afternotok:{arrays[-1]}", "--kill-on-invalid-dep=yes"] if arrays else []
                arrays.append(_said([*words, *after, str(script)]).strip().partition(";")[0])
        except BaseException:
            if arrays:
                self.cancel({"arrays": arrays})
            raise
        return {"arrays": arrays}

    def is_busy(self, sent: dict[str, Any]) -> bool:
        """Whether Slurm lists any of them."""
        try:
            return bool(
                _said(["squeue", "--noheader", f"--jobs={','.join(sent['arrays'])}", f"--states={_WAITING}", "--format=%A"]).strip()
            )
        except EdgeError as error:
            if "Invalid job id" in str(error):  # all have been forgotten
                return False
            raise

    def cancel(self, sent: dict[str, Any]) -> None:
        """Take all of them back."""
        _said(["scancel", "--quiet", *map(str, sent["arrays"])])

    def reason(self, sent: dict[str, Any], folder: TaskFolder) -> str:
        """In which states the tasks ended."""
        del folder
        try:
            states = _said(["squeue", "--noheader", "--states=all", f"--jobs={sent['arrays'][0]}", "--format=%T %r"])
        except EdgeError:
            return ""
        counted: dict[str, int] = {}
        for state in states.splitlines():
            counted[state.strip()] = counted.get(state.strip(), 0) + 1
        return "Slurm says: " + ", ".join(f"{count} x {state}" for state, count in sorted(counted.items())) if counted else ""


def _script(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What each task runs; Slurm keeps a copy of it when it is sent."""
    said = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    words = " ".join('"$SLURM_ARRAY_TASK_ID"' if word == "{task}" else shlex.quote(word) for word in command)
    return "\n".join(["#!/bin/sh", *said, f"exec {words}", ""])


def _said(words: Sequence[str]) -> str:
    """What a command of Slurm says.

    Raises:
        EdgeError: it fails, or takes too long.
    """
    fix = "look whether Slurm is up (`sinfo`), then run again with --resume"
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 - no shell, our own words
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EdgeError(f"`{words[0]}` can't be run: {error}", where="--executor slurm", fix=fix) from error
    if done.returncode:
        raise EdgeError(f"`{words[0]}` says: {done.stderr.strip() or done.returncode}", where="--executor slurm", fix=fix)
    return done.stdout
