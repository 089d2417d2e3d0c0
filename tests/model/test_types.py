"""Types that are left out are those of what fills the column; what nothing tells is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from seedbed.core.errors import ModelError
from seedbed.model.document import Model
from seedbed.model.reading import parse

HEAD = 'version: "2.0"\nmetadata: {name: m}\ntimeframe: {start: "2024-01-01", end: "2024-12-31"}\n'
COLUMNS = """
entities:
  product:
    columns:
      product_id: {sequence: {}}
      price: {distribution: {type: uniform, params: {low: 1, high: 9}}, type: decimal, precision: 9, scale: 3}
      label: {faker: {method: word}}
      rating: {choice: {choices: [1, 2.5]}}
      is_new: {choice: {choices: [true, false]}}
      size: {choice: {choices: [S, M]}}
      stock: {distribution: {type: poisson, params: {lambda: 3}}}
      since: {datetime_series: {}}
      weight: {distribution: {type: normal, params: {mean: 2, std: 0.1}}}
      quantity: {faker: {method: random_int}}
      taxed: {expression: {code: price * quantity}}
      late: {expression: {code: since > '2024-06-01'}}
      chained: {expression: {code: again + 1}}
      again: {expression: {code: stock // 2}}
      any_price: {lookup: {from: product.price}}
"""
WANTED = {
    "product_id": "int", "price": "decimal(3)", "label": "string", "rating": "float", "is_new": "bool", "size": "string", "stock": "int",
    "since": "datetime", "weight": "float", "quantity": "int", "taxed": "decimal(3)", "late": "bool", "chained": "int", "again": "int",
    "any_price": "decimal(3)",
}  # fmt: skip


def model(columns: str) -> Model:
    return parse(HEAD + columns, "m.yaml")


def test_a_type_left_out_is_that_of_the_generator() -> None:
    product = model(COLUMNS).node("product")
    assert product is not None
    assert {column.name: column.value_type.value for column in product.columns} == WANTED
    copied = product.column("any_price")
    assert copied is not None
    assert copied.digits == (9, 3)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("a: {expression: {code: b}}, b: {expression: {code: a}}", "`t.a` has no type"),
        ("a: {expression: {code: nowhere + 1}}", "nowhere"),
    ],
)
def test_a_type_that_nothing_tells_is_refused(columns: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        model(f"entities: {{t: {{columns: {{{columns}}}}}}}")
    assert all(str(problem.where).startswith("m.yaml:") for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{choice: {choices: [19.999]}, type: decimal}", "is no decimal"),
        ("{choice: {choices: ['25:00']}, type: time}", "is no time"),
        ("{choice: {choices: [abc]}, type: uuid}", "is no uuid"),
        ("{choice: {choices: ['{a']}, type: json}", "is no json"),
        ("{choice: {choices: ['!']}, type: bytes}", "is no bytes"),
        ("{sequence: {}, type: int, scale: 2}", "`scale` is for decimals"),
        ("{sequence: {}, type: decimal, precision: 3, scale: 4}", "more than the 3 in all"),
        ("{sequence: {}, type: uuid}", "makes int or float or decimal, not uuid"),
        ("{distribution: {type: normal, params: {mean: 0, std: 1}}, type: time}", "not time"),
    ],
)
def test_values_that_a_type_does_not_have_are_refused(column: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        model(f"entities: {{t: {{columns: {{a: {column}}}}}}}")


@pytest.mark.parametrize("kind", ["decimal", "time", "uuid", "json", "bytes", "struct", "list"])
def test_the_new_types_need_version_2(kind: str) -> None:
    column: dict[str, Any] = {"name": "a", "type": kind, "generator": {"sequence": {}}}
    text = HEAD.replace("2.0", "1.0") + f"nodes: [{{id: t, kind: entity, columns: [{column!r}]}}]".replace("'", '"')
    with pytest.raises(ModelError, match=f"`{kind}` needs version 2.0"):
        parse(text, "m.yaml")
