"""What takes the rows of a run: the one shape that files, databases and brokers fit, and what they are told of the tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.records import dataclass

if TYPE_CHECKING:
    from io import RawIOBase
    from types import TracebackType

    import pyarrow as pa

#: What to do where something is there already: refuse, replace it, go on with an earlier run, add rows, or add and replace by key.
Existing = Literal["refuse", "overwrite", "resume", "append", "upsert"]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values are those of columns of another table, in the same order."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table as a sink must know it before its first row comes.

    `schema` has plain types (no dictionaries); its fields are tagged as blocks' are, and a description stands under `description`.
    `rows` is the number that will come, over all parts.
    """

    name: str
    schema: pa.Schema
    rows: int
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    partition_by: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Rows [start, stop) of a table that are written whole or not at all; the `index`-th of `count` parts."""

    table: str
    index: int
    count: int
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """How many rows."""
        return self.stop - self.start

    @property
    def stem(self) -> str:
        """A path without its ending: the table's name where it is the only part, else a file of a folder of that name.

        >>> Part("user", 0, 1, 0, 10).stem, Part("event", 3, 20, 0, 10).stem
        ('user', 'event/part-00003')
        """
        return self.table if self.count == 1 else f"{self.table}/part-{self.index:05}"

    def blocks(self) -> Iterator[tuple[int, int]]:
        """The part in blocks that are leaves of the digest; the first and the last may be shorter. No rows are one block."""
        cuts = [self.start, *range((self.start // LEAF_ROWS + 1) * LEAF_ROWS, self.stop, LEAF_ROWS), self.stop]
        yield from pairwise(cuts)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is whole: its path from the sink's place on, its rows, its size and the SHA-256 of its bytes."""

    path: str
    rows: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a part: its rows, the bytes it took (as sent, where there is no file), and its files, where it made some."""

    rows: int
    size_bytes: int
    files: tuple[WrittenFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """What an earlier run noted at a sink: what was asked of it, the receipts of its whole parts, its manifest where it ended well."""

    request: str
    receipts: tuple[str, ...]
    manifest: str | None = None


class Place(Protocol):
    """Where files are kept: a local folder, or a prefix of a bucket. Copies go to the workers by pickle.

    Paths go on from the place, with `/`, and never lead out of it. What is written appears whole or not at all. What a library or server
    raises leaves as EdgeError (retry may help) or ModelError (the request can't be), never with a password in it.
    """

    @property
    def name(self) -> str:
        """The place as a person reads it: a path, or a URL without secrets."""
        ...

    def take(self) -> Callable[[], None]:
        """Hold the place for this run alone, making it where there are folders; what is returned lets go of it.

        Raises:
            ModelError: another run is here, or nothing may be written here.
            EdgeError: the place can't be reached.
        """
        ...

    def write(self, path: str, content: bytes | memoryview) -> None:
        """Keep a file, replacing one of that name; folders are made where there are such."""
        ...

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file to write to, bit by bit: it appears when the block ends, and not at all when the block raises."""
        ...

    def read(self, path: str) -> bytes | None:
        """The whole content of a small file; None where there is none."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a file of any size, a few MB at a time.

        Raises:
            EdgeError: there is no such file.
        """
        ...

    def reader(self, path: str, size: int | None = None) -> RawIOBase:
        """A file to read from any place in it; `size` is its size where that is known.

        Raises:
            EdgeError: there is no such file.
        """
        ...

    def size(self, path: str) -> int | None:
        """The size in bytes of a file; None where there is none."""
        ...

    def paths(self, prefix: str = "") -> Iterator[str]:
        """The paths of all files whose paths begin so, those of unfinished ones too where they can be seen."""
        ...

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files, those that are not there too; folders that become empty go with them."""
        ...


class Turns(AbstractContextManager[object]):
    """Turns at the processor, which know whether the run is being stopped: who waits long asks by `look` meanwhile."""

    def __init__(self, turns: AbstractContextManager[object], look: Callable[[], None]) -> None:
        """Hold one of `turns` between enter and exit; `look` raises where the run is being stopped."""
        self._turns = turns
        self.look = look

    def __enter__(self) -> object:
        return self._turns.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool | None:
        return self._turns.__exit__(kind, error, trace)


#: Gives the line that a sink keeps with a whole part; callable once the part's batches have been taken, all of them.
Receipt = Callable[[Written], str]


class Sink(Protocol):
    """Takes the parts of tables, each whole or not at all.

    One is made in the process that leads the run, which calls `earlier`, `begin`, `note`, and at last one of `finish`, `pause` and
    `discard`, then `close`. Copies go to the workers by pickle; they call `write` only, from any thread, in any process, on any machine.
    What a library or server raises leaves as EdgeError (retry may help) or ModelError (the request can't be), never with a password in it.
    """

    @property
    def place(self) -> str:
        """Where it writes to, as a person reads it; never with a password."""
        ...

    @property
    def part_rows(self) -> int | None:
        """The most rows of a part, a multiple of 65,536; None where a table is one part."""
        ...

    @property
    def takes_codes(self) -> bool:
        """Whether string columns may come with a dictionary."""
        ...

    @property
    def settings(self) -> dict[str, str]:
        """What decides how rows are stored (format, compression, ...): a run goes on only where these are the same."""
        ...

    def earlier(self) -> Ledger | None:
        """What an earlier run left here, None where there is nothing of ours."""
        ...

    def begin(self, tables: Sequence[TableShape], request: str, existing: Existing, kept: Collection[str] = ()) -> None:
        """Take the place for this run alone and make what parts need: folders, tables; in the order in which `tables` need each other.

        `kept` are the receipts of an earlier run that hold for this one; everything else of that run is removed.

        Raises:
            ModelError: a column's type can't be held here, something is there that `existing` doesn't allow, another run is here.
            EdgeError: the place can't be reached.
        """
        ...

    def write(
        self,
        part: Part,
        table: TableShape,
        batches: Iterable[pa.RecordBatch],
        receipt: Receipt,
        turns: AbstractContextManager[object],
    ) -> Written:
        """Write a part; it is there whole when this returns, and not at all when it raises.

        `turns` is held while the processor works (batches are made as they are taken) and let go while something else is waited for.
        """
        ...

    def note(self, receipt: str) -> None:
        """A part is whole: remember it over kills, where `write` hasn't done so."""
        ...

    def holds(self, written: Written, *, thoroughly: bool = False) -> bool:
        """Whether a part that was written is still there; files are looked at, and read only where `thoroughly`."""
        ...

    def finish(self, manifest: str) -> None:
        """All parts are whole: add what comes last (keys, commit marks), keep the manifest, remove the notes."""
        ...

    def pause(self, manifest: str) -> None:
        """The run ended early: keep what is whole, so that another can go on."""
        ...

    def discard(self) -> None:
        """Remove everything this run has written."""
        ...

    def close(self) -> None:
        """Let another run have the place."""
        ...
