"""Faults of numbers: beyond their range, in another unit, far off, drifting."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Floats, below, unit
from seedbed.generate.frame import Context
from seedbed.generate.quality.cells import Cells, Fault
from seedbed.generate.quality.values import Numbers, numbers_of, of_numbers
from seedbed.model.quality import BoundaryViolation, MeanDrift, Outlier, UnitDrift
from seedbed.plan.quality import bounds_of

#: Floats from here on are beyond whole numbers of 64 bits.
_LIMIT = 2.0**63

#: The least that a value lies beyond its range, of what it may at most.
_LEAST = 0.01


def _units(kind: pa.DataType) -> float:
    """How many units a decimal's 1 is."""
    return float(10**kind.scale) if pa.types.is_decimal(kind) else 1.0


def _kept(clean: Numbers, wanted: Floats, kind: pa.DataType) -> pa.Array:
    """Floats, decimals in units, as the type holds them; where it cannot, the clean value."""
    if pa.types.is_floating(kind):
        return of_numbers(np.where(np.isfinite(wanted), wanted, clean), kind)
    limit = float(10**kind.precision) if pa.types.is_decimal(kind) else _LIMIT
    rounded = np.rint(wanted)
    fits = (rounded > -limit) & (rounded < limit)
    return of_numbers(np.where(fits, np.where(fits, rounded, 0.0).astype(np.int64), clean), kind)


def drift(_: Context, issue: UnitDrift | MeanDrift) -> Fault:
    """value * factor + shift."""

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        kind, clean = cells.values.type, numbers_of(cells.values)
        with np.errstate(over="ignore", invalid="ignore"):
            wanted = clean.astype(np.float64) * issue.params.factor + issue.params.shift * _units(kind)
        return (_kept(clean, wanted, kind),)

    return fault


def outlier(_: Context, issue: Outlier) -> Fault:
    """value * factor to twice that; 0 becomes the factor."""

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        kind, clean = cells.values.type, numbers_of(cells.values)
        factors = issue.params.factor * (1.0 + unit(cells.bits()))
        with np.errstate(over="ignore", invalid="ignore"):
            wanted = np.where(clean == 0, factors * _units(kind), clean * factors)
        return (_kept(clean, wanted, kind),)

    return fault


def boundary(engine: Context, issue: BoundaryViolation) -> Fault:
    """Below the least or above the greatest right value, by up to `by` of the range."""
    low, high = bounds_of(engine.plan.model, engine.column_plan(issue.table, issue.column), issue)

    def fault(cells: Cells) -> tuple[pa.Array, ...]:
        kind, clean = cells.values.type, numbers_of(cells.values)
        units = _units(kind)
        ends = [None if end is None else float(end) * units for end in (low, high)]
        beyond = (_LEAST + (1 - _LEAST) * unit(cells.bits(1))) * _reach(ends, issue.params.by, kind)
        below_low, above_high = (
            (None if end is None else _past(end, beyond, kind, up=up)) for end, up in zip(ends, (False, True), strict=True)
        )
        if below_low is None or above_high is None:
            wanted = above_high if below_low is None else below_low
            assert wanted is not None
            return (_kept(clean, wanted, kind),)
        return (_kept(clean, np.where(below(cells.bits(), 2) == 1, above_high, below_low), kind),)

    return fault


def _reach(ends: list[float | None], by: float, kind: pa.DataType) -> float:
    """How far beyond its range a value may lie: a share of the range; of one end's size, or of a day, where there is only one."""
    low, high = ends
    if low is not None and high is not None and high > low:
        return (high - low) * by
    if pa.types.is_timestamp(kind):
        return 86_400_000_000 * by
    (one, *_) = (end for end in ends if end is not None)
    return max(abs(one), _units(kind)) * by


def _past(end: float, beyond: Floats, kind: pa.DataType, *, up: bool) -> Floats:
    """Values on the far side of an end: at least one step of the type beyond it."""
    if pa.types.is_floating(kind):
        least = np.nextafter(end, np.inf if up else -np.inf)
        return np.maximum(end + beyond, least) if up else np.minimum(end - beyond, least)
    whole: Floats = np.floor(beyond) + 1
    past: Floats = np.floor(end) + whole if up else np.ceil(end) - whole
    return past
