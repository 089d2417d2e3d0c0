"""One mistake in a sound document gives one problem: at its place, in plain words, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedbed.core.errors import ModelError, Problem
from seedbed.model.reading import parse

SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")

#: What is replaced in the shop, by what; the place, the message and the remedy.
SINGLE: list[tuple[str, str, str, str, str | None]] = [
    ("pk: order_id", "pk: ordr_id", "87:9 nodes.order.pk", "`order` has no column `ordr_id`", "did you mean `order_id`?"),
    (
        "parents: [customer]\n    fanout",
        "parents: [custmer]\n    fanout",
        "88:15 nodes.order.parents[0]",
        "there is no table `custmer`",
        "did you mean `customer`?",
    ),
    (
        "parents: [customer]\n    fanout",
        "parents: [customer, customer]\n    fanout",
        "88:25 nodes.order.parents[1]",
        "the parent `customer` is listed twice",
        "remove one of them",
    ),
    (
        "parents: [customer]\n    fanout",
        "parents: [order]\n    fanout",
        "88:15 nodes.order.parents[0]",
        "`order` is its own parent",
        "for a tree, look the table's own key up in a column",
    ),
    (
        "lookup: {from: customer.customer_id}}}\n      - name: placed",
        "lookup: {from: customer.customr_id}}}\n      - name: placed",
        "99:67 nodes.order.columns.customer_id.generator.lookup.from",
        "`customer` has no column `customr_id`",
        "did you mean `customer_id`?",
    ),
    (
        "lookup: {from: customer.customer_id}}}\n      - name: placed",
        "lookup: {from: custmer.customer_id}}}\n      - name: placed",
        "99:67 nodes.order.columns.customer_id.generator.lookup.from",
        "there is no table `custmer`",
        "did you mean `customer`?",
    ),
    (
        "lookup: {from: customer.customer_id}}}\n      - name: placed",
        "lookup: {from: customer.full_name}}}\n      - name: placed",
        "99:67 nodes.order.columns.customer_id.generator.lookup.from",
        "`customer.full_name` is string, the column is int",
        "write `type: string`",
    ),
    (
        "on: {code: country}",
        "on: {cod: country}",
        "51:56 nodes.customer.columns.title.generator.lookup.on.cod",
        "`country` has no column `cod`",
        "did you mean `code`?",
    ),
    (
        "on: {code: country}",
        "on: {code: contry}",
        "51:62 nodes.customer.columns.title.generator.lookup.on.code",
        "`customer` has no column `contry`",
        "did you mean `country`?",
    ),
    (
        "on: {code: country}",
        "on: {code: customer_id}",
        "51:62 nodes.customer.columns.title.generator.lookup.on.code",
        "`country.code` is string, `customer.customer_id` is int: no row can be found",
        "join columns of one type",
    ),
    (
        "choices_ref: country.code",
        "choices_ref: country.cod",
        "32:73 nodes.promotion.columns.country.generator.choice.choices_ref",
        "`country` has no column `cod`",
        "did you mean `code`?",
    ),
    (
        "choices_ref: country.code",
        "choices: [a], choices_ref: country.code",
        "32:59 nodes.promotion.columns.country.generator.choice",
        "a choice takes one source of values; found both `choices` and `choices_ref`",
        "keep `choices: [..]` or `choices_ref: table.column`",
    ),
    (
        "choice: {choices_ref: country.code}",
        "choice: {}",
        "32:59 nodes.promotion.columns.country.generator.choice",
        "a choice takes one source of values; found neither `choices` nor `choices_ref`",
        "keep `choices: [..]` or `choices_ref: table.column`",
    ),
    (
        "locale_from: country",
        "locale_from: contry",
        "45:56 nodes.customer.columns.full_name.generator.faker.locale_from",
        "`customer` has no column `contry`",
        "did you mean `country`?",
    ),
    (
        "locale_from: country",
        "locale_from: age",
        "45:56 nodes.customer.columns.full_name.generator.faker.locale_from",
        "`locale_from` needs a column of type string; `customer.age` is int",
        "`customer` has `full_name`, `country`, `title`, `segment`, `tier`",
    ),
    (
        "weights: [0.7, 0.2, 0.1]",
        "weights: [0.7, 0.2]",
        "57:22 nodes.customer.columns.segment.generator.choice.weights",
        "2 weights for 3 values",
        "give one weight a value",
    ),
    (
        "weights: [0.7, 0.2, 0.1]",
        "weights: [0, 0, 0]",
        "57:22 nodes.customer.columns.segment.generator.choice.weights",
        "all weights are 0, so nothing can be drawn",
        "give at least one weight above 0",
    ),
    (
        "weights: [0.7, 0.2, 0.1]",
        "weights: [0.7, -0.2, 0.1]",
        "57:28 nodes.customer.columns.segment.generator.choice.weights[1]",
        "must be at least 0; found -0.2",
        None,
    ),
    (
        "weights: [0.7, 0.2, 0.1]",
        "weights_kind: zipf@1.2.3",
        "57:27 nodes.customer.columns.segment.generator.choice.weights_kind",
        "`1.2.3` are no numbers",
        "such as `zipf@1.1` or `head_tail@{0.8,1.1}`",
    ),
    (
        "weights: [0.7, 0.2, 0.1]",
        "weights: [0.7, 0.2, 0.1]\n            weights_kind: uniform",
        "58:13 nodes.customer.columns.segment.generator.choice.weights_kind",
        "`weights` and `weights_kind` both give the weights",
        "keep one of them",
    ),
    (
        '"head_tail@{0.8,1.1}"',
        '"head_tail@{1.8,1.1}"',
        "71:70 nodes.customer.columns.tier.generator.choice.weights_kind",
        "the head's share is 1.8; it lies between 0 and 1",
        "such as `head_tail@{0.8,1.1}`",
    ),
    (
        '"head_tail@{0.8,1.1}"',
        '"head_tial@{1.8,1.1}"',
        "71:70 nodes.customer.columns.tier.generator.choice.weights_kind",
        'expected `uniform`, `zipf@A` or `head_tail@{S,A}`; found the text "head_tial@{1.8,1.1}"',
        "such as `zipf@1.1` or `head_tail@{0.8,1.1}`",
    ),
    (
        "weights: [1, 1, 1, 1, 1, 2, 2]",
        "weights: [1, 1, 1, 1, 1, 2]",
        "62:48 nodes.customer.columns.signup.generator.datetime_series.pattern.weights",
        "6 weights for `dow`, which has 7",
        "give 7, Monday first",
    ),
    (
        "weights: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]",
        "weights: [1]",
        "104:72 nodes.order.columns.placed_at.modifiers[0].args.weights",
        "1 weights for `month`, which has 12",
        "give 12, January first",
    ),
    (
        "clamp: [18, 90]",
        "clamp: [90, 18]",
        "66:86 nodes.customer.columns.age.generator.distribution.clamp",
        "the lower end (90) is above the upper end (18)",
        "swap them",
    ),
    (
        "clamp: [18, 90]",
        "clamp: [90]",
        "66:86 nodes.customer.columns.age.generator.distribution.clamp",
        "item 2 is missing",
        "write both ends, such as `[0, 100]`; `null` leaves an end open",
    ),
    ("clamp: [0, 50]", "clamp: [50, 0]", "89:13 nodes.order.fanout", "`min` (50) is above `max` (0)", "swap them"),
    (
        "low: 1.1, high: 1.5",
        "low: 1.5, high: 1.1",
        "31:59 nodes.promotion.columns.lift.generator.distribution.params",
        "`low` (1.5) is above `high` (1.1)",
        "swap them",
    ),
    (
        "low: 1.1, high: 1.5",
        "low: -1e308, high: 1e308",
        "31:59 nodes.promotion.columns.lift.generator.distribution.params",
        "its values pass the range of floats, 1.8e308",
        "use smaller numbers",
    ),
    (
        "type: float\n        generator: {distribution: {type: uniform, params: {low: 1.1, high: 1.5}}}",
        "type: int\n        generator: {distribution: {type: uniform, params: {low: 1.1, high: 1.5}}}",
        "31:59 nodes.promotion.columns.lift.generator.distribution.params",
        "no whole number lies between 1.1 and 1.5",
        "widen them, or make the column a float",
    ),
    (
        "type: float\n        generator: {distribution: {type: uniform, params: {low: 1.1, high: 1.5}}}",
        "type: int\n        generator: {distribution: {type: uniform, params: {low: 0, high: 1e19}}}",
        "31:59 nodes.promotion.columns.lift.generator.distribution.params",
        "the whole numbers from 0 to 1e+19 do not fit",
        "stay within 64 bits, at most 2^62 apart",
    ),
    (
        "{attr: customer.age, min: 18, max: 90}",
        "{attr: customer.age, min: 90, max: 18}",
        "134:7 constraints.ranges[0]",
        "`min` (90) is above `max` (18)",
        "swap them",
    ),
    (
        'min: "2024-01-01", max: "2024-12-31"',
        'min: "2025-01-01", max: "2024-12-31"',
        "135:7 constraints.ranges[1]",
        "`min` (2025-01-01) is after `max` (2024-12-31)",
        "swap them",
    ),
    (
        'min: "2024-01-01", max: "2024-12-31"',
        'min: "2024-02-30"',
        "135:36 constraints.ranges[1].min",
        "'2024-02-30' is not a time: day is out of range for month",
        'write it like "2024-01-31" or "2024-01-31T12:00:00"',
    ),
    (
        "{attr: customer.age, min: 18, max: 90}",
        '{attr: customer.age, min: "18"}',
        "134:33 constraints.ranges[0].min",
        "the column is int, so the range needs a number",
        None,
    ),
    (
        'timeframe: {start: "2024-01-01"',
        'timeframe: {start: "2025-01-01"',
        "4:12 timeframe",
        "`start` (2025-01-01) is after `end` (2024-12-31)",
        "swap them",
    ),
    (
        'timeframe: {start: "2024-01-01"',
        'timeframe: {start: "January 24"',
        "4:20 timeframe.start",
        "'January 24' is not a date like 2024-02-29 or a time like 2024-02-29T12:30:00",
        'write it like "2024-01-31" or "2024-01-31T12:00:00"',
    ),
    (
        'within: {start: "2024-02-01", end',
        'within: {start: "2025-02-01", end',
        "28:47 nodes.promotion.columns.ends_on.generator.datetime_series.within",
        "`start` (2025-02-01) is after `end` (2024-12-31)",
        "swap them",
    ),
    (
        "freq: H}",
        "freq: X}",
        "4:59 timeframe.freq",
        "`X` is no grid",
        "grids: S, T or min, H, D, B, W, M, MS, Q, QS, Y, with a whole number before them if wanted",
    ),
    (
        "freq: 15T",
        "freq: 0T",
        "102:45 nodes.order.columns.placed_at.generator.datetime_series.freq",
        "the multiple of `0T` must be at least 1",
        "grids: S, T or min, H, D, B, W, M, MS, Q, QS, Y, with a whole number before them if wanted",
    ),
    (
        "freq: 15T",
        "freq: fortnight",
        "102:45 nodes.order.columns.placed_at.generator.datetime_series.freq",
        'expected a grid such as `H`, `15T` or `MS`; found the text "fortnight"',
        "such as `H`; the units are S, T or min, H, D, B, W, M, MS, Q, QS, Y",
    ),
    (
        "    parents: [customer]\n    fanout",
        "    fanout",
        "85:5 nodes.order",
        "the fact `order` has no parents",
        "add `parents: [table]`, or make it an entity",
    ),
    (
        "    fanout: {distribution: poisson, lambda: 5, clamp: [0, 50]}\n",
        "",
        "85:5 nodes.order",
        "the fact `order` doesn't say how many rows a parent has",
        "add `fanout: {distribution: poisson, lambda: 5}`, or a `stage_config`",
    ),
    (
        "    stage_config:\n",
        "    fanout: {distribution: poisson, lambda: 5}\n    stage_config:\n",
        "119:5 nodes.funnel.fanout",
        "`fanout` and `stage_config` both say how many rows a parent has",
        "remove `fanout`: a parent has one row for each stage it reaches",
    ),
    (
        "[Germany, France, Norway]",
        "[Germany, France]",
        "15:41 nodes.country.columns.title.generator.enum_list.values",
        "2 values, where the first list of `country` has 3",
        "give every list one value a row",
    ),
    (
        "[Germany, France, Norway]",
        "[Germany, France, 3]",
        "15:59 nodes.country.columns.title.generator.enum_list.values[2]",
        "3 is no string",
        'put it in quotes: "3"',
    ),
    (
        "    kind: vocab\n",
        "    kind: vocab\n    rows: 7\n",
        "8:11 nodes.country.rows",
        "7 rows, but the lists have 3 values",
        "remove `rows`",
    ),
    (
        "order_id, type: int, generator: {sequence: {}}",
        "order_id, type: bool, generator: {sequence: {}}",
        "98:32 nodes.order.columns.order_id.type",
        "`sequence` makes int or float or decimal, not bool",
        'for keys that are texts, use `faker: {method: bothify, text: "ID-####"}`',
    ),
    (
        "sequence: {start: 1001}",
        "sequence: {start: 1001, step: 0}",
        "42:51 nodes.customer.columns.customer_id.generator.sequence.step",
        "a step of 0 gives every row the same number",
        "give a step other than 0, or use `choice` with one value",
    ),
    (
        "sequence: {start: 1001}",
        "sequence: {start: 10000000000000000000}",
        "42:39 nodes.customer.columns.customer_id.generator.sequence.start",
        "the number is too large",
        "whole numbers lie between -2^63 and 2^63 - 1",
    ),
    (
        "{transform: time_jitter, args: {std_minutes: 3}}",
        "{transform: multiply, args: {factor: 3}}",
        "105:25 nodes.order.columns.placed_at.modifiers[1].transform",
        "`multiply` acts on int, float, decimal; the column is datetime",
        "for datetime: `map_values`, `seasonality`, `effect`, `time_jitter`",
    ),
    (
        "{transform: jitter, args: {std: 0.1, mode: mul}}",
        "{transform: time_jitter, args: {std_minutes: 3}}",
        "111:25 nodes.order.columns.amount.modifiers[1].transform",
        "`time_jitter` acts on datetime, date; the column is float",
        "for float: `multiply`, `add`, `clamp`, `jitter`, `outliers`, `trend`, `map_values`, `seasonality`, `effect`",
    ),
    (
        "    modifiers:\n      - transform: effect\n",
        "    modifiers:\n      - {transform: multiply, args: {factor: 2}}\n      - transform: effect\n",
        "91:21 nodes.order.modifiers[0].transform",
        "`multiply` changes a column; on a table only `effect` acts",
        "put it into a column's `modifiers`",
    ),
    (
        "effect_table: promotion",
        "effect_table: promotoin",
        "93:25 nodes.order.modifiers[0].args.effect_table",
        "there is no table `promotoin`",
        "did you mean `promotion`?",
    ),
    (
        "on: {}",
        "on: {custmer_id: promotion_id}",
        "94:16 nodes.order.modifiers[0].args.on.custmer_id",
        "`order` has no column `custmer_id`",
        "did you mean `customer_id`?",
    ),
    (
        "on: {}",
        "on: {customer_id: promo_id}",
        "94:29 nodes.order.modifiers[0].args.on.customer_id",
        "`promotion` has no column `promo_id`",
        "did you mean `promotion_id`?",
    ),
    (
        "start_col: starts_on",
        "start_col: lift",
        "95:31 nodes.order.modifiers[0].args.window.start_col",
        "the window needs a column of type datetime or date; `promotion.lift` is float",
        "`promotion` has `starts_on`, `ends_on`",
    ),
    (
        "field: lift",
        "field: country",
        "96:24 nodes.order.modifiers[0].args.map.field",
        "an effect needs a column of type int or float or decimal; `promotion.country` is string",
        "`promotion` has `promotion_id`, `lift`",
    ),
    (
        "time_reference: placed_at",
        "time_reference: placed",
        "110:87 nodes.order.columns.amount.modifiers[0].args.time_reference",
        "`order` has no column `placed`",
        "did you mean `placed_at`?",
    ),
    (
        "      - name: customer_id\n        type: int\n",
        "      - name: customer_id\n        type: int\n        nullable: true\n",
        "42:19 nodes.customer.columns.customer_id.nullable",
        "`customer_id` is the primary key, so it has no nulls",
        "remove `nullable`",
    ),
    (
        "dag: [[country], [promotion, customer], [order, funnel]]",
        "dag: [[country], [promotion], [order, funnel]]",
        "154:1 dag",
        "`dag` leaves out `customer`",
        "add them, or remove `dag`: levels are inferred",
    ),
    (
        "        pro: {fanout_multiplier: 3",
        "        prro: {fanout_multiplier: 3",
        "77:9 nodes.customer.segment_behavior.behaviors.prro",
        "`customer.segment` has no value `prro`",
        "did you mean `pro`?",
    ),
    (
        "basic: {base_probability: 0.7}",
        "basic: {base_probability: 0.6}",
        "76:35 nodes.customer.segment_behavior.behaviors.basic.base_probability",
        "a base probability of 0.6, but the column's weights give `basic` 0.7",
        "make them agree, or give only one of the two",
    ),
    (
        "pro: {transition_multiplier: 1.4}",
        "proo: {transition_multiplier: 1.4}",
        "124:9 nodes.funnel.stage_config.segment_variation.proo",
        "`customer.segment` has no value `proo`",
        "did you mean `pro`?",
    ),
    (
        "      applies_to_columns: [order.amount]\n",
        "",
        "77:37 nodes.customer.segment_behavior.behaviors.pro.value_multiplier",
        "no column is scaled by `value_multiplier`",
        "add `applies_to_columns`, the numeric columns to scale",
    ),
    (
        "created_at_column: signup",
        "created_at_column: age",
        "80:26 nodes.customer.vintage_behavior.created_at_column",
        "an age needs a column of type datetime or date; `customer.age` is int",
        "`customer` has `signup`",
    ),
    (
        'regex: "^[a-e]$"',
        'regex: "(?=x)"',
        "139:36 constraints.pattern[0].regex",
        "not a regular expression: invalid perl operator: (?=",
        "look-around and back-references are not known to RE2",
    ),
    (
        '"^[a-e]$"}\n    seg',
        '"[a"}\n    seg',
        "72:55 nodes.customer.columns.tier.constraints.pattern",
        "not a regular expression: missing ]: [a",
        "see RE2's syntax",
    ),
    (
        "{attr: customer.tier, regex",
        "{attr: customer.age, regex",
        "139:35 constraints.pattern[0].regex",
        "a pattern is for texts; the column is int",
        "use one of `ranges`, `enum`",
    ),
    (
        "enum_ref: country.code",
        "enum_ref: country.cde",
        "141:42 constraints.enum[0].enum_ref",
        "`country` has no column `cde`",
        "did you mean `code`?",
    ),
    ("values: [visit, cart]", "values: [visit, 3]", "142:49 constraints.enum[1].values[1]", "3 is no string", 'put it in quotes: "3"'),
    (
        "from: order.customer_id",
        "from: order.customerid",
        "132:14 constraints.foreign_keys[0].from",
        "`order` has no column `customerid`",
        "did you mean `customer_id`?",
    ),
    (
        "from: order.customer_id, to: customer.customer_id",
        "from: order.customer_id, to: customer.full_name",
        "132:7 constraints.foreign_keys[0]",
        "`order.customer_id` is int, `customer.full_name` is string",
        "name columns of one type",
    ),
    (
        "left: customer.signup",
        "left: customer.full_name",
        "137:14 constraints.inequalities[0].left",
        "`customer.full_name` is string: neither a number nor a time",
        "compare numbers or times",
    ),
    (
        "left: customer.signup",
        "left: customer.age",
        "137:7 constraints.inequalities[0]",
        "`customer.age` is int, `order.placed_at` is datetime",
        "name columns of one type",
    ),
    (
        "table: order, timestamp: placed_at",
        "table: order, timestamp: amount",
        "144:44 targets.weekend_share.timestamp",
        "a weekend share needs a column of type datetime or date; `order.amount` is float",
        "`order` has `placed_at`",
    ),
    (
        "table: order, timestamp: placed_at",
        "table: ordr, timestamp: amount",
        "144:26 targets.weekend_share.table",
        "there is no table `ordr`",
        "did you mean `order`?",
    ),
    (
        "column: age, min: 30",
        "column: tier, min: 30",
        "146:33 targets.mean_in_range[0].column",
        "a mean needs a column of type int or float or decimal; `customer.tier` is string",
        "`customer` has `customer_id`, `age`",
    ),
    (
        "{1: 1.0, 12: 1.1}",
        "{0: 1.0, 12: 1.1}",
        '152:54 targets.composite_effect.influences[1].lift["0"]',
        "`month` has no value `0`",
        "its values: `1`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9`, `10`, `11`, `12`",
    ),
    (
        "{true: 1.0, false: 1.0}",
        "{yes: 1.0, false: 1.0}",
        "151:31 targets.composite_effect.influences[0].lift.yes",
        "`order.paid` has no value `yes`",
        "its values: `true`, `false`",
    ),
    (
        "metric: amount",
        "metric: amont",
        "149:13 targets.composite_effect.metric",
        "`order` has no column `amont`",
        "did you mean `amount`?",
    ),
    (
        "kind: fact\n    pk: order_id",
        "kind: fakt\n    pk: order_id",
        "86:11 nodes.order.kind",
        'the text "fakt" is not one of `entity`, `fact`, `vocab`',
        "did you mean `fact`?",
    ),
    (
        "generator: {sequence: {}}}\n      - {name: customer_id, type: int, generator: {lookup",
        "generator: {sequence: }}\n      - {name: customer_id, type: int, generator: {lookup",
        "98:48 nodes.order.columns.order_id.generator",
        "the generator `sequence` has no parameters",
        "write `sequence: {}` where its defaults will do",
    ),
    ("rows: 500", "rows: 50K", "37:11 nodes.customer.rows", 'expected a whole number; found the text "50K"', "write 50000"),
    ("rows: 500", "rows: -1", "37:11 nodes.customer.rows", "must be at least 0; found -1", None),
    ("rows: 500", "row: 500", "37:5 nodes.customer.row", "unknown key `row`", "did you mean `rows`?"),
]


def problems(text: str, name: str = "shop.yaml") -> tuple[Problem, ...]:
    """The problems of a document that has some."""
    with pytest.raises(ModelError) as caught:
        parse(text, name)
    return caught.value.problems


@pytest.mark.parametrize(("old", "new", "where", "message", "fix"), SINGLE)
def test_one_mistake_is_one_problem_at_its_place(old: str, new: str, where: str, message: str, fix: str | None) -> None:
    assert problems(SHOP.replace(old, new, 1)) == (Problem(message, f"shop.yaml:{where}", fix),)


def test_the_shop_itself_has_no_mistake() -> None:
    assert [node.id for node in parse(SHOP, "shop.yaml").nodes] == ["country", "promotion", "customer", "order", "funnel"]


def test_all_mistakes_of_a_document_come_at_once_and_in_its_order() -> None:
    text = SHOP
    for old, new in (
        ("rows: 6", "row: 6"),
        ("type: float\n", "type: flaot\n"),
        ("locale_from: country", "locale_from: contry"),
        ("weights: [0.7, 0.2, 0.1]", "weights: [0.7, 0.2]"),
        ("lambda: 5", "lambda: five"),
        ("from: order.customer_id", "from: ordr.customer_id"),
        ("max: 50}", "max: 5}"),
    ):
        text = text.replace(old, new, 1)
    assert [(problem.where, problem.fix) for problem in problems(text)] == [
        ("shop.yaml:19:5 nodes.promotion.row", "did you mean `rows`?"),
        ("shop.yaml:30:15 nodes.promotion.columns.lift.type", "did you mean `float`?"),
        ("shop.yaml:45:56 nodes.customer.columns.full_name.generator.faker.locale_from", "did you mean `country`?"),
        ("shop.yaml:57:22 nodes.customer.columns.segment.generator.choice.weights", "give one weight a value"),
        ("shop.yaml:89:45 nodes.order.fanout.lambda", None),
        ("shop.yaml:132:14 constraints.foreign_keys[0].from", "did you mean `order`?"),
        ("shop.yaml:146:7 targets.mean_in_range[0]", "swap them"),
    ]


def test_a_wrong_column_does_not_make_references_to_it_wrong() -> None:
    text = SHOP.replace("customer_id\n        type: int", "customer_id\n        type: itn", 1)
    assert [problem.where for problem in problems(text)] == ["shop.yaml:41:15 nodes.customer.columns.customer_id.type"]


def test_a_wrong_fan_out_is_not_also_missing() -> None:
    text = SHOP.replace("distribution: poisson, lambda: 5", "distribution: poison, lambda: 5", 1)
    assert [problem.fix for problem in problems(text)] == ["did you mean `poisson`?"]


def test_references_to_a_table_that_is_there_twice_are_not_judged() -> None:
    found = problems(SHOP.replace("id: promotion\n", "id: customer\n", 1))
    assert [(problem.where, problem.message) for problem in found] == [
        ("shop.yaml:35:9 nodes[2].id", "there are two tables `customer`"),
        ("shop.yaml:93:25 nodes.order.modifiers[0].args.effect_table", "there is no table `promotion`"),
        ("shop.yaml:154:19 dag[1][0]", "there is no table `promotion`"),
    ]


@pytest.mark.parametrize("name", ["Customer", "CUSTOMER"])
def test_tables_whose_files_some_disks_take_for_one_are_refused(name: str) -> None:
    first, *_ = problems(SHOP.replace("id: promotion\n", f"id: {name}\n", 1))
    assert first.where == "shop.yaml:35:9 nodes.customer.id"
    assert first.message == f"the tables `{name}` and `customer` would share a file on disks that don't tell their names apart"


def test_a_value_is_no_novel() -> None:
    first, *_ = problems(SHOP.replace("choices: [basic, plus, pro]", f"choices: [basic, plus, {'x' * 10_001}]", 1))
    assert first.where == "shop.yaml:56:36 nodes.customer.columns.segment.generator.choice.choices[2]"
    assert first.message == "a text of 10,001 characters"


def test_the_kind_of_every_table_is_held() -> None:
    text = SHOP.replace("    rows: 500\n", "    rows: 500\n    parents: [country]\n    fanout: {distribution: poisson, lambda: 1}\n", 1)
    assert [problem.where for problem in problems(text)] == [
        "shop.yaml:38:5 nodes.customer.parents",
        "shop.yaml:39:5 nodes.customer.fanout",
    ]


def test_json_has_the_same_problems_at_its_own_places() -> None:
    text = '{\n  "version": "1.0",\n  "metadata": {"nam": "x"},\n  "timeframe": {"start": "2024-01-01", "end": "2024-02-01"},\n  "nodes": []\n}'
    assert problems(text, "m.json") == (
        Problem("`name` is missing", "m.json:3:15 metadata.name", "did you mean it by `nam`?"),
        Problem("must have at least 1 item; found 0", "m.json:5:12 nodes", "give at least one"),
    )


def test_a_document_that_is_something_else_is_one_problem() -> None:
    (problem,) = problems('{"a": 1, "b": 2}', "m.json")
    assert problem.message.startswith("this is no model")


def test_many_wrong_values_of_one_list_are_told_up_to_a_few() -> None:
    values = ", ".join(["x", "[1]"] * 50)
    found = problems(SHOP.replace("choices: [basic, plus, pro]", f"choices: [{values}]", 1))
    assert [str(problem.where).rpartition("choices")[2] for problem in found[:3]] == ["[1]", "[3]", "[5]"]
    assert len(found) < 30


def test_the_first_hundred_problems_are_told_and_the_others_counted() -> None:
    names = ", ".join(f"order.x{number}" for number in range(300))
    found = problems(SHOP.replace("unique: [customer.customer_id]", f"unique: [{names}]", 1))
    assert len(found) == 101
    assert found[-1].message.startswith("and at least ")


def test_a_document_of_more_parts_than_any_model_is_refused() -> None:
    (problem,) = problems("[" + "[]," * 200_000 + "[]]", "m.json")
    assert problem == Problem("more than 200,000 objects, lists and keys", "m.json", "split the model")


def test_mistakes_that_only_show_without_the_first_are_told_too() -> None:
    text = SHOP.replace("clamp: [0, 50]", "clamp: [50, 0], lamda: 3", 1)
    assert [problem.where for problem in problems(text)] == [
        "shop.yaml:89:13 nodes.order.fanout",
        "shop.yaml:89:64 nodes.order.fanout.lamda",
    ]
