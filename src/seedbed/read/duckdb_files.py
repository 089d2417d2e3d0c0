"""Tables of a DuckDB file, through the package `duckdb`; the file is opened for reading only and may not look at other files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import DataError, EdgeError, PluginError
from seedbed.core.shapes import TableScan
from seedbed.read.database import QueryScan, quoted
from seedbed.read.scans import Part, parted

#: A file's views must not read other files, and nothing is fetched.
_SHUT: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

_TABLES = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = $schema AND table_catalog = current_database()"


class DuckDatabase:
    """A DuckDB file; each table is opened when it is asked for."""

    def __init__(self, path: Path, schema: str | None = None) -> None:
        """Open it.

        Raises:
            PluginError: `duckdb` is not installed.
            EdgeError: there is no such file, or another program holds it.
        """
        try:
            import duckdb
        except ImportError as error:
            fix = "pip install 'seedbed[duckdb]'"
            raise PluginError("DuckDB files are read by the package duckdb, which is not installed", where=str(path), fix=fix) from error
        self._path = path
        self._schema = schema or "main"
        if not path.is_file():
            raise EdgeError("there is no such file", where=str(path), fix="check the path: `duckdb:///file.duckdb` begins at this folder")
        with self._edge():
            self._connection = duckdb.connect(str(path), read_only=True, config=_SHUT)

    def tables(self) -> dict[str, bool]:
        """The schema's tables and views by name, and whether it is a table."""
        with self._edge():
            found = self._connection.execute(_TABLES, {"schema": self._schema}).fetchall()
        return {name: kind == "BASE TABLE" for name, kind in sorted(found)}

    def scan(self, name: str, *, dictionaries: bool = False) -> TableScan:
        """Look at a table or a view."""
        relation = f"{quoted(self._schema)}.{quoted(name)}"
        with self._edge():
            cursor = self._connection.cursor()
            schema = cursor.sql(f"SELECT * FROM {relation}").to_arrow_reader(1).schema  # noqa: S608 - the name is quoted
            rows = cursor.execute(f"SELECT count(*) FROM {relation}").fetchone()  # noqa: S608
        assert rows is not None
        place = f"{self._path}:{name}"
        expressions = {column: quoted(column) for column in schema.names}
        schema = pa.schema([field.with_type(_in_utc(field.type)) for field in schema])
        scan = QueryScan(place, schema, int(rows[0]), relation, expressions, self._run, "duckdb")
        return parted(place, [Part(place, scan)], dictionaries=dictionaries)

    def _run(self, query: str, _wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
        with self._edge(), self._connection.cursor() as cursor:
            yield from cursor.sql(query).to_arrow_reader(65_536)

    @contextmanager
    def _edge(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except (duckdb.IOException, duckdb.ConnectionException, duckdb.PermissionException) as error:
            fix = "look at the file: another program may have it open for writing, or a newer DuckDB has written it"
            raise EdgeError(f"DuckDB can't read it: {_first_line(error)}", where=str(self._path), fix=fix) from error
        except (duckdb.Error, pa.ArrowException) as error:
            said = _first_line(error)
            fix = "take a copy of the file that is whole" if "orrupt" in said else "look at the table in DuckDB"
            raise DataError(f"DuckDB says: {said}", where=str(self._path), fix=fix) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _in_utc(kind: pa.DataType) -> pa.DataType:
    """Moments with a zone in UTC, whatever zone the machine's DuckDB shows them in."""
    return pa.timestamp(kind.unit, "UTC") if pa.types.is_timestamp(kind) and kind.tz else kind


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
