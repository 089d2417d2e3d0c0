"""The notes of a stream: a local file that says which parts are whole, so that a killed run can go on."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from seedbed.core.errors import ModelError
from seedbed.core.sinks import Ledger
from seedbed.write.atomic import edge_errors, write_whole

_MARK = "seedbed_stream"


class StateFile:
    """A file with a line for the run, a line for each whole part and, in the end, one for the manifest. One process writes to it."""

    def __init__(self, path: Path, place: str) -> None:
        """The notes at `path` of what is sent to `place`."""
        self.path = path
        self._place = place
        self._descriptor = -1

    def read(self) -> Ledger | None:
        """What is noted there, None where there is no file; a last line that a kill has torn is left out.

        Raises:
            ModelError: the file is none of ours, or has the notes of another stream.
        """
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelError(f"cannot read the notes: {error.strerror}", where=str(self.path), fix="choose another --state file") from error
        head, *rest = [_read(line) for line in lines] or [{}]
        if head.get(_MARK) != 1:
            raise ModelError("this file holds no notes of a stream", where=str(self.path), fix="choose another --state file")
        if head["place"] != self._place:
            message = f"the notes are of a run that sent to {head['place']}"
            raise ModelError(message, where=str(self.path), fix="send there again, or choose another --state file")
        receipts = tuple(str(line["part"]) for line in rest if "part" in line)
        return Ledger(str(head["request"]), receipts, next((str(line["manifest"]) for line in rest if "manifest" in line), None))

    def begin(self, request: str, kept: Collection[str]) -> None:
        """Start the notes of a run, with what is kept of an earlier one, and hold them.

        Raises:
            ModelError: another run holds them.
            EdgeError: the disk failed.
        """
        with edge_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            self._hold()
        lines: list[dict[str, Any]] = [{_MARK: 1, "place": self._place, "request": request}, *({"part": receipt} for receipt in kept)]
        write_whole(self.path, b"".join([_line(line) for line in lines]))
        self.close()
        self._hold()

    def _hold(self) -> None:
        with edge_errors(self.path):
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            import fcntl
        except ImportError:  # no such locks on Windows
            return
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                return
            self.close()
            fix = "wait for it, or choose another --state file"
            raise ModelError("another run keeps its notes here", where=str(self.path), fix=fix) from error

    def note(self, receipt: str) -> None:
        """A part is whole."""
        self._append({"part": receipt})

    def finish(self, manifest: str) -> None:
        """All parts are whole."""
        self._append({"manifest": manifest})

    def _append(self, line: dict[str, Any]) -> None:
        with edge_errors(self.path):
            os.write(self._descriptor, _line(line))

    def remove(self) -> None:
        """Forget the run."""
        self.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let another run have the notes; they stay."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def _read(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
