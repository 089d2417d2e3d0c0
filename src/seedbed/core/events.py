"""What happens in a run, typed: whoever wants it subscribes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ParentsCounted:
    """Before the run: the children in `table` of so many of its parents are counted."""

    table: str
    parents: int
    all_parents: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """All is prepared and the first part is about to be made; `rows` of each table, and how many of all are kept from before.

    `kept` are those by table, `parts` how many are to be made, `costs` about how many bytes a row of each table takes in memory.
    """

    rows: Mapping[str, int]
    kept_rows: int
    workers: int
    kept: Mapping[str, int] = field(default_factory=dict)
    parts: int = 0
    costs: Mapping[str, float] = field(default_factory=dict)

    @property
    def total_rows(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True)
class BlockMade:
    """Rows of a part are made and handed to what stores them; told by threads only, several at once."""

    table: str
    index: int
    rows: int


@dataclass(frozen=True, slots=True)
class PartMade:
    """A part of a table is whole: on the disk, in the database, confirmed by the broker."""

    table: str
    index: int
    rows: int
    size_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RowsChecked:
    """The promises of these rows of a table were looked at on its files; several threads may tell at once."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class RowsRead:
    """These rows of a table were read to learn what they are like; `again` where it is not for the first time."""

    table: str
    rows: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Everything asked for is made; the manifest is written."""

    rows: int
    size_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class FilesCollected:
    """A batch of files is in: how many, their records and bytes; `waiting` are those that are there and not in yet.

    `lag_s` is how long the one that waited longest has waited since it was written.
    """

    files: int
    records: int
    size_bytes: int
    waiting: int
    lag_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class FileQuarantined:
    """A file can't be taken; `offset` is in bytes of its content, where that shows."""

    path: str
    category: str
    reason: str
    offset: int | None


@dataclass(frozen=True, slots=True)
class TablesSettled:
    """All parts are of the same tables, and the documents are written; so many parts were rewritten."""

    version: int
    tables: int
    rewritten: int
    seconds: float


Event: TypeAlias = (
    ParentsCounted
    | RunStarted
    | BlockMade
    | PartMade
    | RowsChecked
    | RowsRead
    | RunFinished
    | FilesCollected
    | FileQuarantined
    | TablesSettled
)

#: Takes every event; from the thread that runs the run, unless the event says otherwise.
Subscriber: TypeAlias = Callable[[Event], None]


def nobody(_: Event) -> None:
    """The subscriber that doesn't listen."""
