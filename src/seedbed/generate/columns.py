"""A column's kernel: generator, modifiers as listed, behaviours, clamp, cast, limits, nulls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.core.block import NUMPY_TYPES, Column, ColumnType
from seedbed.core.decimals import to_floats
from seedbed.core.draw import Floats, draw_bits, row_numbers, unit
from seedbed.core.errors import DataError
from seedbed.core.tables import Source
from seedbed.core.timegrid import DAY
from seedbed.generate.behaviors import value_factor
from seedbed.generate.conversion import convert, decimals_of, refuse_long, refuse_other_texts, whole_numbers
from seedbed.generate.frame import Context, Frame, Kernel, Mask, both
from seedbed.generate.modifiers import Affine, Bounded, Operation, operations, outlier_mask, text_changes
from seedbed.generate.rounding import Rounded
from seedbed.model.modifiers import Outliers
from seedbed.plan.plan import ColumnPlan, RowBound
from seedbed.plan.support import clamp_of

Numbers = NDArray[Any]


def finished(engine: Context, column: ColumnPlan, drawn: Kernel, source: Source | None) -> Kernel:
    """The kernel of a column: what its generator gives, changed and held to its limits.

    `source` is what the values are drawn from where they can be drawn again within bounds.
    """
    kernel = _changed(engine, column, drawn, source) if column.type in NUMPY_TYPES else _text(engine, column, drawn)
    if column.spec.null_if is not None:
        kernel = _null_where(engine, column, kernel, column.spec.null_if)
    if column.null_share <= 0:
        return kernel
    key, share = engine.key(column.table, column.name, "null"), column.null_share

    def with_nulls(frame: Frame) -> Column:
        found = kernel(frame)
        return Column(found.data, both(found.valid, unit(frame.bits(key)) >= share))

    return with_nulls


def _null_where(engine: Context, column: ColumnPlan, kernel: Kernel, code: str) -> Kernel:
    """A kernel whose values are null where an expression is true."""
    from seedbed.generate.formulas import formula  # only models with expressions need them

    condition = formula(engine, column.table, code, column.name)

    def with_nulls(frame: Frame) -> Column:
        found, hides = kernel(frame), condition(frame)
        is_true = hides.data if hides.valid is None else hides.data & hides.valid
        return Column(found.data, both(found.valid, ~is_true))

    return with_nulls


#: Generators whose texts may be no UUIDs.
_MAKERS_OF_TEXT = frozenset({"faker", "pattern", "case", "mixture"})


def _text(engine: Context, column: ColumnPlan, drawn: Kernel) -> Kernel:
    changes = text_changes(engine, column)
    may_differ = column.type is ColumnType.UUID and column.spec.generator.kind in _MAKERS_OF_TEXT

    def kernel(frame: Frame) -> Column:
        found = convert(drawn(frame), column)
        if may_differ:
            refuse_other_texts(found, column)
        for change in changes:
            found = change(frame, found)
        return found

    return kernel


def _changed(engine: Context, column: ColumnPlan, drawn: Kernel, source: Source | None) -> Kernel:
    changes = operations(engine, column)
    factors = [value_factor(engine, column, factor) for factor in column.factors]
    clamp = _clamp(engine, column)
    key = engine.key(column.table, column.name, "again")
    are_days = column.type is ColumnType.DATE and column.spec.generator.datetime_series is None  # modifiers act on microseconds
    decimals = column.spec.generator.distribution.decimals if column.spec.generator.distribution is not None else None
    if not changes and not factors and clamp is None and decimals is None and not column.limits.any:
        return lambda frame: _as_is(drawn(frame), column)

    def kernel(frame: Frame) -> Column:
        found = drawn(frame)
        steps: list[Operation] = [change(frame) for change in changes]
        steps += [Affine(factor=factor(frame)) for factor in factors]
        if clamp is not None:
            steps.append(clamp(frame))
        if decimals is not None:
            steps.append(Rounded(decimals))
        values = found.data * DAY if are_days else _natural(found.data, column) if steps else found.data
        with np.errstate(over="ignore", invalid="ignore"):  # told below, with the row
            for step in steps:
                values = step.apply(values)
        if values.dtype == np.float64:
            _refuse_infinite(values, found.valid, frame, column)
        cast = _cast(values, column)
        if column.limits.any and source is not None:
            cast = _within_limits(frame, column, cast, found.valid, steps, source, key)
        made = Column(cast, found.valid)
        if column.type is ColumnType.DECIMAL:
            refuse_long(made, column)
        return made

    return kernel


def _natural(values: Numbers, column: ColumnPlan) -> Numbers:
    """Numbers as modifiers act on them: decimals as floats."""
    is_units = column.type is ColumnType.DECIMAL and values.dtype == np.int64
    return to_floats(values, column.spec.digits[1]) if is_units else values


def _refuse_infinite(values: Floats, valid: Mask | None, frame: Frame, column: ColumnPlan) -> None:
    """Raise where modifiers led beyond all floats: what follows would be infinite, or no number at all."""
    if np.isfinite(values).all():
        return
    rows = np.flatnonzero(~np.isfinite(values) if valid is None else ~np.isfinite(values) & valid)
    if len(rows):
        row = int(frame.rows[rows[0]])
        raise DataError(
            f"row {row:,} of {column.ref} passes the range of floats, 1.8e308",
            where=f"{column.table}[{row}].{column.name}",
            fix="use smaller factors in its modifiers, or a `clamp` before the one that passes it",
        )


def _as_is(found: Column, column: ColumnPlan) -> Column:
    """What a generator gives, as the column holds it."""
    is_moment = column.type is ColumnType.DATE and column.spec.generator.datetime_series is not None
    return Column(_cast(found.data, column), found.valid) if is_moment else convert(found, column)


def _clamp(engine: Context, column: ColumnPlan) -> Callable[[Frame], Operation] | None:
    low, high = clamp_of(column.spec)
    if low is None and high is None:
        return None
    exceeding = [(n, m) for n, m in enumerate(column.spec.modifiers) if isinstance(m, Outliers) and m.args.allow_exceed]
    if not exceeding:
        return lambda _frame: Bounded(low, high)

    def clamp(frame: Frame) -> Operation:
        mask = np.zeros(len(frame), dtype=np.bool_)
        for number, modifier in exceeding:
            mask |= outlier_mask(modifier, engine, column, number, frame)
        return Bounded(low, high, mask)

    return clamp


def _cast(values: Numbers, column: ColumnPlan) -> Numbers:
    """Numbers as the column holds them: whole numbers and decimals are rounded half to even, dates lose their time."""
    if column.type is ColumnType.DECIMAL:
        return values if values.dtype == np.int64 else decimals_of(values.astype(np.float64, copy=False), column)
    if column.type is ColumnType.INT and values.dtype != np.int64:
        return whole_numbers(values, column.ref)
    if column.type is ColumnType.FLOAT:
        return values.astype(np.float64, copy=False)
    if column.type is ColumnType.BOOL:
        return np.not_equal(values, 0)
    moments: Numbers = values.astype(np.int64, copy=False)
    return moments // DAY if column.type is ColumnType.DATE else moments


def _within_limits(
    frame: Frame, column: ColumnPlan, values: Numbers, valid: Mask | None, steps: list[Operation], source: Source, key: Any
) -> Numbers:
    """Draw again, within what the limits leave, the values that lie beyond them; the others stay."""
    low, high = _ends(frame, column, len(values))
    bad = np.flatnonzero((values < low) | (values > high) if valid is None else ((values < low) | (values > high)) & valid)
    if not len(bad):
        return values
    bottom, top = low[bad], high[bad]
    if (bottom > top).any():
        raise _no_room(frame, column, int(bad[np.argmax(bottom > top)]))
    inner_low, inner_high = _before_cast(bottom, top, column)
    for step in reversed(steps):
        inner_low, inner_high = step.bounds(inner_low, inner_high, bad)
    bits = draw_bits(key, row_numbers(frame.rows)[bad])
    inner_low, inner_high = np.maximum(inner_low, source.low), np.minimum(inner_high, source.high)
    again: Numbers = source.draw_between(bits, inner_low, np.maximum(inner_low, inner_high))
    for step in steps:
        again = step.apply(again, bad)
    again = _cast(again, column)
    values = values.copy()
    values[bad] = np.minimum(np.maximum(again, bottom), top).astype(values.dtype)
    return values


def _no_room(frame: Frame, column: ColumnPlan, place: int) -> DataError:
    row = int(frame.rows[place])
    others = " and ".join(f"{bound.op} {bound.table}.{bound.column}" for bound in column.limits.bounds)
    return DataError(
        f"row {row:,} leaves no room for {column.ref}, which must be {others} and within its range",
        where=f"{column.table}[{row}].{column.name}",
        fix="let fewer columns hold it, or say how those relate to each other",
    )


def ends_before_cast(frame: Frame, column: ColumnPlan) -> tuple[Floats, Floats]:
    """Between which values before the cast (microseconds, for times) those of each row must lie, shape (n,)."""
    return _before_cast(*_ends(frame, column, len(frame)), column)


def _before_cast(low: Floats, high: Floats, column: ColumnPlan) -> tuple[Floats, Floats]:
    """Between which values before the cast those after it lie in [low, high]."""
    if column.type is ColumnType.DATE:
        return low * DAY, high * DAY + (DAY - 1)
    if column.type is ColumnType.INT:
        return low - 0.5, high + 0.5
    if column.type is ColumnType.DECIMAL:
        unit = _units_of(column)
        return (low - 0.5) / unit, (high + 0.5) / unit
    return low, high


def _units_of(column: ColumnPlan) -> float:
    """How many of the numbers that a column holds make 1."""
    return float(10 ** column.spec.digits[1]) if column.type is ColumnType.DECIMAL else 1.0


def _ends(frame: Frame, column: ColumnPlan, n: int) -> tuple[Floats, Floats]:
    """The least and greatest value of each row as the column holds them, shape (n,)."""
    limits, unit = column.limits, _units_of(column)
    low = np.full(n, -np.inf if limits.low is None else _held(limits.low, unit))
    high = np.full(n, np.inf if limits.high is None else _held(limits.high, unit))
    for bound in limits.bounds:
        other, valid = _bound_values(frame, bound, unit)
        ends = _stepped(other, column.type, bound.op)
        if bound.op[0] == ">":
            low = np.maximum(low, ends if valid is None else np.where(valid, ends, -np.inf))
        else:
            high = np.minimum(high, ends if valid is None else np.where(valid, ends, np.inf))
    return low, high


def _held(end: float, unit: float) -> float:
    """An end of a decimal's range in units; the plan has put it on the grid of its scale."""
    return end if unit == 1.0 else float(np.rint(end * unit))


def _bound_values(frame: Frame, bound: RowBound, unit: float) -> tuple[Floats, Mask | None]:
    """The other column's values, in the units of this one."""
    column = frame.column(bound.column) if bound.link is None else frame.link(bound.link).read(bound.column)
    values, other = column.data.astype(np.float64), _units_of(frame.engine.column_plan(bound.table, bound.column))
    if other <= unit:
        return (values if other == unit else values * (unit / other)), column.valid
    return values / (other / unit), column.valid


def _stepped(values: Floats, kind: ColumnType, op: str) -> Floats:
    """The nearest value that still satisfies a strict comparison."""
    if len(op) == 2:
        return (
            np.ceil(values)
            if kind is not ColumnType.FLOAT and op[0] == ">"
            else np.floor(values)
            if kind is not ColumnType.FLOAT
            else values
        )
    if kind is ColumnType.FLOAT:
        return np.nextafter(values, np.inf if op == ">" else -np.inf)
    return np.floor(values) + 1 if op == ">" else np.ceil(values) - 1
