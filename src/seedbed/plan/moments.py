"""What `after`, `before`, `delay` and `process` of datetime columns promise, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from seedbed.core.block import ColumnType
from seedbed.core.records import dataclass
from seedbed.core.timegrid import DAY
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.generators.datetime_series import DatetimeSeries
from seedbed.model.modifiers import Effect, Seasonality
from seedbed.model.places import Mistake
from seedbed.model.references import Reference, find_reference, may_lead_nowhere, plan_link
from seedbed.plan.children import children_bounds
from seedbed.plan.distributions import distribution_source
from seedbed.plan.sources import delay_unit, grid_of

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class TimeOrder:
    """`giver` is drawn so that `giver operator keeper` holds, with `reserve` between them that the keeper has to leave.

    The reserve counts days for dates, microseconds for datetimes; `link` is the plan's name of the link to the keeper's row.
    """

    giver: str
    operator: Literal["<=", ">="]
    keeper: str
    link: str | None
    path: Path
    reserve: float = 0.0

    @property
    def is_inherited(self) -> bool:
        """Whether a column follows itself, in the row above of a tree."""
        return self.giver == self.keeper


def time_orders(model: Model) -> Iterator[TimeOrder]:
    """What every datetime column must not lie before or after."""
    for place, node in enumerate(model.nodes):
        for index, column in enumerate(node.columns):
            series = column.generator.datetime_series
            if series is not None and (series.after or series.before):
                path: Path = ("nodes", place, "columns", index, "generator", "datetime_series")
                yield from _orders(model, node, column, series, path)


def _orders(model: Model, node: Node, column: ColumnSpec, series: DatetimeSeries, path: Path) -> Iterator[TimeOrder]:
    ends: tuple[tuple[Literal["<=", ">="], str, str | None], ...] = ((">=", "after", series.after), ("<=", "before", series.before))
    for operator, key, text in ends:
        found = find_reference(model, node, text) if text is not None else None
        if isinstance(found, Reference):
            link = plan_link(node, found.link) if found.link is not None else None
            reserve = _reserve(model, node, column, series) if key == "after" else 0.0
            yield TimeOrder(f"{node.id}.{column.name}", operator, f"{found.table}.{found.column}", link, (*path, key), reserve)


def _reserve(model: Model, node: Node, column: ColumnSpec, series: DatetimeSeries) -> float:
    """How long before the last moment of the grid the moment that the column follows must lie: for the shortest delay, or for all
    points of a regular process.
    """
    unit_us = DAY if column.type is ColumnType.DATE else 1
    if series.delay is not None:
        return float(-(-max(0.0, _delay_ends(series)[0] * delay_unit(series.unit)) // unit_us))
    grid, most = grid_of(model.timeframe, column, series), _most_children(node)
    if series.process == "regular" and most is not None and 0 < most <= grid.count:
        first = int(grid.at(np.array([grid.count - most]))[0])
        return float((grid.last - first) // unit_us)
    return 0.0


def _delay_ends(series: DatetimeSeries) -> tuple[float, float]:
    """The shortest and the longest delay, in its unit."""
    assert series.delay is not None
    source = distribution_source(series.delay)
    least, most = series.delay.clamp or (None, None)
    low = source.low if least is None else max(source.low, least)
    return low, (source.high if most is None else min(source.high, most))


def _most_children(node: Node) -> int | None:
    return children_bounds(node.fanout)[1] if node.fanout is not None else None


def grid_mistakes(model: Model) -> list[Mistake]:
    """Windows and grids that no time zone can have: all else needs them."""
    found: list[Mistake] = []
    if model.timeframe.tz is None:
        return found
    for place, node in enumerate(model.nodes):
        for index, column in enumerate(node.columns):
            series = column.generator.datetime_series
            try:
                if series is not None:
                    grid_of(model.timeframe, column, series)
            except ValueError as error:
                path: Path = ("nodes", place, "columns", index, "generator", "datetime_series")
                fix = "shorten the window, use another freq, or a timeframe without `tz`"
                found.append(Mistake(path, f"{node.id}.{column.name}: {error}", fix))
    return found


def moment_mistakes(model: Model, node: Node, column: ColumnSpec, path: Path, rows: int | None) -> list[Mistake]:
    """What a datetime column asks for that cannot be; `rows` are those of its table where the model tells."""
    series = column.generator.datetime_series
    assert series is not None
    where: Path = (*path, "generator", "datetime_series")
    grid, ref, found = grid_of(model.timeframe, column, series), f"{node.id}.{column.name}", []
    if series.delay is not None:
        low, high = _delay_ends(series)
        span = (grid.last - grid.first) / delay_unit(series.unit)
        if high < 0:
            found.append(Mistake((*where, "delay"), f"every delay of {ref} is below 0", "a delay follows a moment: draw positive numbers"))
        elif low > span:
            message = f"the shortest delay of {ref} is {low:g} {series.unit}, its window {span:g}"
            found.append(Mistake((*where, "delay"), message, "widen `within`, or draw shorter delays"))
        after = find_reference(model, node, series.after or "")
        if isinstance(after, Reference) and _may_be_null(model, node, after) and not column.may_be_null:
            message = f"{series.after} may be null, and so may a moment after it; {ref} must not"
            found.append(Mistake((*where, "after"), message, f"make `{column.name}` nullable"))
    if series.process == "regular":
        most = _most_children(node) if node.kind == "fact" else rows
        if most is not None and most > grid.count and (node.kind != "fact" or _fewest(node) > grid.count):
            what = f"a row of `{node.parents[0]}` has at least {_fewest(node):,}" if node.kind == "fact" else f"`{node.id}` has {most:,}"
            message = f"{what} rows, the grid of {ref} {grid.count:,} points"
            found.append(Mistake((*where, "process"), message, "use a finer `freq`, a wider window, or fewer rows"))
    if series.delay is not None or series.process != "iid":
        found += _weighed_too(node, column, series, path)
    return found


def _fewest(node: Node) -> int:
    return children_bounds(node.fanout)[0] if node.fanout is not None else 0


def _may_be_null(model: Model, node: Node, reference: Reference) -> bool:
    target = model.node(reference.table)
    column = target.column(reference.column) if target is not None else None
    leads = reference.link is not None and may_lead_nowhere(node, reference.link)
    return leads or (column is not None and column.may_be_null)


def _weighed_too(node: Node, column: ColumnSpec, series: DatetimeSeries, path: Path) -> list[Mistake]:
    """Refuse what re-weighs times on columns whose times a delay or a process decides."""
    what = "delay" if series.delay is not None else f"{series.process} process"
    kinds: tuple[type, ...] = (Effect,) if series.process == "poisson" else (Effect, Seasonality)
    for place, modifier in enumerate(column.modifiers):
        if isinstance(modifier, kinds):
            message = f"the {what} of {node.id}.{column.name} decides when it lies; `{modifier.transform}` has no meaning"
            return [Mistake((*path, "modifiers", place), message, "remove the modifier")]
    return []
