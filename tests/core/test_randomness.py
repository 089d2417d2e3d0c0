"""Draws pass for random in every order data sets use them in; the battery itself is tried on good and bad generators."""

from __future__ import annotations

import hashlib
import math
import shutil
import subprocess
from collections.abc import Callable

import numpy as np
import pytest

from tests.core.battery import Words, gamma_tail, kolmogorov, p_values
from tests.core.streams import PIECE, Stream, columns, endless, interleaved, streams, take

THRESHOLD = 1e-4  # the chance that one run of the whole battery raises a false alarm (Bonferroni)
STREAMS = streams()
SHORT, FULL = PIECE, 1 << 24
FEWER = {"row 0 of every seed": 1 << 20, "16 rows of every seed": 1 << 22}  # a key takes longer to derive than its draws
SHAKE_BLOCKS = 30
DIEHARDER_TESTS = (0, 1, 8, 15, 16, 100, 101, 102, 205, 206, 209)  # the quick ones; bench/randomness.py has more
DIEHARDER_STREAMS = ("one column", "16 columns", "16 rows of every seed")
DIEHARDER_THRESHOLD = 1e-6  # its own p-values are approximate; it calls below 1e-6 a failure


def alarms(found: dict[str, float], tried: int) -> dict[str, float]:
    """The p-values too small to be chance when this many sets of them were looked at."""
    return {name: p for name, p in found.items() if p < THRESHOLD / (tried * len(found))}


@pytest.mark.parametrize("name", STREAMS)
def test_draws_look_random(name: str) -> None:
    assert alarms(p_values(take(STREAMS[name], SHORT)), len(STREAMS)) == {}


@pytest.mark.soak
@pytest.mark.parametrize("name", STREAMS)
def test_many_draws_look_random(name: str) -> None:
    assert alarms(p_values(take(STREAMS[name], FEWER.get(name, FULL))), len(STREAMS)) == {}


@pytest.mark.soak
@pytest.mark.parametrize("name", DIEHARDER_STREAMS)
@pytest.mark.parametrize("number", DIEHARDER_TESTS)
def test_dieharder_finds_nothing(name: str, number: int) -> None:
    if not shutil.which("dieharder"):
        pytest.skip("dieharder is not installed")
    assert min(dieharder(STREAMS[name], number)) > DIEHARDER_THRESHOLD


def dieharder(stream: Stream, number: int) -> list[float]:
    """The p-values of one dieharder test over an endless stream."""
    command = ["dieharder", "-g", "200", "-d", str(number), "-D", "pvalues", "-c", ","]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            for piece in endless(stream):
                running.stdin.write(piece)
        except BrokenPipeError:
            pass  # it has what it needs
        lines = running.stdout.read().decode().splitlines()
    return [float(line.split(",")[-1]) for line in lines if line.strip()]


def test_the_battery_lets_good_randomness_pass() -> None:
    found = [p_values(shake(f"block {number}")) for number in range(SHAKE_BLOCKS)]
    assert [alarms(block, SHAKE_BLOCKS) for block in found] == [{}] * SHAKE_BLOCKS


def shake(seed: str) -> Words:
    return np.frombuffer(hashlib.shake_256(seed.encode()).digest(8 * SHORT), dtype=np.uint64)


def counter() -> Words:
    return np.arange(SHORT, dtype=np.uint64)


def weyl() -> Words:
    return counter() * np.uint64(0x9E3779B97F4A7C15)


def congruential() -> Words:
    """Knuth's multiplier, whose low bits have short periods."""
    values = np.empty(SHORT, dtype=np.uint64)
    value = 1
    for i in range(SHORT):
        value = (value * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        values[i] = value
    return values


def one_multiplication() -> Words:
    """What the mix would be with one round, for rows that neighbour inside it."""
    mixed = counter() * np.uint64(0xBEA225F9EB34556D)
    return mixed ^ mixed >> np.uint64(29)


def shared_orbit() -> Words:
    """SplitMix64 with keys one step apart: every column is its neighbour, a row later."""
    first = STREAMS["one column"](0)
    return np.stack([first[:-1], first[1:]], axis=1).ravel()[:SHORT]


def repeated_column() -> Words:
    key = columns(1)[0]
    return interleaved([key, key])(0)


def biased() -> Words:
    """One of 64 bits is set 53 times in 100."""
    chance = shake("biased")
    return shake("words") | (chance < np.uint64(int(0.06 * 2**64))).astype(np.uint64) << np.uint64(17)


def without_repeats() -> Words:
    """The top halves of the words never repeat: more regular than chance."""
    words = shake("regular")
    top = (np.arange(SHORT, dtype=np.uint64) * np.uint64(0x9E3779B1)) << np.uint64(32)
    return words & np.uint64(0xFFFFFFFF) | top


@pytest.mark.parametrize(
    "bad",
    [counter, weyl, congruential, one_multiplication, shared_orbit, repeated_column, biased, without_repeats],
    ids=lambda bad: bad.__name__,
)
def test_the_battery_catches_what_is_not_random(bad: Callable[[], Words]) -> None:
    assert alarms(p_values(bad()), len(STREAMS))


@pytest.mark.parametrize(("a", "x"), [(0.5, 0.1), (0.5, 4.0), (3.0, 2.0), (3.0, 9.0)])
def test_the_gamma_function_agrees_with_closed_forms(a: float, x: float) -> None:
    exact = math.erfc(math.sqrt(x)) if a == 0.5 else math.exp(-x) * (1 + x + x * x / 2)
    assert math.isclose(gamma_tail(a, x), exact, rel_tol=1e-12)


def test_the_kolmogorov_law_has_its_known_quantile() -> None:
    assert math.isclose(kolmogorov(1.3581 / 1000, 1_000_000), 0.05, rel_tol=1e-2)


def test_streams_have_pieces_of_one_size() -> None:
    assert {len(stream(0)) for stream in STREAMS.values()} == {PIECE}
