"""Tables in Excel workbooks, through calamine; a sheet is in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError, PluginError
from seedbed.read.edges import edge
from seedbed.read.plain import cut, refuse_doubled
from seedbed.read.scans import Part, chosen
from seedbed.read.text_types import Guess, convert

_ONE_TABLE = "keep one table in a workbook, each sheet beginning with the same line of names"


@dataclass(frozen=True, slots=True)
class ExcelScan:
    """The rows of a sheet whose types are known; fits `TableScan`."""

    path: Path
    sheet: int
    schema: pa.Schema
    rows: int

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row.

        Raises:
            DataError: the file is not what it was when its types were found, or there is no such column.
            EdgeError: it can't be read.
        """
        wanted = chosen(self.schema, columns, str(self.path))
        return cut(self._read(wanted, batch_rows), batch_rows)

    def _read(self, wanted: pa.Schema, batch_rows: int) -> Iterator[pa.RecordBatch]:
        names, rows = _sheet(self.path, self.sheet)
        places = [names.index(name) for name in (wanted.names or names[:1])]
        for start in range(0, len(rows), batch_rows):
            some = rows[start : start + batch_rows]
            arrays = [
                _array([row[place] for row in some], self.schema.field(names[place]).type, self._where(names[place])) for place in places
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=[names[place] for place in places]).select(wanted.names)

    def _where(self, name: str) -> str:
        return f"{self.path}: {name}"


def excel_parts(paths: Sequence[Path], hint: pa.Schema | None = None) -> list[Part]:
    """Look at the workbooks of one table: its sheets follow each other, each beginning with the same line of names.

    Excel knows numbers (all floats), truth values, moments and texts: a column is what `hint` says where all its values can be that,
    a whole number where all its numbers are. An empty cell is null.

    Raises:
        DataError: a workbook is broken, has no line of names, or its sheets are several tables.
        EdgeError: a file can't be read.
        PluginError: python-calamine is not installed.
    """
    found: list[tuple[Path, int, list[str], int]] = []
    values: dict[str, list[pa.DataType | None]] = {}
    for path in paths:
        for sheet in range(_sheets(path)):
            names, rows = _sheet(path, sheet)
            if found and names != found[0][2]:
                raise DataError(f"sheet {sheet + 1} has other columns than the one before it", where=str(path), fix=_ONE_TABLE)
            found.append((path, sheet, names, len(rows)))
            for place, name in enumerate(names):
                expected = hint.field(name).type if hint is not None and name in hint.names else None
                values.setdefault(name, []).append(_kind([row[place] for row in rows], expected))
    kinds = {name: _common(some) for name, some in values.items()}
    return [
        Part(f"{path}, sheet {sheet + 1}", ExcelScan(path, sheet, pa.schema([(name, kinds[name]) for name in names]), rows))
        for path, sheet, names, rows in found
    ]


def _common(kinds: Sequence[pa.DataType | None]) -> pa.DataType:
    """The type of a column over all sheets; None are those without a value."""
    seen = {kind for kind in kinds if kind is not None}
    if seen == {pa.int64(), pa.float64()}:
        return pa.float64()
    return next(iter(seen)) if len(seen) == 1 else pa.string()


def _kind(column: Sequence[Any], expected: pa.DataType | None) -> pa.DataType | None:
    said = [value for value in column if value != ""]
    if not said:
        return expected
    if expected is not None and _fits(said, expected):
        return expected
    kinds = {type(value) for value in said}
    if kinds <= {int, float}:
        return pa.int64() if all(float(value).is_integer() and abs(value) <= 2**53 for value in said) else pa.float64()
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {date}:
        return pa.date32()
    if kinds <= {date, datetime}:
        return pa.timestamp("us")
    return pa.time64("us") if kinds <= {time, timedelta} else pa.string()


def _fits(said: Sequence[Any], kind: pa.DataType) -> bool:
    if pa.types.is_string(kind) and not all(isinstance(value, str) for value in said):
        return False
    guess = Guess(kind)
    if all(isinstance(value, str) for value in said) and not pa.types.is_string(kind):
        guess.see(pa.array(said, pa.string()))
        return bool(guess.kind == kind)
    try:
        _array(said, kind, "")
    except DataError:
        return False
    return True


def _array(column: Sequence[Any], kind: pa.DataType, where: str) -> pa.Array:
    try:
        values = [None if value == "" else _value(value, kind) for value in column]
        if not pa.types.is_string(kind) and any(isinstance(value, str) for value in values):
            return convert(pa.array([None if value is None else str(value) for value in values], pa.string()), kind)
        return pa.array(values, kind)
    except (pa.ArrowException, ValueError, TypeError, ArithmeticError) as error:
        raise DataError(f"a value is no {kind}: {error}", where=where, fix="keep the file as it is while it is read") from error


def _value(value: Any, kind: pa.DataType) -> Any:
    """A cell's value as Arrow wants it for a type."""
    if isinstance(value, bool | str):
        return _text(value) if pa.types.is_string(kind) else value
    if isinstance(value, int | float):
        return _number(value, kind)
    if isinstance(value, timedelta):
        value = (datetime(1, 1, 1) + value).time()  # noqa: DTZ001
    if pa.types.is_timestamp(kind) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - Excel has no time zones
    if pa.types.is_date(kind) and isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    return value.isoformat() if pa.types.is_string(kind) else value


def _number(value: float, kind: pa.DataType) -> Any:
    if pa.types.is_decimal(kind):
        return Decimal(repr(value)).quantize(Decimal(1).scaleb(-kind.scale))
    if pa.types.is_integer(kind):
        whole = int(value)
        if whole != value:
            message = f"{value} is no whole number"
            raise ValueError(message)
        return whole
    return _text(value) if pa.types.is_string(kind) else float(value) if pa.types.is_floating(kind) else value


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    try:
        import python_calamine
    except ImportError as error:
        fix = "pip install 'seedbed[excel]'"
        raise PluginError("workbooks need python-calamine, which is not installed", where=str(path), fix=fix) from error
    with edge(path, "Excel file"), path.open("rb") as file:
        try:
            yield python_calamine.CalamineWorkbook.from_filelike(file)
        except python_calamine.CalamineError as error:
            fix = "save it anew, or take a copy that is whole"
            raise DataError(f"this is no workbook that can be read: {error}", where=str(path), fix=fix) from error


def _sheets(path: Path) -> int:
    with _book(path) as book:
        return len(book.sheet_names)


def _sheet(path: Path, number: int) -> tuple[list[str], list[list[Any]]]:
    """The names in the first line of a sheet, and the rows below it."""
    with _book(path) as book:
        rows: list[list[Any]] = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
    if not rows or not all(isinstance(name, str) and name for name in rows[0]):
        message = f"sheet {number + 1} does not begin with a line of names"
        raise DataError(message, where=str(path), fix="write a name above each column, in the first line")
    refuse_doubled(rows[0], f"{path}, sheet {number + 1}")
    return rows[0], rows[1:]
