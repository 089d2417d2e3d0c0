"""What is measured: each entry is one piece of work, done by seedbed and by others."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
OUTPUT = "{output}"  # stands for a fresh folder in a command
DATA = "{data}"  # stands for the folder of the data that an entry's `data` makes once
PYTHON = sys.executable
SEEDBED = "seedbed"

#: tpchgen-cli's best compressed setting on 2 cores: its own defaults for threads and row groups, no dictionaries where they don't pay.
TPCH_ENCODINGS = ",".join(
    (
        *(f"{column}=DELTA_BINARY_PACKED" for column in ("o_orderkey", "l_orderkey")),
        *(f"{column}=PLAIN" for column in ("o_custkey", "l_partkey", "o_totalprice", "l_extendedprice")),
        *(f"{column}=DELTA_LENGTH_BYTE_ARRAY" for column in ("o_comment", "l_comment")),
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of work: who does it, by which command; `data` makes what they all read, which is not measured.

    `part_of` names a larger entry of the same kind: who can't do that is told there in proportion to the rows.
    """

    name: str
    rows: int
    commands: dict[str, list[str]]
    data: list[str] | None = None
    part_of: str | None = None


def seedbed(model: str, *options: str) -> list[str]:
    return [PYTHON, "-m", "seedbed", "generate", model, "-o", OUTPUT, "--seed", "42", *options]


def own_model(name: str, *options: str) -> list[str]:
    return seedbed(str(HERE / "models" / f"{name}.json"), *options)


def script(name: str, users: int) -> list[str]:
    return [PYTHON, str(HERE / "peers" / f"{name}.py"), str(users), OUTPUT]


def tpchgen(*options: str) -> list[str]:
    program = str(Path(PYTHON).parent / "tpchgen-cli")
    return [program, "parquet", "-s", "1", "-T", "orders,lineitem", "-o", OUTPUT, "--quiet", *options]


def w1(name: str, users: int, *peers: str) -> Entry:
    commands = {SEEDBED: own_model("w1", "--rows", f"user={users}")}
    return Entry(name, 9 * users, commands | {peer: script(f"w1_{peer.replace(' ', '_')}", users) for peer in peers})


def w3(name: str, customers: int, *peers: str, part_of: str | None = None, options: tuple[str, ...] = ()) -> Entry:
    """About ten orders a customer, and 17 checks of both tables; `options` are those of `generate`."""
    model, checks = (str(HERE / "models" / file) for file in ("w3.yaml", "w3-checks.yaml"))
    data = [PYTHON, "-m", "seedbed", "generate", model, "-o", DATA, "--rows", f"customer={customers}", *options]
    own = [PYTHON, "-m", "seedbed", "validate", checks, "-d", DATA]
    others = {peer: [PYTHON, str(HERE / "peers" / f"w3_{peer}.py"), DATA] for peer in peers}
    return Entry(name, 11 * customers, {SEEDBED: own, f"{SEEDBED}, low memory": [*own, "--low-memory"]} | others, data, part_of)


def examined(example: str) -> Entry:
    """All promises of an example's model, checked on its data."""
    model = str(HERE.parent / "examples" / f"{example}.json")
    data = [PYTHON, "-m", "seedbed", "generate", model, "-o", DATA]
    return Entry(f"validate-{example}", 150_000, {SEEDBED: [PYTHON, "-m", "seedbed", "validate", model, "-d", DATA]}, data)


def collected(name: str, rows: int, data: list[str], *peers: str) -> Entry:
    """Files of JSON become tables, keys and documents; peers are told the tables and types, except dlt."""
    own = [PYTHON, "-m", "seedbed", "collect", DATA, "-o", OUTPUT, "--interval", "0.05"]
    others = {peer.rpartition("_")[2]: [PYTHON, str(HERE / "peers" / f"{peer}.py"), DATA, OUTPUT] for peer in peers}
    return Entry(name, rows, {SEEDBED: own} | others, data)


def school(files: int) -> list[str]:
    """Files of about 10 kB each; which rows there are is the same for the same number of files."""
    options = ["--files", str(files), "--batch-size-range", "8:20", "--no-validation", "--seed", "42"]
    return [PYTHON, "-m", "seedbed", "simulate", "school", "-o", DATA, *options]


def one_file(form: str, megabytes: int) -> list[str]:
    return [PYTHON, str(HERE / "collect_data.py"), form, str(megabytes), DATA]


TPCH = {"tpchgen": tpchgen("--column-encoding", TPCH_ENCODINGS), "tpchgen, defaults": tpchgen()}
ARRAYS = ("polars", "polars tuned", "polars threads", "duckdb")
ROW_BY_ROW = ("mimesis", "faker")
ENTRIES = (
    w1("w1-10k", 10_000, *ARRAYS, *ROW_BY_ROW),
    w1("w1-100k", 100_000, *ARRAYS, *ROW_BY_ROW),
    w1("w1-1m", 1_000_000, *ARRAYS),
    w1("w1-10m", 10_000_000),
    Entry(
        "w1-1m-1thread",
        9_000_000,
        {
            SEEDBED: own_model("w1", "--rows", "user=1000000"),
            "seedbed, 1 thread": own_model("w1", "--rows", "user=1000000", "--workers", "1"),
        },
    ),
    Entry("w2", 7_500_000, {SEEDBED: own_model("w2")} | TPCH),
    Entry("w2-distinct", 7_500_000, {SEEDBED: own_model("w2-distinct")} | TPCH),
    Entry("bank", 150_000, {SEEDBED: seedbed(str(HERE.parent / "examples" / "bank.json"))}),
    Entry("shop-10", 6_350_000, {SEEDBED: seedbed(str(HERE.parent / "examples" / "shop.yaml"), "--scale", "10")}),
    w3("w3", 1_000_000, "pointblank", "pandera"),
    w3("w3-100k", 100_000, "pointblank", "pandera", "gx", part_of="w3"),
    w3("w3-csv", 1_000_000, options=("--format", "csv")),
    examined("bank"),
    collected("collect", 10_000, school(10_000), "collect_duckdb", "collect_dlt"),
    collected("collect-200", 200, school(200), "collect_duckdb", "collect_dlt"),
    collected("collect-lines", 927_341, one_file("lines", 500), "collect_one_duckdb"),
    collected("collect-array", 927_341, one_file("array", 500), "collect_one_duckdb"),
    Entry("start-up", 0, {SEEDBED: [PYTHON, "-m", "seedbed", "--help"]}),
)
