"""The values that pass between the steps of collecting; see the package's docstring for the steps."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.records import dataclass

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Columns that tables have of their own.
ID, PARENT, POSITION, KEY, RESCUED = "_id", "_parent_id", "_pos", "_key", "_rescued"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken at most; beyond it a file is refused with the reason.

    `nesting` counts objects and lists within each other in a record, `expanded_bytes` what a compressed file may become, `ratio` how many times its size
    (files that expand to less than `free_bytes` are always taken), `record_bytes` the length of one record.
    """

    nesting: int = 10_000
    expanded_bytes: int = 64 << 30
    ratio: int = 1_000
    free_bytes: int = 64 << 20
    record_bytes: int = 128 << 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file isn't taken: the reason, the offset in bytes of its (expanded) content where it shows, and whether it merely ends too early.

    `file` is the number of the file within the records it was read with (0 where there is one). What ends too early may still be written: wait
    while it is young.
    """

    file: int
    reason: str
    offset: int
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A file's content to collect: its name (for messages), and `base`, which the numbers (`_id`) of its rows begin from.

    >>> Source.of("a.json", b"{}") == Source.of("a.json", b"{}"), Source.of("a.json", b"{}").base == Source.of("b.json", b"[]").base
    (True, False)
    """

    name: str
    base: int

    @classmethod
    def of(cls, name: str, content: bytes) -> Source:
        """A source by its whole (stored, still compressed) content."""
        return cls.by_digest(name, sha256(content).digest())

    @classmethod
    def by_digest(cls, name: str, digest: bytes) -> Source:
        """A source by the SHA-256 of its stored content, for one that is too large to hold."""
        return cls(name, int.from_bytes(digest[:8], "big") >> 2)


@dataclass(frozen=True, slots=True)
class Records:
    """Records (documents, lines, elements of a top-level array) of one file or many: spans of one text, in UTF-8.

    `starts` and `ends` say where in `text` each is, shape (n,); `files` which of the sources each is of, `offsets` where in its own file's expanded
    content it begins, `ids` the row number it gets. `refused` are files that could not be split (none of their records are here).
    """

    text: bytes
    starts: Ints
    ends: Ints
    ids: Ints
    files: Ints
    offsets: Ints
    sources: tuple[Source, ...]
    refused: tuple[Refusal, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def texts(self) -> list[bytes]:
        """The text of each record."""
        return [self.text[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose about tables; the defaults are those of `seedbed collect`.

    `root` names the table of the records themselves. `text_flags` makes booleans of texts that are all `true` or `false`. `maps` and `structs` are
    paths (`/data/prices`) whose objects are rows of a map, or columns, whatever they look like. `split` names, for a path of objects (`/events/*`;
    empty for the records themselves), the member by whose text they are parted into tables: one for each text, with the columns that objects with
    it have, and `_parent_id` of the row they are of. `most_columns` is how many keys an object may have before it is taken as
    a map.
    """

    root: str = "records"
    text_flags: bool = False
    maps: tuple[str, ...] = ()
    structs: tuple[str, ...] = ()
    split: tuple[tuple[str, str], ...] = ()
    most_columns: int = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name there, its path from the table's rows (`/address/city`, a JSON pointer), and its type as Arrow says it."""

    name: str
    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table that was decided: its name, the path of its rows (`/data/students/*`), its parent table and its columns, those of its own too.

    `form` is `root` (a row a record), `list` (a row an element, `_pos` its place, null for an object that stood alone) or `map` (a row a
    member, `_key` its name).
    """

    name: str
    path: str
    form: str
    parent: str | None
    columns: tuple[Column, ...]

    def schema(self) -> pa.Schema:
        """The schema of its parts."""
        from seedbed.read.collect.kinds import arrow_type  # beside `Column.kind`, which it reads

        return pa.schema([pa.field(column.name, arrow_type(column.kind)) for column in self.columns])


@dataclass(frozen=True, slots=True)
class Changes:
    """What new decisions do to parts of old ones: `same` tables need nothing, the others are rewritten.

    Tables named in `rewritten` (by old name) have to be given to `retype` together, all those of one batch; `added` are new names.
    """

    same: frozenset[str]
    rewritten: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hint:
    """What a worker learnt of the records' types so far; it makes the next block quicker and never changes what comes out."""

    schema: pa.Schema | None = None
    misses: int = 0
