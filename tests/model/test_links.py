"""Links as documents have them."""

from __future__ import annotations

import pytest

import seedbed
from seedbed.core.errors import ModelError

HEAD = 'version: "2.0"\nmetadata: {name: t}\ntimeframe: {start: "2024-01-01", end: "2024-12-31"}\n'


@pytest.mark.parametrize("word", ["null", '"null"'])
def test_null_on_full_needs_no_quotes(word: str) -> None:
    text = f"""{HEAD}
entities:
  seat: {{rows: 10, pk: id, columns: {{id: {{sequence: {{}}}}}}}}
  guest:
    rows: 30
    links: {{seat: {{to: seat, capacity: {{limit: 2, on_full: {word}}}}}}}
    columns: {{seat_id: {{lookup: {{from: seat.id}}, nullable: true}}}}
"""
    assert seedbed.plan(seedbed.loads(text, "m.yaml")).to_arrow("guest")["seat_id"].null_count == 10


@pytest.mark.parametrize("nulls", ["nullable: true", "null_rate: 0.1", "null_if: 'name == 1'"])
def test_a_primary_key_without_values_is_refused_where_it_is_written(nulls: str) -> None:
    text = f"{HEAD}entities: {{t: {{rows: 9, pk: id, columns: {{id: {{sequence: {{}}, {nulls}}}, name: {{constant: {{value: 1}}}}}}}}}}\n"
    key = nulls.partition(":")[0]
    with pytest.raises(ModelError, match=rf"m\.yaml:4:\d+ entities\.t\.columns\.id\.{key}: `id` is the primary key"):
        seedbed.plan(seedbed.loads(text, "m.yaml"))


def test_a_table_of_hidden_columns_is_refused() -> None:
    text = f"{HEAD}entities: {{t: {{rows: 9, columns: {{id: {{sequence: {{}}, hidden: true}}}}}}}}\n"
    with pytest.raises(ModelError, match="all columns of `t` are hidden"):
        seedbed.plan(seedbed.loads(text, "m.yaml"))
