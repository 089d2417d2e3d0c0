"""Measure seedbed's writers of files and those of others on the same ready table, by turns, in one process.

    python bench/formats.py [--users 400000] [--repeat 5] [--out bench/results/formats.md]

The table is the events of W1 (two whole numbers, a moment, a text of few values, a float), in memory before anything is measured. seedbed
writes parts of 524,288 rows by two threads, as a run does, or all by one; the others write one file, with as many threads as they like.
Printed are medians of wall and CPU seconds (user and system), the ratio to the other writer, and the bytes written.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.run import machine
from seedbed.core.sinks import TableShape
from seedbed.write.formats.format import open_format
from seedbed.write.targets import SinkOptions

HERE = Path(__file__).parent
PART_ROWS, BATCH_ROWS, EXCEL_ROWS = 524_288, 65_536, 200_000
Writer = Callable[[Path], None]


def ours(name: str, table: pa.Table, threads: int, **options: str) -> Writer:
    """Parts of a table as files of a format, by so many threads."""
    form = open_format(SinkOptions(format=name, **options))  # type: ignore[arg-type]  # compression alone
    shape = TableShape("event", table.schema, table.num_rows)
    step = form.part_rows or table.num_rows

    def part(start: int, folder: Path) -> None:
        with (folder / f"{start}{form.suffix}").open("wb") as out:
            form.encode(shape, table.slice(start, step).to_batches(max_chunksize=BATCH_ROWS), out)

    def write(folder: Path) -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda start: part(start, folder), range(0, table.num_rows, step)))

    return write


def excel_by_hand(table: pa.Table) -> Writer:
    """XlsxWriter's mode of constant memory, with the method for each type."""

    def write(folder: Path) -> None:
        book = xlsxwriter.Workbook(str(folder / "event.xlsx"), {"constant_memory": True})
        sheet, moment = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, table.schema.names)
        row = 1
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            for event, user, at, kind, amount in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                sheet.write_number(row, 0, event)
                sheet.write_number(row, 1, user)
                sheet.write_datetime(row, 2, at, moment)
                sheet.write_string(row, 3, kind)
                sheet.write_number(row, 4, amount)
                row += 1
        book.close()

    return write


def works(table: pa.Table) -> dict[str, dict[str, Writer]]:
    """Who writes what; the last of each is what the others are compared with."""
    frame, few = pl.from_arrow(table), table.slice(0, EXCEL_ROWS)
    assert isinstance(frame, pl.DataFrame)

    def both(name: str, **options: str) -> dict[str, Writer]:
        return {"seedbed": ours(name, table, 2, **options), "seedbed, 1 thread": ours(name, table, 1, **options)}

    return {
        "Parquet": both("parquet") | {"pyarrow": lambda folder: pq.write_table(table, folder / "event.parquet")},
        "CSV": both("csv") | {"Polars": lambda folder: frame.write_csv(folder / "event.csv")},
        "JSON Lines": both("jsonl") | {"Polars": lambda folder: frame.write_ndjson(folder / "event.jsonl")},
        f"Excel, {EXCEL_ROWS:,} rows": {"seedbed": ours("excel", few, 1), "XlsxWriter by hand": excel_by_hand(few)},
        "JSON": both("json"),
        "SQL, PostgreSQL": both("sql"),
        "Arrow": both("arrow"),
        "Avro, deflate": both("avro"),
        "Avro, none": both("avro", compression="none"),
        "ORC, zstd": both("orc"),
    }


def measured(writer: Writer) -> tuple[float, float, int]:
    """Wall and CPU seconds of writing into a fresh folder, and the bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.sync()
        before, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        writer(Path(name))
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, cpu, sum(path.stat().st_size for path in Path(name).iterdir())


def main() -> int:
    """Measure all, print the table, keep it."""
    parser = argparse.ArgumentParser(description="Measure writers of files on the same ready table.")
    parser.add_argument("--users", type=int, default=400_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "formats.md")
    options = parser.parse_args()
    table = ready(options.users)
    lines = [
        f"# Writers of files: {table.num_rows:,} events of W1",
        "",
        f"{json.dumps(machine())}, medians of {options.repeat} rounds.",
        "",
    ]
    lines += ["| format | by | wall s | CPU s | wall ratio | CPU ratio | MB |", "|---|---|---:|---:|---:|---:|---:|"]
    for work, writers in works(table).items():
        rounds: dict[str, list[tuple[float, float, int]]] = {name: [] for name in writers}
        for number in range(-1, options.repeat):
            for name, writer in writers.items():
                found = measured(writer)
                rounds[name] += [found] * (number >= 0)
        seen = {name: tuple(median(one[at] for one in found) for at in range(3)) for name, found in rounds.items()}
        base = list(seen.values())[-1]
        for name, (wall, cpu, size) in seen.items():
            lines.append(f"| {work} | {name} | {wall:.3f} | {cpu:.2f} | {wall / base[0]:.2f} | {cpu / base[1]:.2f} | {size / 1e6:.1f} |")
            print(lines[-1], flush=True)
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def ready(users: int) -> pa.Table:
    """The events of W1 in memory."""
    with tempfile.TemporaryDirectory(prefix="bench-data-") as folder:
        made = ["generate", str(HERE / "models" / "w1.json"), "-o", f"{folder}/data", "--rows", f"user={users}", "--tables", "event"]
        subprocess.run([sys.executable, "-m", "seedbed", *made], check=True, capture_output=True)
        return pq.read_table(f"{folder}/data/event").combine_chunks()


if __name__ == "__main__":
    sys.exit(main())
