"""How a row is written in a message: as JSON, or as Avro."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.sinks import TableShape

if TYPE_CHECKING:
    import pyarrow as pa

#: How rows can be written; the first is what is taken where nothing is said.
FORMATS = ("json", "avro")


class Rows(Protocol):
    """A way to write rows; copies go to the workers by pickle."""

    @property
    def name(self) -> str:
        """As `--format` calls it."""
        ...

    @property
    def content_type(self) -> str:
        """The media type of one message."""
        ...

    @property
    def has_schemas(self) -> bool:
        """Whether readers need a schema."""
        ...

    def check(self, table: TableShape) -> None:
        """Refuse a table that can't be written so.

        Raises:
            ModelError: a column's type doesn't fit.
        """
        ...

    def encode(self, table: TableShape, batch: pa.RecordBatch, first: int) -> list[bytes]:
        """Each row as one message, shape (n,); the first is row `first` of the table."""
        ...

    def write_schemas(self, tables: Sequence[TableShape], folder: Path) -> None:
        """Write the schema of each table into a folder, for those who read."""
        ...


@dataclass(frozen=True, slots=True)
class JsonRows:
    """A row is one JSON object, as in JSON Lines."""

    name: str = "json"
    content_type: str = "application/json"
    has_schemas: bool = False

    def check(self, table: TableShape) -> None:
        """JSON takes every type."""

    def encode(self, table: TableShape, batch: pa.RecordBatch, first: int) -> list[bytes]:
        """Each row as an object, shape (n,).

        Raises:
            DataError: a float is infinite or not a number, or a year has not four digits.
        """
        import pyarrow as pa

        from seedbed.core import compute
        from seedbed.write.formats.json_texts import row_texts

        texts = row_texts(batch, table.name, first)
        return list(compute.cast(texts, pa.binary()).to_pylist())

    def write_schemas(self, tables: Sequence[TableShape], folder: Path) -> None:
        """JSON needs none."""


def open_rows(name: str | None, place: str) -> Rows:
    """The way to write rows that a format names; JSON where it names none.

    Raises:
        ModelError: messages can't have that format.
        PluginError: its library is missing.
    """
    wanted = (name or FORMATS[0]).lower()
    if wanted in ("json", "jsonl", "ndjson"):
        return JsonRows()
    if wanted == "avro":
        from seedbed.write.streams.avro import AvroRows

        return AvroRows()
    fix = did_you_mean(wanted, FORMATS) or f"one of {one_of(FORMATS)}, or write files"
    raise ModelError(f"a message can't hold a row as `{name}`", where=place, fix=fix)
