"""Connections to MySQL and MariaDB by PyMySQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError, SeedbedError
from seedbed.core.nearest import one_of
from seedbed.outside.addresses import Address, options_of, secrets_of, told

#: Seconds after which a server that doesn't answer isn't waited for.
_CONNECT_S = 15

#: What an address may say behind its `?`, as PyMySQL calls it.
_OPTIONS = ("ssl_ca", "ssl_cert", "ssl_key", "ssl_verify_cert", "ssl_verify_identity", "unix_socket", "connect_timeout")

#: Every session's settings: values are refused rather than bent, a backslash is a backslash, and moments are in UTC.
_SESSION = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'"


def require(at: Address) -> None:
    """Make sure that the driver is installed and can follow the address.

    Raises:
        PluginError: it isn't.
        ModelError: the address names no database, or options that are unknown.
    """
    try:
        import pymysql  # noqa: F401 - only whether it is there
    except ImportError as error:
        fix = "pip install 'seedbed[mysql]'"
        raise PluginError("MySQL and MariaDB are reached by PyMySQL, which is not installed", where=at.shown, fix=fix) from error
    if not database_of(at):
        raise ModelError("the address names no database", where=at.shown, fix="write it as mysql://user:password@host:3306/database")
    unknown = [name for name in options_of(at.url) if name not in _OPTIONS]
    if unknown:
        raise ModelError(f"unknown in this address: {one_of(unknown)}", where=at.shown, fix=f"it may say {one_of(_OPTIONS, most=9)}")


def database_of(at: Address) -> str:
    """The name of the database."""
    return unquote(urlsplit(at.url).path.removeprefix("/"))


def connect(at: Address) -> Any:
    """A connection, in a transaction that begins with the first statement."""
    import pymysql

    parts = urlsplit(at.url)
    options: dict[str, Any] = dict(options_of(at.url))
    for name in ("ssl_verify_cert", "ssl_verify_identity"):
        if name in options:
            options[name] = options[name].lower() in ("1", "true", "yes", "on")
    options["connect_timeout"] = int(options.get("connect_timeout", _CONNECT_S))
    return pymysql.connect(
        host=parts.hostname or "localhost",
        port=parts.port or 3306,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or ""),
        database=database_of(at),
        charset="utf8mb4",
        init_command=_SESSION,
        conv={bool: lambda value, _: str(int(value))},  # values come as the server writes them, and none goes in as an argument
        **options,
    )


def tell(connection: Any, statement: str | bytes) -> int:
    """Execute a statement; gives the number of rows that it touched."""
    touched: int = connection.query(statement)
    return touched


def rows(connection: Any, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query, each value a text, or bytes, as the server writes it."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def stream(connection: Any, query: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of a query, so many at a time, without keeping the others."""
    from pymysql.cursors import SSCursor

    with connection.cursor(SSCursor) as cursor:
        cursor.execute(query)
        while found := cursor.fetchmany(size):
            yield found


@contextmanager
def reading(at: Address) -> Iterator[None]:
    """What the server says while it is read from, as errors of ours."""
    import pymysql

    try:
        yield
    except SeedbedError:
        raise
    except (pymysql.err.DataError, pymysql.err.ProgrammingError) as error:
        raise DataError(f"the server says: {_said(error, at)}", where=at.shown, fix="look at the table in the database") from None
    except (pymysql.err.Error, OSError) as error:
        fix = "check the address, the rights, and that the server runs"
        raise EdgeError(f"the server says: {_said(error, at)}", where=at.shown, fix=fix) from None


@contextmanager
def writing(at: Address) -> Iterator[None]:
    """What the server says while it is written to, as errors of ours: which of them a retry may mend, its number says."""
    import pymysql

    try:
        yield
    except SeedbedError:
        raise
    except (pymysql.err.Error, OSError) as error:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        kind, fix = _meaning(number)
        raise kind(f"the server says: {_said(error, at)}", where=at.shown, fix=fix) from None


def _said(error: BaseException, at: Address) -> str:
    number_and_text = len(error.args) == 2 and isinstance(error.args[0], int)
    text = told(Exception(error.args[1]) if number_and_text else error, secrets_of(at.url))
    text = re.sub(r"(entry|value:?) '.*' for", r"\1 for", text)  # a value may be anybody's
    return f"{text} ({error.args[0]})" if number_and_text else text


#: Errors of a request that can't be: names, rights, values, keys. Numbers of https://mariadb.com/kb/en/mariadb-error-codes/.
_LOGIN = frozenset({1044, 1045, 1698, 1251})
_WRONG = frozenset(
    {1048, 1050, 1054, 1059, 1062, 1064, 1067, 1068, 1070, 1071, 1074, 1117, 1118, 1142, 1143, 1170, 1171, 1215, 1216, 1217, 1227, 1264}
    | {1265, 1292, 1364, 1366, 1406, 1451, 1452, 1553, 1690, 1826, 1832, 3730, 3780, 4025}
)
_FULL = frozenset({1021, 1030, 1041, 1114, 1038})


def _meaning(number: int) -> tuple[type[SeedbedError], str]:
    if number in _LOGIN:
        return ModelError, "check the user, the password and the rights"
    if number == 1049:
        return ModelError, "create the database, or check its name in the address"
    if number in _WRONG:
        return ModelError, "change the model, or the tables that are there"
    if number in _FULL:
        return EdgeError, "make room on the server, then run again with --resume"
    return EdgeError, "check that the server runs and can be reached, then run again with --resume"
