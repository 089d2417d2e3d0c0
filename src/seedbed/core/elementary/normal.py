"""The standard normal distribution: its cumulative function and the inverse of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from seedbed.core.elementary.exact import Floats, in_pieces
from seedbed.core.elementary.exponential import exp_block
from seedbed.core.elementary.logarithm import log_pair

# Coefficients of PPND16, from the constant term up: the middle, the shoulders, the tails.
_MIDDLE = (
    (
        3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ),
    (
        1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ),
)  # fmt: skip
_SHOULDERS = (
    (
        1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
        1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ),
    (
        1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ),
)  # fmt: skip
_TAILS = (
    (
        6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ),
    (
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ),
)  # fmt: skip

# Coefficients of Cody's rational approximations, from the constant term up: erf near 0, erfc up to 4 and beyond.
_ERF = (
    (3.20937758913846947e3, 3.77485237685302021e2, 1.13864154151050156e2, 3.16112374387056560, 1.85777706184603153e-1),
    (2.84423683343917062e3, 1.28261652607737228e3, 2.44024637934444173e2, 2.36012909523441209e1, 1.0),
)
_ERFC = (
    (
        1.23033935479799725e3, 2.05107837782607147e3, 1.71204761263407058e3, 8.81952221241769090e2, 2.98635138197400131e2,
        6.61191906371416295e1, 8.88314979438837594, 5.64188496988670089e-1, 2.15311535474403846e-8,
    ),
    (
        1.23033935480374942e3, 3.43936767414372164e3, 4.36261909014324716e3, 3.29079923573345963e3, 1.62138957456669019e3,
        5.37181101862009858e2, 1.17693950891312499e2, 1.57449261107098347e1, 1.0,
    ),
)  # fmt: skip
_ERFC_FAR = (
    (
        6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1,
        3.05326634961232344e-1, 1.63153871373020978e-2,
    ),
    (
        2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725,
        2.56852019228982242, 1.0,
    ),
)  # fmt: skip
_INVERSE_SQRT_PI = 0.56418958354775628695
_SQRT_2 = 1.4142135623730951
_FAR = 38.6  # standard deviations beyond which the cumulative probability is 0


def _ratio(x: Floats, polynomials: tuple[Sequence[float], Sequence[float]]) -> Floats:
    return _polynomial(x, polynomials[0]) / _polynomial(x, polynomials[1])


def _polynomial(x: Floats, coefficients: Sequence[float]) -> Floats:
    value = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value *= x
        value += coefficient
    return value


def _quantile_block(p: Floats) -> Floats:
    q = p - 0.5
    inside = (p > 0) & (p < 1)
    is_middle = np.abs(q) <= 0.425
    made = q * _ratio(np.where(is_middle, 0.180625 - q * q, 0.0), _MIDDLE)
    if not is_middle.all():
        tail = np.minimum(p, 1.0 - p)
        root = np.sqrt(-log_pair(np.where(inside & ~is_middle, tail, 0.25))[0])
        far = np.where(root <= 5.0, _ratio(root - 1.6, _SHOULDERS), _ratio(root - 5.0, _TAILS))
        made = np.where(is_middle, made, np.where(q < 0, -far, far))
    return np.where(inside, made, np.where(p == 0, -np.inf, np.where(p == 1, np.inf, np.nan)))


def normal_quantile(p: ArrayLike) -> Floats:
    """The value below which the share p of a standard normal lies; relative error below 1e-15; -inf at 0, inf at 1, NaN outside.

    Source: M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution" (PPND16), Applied Statistics 37 (1988).

    >>> normal_quantile([0.5, 0.975]).round(6).tolist()
    [0.0, 1.959964]
    """
    return in_pieces(_quantile_block, p)


def _erf_near(y: Floats) -> Floats:
    """erf(y) for |y| <= 0.46875."""
    return y * _ratio(y * y, _ERF)


def _erfc_scaled(y: Floats) -> Floats:
    """exp(y**2) * erfc(y) for y > 0.46875."""
    inverse = 1.0 / np.maximum(y * y, 16.0)
    far = (_INVERSE_SQRT_PI - inverse * _ratio(inverse, _ERFC_FAR)) / y
    return np.where(y <= 4.0, _ratio(np.minimum(y, 4.0), _ERFC), far)


def _exp_minus_half_square(x: Floats) -> Floats:
    """exp(-x**2 / 2): the square of a short number first, which is exact."""
    short = np.floor(x * 16.0) * 0.0625
    rest = (x - short) * (x + short)
    return exp_block(short * short * -0.5) * exp_block(rest * -0.5)


def _cdf_block(x: Floats) -> Floats:
    limited = np.clip(x, -_FAR, _FAR)
    y = limited / _SQRT_2
    is_near = np.abs(y) <= 0.46875
    outer = np.where(is_near, 1.0, np.abs(limited))
    tail = 0.5 * _exp_minus_half_square(outer) * _erfc_scaled(outer / _SQRT_2)
    far = np.where(limited < 0, tail, 1.0 - tail)
    return np.where(is_near, 0.5 + 0.5 * _erf_near(np.where(is_near, y, 0.0)), far)


def normal_cdf(x: ArrayLike) -> Floats:
    """The share of a standard normal below x; absolute error below 2e-16, relative error below 1e-14 down to -37.

    Source: W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Mathematics of Computation 23 (1969).

    >>> normal_cdf([0.0, 1.959963984540054]).round(6).tolist()
    [0.5, 0.975]
    """
    return in_pieces(_cdf_block, x)
