"""What a format is, and where each is: one small file, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast, runtime_checkable

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.registry import load
from seedbed.core.sinks import Place, TableShape, WrittenFile
from seedbed.write.targets import SinkOptions

if TYPE_CHECKING:
    import pyarrow as pa

#: What makes each format: `(options: SinkOptions) -> Format`. It refuses compressions it can't do, by ModelError, and by
#: `options.only(...)` what isn't for it; `format`, `mode` and `partition_by` are for whoever keeps the files, and always let through.
FORMATS = {
    "parquet": "seedbed.write.formats.parquet:open_format",
    "csv": "seedbed.write.formats.csv:open_format",
    "json": "seedbed.write.formats.json:open_format",
    "jsonl": "seedbed.write.formats.json_lines:open_format",
    "excel": "seedbed.write.formats.excel:open_format",
    "sql": "seedbed.write.formats.sql:open_format",
    "arrow": "seedbed.write.formats.arrow:open_format",
    "avro": "seedbed.write.formats.avro:open_format",
    "orc": "seedbed.write.formats.orc:open_format",
    "delta": "seedbed.write.formats.delta:open_format",
}

#: Other names that people use.
_ALIASES = {"ndjson": "jsonl", "json_lines": "jsonl", "jsonlines": "jsonl", "xlsx": "excel", "ipc": "arrow", "feather": "arrow"}

#: The options that every format lets through.
ALWAYS = ("format", "mode", "partition_by")


class Format(Protocol):
    """How the rows of a part become one file. Frozen; copies go to the workers by pickle; threads share it."""

    @property
    def name(self) -> str:
        """As `--format` calls it."""
        ...

    @property
    def suffix(self) -> str:
        """What files' names end with, the compression's part included: `.csv.gz`."""
        ...

    @property
    def part_rows(self) -> int | None:
        """The most rows of a file, a multiple of 65,536; None where a table must be one file."""
        ...

    @property
    def takes_codes(self) -> bool:
        """Whether string columns may come with a dictionary."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """What decides the bytes: compression, encodings, row groups; `format` itself needn't be said."""
        ...

    def check(self, table: TableShape) -> None:
        """Refuse a table that can't be held without loss.

        Raises:
            ModelError: a column's type, a name or the number of rows doesn't fit.
        """
        ...

    def encode(self, table: TableShape, batches: Iterable[pa.RecordBatch], out: BinaryIO) -> int:
        """Write one whole file, and give its rows; memory is that of a few batches.

        Batches have the columns of `table.schema` (but not those that folders' names tell, where files are partitioned). `out` collects
        small writes itself, can't seek or tell, and need not be flushed or closed; a large memoryview is passed on without a copy.
        What `out` and `batches` raise goes through.
        """
        ...


@runtime_checkable
class LoggedFormat(Format, Protocol):
    """A format that adds to its files at the end: the log that shows those of Delta, the scripts that make SQL's tables."""

    @property
    def in_folder(self) -> bool:
        """Whether a table has a folder of its own even where it is one part."""
        ...

    def commit(self, place: Place, table: TableShape, files: Sequence[WrittenFile], run: str) -> None:
        """Add what comes at the end of a table; called once for each table in the leading process, when all files are whole.

        A log lets all files be seen, at once. Doing it again for the same `run` changes nothing. What the paths of `files` tell (`country=DE/`) is for the log to say.
        """
        ...


def open_format(options: SinkOptions) -> Format:
    """The format that options ask for; Parquet where they don't say.

    Raises:
        ModelError: there is no such format, or it can't follow an option.
        PluginError: something must be installed for it.
    """
    asked = (options.format or "parquet").lower()
    name = _ALIASES.get(asked, asked)
    if name not in FORMATS:
        raise ModelError(
            f"there is no format `{options.format}`", where="format", fix=did_you_mean(name, FORMATS) or f"one of {one_of(FORMATS)}"
        )
    return cast("Format", load(FORMATS[name])(options))
