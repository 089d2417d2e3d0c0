"""The folder that a pool's jobs share with the process that leads them: what to make, what is whole, what went wrong, what was said.

    job.bin           the job, pickled; its SHA-256 comes to each job with its command line
    tasks/00000.json  the parts of a task
    done/00000        a line for each part that is whole: seconds, receipt
    failed/00000      why a task ended early
    log/00000.log     what it said
    pool.json         what the pool calls the run, so that a later one can call it back

Jobs run as the same user. The folder is closed to all others, and a job refuses one that isn't: what is pickled there is then as safe as
what the pool itself starts.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, ModelError, PluginError
from seedbed.core.records import dataclass
from seedbed.core.sinks import Part
from seedbed.core.version import __version__
from seedbed.write.atomic import edge_errors, write_whole

if TYPE_CHECKING:
    from seedbed.run.make import Job

_JOB, _POOL = "job.bin", "pool.json"
_KEEP = "look at the folder of the jobs, then run again with --resume"

#: Lines of a log that a message shows.
_EXCERPT = 12


@dataclass(frozen=True, slots=True)
class Seal:
    """What a job is told on its command line: which bytes to trust, and which seedbed wrote them."""

    digest: str
    version: str

    def __str__(self) -> str:
        return f"{self.version}:{self.digest}"

    @classmethod
    def read(cls, text: str) -> Seal:
        """The seal that `str` gave."""
        version, _, digest = text.partition(":")
        return cls(digest, version)


@dataclass(slots=True)
class TaskFolder:
    """The folder of one run's jobs."""

    path: Path
    tasks: int = 0
    _read: dict[int, int] = field(default_factory=dict)

    # ------------------------------------------------------------------------------- the leading process

    def lay(self, job: Job, parts: Sequence[Part], tasks: int) -> Seal:
        """Make the folder for so many tasks, which take the parts in turn, the costliest first.

        Raises:
            ModelError: something else is there.
            EdgeError: it cannot be written.
        """
        self.tasks, self._read = tasks, {}
        with edge_errors(self.path):
            self._clear()
            for name in ("tasks", "done", "failed", "log"):
                (self.path / name).mkdir(parents=True)
        sealed = pickle.dumps(job)
        self._write(_JOB, sealed)
        for number in range(tasks):
            said = [[part.table, part.index, part.count, part.start, part.stop] for part in parts[number::tasks]]
            self._write(f"tasks/{number:05}.json", json.dumps(said).encode())
        return Seal(sha256(sealed).hexdigest(), __version__)

    def _clear(self) -> None:
        if self.path.exists():
            if any(self.path.iterdir()) and not (self.path / _POOL).exists() and not (self.path / _JOB).exists():
                fix = "name another with --pool-option folder=DIR, or remove it"
                raise ModelError("this folder isn't one of earlier jobs", where=str(self.path), fix=fix)
            shutil.rmtree(self.path)
        self.path.mkdir(mode=0o700, parents=True)
        self.path.chmod(0o700)

    def _write(self, name: str, content: bytes) -> None:
        write_whole(self.path / name, content)

    def remember(self, pool: Mapping[str, Any]) -> None:
        """Keep what the pool calls the run."""
        self._write(_POOL, json.dumps(dict(pool)).encode())

    def remembered(self) -> dict[str, Any]:
        """What the pool called an earlier run whose folder this was; nothing where there was none."""
        try:
            found = json.loads((self.path / _POOL).read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def news(self) -> Iterator[tuple[float, str]]:
        """Seconds and receipt of each part that has become whole since the last time; a line in the writing comes the next time."""
        for number in range(self.tasks):
            try:
                with (self.path / f"done/{number:05}").open("rb") as file:
                    file.seek(self._read.get(number, 0))
                    text = file.read()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise EdgeError(f"cannot read: {error.strerror or error}", where=str(self.path), fix=_KEEP) from error
            whole = text[: text.rfind(b"\n") + 1]
            self._read[number] = self._read.get(number, 0) + len(whole)
            yield from _lines(whole)

    def failures(self) -> dict[int, str]:
        """What went wrong with each task that ended early and has not been tried again since."""
        found = {}
        for path in sorted((self.path / "failed").glob("*[0-9]")):
            try:
                found[int(path.name)] = path.read_text()
            except OSError:  # tried again just now
                continue
        return found

    def excerpt(self) -> str:
        """The last lines of the logs of a task that isn't whole; of the first whose log says something."""
        for path in sorted((self.path / "log").glob("*.log"), key=lambda path: -path.stat().st_mtime):
            lines = path.read_text(errors="replace").strip().splitlines()
            if lines:
                return f"{path} says:\n" + "\n".join(f"    {line}" for line in lines[-_EXCERPT:])
        return ""

    def remove(self) -> None:
        """The jobs have served."""
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """Leave the logs, and nothing that holds a password."""
        with edge_errors(self.path):
            (self.path / _JOB).unlink(missing_ok=True)

    # --------------------------------------------------------------------------------------------- a job

    def open(self, seal: Seal) -> Job:
        """The job that was laid here.

        Raises:
            EdgeError: the folder can't be reached from this machine, is open to others, or holds something else.
            PluginError: seedbed is another one here.
        """
        if seal.version != __version__:
            fix = "install the same seedbed on the machines of the pool, or name its Python with --pool-option python=PATH"
            raise PluginError(
                f"seedbed is {__version__} on this machine of the pool, and {seal.version} where the run was started", fix=fix
            )
        try:
            _refuse_open(self.path)
            sealed = (self.path / _JOB).read_bytes()
        except OSError as error:
            fix = "name a folder that all machines of the pool share, with --pool-option folder=DIR"
            raise EdgeError(f"the folder of the jobs can't be read here: {error.strerror}", where=str(self.path), fix=fix) from error
        if sha256(sealed).hexdigest() != seal.digest:
            raise EdgeError("this isn't the job that was sent", where=str(self.path / _JOB), fix=_KEEP)
        job: Job = pickle.loads(sealed)  # noqa: S301 - the bytes that the user's own command line names
        return job

    def parts(self, number: int) -> list[Part]:
        """The parts of a task that aren't whole yet."""
        try:
            said = json.loads((self.path / f"tasks/{number:05}.json").read_text())
        except OSError as error:
            raise EdgeError(f"the task can't be read: {error.strerror}", where=str(self.path), fix=_KEEP) from error
        whole = self._whole(number)
        return [part for part in (Part(*each) for each in said) if (part.table, part.index) not in whole]

    def _whole(self, number: int) -> set[tuple[str, int]]:
        """Which parts an earlier try has noted; its last line is ended, should it be torn."""
        path = self.path / f"done/{number:05}"
        text = path.read_bytes() if path.exists() else b""
        if text and not text.endswith(b"\n"):
            self._append(path, b"\n")
        told = [json.loads(receipt) for _, receipt in _lines(text[: text.rfind(b"\n") + 1])]
        return {(each["table"], each["index"]) for each in told}

    def note(self, number: int, seconds: float, receipt: str) -> None:
        """A part is whole.

        Raises:
            EdgeError: the folder is gone: the run was called back.
        """
        self._append(self.path / f"done/{number:05}", f"{seconds:.3f} {receipt}\n".encode())

    @staticmethod
    def _append(path: Path, line: bytes) -> None:
        with edge_errors(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def fail(self, number: int, told: str | None) -> None:
        """Keep why a task ended early; None takes it back."""
        path = self.path / f"failed/{number:05}"
        if told is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, told.encode())


def _lines(text: bytes) -> Iterator[tuple[float, str]]:
    """Seconds and receipt of each whole line; a torn one that a later try has ended is left out."""
    for line in text.decode(errors="replace").splitlines():
        seconds, _, receipt = line.partition(" ")
        try:
            json.loads(receipt)
            yield float(seconds), receipt
        except ValueError:
            continue


def _refuse_open(folder: Path) -> None:
    """Raise EdgeError where others than this user could have put something into a folder."""
    if not hasattr(os, "geteuid"):
        return
    found = folder.stat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        raise EdgeError("the folder of the jobs isn't this user's alone", where=str(folder), fix="let jobs run as the user who starts them")
