"""References followed: which row of the other table each row refers to, how often each is referred to, and what stands there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from seedbed.core.hashing import Keys
from seedbed.core.records import dataclass
from seedbed.run.inferring.seen import Seen
from seedbed.stats.fingerprints import column_keys, has_keys, row_keys
from seedbed.stats.relations.found import Relation
from seedbed.stats.values import Counts

#: References among more rows than these aren't followed: 160 MB a table.
MOST_ROWS = 20_000_000

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Joined:
    """A reference on all rows: `rows` is the row of the other table that each row refers to, -1 for none, shape (rows,).

    `counts` says how often each row there is referred to, `near` has that table's rows beside the sample of this one (null for none),
    `is_grouped` whether rows that refer to one stand together.
    """

    relation: Relation
    child: Seen
    parent: Seen
    rows: Counts
    counts: Counts
    near: pa.Table
    is_grouped: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that refer."""
        return self.relation.columns

    @property
    def target(self) -> str:
        """The table that is referred to."""
        return self.relation.to_table

    @property
    def sampled(self) -> Counts:
        """The other table's row for each row of the sample, -1 for none."""
        return np.asarray(self.rows[self.child.numbers])

    @property
    def missing(self) -> float:
        """The share of rows that refer to none."""
        return float((self.rows < 0).mean()) if len(self.rows) else 0.0


def joined(relation: Relation, child: Seen, parent: Seen) -> Joined | None:
    """Follow a reference; None where there are too many rows, or the key isn't one."""
    if max(child.rows, parent.rows) > MOST_ROWS:
        return None
    keys = _keys(parent, relation.to_columns)
    order = np.argsort(keys, kind="stable")
    rising = keys[order]
    if (rising[1:] == rising[:-1]).any():
        return None
    wanted, is_null = _keys(child, relation.columns), _nulls(child, relation.columns)
    at = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
    rows = np.where((rising[at] == wanted) & ~is_null, order[at], _NOBODY)
    counts = np.bincount(rows[rows >= 0], minlength=parent.rows)
    changes = int((rows[1:] != rows[:-1]).sum()) + 1
    distinct = int((counts > 0).sum())
    grouped = changes <= 1.02 * distinct + 1 and (len(rows) > 1.05 * distinct or bool((rows[1:] >= rows[:-1]).all()))
    return Joined(relation, child, parent, rows, counts, _near(parent, rows[child.numbers]), grouped)


def _keys(table: Seen, columns: Sequence[str]) -> Keys:
    pieces = [row_keys(batch, columns) for _, batch in table.scan.batches(list(columns))]
    return np.concatenate([np.zeros(0, np.int64), *pieces])


def _nulls(table: Seen, columns: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = np.zeros(table.rows, np.bool_)
    if not any(table.columns[name].nulls for name in columns):
        return found
    for first, batch in table.scan.batches(list(columns)):
        for column in batch.columns:
            found[first : first + batch.num_rows] |= column.is_null().to_numpy(zero_copy_only=False)
    return found


def _near(parent: Seen, wanted: Counts) -> pa.Table:
    """The rows of a table that are asked for, in that order; nulls for -1."""
    chosen = np.unique(wanted[wanted >= 0])
    if parent.is_whole:
        table, held = parent.sample, parent.numbers
    else:
        pieces = []
        for first, batch in parent.scan.batches():
            inside = chosen[(chosen >= first) & (chosen < first + batch.num_rows)] - first
            pieces.append(batch.take(pa.array(inside)))
        table, held = pa.Table.from_batches(pieces, parent.scan.schema), chosen
    places = np.minimum(np.searchsorted(held, np.maximum(wanted, 0)), max(len(held) - 1, 0))
    return table.take(pa.array(places, mask=wanted < 0))


def column_fingerprints(table: Seen, column: str) -> Keys:
    """The fingerprint of each value of a column, shape (rows,)."""
    pieces = [column_keys(batch.column(0)) for _, batch in table.scan.batches([column])]
    return np.concatenate([np.zeros(0, np.int64), *pieces])


def same_values(one: Joined) -> dict[str, str]:
    """The columns of the child that always have the value that a column of the row they refer to has, and which.

    Sought in the sample, made sure of on all rows. Columns of one value tell nothing.
    """
    found: dict[str, str] = {}
    known = one.sampled >= 0
    if int(known.sum()) < 2:
        return found
    theirs = {
        name: column_keys(_array(one.near[name]))[known] for name in one.near.schema.names if has_keys(one.near.schema.field(name).type)
    }
    for name in one.child.sample.schema.names:
        kind = one.child.sample.schema.field(name).type
        if name in one.columns or not has_keys(kind) or not known.all():
            continue
        ours = column_keys(one.child.values(name))[known]
        alike = [other for other, keys in theirs.items() if kind == one.near.schema.field(other).type and (keys == ours).all()]
        alike = [other for other in alike if other not in one.relation.to_columns and (len(np.unique(ours)) > 1 or other == name)]
        ranked = sorted(alike, key=lambda other: (other != name, other))
        best = next((other for other in ranked if _is_no_chance(ours) and _same_on_all(one, name, other)), None)
        if best is not None:
            found[name] = best
    return found


def _is_no_chance(keys: Keys) -> bool:
    _, counts = np.unique(keys, return_counts=True)
    shares = counts / len(keys)
    agreeing = float((shares * shares).sum())
    return (1.0 - agreeing) * len(keys) >= 8.0  # so many rows had to agree though they could differ


def _same_on_all(one: Joined, column: str, other: str) -> bool:
    if one.child.is_whole:
        return True
    ours, theirs = column_fingerprints(one.child, column), column_fingerprints(one.parent, other)
    known = one.rows >= 0
    return bool((ours[known] == theirs[one.rows[known]]).all())


def _array(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    if isinstance(found, pa.ChunkedArray):
        found = found.chunk(0) if found.num_chunks else pa.array([], found.type)
    return found


def near_values(one: Joined, column: str) -> pa.Array:
    """The values of a column in the rows that the sample refers to."""
    return _array(one.near[column])
