"""What a distribution asks for: ends in order, numbers that its column can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from seedbed.core.block import ColumnType
from seedbed.model.document import ColumnSpec
from seedbed.model.generators.distribution import Distribution, Histogram, Normal, Uniform
from seedbed.model.generators.distribution_params import HistogramParams, UniformParams, numbers_in
from seedbed.model.places import Mistake, Path

#: How many standard deviations a normal value goes from its mean at most, rounded up.
_DEVIATIONS = 7


def column_distribution_mistakes(column: ColumnSpec, params: Distribution, path: Path) -> Iterator[Mistake]:
    """Mistakes of the distribution that fills a column."""
    yield from distribution_mistakes(params, path)
    yield from _decimals(column, params, path)
    if column.type is not ColumnType.INT:
        return
    if isinstance(params, Uniform) and params.params.low <= params.params.high:
        yield from _whole_numbers(params.params, (*path, "params"))
    if isinstance(params, Histogram):
        yield from _whole_bins(params.params, (*path, "params"))


def distribution_mistakes(params: Distribution, path: Path) -> Iterator[Mistake]:
    """Mistakes of a distribution: ends that are swapped, or so far apart that no number tells them."""
    low, high = params.clamp or (None, None)
    if isinstance(params, Uniform) and params.params.low > params.params.high:
        yield Mistake((*path, "params"), f"`low` ({params.params.low:g}) is above `high` ({params.params.high:g})", "swap them")
    if low is not None and high is not None and low > high:
        yield Mistake((*path, "clamp"), f"the lower end ({low:g}) is above the upper end ({high:g})", "swap them")
    if not math.isfinite(_reach(params)):
        yield Mistake((*path, "params"), "its values pass the range of floats, 1.8e308", "use smaller numbers")
    for end in (low, high):
        if params.decimals is not None and end is not None and round(end, params.decimals) != end:
            message = f"the end {end:g} of the clamp has more than {params.decimals} decimals"
            yield Mistake((*path, "clamp"), message, f"write {round(end, params.decimals):g}, or raise `decimals`")


def _reach(params: Distribution) -> float:
    """How far a distribution goes: no bound of its values, nor their width, is greater; infinite beyond floats."""
    if isinstance(params, Uniform):
        return params.params.high - params.params.low
    return abs(params.params.mean) + 2 * _DEVIATIONS * params.params.std if isinstance(params, Normal) else 0.0


def _decimals(column: ColumnSpec, params: Distribution, path: Path) -> Iterator[Mistake]:
    if params.decimals is None:
        return
    if column.type is ColumnType.DECIMAL and params.decimals > column.digits[1]:
        message = f"{params.decimals} decimals are more than the {column.digits[1]} that the column holds"
        yield Mistake((*path, "decimals"), message, f"write `scale: {params.decimals}`, or fewer decimals")
    if column.type in (ColumnType.INT, ColumnType.BOOL):
        yield Mistake((*path, "decimals"), f"the column is {column.type.value}, which has no decimals", "remove `decimals`", at_key=True)


def _whole_numbers(params: UniformParams, path: Path) -> Iterator[Mistake]:
    first, last = math.ceil(params.low), math.floor(params.high)
    if first > last:
        yield Mistake(path, f"no whole number lies between {params.low:g} and {params.high:g}", "widen them, or make the column a float")
    if not (first >= -(2**63) and last < 2**63 and last - first <= 2**62):
        yield Mistake(
            path, f"the whole numbers from {params.low:g} to {params.high:g} do not fit", "stay within 64 bits, at most 2^62 apart"
        )


def _whole_bins(params: HistogramParams, path: Path) -> Iterator[Mistake]:
    """Mistakes of a histogram of whole numbers: values that are none, bins that hold none."""
    for text, number in zip(params.values or (), numbers_in(params.values or {}), strict=True):
        if not number.is_integer() or abs(number) >= 2**53:
            yield Mistake((*path, "values", text), f"{number:g} is no whole number below 2^53", "make the column a float")
    for (low, high), weight in zip(pairwise(params.edges or ()), params.weights or (), strict=True):
        if weight > 0 and math.ceil(low) >= high:
            yield Mistake(
                (*path, "edges"), f"no whole number lies in the bin from {low:g} up to {high:g}", "widen it, or give it the weight 0"
            )
    ends = [abs(edge) for edge in params.edges or ()]
    if ends and max(ends) >= 2**53:
        yield Mistake((*path, "edges"), "bins of whole numbers stay below 2^53", "make the column a float")
