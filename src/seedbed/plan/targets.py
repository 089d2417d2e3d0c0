"""What a model's own weights make of its targets, before any row is made."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from seedbed.core.block import ColumnType
from seedbed.core.draw import Floats
from seedbed.core.timegrid import TimeTable
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.modifiers import Add, ByPlugin, ClampTo, Effect, Jitter, MapValues, Multiply, Seasonality, TimeJitter
from seedbed.plan.children import mean_of_case
from seedbed.plan.distributions import distribution_source
from seedbed.plan.plan import Finding, Limits
from seedbed.plan.sources import choice_source, time_source
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
    for index, fanout in enumerate(targets.fanout):
        expected = expected_family(model, fanout.child, fanout.parent)
        ends = fanout.mean - fanout.tolerance, fanout.mean + fanout.tolerance
        found.append(_judged(f"mean of {fanout.child} a {fanout.parent}", expected, *ends, ("targets", "fanout", index)))
    return [finding for finding in found if finding is not None]


def expected_family(model: Model, child: str, parent: str) -> float | None:
    """The mean number of children that a fan-out gives; None where more than its own numbers decide."""
    node, owner = model.node(child), model.node(parent)
    if node is None or owner is None or node.fanout is None or node.parents[0] != parent or not node.fanout.is_simple:
        return None
    is_scaled = node.modifiers or owner.segment_behavior is not None or owner.vintage_behavior is not None
    return None if is_scaled else mean_of_case(node.fanout)


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
    table_of_times = _times(model, spec, "day")
    if table_of_times is None:
        return None
    shares = table_of_times.dimension_shares("dow")
    return float(shares[5] + shares[6])


def _drawn_alone(model: Model, node: Node, spec: ColumnSpec, limits: dict[str, Limits]) -> bool:
    """Whether a datetime column follows its patterns and nothing else."""
    ref = f"{node.id}.{spec.name}"
    moved = any(isinstance(modifier, Effect | TimeJitter | MapValues | ByPlugin) for modifier in (*spec.modifiers, *node.modifiers))
    parent = model.node(node.parents[0]) if node.kind == "fact" and node.parents else None
    aged = parent is not None and parent.vintage_behavior is not None
    series = spec.generator.datetime_series
    return series is not None and series.delay is None and series.process != "regular" and not moved and not aged and ref not in limits


def _times(model: Model, spec: ColumnSpec, finest: str) -> TimeTable | None:
    series = spec.generator.datetime_series
    assert series is not None
    try:
        return time_source(model.timeframe, spec, series, finest=finest)
    except ValueError:  # too many cells of time to foresee
        return None


def expected_mean(model: Model, table: str, column: str, limits: dict[str, Limits], time_columns: dict[str, str | None]) -> float | None:
    """The mean that a numeric column's distribution and modifiers give; None where the model alone does not tell."""
    node = model.node(table)
    spec = node.column(column) if node else None
    if node is None or spec is None or f"{table}.{column}" in limits or has_behavior(model, node, column) or _is_segment(node, spec):
        return None
    source = distribution_source(spec.generator.distribution, spec.type is ColumnType.INT) if spec.generator.distribution else None
    if spec.generator.choice is not None:
        source = choice_source(spec, spec.generator.choice)
    seasons = _seasons(model, node, spec, limits, time_columns.get(table))
    if source is None or seasons is None or not _is_foreseeable(spec):
        return None
    shares, factors = seasons
    means = np.array([source.mean_of(partial(_outcome, spec, row)) for row in factors])
    return float(np.cumsum(means * shares)[-1])


def _is_segment(node: Node, spec: ColumnSpec) -> bool:
    """Whether base probabilities weigh the column."""
    behavior = node.segment_behavior
    return behavior is not None and behavior.segment_column == spec.name


def _is_foreseeable(spec: ColumnSpec) -> bool:
    """Whether the modifiers change the mean in a way that does not hang on data; noise has mean 0 unless a clamp cuts it."""
    is_clamped = clamp_of(spec) != (None, None) or any(isinstance(modifier, ClampTo) for modifier in spec.modifiers)
    known = (Multiply, Add, ClampTo, Seasonality) if is_clamped else (Multiply, Add, ClampTo, Seasonality, Jitter)
    return all(isinstance(modifier, known) for modifier in spec.modifiers)


def _seasons(
    model: Model, node: Node, spec: ColumnSpec, limits: dict[str, Limits], time_column: str | None
) -> tuple[Floats, NDArray[np.float64]] | None:
    """How often the column's seasons have which weights: shares, shape (n,), and weights, shape (n, seasons).

    None where the rows' time is not foreseen.
    """
    seasons = [modifier.args for modifier in spec.modifiers if isinstance(modifier, Seasonality)]
    if not seasons:
        return np.ones(1), np.ones((1, 0))
    names = {args.time_column or time_column or "" for args in seasons}
    times = node.column(names.pop()) if len(names) == 1 else None
    if times is None or not _drawn_alone(model, node, times, limits):
        return None
    table = _times(model, times, "hour" if any(args.dimension == "hour" for args in seasons) else "day")
    if table is None:
        return None
    moments = table.grid.at(table.first)
    weights = np.stack([np.array(args.weights)[table.clock.places(moments, args.dimension)] for args in seasons], axis=1)
    found, places = np.unique(weights, axis=0, return_inverse=True)
    shares: Floats = np.bincount(places.reshape(-1), weights=table.upper - table.lower).astype(np.float64)
    return shares, found.astype(np.float64)


def _outcome(spec: ColumnSpec, weights: Floats, values: Floats) -> Floats:
    """What modifiers, the clamp and the cast make of values, in a season of these weights; noise at its mean, 0."""
    waiting = iter(weights.tolist())
    for modifier in spec.modifiers:
        if isinstance(modifier, Multiply):
            values = values * modifier.args.factor
        elif isinstance(modifier, Add):
            values = values + modifier.args.value
        elif isinstance(modifier, ClampTo):
            values = np.clip(values, modifier.args.min, modifier.args.max)
        elif isinstance(modifier, Seasonality):
            values = values * next(waiting)
    clamped = clamp_of(spec)
    values = np.clip(values, *clamped) if clamped != (None, None) else values
    return np.rint(values) if spec.type is ColumnType.INT else values
