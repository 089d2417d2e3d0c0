"""What happens in a run, typed: whoever wants it subscribes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ParentsCounted:
    """Before the run: the children in `table` of so many of its parents are counted."""

    table: str
    parents: int
    all_parents: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """All is prepared and the first part is about to be made; `rows` of each table, and how many of all are kept from before."""

    rows: Mapping[str, int]
    kept_rows: int
    workers: int

    @property
    def total_rows(self) -> int:
        """The rows of all tables."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True)
class PartMade:
    """A part of a table is whole on the disk."""

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


Event: TypeAlias = ParentsCounted | RunStarted | PartMade | RowsChecked | RowsRead | RunFinished

#: Takes every event; from the thread that runs the run, unless the event says otherwise.
Subscriber: TypeAlias = Callable[[Event], None]


def nobody(_: Event) -> None:
    """The subscriber that doesn't listen."""
