from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import DataError, EdgeError
from seedbed.core.shapes import TableScan
from seedbed.read.parquet import scan, scan_tables


def numbered(rows: int, first: int = 0) -> pa.Table:
    numbers = np.arange(first, first + rows)
    return pa.table({"n": numbers, "half": numbers / 2, "city": pa.array([("Bonn", "Köln")[i % 2] for i in range(rows)], pa.string())})


def write(path: Path, table: pa.Table, rows: int = 700) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=rows, use_dictionary=["city"], write_page_checksum=True, store_schema=False)
    return path


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    for number in range(3):
        write(tmp_path / "user" / f"part-{number:05d}.parquet", numbered(1000, 1000 * number))
    return tmp_path / "user"


def together(table: TableScan, batch_rows: int, columns: list[str] | None = None) -> pa.Table:
    return pa.Table.from_batches([batch for _, batch in table.batches(columns, batch_rows)])


@pytest.mark.parametrize("batch_rows", [1, 333, 65_536])
def test_batches_in_order_are_the_file(tmp_path: Path, batch_rows: int) -> None:
    write(tmp_path / "user.parquet", numbered(1000))
    table = scan(tmp_path / "user.parquet")
    assert table.rows == 1000
    assert table.schema == numbered(1).schema
    assert together(table, batch_rows).equals(numbered(1000))


def test_each_batch_knows_its_first_row_over_all_parts(parts: Path) -> None:
    seen = 0
    for start, batch in scan(parts).batches(batch_rows=300):
        assert start == seen
        assert batch.num_rows <= 300
        assert batch.column("n")[0].as_py() == start
        seen += batch.num_rows
    assert seen == scan(parts).rows == 3000


def test_a_scan_can_be_read_again(parts: Path) -> None:
    table = scan(parts)
    assert together(table, 512).equals(together(table, 100))


def test_only_the_wanted_columns_come(parts: Path) -> None:
    assert together(scan(parts), 512, ["city", "n"]).column_names == ["city", "n"]


def test_no_columns_still_tell_the_rows(parts: Path) -> None:
    assert sum(batch.num_rows for _, batch in scan(parts).batches([])) == 3000


def test_strings_kept_with_a_dictionary_can_stay_so(tmp_path: Path) -> None:
    write(tmp_path / "user.parquet", numbered(1000))
    table = scan(tmp_path / "user", dictionaries=True)
    _, batch = next(table.batches(["city"]))
    assert pa.types.is_dictionary(batch.column(0).type)
    assert together(table, 999).cast(numbered(1).schema).equals(numbered(1000))


def test_the_ending_may_be_left_out(parts: Path) -> None:
    write(parts.parent / "event.parquet", numbered(10))
    assert scan(parts.parent / "event").rows == 10


def test_a_folder_of_tables_gives_those_that_are_there(parts: Path) -> None:
    write(parts.parent / "event.parquet", numbered(10))
    tables = scan_tables(parts.parent, ["user", "event", "order"])
    assert {name: table.rows for name, table in tables.items()} == {"user": 3000, "event": 10}


def test_ten_parts_and_more_are_sorted_by_number(tmp_path: Path) -> None:
    for number in (9, 10, 11):
        write(tmp_path / "t" / f"part-{number}.parquet", numbered(2, 2 * number))
    assert together(scan(tmp_path / "t"), 64).column("n").to_pylist() == [18, 19, 20, 21, 22, 23]


def test_a_missing_file_is_an_edge_error(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"user\.parquet: there is no such file\n    fix: "):
        scan(tmp_path / "user")


def test_a_missing_folder_is_an_edge_error(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="no such folder"):
        scan_tables(tmp_path / "out", ["user"])


def test_an_empty_folder_is_an_edge_error(tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    with pytest.raises(EdgeError, match=r"no `part-\*\.parquet`"):
        scan(tmp_path / "user")


def test_a_file_that_vanishes_is_an_edge_error(parts: Path) -> None:
    batches = scan(parts).batches(batch_rows=1000)
    next(batches)
    (parts / "part-00001.parquet").unlink()
    with pytest.raises(EdgeError, match="not there any more"):
        list(batches)


def test_a_missing_part_is_told_by_its_number(parts: Path) -> None:
    (parts / "part-00001.parquet").unlink()
    with pytest.raises(DataError, match="part 1 is missing"):
        scan(parts)


def test_parts_of_two_shapes_are_refused(parts: Path) -> None:
    write(parts / "part-00003.parquet", numbered(10).drop_columns(["half"]))
    with pytest.raises(DataError, match=r"part-00003.*not those of part-00000"):
        scan(parts)


def test_a_file_beside_a_folder_of_its_name_is_refused(parts: Path) -> None:
    write(parts.parent / "user.parquet", numbered(10))
    with pytest.raises(DataError, match=r"both `user/` and `user\.parquet`"):
        scan(parts.parent / "user")


def test_an_unknown_column_offers_the_nearest(parts: Path) -> None:
    with pytest.raises(DataError, match=r"no column `citty`\n.*did you mean `city`"):
        list(scan(parts).batches(["citty"]))


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


def emptied(data: bytes) -> bytes:
    return data[:0]


def other(data: bytes) -> bytes:
    return b"id,name\n" * (len(data) // 8)


@pytest.mark.parametrize("spoil", [cut_short, emptied, other])
def test_what_is_no_whole_parquet_is_a_data_error(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = write(tmp_path / "user.parquet", numbered(1000))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DataError, match=r"user\.parquet: this is no whole Parquet file: .*\n    fix: make it anew"):
        scan(path)


def test_a_flipped_byte_in_a_page_is_a_data_error(tmp_path: Path) -> None:
    path = write(tmp_path / "user.parquet", numbered(1000))
    data = bytearray(path.read_bytes())
    data[1500] ^= 255
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"user\.parquet: this Parquet file is broken: .*checksum"):
        list(scan(path).batches())


@pytest.mark.parametrize("group_rows", [10, 100_000, 200_000])
def test_stretches_are_read_in_any_order_and_make_up_the_table(tmp_path: Path, group_rows: int) -> None:
    table = pa.table({"number": pa.array(range(300_000))})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=group_rows if group_rows > 10 else 10_000)
    found = scan(tmp_path / "t.parquet")
    pieces = list(found.pieces(["number"], 65_536))
    assert len(pieces) > 1
    apart = [batch for piece in reversed(pieces) for batch in reversed(list(piece()))]
    whole = list(found.batches(["number"]))
    assert [(start, batch.num_rows) for start, batch in reversed(apart)] == [(start, batch.num_rows) for start, batch in whole]
    assert pa.Table.from_batches([batch for _, batch in whole]).equals(table)
