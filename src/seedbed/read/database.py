"""What all databases have in common: their addresses, the names of their tables, and rows that a query gives as Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.read.plain import cut
from seedbed.read.scans import chosen


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is: the address without `schema=...`, that schema, and the address as it may be shown."""

    url: str = field(repr=False)
    schema: str | None
    shown: str


def address(url: str) -> Address:
    """Take an address apart; the password is never shown.

    >>> address("postgresql://ada:secret@db:5432/shop?schema=sales").shown
    'postgresql://ada@db:5432/shop?schema=sales'
    """
    parts = urlsplit(url)
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = next((value for name, value in options if name == "schema"), None)
    plain = urlencode([(name, value) for name, value in options if name != "schema"], safe="/:,")
    open_options = urlencode([(name, value) for name, value in options if "pass" not in name], safe="/:,")
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    shown = f"{user}@{host}" if user else host
    # `urlunsplit` would drop the empty host of `scheme:///path`
    return Address(
        f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{plain}" if plain else ""),
        schema,
        f"{parts.scheme}://{shown}{parts.path}" + (f"?{open_options}" if open_options else ""),
    )


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it.

    >>> print(quoted('a "b'))
    "a ""b"
    """
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class QueryScan:
    """The rows of a table of a database; fits `TableScan`.

    `expressions` has for each column what stands for it in a query, `relation` the table's name there; `run` gives the rows of a query in
    the database's `dialect`.
    """

    place: str
    schema: pa.Schema
    rows: int
    relation: str
    expressions: Mapping[str, str]
    run: Callable[[str, pa.Schema], Iterator[pa.RecordBatch]]
    dialect: Literal["duckdb", "sqlite", "postgres"]

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; the database sends the wanted columns only.

        Raises:
            DataError: there is no such column, or a value is of another type than its column.
            EdgeError: the database can't be reached any more.
        """
        wanted = chosen(self.schema, columns, self.place)
        carriers = wanted if wanted.names else chosen(self.schema, self.schema.names[:1], self.place)
        return cut((batch.select(wanted.names) for batch in self.run(self._query(carriers), carriers)), batch_rows)

    def _query(self, wanted: pa.Schema) -> str:
        values = ", ".join(f"{self.expressions[name]} AS {quoted(name)}" for name in wanted.names)
        return f"SELECT {values} FROM {self.relation}"  # noqa: S608 - all names are quoted
