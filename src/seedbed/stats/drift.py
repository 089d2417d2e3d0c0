"""How far two samples of a column are apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from seedbed.core.elementary import log
from seedbed.core.records import dataclass
from seedbed.stats.quantiles import Cells
from seedbed.stats.special import chi_square_p, kolmogorov_p
from seedbed.stats.values import Floats

#: A share of nothing counts as so much, so that the logarithm of a ratio is finite.
_LEAST_SHARE = 1e-4


@dataclass(frozen=True, slots=True)
class Test:
    """A distance and the chance of one at least so great where nothing has changed."""

    distance: float
    p: float


def ks(before: Cells, after: Cells) -> Test:
    """The Kolmogorov-Smirnov distance: the greatest difference of the shares up to a value.

    >>> from seedbed.stats.quantiles import Cells
    >>> def of(*numbers: float) -> Cells:
    ...     return Cells(np.array(numbers), np.array(numbers), np.ones(len(numbers), np.int64))
    >>> ks(of(1.0, 2.0, 3.0, 4.0), of(3.0, 4.0, 5.0, 6.0)).distance
    0.5
    """
    places = np.unique(np.concatenate([before.starts, before.ends, after.starts, after.ends]))
    distance = float(np.abs(before.below(places) - after.below(places)).max())
    n, m = before.total, after.total
    return Test(distance, kolmogorov_p(distance, n * m / (n + m)))


def wasserstein(before: Cells, after: Cells) -> float:
    """How far numbers must move in the mean to become the others: the area between the two shares up to a value.

    >>> from seedbed.stats.quantiles import Cells
    >>> one = Cells(np.array([0.0]), np.array([0.0]), np.array([1]))
    >>> wasserstein(one, Cells(np.array([3.0]), np.array([3.0]), np.array([1])))
    3.0
    """
    places = np.unique(np.concatenate([before.starts, before.ends, after.starts, after.ends]))
    if len(places) < 2:
        return 0.0
    gaps = before.below(places) - after.below(places)
    widths = np.diff(places)
    if (before.starts == before.ends).all() and (after.starts == after.ends).all():
        return float((np.abs(gaps[:-1]) * widths).sum())
    return float(((np.abs(gaps[:-1]) + np.abs(gaps[1:])) / 2 * widths).sum())


def binned(before: Cells, after: Cells, bins: int = 10) -> tuple[Floats, Floats]:
    """The shares of both in bins that hold equal shares of the first, shapes (k,) with k at most `bins`."""
    inner = np.unique([before.quantile(i / bins) for i in range(1, bins)])
    shares = [np.diff(np.concatenate([[0.0], cells.below(inner), [1.0]])) for cells in (before, after)]
    held = (shares[0] > 0) | (shares[1] > 0)
    return shares[0][held], shares[1][held]


def aligned(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[Floats, Floats]:
    """The counts of the same values, shapes (k,) and (k,)."""
    names = list(dict.fromkeys([*before, *after]))
    return np.array([before.get(name, 0) for name in names], float), np.array([after.get(name, 0) for name in names], float)


def shares_of(counts: Floats) -> Floats:
    """Counts as shares of their sum."""
    total = counts.sum()
    return counts / total if total > 0 else counts


def psi(before: Floats, after: Floats) -> float:
    """The population stability index of two shares, shapes (k,): below 0.1 little has changed, above 0.25 much.

    >>> psi(np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    0.0
    """
    first, second = np.maximum(before, _LEAST_SHARE), np.maximum(after, _LEAST_SHARE)
    return math.fsum(((second - first) * log(second / first)).tolist())


def kl(before: Floats, after: Floats) -> float:
    """Kullback and Leibler's divergence of the second from the first, in bits; shares of nothing count as 0.0001.

    >>> round(kl(np.array([0.5, 0.5]), np.array([0.25, 0.75])), 6)
    0.188722
    """
    first = shares_of(np.maximum(before, _LEAST_SHARE))
    second = shares_of(np.maximum(after, _LEAST_SHARE))
    return max(0.0, math.fsum((second * log(second / first)).tolist()) / math.log(2))


def js(before: Floats, after: Floats) -> float:
    """Jensen and Shannon's distance: 0 the same, 1 nothing in common; the root of the divergence in bits.

    >>> js(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    1.0
    """
    middle = (before + after) / 2
    parts = [_divergence(shares, middle) for shares in (before, after)]
    return math.sqrt(min(1.0, max(0.0, sum(parts) / 2)))


def _divergence(shares: Floats, from_shares: Floats) -> float:
    held = shares > 0
    return math.fsum((shares[held] * log(shares[held] / from_shares[held])).tolist()) / math.log(2)


def total_variation(before: Floats, after: Floats) -> float:
    """Half the sum of the differences of shares: the share that would have to change."""
    return float(np.abs(before - after).sum()) / 2


def chi_square(before: Floats, after: Floats) -> Test:
    """The chi-square test of two samples' counts, shapes (k,) and (k,); the distance is Cramer's V, which doesn't grow with the sizes.

    >>> chi_square(np.array([50.0, 50.0]), np.array([50.0, 50.0]))
    Test(distance=0.0, p=1.0)
    """
    table = np.stack([before, after])
    table = table[:, table.sum(axis=0) > 0]
    n = float(table.sum())
    sizes = table.sum(axis=1)
    if table.shape[1] < 2 or sizes.min() == 0:
        return Test(0.0, 1.0)
    expected = sizes[:, None] * table.sum(axis=0)[None, :] / n
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Test(math.sqrt(statistic / n), chi_square_p(statistic, table.shape[1] - 1))


def entropy(counts: Sequence[int] | Floats) -> float:
    """Shannon's entropy of counts, in bits: how many questions of yes or no a value answers.

    >>> entropy([1, 1, 2])
    1.5
    """
    held = np.asarray(counts, np.float64)
    held = held[held > 0]
    if len(held) < 2:
        return 0.0
    shares = held / held.sum()
    return -math.fsum((shares * log(shares)).tolist()) / math.log(2)
