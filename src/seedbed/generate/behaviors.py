"""How segments, ages, stages and shocks scale fan-outs, times and values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from seedbed.core.block import Column
from seedbed.core.compute import encoded
from seedbed.core.draw import Floats, Ints
from seedbed.generate.frame import Context, Frame, codes_of
from seedbed.plan.plan import ColumnPlan, ValueFactor
from seedbed.plan.sources import AGE_UNITS, curve_values

if TYPE_CHECKING:
    from seedbed.model.behaviors import AgeMultiplier

#: More ages than this are not told apart.
MOST_AGES = 20_000

Factors = Callable[[Frame], Floats]


def by_value(column: Column, factors: dict[str, float], other: float = 1.0) -> Floats:
    """The factor listed for each value, `other` where none is, and for nulls; shape (n,)."""
    data = column.data
    if isinstance(data, pa.Array):
        coded = data if isinstance(data, pa.DictionaryArray) else encoded(data)
        listed = np.array([factors.get(str(value), other) for value in coded.dictionary.to_pylist()] or [other])
        found = listed.take(codes_of(coded), mode="clip")  # nulls have any code, and are replaced below
    else:
        values, places = np.unique(data, return_inverse=True)
        found = np.array([factors.get(_spelt(value), other) for value in values.tolist()] or [other]).take(places)
    return found if column.valid is None else np.where(column.valid, found, other)


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def segment_factors(engine: Context, table: str, attribute: str) -> Factors | None:
    """The fan-out or value multiplier of each row's segment; None where no segment has one."""
    behavior = engine.plan.table(table).node.segment_behavior
    if behavior is None:
        return None
    factors = {name: getattr(b, attribute) for name, b in behavior.behaviors.items() if getattr(b, attribute) is not None}
    if not factors:
        return None
    return lambda frame: by_value(frame.column(behavior.segment_column), factors)


def stage_multiplier(engine: Context, table: str, parents: Frame) -> Floats | None:
    """The factor on the transition rates of each parent's segment; None where no segment differs."""
    config = engine.plan.table(table).node.stage_config
    behavior = engine.plan.table(parents.table).node.segment_behavior
    if config is None or not config.segment_variation or behavior is None:
        return None
    factors = {name: variation.transition_multiplier for name, variation in config.segment_variation.items()}
    return by_value(parents.column(behavior.segment_column), factors)


def fanout_multiplier(engine: Context, table: str) -> Factors | None:
    """What scales the expected number of children in `table` of each parent; None where nothing does."""
    plan = engine.plan.table(table)
    assert plan.parent is not None
    found: list[Factors] = []
    segments = segment_factors(engine, plan.parent, "fanout_multiplier")
    if segments:
        found.append(segments)
    drawing = engine.drawing(table)
    if drawing is not None:
        found.append(drawing.multiplier)
    if not found:
        return None

    def product(parents: Frame) -> Floats:
        factors = found[0](parents)
        for other in found[1:]:
            factors = factors * other(parents)
        return factors

    return product


def curve_of(multiplier: AgeMultiplier, ages: int) -> Floats:
    """The factors at ages 0, 1, .. in whole units, shape (ages,); a list holds its last value; never below 0."""
    curve = multiplier.curve
    if not isinstance(curve, tuple):
        return np.maximum(curve_values(curve.curve_type, curve.params.a, curve.params.b, np.arange(ages, dtype=np.float64)), 0.0)
    listed = np.array(curve[:ages])
    return np.concatenate([listed, np.full(max(0, ages - len(listed)), listed[-1])])


def value_factor(engine: Context, column: ColumnPlan, factor: ValueFactor) -> Factors:
    """What a behaviour multiplies each value of a column by."""
    if factor.kind == "segment":
        factors = segment_factors(engine, factor.table, "value_multiplier")
        if factors is None:
            return lambda frame: np.ones(len(frame))
        if factor.link is None:
            return factors
        link = factor.link

        def of_parents(frame: Frame) -> Floats:
            linked = frame.link(link)
            found = factors(linked.frame)
            return found if linked.index is None else found.take(linked.index)

        return of_parents
    return _vintage_factor(engine, column, factor)


def _vintage_factor(engine: Context, column: ColumnPlan, factor: ValueFactor) -> Factors:
    behavior = engine.plan.table(factor.table).node.vintage_behavior
    assert behavior is not None
    multiplier = behavior.age_based_multipliers[factor.name]
    unit_us = AGE_UNITS[multiplier.time_unit]
    end = engine.window[1]

    def factors(frame: Frame) -> Floats:
        if factor.link is None:
            created, _ = frame.moments(behavior.created_at_column)
            now: Ints = np.full(len(frame), end, dtype=np.int64)
        else:
            linked = frame.link(factor.link)
            created, _ = linked.frame.moments(behavior.created_at_column)
            created = created if linked.index is None else created.take(linked.index)
            assert column.time_column is not None
            now, _ = frame.moments(column.time_column)
        ages: Ints = np.maximum((now - created) // unit_us, 0)
        size = max(64, 1 << int(ages.max(initial=0)).bit_length())  # rows may be older than the timeframe is long
        return engine.once(("curve", column.ref, factor, size), lambda: curve_of(multiplier, size)).take(ages)

    return factors
