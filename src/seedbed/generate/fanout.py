"""Which parent a child row belongs to, and how many children a parent has.

The number of children of parent i is a pure function of i. Children are contiguous per parent, so the totals of blocks of
65,536 parents, summed once, turn a child's row number into its parent by a search and a cumulative sum within one block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from seedbed.core.draw import Ints, Key, Rows, row_numbers, unit
from seedbed.core.errors import ModelError
from seedbed.core.events import ParentsCounted, Subscriber, nobody
from seedbed.generate.behaviors import stage_multiplier
from seedbed.generate.child_counts import fanout_counts
from seedbed.generate.family import PARENT_BLOCK, Children, FanIndex
from seedbed.generate.frame import Context, CountKernel, Frame
from seedbed.generate.walks import states_entered

#: Their index, a number for each block of 65,536 of them, takes half a gigabyte.
MOST_PARENTS = 1 << 42

#: Blocks of parents whose counting is asked for at once.
_TASKS = 4_096

#: What is counted of families of every size, by block of parents: so many numbers take a quarter of a gigabyte.
_MOST_SIZES = 1 << 25

#: Parents without children are computed with the others up to so many parents a child.
_DENSE = 4


def count_kernel(engine: Context, table: str) -> CountKernel:
    """How many children in `table` each parent has: a function of the parent's rows to counts of shape (n,)."""
    plan = engine.plan.table(table)
    key = engine.key(table, "fanout")
    if plan.node.events is not None:
        return states_entered(engine, plan.parent or "")
    if plan.node.stage_config is not None:
        stages = [stage.transition_rate for stage in plan.node.stage_config.stages]
        return lambda parents: _stages_reached(engine, table, key, stages, parents)
    fanout = plan.node.fanout
    assert fanout is not None
    return fanout_counts(engine, table, fanout, key)


def _stages_reached(engine: Context, table: str, key: Key, rates: list[float], parents: Frame) -> Ints:
    multiplier = stage_multiplier(engine, table, parents)
    counts = np.zeros(len(parents), dtype=np.int64)
    alive = np.ones(len(parents), dtype=np.bool_)
    for number, rate in enumerate(rates):
        chance = rate if multiplier is None or number == 0 else np.minimum(rate * multiplier, 1.0)
        alive &= unit(parents.bits(key, number)) < chance
        counts += alive
    return counts


def index_fanout(engine: Context, table: str, parent_rows: int, workers: int = 1, events: Subscriber = nobody) -> FanIndex:
    """Sum the children of every block of parents, on `workers` threads; `events` is told after each block."""
    parent = engine.plan.table(table).parent
    assert parent is not None
    if parent_rows > MOST_PARENTS:
        message = f"`{table}` would have {parent_rows:,} parents to count the children of; at most {MOST_PARENTS:,}"
        raise ModelError(message, where=table, fix=f"lower the rows of `{parent}`")
    counts, with_families = engine.count_kernel(table), _wants_families(engine, table)

    def block(number: int) -> Counted:
        rows = range(number * PARENT_BLOCK, min((number + 1) * PARENT_BLOCK, parent_rows))
        found = counts(Frame(engine, parent, rows))
        largest = int(found.max(initial=0))
        families = np.bincount(found, minlength=1) if with_families and largest < _MOST_SIZES else None
        return int(found.sum()), largest, families

    found: list[Counted] = []
    for counted in _mapped(block, range(-(-parent_rows // PARENT_BLOCK)), workers):
        found.append(counted)
        events(ParentsCounted(table, min(len(found) * PARENT_BLOCK, parent_rows), parent_rows))
    totals = np.array([total for total, _, _ in found], dtype=np.int64)
    if float(totals.astype(np.float64).sum()) > 2**53:
        raise ModelError(f"`{table}` would have more than 2^53 rows", fix="lower the fan-out or the rows of its parents")
    largest = max((most for _, most, _ in found), default=0)
    return FanIndex(parent_rows, totals, largest, _families(table, largest, found) if with_families else None)


#: The children of a block of parents, the most of one, and how many have each number where that is asked for.
Counted = tuple[int, int, Ints | None]


def _wants_families(engine: Context, table: str) -> bool:
    """Whether a link seats the children of each parent apart: then it must know how many parents have each number of children."""
    specs = [link.spec for link in engine.plan.table(table).links if link.spec is not None]
    return any(spec.capacity is not None and spec.unique_per is not None for spec in specs)


def _families(table: str, largest: int, found: list[Counted]) -> Ints:
    """How many parents of each block have each number of children, shape (blocks, largest + 1)."""
    if len(found) * (largest + 1) > _MOST_SIZES:
        message = f"a parent has {largest:,} children in `{table}`: too many for a link with both `capacity` and `unique_per`"
        raise ModelError(message, where=table, fix="clamp the fan-out, or remove one of the two")
    families = np.zeros((len(found), largest + 1), dtype=np.int64)
    for row, (_, _, counts) in zip(families, found, strict=True):
        if counts is not None:
            row[: len(counts)] = counts
    return families


def _mapped(count: Callable[[int], Counted], numbers: range, workers: int) -> Iterator[Counted]:
    """What each block counts, in order."""
    if workers == 1 or len(numbers) <= 1:
        yield from map(count, numbers)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(numbers), _TASKS):  # a million tasks at once would take gigabytes
            yield from pool.map(count, numbers[start : start + _TASKS])


def children(engine: Context, table: str, rows: Rows) -> Children:
    """The parents of child rows."""
    index = engine.fan_index(table)
    if isinstance(rows, range):
        return _contiguous(engine, table, index, rows)
    return _scattered(engine, table, index, rows)


def _contiguous(engine: Context, table: str, index: FanIndex, rows: range) -> Children:
    """Parents in order: all between the first and the last where most have children, else those that have some."""
    if not len(rows):
        empty = np.zeros(0, dtype=np.int64)
        return Children(range(0), empty, rows, empty, empty)
    first, last = (int(np.searchsorted(index.starts, row, side="right")) - 1 for row in (rows[0], rows[-1]))
    chosen, begins, ends = _span(engine, table, index, first, rows)
    if last > first or len(chosen) > _DENSE * len(rows):
        spans = (_span(engine, table, index, number, rows) for number in range(first, last + 1) if index.totals[number])
        chosen, begins, ends = (np.concatenate(parts) for parts in zip(*map(_with_children, spans), strict=True))
    shown = np.minimum(ends, rows.stop) - np.maximum(begins, rows.start)
    return Children(chosen, np.repeat(np.arange(len(begins)), shown), rows, ends - begins, begins)


def _span(engine: Context, table: str, index: FanIndex, number: int, rows: range) -> tuple[Rows, Ints, Ints]:
    """The parents of a block from the first to the last that has some of these rows, and where the children of each begin and end."""
    offsets, start = engine.fan_offsets(table, number), int(index.starts[number])
    from_row, to_row = max(rows.start - start, 0), min(rows.stop - start, int(offsets[-1]))
    first = int(np.searchsorted(offsets, from_row, side="right")) - 1
    last = int(np.searchsorted(offsets, to_row - 1, side="right")) - 1
    bounds = offsets[first : last + 2] + start
    base = number * PARENT_BLOCK
    return range(base + first, base + last + 1), bounds[:-1], bounds[1:]


def _with_children(span: tuple[Rows, Ints, Ints]) -> tuple[Ints, Ints, Ints]:
    """The same without the parents that have no children."""
    parents, begins, ends = span
    kept = np.flatnonzero(ends > begins)
    return row_numbers(parents)[kept], begins[kept], ends[kept]


def _scattered(engine: Context, table: str, index: FanIndex, rows: Ints) -> Children:
    numbers = np.searchsorted(index.starts, rows, side="right") - 1
    parents = np.empty(len(rows), dtype=np.int64)
    begins = np.empty(len(rows), dtype=np.int64)
    ends = np.empty(len(rows), dtype=np.int64)
    for number in np.unique(numbers).tolist():
        picks = np.flatnonzero(numbers == number)
        offsets, start = engine.fan_offsets(table, number), int(index.starts[number])
        place = np.searchsorted(offsets, rows[picks] - start, side="right") - 1
        parents[picks] = place + number * PARENT_BLOCK
        begins[picks], ends[picks] = offsets[place] + start, offsets[place + 1] + start
    return Children(parents, np.arange(len(rows)), rows, ends - begins, begins)


def spans(engine: Context, table: str, parents: Rows) -> tuple[Ints, Ints]:
    """The first child of each parent and how many it has, in any order; shapes (n,)."""
    index = engine.fan_index(table)
    rows = row_numbers(parents)
    first, counts = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
    numbers = rows // PARENT_BLOCK
    for number in np.unique(numbers).tolist():
        picks = np.flatnonzero(numbers == number)
        offsets, place = engine.fan_offsets(table, number), rows[picks] - number * PARENT_BLOCK
        first[picks] = offsets[place] + int(index.starts[number])
        counts[picks] = offsets[place + 1] - offsets[place]
    return first, counts
