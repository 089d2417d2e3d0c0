"""Contracts of models and checks, and data checked against contracts."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from seedbed.cli.main import main
from seedbed.core.errors import ModelError
from seedbed.model.odcs.reading import contract_from
from seedbed.run.api import generate
from seedbed.run.contracts import contract_text, export_contract
from seedbed.run.validate import validate
from tests.run.databases import quoted

EXAMPLES = Path(__file__).parents[2] / "examples"

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: user
    properties:
      - {name: id, logicalType: integer, primaryKey: true, required: true}
      - name: age
        logicalType: integer
        logicalTypeOptions: {minimum: 0, maximum: 120}
        quality:
          - {metric: nullValues, mustBeLessThan: 50, unit: percent, name: some ages}
          - {type: text, description: Ages are told by the users., name: told}
"""


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [*words])
    return done.exit_code, done.output


@pytest.fixture
def users(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"id": [1, 2, 3], "age": [34, None, 150]}), tmp_path / "data" / "user.parquet")
    (tmp_path / "shop.odcs.yaml").write_text(CONTRACT)
    return tmp_path


def test_data_are_checked_against_a_contract(users: Path) -> None:
    report = validate(users / "data", users / "shop.odcs.yaml")
    ends = {result.id: result.status for result in report.results}
    assert ends["user.pk_unique"] == ends["some ages"] == ends["user.age.type"] == "passed"
    assert [result.failing for result in report.results if result.kind == "range"] == [0, 1]


def test_what_no_check_says_is_in_the_report(users: Path) -> None:
    result = validate(users / "data", users / "shop.odcs.yaml").of("told")
    assert (result.status, result.reason) == ("skipped", "a text is for people: Ages are told by the users.")


def test_the_command_line_takes_contracts_and_writes_them(users: Path) -> None:
    code, said = run("validate", str(users / "shop.odcs.yaml"), "-d", str(users / "data"))
    assert (code, "user.age.range" in said) == (1, True)
    for ending in ("yaml", "json"):
        code, _ = run("export", "odcs", str(EXAMPLES / "bank.json"), "-o", str(users / f"bank.odcs.{ending}"))
        assert code == 0
    assert (users / "bank.odcs.json").read_text().startswith("{")
    code, said = run("export", "odcs", str(users / "shop.odcs.yaml"))
    assert (code, "already" in said) == (2, True)


@pytest.mark.parametrize("example", ["shop.yaml", "bank.json", "users_events.json", "school.yaml"])
def test_data_of_a_model_keep_its_contract(example: str, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    contract = export_contract(EXAMPLES / example)
    assert all("name" in column for one in contract["schema"] for column in one["properties"])
    generate(EXAMPLES / example, tmp_path / "out", scale=0.02)
    with duckdb.connect(tmp_path / "data.duckdb") as connection:
        for one in contract["schema"]:
            files = (
                str(tmp_path / "out" / one["name"] / "*.parquet")
                if (tmp_path / "out" / one["name"]).is_dir()
                else str(tmp_path / "out" / f"{one['name']}.parquet")
            )
            connection.execute(f"CREATE TABLE {quoted(one['name'])} AS SELECT * FROM read_parquet('{files}')")  # noqa: S608 - our own files
    report = validate(f"duckdb:///{tmp_path}/data.duckdb", contract)
    assert [(result.id, result.status, result.reason or result.observed) for result in report.broken] == []


def test_a_contract_in_plain_data_needs_a_schema() -> None:
    with pytest.raises(ModelError, match="nothing to check"):
        contract_from({"apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1", "status": "draft"})


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in (".json", ".yaml")))
def test_contracts_fit_the_schema_that_the_standard_publishes(example: str) -> None:
    """The schema ships with the package of the standard's own Python classes."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(resources.files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8"))
    written = json.loads(contract_text(export_contract(EXAMPLES / example), "json"))
    assert [error.message for error in jsonschema.validators.validator_for(schema)(schema).iter_errors(written)] == []
