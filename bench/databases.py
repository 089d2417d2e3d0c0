"""W1's events into PostgreSQL: seedbed's sink against COPY of the same rows as CSV, each into a table without keys.

    python bench/databases.py --users 1000000 --rounds 3

Starts a server of its own on the loopback (fsync off, for all alike), makes the events once, as Arrow and as a CSV file, loads them by turns,
and writes the medians to `results/databases.md`. Keys are added after all rows, and timed apart.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.measure import measure  # noqa: E402 - the folder has to be known first
from seedbed.core.sinks import Part, TableShape  # noqa: E402
from seedbed.run.layout import Span, parts_of  # noqa: E402
from seedbed.write.targets import SinkOptions, open_sink  # noqa: E402
from tests.servers import postgres as servers  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "databases.md"


@contextmanager
def server() -> Iterator[servers.Postgres]:
    programs = servers.programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="seedbed-pg-"))
    try:
        yield from servers._running(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(url: str, statement: str) -> None:
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def events(users: int) -> pa.Table:
    import seedbed

    data = seedbed.plan(ROOT / "bench" / "models" / "w1.json", rows={"user": users})
    return data.table("event").read_all()


def shape_of(table: pa.Table) -> TableShape:
    return TableShape("event", table.schema, table.num_rows, ("event_id",))


def by_sink(url: str, table: pa.Table, workers: int) -> tuple[float, float]:
    """Seconds for the rows, and for the key and the name."""
    shape = shape_of(table)
    sink = open_sink(url, SinkOptions())
    try:
        sink.begin([shape], "bench", "overwrite")
        began = time.perf_counter()
        parts = parts_of(Span("event", 0, table.num_rows), sink.part_rows)

        def load(part: Part) -> None:
            batches = table.slice(part.start, part.rows).to_batches(max_chunksize=65_536)
            sink.write(part, shape, batches, lambda _: "", nullcontext())

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(load, parts))
        loaded = time.perf_counter()
        sink.finish("{}")
        return loaded - began, time.perf_counter() - loaded
    finally:
        sink.close()


def by_copy(url: str, path: Path, create: str, *, from_server: bool) -> tuple[float, float]:
    """The same by COPY of a CSV file that the server reads itself, or that psql sends."""
    run(url, "DROP TABLE IF EXISTS event")
    run(url, create)
    words = f"{'' if from_server else chr(92)}COPY event FROM '{path}' (FORMAT csv)"
    began = time.perf_counter()
    subprocess.run(["psql", url, "-q", "-c", words], check=True)
    loaded = time.perf_counter()
    run(url, "ALTER TABLE event ADD PRIMARY KEY (event_id)")
    return loaded - began, time.perf_counter() - loaded


def memory(url: str, users: int) -> tuple[float, int]:
    """Seconds and peak bytes of a whole run, generation included."""
    command = [
        sys.executable,
        "-m",
        "seedbed",
        "generate",
        str(ROOT / "bench/models/w1.json"),
        "--to",
        url,
        "--rows",
        f"user={users}",
        "--overwrite",
    ]
    with tempfile.TemporaryDirectory() as folder:
        found = measure(command, Path(folder), os.environ)
    return found.wall_s, found.peak_bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=250_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--whole", type=int, default=250_000, help="users of the whole run, whose memory is measured; 0: none")
    asked = parser.parse_args()
    with server() as postgres, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        url, table, path = postgres.url(), events(asked.users), Path(folder) / "event.csv"
        csv.write_csv(table, path, csv.WriteOptions(include_header=False))
        path.chmod(0o644)
        sink = open_sink(url, SinkOptions())
        create = sink._database.speech.create(shape_of(table), "event")  # type: ignore[attr-defined]
        ways: dict[str, Callable[[], tuple[float, float]]] = {
            "COPY of a CSV file by the server": lambda: by_copy(url, path, create, from_server=True),
            "COPY of a CSV file by psql": lambda: by_copy(url, path, create, from_server=False),
            "seedbed's sink, one thread": lambda: by_sink(url, table, 1),
            "seedbed's sink, two threads": lambda: by_sink(url, table, 2),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, way in ways.items():
                taken[name].append(way())
                print(name, taken[name][-1], flush=True)
        whole = memory(postgres.url(schema="whole"), asked.whole) if asked.whole else None
    told = report(table.num_rows, taken, asked.whole, whole)
    RESULTS.write_text(told)
    print(told)


def report(rows: int, taken: dict[str, list[tuple[float, float]]], users: int, whole: tuple[float, int] | None) -> str:
    base = statistics.median(load for load, _ in taken["COPY of a CSV file by the server"])
    lines = [
        "# Loads of databases",
        "",
        f"W1's {rows:,} events into PostgreSQL 15 on the same machine, 2 cores, fsync off; medians of {len(next(iter(taken.values())))} rounds by turns.",
        "`python bench/databases.py`. The same rows go into the same table without indexes; the primary key comes after, timed apart.",
        "",
        "| by | seconds | rows/s | speed against COPY CSV | key after, seconds |",
        "|---|---|---|---|---|",
    ]
    for name, rounds in taken.items():
        load, key = (statistics.median(values) for values in zip(*rounds, strict=True))
        lines.append(f"| {name} | {load:.2f} | {rows / load:,.0f} | {base / load:.2f} | {key:.2f} |")
    if whole is not None:
        lines += [
            "",
            f"All of W1 with {users:,} users, generation, keys and the reference included: {whole[0]:.1f} s, {whole[1] / 1e6:.0f} MB at most.",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
