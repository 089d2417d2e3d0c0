"""How like one table is to another: each column by itself, columns in pairs, and the borders they keep."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.stats.association import spearman
from seedbed.stats.column import ColumnSummary
from seedbed.stats.drift import aligned, binned, chi_square, js, kl, ks, psi, shares_of, total_variation, wasserstein
from seedbed.stats.fingerprints import codes_of
from seedbed.stats.pairs import MOST_GROUPS, numeric_columns
from seedbed.stats.values import Counts, Floats, kind_of

#: From this Jensen-Shannon distance, Kolmogorov-Smirnov distance or stability index on a column has drifted.
_DRIFTED = {"ks": 0.1, "js": 0.1, "psi": 0.2}


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How far a column of one table is from that of another; `by` says what was compared: values, lengths or outlines of texts.

    `likeness` is 1 where both have the same distribution, `inside` the share of the second's values within the first's borders or values.
    """

    name: str
    kind: str
    by: str
    likeness: float
    inside: float | None
    nulls: tuple[float, float]
    js: float
    psi: float
    kl: float
    ks: float | None = None
    ks_p: float | None = None
    chi2: float | None = None
    chi2_p: float | None = None
    wasserstein: float | None = None
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether the distance is more than a small one; nulls count."""
        far = self.js >= _DRIFTED["js"] or self.psi >= _DRIFTED["psi"] or (self.ks or 0.0) >= _DRIFTED["ks"]
        return far or abs(self.nulls[0] - self.nulls[1]) >= 0.05


def column_drift(before: ColumnSummary, after: ColumnSummary) -> ColumnDrift | None:
    """How far the second column is from the first; None where there is nothing to compare.

    >>> one, other = ColumnSummary("x", pa.int64()), ColumnSummary("x", pa.int64())
    >>> one.add(pa.array([1, 2, 3, 4]))
    >>> other.add(pa.array([1, 2, 3, 4]))
    >>> column_drift(one, other).likeness
    1.0
    """
    if before.kind != after.kind or before.rows == before.nulls or after.rows == after.nulls:
        return None
    if before.kind == "text":
        return _texts(before, after)
    if before.kind == "flag" or _few(before, after):
        return _groups(before, after, _numbers_counted(before), _numbers_counted(after), "values")
    if before.kind in {"number", "moment"} and before.quantiles.count and after.quantiles.count:
        return _numbers(before, after)
    return None


def _few(before: ColumnSummary, after: ColumnSummary) -> bool:
    """Whole numbers of a handful of values count as groups."""
    return before.kind == "number" and max(before.distinct or 0, after.distinct or 0) <= 12 and before.fractions == after.fractions == 0


def _numbers(before: ColumnSummary, after: ColumnSummary) -> ColumnDrift:
    first, second = before.quantiles.cells(), after.quantiles.cells()
    test, shares = ks(first, second), binned(first, second)
    assert before.low is not None
    assert before.high is not None
    low, high = float(before.low), float(before.high)
    middles = (second.starts + second.ends) / 2
    inside = float(second.counts[(middles >= low) & (middles <= high)].sum()) / second.total
    deviation = before.moments.deviation if before.kind == "number" else None
    return ColumnDrift(
        before.name, before.kind, "values", 1 - test.distance, inside, _null_shares(before, after), js(*shares), psi(*shares), kl(*shares),
        ks=test.distance, ks_p=test.p, wasserstein=wasserstein(first, second) / deviation if deviation else None,
    )  # fmt: skip


def _texts(before: ColumnSummary, after: ColumnSummary) -> ColumnDrift:
    if all(_repeats(column) for column in (before, after)):
        return _groups(before, after, _texts_counted(before), _texts_counted(after), "values")
    outlines = [dict(zip(c.shapes.outlines.values.to_pylist(), c.shapes.outlines.counts.tolist(), strict=True)) for c in (before, after)]
    if all(column.shapes.outlines.is_exact for column in (before, after)) and max(map(len, outlines)) <= 1_000:
        return _groups(before, after, outlines[0], outlines[1], "outlines")
    lengths = [
        dict(zip(map(str, c.shapes.lengths.values.tolist()), c.shapes.lengths.counts.tolist(), strict=True)) for c in (before, after)
    ]
    return _groups(before, after, lengths[0], lengths[1], "lengths")


def _repeats(column: ColumnSummary) -> bool:
    """Whether texts are those of a list, and not each its own."""
    distinct = column.texts.distinct
    return column.texts.is_exact and distinct <= 1_000 and (distinct <= 10 or distinct * 10 <= column.texts.total)


def _groups(before: ColumnSummary, after: ColumnSummary, first: dict[str, int], second: dict[str, int], by: str) -> ColumnDrift:
    counts = aligned(first, second)
    shares = shares_of(counts[0]), shares_of(counts[1])
    test = chi_square(*counts)
    new, gone = [name for name in second if name not in first], [name for name in first if name not in second]
    inside = 1 - sum(second[name] for name in new) / max(sum(second.values()), 1)
    return ColumnDrift(
        before.name, before.kind, by, max(0.0, 1 - total_variation(*shares)), inside, _null_shares(before, after), js(*shares), psi(*shares),
        kl(*shares), chi2=test.distance, chi2_p=test.p, new=tuple(new[:20]), gone=tuple(gone[:20]),
    )  # fmt: skip


def _texts_counted(column: ColumnSummary) -> dict[str, int]:
    return dict(zip(column.texts.values.to_pylist(), column.texts.counts.tolist(), strict=True))


def _numbers_counted(column: ColumnSummary) -> dict[str, int]:
    exact = column.quantiles.exact
    names = [f"{value:.15g}" if column.kind == "number" else str(bool(value)).lower() for value in exact.values.tolist()]
    return dict(zip(names, exact.counts.tolist(), strict=True))


def _null_shares(before: ColumnSummary, after: ColumnSummary) -> tuple[float, float]:
    return before.nulls / before.rows, after.nulls / after.rows


@dataclass(frozen=True, slots=True)
class PairLikeness:
    """How like two columns go together in both tables, 1 the same; `strength` in each where it is a correlation."""

    columns: tuple[str, str]
    method: str
    likeness: float
    strength: tuple[float, float] | None = None


def pair_likeness(before: pa.Table, after: pa.Table, names: Sequence[str]) -> Iterator[PairLikeness]:
    """Every pair of columns that two samples share: numbers by rank correlation, groups by the shares of their combinations.

    A number and a group go by combinations too, the number as the five parts of equal shares of the first table.
    """
    first, second = numeric_columns(before.select(names)), numeric_columns(after.select(names))
    for a, b in combinations(first, 2):
        rhos = spearman(_finite(first[a]), _finite(first[b])), spearman(_finite(second[a]), _finite(second[b]))
        if rhos[0] is not None and rhos[1] is not None:
            yield PairLikeness((a, b), "spearman", 1 - abs(rhos[0] - rhos[1]) / 2, (rhos[0], rhos[1]))
    groups = {name: codes for name in names if (codes := _shared_codes(before, after, name)) is not None}
    bands = {name: _bands(first[name], second[name]) for name in first}
    for a, b in [*combinations(groups, 2), *((a, b) for a in groups for b in bands)]:
        other = groups[b] if b in groups else bands[b]
        yield PairLikeness((a, b), "combinations", _same_combinations(groups[a], other))


def _finite(column: Floats) -> Floats:
    return np.where(np.isfinite(column), column, np.nan)


def _shared_codes(before: pa.Table, after: pa.Table, name: str) -> tuple[Counts, Counts] | None:
    kinds = {kind_of(table.schema.field(name).type) for table in (before, after)}
    if not kinds <= {"text", "flag"}:
        return None
    both = pa.concat_arrays([table[name].combine_chunks().cast(pa.string()) for table in (before, after)])
    codes = codes_of(both) + 1  # nulls are a group
    return (codes[: before.num_rows], codes[before.num_rows :]) if len(codes) and codes.max() <= MOST_GROUPS else None


def _bands(first: Floats, second: Floats) -> tuple[Counts, Counts]:
    held = first[np.isfinite(first)]
    edges = np.unique(np.quantile(held, (0.2, 0.4, 0.6, 0.8))) if len(held) else np.zeros(0)
    return tuple(np.where(np.isfinite(x), np.searchsorted(edges, x) + 1, 0) for x in (first, second))  # type: ignore[return-value]  # two


def _same_combinations(a: tuple[Counts, Counts], b: tuple[Counts, Counts]) -> float:
    """The share of rows that would not have to change for both tables to have the same combinations, chance of a sample taken off."""
    width = 1 + max(int(codes.max(initial=0)) for codes in b)
    size = (1 + max(int(codes.max(initial=0)) for codes in a)) * width
    shares = [np.bincount(x * width + y, minlength=size) / max(len(x), 1) for x, y in zip(a, b, strict=True)]
    rows = [max(len(x), 1) for x in a]
    middle = (shares[0] + shares[1]) / 2
    by_chance = float(np.sqrt(middle * (1 - middle) * (1 / rows[0] + 1 / rows[1])).sum()) * math.sqrt(2 / math.pi) / 2
    return min(1.0, 1 - total_variation(shares[0], shares[1]) + min(by_chance, 0.05))
