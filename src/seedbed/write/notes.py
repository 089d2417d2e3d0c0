"""What a run notes while it goes on, so that another can go on after a kill: a journal in a folder, small objects in a bucket."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from seedbed.core.records import dataclass
from seedbed.core.sinks import Place
from seedbed.write.atomic import edge_errors, write_whole

JOURNAL = ".seedbed-journal"
MANIFEST = ".metadata.json"

#: What a run took: seconds, rows and bytes a second, memory. Kept apart, for equal runs have equal manifests.
RUN = ".run.json"

#: Where the notes of a run are kept in a bucket, which has no files to append to.
NOTES = ".seedbed/"
_HEAD = f"{NOTES}run.json"

#: So many of these are read at a time: each is a request of its own.
_READ_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Head:
    """What a run notes first: what was asked, and by which names its files can be told."""

    request: str
    tables: tuple[str, ...]
    suffix: str

    def to_line(self) -> str:
        """The head as one line."""
        return json.dumps({"seedbed_journal": 2, **asdict(self)}, separators=(",", ":"))

    @classmethod
    def from_line(cls, line: str) -> Head:
        """The head of a line; ValueError, KeyError or TypeError where it is none."""
        data = json.loads(line)
        if data.pop("seedbed_journal") != 2:
            raise ValueError(line)
        tables = tuple(map(str, data.pop("tables")))
        return cls(**data, tables=tables)


class Notes(Protocol):
    """Where the notes of a run are kept."""

    def read(self) -> tuple[Head, list[str]] | None:
        """What an earlier run noted; None where there is nothing. A last line that a kill has torn is left out."""
        ...

    def begin(self, head: Head, kept: Iterable[str]) -> None:
        """Put these notes in the place of any earlier ones, at once."""
        ...

    def add(self, receipt: str) -> None:
        """Note a receipt."""
        ...

    def remove(self) -> None:
        """The notes have served."""
        ...

    def close(self) -> None:
        """No more notes; they stay."""
        ...


class Journal:
    """A file that one process appends to."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._descriptor = -1

    def read(self) -> tuple[Head, list[str]] | None:
        """What an earlier run noted."""
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:  # hundreds of megabytes, where there are many parts
                return Head.from_line(file.readline()), [line.rstrip("\n") for line in file if _is_json(line)]
        except (OSError, ValueError, IndexError, AttributeError, KeyError, TypeError):
            return None

    def begin(self, head: Head, kept: Iterable[str]) -> None:
        """Start with these notes."""
        write_whole(self.path, "".join(f"{line}\n" for line in (head.to_line(), *kept)).encode())
        with edge_errors(self.path):
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)

    def add(self, receipt: str) -> None:
        """Append a receipt."""
        with edge_errors(self.path):
            os.write(self._descriptor, f"{receipt}\n".encode())

    def remove(self) -> None:
        """Remove the file."""
        self.close()
        with edge_errors(self.path):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; it stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@dataclass(frozen=True, slots=True)
class StoredNotes:
    """An object for the head, and one for each receipt, under `.seedbed/`."""

    place: Place

    def read(self) -> tuple[Head, list[str]] | None:
        """What an earlier run noted."""
        try:
            head = Head.from_line((self.place.read(_HEAD) or b"").decode())
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        paths = [path for path in self.place.paths(NOTES) if path != _HEAD]
        with ThreadPoolExecutor(_READ_AT_ONCE, thread_name_prefix="seedbed-notes") as pool:
            lines = [content.decode(errors="replace") for content in pool.map(self.place.read, paths) if content is not None]
        return head, [line for line in lines if _is_json(line)]

    def begin(self, head: Head, kept: Iterable[str]) -> None:
        """Start with these notes; the head goes last, for without it the others mean nothing."""
        lines = {_name_of(line): line for line in kept}
        self.place.remove([path for path in self.place.paths(NOTES) if path not in lines])
        for line in lines.values():
            self.add(line)
        self.place.write(_HEAD, head.to_line().encode())

    def add(self, receipt: str) -> None:
        """Keep a receipt."""
        self.place.write(_name_of(receipt), receipt.encode())

    def remove(self) -> None:
        """Remove all, the head first."""
        self.place.remove([_HEAD])
        self.place.remove(list(self.place.paths(NOTES)))

    def close(self) -> None:
        """Nothing is open."""


def _name_of(receipt: str) -> str:
    return f"{NOTES}{sha256(receipt.encode()).hexdigest()[:32]}.json"


def _is_json(line: str) -> bool:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict)
