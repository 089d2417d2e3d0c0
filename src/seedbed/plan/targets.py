"""What a model's own weights make of its targets, before any row is made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.block import ColumnType
from seedbed.core.draw import Floats
from seedbed.core.timegrid import DIMENSION_SIZES
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.modifiers import Add, ClampTo, Effect, Jitter, Modifier, Multiply, Seasonality, TimeJitter
from seedbed.plan.plan import Finding, Limits
from seedbed.plan.sources import choice_source, distribution_source, time_source
from seedbed.plan.support import clamp_of, has_behavior


def target_findings(model: Model, limits: dict[str, Limits], time_columns: dict[str, str | None]) -> list[Finding]:
    """Targets that the model contradicts, with the expected figure, and those that cannot be foreseen."""
    targets = model.targets
    if targets is None:
        return []
    found = []
    for index, share in enumerate(targets.weekend_share):
        expected = expected_weekend_share(model, share.table, share.timestamp, limits)
        name = f"weekend_share of {share.table}.{share.timestamp}"
        found.append(_judged(name, expected, share.min, share.max, ("targets", "weekend_share", index), percent=True))
    for index, mean in enumerate(targets.mean_in_range):
        expected = expected_mean(model, mean.table, mean.column, limits, time_columns)
        found.append(_judged(f"mean of {mean.table}.{mean.column}", expected, mean.min, mean.max, ("targets", "mean_in_range", index)))
    return [finding for finding in found if finding is not None]


def _judged(
    name: str, expected: float | None, low: float, high: float, path: tuple[str | int, ...], *, percent: bool = False
) -> Finding | None:
    if expected is None:
        return Finding("info", "target-open", f"the {name} depends on data and is judged when it is made", path)
    if low <= expected <= high:
        return None
    shown = [f"{value:.1%}" if percent else f"{value:.6g}" for value in (expected, low, high)]
    message = f"the model's own weights give a {name} of {shown[0]}, outside the target of {shown[1]} to {shown[2]}"
    return Finding("warning", "target-contradicted", message, path, "change the weights, or the target")


def expected_weekend_share(model: Model, table: str, column: str, limits: dict[str, Limits]) -> float | None:
    """The share of Saturdays and Sundays that a datetime column's weights give; None where more than its weights decide."""
    node = model.node(table)
    spec = node.column(column) if node else None
    if node is None or spec is None or not _drawn_alone(model, node, spec, limits):
        return None
    shares = _time_shares(model, spec, "dow")
    return None if shares is None else float(shares[5] + shares[6])


def _drawn_alone(model: Model, node: Node, spec: ColumnSpec, limits: dict[str, Limits]) -> bool:
    """Whether a datetime column follows its patterns and nothing else."""
    ref = f"{node.id}.{spec.name}"
    moved = any(isinstance(modifier, Effect | TimeJitter) for modifier in (*spec.modifiers, *node.modifiers))
    parent = model.node(node.parents[0]) if node.kind == "fact" and node.parents else None
    aged = parent is not None and parent.vintage_behavior is not None
    return spec.generator.datetime_series is not None and not moved and not aged and ref not in limits


def _time_shares(model: Model, spec: ColumnSpec, dimension: str) -> Floats | None:
    series = spec.generator.datetime_series
    assert series is not None
    table = time_source(model.timeframe, spec, series, finest="hour" if dimension == "hour" else "day")
    return None if table is None else table.dimension_shares(dimension)


def expected_mean(model: Model, table: str, column: str, limits: dict[str, Limits], time_columns: dict[str, str | None]) -> float | None:
    """The mean that a numeric column's distribution and modifiers give; None where the model alone does not tell."""
    node = model.node(table)
    spec = node.column(column) if node else None
    if node is None or spec is None or f"{table}.{column}" in limits or has_behavior(model, node, column):
        return None
    source = distribution_source(spec.generator.distribution, spec.type is ColumnType.INT) if spec.generator.distribution else None
    if spec.generator.choice is not None:
        source = choice_source(spec, spec.generator.choice)
    steps = [_mean_step(model, node, modifier, time_columns.get(table)) for modifier in spec.modifiers]
    if source is None or any(step is None for step in steps):
        return None
    clamped = clamp_of(spec)

    def outcome(values: Floats) -> Floats:
        for step in steps:
            assert step is not None
            values = step(values)
        values = np.clip(values, *clamped) if clamped != (None, None) else values
        return np.rint(values) if spec.type is ColumnType.INT else values

    return source.mean_of(outcome)


def _mean_step(model: Model, node: Node, modifier: Modifier, time_column: str | None) -> Callable[[Floats], Floats] | None:
    if isinstance(modifier, Multiply):
        return lambda values: values * modifier.args.factor
    if isinstance(modifier, Add):
        return lambda values: values + modifier.args.value
    if isinstance(modifier, ClampTo):
        return lambda values: np.clip(values, modifier.args.min, modifier.args.max)
    if isinstance(modifier, Jitter):
        return lambda values: values  # the noise has mean 0
    if isinstance(modifier, Seasonality):
        spec = node.column(modifier.args.time_column or time_column or "")
        if spec is None or spec.generator.datetime_series is None or len(modifier.args.weights) != DIMENSION_SIZES[modifier.args.dimension]:
            return None
        shares = _time_shares(model, spec, modifier.args.dimension)
        if shares is None:
            return None
        factor = float(np.cumsum(shares * np.array(modifier.args.weights))[-1])
        return lambda values: values * factor
    return None
