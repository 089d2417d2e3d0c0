"""`outputs`: targets of a model, none with a secret in it, all of tables and columns that are there."""

from __future__ import annotations

import pytest

import seedbed
from seedbed.model.outputs import OUTPUT_FORMATS
from seedbed.write.formats.format import FORMATS

TEXT = """version: "2.0"
metadata: {name: m}
timeframe: {start: "2024-01-01", end: "2024-12-31"}
outputs:
- {to: out/x, format: csv}
entities:
  user: {rows: 10, pk: id, columns: {id: {sequence: {}}, kind: {choice: {choices: [a, b]}}, share: {distribution: {type: uniform, params: {low: 0, high: 1}}}}}
"""


def told(output: str) -> list[str]:
    with pytest.raises(seedbed.ModelError) as caught:
        seedbed.loads(TEXT.replace("{to: out/x, format: csv}", output), "m.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_formats_are_those_that_can_be_written() -> None:
    assert set(OUTPUT_FORMATS) == set(FORMATS)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("{to: x, format: cvs}", "did you mean `csv`?"),
        ("{to: x, formt: csv}", "did you mean `format`?"),
        ("{to: x, tables: [usr]}", "did you mean `user`?"),
        ("{to: x, partition_by: {user: [knd]}}", "did you mean `kind`?"),
        ("{to: x, partition_by: {user: [share]}}", "`partition_by` needs a column of type"),
        ("{to: x, partition_by: {user: [kind, kind]}}", "listed twice"),
        ("{to: x, partition_by: {user: [id, kind]}}", None),
        ("{to: x, encodings: {user.knd: plain}}", "did you mean `kind`?"),
        ('{to: "postgresql://ann:hush@host/db"}', "the password stands openly"),
        ('{to: "https://host/in?api_key=hush"}', "`api_key` stands openly"),
    ],
)
def test_mistakes_are_told_with_their_place(output: str, message: str | None) -> None:
    if message is None:
        seedbed.loads(TEXT.replace("{to: out/x, format: csv}", output), "m.yaml")
        return
    problems = told(output)
    assert message in problems[0]
    assert problems[0].startswith("m.yaml:5:")
    assert "hush" not in "".join(problems)


def test_variables_of_the_environment_may_stand_for_secrets() -> None:
    model = seedbed.loads(TEXT.replace("out/x, format: csv", '"postgresql://ann:${DB_PASSWORD}@host/db"'), "m.yaml")
    assert model.outputs[0].to == "postgresql://ann:${DB_PASSWORD}@host/db"


def test_version_1_has_no_outputs() -> None:
    document = seedbed.load("examples/users_events.json").model_dump(by_alias=True, mode="json", exclude_defaults=True)
    with pytest.raises(seedbed.ModelError, match=r"version 2\.0|2\.0"):
        seedbed.load({**document, "outputs": [{"to": "x"}]})
