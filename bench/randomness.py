"""Put every stream of draws through the statistical battery and write the report, docs/randomness.md.

    python bench/randomness.py [--words 16777216] [--dieharder] [-o docs/randomness.md]

Takes about five minutes on two cores, three more with `--dieharder`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process a stream: more threads would wait for each other

from tests.core.battery import TESTS, p_values
from tests.core.streams import PIECE, streams, take
from tests.core.test_randomness import FEWER, THRESHOLD, dieharder

ROOT = Path(__file__).parents[1]
#: Those dieharder calls good and that end within minutes.
DIEHARDER_TESTS = {
    0: "birthdays",
    1: "overlapping permutations",
    2: "32 x 32 binary rank",
    3: "6 x 8 binary rank",
    4: "bitstream",
    8: "count the ones, stream",
    9: "count the ones, byte",
    10: "parking lot",
    11: "minimum distance",
    12: "3d spheres",
    13: "squeeze",
    15: "runs",
    16: "craps",
    100: "STS monobit",
    101: "STS runs",
    102: "STS serial",
    202: "permutations",
    204: "Kolmogorov-Smirnov",
    205: "byte distribution",
    206: "DCT",
    207: "fill tree",
    208: "fill tree 2",
    209: "monobit 2",
}
DIEHARDER_STREAMS = ("one column", "16 columns", "64 neighbouring seeds")
WEAK, FAILED = 0.005, 1e-6  # where dieharder itself draws the lines


@dataclass(frozen=True, slots=True)
class Finding:
    """A stream's p-values."""

    stream: str
    words: int
    found: dict[str, float]


def examine(name: str, words: int) -> Finding:
    """The battery over one stream."""
    count = min(words, FEWER.get(name, words))
    return Finding(name, count, p_values(take(streams()[name], count)))


def main() -> int:
    """Write the report; 1 when something is not random."""
    options = _options()
    with ProcessPoolExecutor(options.workers) as pool:
        findings = list(pool.map(examine, streams(), [options.words] * len(streams())))
    hard = _dieharder(options.workers) if options.dieharder else {}
    options.output.write_text("\n".join(report(findings, hard)) + "\n", encoding="utf-8")
    alarms = sum(p < _line(findings) for finding in findings for p in finding.found.values())
    print(f"{alarms} alarms; report in {options.output}")
    return 1 if alarms or any(p < FAILED for values in hard.values() for p in values) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Test draws and write the report.")
    parser.add_argument("--words", type=int, default=1 << 24, help=f"64-bit words a stream, a multiple of {PIECE}")
    parser.add_argument("--dieharder", action="store_true", help="run dieharder too, where it is installed")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "randomness.md")
    return parser.parse_args()


def _dieharder(workers: int) -> dict[tuple[str, int], list[float]]:
    """P-values of every test and stream."""
    if not shutil.which("dieharder"):
        sys.exit("dieharder is not installed: leave --dieharder out, or install it")
    work = [(name, number) for name in DIEHARDER_STREAMS for number in DIEHARDER_TESTS]
    with ThreadPoolExecutor(workers) as pool:
        return dict(zip(work, pool.map(lambda one: dieharder(streams()[one[0]], one[1]), work), strict=True))


def _line(findings: list[Finding]) -> float:
    """The p-value below which an alarm is raised."""
    return THRESHOLD / sum(len(finding.found) for finding in findings)


def report(findings: list[Finding], hard: dict[tuple[str, int], list[float]]) -> Iterator[str]:
    """The page's lines."""
    values = [p for finding in findings for p in finding.found.values()]
    yield from _introduction(findings, values)
    yield "| stream | words | smallest p | in the test | below 0.01 |"
    yield "|---|---:|---:|---|---:|"
    for finding in findings:
        name, p = min(finding.found.items(), key=lambda pair: pair[1])
        below = sum(value < 0.01 for value in finding.found.values())
        yield f"| {finding.stream} | {finding.words:,} | {p:.2g} | {_sentence(name)} | {below} of {len(finding.found)} |"
    if hard:
        yield from _dieharder_part(hard)
    yield from _limits()


def _introduction(findings: list[Finding], values: list[float]) -> Iterator[str]:
    line, alarms = _line(findings), sum(p < _line(findings) for p in values)
    below = sum(p < 0.01 for p in values)
    verdict = "No stream raised one." if not alarms else f"{alarms} were raised."
    yield f"""# Randomness

Every value grows from 64 bits that depend on nothing but their address: the column's key, the row and a slot
(`seedbed.core.draw`). No state runs through a stream, so any machine can make any rows; that they look random in every
order they may be read in has to be tested. This page is the real output of `python bench/randomness.py`; the tests are
in `tests/core/battery.py`, the streams in `tests/core/streams.py`. A short form (65,536 words a stream) runs with every
`make check`, the full one with `make soak`.

## What is tested

{len(TESTS)} tests give {len(findings[0].found)} p-values a stream: {", ".join(_sentence(test.__name__) for test in TESTS)}.
Statistics that could be too regular as well as too wild are judged on both sides. The battery itself is tested: it lets
SHAKE-256 pass, and it catches a counter, a Weyl sequence, a congruential generator, a mix of one round, columns that share
an orbit, a repeated column, a bit that is set 53 times in 100, and values that never repeat.

Of {len(values)} p-values in all, an alarm is one below {THRESHOLD:g} / {len(values)} = {line:.1e} (Bonferroni): a whole run of
true randomness raises one in 10,000 times. **{verdict}** The smallest p-value is {min(values):.2g};
{below} are below 0.01, where chance expects {0.01 * len(values):.0f} or somewhat fewer (counts are discrete).

## The streams
"""


def _sentence(name: str) -> str:
    return name.replace("_", " ")


def _dieharder_part(hard: dict[tuple[str, int], list[float]]) -> Iterator[str]:
    values = [p for found in hard.values() for p in found]
    failed = sum(p < FAILED for p in values)
    weak = sum(FAILED <= min(p, 1 - p) < WEAK for p in values)
    yield f"""
## dieharder

{len(DIEHARDER_TESTS)} tests of dieharder 3.31.1, each over {len(DIEHARDER_STREAMS)} streams of its own length
(`dieharder -g 200`): {len(values)} p-values, {failed} failed (below {FAILED:g}) and {weak} weak by its own measure (within
{WEAK} of 0 or 1, where chance expects {2 * WEAK * len(values):.0f}). The smallest p-value of each:

| test | {" | ".join(DIEHARDER_STREAMS)} |
|---|{"---:|" * len(DIEHARDER_STREAMS)}"""
    for number, title in DIEHARDER_TESTS.items():
        cells = " | ".join(f"{min(hard[stream, number]):.3f}" for stream in DIEHARDER_STREAMS)
        yield f"| {title} | {cells} |"


def _limits() -> Iterator[str]:
    yield """
## What it has found

The first full run raised two alarms: the xor and the difference of a row's draws in slots 0 and 1 had pairs of bits that
agreed too often (p = 7e-51 over 2^24 rows). Slots entered the mix one apart, as `k1 + slot`; they are now multiples of an
odd constant, and streams of that kind are part of the battery.

## What this does not say

- The draws are not for secrets. The mix is fast, not cryptographic: who sees enough values can find the key.
- For one key and slot a draw is a bijection of the row, so its 64 bits never repeat within a column. Chance would repeat
  one only after some billions of rows; no value uses all 64 bits.
- TestU01 is not packaged in Debian's main section, so it is not part of this run."""


if __name__ == "__main__":
    sys.exit(main())
