"""Tables in two: rows that fail checks in `failed/`, the others in `passed/`, as Parquet."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import EdgeError
from seedbed.write.atomic import edge_errors, unfinished_name
from seedbed.write.formats.parquet import open_parquet


def write_parted(folder: Path, table: str, schema: pa.Schema, parts: Iterable[tuple[pa.RecordBatch, pa.RecordBatch]]) -> tuple[int, int]:
    """Write the failing and the passing rows of a table, batch by batch; how many of each there were.

    `schema` is that of the passing rows; failing ones have a further column. A file without rows is written too, so that a table is
    always there. Files get their names when they are whole.

    Raises:
        EdgeError: the disk is full, or writing is not allowed.
    """
    paths = [folder / kind / f"{table}.parquet" for kind in ("failed", "passed")]
    counts = [0, 0]
    writers: list[Any] = []
    try:
        for path in paths:
            with edge_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
        for pair in parts:
            for place, batch in enumerate(pair):
                plain = _plain(batch, schema)
                if len(writers) <= place:
                    writers.append(open_parquet(unfinished_name(paths[place]), plain.schema))
                counts[place] += plain.num_rows
                if plain.num_rows:
                    writers[place].write_batch(plain)
        for writer, path in zip(writers, paths, strict=False):
            writer.close()
            unfinished_name(path).replace(path)
    except OSError as error:
        raise EdgeError(f"cannot write: {error.strerror or error}", where=str(folder), fix="look at the disk and the folder") from error
    finally:
        for writer in writers:
            with suppress(OSError, pa.ArrowException):
                writer.close()
        for path in paths:
            unfinished_name(path).unlink(missing_ok=True)
    return counts[0], counts[1]


def _plain(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch in the types of its table: texts that came with a dictionary are written out."""
    fields = [schema.field(name) if name in schema.names else batch.schema.field(name) for name in batch.schema.names]
    arrays = [
        array.dictionary_decode().cast(field.type)
        if pa.types.is_dictionary(array.type) and not pa.types.is_dictionary(field.type)
        else array
        for array, field in zip(batch.columns, fields, strict=True)
    ]
    return pa.RecordBatch.from_arrays(
        arrays, schema=pa.schema([pa.field(field.name, array.type, field.nullable) for field, array in zip(fields, arrays, strict=True)])
    )
