"""Tables of a DuckDB file, through the package `duckdb`; the file is opened for reading only and may not look at other files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from seedbed.core.errors import EdgeError
from seedbed.core.shapes import TableScan
from seedbed.outside import duckdb as driver
from seedbed.outside.addresses import quoted
from seedbed.read.catalogue import Declared, declared
from seedbed.read.database import QueryScan
from seedbed.read.scans import Part, parted

_TABLES = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = $schema AND table_catalog = current_database()"
_CONSTRAINTS = """
SELECT constraint_index, constraint_type, table_name, constraint_column_names, referenced_table, referenced_column_names
FROM duckdb_constraints() WHERE schema_name = $schema AND database_name = current_database()
ORDER BY table_name, constraint_index
"""
_COMMENTS = """
SELECT table_name, column_name, comment FROM duckdb_columns()
WHERE schema_name = $schema AND database_name = current_database() AND comment IS NOT NULL
UNION ALL
SELECT table_name, '', comment FROM duckdb_tables()
WHERE schema_name = $schema AND database_name = current_database() AND comment IS NOT NULL
"""
_KINDS = {"PRIMARY KEY": "p", "UNIQUE": "u", "FOREIGN KEY": "f"}


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

    def declared(self) -> Declared:
        """The keys, references and comments of the schema's tables."""
        with driver.reading(self._path):
            rows = self._connection.execute(_CONSTRAINTS, {"schema": self._schema}).fetchall()
            comments = self._connection.execute(_COMMENTS, {"schema": self._schema}).fetchall()
        found, full = [], []
        for at, kind, table, columns, goal, goals in rows:
            full += [(table, column) for column in columns if kind == "NOT NULL"]
            for place, column in enumerate(columns if kind in _KINDS else ()):
                to = goals[place] if goals and place < len(goals) else None
                found.append((str(at), _KINDS[kind], table, column, goal or None, to))
        return declared(found, full, comments)

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
