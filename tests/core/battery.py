"""Statistical tests of 64-bit words: each gives p-values that are uniform when the words are random.

Every test takes words of shape (n,), n at least 2^16, and names its p-values. Continuous statistics give two-sided
p-values, so that words too regular to be random fail as well. The distributions used are exact or, where said, limits
that hold to well within the threshold at these sizes; `test_randomness.py` calibrates all of them on SHAKE-256.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
PValues = Iterator[tuple[str, float]]

LAGS = (1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 64, 100, 128, 256, 1000, 1024, 4096)


# ------------------------------------------------------------------------------------------ distributions


def gamma_tail(a: float, x: float) -> float:
    """The upper regularised incomplete gamma function Q(a, x).

    >>> abs(gamma_tail(1.0, 2.0) - math.exp(-2)) < 1e-15
    True
    """
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1.0 - scale * _gamma_series(a, x) if x < a + 1 else scale * _gamma_fraction(a, x)


def _gamma_series(a: float, x: float) -> float:
    term = total = 1.0 / a
    step = a
    while term > total * 1e-16:
        step += 1
        term *= x / step
        total += term
    return total


def _gamma_fraction(a: float, x: float) -> float:
    """Lentz's evaluation of the continued fraction; Press et al., "Numerical Recipes", section 6.2."""
    b = x + 1 - a
    c, d = math.inf, 1 / b
    fraction = d
    for i in range(1, 100_000):
        factor = -i * (i - a)
        b += 2
        d = 1 / (factor * d + b)
        c = b + factor / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return fraction


def two_sided(tail: float) -> float:
    """The p-value that is small at both ends of the distribution."""
    return min(1.0, 2 * min(tail, 1 - tail))


def chi_square(statistic: float, freedom: int) -> float:
    """Two-sided p-value of a chi-square statistic."""
    return two_sided(gamma_tail(freedom / 2, statistic / 2))


def normal(z: float) -> float:
    """Two-sided p-value of a standard normal statistic."""
    return math.erfc(abs(z) / math.sqrt(2))


def poisson(count: int, mean: float) -> float:
    """Two-sided p-value of a Poisson count, both tails with the count itself."""
    at_least = 1.0 - gamma_tail(count, mean) if count else 1.0
    return min(1.0, 2 * min(at_least, gamma_tail(count + 1, mean)))


def kolmogorov(distance: float, n: int) -> float:
    """The p-value of a Kolmogorov-Smirnov distance, by the limit law with Stephens' correction."""
    x = distance * (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n))
    return max(0.0, min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101)))) if x > 0.2 else 1.0


def goodness(counts: NDArray[np.int64], expected: NDArray[np.float64]) -> float:
    """Two-sided p-value of counts against what was expected; both of shape (k,)."""
    return chi_square(float(((counts - expected) ** 2 / expected).sum()), len(counts) - 1)


# -------------------------------------------------------------------------------------------------- tests


def ones(words: Words) -> PValues:
    """As many ones as zeros, in all and at every place of the word."""
    n = len(words)
    places = np.array([int(((words >> np.uint64(place)) & np.uint64(1)).sum()) for place in range(64)])
    z = (places - n / 2) / math.sqrt(n / 4)
    yield "in all", normal(float(z.sum()) / 8)
    yield "by place", chi_square(float((z**2).sum()), 64)


def bytes_even(words: Words) -> PValues:
    """Every byte as often as any other, at every place of the word."""
    places = words.view(np.uint8).reshape(-1, 8)
    expected = len(words) / 256
    statistic = sum(float(((np.bincount(places[:, place], minlength=256) - expected) ** 2 / expected).sum()) for place in range(8))
    yield "by place", chi_square(statistic, 8 * 255)


def pairs(words: Words) -> PValues:
    """Every pair of six-bit pieces of neighbouring words as often as any other, at the top, middle and bottom."""
    for name, shift in (("top", 58), ("middle", 29), ("bottom", 0)):
        piece = ((words >> np.uint64(shift)) & np.uint64(63)).astype(np.int64)
        together = piece[: len(piece) // 2 * 2].reshape(-1, 2) @ np.array([64, 1])
        yield name, goodness(np.bincount(together, minlength=4096), np.full(4096, len(together) / 4096))


def lags(words: Words) -> PValues:
    """A word says nothing of the one some way on: their differing bits are half."""
    z = []
    for lag in LAGS:
        differing = int(np.bitwise_count(words[lag:] ^ words[:-lag]).sum())
        n = 64 * (len(words) - lag)
        z.append((differing - n / 2) / math.sqrt(n / 4))
    yield f"{len(LAGS)} lags", chi_square(sum(value**2 for value in z), len(LAGS))


def bit_pairs(words: Words) -> PValues:
    """No two places of a word, or of a word and the next, agree more often than half; a limit law."""
    chunk = 1 << 14
    within, across, n = np.zeros((64, 64)), np.zeros((64, 64)), len(words) - 1
    for start in range(0, n, chunk):
        signs = _signs(words[start : min(start + chunk, n) + 1])
        within += signs[:-1].T @ signs[:-1]
        across += signs[:-1].T @ signs[1:]
    upper = within[np.triu_indices(64, 1)]
    yield "within a word", chi_square(float((upper**2).sum()) / n, len(upper))
    yield "with the next", chi_square(float((across**2).sum()) / n, 4096)


def _signs(words: Words) -> NDArray[np.float32]:
    """The bits as +1 and -1, shape (n, 64)."""
    return np.unpackbits(words.view(np.uint8).reshape(-1, 8), axis=1).astype(np.float32) * 2 - 1


def weights(words: Words) -> PValues:
    """The number of ones in a word is binomial and says nothing of the next word's."""
    edges = [0, 28, 30, 31, 32, 33, 34, 36, 65]
    exact = [sum(math.comb(64, k) for k in range(low, high)) / 2**64 for low, high in pairwise(edges)]
    classes = np.searchsorted(edges[1:-1], np.bitwise_count(words), side="right")
    together = classes[: len(classes) // 2 * 2].reshape(-1, 2) @ np.array([8, 1])
    yield "with the next", goodness(np.bincount(together, minlength=64), np.outer(exact, exact).ravel() * len(together))


def gaps(words: Words) -> PValues:
    """The waits for a value in an eighth of the range are geometric, by the top and by the bottom bits."""
    for name, shift in (("top", 61), ("bottom", 0)):
        hits = np.flatnonzero(((words >> np.uint64(shift)) & np.uint64(7)) == np.uint64(0))
        yield name, _geometric(np.diff(hits) - 1, 1 / 8)


def runs(words: Words) -> PValues:
    """Lengths of runs of one bit over the rows are geometric, for the top, a middle and the bottom bit."""
    for name, place in (("top", 63), ("middle", 30), ("bottom", 0)):
        bit = (words >> np.uint64(place)) & np.uint64(1)
        yield name, _geometric(np.diff(np.flatnonzero(np.diff(bit.astype(np.int8)))) - 1, 1 / 2)


def _geometric(waits: NDArray[np.int64], chance: float) -> float:
    """The p-value of whole numbers 0, 1, ... that should stop with this chance at each step."""
    n = len(waits)
    if n < 1000:  # the fewest that chance could leave is thousands
        return 0.0
    last = max(2, int(math.log(30 / n) / math.log(1 - chance)))  # the rarest class is expected 30 times
    shares = chance * (1 - chance) ** np.arange(last)
    expected = np.append(shares, (1 - chance) ** last) * n
    return goodness(np.bincount(np.minimum(waits, last), minlength=last + 1), expected)


def orders(words: Words) -> PValues:
    """Five neighbouring words come in every order alike."""
    five = words[: len(words) // 5 * 5].reshape(-1, 5)
    places = np.argsort(five, axis=1, kind="stable") @ np.array([625, 125, 25, 5, 1])
    codes = np.sort([int(np.dot(order, [625, 125, 25, 5, 1])) for order in permutations(range(5))])
    counts = np.bincount(np.searchsorted(codes, places), minlength=120)
    yield "of five", goodness(counts, np.full(120, len(five) / 120))


def ranks(words: Words) -> PValues:
    """Ranks of 64 x 64 matrices of bits, a row a word, are distributed as they should; Kovalenko's limit is exact here."""
    matrices = words[: len(words) // 64 * 64].reshape(-1, 64)[: 1 << 15]
    expected = np.array([_rank_share(64, rank) for rank in (64, 63, 62)])
    lost = np.minimum(64 - _rank(matrices), 3)
    yield "64 x 64", goodness(np.bincount(lost, minlength=4)[:4], np.append(expected, 1 - expected.sum()) * len(matrices))


def _rank_share(size: int, rank: int) -> float:
    """The share of square binary matrices that have this rank."""
    product = 1.0
    for i in range(rank):
        product *= (1 - 2.0 ** (i - size)) ** 2 / (1 - 2.0 ** (i - rank))
    return product * 2.0 ** -((size - rank) ** 2)


def _rank(matrices: Words) -> NDArray[np.int64]:
    """Ranks over GF(2) of matrices of shape (m, 64), one word a row: every matrix is eliminated at once."""
    left = matrices.copy()
    rank = np.zeros(len(left), dtype=np.int64)
    every = np.arange(len(left))
    for place in range(64):
        has = ((left >> np.uint64(place)) & np.uint64(1)).astype(np.bool_)
        pivot = has.argmax(axis=1)
        found = has[every, pivot]
        row = np.where(found, left[every, pivot], np.uint64(0))
        left ^= np.where(has, row[:, None], np.uint64(0))  # the pivot's own row becomes zero: it is used up
        rank += found
    return rank


def birthdays(words: Words) -> PValues:
    """Spacings of sorted birthdays repeat as often as chance has it (Marsaglia; 4 a group expected), for both ends of the word."""
    exponent = min(20, len(words).bit_length() - 1)
    size, days = 1 << exponent, 3 * exponent - 4
    groups = words[: len(words) // size * size].reshape(-1, size)
    mask = np.uint64((1 << days) - 1)
    for name, birthdays_of in (("top", groups >> np.uint64(64 - days)), ("bottom", groups & mask)):
        spacings = np.sort(np.diff(np.sort(birthdays_of, axis=1), axis=1), axis=1)
        repeats = int((spacings[:, 1:] == spacings[:, :-1]).sum())
        yield name, poisson(repeats, 4.0 * len(groups))


def collisions(words: Words) -> PValues:
    """Values share an urn as often as chance has it, by the top and by the bottom bits."""
    urns = 2 * len(words).bit_length() - 7  # 2^7 collisions or somewhat more expected
    for name, urn in (("top", words >> np.uint64(64 - urns)), ("bottom", words & np.uint64((1 << urns) - 1))):
        ordered = np.sort(urn)
        n, m = len(words), 2.0**urns
        expected = n - m * -math.expm1(n * math.log1p(-1 / m))
        yield name, poisson(int((ordered[1:] == ordered[:-1]).sum()), expected)


def evenness(words: Words) -> PValues:
    """The words as fractions are uniform (Kolmogorov-Smirnov), and so are their reversals, the low bits first."""
    for name, values in (("top", words), ("bottom", words << np.uint64(32) | words >> np.uint64(32))):
        ordered = np.sort(values) * 2.0**-64
        steps = np.arange(len(ordered) + 1) / len(ordered)
        yield name, kolmogorov(float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max())), len(ordered))


def waves(words: Words) -> PValues:
    """No frequency stands out (the largest of the periodogram; a limit law)."""
    values = words.astype(np.float64) * 2.0**-64 - 0.5
    power = np.abs(np.fft.rfft(values)[1 : (len(values) + 1) // 2]) ** 2 * 12 / len(values)
    yield "highest", two_sided(-math.expm1(len(power) * math.log1p(-math.exp(-max(float(power.max()), 1e-9)))))


TESTS: tuple[Callable[[Words], PValues], ...] = (
    ones,
    bytes_even,
    pairs,
    lags,
    bit_pairs,
    weights,
    gaps,
    runs,
    orders,
    ranks,
    birthdays,
    collisions,
    evenness,
    waves,
)


def p_values(words: Words) -> dict[str, float]:
    """Every test's p-values, by name."""
    return {f"{test.__name__} {name}": p for test in TESTS for name, p in test(words)}
