"""Two functions of statistics that Python's `math` lacks."""

from __future__ import annotations

import math


def gamma_above(shape: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(shape, x), with an error below 1e-12.

    By its series where x is small and by a continued fraction (Lentz) elsewhere; Press et al., "Numerical recipes", section 6.2.

    >>> round(gamma_above(0.5, 1.920729), 6)
    0.05
    """
    if x <= 0:
        return 1.0
    front = math.exp(-x + shape * math.log(x) - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1.0 / shape
        n = shape
        while abs(term) > abs(total) * 1e-15:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1.0 - total * front)
    b = x + 1 - shape
    c, d = 1e300, 1 / b
    fraction = d
    for i in range(1, 10_000):
        step = -i * (i - shape)
        b += 2
        d = 1 / _apart(step * d + b)
        c = _apart(b + step / c)
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return min(1.0, front * fraction)


def _apart(x: float) -> float:
    return x if abs(x) > 1e-300 else 1e-300


def chi_square_p(statistic: float, freedom: int) -> float:
    """The chance of a chi-square statistic at least so great.

    >>> round(chi_square_p(3.841459, 1), 6)
    0.05
    """
    return gamma_above(freedom / 2, statistic / 2) if freedom > 0 else 1.0


def kolmogorov_p(distance: float, n: float) -> float:
    """The chance of a Kolmogorov-Smirnov distance at least so great, for an effective size `n` (Stephens, 1970).

    >>> round(kolmogorov_p(1.358 / 1000, 1e6), 3)
    0.05
    """
    root = math.sqrt(n)
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.2:
        return 1.0
    terms = ((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * math.fsum(terms)))
