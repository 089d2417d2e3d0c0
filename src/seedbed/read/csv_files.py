"""Tables in CSV: read twice, once to learn the types and count the rows, then in blocks; any size in little memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Lock

import pyarrow as pa

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.read.plain import cut, refuse_doubled
from seedbed.read.quotes import QuoteWatch
from seedbed.read.scans import Part, chosen
from seedbed.read.text_stream import TextStream, bare_suffix, text_stream
from seedbed.read.text_types import Guess, convert

#: A row has to fit into a block: a quote that never closes is found after one, however large the file is.
BLOCK_BYTES = 4 << 20

#: Blocks where memory is dear.
FEW_BYTES = 1 << 20

#: From so many columns on, blocks are put together until they have so many rows: each batch costs something for every column.
_WIDE, _WIDE_ROWS = 500, 1_000

#: The header and the rows that the delimiter is found by are looked for in so many bytes at the start.
_SAMPLE_BYTES = 1 << 20
_SAMPLE_ROWS = 20
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How CSV files are written; what is None is found out: the delimiter (of `,`, `;`, tab and `|`), the encoding by its mark.

    A row has at most `block_bytes`; reading takes about fifty times as much memory.
    """

    delimiter: str | None = None
    encoding: str | None = None
    block_bytes: int = BLOCK_BYTES


@dataclass(frozen=True, slots=True)
class CsvScan:
    """The rows of one CSV file, whose types are known; fits `TableScan`."""

    path: Path
    schema: pa.Schema
    rows: int
    form: CsvForm

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row; only the wanted columns are turned into values.

        Raises:
            DataError: the file is not what it was when its types were found.
            EdgeError: it can't be read.
        """
        wanted = chosen(self.schema, columns, str(self.path))
        return cut((self._typed(batch, wanted) for batch in self._texts(wanted)), batch_rows)

    def _texts(self, wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
        return _texts(self.path, self.form, self.schema.names, wanted.names or self.schema.names[:1])

    def _typed(self, batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
        if not wanted.names:
            return batch.select([])
        try:
            arrays = [convert(batch.column(column.name), column.type) for column in wanted]
        except pa.ArrowException as error:
            raise DataError(f"a value has another type than before: {error}", where=str(self.path), fix=_CHANGED) from error
        return pa.RecordBatch.from_arrays(arrays, names=wanted.names)


_CHANGED = "keep the file as it is while it is read"


def csv_parts(paths: Sequence[Path], hint: pa.Schema | None = None, form: CsvForm | None = None) -> list[Part]:
    """Look at the CSV files of one table: all of them are read once, so that each column has one type that fits all its values.

    The first line of each file names its columns. Nothing between delimiters is null; `""` is an empty text (and null in
    columns that aren't texts). A column is what `hint` says where all its values are, otherwise what they all spell.

    Raises:
        DataError: a row has too many or too few values, a quote never closes, the file is empty or not UTF-8.
        EdgeError: a file can't be read.
    """
    form = form or CsvForm()
    guesses: dict[str, Guess] = {}
    found: list[tuple[Path, list[str], int, CsvForm]] = []
    for path in paths:
        names, known = _header(path, form)
        for name in names:
            guesses.setdefault(name, Guess(_hinted(hint, name)))
        found.append((path, names, _survey(path, known, names, guesses), known))
    kinds = {name: guess.kind for name, guess in guesses.items()}
    return [
        Part(str(path), CsvScan(path, pa.schema([(name, kinds[name]) for name in names]), rows, known))
        for path, names, rows, known in found
    ]


def _hinted(hint: pa.Schema | None, name: str) -> pa.DataType | None:
    return hint.field(name).type if hint is not None and name in hint.names else None


def _survey(path: Path, form: CsvForm, names: Sequence[str], guesses: Mapping[str, Guess]) -> int:
    rows = 0
    for batch in _texts(path, form, names, names, is_first=True):
        rows += batch.num_rows
        for name in names:
            guesses[name].see(batch.column(name))
    return rows


def _texts(path: Path, form: CsvForm, names: Sequence[str], wanted: Sequence[str], *, is_first: bool = False) -> Iterator[pa.RecordBatch]:
    """The wanted columns as texts, block by block; the first time it is made sure that quotes are closed."""
    import pyarrow.csv as pacsv

    reading = pacsv.ReadOptions(block_size=form.block_bytes, use_threads=True)
    parsing = pacsv.ParseOptions(delimiter=form.delimiter or ",", newlines_in_values=True, ignore_empty_lines=len(names) > 1)
    converting = pacsv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        include_columns=list(wanted),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    with text_stream(path, form.encoding) as stream, _broken(path, form, len(names)):
        stream.watch = QuoteWatch(form.delimiter or ",") if is_first else None
        with pacsv.open_csv(stream, reading, parsing, converting, memory_pool=_pool()) as reader:
            yield from _gathered(reader, _WIDE_ROWS if len(wanted) >= _WIDE else 1)
        if stream.watch is not None and stream.watch.is_odd:  # rows may have swallowed what came after an open quote
            _refuse_broken(path, form, len(names))


def _pool() -> pa.MemoryPool:
    """Arrow's own allocator: its threads make pieces that others free, and the C library's would keep the holes, gigabytes of them."""
    try:
        return pa.mimalloc_memory_pool()
    except NotImplementedError:  # this Arrow was built without
        return pa.default_memory_pool()


def _gathered(batches: Iterable[pa.RecordBatch], least: int) -> Iterator[pa.RecordBatch]:
    """Batches put together until they have so many rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= least:
            yield pa.concat_batches(waiting) if len(waiting) > 1 else batch
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def _header(path: Path, form: CsvForm) -> tuple[list[str], CsvForm]:
    """The names of a file's columns, and its form with the delimiter."""
    with text_stream(path, form.encoding) as stream:
        sample = stream.read(_SAMPLE_BYTES).decode(errors="replace")
    if not sample.strip():
        raise DataError("the file is empty", where=str(path), fix="begin it with a line that names its columns")
    by_ending = "\t" if bare_suffix(path) == ".tsv" else None
    delimiter = form.delimiter or by_ending or max(_DELIMITERS, key=lambda mark: _likeness(sample, mark))
    rows = _sampled(sample, delimiter)
    if "\0" in sample.partition("\n")[0]:
        fix = "save it in UTF-8, or in UTF-16 with a byte order mark"
        raise DataError("there are zero bytes in the line that names columns: is this UTF-16?", where=f"{path}:1", fix=fix)
    if not rows or (len(sample) >= _SAMPLE_BYTES and len(rows) < 2):
        raise DataError(
            "no line that names columns is found at the start", where=f"{path}:1", fix="begin the file with one, in whole quotes"
        )
    refuse_doubled(rows[0], f"{path}:1")
    return rows[0], replace(form, delimiter=delimiter)


def _likeness(sample: str, delimiter: str) -> tuple[bool, int]:
    """How likely a sign is the delimiter: whether it cuts the first rows into equally many values, and how many."""
    rows = [row for row in _sampled(sample, delimiter) if row]
    width = len(rows[0]) if rows else 0
    return width > 1 and all(len(row) == width for row in rows[:-1]), width


def _sampled(sample: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), _SAMPLE_ROWS))
    except csv.Error:  # a field longer than any should be; what came before it is known, and that there is more
        rows += [[]] if rows else []
    return rows


@contextmanager
def _broken(path: Path, form: CsvForm, width: int) -> Iterator[None]:
    """Turn an error of the parser into ours, with the line."""
    try:
        yield
    except pa.ArrowException as error:
        _refuse_broken(path, form, width)
        said = str(error).splitlines()[0][:200]
        fix = f"a row has at most {form.block_bytes >> 20} MiB: write the file anew with a CSV writer"
        raise DataError(f"the file is no CSV that can be read: {said}", where=str(path), fix=fix) from error


def _refuse_broken(path: Path, form: CsvForm, width: int) -> None:
    """Look for the line that is wrong, row by row; slow, but only a broken file is read so.

    Raises:
        DataError: there is such a line.
    """
    most = form.block_bytes
    with text_stream(path, form.encoding) as stream, _long_fields(most):
        rows = csv.reader(_lines(stream, path), delimiter=form.delimiter or ",", strict=True)
        line = 1
        try:
            for row in rows:
                if row and len(row) != width:
                    message = f"{len(row)} values in a row of {width} columns"
                    raise DataError(message, where=f"{path}:{line}", fix="put values that hold delimiters, quotes or newlines in quotes")
                line = rows.line_num + 1
        except csv.Error as error:
            if "limit" in str(error):
                message = f"the quotes of this row are broken, or a value has more than {most >> 20} MiB"
            else:
                message = f"the quotes of this row are broken ({error})"
            raise DataError(message, where=f"{path}:{line}", fix="close each quote, and write a quote inside quotes twice") from error


_LIMIT = Lock()  # of fields is one for the whole process


@contextmanager
def _long_fields(most: int) -> Iterator[None]:
    """Let Python's reader take fields of so many characters."""
    with _LIMIT:
        before = csv.field_size_limit(most)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _lines(stream: TextStream, path: Path) -> Iterable[str]:
    """Lines as texts, with their ends; an endless one comes in pieces."""
    number = 0
    rest = b""
    while data := stream.read(BLOCK_BYTES):
        *whole, rest = (rest + data).splitlines(keepends=True)
        if rest.endswith(b"\n") or len(rest) > BLOCK_BYTES:
            whole, rest = [*whole, rest], b""
        for line in whole:
            number += 1
            yield _decoded(line, path, number)
    if rest:
        yield _decoded(rest, path, number + 1)


def _decoded(line: bytes, path: Path, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        fix = "save the file in UTF-8, or say its encoding"
        raise DataError("this line is not in UTF-8", where=f"{path}:{number}", fix=fix) from error
