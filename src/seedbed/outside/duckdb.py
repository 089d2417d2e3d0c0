"""Connections to DuckDB files by the package `duckdb`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError, SeedbedError
from seedbed.outside.addresses import told

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Connection: TypeAlias = "DuckDBPyConnection"

#: A file's views must not read other files, and nothing is fetched.
_SHUT: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


_NAME_ONE = "name a file that is a DuckDB database or none yet, in a folder that may be written to"


def require(path: Path) -> None:
    """Make sure that the package is installed.

    Raises:
        PluginError: it isn't.
    """
    try:
        import duckdb  # noqa: F401 - only whether it is there
    except ImportError as error:
        fix = "pip install 'seedbed[duckdb]'"
        raise PluginError("DuckDB files are opened by the package duckdb, which is not installed", where=str(path), fix=fix) from error


def connect(path: Path, *, read_only: bool) -> Connection:
    """A connection; one that writes has the file for this process alone.

    Raises:
        ModelError: it is to write, and the file is none of DuckDB's: of CSV, JSON and Parquet it would make views, and keep nothing.
    """
    import duckdb

    if not read_only and is_strange(path):
        raise ModelError("this is no DuckDB database", where=str(path), fix=_NAME_ONE)
    return duckdb.connect(str(path), read_only=read_only, config=_SHUT)


def is_strange(path: Path) -> bool:
    """Whether a file is there that DuckDB hasn't written."""
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:  # none is there, or DuckDB says better what is wrong with it
        return False
    return start[8:] != b"DUCK"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What DuckDB says while a file is read, as errors of ours."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.ConnectionException, duckdb.PermissionException) as error:
        fix = "look at the file: another program may have it open for writing, or a newer DuckDB has written it"
        raise EdgeError(f"DuckDB can't read it: {told(error)}", where=str(path), fix=fix) from error
    except (duckdb.Error, pa.ArrowException) as error:
        said = told(error)
        fix = "take a copy of the file that is whole" if "orrupt" in said else "look at the table in DuckDB"
        raise DataError(f"DuckDB says: {said}", where=str(path), fix=fix) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What DuckDB says while a file is written, as errors of ours."""
    import duckdb

    try:
        yield
    except SeedbedError:
        raise
    except duckdb.Error as error:
        said = told(error)
        kind, fix = _meaning(error, said)
        raise kind(f"DuckDB says: {said}", where=str(path), fix=fix) from error


def _meaning(error: Exception, said: str) -> tuple[type[SeedbedError], str]:
    import duckdb

    if isinstance(error, duckdb.IOException) and "lock" in said:
        return ModelError, "another program, or another run, has the file open: wait for it"
    if isinstance(error, duckdb.IOException) and ("not a valid" in said or "Cannot open file" in said):
        return ModelError, _NAME_ONE
    if "No space left" in said:
        return EdgeError, "free some space, then run again with --resume"
    if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException | duckdb.InternalException | duckdb.FatalException):
        return EdgeError, "look at the disk and the memory, then run again with --resume"
    return ModelError, "change the model, or the tables that are there"
