"""A data contract asks for checks; what no check says is listed with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from seedbed.core.errors import ModelError
from seedbed.model.checks.reading import checks_from
from seedbed.model.odcs.checks import ContractChecks
from seedbed.model.odcs.reading import contract_from
from seedbed.model.odcs.writing import contract_of_checks, plain_spec

HEAD = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "orders", "version": "1.0.0", "status": "active"}


def contract(*objects: dict[str, Any], **rest: Any) -> ContractChecks:
    return contract_from({**HEAD, "schema": list(objects), **rest})


def of_column(**column: Any) -> ContractChecks:
    return contract({"name": "t", "properties": [{"name": "c", **column}]})


def specs(found: ContractChecks, table: str = "t") -> list[dict[str, Any]]:
    """The checks beside those of the columns' presence."""
    return [plain_spec(check) for check in found.tables[table]][1:]


def rule(**given: Any) -> list[dict[str, Any]]:
    found = of_column(quality=[given])
    assert not found.unsaid, found.unsaid[0].reason
    return specs(found)


def reason(**given: Any) -> str:
    found = of_column(quality=[given])
    assert not specs(found)
    return found.unsaid[0].reason


def test_every_column_must_be_there() -> None:
    found = contract({"name": "t", "physicalName": "tbl", "properties": [{"name": "a"}, {"name": "b", "physicalName": "B_1"}]})
    assert plain_spec(found.tables["tbl"][0]) == {"kind": "column_exists", "column": ["a", "B_1"], "severity": "critical"}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ({"logicalType": "timestamp"}, [{"kind": "type", "column": "c", "type": "datetime", "severity": "critical"}]),
        ({"required": True, "unique": True}, [{"kind": "not_null", "column": "c"}, {"kind": "unique", "column": "c"}]),
        ({"primaryKey": True, "required": True}, [{"kind": "primary_key", "columns": ["c"]}]),
        ({"logicalTypeOptions": {"minLength": 2, "maxLength": 5}}, [{"kind": "length", "column": "c", "min": 2}, {"kind": "length", "column": "c", "max": 5}]),
        ({"logicalTypeOptions": {"exclusiveMinimum": 0}}, [{"kind": "range", "column": "c", "min": 0, "exclusive": True}]),
        ({"logicalTypeOptions": {"maximum": "2024-12-31"}}, [{"kind": "range", "column": "c", "max": "2024-12-31"}]),
        ({"logicalTypeOptions": {"pattern": "^a"}}, [{"kind": "regex", "column": "c", "regex": "^a"}]),
    ],
)  # fmt: skip
def test_properties_are_checks(column: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    assert specs(of_column(**column)) == expected


def test_a_key_has_its_columns_in_the_order_of_their_positions() -> None:
    columns = [{"name": "b", "primaryKey": True, "primaryKeyPosition": 2}, {"name": "a", "primaryKey": True, "primaryKeyPosition": 1}]
    assert specs(contract({"name": "t", "properties": columns}))[0] == {"kind": "primary_key", "columns": ["a", "b"]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"metric": "nullValues", "mustBe": 0}, {"kind": "not_null", "column": "c"}),
        ({"metric": "nullValues", "mustBeLessThan": 10}, {"kind": "not_null", "column": "c", "threshold": 9}),
        ({"metric": "nullValues", "mustBeLessOrEqualTo": 1, "unit": "percent"}, {"kind": "not_null", "column": "c", "threshold": 0.01}),
        ({"metric": "nullValues", "mustBeBetween": [10, 20], "unit": "percent"}, {"kind": "null_share", "column": "c", "min": 0.1, "max": 0.2}),
        ({"metric": "nullValues", "mustBeGreaterThan": 3}, {"kind": "row_count", "where": "is_null(c)", "min": 4}),
        ({"metric": "nullValues", "mustNotBe": 0}, {"kind": "row_count", "where": "is_null(c)", "min": 1}),
        ({"metric": "missingValues", "arguments": {"missingValues": [None, "", "N/A"]}, "mustBe": 0}, {"kind": "missing", "column": "c", "values": ["", "N/A"]}),
        ({"metric": "missingValues", "arguments": {"missingValues": ["N/A"]}, "mustBe": 0}, {"kind": "not_in_set", "column": "c", "values": ["N/A"]}),
        ({"metric": "missingValues", "mustBe": 0}, {"kind": "missing", "column": "c"}),
        ({"metric": "invalidValues", "arguments": {"validValues": ["kg"]}, "mustBeLessThan": 5}, {"kind": "in_set", "column": "c", "values": ["kg"], "threshold": 4}),
        ({"type": "library", "metric": "invalidValues", "arguments": {"pattern": "^x"}, "mustBe": 0}, {"kind": "regex", "column": "c", "regex": "^x"}),
        ({"metric": "duplicateValues", "mustBe": 0, "name": "n", "severity": "HIGH", "dimension": "uniqueness", "description": "d", "tags": ["x"]},
         {"kind": "unique", "column": "c", "id": "n", "severity": "error", "dimension": "uniqueness", "description": "d", "tags": ["x"]}),
        ({"type": "custom", "engine": "seedbed", "implementation": {"kind": "checksum", "column": "c", "algorithm": "iban"}}, {"kind": "checksum", "column": "c", "algorithm": "iban"}),
    ],
)  # fmt: skip
def test_rules_of_a_property_are_checks(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert rule(**given) == [expected]


def test_less_than_a_share_is_not_that_share() -> None:
    (found,) = rule(metric="nullValues", mustBeLessThan=1, unit="percent")
    assert 0.0099999 < found["threshold"] < 0.01


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"metric": "rowCount", "mustBeBetween": [100, 120]}, {"kind": "row_count", "min": 100, "max": 120}),
        ({"metric": "rowCount", "mustBeGreaterThan": 0}, {"kind": "row_count", "min": 1}),
        ({"metric": "duplicateValues", "arguments": {"properties": ["c", "d"]}, "mustBe": 0}, {"kind": "unique", "columns": ["c", "D"]}),
    ],
)
def test_rules_of_an_object_are_checks(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = contract({"name": "t", "properties": [{"name": "c"}, {"name": "d", "physicalName": "D"}], "quality": [given]})
    assert specs(found) == [expected]


def test_a_query_fails_where_its_value_is_not_as_it_must_be() -> None:
    (found,) = rule(type="sql", query="SELECT COUNT(*) FROM ${table} WHERE {property} IS NULL;", mustBeLessThan=36)
    inner = 'SELECT COUNT(*) FROM "t" WHERE "c" IS NULL'
    assert found == {"kind": "sql", "query": f"SELECT value FROM (SELECT ({inner}) AS value) AS answer WHERE (value < 36) IS NOT TRUE"}  # noqa: S608


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "text", "description": "looks good"}, "a text is for people: looks good"),
        ({"type": "custom", "engine": "soda", "implementation": "x"}, "the rule is for soda"),
        ({"metric": "nullValues", "mustNotBe": 3}, "no check says that a figure is not a number"),
        ({"metric": "nullValues", "mustNotBeBetween": [1, 2]}, "no check says that a figure is not a number"),
        ({"metric": "nullValues"}, "the rule needs one operator"),
        ({"metric": "nullValues", "mustBe": 0, "unit": "furlongs"}, "neither rows nor percent"),
        ({"metric": "freshness", "mustBe": 0}, "there is no metric `freshness`"),
        ({"metric": "invalidValues", "mustBe": 0}, "`arguments` say not what is valid"),
        ({"metric": "invalidValues", "arguments": {"pattern": "(?=a)"}, "mustBe": 0}, "RE2 doesn't take the pattern"),
        ({"metric": "duplicateValues", "mustBeGreaterThan": 3}, "no check says that so many rows must fail"),
        ({"type": "sql", "mustBe": 0}, "the rule has no query"),
    ],
)
def test_rules_that_no_check_says_are_listed(given: dict[str, Any], said: str) -> None:
    assert said in reason(**given)


def test_options_and_agreements_that_no_check_says_are_listed() -> None:
    nested = {"name": "o", "logicalType": "object", "properties": [{"name": "p", "required": True}]}
    options = {"name": "c", "logicalType": "string", "logicalTypeOptions": {"format": "hostname"}}
    found = contract({"name": "t", "properties": [options, nested]}, slaProperties=[{"property": "retention", "value": 3, "unit": "y"}])
    assert [one.rule for one in found.unsaid] == ["logicalTypeOptions.format", "p: required", "sla retention"]


def test_freshness_is_a_check() -> None:
    sla = {"property": "latency", "value": 4, "unit": "d", "element": "t.c"}
    found = contract({"name": "t", "properties": [{"name": "c", "physicalName": "C"}]}, slaProperties=[sla])
    assert specs(found) == [{"kind": "freshness", "column": "C", "max_age": "4 d"}]


ACCOUNTS = {"id": "acc", "name": "accounts", "properties": [{"id": "own", "name": "owner"}, {"name": "no", "physicalName": "NO"}]}


@pytest.mark.parametrize("to", ["accounts.owner", "schema/acc/properties/own"])
def test_relationships_are_references(to: str) -> None:
    found = contract({"name": "t", "properties": [{"name": "c", "relationships": [{"to": to}]}]}, ACCOUNTS)
    assert specs(found) == [{"kind": "foreign_key", "columns": ["c"], "to": "accounts", "to_columns": ["owner"]}]


def test_relationships_of_several_columns_are_references() -> None:
    relation = {"type": "foreignKey", "from": ["t.c", "t.d"], "to": ["accounts.owner", "accounts.no"]}
    found = contract({"name": "t", "properties": [{"name": "c"}, {"name": "d"}], "relationships": [relation]}, ACCOUNTS)
    assert specs(found) == [{"kind": "foreign_key", "columns": ["c", "d"], "to": "accounts", "to_columns": ["owner", "NO"]}]


@pytest.mark.parametrize("to", ["other.yaml#accounts.owner", "accounts.address.street", "nowhere.id"])
def test_references_that_lead_elsewhere_are_listed(to: str) -> None:
    found = contract({"name": "t", "properties": [{"name": "c", "relationships": [{"to": to}]}]}, ACCOUNTS)
    assert not specs(found)
    assert f"`{to}`" in found.unsaid[0].reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"apiVersion": "v2.2.2"}, "contracts of ODCS v2.2.2 are not read"),
        ({"schema": []}, "nothing to check"),
        ({"schema": [{"name": "t", "properties": [{"name": "c", "requred": True}]}]}, "requred"),
        ({"schema": [{"name": "t", "properties": [{"name": "c", "required": "yes"}]}]}, "required"),
        ({"schema": [{"name": "t", "properties": [{"logicalType": "date"}]}]}, "has no name"),
        ({"schema": [{"name": "t", "properties": [{"name": "c", "logicalTypeOptions": {"minLength": -1}}]}]}, "cannot be"),
    ],
)
def test_a_contract_with_mistakes_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        contract_from({**HEAD, **change})


CHECKS: list[dict[str, Any]] = [
    {"kind": "not_null", "column": "c"}, {"kind": "not_null", "column": "c", "id": "few", "threshold": 0.25, "severity": "warning"},
    {"kind": "missing", "column": "c", "values": ["x"], "threshold": 3}, {"kind": "in_set", "column": "c", "values": [1, "a", True]},
    {"kind": "regex", "column": "c", "regex": "^a", "tags": ["t"]}, {"kind": "unique", "column": "c"}, {"kind": "unique", "columns": ["c", "d"], "dimension": "accuracy"},
    {"kind": "row_count", "min": 3}, {"kind": "row_count", "min": 3, "max": 9}, {"kind": "row_count", "min": 2.5}, {"kind": "sql", "query": "SELECT 1 WHERE FALSE"},
    {"kind": "not_null", "column": ["c", "d"]}, {"kind": "not_null", "column": "c", "where": "d > 1", "sample": 0, "owner": "ada"}, {"kind": "unique", "column": ["c", "d"]},
    {"kind": "conditional", "if": "c > 1", "then": "d > 2"}, {"kind": "parseable", "column": "c", "as": "json"}, {"kind": "not_null", "column": "c", "threshold": 0.07},
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_checks_come_back_from_their_contract(check: dict[str, Any]) -> None:
    document = checks_from({"version": "1.0", "tables": {"t": [check]}})
    found = contract_from(contract_of_checks(document, "t"))
    assert not found.unsaid
    assert [each for each in map(plain_spec, found.tables["t"]) if each["kind"] not in ("column_exists", "column_count")] == [check]
