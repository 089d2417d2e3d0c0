"""Some columns of a small CSV, Excel or Parquet file, in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError, EdgeError, PluginError, SeedbedError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.read.parquet import scan

#: A larger file is a table of its own, no list of choices.
MOST_BYTES, MOST_ROWS = 64 << 20, 1_000_000

EXCEL = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_columns(path: Path, wanted: Mapping[str, pa.DataType], sheet: str | None = None) -> dict[str, pa.Array]:
    """The wanted columns of a file, each as an array of its type, all of one length; the ending says what kind of file it is.

    Raises:
        DataError: the file is broken or too large, lacks a column or the sheet, or a value is of another type.
        EdgeError: there is no such file, or it can't be read.
        PluginError: it is an Excel file, and what reads those is not installed.
    """
    ending = path.suffix.lower()
    read = _READERS.get(ending)
    if read is None:
        raise DataError(f"`{ending or path.name}` is no kind of file that is read", where=str(path), fix=f"use {one_of(_READERS)}")
    if sheet is not None and ending not in EXCEL:
        raise DataError("only Excel files have sheets", where=str(path), fix="remove `sheet`")
    _refuse_large(path)
    found = read(path, wanted, sheet)
    rows = max((len(values) for values in found.values()), default=0)
    if rows > MOST_ROWS:
        raise DataError(f"{rows:,} rows; at most {MOST_ROWS:,} can be chosen from", where=str(path), fix="use a smaller file")
    return found


def _refuse_large(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise EdgeError("there is no such file", where=str(path), fix="check the path: it begins at the model's folder") from error
    except OSError as error:
        raise EdgeError(f"reading failed: {error.strerror or error}", where=str(path), fix="check the path") from error
    if not path.is_file():
        raise EdgeError("this is no file", where=str(path), fix="check the path: it begins at the model's folder")
    if size > MOST_BYTES:
        raise DataError(f"{size:,} bytes; at most {MOST_BYTES:,} are read", where=str(path), fix="use a smaller file")


def _missing(path: Path, name: str, known: Sequence[str]) -> DataError:
    fix = did_you_mean(name, known) or f"its columns are {one_of(known)}"
    return DataError(f"there is no column `{name}`", where=str(path), fix=fix)


def _csv(path: Path, wanted: Mapping[str, pa.DataType], _sheet: str | None) -> dict[str, pa.Array]:
    """Columns of a file with a header, commas between values (tabs in `.tsv`), in UTF-8."""
    import pyarrow.csv as pacsv

    parsing = pacsv.ParseOptions(delimiter="\t" if path.suffix.lower() == ".tsv" else ",", newlines_in_values=True)
    types = {name: pa.string() if pa.types.is_string(kind) else kind for name, kind in wanted.items()}
    converting = pacsv.ConvertOptions(column_types=types, include_columns=list(wanted), strings_can_be_null=False)
    try:
        with pacsv.open_csv(path, parse_options=parsing) as reader:
            known = reader.schema.names
        for name in wanted:
            if name not in known:
                raise _missing(path, name, known)
        table = pacsv.read_csv(path, parse_options=parsing, convert_options=converting)
    except pa.ArrowException as error:
        raise DataError(
            f"the file cannot be read: {error}", where=str(path), fix="write a header, and values of one type a column"
        ) from error
    except OSError as error:
        raise EdgeError(f"reading failed: {error}", where=str(path), fix="check the file") from error
    return {name: _whole(table.column(name)) for name in wanted}


def _parquet(path: Path, wanted: Mapping[str, pa.DataType], _sheet: str | None) -> dict[str, pa.Array]:
    found = scan(path)
    for name in wanted:
        if name not in found.schema.names:
            raise _missing(path, name, found.schema.names)
    if found.rows > MOST_ROWS:
        raise DataError(f"{found.rows:,} rows; at most {MOST_ROWS:,} can be chosen from", where=str(path), fix="use a smaller file")
    table = pa.Table.from_batches(
        (batch for _, batch in found.batches(list(wanted))), pa.schema([found.schema.field(name) for name in wanted])
    )
    return {name: _cast(path, name, _whole(table.column(name)), kind) for name, kind in wanted.items()}


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """One array without dictionaries."""
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return array.dictionary_decode() if isinstance(array, pa.DictionaryArray) else array


def _cast(path: Path, name: str, values: pa.Array, kind: pa.DataType) -> pa.Array:
    if values.type == kind:
        return values
    try:
        return values.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _other_type(path, name, kind, str(error)) from error


def _other_type(path: Path, name: str, kind: pa.DataType, said: str) -> DataError:
    return DataError(
        f"not every value of `{name}` is of type {kind}: {said}", where=str(path), fix="set the column's type to what the file holds"
    )


def _excel(path: Path, wanted: Mapping[str, pa.DataType], sheet: str | None) -> dict[str, pa.Array]:
    """Columns of a sheet whose first row is the header."""
    rows = _sheet_rows(path, sheet)
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    found = {}
    for name, kind in wanted.items():
        if name not in header:
            raise _missing(path, name, [cell for cell in header if cell])
        place = header.index(name)
        cells = [row[place] if place < len(row) else None for row in rows[1:]]
        try:
            found[name] = pa.array([_cell(cell, kind) for cell in cells], kind)
        except (pa.ArrowException, ValueError, TypeError) as error:
            raise _other_type(path, name, kind, str(error)) from error
    return found


def _sheet_rows(path: Path, sheet: str | None) -> list[list[Any]]:
    """The rows of a sheet, the first one where none is named; empty ones at the end are left out."""
    try:
        import python_calamine as calamine
    except ImportError as error:
        fix = "pip install 'seedbed[excel]'"
        raise PluginError("Excel files are read by python-calamine, which is not installed", where=str(path), fix=fix) from error
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            names = list(book.sheet_names)
            if sheet is not None and sheet not in names:
                fix = did_you_mean(sheet, names) or f"its sheets are {one_of(names)}"
                raise DataError(f"there is no sheet `{sheet}`", where=str(path), fix=fix)
            rows: list[list[Any]] = book.get_sheet_by_name(sheet or names[0]).to_python()
    except SeedbedError:
        raise
    except (calamine.CalamineError, OSError, IndexError) as error:
        raise DataError(f"the file is no workbook that can be read: {error}", where=str(path), fix="save it again as .xlsx") from error
    while rows and all(cell in ("", None) for cell in rows[-1]):
        rows.pop()
    return rows


def _cell(cell: Any, kind: pa.DataType) -> Any:
    """A cell as an array of that type takes it; an empty one is null."""
    if cell in ("", None):
        return None
    is_whole = isinstance(cell, float) and cell.is_integer()  # Excel has no whole numbers
    if pa.types.is_string(kind):
        if isinstance(cell, dt.date | dt.time):
            return cell.isoformat()
        return str(int(cell) if is_whole else cell) if not isinstance(cell, bool) else str(cell).lower()
    if pa.types.is_integer(kind) and is_whole:
        return int(cell)
    if pa.types.is_timestamp(kind) and isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - columns have no zone
    return cell


Reader = Callable[[Path, Mapping[str, pa.DataType], "str | None"], dict[str, pa.Array]]

_READERS: dict[str, Reader] = {".csv": _csv, ".tsv": _csv, ".parquet": _parquet, **dict.fromkeys(EXCEL, _excel)}
