"""MySQL and MariaDB: rows go as statements of many rows, by many connections at once.

Statements that change tables can't be undone there, so at the end each step looks at what has been done already: first come keys, then
all new tables take their names at once, then rows go to tables that were there, in one transaction with the manifest.

`LOAD DATA LOCAL` is a sixth faster, but servers forbid it by default, and one that isn't honest could ask for any file of this machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

import pyarrow as pa

from seedbed.core.digest import LEAF_ROWS
from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import ForeignKey, Sink, TableShape
from seedbed.outside import mysql as driver
from seedbed.outside.addresses import Address, asked_address, literal
from seedbed.write.databases.database import Sent, Session, streamed
from seedbed.write.databases.dialect import PARTS, tag
from seedbed.write.databases.loading import Loading, Speech
from seedbed.write.databases.mysql_types import COMMENT, DIALECT, family
from seedbed.write.databases.mysql_values import statements
from seedbed.write.databases.sink import DatabaseSink
from seedbed.write.targets import SinkOptions

#: How long another run, or what is left of a killed one, is waited for.
_LOCK_S = 10

_OLD = "_seedbed_old_"


class MysqlSession:
    """A connection to MySQL or MariaDB; fits `Session`."""

    def __init__(self, at: Address) -> None:
        """Connect."""
        self._at = at
        with driver.writing(at):
            self.connection = driver.connect(at)

    def run(self, statement: str) -> None:
        """Execute a statement."""
        self.send(statement)

    def send(self, statement: str | bytes) -> int:
        """Execute a statement; gives the number of rows that it touched."""
        with driver.writing(self._at):
            return driver.tell(self.connection, statement)

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """All rows of a query, every value as a text."""
        with driver.writing(self._at):
            return driver.rows(self.connection, query)

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        with driver.writing(self._at):
            self.connection.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit, but for changes of tables."""
        with driver.writing(self._at):
            self.connection.rollback()

    def close(self) -> None:
        """End the connection."""
        with suppress(Exception):  # the server may be gone
            self.connection.close()


@dataclass(frozen=True, slots=True)
class MysqlDatabase:
    """A database of a MySQL or MariaDB server; fits `Database`."""

    at: Address
    part_rows: int = 4 * LEAF_ROWS
    writers: str | None = None

    @property
    def place(self) -> str:
        """The address as it may be shown."""
        return self.at.shown

    @property
    def settings(self) -> dict[str, str]:
        """What else decides how rows are stored."""
        return {}

    @property
    def speech(self) -> Speech:
        """How it is spoken to."""
        return Speech(DIALECT)

    def is_there(self) -> bool:
        """The server says so when it is connected to."""
        return True

    def connect(self) -> MysqlSession:
        """A new session."""
        return MysqlSession(self.at)

    def lock(self, session: Session) -> bool:
        """Hold a lock of the session, which ends with it."""
        name = literal(f"seedbed {driver.database_of(self.at)}"[:64])
        return str(session.rows(f"SELECT GET_LOCK({name}, {_LOCK_S})")[0][0]) == "1"

    def tables(self, session: Session) -> set[str]:
        """The names of the tables and views there."""
        return {str(row[0]) for row in session.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = database()")}

    def make_home(self, session: Session) -> bool:
        """The database is the home, and it is there."""
        del session
        return False

    def drop_home(self, session: Session) -> None:
        """Nothing was made."""

    def make(self, session: Session, loading: Loading) -> None:
        """Make the table in which rows are gathered, with the key by which InnoDB orders rows, unless it is there."""
        shape = loading.shape
        primary = self.speech.primary_key(shape)
        # JSON is kept as it is: MySQL's own type would write it anew.
        json = [column.name for column in shape.schema if tag(column) == "json" or pa.types.is_nested(column.type)]
        more = [*([primary] if primary else []), *(f"CHECK (json_valid({self.speech.dialect.quoted(name)}))" for name in json)]
        comment = f" COMMENT = {literal(shape.description[: 2 * COMMENT])}" if shape.description else ""
        # Texts are equal where their bytes are, spaces at the end included.
        collation = "utf8mb4_nopad_bin" if "maria" in str(session.rows("SELECT version()")[0][0]).lower() else "utf8mb4_0900_bin"
        ending = f" ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE {collation} ROW_FORMAT = DYNAMIC{comment}"
        statement = self.speech.create(shape, loading.working, more, ending=ending)
        session.run(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))

    def refuse_unfit(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Refuse tables that are there and lack columns or keys, or that others refer to and are to be replaced."""
        for loading in loadings:
            if loading.is_merged:
                self._refuse_unlike(session, loading)
            elif loading.way == "replace":
                self._refuse_needed(session, loading.shape.name, {other.shape.name for other in loadings})

    def _refuse_unlike(self, session: Session, loading: Loading) -> None:
        name = loading.shape.name
        there = self._columns(session, name)
        wanted = self._columns(session, loading.working)
        missing = [column for column in wanted if column not in there]
        if missing:
            fix = "add it, or use --mode replace"
            raise ModelError(f"the table that is there has no column {one_of(missing)}", where=name, fix=fix)
        for column, kind in wanted.items():
            if family(kind) != family(there[column]):
                fix = "change one of them, or use --mode replace"
                raise ModelError(f"the column that is there is {there[column]}, not {kind}", where=f"{name}.{column}", fix=fix)
        if loading.way == "upsert" and self._key(session, name) != loading.shape.primary_key:
            raise ModelError("the table that is there has another primary key", where=name, fix="use --mode replace")

    def _columns(self, session: Session, table: str) -> dict[str, str]:
        source = f"information_schema.columns WHERE table_schema = database() AND table_name = {literal(table)} ORDER BY ordinal_position"
        return {str(row[0]): str(row[1]) for row in session.rows(f"SELECT column_name, column_type FROM {source}")}  # noqa: S608 - a literal

    def _key(self, session: Session, table: str) -> tuple[str, ...]:
        where = f"table_schema = database() AND table_name = {literal(table)} AND constraint_name = 'PRIMARY' ORDER BY ordinal_position"
        return tuple(
            str(row[0])
            for row in session.rows(f"SELECT column_name FROM information_schema.key_column_usage WHERE {where}")  # noqa: S608 - a literal
        )

    def _refuse_needed(self, session: Session, table: str, own: set[str]) -> None:
        where = f"table_schema = database() AND referenced_table_schema = database() AND referenced_table_name = {literal(table)}"
        found = session.rows(f"SELECT DISTINCT table_name FROM information_schema.key_column_usage WHERE {where}")  # noqa: S608 - a literal
        others = sorted({str(row[0]) for row in found} - own)
        if others:
            raise ModelError(
                f"{one_of(others)} refers to the table that is to be replaced",
                where=table,
                fix="replace that, too, or drop its foreign key",
            )

    def stand(self, session: Session) -> int | None:
        """The number of the run that has the place, held until the transaction ends."""
        # By its whole key: a part of it locks the gap beside the row, where two workers that note their parts would wait for each other.
        found = session.rows(f"{self.speech.run_noted()} LOCK IN SHARE MODE")
        return int(found[0][0]) if found else None

    def prepared(
        self, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> AbstractContextManager[Iterable[Sent]]:
        """The rows as lists of literals, made as they are asked for."""
        return streamed(statements(table, batches, turns))

    def insert(self, session: Session, working: str, table: TableShape, sent: Iterable[Sent]) -> tuple[int, int]:
        """Send rows; gives their number and the bytes of the statements."""
        del table
        assert isinstance(session, MysqlSession)
        head = f"INSERT INTO {self.speech.relation(working)} VALUES ".encode()  # noqa: S608 - the name is quoted
        rows = size = 0
        for one in sent:
            session.send(head + one.content)
            rows, size = rows + one.rows, size + one.size_bytes
        return rows, size

    def finish(self, session: Session, loadings: Sequence[Loading], last: Sequence[str]) -> None:
        """Go from step to step; each can have been done by a run that was killed."""
        if loadings:
            self._name(session, loadings)
        self._merge(session, loadings, last)
        self._drop_used(session, loadings)

    def _drop_used(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Drop the tables that were replaced, and those that rows were gathered in; the notes last."""
        session.run("SET foreign_key_checks = 0")
        replaced = sorted(name for name in self.tables(session) if name.startswith(_OLD))
        for name in (*replaced, *(loading.working for loading in loadings if loading.is_merged)):
            session.run(self.speech.drop(name))
        session.run("SET foreign_key_checks = 1")
        session.run(self.speech.drop(PARTS))

    def _name(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Add keys to the gathered tables, then let all of them take their names at once."""
        names = self.tables(session)
        gathered = [loading for loading in loadings if not loading.is_merged and loading.working in names]
        working = {loading.shape.name: loading.working for loading in gathered}
        for loading in gathered:
            self._add_keys(session, loading, working)
        if not session.rows(self.speech.noted("phase")):
            session.run(self.speech.note("phase", "named", 0, 0, ""))
            session.commit()
        pairs = []
        for at, loading in enumerate(gathered):
            if loading.way == "replace" and loading.shape.name in names:
                pairs.append((loading.shape.name, f"{_OLD}{at}"))
            pairs.append((loading.working, loading.shape.name))
        if pairs:
            told = ", ".join(f"{self.speech.relation(before)} TO {self.speech.relation(after)}" for before, after in pairs)
            session.run(f"RENAME TABLE {told}")

    def _add_keys(self, session: Session, loading: Loading, working: dict[str, str]) -> None:
        where = f"WHERE table_schema = database() AND table_name = {literal(loading.working)}"
        query = f"SELECT constraint_name FROM information_schema.table_constraints {where}"  # noqa: S608 - a literal
        there = {str(row[0]) for row in session.rows(query)}
        quoted, table = self.speech.dialect.quoted, self.speech.relation(loading.working)
        for name, clause in self.speech.unique(loading.shape):
            if name not in there:
                session.run(f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {clause}")
        # Names of foreign keys are unique in a database, and the table to be replaced has them: InnoDB makes its own.
        if not any("_ibfk_" in name for name in there) and loading.shape.foreign_keys:
            keys = [_reference(self.speech, key, working) for key in dict.fromkeys(loading.shape.foreign_keys)]
            for key in dict.fromkeys(loading.shape.foreign_keys):
                self._refuse_orphans(session, loading, key, working)
            session.run("SET foreign_key_checks = 0")  # they were looked at; with it, the table would be written anew
            session.run(f"ALTER TABLE {table} {', '.join(f'ADD {key}' for key in keys)}")
            session.run("SET foreign_key_checks = 1")

    def _refuse_orphans(self, session: Session, loading: Loading, key: ForeignKey, working: dict[str, str]) -> None:
        quoted = self.speech.dialect.quoted
        child, parent = self.speech.relation(loading.working), self.speech.relation(working.get(key.table, key.table))
        pairs = list(zip(key.columns, key.references, strict=True))
        joined = " AND ".join(f"c.{quoted(own)} = p.{quoted(theirs)}" for own, theirs in pairs)
        present = " AND ".join(f"c.{quoted(own)} IS NOT NULL" for own, _ in pairs)
        missing = f"p.{quoted(key.references[0])} IS NULL"
        query = f"SELECT 1 FROM {child} c LEFT JOIN {parent} p ON {joined} WHERE {present} AND {missing} LIMIT 1"  # noqa: S608 - quoted
        if session.rows(query):
            where = f"{loading.shape.name}.{', '.join(key.columns)}"
            raise ModelError(f"a value is none of `{key.table}`", where=where, fix="leave out what breaks references, or write files")

    def _merge(self, session: Session, loadings: Sequence[Loading], last: Sequence[str]) -> None:
        """Bring rows to tables that are there, in one transaction with the manifest."""
        made = [statement for statement in last if statement.startswith("CREATE")]
        for statement in made:
            session.run(statement)
        if any(row[0] == "merged" for row in session.rows(self.speech.noted("phase"))) if loadings else False:
            return
        for loading in loadings:
            if loading.is_merged:
                session.run(self.speech.moved(loading, self._on_conflict(loading)))
        for statement in last:
            if statement not in made:
                session.run(statement)
        if loadings:
            session.run(self.speech.note("phase", "merged", 1, 0, ""))
        session.commit()

    def _on_conflict(self, loading: Loading) -> str:
        if loading.way != "upsert":
            return ""
        quoted, shape = self.speech.dialect.quoted, loading.shape
        changed = [name for name in shape.schema.names if name not in shape.primary_key] or list(shape.primary_key[:1])
        return f" ON DUPLICATE KEY UPDATE {', '.join(f'{quoted(name)} = VALUES({quoted(name)})' for name in changed)}"

    def discard(self, session: Session, loadings: Sequence[Loading]) -> None:
        """Drop everything that this run made; tables that gave up their names have them back.

        Once the manifest is kept, all is there: what served is dropped then, and nothing else.
        """
        names = self.tables(session)
        phases = {str(row[0]) for row in session.rows(self.speech.noted("phase"))} if PARTS in names else set()
        if "merged" in phases:
            self._drop_used(session, loadings)
            return
        session.run("SET foreign_key_checks = 0")
        own = [loading for loading in loadings if not loading.is_merged]
        if "named" in phases and not any(loading.working in names for loading in own):
            for at, loading in enumerate(own):
                session.run(self.speech.drop(loading.shape.name))
                if f"{_OLD}{at}" in names:
                    session.run(f"RENAME TABLE {self.speech.relation(f'{_OLD}{at}')} TO {self.speech.relation(loading.shape.name)}")
        for name in (*(loading.working for loading in loadings), PARTS):
            session.run(self.speech.drop(name))
        session.run("SET foreign_key_checks = 1")


def _reference(speech: Speech, key: ForeignKey, working: dict[str, str]) -> str:
    """The clause of a foreign key to a table that may not have its name yet; it is renamed with it."""
    table = speech.relation(working.get(key.table, key.table))
    return f"FOREIGN KEY ({speech.dialect.listed(key.columns)}) REFERENCES {table} ({speech.dialect.listed(key.references)})"


def open_sink(url: str, options: SinkOptions) -> Sink:
    """The sink of a `mysql://` or `mariadb://` address.

    Raises:
        ModelError: it is no address, or an option can't be followed.
        PluginError: the driver is not installed.
    """
    options.only(["mode"], "MySQL")
    at = asked_address(url)
    if at.schema is not None:
        raise ModelError("MySQL has no schemas", where=at.shown, fix="name the database in the path: mysql://host/database")
    driver.require(at)
    return DatabaseSink(MysqlDatabase(at), options.mode)
