"""Files made to do harm: pipes, links in circles, quotes that swallow rows, JSON without a bottom. Each ends in a clear message."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import DataError
from seedbed.read.json_depth import MOST_DEPTH
from seedbed.read.quotes import QuoteWatch
from seedbed.read.sources import open_tables

GOOD = pa.table({"a": [1, 2, 3]})


def refusal(folder: Path, name: str = "t") -> str:
    """Why a table of a folder can't be read, while another one can."""
    pq.write_table(GOOD, folder / "good.parquet")
    tables = open_tables(folder).tables
    assert sum(batch.num_rows for _, batch in tables["good"].batches()) == 3
    with pytest.raises(DataError) as caught:
        list(tables[name].batches())
    assert caught.value.problems[0].fix
    return str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    assert "no file but a pipe" in refusal(tmp_path)
    with pytest.raises(DataError, match="no file but a pipe"):
        open_tables(tmp_path / "t.csv")


def test_a_socket_and_a_device_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("t.csv")
        assert "no file but a socket" in refusal(tmp_path)
    with pytest.raises(DataError, match="no file but a device"):
        open_tables("/dev/null")


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").symlink_to(tmp_path / "t.csv")
    assert "leads to itself" in refusal(tmp_path)


def test_a_link_back_to_its_folder_does_not_repeat_rows(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    pq.write_table(GOOD, tmp_path / "t" / "one.parquet")
    (tmp_path / "t" / "t").symlink_to(tmp_path / "t")
    assert "leads back to a folder that it is in" in refusal(tmp_path)


def test_an_empty_folder_named_like_a_file_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    pq.write_table(GOOD, tmp_path / "good.parquet")
    assert list(open_tables(tmp_path).tables) == ["good"]


def test_two_columns_of_one_name_are_refused_in_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), tmp_path / "t.parquet")
    assert "two columns are named `a`" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'a,b\n1,"x\n2,"y"\n3,z\n', 2),  # the quotes' number is odd
        (b'a,b\n1,x\n2,"x\n3,y"\n4,"x\n5,"z\n', 5),
        (b'a,b\n1,"x\n2,"y\n3,z\n', 2),  # even: two rows would be read as one
        (b"a,b\n" + b'1,"x y"\n' * 1000 + b'2,"x\n3,"y"\n4,"z\n', 1002),
        (b'a,b\n1,"x"y\n', 2),
    ],
)
def test_quotes_that_swallow_rows_are_told_with_the_line(tmp_path: Path, content: bytes, line: int) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    said = refusal(tmp_path)
    assert "quotes of this row are broken" in said
    assert f"t.csv:{line}:" in said


@pytest.mark.parametrize(
    "content", [b'a,b\n1,5" pipe\n2,x\n', b'a,b\n1,say "x"\n', b'a,b\n"1","x ""y"" z"\r\n2,""\r\n', b'a,b\n1,"x\n\ny"\n']
)
def test_quotes_that_are_values_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    (scan,) = open_tables(tmp_path).tables.values()
    assert scan.rows >= 1


@pytest.mark.parametrize("cut", range(1, 12))
def test_quotes_are_watched_the_same_however_the_file_is_cut(cut: int) -> None:
    for content, is_odd in ((b'a,"b ""c"" d"\n1,"2"\n', False), (b'1,"x"y\n2,3\n', True), (b'1,"x\n2,"y",z\n', True), (b'"a', True)):
        watch = QuoteWatch(",")
        for start in range(0, len(content), cut):
            watch.see(content[start : start + cut])
        assert watch.is_odd == is_odd, content


def test_a_value_too_long_in_the_first_row_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'a,b\n1,"' + b"z" * 9_000_000 + b'"\n2,y\n')
    assert "t.csv:2: the quotes of this row are broken, or a value has more than 4 MiB" in refusal(tmp_path)


def test_a_long_value_before_the_broken_row_is_not_accused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'a,b\n1,"' + b"z" * 300_000 + b'"\n2,y,3\n')
    assert "t.csv:3: 3 values in a row of 2 columns" in refusal(tmp_path)


def test_text_of_two_bytes_a_letter_without_a_mark_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a,b\n1,x\n".encode("utf-16-le"))
    assert "is this UTF-16?" in refusal(tmp_path)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"x":', "}")])
@pytest.mark.parametrize("depth", [MOST_DEPTH, 400, 20_000])
def test_json_without_a_bottom_ends_no_process(tmp_path: Path, opening: str, closing: str, depth: int) -> None:
    deep = opening * depth + "1" + closing * depth
    (tmp_path / "t.jsonl").write_text('{"a": 1, "b": 2}\n{"a": 1, "b": ' + deep + "}\n")
    assert f"t.jsonl:2: values are nested {depth + 1:,} deep" in refusal(tmp_path)


def test_brackets_in_texts_are_no_depth(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": "' + "[" * 5_000 + '\\"{"}\n{"a": "x"}\n')
    assert open_tables(tmp_path).tables["t"].rows == 2


@pytest.mark.parametrize("other", ["1", '"x"'])
def test_half_a_character_is_told_with_its_line(tmp_path: Path, other: str) -> None:
    (tmp_path / "t.jsonl").write_text(f'{{"a": {other}, "b": "x"}}\n{{"a": 2, "b": "\\ud800"}}\n')
    assert r"t.jsonl:2: a text holds `\ud800`, which is half a character" in refusal(tmp_path)


def test_an_address_that_is_none_keeps_its_password() -> None:
    with pytest.raises(DataError, match="this is no address") as caught:
        open_tables("postgresql://me:hush@[::1/shop")
    assert "hush" not in str(caught.value)
