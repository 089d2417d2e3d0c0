"""Connections to PostgreSQL by the ADBC driver, which takes and gives Arrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError, SeedbedError
from seedbed.outside.addresses import Address, options_of, secrets_of, told

#: Seconds after which a server that doesn't answer isn't waited for, unless the address says otherwise.
_CONNECT_S = 15


def require(at: Address) -> None:
    """Make sure that the driver is installed.

    Raises:
        PluginError: it isn't.
    """
    try:
        import adbc_driver_postgresql  # noqa: F401 - only whether it is there
    except ImportError as error:
        fix = "pip install 'seedbed[postgres]'"
        raise PluginError("PostgreSQL is reached by adbc-driver-postgresql, which is not installed", where=at.shown, fix=fix) from error


def connect(at: Address) -> Any:
    """A connection, in a transaction that begins with the first statement."""
    import adbc_driver_postgresql.dbapi as adbc

    url = at.url
    if "connect_timeout" not in options_of(url):
        url += f"{'&' if '?' in url else '?'}connect_timeout={_CONNECT_S}"
    return adbc.connect(url)


def tell(connection: Any, statement: str) -> None:
    """Execute a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def rows(connection: Any, query: str) -> list[Any]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: list[Any] = cursor.fetchall()
        return found


def ingest(connection: Any, schema: str, table: str, reader: pa.RecordBatchReader) -> int:
    """Copy batches into a table that is there; gives the number of rows."""
    with connection.cursor() as cursor:
        return int(cursor.adbc_ingest(table, reader, mode="append", db_schema_name=schema))


@contextmanager
def reading(at: Address) -> Iterator[None]:
    """What the server says while it is read from, as errors of ours."""
    from adbc_driver_manager import dbapi

    try:
        yield
    except SeedbedError:
        raise
    except dbapi.Error as error:
        fix = "check the address, the rights, and that the server runs"
        raise EdgeError(f"PostgreSQL says: {_words(error, at)}", where=at.shown, fix=fix) from error
    except pa.ArrowException as error:
        fix = "look at the table in PostgreSQL"
        raise DataError(f"a value has no place in Arrow: {told(error)}", where=at.shown, fix=fix) from error


@contextmanager
def writing(at: Address) -> Iterator[None]:
    """What the server says while it is written to, as errors of ours: which of them a retry may mend, its SQLSTATE says."""
    from adbc_driver_manager import dbapi

    try:
        yield
    except SeedbedError:
        raise
    except dbapi.Error as error:
        state = getattr(error, "sqlstate", None) or ""
        said = _words(error, at)
        kind, fix = _meaning(state, said)
        raise kind(f"PostgreSQL says: {said}", where=at.shown, fix=fix) from None


def _words(error: BaseException, at: Address) -> str:
    """What the server itself says, without the statement that it says it of."""
    found = re.search(r"(?:ERROR|FATAL): +([^\n]+)", str(error))
    return told(Exception(found[1]) if found else error, secrets_of(at.url))


def _meaning(state: str, said: str) -> tuple[type[SeedbedError], str]:
    """What kind of error a SQLSTATE is, and what mends it. A failed login has no state: libpq tells of it in words only."""
    if state in ("28P01", "28000") or "authentication failed" in said or "no password supplied" in said:
        return ModelError, "check the user and the password of the address"
    if state == "3D000" or ('database "' in said and "does not exist" in said):
        return ModelError, "create the database, or check its name in the address"
    if "invalid URI query parameter" in said:
        return ModelError, "what stands behind the `?` are settings of libpq, `schema` and `json`"
    if state == "42501":
        return ModelError, "give the user the right to do that, or take another user or `?schema=`"
    if state[:2] in ("22", "23", "42", "54", "2B", "0A"):
        return ModelError, "change the model, or the tables that are there"
    if state in ("53100", "53200"):
        return EdgeError, "make room on the server, then run again with --resume"
    return EdgeError, "check that the server runs and can be reached, then run again with --resume"
