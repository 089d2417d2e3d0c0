"""Tables in Parquet: one file `<node>.parquet`, or a folder `<node>` of `part-*.parquet`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from seedbed.core.errors import DataError, EdgeError
from seedbed.core.nearest import did_you_mean
from seedbed.core.records import dataclass
from seedbed.core.shapes import Piece
from seedbed.read.remote import RemoteFile, anywhere

#: A file on a disk, or an object of a store.
File: TypeAlias = Path | RemoteFile

#: A column is read in pieces of this size where a row group is too large to lie in memory as a whole.
_BUFFER_BYTES = 1 << 20

#: In tables of thousands of columns the pieces are smaller, so that all of them together have about this size.
_ALL_BUFFERS_BYTES, _LEAST_BUFFER_BYTES = 128 << 20, 16 << 10

#: What is wanted of a row group is read at once up to this size.
_WHOLE_BYTES = 32 << 20

#: Row groups are read together up to so many rows.
_STRETCH_ROWS = 1 << 17

_BROKEN = "make it anew (`seedbed generate ... --overwrite`), or take it from a copy that is whole"


@dataclass(frozen=True, slots=True)
class ParquetScan:
    """The rows of one or more Parquet files of one schema, one after the other; fits `TableScan`.

    Only the footers are read until `batches` is asked for rows.
    """

    paths: tuple[File, ...]
    schema: pa.Schema
    file_rows: tuple[int, ...]
    dictionaries: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows all files have together."""
        return sum(self.file_rows)

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row, over all files; checksums of pages are verified where there are any.

        Raises:
            DataError: a file is broken, or has no such column.
            EdgeError: a file vanished or can't be read.
        """
        for piece in self.pieces(columns, batch_rows):
            yield from piece()

    def pieces(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[Piece]:
        """Stretches of a row group or a few, which several threads may read at the same time; together the same batches.

        Raises:
            DataError: a file is broken, or has no such column.
            EdgeError: a file vanished or can't be read; so does what reads a stretch.
        """
        self._refuse_unknown(columns or ())
        start = 0
        for path, rows in zip(self.paths, self.file_rows, strict=True):
            _, footer = _footer(path)
            if footer.num_rows != rows:
                raise DataError(f"it holds {footer.num_rows:,} rows, a moment ago {rows:,}", where=str(path), fix=_BROKEN)
            for groups in _stretches(footer):
                yield partial(self._read, path, footer, groups, start, columns, batch_rows)
                start += _rows_of(footer, groups)

    def _read(
        self, path: File, footer: pq.FileMetaData, groups: range, start: int, columns: Sequence[str] | None, batch_rows: int
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        end = start + _rows_of(footer, groups)
        options = {
            "pre_buffer": isinstance(path, RemoteFile),
            "page_checksum_verification": True,
            "read_dictionary": list(self.dictionaries),
        }
        width = len(self.schema) if columns is None else max(len(columns), 1)
        piece = max(_LEAST_BUFFER_BYTES, min(_BUFFER_BYTES, _ALL_BUFFERS_BYTES // width))  # each column has one of its own
        buffer = 0 if _size_of(footer, groups, columns) <= _WHOLE_BYTES else piece
        wanted = None if columns is None else list(columns)
        with _edge(path), pq.ParquetFile(anywhere(path), metadata=footer, buffer_size=buffer, **options) as file:
            for batch in file.iter_batches(batch_size=batch_rows, row_groups=list(groups), columns=wanted, use_threads=False):
                yield start, batch
                start += batch.num_rows
        if start != end:
            raise DataError(f"rows are missing: the file says {footer.num_rows:,}", where=str(path), fix=_BROKEN)

    def _refuse_unknown(self, columns: Iterable[str]) -> None:
        for name in columns:
            if self.schema.get_field_index(name) < 0:  # `schema.names` would make a list of all of them each time
                place = f"{self.paths[0].parent if len(self.paths) > 1 else self.paths[0]}"
                raise DataError(f"there is no column `{name}`", where=place, fix=did_you_mean(name, self.schema.names))


def scan(path: str | Path | RemoteFile, *, dictionaries: bool = False) -> ParquetScan:
    """Look at a table in Parquet: a file, a folder of `part-*.parquet`, or either one's path without the ending.

    With `dictionaries`, strings that every file keeps with a dictionary come as dictionary arrays: faster where few values repeat.

    Raises:
        EdgeError: there is no such file or folder, or it can't be read.
        DataError: a file is no Parquet or broken, a part is missing, the parts differ in their columns.
    """
    files: list[File] = [path] if isinstance(path, RemoteFile) else [*_files_of(Path(path))]
    footers = [_footer(file) for file in files]
    schema = footers[0][0]
    for file, (other, _) in zip(files, footers, strict=True):
        _refuse_other_columns(file, other, files[0], schema)
    coded = _kept_with_dictionary([metadata for _, metadata in footers], schema) if dictionaries else ()
    return ParquetScan(tuple(files), schema, tuple(metadata.num_rows for _, metadata in footers), coded)


def scan_tables(folder: str | Path, names: Iterable[str], *, dictionaries: bool = False) -> dict[str, ParquetScan]:
    """Look at the tables of a folder by their names; a table that isn't there is left out.

    Raises:
        EdgeError: the folder is missing or can't be read.
        DataError: a file is no Parquet, is broken or incomplete.
    """
    root = Path(folder)
    with _edge(root):
        if not root.is_dir():
            raise EdgeError("there is no such folder", where=str(root), fix="give the folder that holds the tables' files")
        present = [name for name in names if (root / f"{name}.parquet").exists() or (root / name).is_dir()]
    return {name: scan(root / name, dictionaries=dictionaries) for name in present}


def _files_of(path: Path) -> list[Path]:
    with _edge(path):
        file = path if path.name.endswith(".parquet") else path.with_name(f"{path.name}.parquet")
        if path.is_dir():
            if file != path and file.exists():
                raise DataError(
                    f"both `{path.name}/` and `{file.name}` are there", where=str(path.parent), fix="keep the one that is meant"
                )
            return _parts_of(path)
        if not file.exists():
            raise EdgeError(
                "there is no such file",
                where=str(file),
                fix="look at the path; `seedbed generate` makes `<table>.parquet` or `<table>/part-*.parquet`",
            )
        return [file]


def _parts_of(folder: Path) -> list[Path]:
    parts = sorted(folder.glob("part-*.parquet"), key=lambda part: (len(part.name), part.name))
    if not parts:
        raise EdgeError("there is no `part-*.parquet` in the folder", where=str(folder), fix="give the folder of one table")
    numbers = [_number_of(part) for part in parts]
    for number, after in pairwise(numbers):
        if number is not None and after is not None and after != number + 1:
            remedy = "`seedbed generate ... --resume` makes the parts that are missing"
            raise DataError(f"part {number + 1} is missing", where=str(folder), fix=remedy)
    return parts


def _number_of(part: Path) -> int | None:
    match = re.fullmatch(r"part-([0-9]+)\.parquet", part.name)
    return int(match.group(1)) if match else None


def _footer(path: File) -> tuple[pa.Schema, pq.FileMetaData]:
    with _edge(path), pq.ParquetFile(anywhere(path)) as file:
        return file.schema_arrow.remove_metadata(), file.metadata


def _refuse_other_columns(file: File, schema: pa.Schema, first: File, expected: pa.Schema) -> None:
    if not schema.equals(expected):
        message = f"its columns are not those of {first.name}"
        raise DataError(message, where=str(file), fix="make all parts in one run; this one is from another")


def _kept_with_dictionary(footers: Sequence[pq.FileMetaData], schema: pa.Schema) -> tuple[str, ...]:
    """The string columns that have a dictionary in every row group of every file."""
    texts = {field.name for field in schema if pa.types.is_string(field.type)}
    for footer in footers:
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            chunks = [group.column(index) for index in range(group.num_columns)]
            texts &= {chunk.path_in_schema for chunk in chunks if chunk.has_dictionary_page}
    return tuple(sorted(texts))


def _stretches(footer: pq.FileMetaData) -> Iterator[range]:
    """The row groups of a file, small ones together."""
    first = rows = 0
    for number in range(footer.num_row_groups):
        rows += footer.row_group(number).num_rows
        if rows >= _STRETCH_ROWS:
            yield range(first, number + 1)
            first, rows = number + 1, 0
    if first < footer.num_row_groups:
        yield range(first, footer.num_row_groups)


def _rows_of(footer: pq.FileMetaData, groups: range) -> int:
    return sum(footer.row_group(number).num_rows for number in groups)


def _size_of(footer: pq.FileMetaData, groups: range, columns: Sequence[str] | None) -> int:
    """The bytes that wanted columns of some row groups have in the file."""
    names = [footer.schema.column(index).path.partition(".")[0] for index in range(footer.num_columns)]
    wanted = [index for index, name in enumerate(names) if columns is None or name in columns]
    chunks = (footer.row_group(number).column(index) for number in groups for index in wanted)
    return sum(chunk.total_compressed_size for chunk in chunks)


@contextmanager
def _edge(path: File) -> Iterator[None]:
    """Turn the errors of disks and of pyarrow into ours, with the place and the remedy."""
    try:
        yield
    except FileNotFoundError as error:
        raise EdgeError("the file is not there any more", where=str(path), fix="find out who removed it, then run again") from error
    except PermissionError as error:
        raise EdgeError("reading is not permitted", where=str(path), fix="give yourself the right to read it") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise DataError(f"this is no whole Parquet file: {_first_line(error)}", where=str(path), fix=_BROKEN) from error
    except OSError as error:
        if error.errno is None:  # pyarrow tells of broken pages by an OSError of its own
            raise DataError(f"this Parquet file is broken: {_first_line(error)}", where=str(path), fix=_BROKEN) from error
        raise EdgeError(f"reading failed: {_first_line(error)}", where=str(path), fix="look at the disk, then run again") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
