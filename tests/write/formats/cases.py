"""One column of every type with the values that formats get wrong, and how each format's file is read again."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from seedbed.core.sinks import TableShape
from seedbed.read.sources import open_tables
from seedbed.write.formats.format import Format, open_format
from seedbed.write.targets import SinkOptions

#: Texts that end statements, cells or lines, look like nulls, formulas, numbers and escapes, or are written from right to left.
TEXTS = [
    *("", " ", "a", "Köln", "שלום עולם", "😀👩‍👩‍👧", "e\u0301", "null", "NULL", "None", "NaN", "true", "007", "1e5", "-0", "\\N"),
    *("a,b;c\td|e", 'say "hi"', "it's", "''", '"', "`x`", "[x]]", "two\nlines", "two\r\nlines", "\r", "\n", "\ttab", " lead and trail "),
    *("=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "_x0041_x0042_", "_x000D_", '<a href="x">&amp;</a>', "]]>", "\\", "\\n", "a\\", "\\'"),
    *("\x01\x02\x1b\x1f\x7f", "\u2028\u2029", "\ufeffbom", "\u200b", "$(x) ${y} :z %s {0}", "--x", "/* x */", "GO\nGO", "\U0010fffd"),
]

INT = [0, 1, -1, 127, 128, -(2**31), 2**31, 2**53, -(2**53)]
FAR_INT = [2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
FLOAT = [0.0, 1.0, -1.5, 0.1, 1 / 3, 1e15, 1e16, 123456789.125, 1e300, -1e-300, 2.2250738585072014e-308, 1.7976931348623157e308, 5e-5]
DAY, US = 86_400, 1_000_000


def decimals(kind: pa.DataType, *texts: str) -> pa.Array:
    return pa.array([None, *map(Decimal, texts)], kind)


def nullable(values: list[object] | list[int] | list[float] | list[str], kind: pa.DataType) -> pa.Array:
    return pa.array([None, *values, None], kind)


MOMENTS = [0, -1000, 1_700_000_000_123_000, -2_203_891_200_000_000, 253_402_300_799_999_000]
STRUCT = pa.struct([("a", pa.int64()), ("b", pa.string()), ("c", pa.struct([("d", pa.float64())]))])
NESTED = pa.list_(pa.struct([("sku", pa.string()), ("tags", pa.list_(pa.string())), ("price", pa.decimal128(10, 2))]))

#: A column for each type: what every format that has the type keeps.
COLUMNS: dict[str, pa.Array] = {
    "int": nullable(INT, pa.int64()),
    "float": nullable(FLOAT, pa.float64()),
    "negative_zero": nullable([-0.0, 0.0], pa.float64()),
    "bool": pa.array([True, None, False]),
    "text": nullable([text for text in TEXTS if text], pa.string()),
    "date": nullable([0, 1, -1, -25_508, 2_932_896, 19_782], pa.date32()),
    "moment": nullable(MOMENTS[:3], pa.timestamp("us")),
    "instant": nullable(MOMENTS[:3], pa.timestamp("us", "UTC")),
    "zoned": nullable(MOMENTS[:3], pa.timestamp("us", "Europe/Berlin")),
    "time": nullable([0, 1000, 86_399_999_000, 30_600 * US], pa.time64("us")),
    "decimal": decimals(pa.decimal128(18, 2), "0.00", "19.90", "-0.05", "9999999999999.99"),
    "uuid": pa.array(["6f1c2b1e-0d6c-4b57-9a44-0c9d3a5f7e21", None]),
    "json": pa.array(['{"size": 3, "a": [1.50, null]}', "[]", None]),
    "bytes": pa.array([b"seed", None, b"\x00\xff\n'\"\\", bytes(range(256))]),
    "struct": pa.array([{"a": 1, "b": "x", "c": {"d": 0.5}}, None, {"a": None, "b": "", "c": None}], STRUCT),
    "list": pa.array([["a", "", None], [], None, ["😀", 'q"']], pa.list_(pa.string())),
    "nested": pa.array([[{"sku": "s", "tags": ["t"], "price": Decimal("1.50")}, None], [], None], NESTED),
    "empty_texts": pa.array(["", None, "x", ""]),
    "nul": pa.array(["a\x00b", None]),
    "far_int": nullable(FAR_INT, pa.int64()),
    "denormal": nullable([5e-324, -2e-310], pa.float64()),
    "not_a_number": nullable([float("nan")], pa.float64()),
    "infinite": nullable([float("inf"), float("-inf")], pa.float64()),
    "micros": nullable([1, 1_700_000_000_123_456, -1], pa.timestamp("us")),
    "micro_times": nullable([1, 86_399_999_999], pa.time64("us")),
    "far_dates": nullable([-719_162, -100_000, 2_932_896], pa.date32()),
    "far_moments": nullable([-62_135_596_800 * US, 253_402_300_799 * US, *MOMENTS], pa.timestamp("us")),
    "years_beyond": nullable([-62_135_596_800 * US - 1, 253_402_300_800 * US], pa.timestamp("us")),
    "digits_18": decimals(pa.decimal128(18, 4), "12345678901234.5678", "-99999999999999.9999"),
    "digits_38": decimals(pa.decimal128(38, 9), "0.000000000", "-12345678901234567890123456789.123456789", "0.000000001"),
    "no_rows": pa.array([], pa.string()),
    "only_nulls": pa.nulls(3, pa.int64()),
    "many": pa.array(np.arange(70_000, dtype=np.int64)),
}

TAGS = {"uuid": {"seedbed.type": "uuid"}, "json": {"seedbed.type": "json"}}


@dataclass(frozen=True)
class Case:
    """A format with options, and the columns that it refuses, before the first row or at it; all others come back as they were."""

    name: str
    options: SinkOptions
    refuses: frozenset[str] = frozenset()
    refuses_rows: frozenset[str] = frozenset()
    #: In the file, but beyond what its reader's dates reach.
    beyond_reader: frozenset[str] = frozenset()

    @property
    def format(self) -> Format:
        return open_format(self.options)


def case(name: str, refuses: str = "", refuses_rows: str = "", beyond_reader: str = "", **options: object) -> Case:
    asked = SinkOptions(format=name.partition("-")[0], **options)  # type: ignore[arg-type]  # options of several types
    return Case(name, asked, frozenset(refuses.split()), frozenset(refuses_rows.split()), frozenset(beyond_reader.split()))


_NESTED = "struct list nested"
_FLOATS = "not_a_number infinite"
CASES = [
    case("parquet"),
    case("parquet-zstd", compression="zstd"),
    case("arrow"),
    case("arrow-stream", compression="zstd", format_options={"layout": "stream"}),
    case("avro", beyond_reader="years_beyond"),
    case("avro-bz2", beyond_reader="years_beyond", compression="bz2"),
    case("orc", "time micro_times", "far_moments years_beyond"),
    case("delta", "time micro_times"),
    case("csv", _NESTED, "years_beyond"),
    case("csv-semicolon", _NESTED, "years_beyond", compression="xz", format_options={"delimiter": ";", "quotes": "all"}),
    case("jsonl", "", f"{_FLOATS} years_beyond"),
    case("jsonl-gzip", "", f"{_FLOATS} years_beyond", compression="gzip"),
    case("json", "", f"{_FLOATS} years_beyond", compression="zstd"),
    case(
        "excel",
        f"{_NESTED} bytes instant zoned",
        f"{_FLOATS} empty_texts far_int denormal micros micro_times far_dates far_moments years_beyond digits_18 digits_38",
    ),
    case("sql-sqlite", _NESTED, "not_a_number nul digits_18 digits_38 years_beyond", dialect="sqlite"),
    case("sql-postgresql", _NESTED, "nul years_beyond", dialect="postgresql"),
    case("sql-mysql", f"{_NESTED} instant zoned", f"{_FLOATS} years_beyond", dialect="mysql"),
    case("sql-sqlserver", _NESTED, f"{_FLOATS} nul years_beyond", dialect="sqlserver"),
]


def table_of(column: str) -> pa.Table:
    """The column beside a number of its row, which keeps rows of nulls alone from vanishing."""
    values = COLUMNS[column]
    fields = [pa.field("row", pa.int64(), nullable=False), pa.field("value", values.type, metadata=TAGS.get(column))]
    return pa.table([pa.array(np.arange(len(values))), values], schema=pa.schema(fields))


def shape_of(table: pa.Table) -> TableShape:
    return TableShape("t", table.schema, table.num_rows, primary_key=("row",))


class Outgoing(io.RawIOBase):
    """A stream that takes bytes and knows nothing else, as that of a sink."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.pieces.append(bytes(memoryview(data)))  # type: ignore[arg-type]  # a buffer
        return len(self.pieces[-1])

    def tell(self) -> int:
        raise OSError("this stream can't tell where it stands")

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces)


def encoded(form: Format, table: pa.Table, batch_rows: int = 65_536) -> bytes:
    shape, out = shape_of(table), Outgoing()
    form.check(shape)
    batches = table.to_batches(max_chunksize=batch_rows) or [pa.RecordBatch.from_pylist([], table.schema)]
    assert form.encode(shape, batches, out) == table.num_rows  # type: ignore[arg-type]  # it writes, and no more is promised
    return out.content


def read_back(tested: Case, table: pa.Table, content: bytes, folder: Path) -> pa.Table:
    """What is in a file, read by seedbed itself, or by the database that runs the script."""
    if tested.options.format == "sql":
        return _run_script(tested, table, content, folder)
    path = folder / f"t{tested.format.suffix}"
    path.write_bytes(content)
    with open_tables(path, hints={"t": table.schema.remove_metadata()}) as opened:
        scan = opened.tables["t"]
        batches = [batch for _, batch in scan.batches()]
        return pa.Table.from_batches(batches, scan.schema)


def _run_script(tested: Case, table: pa.Table, content: bytes, folder: Path) -> pa.Table:
    from seedbed.write.formats.sql_dialects import DIALECTS, table_script

    script = table_script(shape_of(table), DIALECTS[tested.options.dialect or ""]) + content.decode()
    path = folder / "t.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    with open_tables(path) as opened:
        scan = opened.tables["t"]
        return pa.Table.from_batches([batch for _, batch in scan.batches()], scan.schema)
