"""Tables on their way into a database, and the statements that all databases understand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape
from seedbed.outside.addresses import literal
from seedbed.write.databases.dialect import MANIFEST, PARTS, WORKING, Dialect, description, key_columns

#: What becomes of a table: it is new, takes the place of the one that is there, or its rows go to those that are there.
Way = Literal["new", "replace", "append", "upsert"]


@dataclass(frozen=True, slots=True)
class Loading:
    """A table whose rows are gathered in another one, `working`, until all are there."""

    shape: TableShape
    working: str
    way: Way

    @property
    def is_merged(self) -> bool:
        """Whether the rows go to a table that is there."""
        return self.way in ("append", "upsert")


def working_name(number: int) -> str:
    """Where the rows of a run's table are gathered.

    >>> working_name(0)
    '_seedbed_0'
    """
    return f"{WORKING}{number}"


@dataclass(frozen=True, slots=True)
class Speech:
    """Statements in a dialect, about tables of a schema (None: the one that names mean by themselves)."""

    dialect: Dialect
    schema: str | None = None

    def relation(self, table: str) -> str:
        """The name of a table in a statement."""
        name = self.dialect.quoted(table)
        return f"{self.dialect.quoted(self.schema)}.{name}" if self.schema else name

    def create(self, shape: TableShape, name: str, more: Sequence[str] = (), *, ending: str = "") -> str:
        """The statement that makes a table: its columns, and more (keys)."""
        keys = key_columns(shape)
        columns = []
        for column in shape.schema:
            kind = self.dialect.column_type(column, column.name in keys)
            assert kind is not None  # else it was refused
            is_null = column.nullable and column.name not in shape.primary_key
            told = description(column)
            remark = self.dialect.remark(told) if told and self.dialect.remark else ""
            columns.append(f"{self.dialect.quoted(column.name)} {kind}{self.dialect.null if is_null else ' NOT NULL'}{remark}")
        return f"CREATE TABLE {self.relation(name)} ({', '.join([*columns, *more])}){ending}"

    def drop(self, name: str) -> str:
        """The statement that drops a table, where it is there."""
        return f"DROP TABLE IF EXISTS {self.relation(name)}"

    def primary_key(self, shape: TableShape) -> str | None:
        """The clause of the primary key."""
        return f"PRIMARY KEY ({self.dialect.listed(shape.primary_key)})" if shape.primary_key else None

    def unique(self, shape: TableShape) -> list[tuple[str, str]]:
        """The name and the clause of each unique set."""
        return [
            (self.dialect.constraint(shape.name, names, "key"), f"UNIQUE ({self.dialect.listed(names)})")
            for names in dict.fromkeys(shape.unique)
            if names != shape.primary_key
        ]

    def foreign_keys(self, shape: TableShape) -> list[tuple[str, str]]:
        """The name and the clause of each foreign key."""
        return [
            (
                self.dialect.constraint(shape.name, key.columns, "fkey"),
                f"FOREIGN KEY ({self.dialect.listed(key.columns)}) REFERENCES {self.relation(key.table)} ({self.dialect.listed(key.references)})",
            )
            for key in dict.fromkeys(shape.foreign_keys)
        ]

    def moved(self, loading: Loading, conflict: str = "") -> str:
        """The statement that brings the gathered rows to the table that is there; `conflict` says what becomes of keys that are there."""
        names = self.dialect.listed(loading.shape.schema.names)
        source, target = self.relation(loading.working), self.relation(loading.shape.name)
        return f"INSERT INTO {target} ({names}) SELECT {names} FROM {source}{conflict}"  # noqa: S608 - all names are quoted

    def on_conflict(self, loading: Loading) -> str:
        """What standard dialects say of keys that are there: their rows take the new values."""
        if loading.way != "upsert":
            return ""
        shape, quoted = loading.shape, self.dialect.quoted
        rest = [name for name in shape.schema.names if name not in shape.primary_key]
        changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in rest)
        # SQLite takes `ON CONFLICT` for the join's condition unless something stands before it.
        return f" WHERE true ON CONFLICT ({self.dialect.listed(shape.primary_key)}) DO {f'UPDATE SET {changes}' if rest else 'NOTHING'}"

    # ------------------------------------------------------------------------------- what a run notes

    def notes(self) -> list[str]:
        """The statements that make the tables of notes."""
        text = self.dialect.text_type
        columns = [("what", "VARCHAR(8)"), ("name", "VARCHAR(255)"), ("number", "BIGINT"), ("rows", "BIGINT"), ("told", text)]
        key = f"PRIMARY KEY ({self.dialect.listed(['what', 'name', 'number'])})"
        listed = ", ".join(f"{self.dialect.quoted(name)} {kind} NOT NULL" for name, kind in columns)
        return [f"CREATE TABLE {self.relation(PARTS)} ({listed}, {key}){self.dialect.notes}"]

    def note(self, what: str, name: str, number: int, rows: int, told: str) -> str:
        """The statement that notes something."""
        return f"INSERT INTO {self.relation(PARTS)} VALUES ('{what}', {literal(name)}, {number}, {rows}, {literal(told)})"  # noqa: S608

    def noted(self, what: str) -> str:
        """The query of what was noted: name, number, rows, text."""
        names = self.dialect.listed(["name", "number", "rows", "told"])
        order = self.dialect.listed(["name", "number"])
        source = f"{self.relation(PARTS)} WHERE {self.dialect.quoted('what')} = '{what}'"
        return f"SELECT {names} FROM {source} ORDER BY {order}"  # noqa: S608 - quoted

    def run_noted(self, name: str = "") -> str:
        """The query of the run's number, by the whole key of its note."""
        quoted = self.dialect.quoted
        return f"SELECT {quoted('rows')} FROM {self.relation(PARTS)} WHERE {self.of_run(name)}"  # noqa: S608 - quoted

    def of_run(self, name: str = "") -> str:
        """The condition that is true of the note of the run alone."""
        quoted = self.dialect.quoted
        return f"{quoted('what')} = 'run' AND {quoted('name')} = {literal(name)} AND {quoted('number')} = 0"

    def forget(self, what: str, name: str) -> str:
        """The statement that takes notes back."""
        return f"DELETE FROM {self.relation(PARTS)} WHERE {self.dialect.quoted('what')} = '{what}' AND {self.dialect.quoted('name')} = {literal(name)}"  # noqa: S608

    def keep(self, request: str, manifest: str, *, is_there: bool) -> Iterator[str]:
        """The statements that keep the manifest of a run that ended well, in the place of an earlier one."""
        table = self.relation(MANIFEST)
        if is_there:
            yield f"DELETE FROM {table}"  # noqa: S608 - quoted
        else:
            text, quoted = self.dialect.text_type, self.dialect.quoted
            columns = ", ".join(f"{quoted(name)} {text} NOT NULL" for name in ("request", "manifest"))
            yield f"CREATE TABLE {table} ({columns}){self.dialect.notes}"
        yield f"INSERT INTO {table} VALUES ({literal(request)}, {literal(manifest)})"  # noqa: S608

    def kept(self) -> str:
        """The query of the manifest that is kept, and of its request."""
        return f"SELECT {self.dialect.listed(['request', 'manifest'])} FROM {self.relation(MANIFEST)}"  # noqa: S608
