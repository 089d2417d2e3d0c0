"""The values that pass between the steps of a collection."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from seedbed.core.records import dataclass

#: What happens to a file that brings what no table has yet: tables change, the file is quarantined, or the news are rescued as text.
Contract = Literal["evolve", "freeze", "discard"]

#: Why a file isn't in: it ends too early (it may still be written), it can't be read, it is no JSON, it breaks the contract, it kills workers.
Category = Literal["truncated", "unreadable", "invalid", "contract", "crash"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as a scan sees it: its path from the inbox on, its size in bytes, and when it was changed, in ns (0: that can't be told)."""

    path: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Task:
    """A batch of claimed files for a worker; `is_alone` is one file that is read in blocks."""

    batch: int
    entries: tuple[Entry, ...]
    is_alone: bool = False

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return sum(entry.size for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Content:
    """What was in a file, by its SHA-256, and how many records that gave."""

    entry: Entry
    digest: bytes
    records: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a file isn't in; `offset` is in bytes of its (expanded) content."""

    entry: Entry
    category: Category
    reason: str
    offset: int | None = None
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class PartFile:
    """A part that is on the disk: its table and path from the output on, its rows and size, and which decisions its columns are of.

    Parts of one `unit` were tabulated together.
    """

    table: str
    path: str
    unit: str
    rows: int
    size: int
    decisions: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker has made of a task; nothing of it counts before it is committed.

    `repeats` have contents that are in already, `vanished` are gone. `firsts` are, for each path and type of values, the name of the
    first file (by name) that has them. `decisions` are those of the parts, as JSON by their digest; `sketches` have to be merged.
    """

    task: Task
    contents: tuple[Content, ...] = ()
    repeats: tuple[tuple[Entry, bytes], ...] = ()
    vanished: tuple[Entry, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    parts: tuple[PartFile, ...] = ()
    decisions: dict[bytes, str] = field(default_factory=dict)
    sketches: tuple[bytes, ...] = ()
    firsts: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def records(self) -> int:
        """How many records came out."""
        return sum(content.records for content in self.contents)

    @property
    def size(self) -> int:
        """The bytes of the files that are taken."""
        return sum(content.entry.size for content in self.contents)
