"""Connections to SQLite files by Python's own sqlite3."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from seedbed.core.errors import DataError, EdgeError, ModelError, SeedbedError

Connection: TypeAlias = sqlite3.Connection
Cursor: TypeAlias = sqlite3.Cursor

#: The most columns of a table, and parameters of a statement, unless the library was built otherwise.
MOST_COLUMNS = 2000


def connect_reading(path: Path) -> Connection:
    """A connection that only reads; broken texts come with signs in the place of what is no UTF-8."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.text_factory = _text
    return connection


def connect_writing(path: Path) -> Connection:
    """A connection that takes the file for itself with its first statement; transactions are begun and ended by us."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    # Held until the connection ends: nobody else reads or writes in between.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")  # a table that is renamed is not renamed in what refers to it
    return connection


def connect_shared(path: Path, *, wait_s: float = 60.0) -> Connection:
    """A connection to a file that several processes of this machine read and write at a time; each waits for the others' transactions.

    Readers don't wait for a writer (a log is written ahead). Transactions are begun and ended by us.
    """
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def rows(connection: Connection, query: str) -> list[Any]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


def insert(connection: Connection, statement: str, values: Iterable[tuple[object, ...]]) -> int:
    """Insert rows; gives their number."""
    return connection.executemany(statement, values).rowcount


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What SQLite says while a file is read, as errors of ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            fix = "check that the file can be read and no other program locks it"
            raise EdgeError(f"SQLite can't read it: {error}", where=str(path), fix=fix) from error
        raise DataError(f"SQLite says: {error}", where=str(path), fix="take a copy of the file that is whole") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What SQLite says while a file is written, as errors of ours."""
    try:
        yield
    except SeedbedError:
        raise
    except sqlite3.Error as error:
        kind, fix = _meaning(error)
        raise kind(f"SQLite says: {error}", where=str(path), fix=fix) from error


def _meaning(error: sqlite3.Error) -> tuple[type[SeedbedError], str]:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return ModelError, "another program, or another run, has the file open: wait for it"
    if name.startswith("SQLITE_FULL"):
        return EdgeError, "free some space, then run again with --resume"
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
        return ModelError, "name a file that is a SQLite database or none yet, in a folder that may be written to"
    if name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT")):
        return EdgeError, "look at the disk, then run again with --resume"
    return ModelError, "change the model, or the tables that are there"
