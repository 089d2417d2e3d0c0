"""Documents of very different shapes become tables and themselves again, in any order and any cut."""

from pathlib import Path

import pytest

from seedbed.read.collect.decide import decide
from seedbed.read.collect.shapes import Options
from seedbed.read.collect.shred import shred
from seedbed.read.collect.split import gather
from tests.read.collect.judging import check

DOCUMENTS = Path(__file__).parent / "documents"
NAMES = sorted(path.name for path in DOCUMENTS.iterdir())


def read(*names: str) -> list[tuple[str, bytes]]:
    return [(name, (DOCUMENTS / name).read_bytes()) for name in names]


def columns(*names: str, options: Options | None = None) -> dict[str, dict[str, str]]:
    """The columns of each table that files give, without those of its own."""
    shapes = decide(shred(gather(read(*names))).sketch, options or Options()).tables
    return {shape.name: {one.name: one.kind for one in shape.columns if not one.name.startswith("_")} for shape in shapes}


@pytest.mark.parametrize("name", NAMES)
def test_each_document_comes_back_from_its_tables(name: str) -> None:
    check(read(name))


def test_all_documents_together_come_back_in_any_order() -> None:
    check(read(*NAMES))


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".ndjson")])
def test_lines_come_back_whatever_files_they_are_in(name: str) -> None:
    lines = [line for line in (DOCUMENTS / name).read_bytes().split(b"\n") if line]
    check([(str(number), line + b" " * number) for number, line in enumerate(lines)])


def test_ids_as_keys_are_rows() -> None:
    assert columns("maps_by_id.json") == {"records": {}, "users": {"name": "string", "age": "int64", "mail": "string"}}


def test_paths_of_an_api_are_rows_and_its_codes_too() -> None:
    tables = columns("openapi.json")
    assert "paths" in tables
    assert not any("orders" in name for table in tables.values() for name in table)


def test_a_late_column_and_table_are_there() -> None:
    assert columns("late_columns.ndjson")["records"] == {"a": "int64", "b": "string", "c_d": "list<int64>"}
    assert list(columns("late_tables.ndjson")) == ["records", "children", "toys"]


def test_an_object_alone_is_a_row_like_those_in_lists() -> None:
    tables = check(read("one_or_many_objects.ndjson"))
    assert tables["item"].column("sku").to_pylist() == ["a", "b", "c"]
    assert tables["item"].column("_pos").to_pylist() == [None, 0, 1]


def test_names_that_collide_are_columns_of_their_own() -> None:
    names = list(columns("name_collisions.json")["records"])
    assert len({name.casefold() for name in names}) == len(names) == 8


def test_hostile_names_are_safe() -> None:
    tables = columns("hostile_names.json")
    for name in [*tables, *(column for table in tables.values() for column in table)]:
        assert name not in {"", ".", ".."}
        assert not set(name) & set("/\\\0\"'; ")
        assert len(name.encode()) <= 130
    assert len({name.casefold() for name in tables}) == len(tables)


def test_types_are_the_least_that_hold_all() -> None:
    assert columns("integers.ndjson")["records"] == {"n": "decimal(38,0)"}
    assert columns("dates_and_times.ndjson")["records"] == {
        "d": "date",
        "t": "time",
        "m": "timestamp_utc",
        "z": "timestamp_utc",
        "s": "timestamp",
        "h": "time",
    }
    assert set(columns("nearly_dates.ndjson")["records"].values()) == {"string"}
    assert columns("money.ndjson")["records"] == {"price": "decimal(18,2)", "total": "decimal(18,2)", "amount": "string"}
    assert columns("matrices.ndjson")["records"] == {"m": "list<list<int64>>", "t": "list<list<list<double>>>"}


def test_flags_in_texts_are_flags_when_asked() -> None:
    files = [("a", b'{"a":"true"}'), ("b", b'{"a":"false"}')]
    assert check(files)["records"].schema.field("a").type == "string"
    assert check(files, Options(text_flags=True))["records"].column("a").to_pylist() in ([True, False], [False, True])


def test_a_path_can_be_told_to_be_columns_or_rows() -> None:
    assert "rates" not in columns("maps_by_date.json", options=Options(structs=("/rates",)))
    assert "customer" in columns("orders_api.json", options=Options(maps=("/orders/*/customer",)))
    check(read("maps_by_date.json"), Options(structs=("/rates",)))


def test_events_are_parted_into_tables_by_their_type_when_asked() -> None:
    tables = check(read("events_by_type.ndjson"), Options(split=(("", "type"),)))
    assert {name: table.num_rows for name, table in tables.items()} == {
        "records": 4,
        "records_click": 2,
        "records_scroll": 1,
        "records_view": 1,
    }
    assert "url" not in tables["records_click"].schema.names
    lines = (DOCUMENTS / "events_by_type.ndjson").read_bytes().splitlines()
    check([(str(number), line) for number, line in enumerate(lines)], Options(split=(("", "type"),)))


def test_elements_without_the_text_that_parts_them_have_a_table_too() -> None:
    text = b'{"e":[{"k":"a","x":[{"q":1}]},{"k":"b","y":2},{"k":5},{},7,null,{"k":"a","x":null,"x":2}]}\n{"e":{"k":"a","z":1}}\n{"e":null}'
    tables = check([("x", text)], Options(split=(("/e/*", "k"),)))
    assert {"e", "e_a", "e_b", "e_other"} <= set(tables)


def test_a_member_of_too_many_texts_parts_nothing() -> None:
    files = [(str(number), b'{"t":"%d","a":1}' % number) for number in range(100)]
    assert list(check(files, Options(split=(("", "t"),)))) == ["records"]
