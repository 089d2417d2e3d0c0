"""How many children a parent has, also where that goes with a value or a moment of the parent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.joined import Joined
from seedbed.stats.fingerprints import codes_of
from seedbed.stats.inference.fanouts import fanout_made, numbers_by_weight
from seedbed.stats.inference.made import Made, Spec
from seedbed.stats.inference.moments import local_moments, moment_text
from seedbed.stats.values import Counts, Floats

#: Numbers of children go with a column that tells such a share of their variance, and this often as much as chance does.
_TOLD, _TIMES_CHANCE = 0.02, 4.0

#: Stretches that moments are cut into, values that are told apart, and rows of a cell.
_STRETCHES, _MOST_VALUES, _LEAST_ROWS = 8, 12, 30


@dataclass(frozen=True, slots=True)
class _Split:
    """A column of the parent that numbers of children go with: the cell of each row of the sample, shape (n,), and each cell's condition."""

    column: str
    cells: Counts
    conditions: tuple[str, ...]
    told: float

    @property
    def is_value(self) -> bool:
        """Whether cells are values, and not stretches."""
        return "==" in self.conditions[0]


def take_fanout(context: Context, table: Table, one: Joined) -> tuple[Spec, str]:
    """The fan-out of a table, and why; where it goes with the parent's columns, a hidden column there says how many."""
    parent = context.tables[one.target]
    counts = one.counts[one.parent.numbers]
    if int(counts.min()) == int(counts.max()):
        return fanout_made(one.counts)
    chosen = _chosen(context, one, counts)
    if not chosen:
        return fanout_made(one.counts)
    name = f"{table.name}_count"
    while name in parent.columns or name in one.parent.columns:
        name += "_"
    parent.columns[name] = Made(
        _case(chosen, counts) | {"hidden": True}, f"how many rows of {table.name}, by {' and '.join(s.column for s in chosen)}"
    )
    return {
        "distribution": "column",
        "params": {"column": name},
    }, f"as {one.target}.{name} says: it goes with {' and '.join(s.column for s in chosen)}"


def _chosen(context: Context, one: Joined, counts: Counts) -> list[_Split]:
    """The column that tells most, and the one of the other sort that tells most of what is left."""
    first = max(_splits(context, one, counts.astype(np.float64), float(counts.var())), key=lambda split: split.told, default=None)
    if first is None:
        return []
    rows = np.maximum(np.bincount(first.cells), 1)
    left = counts - (np.bincount(first.cells, counts) / rows)[first.cells]
    others = [split for split in _splits(context, one, left, float(counts.var())) if split.is_value != first.is_value]
    second = max(others, key=lambda split: split.told, default=None)
    return [first] if second is None else [first, second]


def _splits(context: Context, one: Joined, counts: Floats, variance: float) -> Iterator[_Split]:
    built = context.tables[one.target].columns
    for name, made in built.items():
        column = one.parent.columns.get(name)
        if column is None or column.nulls or "hidden" in made.spec:
            continue
        split = None
        if {"choice", "lookup"} & set(made.spec) and column.kind == "text":
            split = _by_value(name, one.parent.values(name), counts, variance)
        elif column.kind == "moment" and {"datetime_series", "mixture", "lookup"} & set(made.spec):
            split = _by_moment(name, local_moments(column, one.parent.values(name)), counts, variance, is_day=pa.types.is_date(column.type))
        if split is not None:
            yield split


def _by_value(name: str, values: pa.Array, counts: Floats, variance: float) -> _Split | None:
    coded = values.dictionary_encode()
    found = coded.dictionary.to_pylist()
    if not 2 <= len(found) <= _MOST_VALUES:
        return None
    quoted = [str(value).replace("\\", "\\\\").replace("'", "\\'") for value in found]
    return _told(name, codes_of(coded), tuple(f"{name} == '{value}'" for value in quoted), counts, variance)


def _by_moment(name: str, moments: Counts, counts: Floats, variance: float, *, is_day: bool) -> _Split | None:
    edges = np.unique(np.quantile(moments, np.arange(1, _STRETCHES) / _STRETCHES, method="higher"))
    texts = [moment_text(int(edge), is_day=is_day) for edge in edges[edges > moments.min()].tolist()]
    if not texts:
        return None
    conditions = (*(f"{name} < '{text}'" for text in texts), f"{name} >= '{texts[-1]}'")
    return _told(name, np.searchsorted(edges[edges > moments.min()], moments, side="right"), conditions, counts, variance)


def _told(name: str, cells: Counts, conditions: tuple[str, ...], counts: Floats, variance: float) -> _Split | None:
    """The column, where it tells more of the numbers' variance than chance does."""
    rows = np.bincount(cells, minlength=len(conditions))
    if rows.min() < _LEAST_ROWS or variance == 0:
        return None
    means = np.bincount(cells, counts, len(conditions)) / rows
    told = float((rows * (means - counts.mean()) ** 2).sum()) / (variance * len(counts))
    chance = (len(conditions) - 1) / max(len(counts) - 1, 1)
    return _Split(name, cells, conditions, told) if told > max(_TOLD, _TIMES_CHANCE * chance) else None


def _case(splits: list[_Split], counts: Counts) -> Spec:
    """The numbers of children by every combination of the columns; of a rare one by the first column alone."""
    first = splits[0]
    if len(splits) == 1:
        found = [(condition, counts[first.cells == at]) for at, condition in enumerate(first.conditions)]
    else:
        found = []
        for at, one in enumerate(first.conditions):
            own = first.cells == at
            for place, other in enumerate(splits[1].conditions):
                both = counts[own & (splits[1].cells == place)]
                found.append((f"{one} and {other}", both if len(both) >= _LEAST_ROWS // 2 else counts[own]))
    when = [{"if": condition, "then": _numbers(some)} for condition, some in found[:-1]]
    return {"type": "int", "case": {"when": when, "else": _numbers(found[-1][1])}}


def _numbers(counts: Counts) -> Spec:
    spec, _ = fanout_made(counts)
    if spec["distribution"] == "poisson":
        return {"distribution": {"type": "poisson", "params": {"lambda": spec["lambda"]}, "clamp": [0, spec["max"]]}}
    if int(counts.min()) == int(counts.max()):
        return {"constant": {"value": int(counts.min())}}
    return {"distribution": {"type": "histogram", "params": {"values": numbers_by_weight(counts)}}}
