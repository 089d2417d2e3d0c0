"""Tables in JSON Lines, an object a line (or a line of an array): read twice, once to learn the types and count the rows, then in blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.read.json_depth import refuse_deep
from seedbed.read.json_types import JsonTypes
from seedbed.read.plain import cut
from seedbed.read.scans import Part, chosen
from seedbed.read.text_stream import TextStream, text_stream
from seedbed.read.text_types import convert

BLOCK_BYTES = 4 << 20
#: A longer line is no row but a document.
LINE_BYTES = 64 << 20

_ONE_A_LINE = "write one object a line (`jq -c '.[]'` makes that of an array)"


@dataclass(frozen=True, slots=True)
class JsonScan:
    """The rows of one file of JSON Lines, whose types are known; fits `TableScan`."""

    path: Path
    schema: pa.Schema
    rows: int
    types: JsonTypes
    encoding: str | None = None

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; only the wanted columns are turned into values.

        Raises:
            DataError: the file is not what it was when its types were found.
            EdgeError: it can't be read.
        """
        wanted = chosen(self.schema, columns, str(self.path))
        carriers = wanted if wanted.names else chosen(self.schema, self.schema.names[:1], str(self.path))
        return cut((batch.select(wanted.names) for batch in self._read(carriers)), batch_rows)

    def _read(self, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
        with text_stream(self.path, self.encoding) as stream:
            for line, block in _blocks(stream, self.path):
                if block.strip():
                    yield self._typed(line, block, wanted)

    def _typed(self, line: int, block: bytes, wanted: pa.Schema) -> pa.RecordBatch:
        stored = pa.schema([(field.name, self.types.stored(field.name)) for field in wanted])
        if self.types.is_slow:
            arrays = [
                _array(values, kind) for values, kind in zip(_columns(self.path, line, block, stored.names), stored.types, strict=True)
            ]
        else:
            try:
                table = _parsed(block, stored, "ignore")
            except pa.ArrowException as error:
                fix = "keep the file as it is while it is read"
                raise DataError(f"a value has another type than before: {error}", where=f"{self.path}:{line}", fix=fix) from error
            arrays = [_whole(table.column(name)) for name in stored.names]
        typed = [array if array.type == field.type else convert(array, field.type) for array, field in zip(arrays, wanted, strict=True)]
        return pa.RecordBatch.from_arrays(typed, names=wanted.names)


def json_parts(paths: Sequence[Path], hint: pa.Schema | None = None, encoding: str | None = None) -> list[Part]:
    """Look at the JSON Lines files of one table: all are read once, so that each column has one type that fits all its values.

    A column whose values have nothing in common (a number here, a text there) comes as texts of JSON. A column is what `hint`
    says where all its values are; without one, texts that all spell dates or moments are those.

    Raises:
        DataError: a line is no object, or not UTF-8.
        EdgeError: a file can't be read.
    """
    types = JsonTypes(hint)
    rows = [_survey(path, types, encoding) for path in paths]
    schema = types.schema()
    return [Part(str(path), JsonScan(path, schema, count, types, encoding)) for path, count in zip(paths, rows, strict=True)]


def _survey(path: Path, types: JsonTypes, encoding: str | None) -> int:
    total = 0
    with text_stream(path, encoding) as stream:
        for line, block in _blocks(stream, path):
            if block.strip():
                table = _known(path, line, block, types)
                types.see(table)
                total += table.num_rows
    return total


def _known(path: Path, line: int, block: bytes, types: JsonTypes) -> pa.Table:
    """A block in the types known so far, after they have been widened to what is in it."""
    refuse_deep(path, line, block)
    if not types.is_slow:
        try:
            table = _parsed(block, types.all_stored(), "infer")
            if table.schema.equals(types.all_stored()):  # else there are new columns, or new fields in old ones
                return table
        except pa.ArrowException:
            pass  # something in it is new
        try:
            types.meet(_parsed(block, None, "infer"), lambda field: _fits(block, field))
            return _parsed(block, types.all_stored(), "ignore")
        except pa.ArrowException:
            types.is_slow = True  # mixed types, or a line that is broken: looked at line by line
    names = _names(path, line, block)
    found = dict(zip(names, _columns(path, line, block, names), strict=True))
    types.meet_values(found)
    return pa.table({name: _array(values, types.stored(name)) for name, values in found.items()})


def _fits(block: bytes, field: pa.Field) -> bool:
    try:
        _parsed(block, pa.schema([field]), "ignore")
    except (pa.ArrowException, UnicodeError):
        return False
    return True


def _parsed(block: bytes, schema: pa.Schema | None, unexpected: str) -> pa.Table:
    import pyarrow.json as pajson

    reading = pajson.ReadOptions(use_threads=False, block_size=len(block) + 1)
    parsing = pajson.ParseOptions(explicit_schema=schema, newlines_in_values=False, unexpected_field_behavior=unexpected)
    return pajson.read_json(pa.BufferReader(block), reading, parsing)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


def _objects(path: Path, first: int, block: bytes) -> list[dict[str, Any]]:
    """Each line's object.

    Raises:
        DataError: a line has none.
    """
    found: list[dict[str, Any]] = []
    for number, line in enumerate(block.split(b"\n"), first):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"this line is no JSON: {error}", where=f"{path}:{number}", fix=_ONE_A_LINE) from error
        if not isinstance(value, dict):
            raise DataError(f"this line is no object but {type(value).__name__}", where=f"{path}:{number}", fix=_ONE_A_LINE)
        if b"\\ud" in line or b"\\uD" in line:
            _refuse_halves(value, f"{path}:{number}")
        found.append(value)
    return found


def _refuse_halves(value: dict[str, Any], where: str) -> None:
    """Refuse texts with half a surrogate pair, which no encoding has a place for."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        fix = "write characters beyond U+FFFF as two such halves, or as they are in UTF-8"
        raise DataError(f"a text holds `{half}`, which is half a character", where=where, fix=fix) from error


def _names(path: Path, first: int, block: bytes) -> list[str]:
    return list(dict.fromkeys(name for row in _objects(path, first, block) for name in row))


def _columns(path: Path, first: int, block: bytes, names: Sequence[str]) -> list[list[Any]]:
    rows = _objects(path, first, block)
    return [[row.get(name) for row in rows] for name in names]


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        values = [value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
    return pa.array(values, kind)


def _blocks(stream: TextStream, path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines of about `BLOCK_BYTES` together, with the number of the first; an array with an object a line as these objects."""
    is_array = False
    for line, block in _whole_lines(stream, path):
        is_array = is_array or (line == 1 and block.lstrip().startswith(b"["))
        yield line, _lines_of_array(block, is_first=line == 1) if is_array else block


def _lines_of_array(block: bytes, *, is_first: bool) -> bytes:
    """Lines of an array's objects without what makes them an array; a text in an object has no line ends."""
    lines = block.replace(b"},\n", b"}\n")
    if is_first:
        lines = lines.replace(b"[", b"", 1)
    end = lines.rstrip()
    return end[:-1] if end == b"]" or end.endswith((b"\n]", b"}]")) else lines


def _whole_lines(stream: TextStream, path: Path) -> Iterator[tuple[int, bytes]]:
    line, rest = 1, b""
    while data := stream.read(BLOCK_BYTES):
        end = data.rfind(b"\n") + 1
        if end:
            block, rest = rest + data[:end], data[end:]
            yield line, block
            line += block.count(b"\n")
        else:
            rest += data
        if len(rest) > LINE_BYTES:
            raise DataError(f"this line has more than {LINE_BYTES >> 20} MiB", where=f"{path}:{line}", fix=_ONE_A_LINE)
    yield line, rest
