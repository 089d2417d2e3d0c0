"""How a model's columns are spread, as checks of finished tables: declared distributions, weights of choices, times by patterns, the
usual number of children, rare values far off.

What is expected follows from the model where nothing else touches the column. Where something does, the check is skipped and says what.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from seedbed.check.check import Check, Promise, States, Tables
from seedbed.check.clocks import PeriodsOf, ProfileCheck
from seedbed.check.distributions import Steps
from seedbed.check.figures import CountsOf, exact_counts
from seedbed.check.outcome import CheckResult
from seedbed.check.rules import Touch
from seedbed.check.spread import FitCheck
from seedbed.check.unjudged import Skipped
from seedbed.check.view import UnreadableError
from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.draw import Floats
from seedbed.core.records import dataclass
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.modifiers import ClampTo, Outliers, Seasonality
from seedbed.model.resolve.values import spelt
from seedbed.plan.children import fanout_bounds, fanout_source
from seedbed.plan.expected import Ends, expected_shares
from seedbed.plan.moments import time_orders
from seedbed.plan.shares import present_shares
from seedbed.plan.sources import patterns_of, time_source

#: More values than these are not compared by their weights.
_MOST_VALUES = 1_000

#: Shares of hours, weekdays and months may be so far off, beside chance.
_TOLERANCE = 0.02


def behaviour_checks(model: Model) -> Iterator[Check]:
    """The checks of every table's spread."""
    decided = _decided(model)
    for node in model.nodes:
        yield from _children(model, node)
        for column in node.columns:
            if not column.hidden and column.name not in node.filled:
                yield from _of_column(model, node, column, decided)


def _decided(model: Model) -> dict[str, str]:
    """Columns whose values something else than their generator decides too, and what."""
    found: dict[str, str] = {}
    for rule in model.constraints.inequalities:
        if rule.mode == "enforce":
            found |= dict.fromkeys((rule.left, rule.right), f"`{rule.left} {rule.op} {rule.right}` decides where values lie")
    for order in time_orders(model):
        found[order.giver] = f"it follows `{order.keeper}`"
    for node in model.nodes:
        for behaviour, what in ((node.segment_behavior, "segments"), (node.vintage_behavior, "ages")):
            applies = getattr(behaviour, "applies_to_columns", ()) if what == "segments" else _aged(node)
            found |= {name if "." in name else f"{node.id}.{name}": f"{what} of `{node.id}` scale it" for name in applies}
    return found


def _number(end: float | str | None) -> float | None:
    """An end as a number; that of a decimal may be written as text, that of a moment is none."""
    try:
        return None if end is None else float(end)
    except ValueError:
        return None


def _range_of(model: Model, ref: str) -> Ends:
    """Within which values a column of numbers is drawn, by the model's ranges."""
    bounds = [rule for rule in model.constraints.ranges if rule.attr == ref]
    lows = [low for rule in bounds if (low := _number(rule.min)) is not None]
    highs = [high for rule in bounds if (high := _number(rule.max)) is not None]
    return (max(lows) if lows else None, min(highs) if highs else None)


def _aged(node: Node) -> tuple[str, ...]:
    multipliers = node.vintage_behavior.age_based_multipliers.values() if node.vintage_behavior is not None else ()
    return tuple(name for one in multipliers if one.applies_to != "fanout" for name in one.applies_to)


def _of_column(model: Model, node: Node, column: ColumnSpec, decided: Mapping[str, str]) -> Iterator[Check]:
    ref = f"{node.id}.{column.name}"
    if column.generator.distribution is not None and column.type in NUMBERS:
        yield from _fit(model, node, column, decided.get(ref))
    if column.generator.datetime_series is not None:
        yield from _times(model, node, column, decided.get(ref))
    if column.generator.choice is not None:
        yield from _choices(model, node, column, decided.get(ref))


def _fit(model: Model, node: Node, column: ColumnSpec, decided: str | None) -> Iterator[Check]:
    spec = column.generator.distribution
    assert spec is not None
    about = Promise(
        f"{node.id}.{column.name}.fit", "fit", node.id, (column.name,), f"{spec.type}, KS at most 0.02 + 1.63 / sqrt(n)", "warning"
    )
    plain = [modifier for modifier in column.modifiers if not isinstance(modifier, Outliers)]
    strange = next((modifier.transform for modifier in plain if not isinstance(modifier, ClampTo)), None)
    reason = decided or (f"`{strange}` changes the values" if strange else "no value comes twice" if column.unique else None)
    if reason is not None:
        yield Skipped(about, reason)
        return
    digits = column.digits[1] if column.type is ColumnType.DECIMAL else spec.decimals
    clamps = [(modifier.args.min, modifier.args.max) for modifier in plain if isinstance(modifier, ClampTo)]
    within = _range_of(model, f"{node.id}.{column.name}")
    places, shares = expected_shares(spec, whole=column.type is ColumnType.INT, decimals=digits, clamps=clamps, within=within)
    rates = [modifier.args.rate for modifier in column.modifiers if isinstance(modifier, Outliers)]
    yield FitCheck(about, Steps(node.id, column.name, tuple(places.tolist())), tuple(shares.tolist()), slack=sum(rates))
    if rates and not plain and spec.clamp is None:
        yield _outliers(node, column, sum(rates), places, shares)


def _outliers(node: Node, column: ColumnSpec, rate: float, places: Floats, shares: Floats) -> Check:
    """Values beyond all but one in a thousand of the distribution's own are not more than the outliers that were asked for."""
    low = float(places[max(0, int(np.searchsorted(shares, 0.0005, side="right")) - 1)])
    high = float(places[min(len(places) - 1, int(np.searchsorted(shares, 0.9995)))])
    about = Promise(
        f"{node.id}.{column.name}.outlier_rate",
        "outliers",
        node.id,
        (column.name,),
        f"at most {rate:g} beyond {low:.6g} to {high:.6g}",
        "warning",
    )
    return OutsideCheck(about, Steps(node.id, column.name, (low, high)), rate)


@dataclass(frozen=True, slots=True)
class OutsideCheck:
    """The share of values beyond two places is at most `rate`, one in a thousand, and the play of chance."""

    about: Promise
    measure: Steps
    rate: float

    @property
    def measures(self) -> tuple[Steps, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the share."""
        rows = states.rows(self.about.table)
        counts = states.of(self.measure).counts
        total = int(counts.sum())
        if not total:
            raise UnreadableError(f"`{self.measure.column}` holds no value")
        observed = 1.0 - int(counts[1]) / total
        most = self.rate + 0.002
        limit = most + 4 * math.sqrt(most * (1 - min(most, 1.0)) / total)
        return self.about.passed(rows, observed) if observed <= limit else self.about.failed(rows, 0, observed)


def _times(model: Model, node: Node, column: ColumnSpec, decided: str | None) -> Iterator[Check]:
    series = column.generator.datetime_series
    assert series is not None
    dimensions = [name for name, _ in patterns_of(column, series) if name in ("hour", "dow", "month")]
    for by in dict.fromkeys(dimensions):
        about = Promise(
            f"{node.id}.{column.name}.seasonality_{by}", "seasonality", node.id, (column.name,), "shares by the model's weights", "warning"
        )
        strange = next((modifier.transform for modifier in column.modifiers if not isinstance(modifier, Seasonality)), None)
        touched = f"`{strange}` changes the times" if strange else _shifted(model, node, column)
        source = None if decided or touched else time_source(model.timeframe, column, series)
        if source is None:
            yield Skipped(about, decided or touched or "all weights are 0")
        elif column.type is not ColumnType.TIME:
            shares = source.dimension_shares(by)
            kind = {"hour": "hour", "dow": "dow", "month": "month"}[by]
            yield ProfileCheck(about, PeriodsOf(node.id, column.name), kind, tuple(shares.tolist()), _TOLERANCE, with_chance=True)  # type: ignore[arg-type]  # one of the three


def _shifted(model: Model, node: Node, column: ColumnSpec) -> str | None:
    """What else decides when a table's rows are."""
    parents = [parent for name in node.parents if (parent := model.node(name)) is not None]
    if any(parent.vintage_behavior is not None for parent in parents):
        return "the age of the parent's row decides when its rows are"
    series = column.generator.datetime_series
    if series is not None and (series.delay is not None or series.process == "regular"):
        return "a delay or a process decides the times"
    if node.modifiers:
        return "shocks scale the number of rows over time"
    return "stages follow each other in time" if node.stage_config is not None else "no value comes twice" if column.unique else None


def _choices(model: Model, node: Node, column: ColumnSpec, decided: str | None) -> Iterator[Check]:
    choice = column.generator.choice
    assert choice is not None
    if choice.choices is None or len(choice.choices) > _MOST_VALUES or (column.type not in NUMBERS and not column.type.is_text):
        return
    about = Promise(f"{node.id}.{column.name}.fit", "fit", node.id, (column.name,), "the weights of the choices", "warning")
    shares = (
        None
        if decided or column.unique
        else _within(present_shares(model, node.id, column.name), _range_of(model, f"{node.id}.{column.name}"))
    )
    if shares is None:
        yield Skipped(about, decided or ("no value comes twice" if column.unique else "modifiers or `null_if` change the shares"))
        return
    shares = _as_counted(shares, column.type)
    yield WeightsCheck(about, CountsOf(node.id, column.name), tuple(shares), tuple(shares.values()))


def _as_counted(shares: dict[str, float], kind: ColumnType) -> dict[str, float]:
    """The shares by values as they are spelt when counted: those of floats and decimals as floats, whether `3`, `3.0` or `"3.00"` is listed."""
    if kind not in (ColumnType.FLOAT, ColumnType.DECIMAL):
        return shares
    found: dict[str, float] = {}
    for value, share in shares.items():
        number = spelt(float(value))
        found[number] = found.get(number, 0.0) + share
    return found


def _within(shares: dict[str, float] | None, ends: Ends) -> dict[str, float] | None:
    """The shares where values beyond a range are drawn again within it."""
    low, high = (-math.inf if ends[0] is None else ends[0]), (math.inf if ends[1] is None else ends[1])
    if shares is None or (low, high) == (-math.inf, math.inf):
        return shares
    kept = {value: share for value, share in shares.items() if low <= float(value) <= high}
    total = sum(kept.values())
    return {value: share / total for value, share in kept.items()} if total else None


@dataclass(frozen=True, slots=True)
class WeightsCheck:
    """The shares of values are near those expected, by Cohen's w: the root of the sum of (observed - expected)^2 / expected.

    w is at most 0.05 and what chance gives: of k values in n rows, n w^2 is about k - 1, with a deviation of sqrt(2 (k - 1)); four of
    these are allowed. Values that are expected fewer than five times are put together.
    """

    about: Promise
    measure: CountsOf
    values: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def measures(self) -> tuple[CountsOf, ...]:
        """The one measure."""
        return (self.measure,)

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the shares."""
        rows = states.rows(self.about.table)
        counts = exact_counts(states, self.measure)
        found = {spelt(value): count for value, count in zip(counts.values.tolist(), counts.counts.tolist(), strict=True)}
        n = counts.total
        unknown = n - sum(found.get(value, 0) for value in self.values)
        expected, observed = np.array(self.shares), np.array([found.get(value, 0) / n for value in self.values])
        rare = expected * n < 5
        expected, observed = _pooled(expected, rare), _pooled(observed, rare)
        held = expected > 0
        w = math.sqrt(float(((observed[held] - expected[held]) ** 2 / expected[held]).sum()) + unknown / n)
        freedom = max(int(held.sum()) - 1, 1)
        limit = 0.05 + math.sqrt((freedom + 4 * math.sqrt(2 * freedom) + 4) / n)
        details = {
            "values": list(self.values[:100]),
            "expected": list(self.shares[:100]),
            "observed": [found.get(v, 0) / n for v in self.values[:100]],
        }
        told = float(f"{w:.6g}")
        return self.about.passed(rows, told, details=details) if w <= limit else self.about.failed(rows, 0, told, details=details)


def _pooled(shares: Floats, rare: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    return np.append(shares[~rare], shares[rare].sum()) if rare.any() else shares


def _children(model: Model, node: Node) -> Iterator[Check]:
    """The usual number of children of a parent."""
    parent = model.node(node.parents[0]) if node.fanout is not None and node.parents else None
    if parent is None or node.fanout is None or node.stage_config is not None:
        return
    about = Promise(f"{node.id}.fanout_mean", "fanout_mean", node.id, (), "the mean of the fan-out", "warning")
    scaled = parent.segment_behavior or parent.vintage_behavior or node.modifiers
    source = fanout_source(node.fanout) if node.fanout.is_simple else None
    if scaled or source is None or len(node.parents) > 1:
        reason = "behaviours or shocks scale it" if scaled else "a second parent limits it" if len(node.parents) > 1 else "parents differ"
        yield Skipped(about, reason)
        return
    low, high = fanout_bounds(node.fanout)
    mean = source.mean_of(lambda k: np.clip(k, low, high))
    square = source.mean_of(lambda k: np.clip(k, low, high) ** 2)
    about = Promise(about.id, about.kind, node.id, (), f"{mean:.6g} rows for each of {parent.id}", "warning")
    yield UsualCheck(about, parent.id, mean, math.sqrt(max(0.0, square - mean * mean)))


@dataclass(frozen=True, slots=True)
class UsualCheck:
    """A table has the number of rows that its fan-out gives: within 2 % and four deviations of the mean."""

    about: Promise
    parent: str
    mean: float
    deviation: float

    @property
    def measures(self) -> tuple[Touch, ...]:
        """The presence of both tables."""
        return (Touch(self.about.table), Touch(self.parent))

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Compare the numbers of rows."""
        rows, parents = states.rows(self.about.table), states.rows(self.parent)
        if not parents:
            raise UnreadableError(f"`{self.parent}` has no rows")
        observed = rows / parents
        slack = 0.02 * self.mean + 4 * self.deviation / math.sqrt(parents)
        return self.about.passed(rows, observed) if abs(observed - self.mean) <= slack else self.about.failed(rows, 0, observed)
