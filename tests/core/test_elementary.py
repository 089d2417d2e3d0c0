"""Elementary functions are right to the last digits and the same everywhere."""

from __future__ import annotations

import hashlib
import importlib
import math
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal, localcontext
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.core import elementary
from seedbed.core.elementary import exp, expm1, log, log1p, normal_cdf, normal_quantile, sequential_sum
from seedbed.core.elementary import pow as power

Floats = NDArray[np.float64]
Exact = Callable[[Decimal], Decimal]

GOLDEN = {
    "exp": "e74d4c2e871c9bc3ec632e6cf095c7edd20e8eca0b31f62fde08eca7439d907a",
    "expm1": "01d05c5840565c3d17ee41cd821b8aeef15f62c5d0da8d3d9bf96cee91723181",
    "log": "0a5f7b8074b1b065e884ee90b4eec7e49f366f9a629ad3589d891d434249477a",
    "log1p": "fb16fc6fe08913a28c8bac4b5667bf583ee0f2ba9d9686e1ce1e955bc619c1a6",
    "normal_cdf": "87fa3d8b66711b9d7068037d417a4eac69e4ac4c79f26f0f645c05bd539a88e3",
    "normal_quantile": "479add6cfd13fba1aa7061d30c78b433b8780d6a2d12492c8be0ec57fa9251c7",
    "pow": "134ecc437456290f198d781732e77b55ac664f6a6dd9de008cc4b6f7fe063156",
}


def spread(low: float, high: float, count: int, seed: int = 1) -> Floats:
    """Numbers spread evenly by a golden-ratio sequence, the same on every machine."""
    steps = (np.arange(count, dtype=np.float64) + seed) * 0.6180339887498949
    return low + (high - low) * (steps - np.floor(steps))


def sized(low_exponent: int, high_exponent: int, count: int) -> Floats:
    """Positive numbers of every order of magnitude, built from bits alone."""
    exponents = np.floor(spread(low_exponent, high_exponent, count)).astype(np.int64)
    return np.ldexp(spread(1.0, 2.0, count, seed=7), exponents.astype(np.int32))


def worst_ulps(made: Floats, inputs: Floats, exact: Exact, digits: int = 60) -> float:
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = digits, 10**6, -(10**6)
        wanted = [exact(Decimal(x)) for x in inputs.tolist()]
        return max(float(abs(Decimal(g) - w) / Decimal(math.ulp(float(w)))) for g, w in zip(made.tolist(), wanted, strict=True))


def test_exp_errs_by_less_than_one_ulp_over_the_full_range() -> None:
    x = np.concatenate([spread(-745.1, 709.78, 3000), spread(-745.1, -708, 500), spread(-1, 1, 1000), sized(-60, -5, 300)])
    assert worst_ulps(exp(x), x, Decimal.exp) < 0.7


def test_expm1_errs_by_less_than_two_ulps_near_zero_too() -> None:
    x = np.concatenate([spread(-40, 709.78, 2000), spread(-0.1, 0.1, 1000), -sized(-70, 3, 500), sized(-70, 3, 500)])
    assert worst_ulps(expm1(x), x, lambda d: d.exp() - 1, digits=80) < 2


def test_log_errs_by_less_than_one_ulp_over_the_full_range() -> None:
    x = np.concatenate([sized(-1074, 1023, 2000), spread(0.5, 2, 2000), 1 + spread(-1e-6, 1e-6, 500), np.array([5e-324, 1.7e308])])
    assert worst_ulps(log(x), x, Decimal.ln) < 0.6


def test_log1p_errs_by_less_than_two_ulps_near_zero_too() -> None:
    x = np.concatenate([sized(-60, 1023, 1500), -sized(-60, -2, 500), spread(-0.999, 3, 1000)])
    assert worst_ulps(log1p(x), x, lambda d: (1 + d).ln(), digits=80) < 2


def test_pow_errs_by_less_than_one_ulp_with_subnormal_results() -> None:
    base = np.concatenate([spread(1e-9, 1e9, 1500), 1 + spread(-1e-6, 1e-6, 1000), sized(-1074, 1000, 1000)])
    exponent = np.concatenate([spread(-30, 30, 1500), spread(-5e8, 5e8, 1000), spread(-0.95, 1.0, 1000)])
    made = power(base, exponent)
    pairs = iter(exponent.tolist())
    assert np.isfinite(made).all()
    assert worst_ulps(made, base, lambda d: (d.ln() * Decimal(next(pairs))).exp()) < 0.7


@pytest.mark.parametrize(("function", "name"), [(exp, "exp"), (expm1, "expm1"), (log, "log"), (log1p, "log1p")])
def test_special_values_are_those_of_ieee_754(function: Callable[[Floats], Floats], name: str) -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0, -2.0, 1e300, -1e300, 710.0, -746.0])
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(x)
    np.testing.assert_allclose(function(x), wanted, rtol=1e-15)
    np.testing.assert_array_equal(np.signbit(function(x[:2])), np.signbit(wanted[:2]))


def test_not_a_number_has_one_pattern_of_bits() -> None:
    odd = np.array([np.nan, -np.nan]), np.array([0x7FF8000000000123], dtype=np.int64).view(np.float64)
    for function in (exp, expm1, log, log1p, normal_cdf, normal_quantile):
        for x in odd:
            assert set(function(x).view(np.uint64).tolist()) == {0x7FF8000000000000}, function.__name__


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e300, -1e300, 1e-300, 5e-324, np.inf, -np.inf, np.nan]


def test_pow_of_special_values_is_that_of_ieee_754() -> None:
    x, y = np.meshgrid(SPECIAL, SPECIAL)
    with np.errstate(all="ignore"):
        wanted = np.power(x, y)
    made = power(x, y)
    np.testing.assert_allclose(made, wanted, rtol=1e-14)
    is_zero = wanted == 0
    np.testing.assert_array_equal(np.signbit(made[is_zero]), np.signbit(wanted[is_zero]))


def test_powers_of_whole_numbers_are_exact_where_a_float_can_hold_them() -> None:
    for base in range(2, 30):
        exponents = [n for n in range(1, 60) if base**n < 2**53]
        assert power(base, exponents).tolist() == [float(base**n) for n in exponents]


@given(st.lists(st.floats(min_value=-750, max_value=715), max_size=20))
def test_a_value_does_not_depend_on_its_neighbours(x: list[float]) -> None:
    together = exp(np.array(x))
    assert together.tolist() == [float(exp(value)) for value in x]


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False), st.floats(min_value=-5, max_value=5))
def test_pow_of_one_value_is_pow_of_many(x: float, y: float) -> None:
    assert power([x, 1.0, -2.0, np.nan], y)[0] == float(power(x, y))


def test_shapes_are_kept_and_pieces_meet_without_a_seam() -> None:
    x = spread(-3, 3, 20_000).reshape(100, 200)
    assert exp(x).shape == x.shape
    assert exp(x[::2, ::3]).tolist() == exp(x)[::2, ::3].tolist()
    assert exp(1.0).shape == ()
    assert exp([]).shape == (0,)


def test_quantiles_agree_with_the_cumulative_function_and_the_standard_library() -> None:
    p = np.concatenate([spread(1e-9, 1 - 1e-9, 2000), sized(-1074, -1, 1000)])
    wanted = np.array([NormalDist().inv_cdf(q) for q in p.tolist()])
    np.testing.assert_allclose(normal_quantile(p), wanted, rtol=1e-15)
    np.testing.assert_allclose(normal_cdf(normal_quantile(p[:2000])), p[:2000], rtol=1e-13)
    assert normal_quantile([0.0, 1.0]).tolist() == [-np.inf, np.inf]
    assert np.isnan(normal_quantile([-0.1, 1.1, np.nan])).all()


def exact_cdf(x: Decimal) -> Decimal:
    """The series of Phi in the middle, the continued fraction of Mills' ratio in the tails."""
    a, pi = abs(x), Decimal("3.14159265358979323846264338327950288419716939937510582097494")
    density = (-a * a / 2).exp() / (2 * pi).sqrt()
    if a > 6:
        fraction = a
        for k in range(400, 0, -1):
            fraction = a + k / fraction
        tail = density / fraction
    else:
        total = term = a
        for n in range(1, 250):
            term = term * a * a / (2 * n + 1)
            total += term
        tail = Decimal("0.5") - density * total
    return tail if x < 0 else 1 - tail


def test_the_normal_distribution_is_right_to_sixteen_digits() -> None:
    x = np.concatenate([spread(-37, 9, 300), spread(-1, 1, 200)])
    with localcontext() as context:
        context.prec = 60
        wanted = [exact_cdf(Decimal(v)) for v in x.tolist()]
        errors = [abs(Decimal(g) - w) for g, w in zip(normal_cdf(x).tolist(), wanted, strict=True)]
        assert max(errors) < Decimal("2e-16")
        assert max(e / w for e, w in zip(errors, wanted, strict=True)) < Decimal("1e-14")
    assert normal_cdf([-np.inf, -50.0, 50.0, np.inf]).tolist() == [0.0, 0.0, 1.0, 1.0]


@given(st.lists(st.floats(min_value=-1e10, max_value=1e10), max_size=50))
def test_sums_are_strictly_sequential(values: list[float]) -> None:
    total = 0.0
    for value in values:
        total += value
    assert sequential_sum(values) == total


def digests() -> dict[str, str]:
    """SHA-256 over the bytes of every function on a fixed grid."""
    x = np.concatenate([spread(-800, 800, 20_000), spread(-2, 2, 20_000)])
    unit = spread(0, 1, 20_000)
    made = {name: getattr(elementary, name)(x) for name in ("exp", "expm1", "log", "log1p", "normal_cdf")}
    made |= {"normal_quantile": normal_quantile(unit), "pow": power(np.abs(x[:20_000]), x[20_000:] * 20)}
    return {name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in made.items()}


def test_bytes_are_the_golden_ones() -> None:
    assert digests() == GOLDEN


PROBE = "from tests.core.test_elementary import digests, GOLDEN; assert digests() == GOLDEN"


@pytest.mark.slow
def test_bytes_are_the_same_without_the_vector_instructions_of_this_processor() -> None:
    core = importlib.import_module("numpy._core._multiarray_umath")
    features = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROBE], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_stored_tables_are_what_decimal_arithmetic_gives() -> None:
    from seedbed.core.elementary.logarithm import inverses
    from seedbed.core.elementary.tables import NEGATIVE_LOGARITHMS, POWERS_OF_TWO, negative_logarithms, packed, powers_of_two

    assert packed(powers_of_two()) == POWERS_OF_TWO
    assert packed(negative_logarithms(inverses(), 42)) == NEGATIVE_LOGARITHMS
