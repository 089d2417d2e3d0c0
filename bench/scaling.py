"""How a run scales: 1 and 2 workers, a hundred billion rows, and what the leading process remembers of each part.

    python bench/scaling.py --users 1000000 --rounds 3

Writes `results/scaling.md` and `results/scaling.json`. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.measure import Measurement, measure, wait_for_quiet  # noqa: E402 - the folder has to be known first

MODEL = str(ROOT / "bench" / "models" / "w1.json")
RESULTS = ROOT / "bench" / "results" / "scaling"

#: 12.5 billion users have about a hundred billion events.
USERS = 12_500_000_000


def peak_mb() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024 / 1e6


def workers(users: int, rounds: int) -> list[dict[str, Any]]:
    """W1 by 1 and 2 threads, and by 1 and 2 processes, by turns; of each the run that others disturbed least."""
    found: dict[tuple[str, int], list[Measurement]] = {}
    for number in range(rounds + 1):
        for executor in ("threads", "processes"):
            for count in (1, 2):
                with tempfile.TemporaryDirectory() as folder:
                    words = ["--rows", f"user={users}", "--workers", str(count), "--executor", executor]
                    command = [sys.executable, "-m", "seedbed", "generate", MODEL, "-o", f"{folder}/out", *words]
                    wait_for_quiet(0.2, 15)
                    run = measure(command, Path(folder), os.environ)
                if number:  # the first round warms
                    found.setdefault((executor, count), []).append(run)
    return [
        {"executor": executor, "workers": count, "wall_s": best.wall_s, "cpu_s": best.cpu_s}
        | {"peak_mb": max(run.peak_bytes for run in runs) / 1e6, "others": best.others_cores}
        for (executor, count), runs in found.items()
        for best in [min(runs, key=lambda run: run.others_cores)]
    ]


def hundred_billion() -> dict[str, Any]:
    """Prepare, send, and cut a slice out of the middle; in a process of its own."""
    import seedbed

    began = time.perf_counter()
    data = seedbed.plan(MODEL, seed=42, rows={"user": USERS})
    planned = time.perf_counter()
    prepared = data.prepared_by(2)
    found: dict[str, Any] = {"plan_s": planned - began, "prepare_s": time.perf_counter() - planned, "rows": data.rows}
    found |= {"cpu_s": time.process_time(), "index_bytes": sum(fan.totals.nbytes for fan in prepared.fans.values())}
    began = time.perf_counter()
    found |= {"pickle_bytes": len(pickle.dumps(prepared)), "pickle_s": time.perf_counter() - began, "prepared_mb": peak_mb()}
    middle = data.rows["event"] // 2 // 524_288 * 524_288
    began = time.perf_counter()
    first = data.block("event", middle, middle + 100)
    found |= {"hundred_rows_s": time.perf_counter() - began, "first_event": first["event_id"][0].as_py()}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = seedbed.generate(data, f"{folder}/out", slices={"event": (middle, middle + 10 * 524_288)}, workers=2)
    found |= {"slice_rows": made.rows, "slice_s": time.perf_counter() - began, "slice_bytes": made.size_bytes}
    return found | {"slice_parts": len(made.tables[0].files), "peak_mb": peak_mb()}


def parts(users: int) -> dict[str, Any]:
    """What the process that leads holds and writes for so many parts, none of which is made: their receipts are made up."""
    import seedbed
    from seedbed.core.digest import LEAF_ROWS
    from seedbed.core.sinks import Written, WrittenFile
    from seedbed.generate.prepared import Prepared
    from seedbed.run.growing import Options, _Run
    from seedbed.run.journal import PartDone, Request
    from seedbed.run.kept import Kept, kept_of
    from seedbed.run.layout import Span
    from seedbed.write.files import open_folder
    from seedbed.write.targets import SinkOptions

    data = seedbed.plan(MODEL, seed=42, rows={"user": 1000})
    rows = {"user": users, "event": 8 * users}
    prepared = Prepared(data.plan, rows, data.prepared.fans, data.prepared.pools, data.prepared.pool_hashes)
    with tempfile.TemporaryDirectory() as folder:
        sink = open_folder(f"{folder}/out", SinkOptions())
        request = Request(data.plan.fingerprint, tuple(Span(name, 0, count) for name, count in rows.items()), sink.settings)
        empty = peak_mb()
        run = _Run(prepared, request, sink, Kept(), Options())
        sink.begin(list(run.shapes.values()), request.to_text(), "refuse")
        missing = run._missing()
        began = time.perf_counter()
        for part in missing:
            file = WrittenFile(f"{part.stem}.parquet", part.rows, 8_700_000 + part.index, f"{part.index:064x}")
            leaves = tuple(
                tuple(bytes([column]) * 32 for column in range(6 - (part.table == "event"))) for _ in range(-(-part.rows // LEAF_ROWS))
            )
            run._note(PartDone(part.table, part.index, Written(part.rows, file.size_bytes, (file,)), leaves))
        noted = time.perf_counter()
        found: dict[str, Any] = {"parts": len(missing), "note_s": noted - began, "held_mb": peak_mb() - empty}
        text = run.manifest(complete=True).to_json()
        found |= {"manifest_s": time.perf_counter() - noted, "manifest_bytes": len(text), "with_manifest_mb": peak_mb() - empty}
        found["journal_bytes"] = (Path(folder) / "out" / ".seedbed-journal").stat().st_size
        sink.close()
        before, began = peak_mb(), time.perf_counter()
        again = open_folder(f"{folder}/out", SinkOptions())
        kept_of(again, request, "resume")  # the journal is read, and files are looked for: there are none
        found |= {"resume_read_s": time.perf_counter() - began, "resume_mb": peak_mb() - empty, "before_resume_mb": before - empty}
        again.close()
    return found


def apart(name: str, *words: str) -> dict[str, Any]:
    """A measurement in a process of its own, so that its memory is its own."""
    done = subprocess.run([sys.executable, __file__, "--part", name, *words], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(found: dict[str, Any]) -> str:
    lines = [
        "# Scaling",
        "",
        f"Written by `python bench/scaling.py`: of {found['rounds']} rounds after one that warms, the least disturbed.",
        "",
    ]
    lines += [f"## W1, {found['users']:,} users to Parquet", ""]
    lines += ["| executor | workers | wall s | CPU s | times as fast as one | MB | others, cores |", "|---|---:|---:|---:|---:|---:|---:|"]
    ones = {run["executor"]: run["wall_s"] for run in found["workers"] if run["workers"] == 1}
    for run in found["workers"]:
        ratio = f"{ones[run['executor']] / run['wall_s']:.2f}"
        figures = f"{run['wall_s']:.2f} | {run['cpu_s']:.2f} | {ratio} | {run['peak_mb']:.0f} | {run['others']:.2f}"
        lines.append(f"| {run['executor']} | {run['workers']} | {figures} |")
    for name, title in (("hundred_billion", "A hundred billion rows"), ("parts", "What is remembered of parts")):
        lines += ["", f"## {title}", "", "| | |", "|---|---:|"]
        for key, value in found[name].items():
            shown = f"{value:,.2f}" if isinstance(value, float) else json.dumps(value) if isinstance(value, dict) else f"{value:,}"
            lines.append(f"| {key} | {shown} |")
    return "\n".join([*lines, ""])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--part", choices=["hundred_billion", "parts"])
    words = asked.parse_args()
    if words.part:
        print(json.dumps(hundred_billion() if words.part == "hundred_billion" else parts(words.users)))
        return
    found = {"users": words.users, "rounds": words.rounds, "workers": workers(words.users, words.rounds)}
    found |= {"parts": apart("parts", "--users", str(USERS))}
    found |= {"hundred_billion": apart("hundred_billion")}
    RESULTS.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(report(found))
    print(report(found))


if __name__ == "__main__":
    main()
