"""What a database calls types and names, and what it can't hold: refused before the first row, naming the column."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from seedbed.core.errors import ModelError, Problem
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape

#: The tables that are ours: what a run noted, what is kept of a run that ended well, and those that aren't finished yet.
PARTS, MANIFEST, WORKING = "_seedbed_parts", "_seedbed_manifest", "_seedbed_"

#: The type of a column, given whether it is part of a key; None where there is none for it.
ColumnType = Callable[[pa.Field, bool], str | None]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a database speaks.

    `most_name` is the longest name (in bytes of UTF-8 where `counts_bytes`, else in characters), `width` the least bytes that a row with a
    value in every column takes, `most_width` the most that a row may have; None: no limit. `folds_case`: names that differ in case only
    are the same. `null` stands behind a column that may be null, `remark` gives what tells of a column in the statement that makes it,
    `notes` stands behind the columns of a table of notes: every name and text of ours must have a place there.
    """

    called: str
    quote: str
    column_type: ColumnType
    text_type: str
    most_name: int | None = None
    counts_bytes: bool = False
    most_columns: int | None = None
    width: Callable[[pa.Field, bool], int] | None = None
    most_width: int | None = None
    folds_case: bool = True
    null: str = ""
    remark: Callable[[str], str] | None = None
    notes: str = ""

    def quoted(self, name: str) -> str:
        """A name as it stands in a statement."""
        return f"{self.quote}{name.replace(self.quote, 2 * self.quote)}{self.quote}"

    def listed(self, names: Sequence[str]) -> str:
        """Names, with commas between them."""
        return ", ".join(map(self.quoted, names))

    def constraint(self, table: str, columns: Sequence[str], ending: str) -> str:
        """The name of a constraint; what would be too long is cut and told apart by a hash.

        >>> plain = Dialect("X", '"', lambda column, is_key: "text", "text", most_name=20)
        >>> plain.constraint("user", ["id"], "pkey"), plain.constraint("user", ["a_long_name_of_a_column"], "key")
        ('user_id_pkey', 'user_a_lo_78ec59_key')
        """
        name = "_".join([table, *columns])
        whole = f"{name}_{ending}"
        if self.most_name is None or self._length(whole) <= self.most_name:
            return whole
        tail = f"_{hashlib.sha256(whole.encode()).hexdigest()[:6]}_{ending}"
        while self._length(name + tail) > self.most_name:
            name = name[:-1]
        return name + tail

    def _length(self, name: str) -> int:
        return len(name.encode()) if self.counts_bytes else len(name)

    def refuse(self, tables: Sequence[TableShape]) -> None:
        """Refuse what can't be held here.

        Raises:
            ModelError: a name is too long or taken, there are too many columns, a type has no place here; all of them together.
        """
        problems = [problem for table in tables for problem in self._problems(table)]
        problems += [Problem(f"two tables would be one in {self.called}", name, "rename one") for name in self._doubled(tables)]
        if problems:
            raise ModelError.of(problems)

    def _doubled(self, tables: Sequence[TableShape]) -> list[str]:
        counts = Counter(self._folded(table.name) for table in tables)
        return [table.name for table in tables if counts[self._folded(table.name)] > 1]

    def _folded(self, name: str) -> str:
        return name.casefold() if self.folds_case else name

    def _problems(self, table: TableShape) -> Iterator[Problem]:
        yield from self._of_name(table.name, table.name)
        counts = Counter(self._folded(column.name) for column in table.schema)
        keys = key_columns(table)
        for column in table.schema:
            where = f"{table.name}.{column.name}"
            yield from self._of_name(column.name, where)
            if counts[self._folded(column.name)] > 1:
                yield Problem(f"two columns would be one in {self.called}", where, "rename one")
            if self.column_type(column, column.name in keys) is None:
                yield Problem(f"{self.called} has no type for {_told(column)}", where, _OTHER_TYPE)
        if self.most_columns is not None and len(table.schema) > self.most_columns:
            most = f"{self.called} holds {self.most_columns:,}"
            yield Problem(f"{len(table.schema):,} columns are too many: {most}", table.name, "split the table, or write files")
        elif self.width is not None and self.most_width is not None:
            width = sum(self.width(column, column.name in keys) for column in table.schema)
            if width > self.most_width:
                most = f"{self.called} holds {self.most_width:,}"
                yield Problem(f"a row takes at least {width:,} bytes, which is too large: {most}", table.name, "split the table")

    def _of_name(self, name: str, where: str) -> Iterator[Problem]:
        if name.startswith(WORKING):
            yield Problem(f"names that begin with `{WORKING}` are for the notes of runs", where, "rename it")
        if "\0" in name:
            yield Problem("a name can't hold the character NUL", where, "rename it")
        if self.most_name is not None and self._length(name) > self.most_name:
            unit = "bytes" if self.counts_bytes else "characters"
            told = f"the name has {self._length(name)} {unit}; {self.called} holds {self.most_name}"
            yield Problem(told, where, "give it a shorter name")


_OTHER_TYPE = "change its type in the model, or write files"


def _told(column: pa.Field) -> str:
    kind = tag(column)
    return f"{kind} as {column.type}" if kind else str(column.type)


def tag(column: pa.Field) -> str | None:
    """What the column is beyond its Arrow type: `uuid`, `json`, ... (see `ColumnType`)."""
    found = (column.metadata or {}).get(b"seedbed.type")
    return found.decode() if found else None


def description(column: pa.Field) -> str | None:
    """What the column means, where that is said."""
    found = (column.metadata or {}).get(b"description")
    return found.decode() if found else None


def key_columns(table: TableShape) -> set[str]:
    """The columns of all keys: primary, unique and foreign."""
    return {*table.primary_key, *(name for names in (*table.unique, *(key.columns for key in table.foreign_keys)) for name in names)}
