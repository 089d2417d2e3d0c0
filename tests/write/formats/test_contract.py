"""What holds for every format: each value comes back as it was, or is refused with its column."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.core.digest import Digester
from seedbed.core.errors import DataError, ModelError
from seedbed.write.formats.format import FORMATS
from tests.write.formats.cases import CASES, COLUMNS, Case, encoded, read_back, shape_of, table_of

#: Scripts for these run against servers of their own, in other tests.
SERVED = ("sql-postgresql", "sql-mysql", "sql-sqlserver")
HERE = [tested for tested in CASES if tested.name not in SERVED]

every = pytest.mark.parametrize("tested", CASES, ids=lambda tested: tested.name)
readable = pytest.mark.parametrize("tested", HERE, ids=lambda tested: tested.name)


def as_written(got: pa.Table, table: pa.Table) -> pa.Table:
    """What was read, in the zones and units that were written; a value that doesn't fit fails."""
    return pa.table([got[field.name].cast(field.type) for field in table.schema], schema=table.schema)


def digest(table: pa.Table) -> str:
    digester = Digester(table.schema)
    for batch in table.combine_chunks().to_batches():
        digester.add(batch)
    return digester.hexdigest()


@readable
@pytest.mark.parametrize("column", COLUMNS)
def test_values_come_back_or_are_refused(tested: Case, column: str, tmp_path: Path) -> None:
    table = table_of(column)
    if column in tested.refuses:
        with pytest.raises(ModelError, match=r"t\.value"):
            encoded(tested.format, table)
    elif column in tested.refuses_rows:
        with pytest.raises(DataError, match=r"t\.value, row \d+"):
            encoded(tested.format, table)
    elif column in tested.beyond_reader:
        assert encoded(tested.format, table)
    else:
        got = as_written(read_back(tested, table, encoded(tested.format, table), tmp_path), table)
        assert got.equals(table) or digest(got) == digest(table), (got["value"].to_pylist(), table["value"].to_pylist())


@every
def test_every_batch_size_gives_the_same_rows(tested: Case, tmp_path: Path) -> None:
    table = table_of("many")
    if tested in HERE:
        pieces = encoded(tested.format, table, batch_rows=1000)
        assert as_written(read_back(tested, table, pieces, tmp_path), table).equals(table)
    if tested.options.format in ("csv", "json", "jsonl", "sql") and tested.format.settings.get("compression") == "none":
        assert encoded(tested.format, table, batch_rows=1000) == encoded(tested.format, table)


@every
def test_the_same_rows_give_the_same_bytes(tested: Case) -> None:
    table = table_of("text")
    assert encoded(tested.format, table) == encoded(tested.format, table)


@every
def test_codes_are_written_as_the_texts_they_stand_for(tested: Case) -> None:
    if tested.format.takes_codes:
        table = table_of("text")
        coded = pa.table([table["row"], table["value"].dictionary_encode()], names=["row", "value"])
        plain, out = encoded(tested.format, table), encoded_as(tested, table, coded)
        if tested.options.format not in ("parquet", "delta"):
            assert plain == out


def encoded_as(tested: Case, told: pa.Table, given: pa.Table) -> bytes:
    from tests.write.formats.cases import Outgoing

    out = Outgoing()
    tested.format.encode(shape_of(told), given.to_batches(), out)  # type: ignore[arg-type]  # it writes, and no more is promised
    return out.content


@every
def test_formats_travel_to_workers(tested: Case) -> None:
    made = tested.format
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own


@every
def test_formats_say_what_decides_their_bytes(tested: Case) -> None:
    made = tested.format
    assert made.name == tested.options.format
    assert made.suffix.startswith(".")
    assert "object at" not in str(dict(made.settings))
    assert made.part_rows is None or made.part_rows % 65_536 == 0


def test_every_format_is_tested() -> None:
    assert {tested.options.format for tested in CASES} == set(FORMATS)
