"""Measure seedbed and others on the same work, by turns, as whole processes.

    python bench/run.py [--only w1-1m --only w2] [--peer polars] [--repeat 5] [--json FILE]

With `--quiet 0.1`, a measurement during which others took more than a tenth of a core is made again, at most ten times.
One round runs every command of an entry once, so that whatever else the machine does hits all of them; a first round is
thrown away. Medians of the rounds are printed and written as JSON; `python bench/run.py --list` names the entries.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.entries import DATA, ENTRIES, HERE, OUTPUT, SEEDBED, Entry
from bench.measure import CommandFailedError, Measurement, measure, wait_for_quiet

PACKAGES = (
    "seedbed",
    "numpy",
    "pyarrow",
    "polars",
    "duckdb",
    "Faker",
    "mimesis",
    "tpchgen-cli",
    "pointblank",
    "pandera",
    "great-expectations",
    "dlt",
)
TRIES, PATIENCE_S = 10, 60.0
MOST_OTHERS = 0.3  # no time is extrapolated where others used more of the machine
FIELDS = tuple(Measurement.__dataclass_fields__)
Result = dict[str, Any]


def main() -> int:
    """Run the entries asked for and return the exit code."""
    options = _options()
    if options.list:
        print("\n".join(entry.name for entry in ENTRIES))
        return 0
    unknown = set(options.only) - {entry.name for entry in ENTRIES}
    if unknown:
        print(f"no entry {', '.join(sorted(unknown))}; there are {', '.join(entry.name for entry in ENTRIES)}", file=sys.stderr)
        return 2
    results = [_run(entry, options) for entry in ENTRIES if not options.only or entry.name in options.only]
    document = {"made": datetime.now(UTC).strftime("%Y-%m-%d"), "rounds": options.repeat, "machine": machine(), "entries": results}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    table = "\n".join(markdown(document))
    options.json.with_suffix(".md").write_text(table + "\n", encoding="utf-8")
    print(table)
    return 1 if any("error" in result for entry in results for result in entry["commands"].values()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure seedbed and others on the same work, by turns.")
    parser.add_argument("--only", action="append", default=[], metavar="ENTRY", help="an entry to run; may be repeated")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME", help="leave out all others; may be repeated")
    parser.add_argument("--repeat", type=int, default=5, help="rounds that count (default 5)")
    parser.add_argument("--quiet", type=float, metavar="CORES", help="measure again while others take more of the machine than this")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "latest.json", help="where the results go, a table beside it")
    parser.add_argument("--list", action="store_true", help="name the entries and stop")
    return parser.parse_args()


def machine() -> dict[str, object]:
    """What the results depend on; nothing that names the machine."""
    model = next((line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    memory = next((int(line.split()[1]) * 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": memory,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _lines(path: str) -> Iterator[str]:
    yield from Path(path).read_text(encoding="utf-8").splitlines()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _run(entry: Entry, options: argparse.Namespace) -> Result:
    """Measure one entry, with the data that its commands read."""
    with tempfile.TemporaryDirectory(prefix="bench-data-") as folder:
        if entry.data is not None:
            _note(f"{entry.name}: making its data")
            subprocess.run(_placed(entry.data, folder), check=True, capture_output=True)
        return _rounds(entry, {name: _placed(command, folder) for name, command in entry.commands.items()}, options)


def _placed(command: list[str], folder: str) -> list[str]:
    """A command with the folder of its data."""
    return [str(Path(folder) / "data") if part == DATA else part for part in command]


def _rounds(entry: Entry, commands: dict[str, list[str]], options: argparse.Namespace) -> Result:
    """A round to warm up, then those that count."""
    commands = {name: command for name, command in commands.items() if not options.peer or name in options.peer}
    rounds: dict[str, list[Measurement]] = {name: [] for name in commands}
    errors: dict[str, str] = {}
    for number in range(-1, options.repeat):
        for name, command in commands.items():
            _note(f"{entry.name}: {name}, " + (f"round {number + 1} of {options.repeat}" if number >= 0 else "warming up"))
            try:
                measured = _undisturbed(command, options.quiet)
            except (CommandFailedError, OSError) as error:
                errors[name] = str(error)
            else:
                rounds[name] += [measured] * (number >= 0)
    _note("")
    return {"name": entry.name, "rows": entry.rows, "part_of": entry.part_of, "commands": _summaries(rounds, errors)}


def _undisturbed(command: list[str], quiet: float | None) -> Measurement:
    """Measure a command; where asked, again until others leave the machine alone, and the least disturbed of ten otherwise."""
    tries: list[Measurement] = []
    while not tries or (quiet is not None and tries[-1].others_cores > quiet and len(tries) < TRIES):
        if quiet is not None:
            wait_for_quiet(quiet, PATIENCE_S)
        tries.append(_once(command))
    return min(tries, key=lambda one: one.others_cores)


def _once(command: list[str]) -> Measurement:
    """Run a command in a fresh folder, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        os.sync()  # what an earlier run left to write out would be charged to this one
        # Bytecode is written as on any user's machine; the round before the first that counts writes it.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"NO_COLOR": "1"}
        return measure([str(folder / "out") if part == OUTPUT else part for part in command], folder, environment)
    finally:
        shutil.rmtree(folder)


def _summaries(rounds: dict[str, list[Measurement]], errors: dict[str, str]) -> dict[str, Result]:
    medians = {name: {field: median(getattr(one, field) for one in many) for field in FIELDS} for name, many in rounds.items() if many}
    own = medians.get(SEEDBED, {}).get("wall_s")
    found: dict[str, Result] = {name: {"error": text} for name, text in errors.items()}
    for name, values in medians.items():
        extra = {"ratio": values["wall_s"] / own} if own else {}
        found[name] = values | extra | {"rounds": [asdict(one) for one in rounds[name]]}
    return {name: found[name] for name in rounds if name in found}


def markdown(document: Result) -> Iterator[str]:
    """The results as lines of a Markdown table."""
    yield "| work | by | wall s | ratio | CPU s | peak MB | others, cores | written MB | rows/s |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for entry in document["entries"]:
        for name, result in entry["commands"].items():
            yield f"| {entry['name']} | {name} | {_cells(entry['rows'], result)} |"
    for entry in document["entries"]:
        whole = next((one for one in document["entries"] if one["name"] == entry.get("part_of")), None)
        if whole is None:
            continue
        for name, result in entry["commands"].items():
            if name not in whole["commands"] and "error" not in result:
                yield _in_proportion(whole, entry, name)


def _in_proportion(whole: Result, part: Result, name: str) -> str:
    """What a larger entry would take whom it was not asked of, by the rows: CPU seconds, and the time where others left the machine alone."""
    times, found = whole["rows"] / part["rows"], part["commands"][name]
    wall = times * found["wall_s"] if found["others_cores"] <= MOST_OTHERS else None
    own = whole["commands"].get(SEEDBED, {}).get("wall_s")
    told = f"{wall:.3f} | {wall / own:.2f}" if wall and own else "disturbed |"
    return f"| {whole['name']} | {name}: {times:g} x {part['name']}, extrapolated | {told} | {times * found['cpu_s']:.2f} | | | | |"


def _cells(rows: int, result: Result) -> str:
    if "error" in result:
        lines = str(result["error"]).strip().splitlines()
        return f"failed: {lines[-1] if lines else 'no message'} | | | | | |"
    ratio = f"{result['ratio']:.2f}" if "ratio" in result else ""
    speed = f"{rows / result['wall_s']:,.0f}" if rows else ""
    return (
        f"{result['wall_s']:.3f} | {ratio} | {result['cpu_s']:.2f} | {result['peak_bytes'] / 1e6:.0f} | "
        f"{result['others_cores']:.2f} | {result['output_bytes'] / 1e6:.1f} | {speed}"
    )


def _note(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
