"""Tables of a DuckDB file, through the package `duckdb`; the file is opened for reading only and may not look at other files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import EdgeError
from seedbed.core.shapes import TableScan
from seedbed.outside import duckdb as driver
from seedbed.outside.addresses import quoted
from seedbed.read.database import QueryScan
from seedbed.read.scans import Part, parted

_TABLES = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = $schema AND table_catalog = current_database()"


class DuckDatabase:
    """A DuckDB file; each table is opened when it is asked for."""

    def __init__(self, path: Path, schema: str | None = None) -> None:
        """Open it.

        Raises:
            PluginError: `duckdb` is not installed.
            EdgeError: there is no such file, or another program holds it.
        """
        driver.require(path)
        self._path = path
        self._schema = schema or "main"
        if not path.is_file():
            raise EdgeError("there is no such file", where=str(path), fix="check the path: `duckdb:///file.duckdb` begins at this folder")
        with driver.reading(path):
            self._connection = driver.connect(path, read_only=True)

    def tables(self) -> dict[str, bool]:
        """The schema's tables and views by name, and whether it is a table."""
        with driver.reading(self._path):
            found = self._connection.execute(_TABLES, {"schema": self._schema}).fetchall()
        return {name: kind == "BASE TABLE" for name, kind in sorted(found)}

    def scan(self, name: str, *, dictionaries: bool = False) -> TableScan:
        """Look at a table or a view."""
        relation = f"{quoted(self._schema)}.{quoted(name)}"
        with driver.reading(self._path):
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
        with driver.reading(self._path), self._connection.cursor() as cursor:
            yield from cursor.sql(query).to_arrow_reader(65_536)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _in_utc(kind: pa.DataType) -> pa.DataType:
    """Moments with a zone in UTC, whatever zone the machine's DuckDB shows them in."""
    return pa.timestamp(kind.unit, "UTC") if pa.types.is_timestamp(kind) and kind.tz else kind
