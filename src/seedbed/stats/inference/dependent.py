"""Columns whose values go with those of another: listed values by another's, nulls where another has certain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from seedbed.stats.fingerprints import codes_of
from seedbed.stats.inference.made import Made, Spec, shares
from seedbed.stats.values import Counts, Floats

Scalar: TypeAlias = str | int | bool

#: A column is told by another where that moves so much of its values on the average; the second part is chance's.
_TOLD, _CHANCE = 0.12, 0.6

#: Values of the column that tells, and cells of the table.
_MOST_VALUES, _MOST_CELLS = 40, 400

#: A combination is nobody's own where so many rows have it.
_COMMON = 5

#: So many rows show that nulls are no chance.
_ENOUGH = 30


def by_another(column: pa.Array, others: Mapping[str, pa.Array], made: Made, *, least: int = _COMMON) -> Made | None:
    """The listed values of a column by those of another, the one that tells most; None where none tells much.

    `others` are listed columns of the same rows that the model draws before.

    >>> one, other = pa.array([1, 2] * 50), pa.array(["a", "b"] * 50)
    >>> made = by_another(other, {"one": one}, Made({"choice": {"choices": ["a", "b"]}}, ""))
    >>> made.spec["choice"]["table"], made.why
    ({'1': ['a'], '2': ['b']}, 'follows from `one`')
    """
    found = [(told, name) for name, other in others.items() if (told := _told(column, other)) is not None]
    if not found:
        return None
    _, name = max(found, key=lambda pair: (pair[0], pair[1]))
    table, follows = _table(column, others[name], least)
    if not table:
        return None
    listed = made.spec["choice"]
    otherwise: Spec = (
        {"choices": listed["choices"], "weights": listed["weights"]} if "weights" in listed else {"choices": listed["choices"]}
    )
    spec = {**made.spec, "choice": {"by": name, "table": table, "else": otherwise}}
    return Made(spec, f"follows from `{name}`" if follows else f"goes with `{name}`", made.hidden, made.withheld)


def _told(column: pa.Array, other: pa.Array) -> float | None:
    cross = _crossed(column, other)
    if cross is None or min(cross.shape) < 2 or cross.shape[0] > _MOST_VALUES or cross.size > _MOST_CELLS:
        return None
    rows = cross.sum(axis=1)
    total = float(rows.sum())
    expected = cross.sum(axis=0) / total
    moved = np.abs(cross / rows[:, None] - expected).sum(axis=1) / 2
    told = float((moved * rows).sum()) / total
    return told if told > _TOLD + _CHANCE * (cross.size / total) ** 0.5 else None


def _crossed(column: pa.Array, other: pa.Array) -> Floats | None:
    """How often each value of the other comes with each of the column, shape (others, values), nulls left out."""
    ours, theirs = codes_of(column), codes_of(other)
    both = (ours >= 0) & (theirs >= 0)
    if not both.any():
        return None
    ours, theirs = _dense(ours[both]), _dense(theirs[both])
    width = int(ours.max()) + 1
    if width * (int(theirs.max()) + 1) > 100 * _MOST_CELLS:
        return None
    counts = np.bincount(theirs * width + ours, minlength=width * (int(theirs.max()) + 1))
    return np.asarray(counts.reshape(-1, width), np.float64)


def _dense(codes: Counts) -> Counts:
    return np.asarray(np.unique(codes, return_inverse=True)[1], np.int64)


def _table(column: pa.Array, other: pa.Array, least: int) -> tuple[Spec, bool]:
    """Lists by the other's values, and whether each has but one value."""
    counted: dict[Scalar, dict[Scalar, int]] = {}
    for theirs, ours in zip(other.to_pylist(), column.to_pylist(), strict=True):
        if theirs is not None and ours is not None:
            cell = counted.setdefault(theirs, {})
            cell[ours] = cell.get(ours, 0) + 1
    table: Spec = {}
    for value in sorted(counted, key=str):
        common = {ours: count for ours, count in sorted(counted[value].items(), key=lambda pair: str(pair[0])) if count >= least}
        if common:
            table[key_text(value)] = list(common) if len(common) == 1 else {"choices": list(common), "weights": shares(common)}
    return table, all(len(cell) == 1 for cell in counted.values())


def key_text(value: Scalar) -> str:
    """A value as the key of a table in a model.

    >>> key_text(True), key_text(3)
    ('true', '3')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def null_condition(nulls: Counts, others: Mapping[str, pa.Array]) -> str | None:
    """When a column is null, as an expression over another; `nulls` has 1 for null, shape (n,). None where no column tells.

    >>> null_condition(np.array([0, 1] * 20), {"paid": pa.array(["yes", "no"] * 20)})
    "paid == 'no'"
    """
    if int(nulls.sum()) < _ENOUGH // 2 or len(nulls) < _ENOUGH or nulls.all():
        return None
    for name, other in others.items():
        coded = other.dictionary_encode() if not pa.types.is_dictionary(other.type) else other
        codes = codes_of(coded)
        if codes.min(initial=0) < 0 or len(coded.dictionary) < 2:
            continue
        rows = np.bincount(codes, minlength=len(coded.dictionary))
        missing = np.bincount(codes, nulls, len(coded.dictionary))
        if ((missing == 0) | (missing == rows)).all():
            values = coded.dictionary.to_pylist()
            return _either(
                name,
                [values[at] for at in np.flatnonzero((missing == rows) & (rows > 0)).tolist()],
                [values[at] for at in np.flatnonzero(missing == 0).tolist()],
            )
    return None


def _either(name: str, yes: Sequence[Scalar], no: Sequence[Scalar]) -> str:
    if len(no) < len(yes):
        return " and ".join(f"{name} != {_literal(value)}" for value in sorted(no, key=str))
    return " or ".join(f"{name} == {_literal(value)}" for value in sorted(yes, key=str))


def _literal(value: Scalar) -> str:
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower() if isinstance(value, bool) else str(value)
