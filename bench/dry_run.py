"""What `--dry-run` foresees against what the run takes: bytes, files, seconds, for W1, the bank and the shop.

    python bench/dry_run.py

Every command is a process of its own; writes `results/dry_run.md` and `results/dry_run.json`. Seconds of the run are those it tells of itself, with
files sent to the disk; the dry run doesn't wait for a disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "dry_run"
FORMATS = ("parquet", "csv", "jsonl", "arrow", "avro", "orc", "excel", "sql")
WORK: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("W1, 100,000 users", "bench/models/w1.json", ("--rows", "user=100K"), FORMATS),
    ("W1, 1,000,000 users", "bench/models/w1.json", ("--rows", "user=1M"), ("parquet", "csv", "jsonl")),
    ("bank", "examples/bank.json", (), FORMATS),
    ("bank, scale 10", "examples/bank.json", ("--scale", "10"), ("parquet", "csv", "orc")),
    ("shop", "examples/shop.yaml", (), ("parquet", "jsonl", "arrow", "avro")),
    ("shop, scale 5", "examples/shop.yaml", ("--scale", "5"), ("parquet", "jsonl")),
)


def answer(*words: str) -> Any:
    done = subprocess.run([sys.executable, "-m", "seedbed", *words, "--json"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def compared(name: str, model: str, options: tuple[str, ...], form: str) -> dict[str, Any]:
    began = time.perf_counter()
    told = answer("generate", model, *options, "--dry-run", "--format", form)["formats"][0]
    took = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        made = answer("generate", model, *options, "--format", form, "-o", f"{folder}/out")
    files = sum(len(table["files"]) for table in made["tables"])
    sizes = {"told_bytes": told["size_bytes"], "bytes": made["size_bytes"], "told_files": told["files"], "files": files}
    return {"work": name, "format": form, **sizes, "told_s": told["seconds"], "seconds": made["seconds"], "dry_run_s": round(took, 2)}


def report(rows: list[dict[str, Any]]) -> str:
    off = max(abs(row["told_bytes"] / row["bytes"] - 1) for row in rows)
    head = "| work | format | MB told | MB | off | files told | files | s told | s | the dry run itself, s |"
    lines = ["# Dry runs", "", f"Written by `python bench/dry_run.py`. Sizes are off by {off:.1%} at most.", "", head]
    lines.append("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        sizes = f"{row['told_bytes'] / 1e6:.2f} | {row['bytes'] / 1e6:.2f} | {row['told_bytes'] / row['bytes'] - 1:+.1%}"
        figures = f"{row['told_files']} | {row['files']} | {row['told_s']:.2f} | {row['seconds']:.2f} | {row['dry_run_s']:.2f}"
        lines.append(f"| {row['work']} | {row['format']} | {sizes} | {figures} |")
    return "\n".join([*lines, ""])


def main() -> None:
    rows = [compared(name, model, options, form) for name, model, options, formats in WORK for form in formats]
    RESULTS.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(report(rows))
    print(report(rows))


if __name__ == "__main__":
    main()
