"""A part of a sound document replaced by a wrong one: which problems there are, where, and their remedies."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from seedbed.core.errors import ModelError
from seedbed.model.reading import parse, read_tree

SHOP = read_tree((Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8"), "shop.yaml").data

COLUMNS = ("nodes", 2, "columns")

#: The path of the part, what it is replaced by, and the problems: path, message, remedy.
PARTS: list[tuple[tuple[str | int, ...], Any, list[tuple[str, str, str | None]]]] = [
    (
        (*COLUMNS, 6, "generator"),
        {"sequence": {}, "choice": {"choices": ["a"]}},
        [
            (
                "nodes.customer.columns.age.generator",
                "a column takes exactly one generator, found 2: sequence, choice",
                "keep one of `sequence`, `choice`",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {},
        [
            (
                "nodes.customer.columns.age.generator",
                "a column takes exactly one generator, found none",
                "add one of `sequence`, `choice`, `distribution`, `datetime_series`, `faker`, `lookup`, `expression`, `enum_list`",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"squence": {}},
        [("nodes.customer.columns.age.generator.squence", "unknown key `squence`", "did you mean `sequence`?")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"choices": [1, 2]},
        [("nodes.customer.columns.age.generator.choices", "unknown key `choices`", "did you mean `choice`?")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": {"params": {"mean": 1, "std": 2}}},
        [
            (
                "nodes.customer.columns.age.generator.distribution.type",
                "`type` is missing",
                "add `type`, one of `normal`, `lognormal`, `uniform`, `poisson`",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": {"typ": "normal", "params": {"mean": 1, "std": 2}}},
        [("nodes.customer.columns.age.generator.distribution.type", "`type` is missing", "did you mean it by `typ`?")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": {"type": "gaussian", "params": {"mean": 1, "std": 2}}},
        [
            (
                "nodes.customer.columns.age.generator.distribution.type",
                'the text "gaussian" is not one of `normal`, `lognormal`, `uniform`, `poisson`',
                "did you mean `normal`?",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": {"type": "normal", "mean": 1, "std": 2}},
        [
            (
                "nodes.customer.columns.age.generator.distribution.params",
                "`params` is missing",
                "add `params`, an object with `mean`, `std`",
            ),
            ("nodes.customer.columns.age.generator.distribution.mean", "unknown key `mean`", "put it into `params`"),
            ("nodes.customer.columns.age.generator.distribution.std", "unknown key `std`", "put it into `params`"),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": {"type": "normal", "params": {"mean": "40", "std": -2}}},
        [
            (
                "nodes.customer.columns.age.generator.distribution.params.mean",
                'expected a number; found the text "40"',
                "write it without quotes: 40",
            ),
            ("nodes.customer.columns.age.generator.distribution.params.std", "must be at least 0; found -2", None),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": {"type": "poisson", "params": {"lambda": 0}}},
        [("nodes.customer.columns.age.generator.distribution.params.lambda", "must be above 0; found 0", None)],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"distribution": "normal"},
        [("nodes.customer.columns.age.generator.distribution", 'expected an object; found the text "normal"', None)],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"choice": {"choices": []}},
        [("nodes.customer.columns.age.generator.choice.choices", "must have at least 1 item; found 0", "give at least one")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"choice": {"choices": [1, [2], {"a": 1}, None]}},
        [
            (
                "nodes.customer.columns.age.generator.choice.choices[1]",
                "expected true or false, a number or a text; found a list",
                "write true or false",
            ),
            (
                "nodes.customer.columns.age.generator.choice.choices[2]",
                "expected true or false, a number or a text; found an object",
                "write true or false",
            ),
            (
                "nodes.customer.columns.age.generator.choice.choices[3]",
                "expected true or false, a number or a text; found nothing",
                "give a value, or remove it",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"choice": {"choices": [1, 1.5, True, "x", 2]}},
        [
            ("nodes.customer.columns.age.generator.choice.choices[1]", "1.5 is no int", "make the column a float, or the value whole"),
            (
                "nodes.customer.columns.age.generator.choice.choices[2]",
                "true is no int",
                "make the column a string, or give values of its type",
            ),
            (
                "nodes.customer.columns.age.generator.choice.choices[3]",
                'the text "x" is no int',
                "make the column a string, or give values of its type",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"choice": {"choices": 5}},
        [("nodes.customer.columns.age.generator.choice.choices", "expected a list; found 5", "write it as a list, such as `[a, b]`")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"sequence": {"start": 1.0, "step": "2"}},
        [
            ("nodes.customer.columns.age.generator.sequence.start", "expected a whole number; found 1.0", "write 1"),
            (
                "nodes.customer.columns.age.generator.sequence.step",
                'expected a whole number; found the text "2"',
                "write it without quotes: 2",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"faker": {"metod": "name"}},
        [("nodes.customer.columns.age.generator.faker.method", "`method` is missing", "did you mean it by `metod`?")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"faker": {"method": "Name!", "locale": "deutsch"}},
        [
            (
                "nodes.customer.columns.age.generator.faker.method",
                'expected the name of a method of Faker; found the text "Name!"',
                "such as `name`; `seedbed generators` lists them",
            ),
            ("nodes.customer.columns.age.generator.faker.locale", 'expected a locale; found the text "deutsch"', "such as `de_DE`"),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"lookup": {"from": "customer", "on": {"a b": "c"}}},
        [
            (
                "nodes.customer.columns.age.generator.lookup.from",
                'expected `table.column`; found the text "customer"',
                "such as `customer.customer_id`",
            ),
            (
                'nodes.customer.columns.age.generator.lookup.on["a b"]',
                'expected a name (letters, digits, underscores; no digit first); found the text "a b"',
                "such as `order_item`",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"lookup": {"from_": "country.code"}},
        [("nodes.customer.columns.age.generator.lookup.from_", "unknown key `from_`", "did you mean `from`?")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"lookup": {"from": "country.code", "on": {"code": "country", "title": "title"}}},
        [("nodes.customer.columns.age.generator.lookup.on", "must have at most 1 item; found 2", None)],
    ),
    (
        (*COLUMNS, 6, "generator"),
        {"lookup": {"from": "country.code", "on": {}}},
        [("nodes.customer.columns.age.generator.lookup.on", "must have at least 1 item; found 0", "give at least one")],
    ),
    (
        (*COLUMNS, 6, "generator"),
        None,
        [("nodes.customer.columns.age.generator", "expected an object; found nothing", "write `{}` for an object without keys")],
    ),
    (
        (*COLUMNS, 5, "generator"),
        {"datetime_series": {"within": "timefrme"}},
        [
            (
                "nodes.customer.columns.signup.generator.datetime_series.within",
                'expected `timeframe` or an object; found the text "timefrme"',
                "did you mean `timeframe`?",
            )
        ],
    ),
    (
        (*COLUMNS, 5, "generator"),
        {"datetime_series": {"within": {"start": "2024-01-01"}}},
        [("nodes.customer.columns.signup.generator.datetime_series.within.end", "`end` is missing", "add `end`, a text")],
    ),
    (
        (*COLUMNS, 5, "generator"),
        {"datetime_series": {"within": 3}},
        [("nodes.customer.columns.signup.generator.datetime_series.within", "expected `timeframe` or an object; found 3", None)],
    ),
    (
        (*COLUMNS, 5, "generator"),
        {"choice": {"choices": ["2024-01-01", "yesterday"]}},
        [
            (
                "nodes.customer.columns.signup.generator.choice.choices[1]",
                'the text "yesterday" is no datetime',
                'write it like "2024-01-31" or "2024-01-31T12:00:00"',
            )
        ],
    ),
    (
        (*COLUMNS, 7, "generator"),
        {"choice": {"choices": ["a", True, 1.5]}},
        [
            ("nodes.customer.columns.tier.generator.choice.choices[1]", "true is no string", 'put it in quotes: "true"'),
            ("nodes.customer.columns.tier.generator.choice.choices[2]", "1.5 is no string", 'put it in quotes: "1.5"'),
        ],
    ),
    (
        (*COLUMNS, 7, "generator"),
        {"choice": {"choices_ref": "country.code", "weights": [1, 2]}},
        [("nodes.customer.columns.tier.generator.choice.weights", "2 weights for 3 values", "give one weight a value")],
    ),
    (
        (*COLUMNS, 7, "generator"),
        {"choice": {"choices": ["a", "b"], "weights": [1e308, 1e308]}},
        [
            (
                "nodes.customer.columns.tier.generator.choice.weights",
                "the weights add up to more than any number",
                "make them smaller: only their ratios count",
            )
        ],
    ),
    (
        (*COLUMNS, 7, "generator"),
        {"choice": {"choices": ["a", "b"], "weights_kind": "zipf@99"}},
        [
            (
                "nodes.customer.columns.tier.generator.choice.weights_kind",
                "the exponent 99 leaves all weight on one item",
                "give an exponent of at most 64",
            )
        ],
    ),
    (
        (*COLUMNS, 7, "generator"),
        {"faker": {"method": "name", "locale_from": "tier"}},
        [
            (
                "nodes.customer.columns.tier.generator.faker.locale_from",
                "a column can't take its locale from itself",
                "name a column that holds a country's code",
            )
        ],
    ),
    (
        (*COLUMNS, 7, "generator"),
        {"expression": {"code": ""}},
        [("nodes.customer.columns.tier.generator.expression.code", "must have at least 1 character; found 0", "write something")],
    ),
    (
        ("nodes", 3, "columns", 5, "generator"),
        {"choice": {"choices": [True, "false"]}},
        [
            (
                "nodes.order.columns.paid.generator.choice.choices[1]",
                'the text "false" is no bool',
                "make the column a string, or give values of its type",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "type"),
        "Integer",
        [
            (
                "nodes.customer.columns.age.type",
                'the text "Integer" is not one of `int`, `float`, `string`, `bool`, `datetime`, `date`',
                "did you mean `int`?",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "type"),
        None,
        [
            (
                "nodes.customer.columns.age.type",
                "`type` is missing",
                "add `type`, one of `int`, `float`, `string`, `bool`, `datetime`, `date`",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "nullable"),
        "yes",
        [("nodes.customer.columns.age.nullable", 'expected true or false; found the text "yes"', "write true")],
    ),
    ((*COLUMNS, 6, "nullable"), 0.5, [("nodes.customer.columns.age.nullable", "expected true or false; found 0.5", "write true or false")]),
    (
        (*COLUMNS, 6, "name"),
        "1st",
        [
            (
                'nodes.customer.columns["1st"].name',
                'expected a name (letters, digits, underscores; no digit first); found the text "1st"',
                "such as `order_item`",
            )
        ],
    ),
    ((*COLUMNS, 6, "name"), 7, [("nodes.customer.columns[6].name", "expected a text; found 7", 'put it in quotes: "7"')]),
    ((*COLUMNS, 6, "comment"), ["a"], [("nodes.customer.columns.age.comment", "expected a text; found a list", None)]),
    (
        (*COLUMNS, 6, "modifiers"),
        [{"transform": "scale", "args": {}}, {"transform": "clamp", "args": {}}, 3, {"args": {}}],
        [
            (
                "nodes.customer.columns.age.modifiers[0].transform",
                'the text "scale" is not one of `multiply`, `add`, `clamp`, `jitter`, `map_values`, `seasonality`, `time_jitter`, `effect`, `outliers`, `trend`',
                "did you mean `multiply`?",
            ),
            ("nodes.customer.columns.age.modifiers[1].args", "clamp needs `min`, `max` or both", "add `min`, `max` or both"),
            ("nodes.customer.columns.age.modifiers[2]", "expected an object; found 3", None),
            (
                "nodes.customer.columns.age.modifiers[3].transform",
                "`transform` is missing",
                "add `transform`, one of `multiply`, `add`, `clamp`, `jitter`, `map_values`, `seasonality`, `time_jitter`, `effect`, `outliers`, `trend`",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [{"transform": "clamp", "args": {"min": 2, "max": 1}}, {"transform": "trend", "args": {"type": "exp"}}],
        [
            ("nodes.customer.columns.age.modifiers[0].args", "`min` (2) is above `max` (1)", "swap them"),
            (
                "nodes.customer.columns.age.modifiers[1].args.type",
                'the text "exp" is not one of `linear`, `exponential`, `logarithmic`',
                "did you mean `exponential`?",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [{"transform": "trend", "args": {"type": "linear"}}],
        [
            (
                "nodes.customer.columns.age.modifiers[0].args",
                "trend takes either `growth_rate` or `params`, not both and not neither",
                "give one of them",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [{"transform": "trend", "args": {"type": "exponential", "growth_rate": -1}}],
        [
            (
                "nodes.customer.columns.age.modifiers[0].args.growth_rate",
                "a growth of -1 a year leaves nothing; it must be above -1",
                "such as -0.2 for a fifth less every year",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [
            {
                "transform": "outliers",
                "args": {"rate": 0.1, "magnitude_dist": {"type": "uniform", "params": {"low": 3, "high": 2}, "clamp": [3, 2]}},
            }
        ],
        [
            ("nodes.customer.columns.age.modifiers[0].args.magnitude_dist.params", "`low` (3) is above `high` (2)", "swap them"),
            (
                "nodes.customer.columns.age.modifiers[0].args.magnitude_dist.clamp",
                "the lower end (3) is above the upper end (2)",
                "swap them",
            ),
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [{"transform": "map_values", "args": {"mapping": {"1": "one"}}}],
        [
            (
                'nodes.customer.columns.age.modifiers[0].args.mapping["1"]',
                'the text "one" is no int',
                "make the column a string, or give values of its type",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [
            {
                "transform": "effect",
                "args": {
                    "effect_table": "customer",
                    "on": {"age": "age"},
                    "window": {"start_col": "signup", "end_col": "signup"},
                    "map": {"field": "age"},
                },
            }
        ],
        [
            (
                "nodes.customer.columns.age.modifiers[0].args.effect_table",
                "a table can't be its own effect table",
                "name the table whose rows are the shocks",
            )
        ],
    ),
    (
        (*COLUMNS, 6, "modifiers"),
        [
            {
                "transform": "effect",
                "args": {
                    "effect_table": "promotion",
                    "on": {"age": "country"},
                    "window": {"start_col": "starts_on", "end_col": "ends_on"},
                    "map": {"field": "lift"},
                    "time_column": "tier",
                },
            }
        ],
        [
            (
                "nodes.customer.columns.age.modifiers[0].args.on.age",
                "`customer.age` is int, `promotion.country` is string: they are never equal",
                "pair columns of one type",
            ),
            (
                "nodes.customer.columns.age.modifiers[0].args.time_column",
                "`time_column` needs a column of type datetime or date; `customer.tier` is string",
                "`customer` has `signup`",
            ),
            (
                "dag[1][1]",
                "`customer` stands in level 1, but feels the effects of `promotion`, in level 1",
                "put `promotion` into an earlier level, or remove `dag`: levels are inferred",
            ),
        ],
    ),
    (
        ("nodes", 1, "columns", 1, "modifiers"),
        [{"transform": "seasonality", "args": {"dimension": "hour", "weights": [1] * 24}}],
        [
            (
                "nodes.promotion.columns.starts_on.modifiers[0].args.dimension",
                "a date has no hours",
                "use `dow` or `month`, or make the column a datetime",
            )
        ],
    ),
    (
        ("nodes", 0, "columns", 0, "modifiers"),
        [{"transform": "seasonality", "args": {"dimension": "dow", "weights": [1] * 7}}],
        [
            (
                "nodes.country.columns.code.modifiers[0].transform",
                "`seasonality` acts on int, float, datetime, date, decimal; the column is string",
                "for string: `map_values`",
            )
        ],
    ),
    (
        ("nodes", 0, "columns"),
        [{"name": "code", "type": "string", "generator": {"faker": {"method": "word"}}}],
        [
            ("nodes.country", "the vocab `country` has no list of values", "add a column with `generator: {enum_list: {values: [a, b]}}`"),
            ("nodes.customer.columns.title.generator.lookup.from", "`country` has no column `title`", "columns of `country`: `code`"),
        ],
    ),
    (
        ("nodes", 0, "parents"),
        ["promotion"],
        [
            ("nodes.country.parents", "a vocab has no `parents`", "remove `parents`"),
            (
                "dag[0][0]",
                "`country` stands in level 0, but has the parent `promotion`, in level 1",
                "put `promotion` into an earlier level, or remove `dag`: levels are inferred",
            ),
        ],
    ),
    (
        ("nodes", 1, "columns", 3, "modifiers"),
        [{"transform": "seasonality", "args": {"dimension": "dow", "weights": [0] * 7, "time_column": "lift"}}],
        [
            (
                "nodes.promotion.columns.lift.modifiers[0].args.weights",
                "all weights are 0, so nothing can be drawn",
                "give at least one weight above 0",
            ),
            (
                "nodes.promotion.columns.lift.modifiers[0].args.time_column",
                "`time_column` needs a column of type datetime or date; `promotion.lift` is float",
                "`promotion` has `starts_on`, `ends_on`",
            ),
        ],
    ),
    (
        ("nodes", 2, "modifiers"),
        [
            {
                "transform": "effect",
                "args": {"effect_table": "promotion", "window": {"start_col": "starts_on", "end_col": "ends_on"}, "map": {"field": "lift"}},
            }
        ],
        [
            (
                "nodes.customer.modifiers[0]",
                "an effect on a table scales its fan-out; `customer` is no fact",
                "put it into a column's `modifiers`",
            ),
            (
                "dag[1][1]",
                "`customer` stands in level 1, but feels the effects of `promotion`, in level 1",
                "put `promotion` into an earlier level, or remove `dag`: levels are inferred",
            ),
        ],
    ),
    (("nodes", 3, "rows"), 5, [("nodes.order.rows", "the rows of a fact follow from its parents and its fan-out", "remove `rows`")]),
    (
        ("nodes", 3, "fanout"),
        {"distribution": "poisson"},
        [("nodes.order.fanout", "a poisson fan-out needs `lambda`", "add `lambda`, the expected number of children")],
    ),
    (
        ("nodes", 3, "fanout"),
        {"distribution": "uniform", "min": 1},
        [("nodes.order.fanout", "a uniform fan-out needs `min` and `max`", "add `min` and `max`")],
    ),
    (
        ("nodes", 3, "fanout"),
        {"distribution": "uniform", "min": 3, "max": 1},
        [("nodes.order.fanout", "`min` (3) is above `max` (1)", "swap them")],
    ),
    (
        ("nodes", 3, "fanout"),
        {"distribution": "uniform", "min": 1, "max": 3, "lambda": 3},
        [("nodes.order.fanout", "a uniform fan-out has no `lambda`", "remove `lambda`, or make the distribution poisson")],
    ),
    (
        ("nodes", 3, "fanout"),
        {"distribution": "poisson", "lambda": 2, "clamp": [1, 2, 3]},
        [("nodes.order.fanout.clamp", "must have at most 2 items; found 3", None)],
    ),
    (
        ("nodes", 4, "stage_config", "stages"),
        [{"stage_name": "a", "transition_rate": 1}, {"stage_name": "a", "transition_rate": 2}],
        [("nodes.funnel.stage_config.stages[1].transition_rate", "must be at most 1; found 2", None)],
    ),
    (
        ("nodes", 4, "stage_config", "stages"),
        [{"stage_name": "a", "transition_rate": 1}, {"stage_name": "a", "transition_rate": 1}],
        [("nodes.funnel.stage_config", "stage `a` is listed twice", "give each stage a name of its own")],
    ),
    (
        ("nodes", 4, "parents"),
        ["promotion"],
        [
            (
                "nodes.funnel.stage_config.segment_variation",
                "the parent `promotion` has no segments",
                "add `segment_behavior: {segment_column: ..}` to `promotion`, or remove `segment_variation`",
            )
        ],
    ),
    (
        ("nodes", 4, "columns", 1, "name"),
        "stage_index",
        [("nodes.funnel.columns.stage_index.type", "`stage_index` is filled by `stage_config` and has type int", "write `type: int`")],
    ),
    (
        ("nodes", 2, "segment_behavior"),
        {"segment_column": "segment"},
        [("nodes.customer.segment_behavior.behaviors", "`behaviors` is missing", "add `behaviors`, an object")],
    ),
    (
        ("nodes", 2, "segment_behavior"),
        {"segment_column": "segment", "behaviors": {"pro": {}}, "segments": {"pro": {}}},
        [
            (
                "nodes.customer.segment_behavior.segments",
                "`segments` is another word for `behaviors`, and both are there",
                "keep one of them",
            )
        ],
    ),
    (
        ("nodes", 2, "segment_behavior"),
        {"segment_column": "segment", "behaviors": {"pro": {"fanout_multiplier": -1}}, "applies_to_columns": ["a b"]},
        [
            ("nodes.customer.segment_behavior.behaviors.pro.fanout_multiplier", "must be at least 0; found -1", None),
            (
                "nodes.customer.segment_behavior.applies_to_columns[0]",
                'expected a name (letters, digits, underscores; no digit first) or `table.column`; found the text "a b"',
                "such as `order_item` or `customer.customer_id`",
            ),
        ],
    ),
    (
        ("nodes", 2, "segment_behavior"),
        {"segment_column": "segmnt", "behaviors": {"pro": {}}, "applies_to_columns": ["age", "ordr.amount", "order.amont", "amont"]},
        [
            ("nodes.customer.segment_behavior.segment_column", "`customer` has no column `segmnt`", "did you mean `segment`?"),
            ("nodes.customer.segment_behavior.applies_to_columns[1]", "there is no table `ordr`", "did you mean `order`?"),
            ("nodes.customer.segment_behavior.applies_to_columns[2]", "`order` has no column `amont`", "did you mean `amount`?"),
            (
                "nodes.customer.segment_behavior.applies_to_columns[3]",
                "`customer` has no column `amont`",
                "columns of `customer`: `customer_id`, `full_name`, `country`, `title`, `segment`, `signup`, `age`, `tier`",
            ),
        ],
    ),
    (
        ("nodes", 2, "segment_behavior"),
        {
            "segment_column": "tier",
            "behaviors": {
                "a": {"base_probability": 0.1},
                "b": {"base_probability": 0.1},
                "c": {"base_probability": 0.1},
                "d": {"base_probability": 0.1},
                "e": {"base_probability": 0.1},
            },
        },
        [
            (
                "nodes.customer.segment_behavior.behaviors",
                "every segment has a base probability, and together they are 0.5",
                "make them add up to 1",
            ),
            (
                "nodes.funnel.stage_config.segment_variation.pro",
                "`customer.tier` has no value `pro`",
                "its values: `a`, `b`, `c`, `d`, `e`",
            ),
        ],
    ),
    (
        ("nodes", 1, "segment_behavior"),
        {"segment_column": "country", "behaviors": {"DE": {"fanout_multiplier": 2}, "XX": {}}},
        [
            (
                "nodes.promotion.segment_behavior.behaviors.DE.fanout_multiplier",
                "no fact has `promotion` as its first parent, so there is no fan-out to scale",
                "add a fact with `parents: [promotion]`, or remove it",
            ),
            ("nodes.promotion.segment_behavior.behaviors.XX", "`promotion.country` has no value `XX`", "its values: `DE`, `FR`, `NO`"),
        ],
    ),
    (
        ("nodes", 1, "vintage_behavior"),
        {"created_at_column": "starts_on", "age_based_multipliers": {"a": {"curve": [1]}}},
        [
            (
                "nodes.promotion.vintage_behavior.age_based_multipliers.a",
                "no fact has `promotion` as its first parent, so there is no fan-out to scale",
                "add a fact with `parents: [promotion]`, or remove it",
            )
        ],
    ),
    (
        ("nodes", 2, "vintage_behavior", "age_based_multipliers"),
        {
            "a": {"curve": [1, "x"]},
            "b": {"curve": {"curve_type": "lin"}},
            "c": {"curve": "x"},
            "d": {"curve": [1], "applies_to": "fan"},
            "e": {"curve": [1], "applies_to": ["1a"]},
        },
        [
            ("nodes.customer.vintage_behavior.age_based_multipliers.a.curve[1]", 'expected a number; found the text "x"', None),
            (
                "nodes.customer.vintage_behavior.age_based_multipliers.b.curve.curve_type",
                'the text "lin" is not one of `linear`, `exponential`, `logarithmic`',
                "did you mean `linear`?",
            ),
            (
                "nodes.customer.vintage_behavior.age_based_multipliers.c.curve",
                'expected a list or an object; found the text "x"',
                "write it as a list, such as `[a, b]`",
            ),
            (
                "nodes.customer.vintage_behavior.age_based_multipliers.d.applies_to",
                'expected `fanout` or a list; found the text "fan"',
                "did you mean `fanout`?",
            ),
            (
                "nodes.customer.vintage_behavior.age_based_multipliers.e.applies_to[0]",
                'expected a name (letters, digits, underscores; no digit first) or `table.column`; found the text "1a"',
                "such as `order_item` or `customer.customer_id`",
            ),
        ],
    ),
    (
        ("targets",),
        {
            "weekend_share": {"table": "order", "timestamp": "placed_at", "min": 3, "max": 1},
            "mean_in_range": [{"table": 1}],
            "composite_effect": 3,
        },
        [
            ("targets.weekend_share.min", "must be at most 1; found 3", None),
            ("targets.mean_in_range[0].column", "`column` is missing", "add `column`, a text"),
            ("targets.mean_in_range[0].min", "`min` is missing", "add `min`, a number"),
            ("targets.mean_in_range[0].max", "`max` is missing", "add `max`, a number"),
            ("targets.mean_in_range[0].table", "expected a text; found 1", 'put it in quotes: "1"'),
            ("targets.composite_effect", "expected an object; found 3", None),
        ],
    ),
    (
        ("targets", "weekend_share"),
        {"table": "order", "timestamp": "placed_at", "min": 0.5, "max": 0.1},
        [("targets.weekend_share", "`min` (0.5) is above `max` (0.1)", "swap them")],
    ),
    (
        ("constraints", "ranges"),
        [
            {"attr": "customer.age"},
            {"attr": "age", "min": 1},
            {"attr": "customer.age", "min": "a", "max": 3},
            {"attr": "customer.age", "min": [1]},
            {"attr": "customer.tier", "min": 1},
        ],
        [
            ("constraints.ranges[0]", "a range needs `min`, `max` or both", "add `min`, `max` or both"),
            ("constraints.ranges[1].attr", 'expected `table.column`; found the text "age"', "such as `customer.customer_id`"),
            (
                "constraints.ranges[2]",
                "`min` and `max` of a range are both numbers or both moments",
                "write both as numbers, or both as moments in quotes",
            ),
            ("constraints.ranges[3].min", "expected a number or a text; found a list", None),
            ("constraints.ranges[4].attr", "a range is for numbers and times; `customer.tier` is string", "use `enum` or `pattern`"),
        ],
    ),
    (
        ("constraints", "enum"),
        [{"attr": "customer.tier"}],
        [("constraints.enum[0]", "an enum takes either `values` or `enum_ref`", "give one of them")],
    ),
    (
        ("constraints", "inequalities"),
        [{"left": "customer.age", "op": "=<", "right": "customer.age"}],
        [("constraints.inequalities[0].op", 'the text "=<" is not one of `<`, `<=`, `>`, `>=`', "did you mean `<=`?")],
    ),
    (
        ("constraints", "unique"),
        "customer.age",
        [("constraints.unique", 'expected a list; found the text "customer.age"', "write it as a list, such as `[a, b]`")],
    ),
    (("constraints",), [], [("constraints", "expected an object; found an empty list", None)]),
    (("constraints",), None, [("constraints", "expected an object; found nothing", "write `{}` for an object without keys")]),
    (("version",), 1.0, [("version", "1.0 is not one of `1.0`, `2.0`", 'put it in quotes: "1.0"')]),
    (
        ("version",),
        "3.0",
        [("version", 'the text "3.0" is not one of `1.0`, `2.0`', 'write "2.0", or "1.0": documents of other versions are not read')],
    ),
    (
        ("version",),
        None,
        [("version", "expected one of `1.0`, `2.0`; found nothing", 'write "2.0", or "1.0": documents of other versions are not read')],
    ),
    (("metadata",), {"title": "x"}, [("metadata.name", "`name` is missing", "add `name`, a text")]),
    (("metadata", "name"), "", [("metadata.name", "must have at least 1 character; found 0", "write something")]),
    (
        ("metadata", "more"),
        {"a": 1},
        [("metadata.more", "expected true or false, a number, a text or a list; found an object", "write true or false")],
    ),
    (("timeframe",), "2024", [("timeframe", 'expected an object; found the text "2024"', None)]),
    (("timeframe", "end"), 2024, [("timeframe.end", "expected a text; found 2024", 'put it in quotes: "2024"')]),
    (("nodes",), {"a": {}}, [("nodes", "expected a list; found an object", "write it as a list: `- ` before each item")]),
    (("nodes", 0), "country", [("nodes[0]", 'expected an object; found the text "country"', None)]),
    (("nodes", 2, "rows"), True, [("nodes.customer.rows", "expected a whole number; found true", None)]),
    (("nodes", 2, "rows"), 2**60, [("nodes.customer.rows", "must be at most 281474976710656; found 1152921504606846976", None)]),
    (("nodes", 2, "id"), "x" * 129, [(f"nodes.{'x' * 129}.id", "must have at most 128 characters; found 129", None)]),
    (("dag",), ["country"], [("dag[0]", 'expected a list; found the text "country"', "write it as a list, such as `[a, b]`")]),
]


@pytest.mark.parametrize(("path", "part", "problems"), PARTS, ids=range(len(PARTS)))
def test_a_wrong_part_has_its_problems(path: tuple[str | int, ...], part: Any, problems: list[tuple[str, str, str | None]]) -> None:
    data: Any = copy.deepcopy(SHOP)
    around = data
    for step in path[:-1]:
        around = around[step]
    around[path[-1]] = part
    with pytest.raises(ModelError) as caught:
        parse(json.dumps(data), "m.json")
    found = [(str(problem.where).partition(" ")[2], problem.message, problem.fix) for problem in caught.value.problems]
    assert found == problems
