"""What a database must be able to do to be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.write.databases.loading import Loading, Speech

if TYPE_CHECKING:
    import pyarrow as pa


class Session(Protocol):
    """A connection, in a transaction that begins with its first statement. What the driver raises leaves as one of our errors."""

    def run(self, statement: str) -> None:
        """Execute a statement."""
        ...

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """All rows of a query."""
        ...

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        ...

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        ...

    def close(self) -> None:
        """End the connection; what isn't committed is undone."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """Some rows as a database takes them, and the bytes that they take."""

    content: Any
    rows: int
    size_bytes: int


class Database(Protocol):
    """One kind of database at an address; copies go to the workers by pickle where several processes can write to it."""

    @property
    def place(self) -> str:
        """The address as it may be shown."""
        ...

    @property
    def settings(self) -> dict[str, str]:
        """What else decides how rows are stored."""
        ...

    @property
    def part_rows(self) -> int:
        """The most rows of a part."""
        ...

    @property
    def writers(self) -> str | None:
        """None where many connections can write at once; else why only one can."""
        ...

    @property
    def speech(self) -> Speech:
        """How it is spoken to."""
        ...

    def is_there(self) -> bool:
        """Whether there is something to look into, without making it."""
        ...

    def connect(self) -> Session:
        """A new session."""
        ...

    def lock(self, session: Session) -> bool:
        """Take the place for this run as long as the session lives; False where another run has it."""
        ...

    def tables(self, session: Session) -> set[str]:
        """The names of the tables and views there."""
        ...

    def make_home(self, session: Session) -> bool:
        """Make the schema; False where it is there."""
        ...

    def drop_home(self, session: Session) -> None:
        """Drop the schema that was made."""
        ...

    def make(self, session: Session, loading: Loading) -> None:
        """Make the table in which rows are gathered, unless it is there."""
        ...

    def refuse_unfit(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Refuse tables that are there and can't take the rows, or can't be replaced."""
        ...

    def stand(self, session: Session) -> int | None:
        """The number of the run that has the place, held until the transaction ends; None where there is none."""
        ...

    def prepared(
        self, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> AbstractContextManager[Iterable[Sent]]:
        """The rows as they are sent."""
        ...

    def insert(self, session: Session, working: str, table: TableShape, sent: Iterable[Sent]) -> tuple[int, int]:
        """Send rows; gives their number and the bytes that they took."""
        ...

    def finish(self, session: Session, loadings: Sequence[Loading], last: Sequence[str]) -> None:
        """Add keys, give the tables their names, bring rows to tables that are there, execute the `last` statements; drop what served."""
        ...

    def discard(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Drop everything that this run made, and nothing else."""
        ...


@contextmanager
def gathered(sent: Iterator[Sent]) -> Iterator[Iterable[Sent]]:
    """The rows of a part, all in memory: for databases with one writer, which others wait for."""
    yield list(sent)


def streamed(sent: Iterator[Sent]) -> AbstractContextManager[Iterable[Sent]]:
    """The rows of a part as they are asked for."""
    return nullcontext(sent)
