from typing import Any

import pyarrow as pa
import pytest

from seedbed.check.check import Check
from seedbed.check.structure import compile_checks
from tests.check.shop import CONSTRAINTS, NODES, NORMAL, SEQUENCE, TEXT, TIME, broken, checked, column, lookup, shop_data, shop_model


def names(kind: str, nodes: list[dict[str, Any]], constraints: dict[str, Any] | None = None) -> list[str]:
    return [check.about.id for check in compiled(nodes, constraints) if check.about.kind == kind]


def compiled(nodes: list[dict[str, Any]], constraints: dict[str, Any] | None = None) -> tuple[Check, ...]:
    return compile_checks(shop_model(nodes=nodes, constraints=constraints or {}, targets=None))


def entity(name: str, *columns: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"id": name, "kind": "entity", "pk": "id", "columns": [column("id", "int", SEQUENCE), *columns], **rest}


def test_two_keys_to_one_table_are_told_apart_by_their_columns() -> None:
    transfer = entity("transfer", column("from_id", "int", lookup("account.id")), column("to_id", "int", lookup("account.id")))
    assert names("foreign_key", [entity("account"), transfer]) == [
        "transfer.fk_account.from_id.integrity",
        "transfer.fk_account.to_id.integrity",
    ]


def test_a_key_that_is_declared_and_read_is_checked_once() -> None:
    event = entity("event", column("user_id", "int", lookup("user.id")))
    declared = {"foreign_keys": [{"from": "event.user_id", "to": "user.id"}] * 2}
    assert names("foreign_key", [entity("user"), event], declared) == ["event.fk_user.integrity"]


def test_a_lookup_of_no_key_or_with_modifiers_is_no_reference() -> None:
    user = entity("user", column("age", "int", NORMAL))
    add = {"transform": "add", "args": {"value": 1.0}}
    event = entity("event", column("age", "int", lookup("user.age")), column("far", "int", lookup("user.id"), modifiers=[add]))
    assert names("foreign_key", [user, event]) == []


def test_two_ranges_of_a_column_are_numbered() -> None:
    ranges = {"ranges": [{"attr": "user.age", "min": 0.0}, {"attr": "user.age", "max": 99.0}]}
    assert names("range", [entity("user", column("age", "int", NORMAL))], ranges) == ["user.age.range", "user.age.range_2"]


def test_a_promise_made_twice_is_checked_once() -> None:
    rules = {"enum": [{"attr": "user.city", "values": ["a"]}], "pattern": [{"attr": "user.city", "regex": "^a$"}]}
    user = entity("user", column("city", "string", TEXT, constraints={"enum": ["a"], "pattern": "^a$"}))
    assert len(names("enum", [user], rules)) == len(names("pattern", [user], rules)) == 1


def test_choices_of_a_choice_are_no_constraint() -> None:
    assert names("enum", [entity("user", column("city", "string", TEXT))]) == []


def test_rows_of_stages_may_repeat_a_pair() -> None:
    stages = {"stages": [{"stage_name": "seen", "transition_rate": 0.5}]}
    item = {**next(node for node in NODES if node["id"] == "item"), "stage_config": stages}
    nodes = [item if node["id"] == "item" else node for node in NODES]
    assert names("unique_pair", NODES) == ["item.pair_unique"]
    assert names("unique_pair", nodes) == []


def test_an_inequality_is_named_from_the_child_however_it_is_written() -> None:
    constraints = {"inequalities": [{"left": "customer.joined", "op": "<", "right": "order.placed"}]}
    assert names("inequality", NODES, constraints) == ["order.placed_gt_customer.joined"]


def test_an_inequality_joins_by_the_column_of_a_join() -> None:
    city = entity("city", column("name", "string", TEXT), column("founded", "date", TIME))
    on = {"from": "city.founded", "on": {"name": "place"}}
    user = entity("user", column("place", "string", TEXT), column("founded", "date", {"lookup": on}), column("born", "date", TIME))
    rules = {"unique": ["city.name"], "inequalities": [{"left": "city.founded", "op": "<=", "right": "user.born"}]}
    model = shop_model(nodes=[city, user], constraints=rules, targets=None)
    days = [pa.scalar(day, pa.int32()).cast(pa.date32()).as_py() for day in range(4)]
    data = {
        "city": pa.table({"id": [1, 2], "name": ["Ulm", "Bonn"], "founded": days[1:3]}),
        "user": pa.table(
            {"id": [1, 2, 3], "place": ["Bonn", "Ulm", "Rome"], "founded": [days[2], days[1], days[0]], "born": [days[1], days[1], days[0]]}
        ),
    }
    report = checked(data, model)
    assert broken(report) == {"user.born_ge_city.founded": "failed"}
    assert [sample.row for sample in report.of("user.born_ge_city.founded").samples] == [0]


def test_an_inequality_between_strangers_is_an_error() -> None:
    nodes = [entity("a", column("x", "int", NORMAL)), entity("b", column("y", "int", NORMAL))]
    model = shop_model(nodes=nodes, constraints={"inequalities": [{"left": "a.x", "op": "<", "right": "b.y"}]}, targets=None)
    report = checked({name: pa.table({"id": [1], key: [1]}) for name, key in (("a", "x"), ("b", "y"))}, model)
    assert report.of("a.x_lt_b.y").status == "error"
    assert report.of("a.x_lt_b.y").reason == "no column of a or b holds the other one's key"


def test_a_key_of_another_kind_of_number_is_compared_by_value() -> None:
    nodes = [entity("a"), entity("b", column("a_id", "float", NORMAL))]
    model = shop_model(nodes=nodes, constraints={"foreign_keys": [{"from": "b.a_id", "to": "a.id"}]}, targets=None)
    report = checked({"a": pa.table({"id": [1, 2, 0]}), "b": pa.table({"id": [1, 2, 3, 4], "a_id": [1.0, 2.0, 2.5, -0.0]})}, model)
    assert [sample.row for sample in report.of("b.fk_a.integrity").samples] == [2]


def test_a_key_of_another_type_is_an_error() -> None:
    nodes = [entity("a"), entity("b", column("a_id", "string", TEXT))]
    model = shop_model(nodes=nodes, constraints={"foreign_keys": [{"from": "b.a_id", "to": "a.id"}]}, targets=None)
    report = checked({"a": pa.table({"id": [1]}), "b": pa.table({"id": [1], "a_id": ["1"]})}, model)
    assert report.of("b.fk_a.integrity").reason == "b.a_id is string, a.id is int"


@pytest.mark.parametrize(
    ("kind", "bounds", "values", "failing"),
    [
        ("int", {"min": 0.5, "max": 2.5}, [0, 1, 2, 3], 2),
        ("int", {"min": float(2**53), "max": 1e30}, [2**53 - 1, 2**53, 2**63 - 1], 1),
        ("float", {"min": 0.5, "max": 2.5}, [0.4, 0.5, 2.5, 2.6, float("inf"), None], 3),
        ("date", {"min": "2024-01-02", "max": "2024-01-03T05:00:00"}, ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"], 2),
        ("datetime", {"min": "2024-01-02T01:00:00"}, ["2024-01-02T00:59:59", "2024-01-02T01:00:00", None], 1),
        ("datetime", {"max": "2024-01-02"}, ["2024-01-02T23:59:59", "2024-01-03T00:00:00"], 1),
        ("datetime", {"max": "2024-01-02T00:00:00"}, ["2024-01-02T00:00:00", "2024-01-02T00:00:01"], 1),
    ],
)
def test_ranges_mean_what_they_say(kind: str, bounds: dict[str, Any], values: list[object], failing: int) -> None:
    types = {"int": pa.int64(), "float": pa.float64(), "date": pa.date32(), "datetime": pa.timestamp("us")}
    text = kind in ("date", "datetime")
    array = pa.array(values, pa.string()).cast(types[kind]) if text else pa.array(values, types[kind])
    node = {"id": "t", "kind": "entity", "columns": [column("x", kind, TIME if text else NORMAL, nullable=True)]}
    model = shop_model(nodes=[node], constraints={"ranges": [{"attr": "t.x", **bounds}]}, targets=None)
    assert checked({"t": pa.table({"x": array})}, model).of("t.x.range").failing == failing


@pytest.mark.parametrize(
    ("kind", "listed", "values", "failing"),
    [
        ("int", [1, 2], [1, 2, 3, None], 1),
        ("float", [1, 2.5], [1.0, 2.5, float("nan")], 1),
        ("bool", [True], [True, False, None], 1),
        ("string", ["a", ""], ["a", "", "A", None], 1),
        ("date", ["2024-01-02"], ["2024-01-02", "2024-01-03"], 1),
        ("datetime", ["2024-01-02"], ["2024-01-02T00:00:00", "2024-01-02T00:00:01"], 1),
    ],
)
def test_lists_hold_values_of_every_type(kind: str, listed: list[object], values: list[object], failing: int) -> None:
    types = {
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
    }
    text = kind in ("date", "datetime")
    array = pa.array(values, pa.string()).cast(types[kind]) if text else pa.array(values, types[kind])
    node = {"id": "t", "kind": "entity", "columns": [column("x", kind, TEXT, nullable=True, constraints={"enum": listed})]}
    assert checked({"t": pa.table({"x": array})}, shop_model(nodes=[node], constraints={}, targets=None)).of("t.x.enum").failing == failing


@pytest.mark.parametrize(
    ("regex", "fitting", "failing"),
    [("b", "abc", "acc"), ("^b$", "b", "bb"), (r"^\p{Lu}\d{2}$", "Ä12", "a12"), ("(?i)x", "X", "y"), ("^.$", "ß", "ss")],
)
@pytest.mark.parametrize("coded", [True, False])
def test_a_pattern_is_found_anywhere_unless_anchored(regex: str, fitting: str, failing: str, coded: bool) -> None:
    node = {"id": "t", "kind": "entity", "columns": [column("x", "string", TEXT, nullable=True, constraints={"pattern": regex})]}
    array = pa.array([failing, fitting, None, failing])
    data = {"t": pa.table({"x": array.dictionary_encode() if coded else array})}
    result = checked(data, shop_model(nodes=[node], constraints={}, targets=None)).of("t.x.pattern")
    assert [sample.row for sample in result.samples] == [0, 3]


def test_what_is_no_regular_expression_is_an_error() -> None:
    node = {"id": "t", "kind": "entity", "columns": [column("x", "string", TEXT, constraints={"pattern": "(?=a)"})]}
    result = checked({"t": pa.table({"x": ["a"]})}, shop_model(nodes=[node], constraints={}, targets=None)).of("t.x.pattern")
    assert result.status == "error"
    assert "no regular expression" in (result.reason or "")


def test_a_fact_that_only_copies_its_parent_has_no_key_to_join_by() -> None:
    child = {
        "id": "b",
        "kind": "fact",
        "parents": ["a"],
        "fanout": {"distribution": "poisson", "lambda": 1.0},
        "columns": [column("y", "int", NORMAL)],
    }
    nodes = [entity("a", column("x", "int", NORMAL)), child]
    (check,) = (
        check
        for check in compiled(nodes, {"inequalities": [{"left": "a.x", "op": "<", "right": "b.y"}]})
        if check.about.kind == "inequality"
    )
    assert check.measures == ()


def test_every_promise_of_the_shop_has_a_check() -> None:
    kinds = {check.about.kind for check in compile_checks(shop_model())}
    assert kinds == {
        "table", "column_exists", "type", "primary_key", "not_null", "unique", "unique_pair", "foreign_key", "tree",
        "range", "enum", "pattern", "inequality", "weekend_share", "mean_in_range", "composite_effect", "cardinality",
    }  # fmt: skip
    assert len(CONSTRAINTS["ranges"]) == len([check for check in compile_checks(shop_model()) if check.about.kind == "range"])
    assert checked(shop_data()).ok


def test_columns_with_a_share_of_nulls_or_a_condition_may_be_null() -> None:
    nodes = [
        entity(
            "a",
            column("x", "int", NORMAL),
            column("y", "int", NORMAL) | {"null_rate": 0.2},
            column("z", "int", NORMAL) | {"null_if": "x > 3"},
        )
    ]
    checks = [
        check.about.id
        for check in compile_checks(shop_model(version="2.0", nodes=nodes, constraints={}, targets=None))
        if check.about.kind == "not_null"
    ]
    assert "a.x.not_null" in checks
    assert not {"a.y.not_null", "a.z.not_null"} & set(checks)
