"""How many children each parent has, by its fan-out: the distribution, times what behaviours and shocks leave of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seedbed.core.draw import Bits, Floats, Ints, Key, unit
from seedbed.core.tables import Source
from seedbed.generate.behaviors import by_value, fanout_multiplier
from seedbed.generate.frame import Context, CountKernel, Frame, Mask
from seedbed.model.document import Fanout
from seedbed.model.fanout import OTHERS
from seedbed.model.references import Reference
from seedbed.plan.children import fanout_bounds, fanout_source
from seedbed.plan.fanouts import parent_reference

#: Where behaviours scale a Poisson fan-out, the factor is rounded to so many significant bits, and to 2^-20 where it is smaller.
_LEVEL_BITS = 8
_LEAST_LEVEL = 2.0**-20

#: The counts of parents with these draws, the factors of behaviours (None: there are none), and further draws to round by.
Counts = Callable[[Bits, Floats | None, Bits | None], Ints]


def fanout_counts(engine: Context, table: str, fanout: Fanout, key: Key) -> CountKernel:
    """The counts of a fan-out: a function of the parents' rows to counts of shape (n,)."""
    multiplier = fanout_multiplier(engine, table)
    drawn = _column_counts(engine, table, fanout) if fanout.distribution == "column" else _drawn_counts(engine, table, fanout, key)
    holds = None if fanout.where is None else _condition(engine, table, fanout.where)

    def counts(parents: Frame) -> Ints:
        found = drawn(parents, None if multiplier is None else multiplier(parents))
        return found if holds is None else np.where(holds(parents), found, 0)

    return counts


def _drawn_counts(engine: Context, table: str, fanout: Fanout, key: Key) -> Callable[[Frame, Floats | None], Ints]:
    cases = {name: _case(case) for name, case in fanout.cases.items()}
    is_alone = list(cases) == [OTHERS]
    groups = None if is_alone else _groups(engine, table, fanout, list(cases))

    def counts(parents: Frame, factors: Floats | None) -> Ints:
        bits, rounding = parents.bits(key), None if factors is None else parents.bits(key, 1)
        if groups is None:
            return cases[OTHERS](bits, factors, rounding)
        found = np.zeros(len(bits), dtype=np.int64)
        numbers = groups(parents)
        for number, case in enumerate(cases.values()):
            picks = np.flatnonzero(numbers == number)
            if len(picks):
                scaling = None if factors is None else factors[picks]
                found[picks] = case(bits[picks], scaling, None if rounding is None else rounding[picks])
        return found

    return counts


def _groups(engine: Context, table: str, fanout: Fanout, names: list[str]) -> Callable[[Frame], Floats]:
    """The number of each parent's case among `names`, shape (n,); the plan has seen to it that each has one."""
    reference = _reference(engine, table, fanout.by or "")
    numbers = {name: float(number) for number, name in enumerate(names) if name != OTHERS}
    others = float(names.index(OTHERS)) if OTHERS in names else -1.0
    return lambda parents: by_value(parents.read(reference), numbers, others)


def _reference(engine: Context, table: str, text: str) -> Reference:
    parent = engine.plan.table(engine.plan.table(table).parent or "").node
    found = parent_reference(engine.plan.model, parent, text)
    assert isinstance(found, Reference)  # the plan refuses others
    return found


def _condition(engine: Context, table: str, code: str) -> Callable[[Frame], Mask]:
    """Where an expression over the parents is true; null is not."""
    from seedbed.generate.formulas import formula  # only models with expressions need them

    computed = formula(engine, engine.plan.table(table).parent or "", code, f"fanout of {table}")

    def holds(parents: Frame) -> Mask:
        found = computed(parents)
        mask: Mask = found.data
        return mask if found.valid is None else mask & found.valid

    return holds


def _column_counts(engine: Context, table: str, fanout: Fanout) -> Callable[[Frame, Floats | None], Ints]:
    """As many as a column of the parent says."""
    reference = _reference(engine, table, (fanout.params.column if fanout.params is not None else None) or "")
    low, high = fanout_bounds(fanout)
    key = engine.key(table, "fanout")

    def counts(parents: Frame, factors: Floats | None) -> Ints:
        column = parents.read(reference)
        found: Ints = column.data
        if factors is not None:
            found = _scaled(np.maximum(found, 0), factors, parents.bits(key, 1), low, high)
        found = np.minimum(np.maximum(found, low), high)
        found = found if factors is None else np.where(factors > 0, found, 0)
        return found if column.valid is None else np.where(column.valid, found, 0)

    return counts


def _case(fanout: Fanout) -> Counts:
    """The counts of parents that all have the same distribution."""
    if fanout.params is not None and fanout.distribution == "fixed" and fanout.params.p is not None:
        return _share(fanout)
    source = fanout_source(fanout)
    if source is None:
        return lambda bits, _factors, _rounding: np.zeros(len(bits), dtype=np.int64)
    bounds = {is_scaled: fanout_bounds(fanout, is_scaled=is_scaled) for is_scaled in (False, True)}

    def counts(bits: Bits, factors: Floats | None, rounding: Bits | None) -> Ints:
        low, high = bounds[factors is not None]
        if factors is None or rounding is None:
            return _whole(source.draw(bits), low, high)
        if fanout.distribution == "poisson":
            return _scaled_poisson(fanout, bits, factors, low, high)
        return np.where(factors > 0, _scaled(source.draw(bits), factors, rounding, low, high), 0)

    return counts


def _share(fanout: Fanout) -> Counts:
    """One child or none."""
    share, (low, high) = fanout.number("p"), fanout_bounds(fanout)

    def counts(bits: Bits, factors: Floats | None, _rounding: Bits | None) -> Ints:
        found = (unit(bits) < (share if factors is None else share * factors)).astype(np.int64)
        held: Ints = np.minimum(np.maximum(found, low), high)
        return held if factors is None else np.where(factors > 0, held, 0)

    return counts


def _whole(values: Ints | Floats, low: int, high: int) -> Ints:
    """Numbers within bounds, rounded half to even where they are not whole."""
    held = np.minimum(np.maximum(values, low), high)
    return held if held.dtype == np.int64 else np.rint(held).astype(np.int64)


def _scaled(values: Ints | Floats, factors: Floats, rounding: Bits, low: int, high: int) -> Ints:
    """Numbers times factors, rounded up or down at random so that the mean stays."""
    found: Ints = np.clip(np.floor(values * factors + unit(rounding)), low, high).astype(np.int64)
    return found


def _scaled_poisson(fanout: Fanout, bits: Bits, factors: Floats, low: int, high: int) -> Ints:
    """Counts whose expectation is scaled: one table a level of factors."""
    levels = _levels(factors)
    counts = np.zeros(len(bits), dtype=np.int64)
    order = np.argsort(levels, kind="stable")
    found, first = np.unique(levels[order], return_index=True)
    for level, picks in zip(found.tolist(), np.split(order, first[1:]), strict=True):
        source: Source | None = fanout_source(fanout, level) if level > 0 else None
        if source is not None:
            counts[picks] = np.clip(source.draw(bits[picks]), low, high)
    return counts


def _levels(factors: Floats) -> Floats:
    """Factors rounded, so that few tables serve many parents; 0 stays 0, and nothing else becomes it."""
    fraction, exponent = np.frexp(factors)
    rounded = np.ldexp(np.rint(np.ldexp(fraction, _LEVEL_BITS)), exponent - _LEVEL_BITS)
    return np.where(factors > 0, np.maximum(rounded, _LEAST_LEVEL), 0.0)
