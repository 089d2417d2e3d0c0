"""What a job of a pool runs: `python -m seedbed.run.executors.worker FOLDER TASK SEAL` makes the parts of one task."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from seedbed.core.errors import SeedbedError
from seedbed.core.sinks import Part
from seedbed.run.executors import threads
from seedbed.run.executors.crew import Crew
from seedbed.run.executors.folder import Seal, TaskFolder
from seedbed.run.executors.told import told_of
from seedbed.run.journal import PartDone


def work(folder: TaskFolder, number: int, seal: Seal, cores: int) -> None:
    """Make the parts of a task that aren't whole yet, and note each.

    Raises:
        SeedbedError: what went wrong; it is kept in the folder.
    """
    try:
        job = folder.open(seal)
        folder.fail(number, None)
        parts = folder.parts(number)
        print(f"task {number}: {len(parts)} parts, {sum(part.rows for part in parts):,} rows", flush=True)  # noqa: T201 - the log
        if parts:
            threads.make(replace(job, checker=None), parts, lambda part: _note(folder, number, part, parts), Crew(cores))
    except SeedbedError as error:
        folder.fail(number, told_of(error))
        raise


def _note(folder: TaskFolder, number: int, part: PartDone, parts: list[Part]) -> None:
    folder.note(number, part.seconds, part.to_line())
    print(f"{part.table}[{part.index}]: {part.rows:,} rows in {part.seconds:.2f} s, one of {len(parts)}", flush=True)  # noqa: T201


def main(words: list[str]) -> int:
    """Be the job; the exit code is that of the error, so that a pool can tell what another try may mend."""
    folder, number, seal, cores = words
    try:
        work(TaskFolder(Path(folder)), int(number), Seal.read(seal), int(cores))
    except SeedbedError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
