"""What each format can be asked, and what it refuses to be asked."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.core.errors import DataError, ModelError, PluginError
from seedbed.core.sinks import TableShape
from seedbed.outside.compression import SUFFIXES
from seedbed.read.sources import open_tables
from seedbed.write.formats.format import open_format
from seedbed.write.formats.workbook import SHEET_ROWS
from seedbed.write.targets import SinkOptions

TABLE = pa.table({"id": pa.array([1, 2, 3]), "text": pa.array(["a;b", None, ""]), "data": pa.array([b"\x00\xff", None, b""])})


def written(table: pa.Table = TABLE, **options: object) -> bytes:
    form = open_format(SinkOptions(**options))  # type: ignore[arg-type]  # options of several types
    out = io.BytesIO()
    shape = TableShape("t", table.schema, table.num_rows)
    form.check(shape)
    form.encode(shape, table.to_batches(), out)
    return out.getvalue()


def test_csv_has_the_options_it_is_given() -> None:
    assert written(format="csv") == b'id,text,data\n1,a;b,AP8=\n2,,\n3,"",""\n'
    options = {"delimiter": ";", "header": "no", "quotes": "needed", "null": "NULL", "binary": "hex"}
    assert written(format="csv", format_options=options) == b'1;"a;b";00ff\n2;NULL;NULL\n3;"";""\n'
    assert (
        written(format="csv", format_options={"delimiter": "tab", "quotes": "all"})
        == b'"id"\t"text"\t"data"\n1\t"a;b"\t"AP8="\n2\t\t\n3\t""\t""\n'
    )


def test_csv_tells_texts_that_read_like_null_from_null() -> None:
    table = pa.table({"text": pa.array(["NULL", None])})
    assert written(table, format="csv", format_options={"null": "NULL"}) == b'text\n"NULL"\nNULL\n'


def test_nested_values_become_json_where_asked() -> None:
    table = pa.table({"list": pa.array([[1, None], None])})
    assert written(table, format="csv", format_options={"nested": "json"}) == b'list\n"[1,null]"\n""\n'.replace(b'""', b"")
    assert b"('[1,null]'),\n(NULL);" in written(table, format="sql", format_options={"nested": "json"})


@pytest.mark.parametrize("compression", ["none", *SUFFIXES])
@pytest.mark.parametrize("name", ["csv", "jsonl", "json"])
def test_texts_are_packed_and_read_again(name: str, compression: str, tmp_path: Path) -> None:
    form = open_format(SinkOptions(format=name, compression=compression))
    path = tmp_path / f"t{form.suffix}"
    path.write_bytes(written(TABLE, format=name, compression=compression))
    assert form.suffix == f".{name}{SUFFIXES.get(compression, '')}"
    with open_tables(path, hints={"t": TABLE.schema}) as opened:
        assert pa.Table.from_batches([batch for _, batch in opened.tables["t"].batches()])["id"].to_pylist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "cvs"}, "did you mean `csv`"),
        ({"format": "csv", "compression": "snappy"}, "can't be packed by `snappy`"),
        ({"format": "excel", "compression": "gzip"}, "Excel can't follow `--compression`"),
        ({"format": "csv", "row_group_rows": 5}, "CSV can't follow `--row-group-rows`"),
        ({"format": "csv", "format_options": {"delimitr": ";"}}, "did you mean `delimiter`"),
        ({"format": "csv", "format_options": {"delimiter": ";;"}}, "can't be ';;'"),
        ({"format": "csv", "format_options": {"header": "maybe"}}, "`header` can't be `maybe`"),
        ({"format": "csv", "format_options": {"null": "a,b"}}, "stands for null"),
        ({"format": "sql", "dialect": "oracle"}, "no dialect `oracle`"),
        ({"format": "sql", "dialect": "sqlserver", "batch_rows": 1001}, "1,001 rows"),
        ({"format": "delta", "format_options": {"owner": "me"}}, "no option `owner`"),
        ({"format": "arrow", "compression": "gzip"}, "can't be packed by `gzip`"),
    ],
)
def test_what_a_format_has_not_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        open_format(SinkOptions(**options))  # type: ignore[arg-type]  # options of several types


def test_names_that_avro_and_delta_have_not_are_refused() -> None:
    table = pa.table({"first name": pa.array(["a"])})
    for name in ("avro", "delta"):
        with pytest.raises(ModelError, match=r"t\.first name"):
            written(table, format=name)


def test_losses_can_be_allowed() -> None:
    table = pa.table({"f": pa.array([float("nan"), 1.5]), "z": pa.array([0, 1], pa.timestamp("us", "UTC"))})
    assert written(table.select(["f"]), format="jsonl", format_options={"lossy": "allow"}) == b'{"f":null}\n{"f":1.5}\n'
    for name in ("excel", "orc"):
        assert written(table, format=name, format_options={"lossy": "allow"})
    assert b"(NULL, '1970-01-01T00:00:00')" in written(table, format="sql", dialect="mysql", format_options={"lossy": "allow"})


def test_long_texts_and_wide_tables_are_refused_by_excel() -> None:
    with pytest.raises(DataError, match="row 1 of its file: a cell of Excel holds 32,767 characters"):
        written(pa.table({"text": pa.array(["x", "😀" * 16_384])}), format="excel")
    assert written(pa.table({"text": pa.array(["😀" * 16_383])}), format="excel")
    with pytest.raises(ModelError, match="16,384 columns"):
        written(pa.table({f"c{at}": pa.array([1]) for at in range(16_385)}), format="excel")


@pytest.mark.slow
def test_rows_beyond_a_sheet_go_on_to_the_next(tmp_path: Path) -> None:
    rows = SHEET_ROWS + 10
    path = tmp_path / "t.xlsx"
    path.write_bytes(written(pa.table({"id": pa.array(range(rows), pa.int64())}), format="excel"))
    with open_tables(path) as opened:
        scan = opened.tables["t"]
        assert scan.rows == rows
        last = [batch for _, batch in scan.batches()][-1]
        assert last.column(0)[-1].as_py() == rows - 1


@pytest.mark.parametrize(("name", "module", "extra"), [("delta", "deltalake", "delta")])
def test_what_must_be_installed_is_said(name: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PluginError, match=rf"seedbed\[{extra}\]"):
        open_format(SinkOptions(format=name))


@pytest.mark.parametrize(("ending", "module", "extra"), [("avro", "fastavro", "avro"), ("xlsx", "python_calamine", "excel")])
def test_readers_say_what_must_be_installed(ending: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"t.{ending}"
    path.write_bytes(b"anything")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PluginError, match=rf"seedbed\[{extra}\]"), open_tables(path) as opened:
        _ = opened.tables["t"].schema


@pytest.mark.parametrize("ending", ["avro", "xlsx", "orc", "csv.xz", "csv.br"])
def test_broken_files_are_told_of(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{ending}"
    path.write_bytes(b"this is none of them, whatever its name says" * 10)
    with pytest.raises(DataError, match=r"t\."), open_tables(path) as opened:
        _ = opened.tables["t"].schema
