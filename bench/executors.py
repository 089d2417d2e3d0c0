"""W1 by each executor of this machine: threads, processes, and Spark Connect on Sail, as whole processes.

    python bench/executors.py --users 1000000 --rounds 5

Starts a Sail server of its own with as many cores as there are, which has made one run before the first that counts, as a cluster has. Runs
take turns, each waits for a quiet moment, and the medians go to `results/executors.md`. Digests are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.measure import Measurement, measure, wait_for_quiet  # noqa: E402 - the folder has to be known first
from tests.servers import sail as servers  # noqa: E402

MODEL = ROOT / "bench" / "models" / "w1.json"
RESULTS = ROOT / "bench" / "results" / "executors.md"
FIRST = "threads, 2 workers"


@contextmanager
def server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="seedbed-sail-"))
    try:
        yield from servers.running(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def command(out: Path, users: int, *how: str) -> list[str]:
    return [sys.executable, "-m", "seedbed", "generate", str(MODEL), "-o", str(out), "--rows", f"user={users}", *how]


def measured(users: int, how: tuple[str, ...], digests: set[tuple[str, ...]]) -> Measurement:
    out = Path(tempfile.mkdtemp(prefix="seedbed-bench-"))
    try:
        wait_for_quiet(0.1, 30)
        found = measure(command(out, users, *how), out, os.environ)
        digests.add(tuple(table["digest"] for table in json.loads((out / ".metadata.json").read_text())["tables"]))
        return found
    finally:
        shutil.rmtree(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    digests: set[tuple[str, ...]] = set()
    with server() as url:
        spark = ("--executor", "spark", "--master", url)
        ways = {
            "threads, 1 worker": ("--workers", "1"),
            FIRST: ("--workers", "2"),
            "processes, 2 workers": ("--executor", "processes", "--workers", "2"),
            "Spark Connect on Sail, 2 workers": (*spark, "--workers", "2"),
        }
        measured(1_000, spark, set())
        found: dict[str, list[Measurement]] = {way: [] for way in ways}
        for _ in range(asked.rounds):
            for way, how in ways.items():
                found[way].append(measured(asked.users, how, digests))
    assert len(digests) == 1, "the contents differ"
    write(found, asked.users, asked.rounds)


def write(found: dict[str, list[Measurement]], users: int, rounds: int) -> None:
    def median(way: str, name: str) -> float:
        return statistics.median(getattr(each, name) for each in found[way])

    head = (
        f"W1, {users:,} users, Parquet, {os.cpu_count()} cores; medians of {rounds} runs by turns, each a whole process. The server's own CPU and "
        "memory are not in the figures of Sail. *Others* is how many cores everything else on the machine used meanwhile (for Sail: its server too)."
    )
    lines = [
        head,
        "",
        "| by | wall s | of threads, 2 workers | fastest s | CPU s | peak MB | others, cores |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for way, runs in found.items():
        wall, fastest = median(way, "wall_s"), min(each.wall_s for each in runs)
        ratio = wall / median(FIRST, "wall_s")
        cpu, peak, others = median(way, "cpu_s"), median(way, "peak_bytes") / 1e6, median(way, "others_cores")
        lines.append(f"| {way} | {wall:.2f} | {ratio:.2f} | {fastest:.2f} | {cpu:.2f} | {peak:.0f} | {others:.2f} |")
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    lines += [
        "",
        f"`python bench/executors.py --users {users} --rounds {rounds}` at {revision}. The contents of all runs have the same digests.",
    ]
    RESULTS.write_text("\n".join(["# Executors", "", *lines, ""]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
