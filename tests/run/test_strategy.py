"""A plan says how a run would be done, and a run stays within the memory it is given; the bytes are the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seedbed
from seedbed.cli.progress import Tally
from seedbed.core.digest import LEAF_ROWS, column_digests
from seedbed.core.errors import ModelError
from seedbed.core.events import BlockMade, PartMade, RunStarted
from seedbed.core.sinks import Part, Sink
from seedbed.core.sizes import size_of
from seedbed.run.executors import Crew, make_parts
from seedbed.run.journal import PartDone
from seedbed.run.layout import MOST_PARTS, Span, refuse_many
from seedbed.run.make import Job
from seedbed.run.outlook import outlook, sink_for
from seedbed.run.rolling import Rolling
from seedbed.run.samples import shapes_of
from seedbed.run.strategy import BLOCKS, Asked, Strategy, within
from seedbed.write.files import FileSink
from seedbed.write.formats.format import open_format
from seedbed.write.nowhere import Nowhere
from seedbed.write.targets import SinkOptions

EVENTS, BANK = "examples/users_events.json", "examples/bank.json"


def seedbed_run(*words: str | Path) -> Any:
    paths = [path for path in sys.path if path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-m", "seedbed", *map(str, words)], capture_output=True, text=True, timeout=300, check=False, env=environment
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def made_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".run.json"
    }


@pytest.mark.slow
@pytest.mark.parametrize(("form", "limit"), [("parquet", "190MB"), ("parquet", "250MB"), ("csv", "210MB"), ("jsonl", "230MB")])
def test_a_run_stays_within_its_memory_and_gives_the_same_bytes(form: str, limit: str, tmp_path: Path) -> None:
    rows = ("--rows", "user=150K", "--format", form, "--json")
    limited = seedbed_run("generate", EVENTS, "-o", tmp_path / "limited", "--max-memory", limit, *rows)
    free = seedbed_run("generate", EVENTS, "-o", tmp_path / "free", *rows)
    assert limited["figures"]["peak_memory_bytes"] <= size_of(limit)
    assert limited["figures"]["memory"]["expected_bytes"] <= size_of(limit)
    assert free["figures"]["memory"] is None
    assert made_files(tmp_path / "limited") == made_files(tmp_path / "free")


def test_too_little_memory_is_refused_with_numbers(tmp_path: Path) -> None:
    told = seedbed_run("generate", EVENTS, "-o", tmp_path / "out", "--max-memory", "40MB")
    assert "40.0 MB are too little" in told
    assert "seedbed itself" in told
    assert "fix: give " in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("rows", [5_000, *BLOCKS[1:]])
def test_blocks_of_any_size_give_the_same_files(rows: int) -> None:
    prepared = seedbed.plan(BANK, seed=3).prepared
    spans = [Span("account_transaction", 0, 115_000), Span("customer", 0, 1_200)]
    nowhere = FileSink(Nowhere(), open_format(SinkOptions()))

    def made(block_rows: int, in_flight: int | None) -> list[PartDone]:
        found: list[PartDone] = []
        job = Job(prepared, nowhere, shapes_of(prepared, spans), block_rows=block_rows, in_flight=in_flight)
        make_parts(job, [Part(span.table, 0, 1, span.start, span.stop) for span in spans], found.append, Crew(2))
        return sorted(found, key=lambda part: part.table)

    small, large = made(rows, 1), made(LEAF_ROWS, None)
    assert [part.written for part in small] == [part.written for part in large]
    assert [part.leaves for part in small] == [part.leaves for part in large]


def strategy(asked: Asked, document: str = EVENTS, users: int = 300_000, to: str | None = None, **options: Any) -> Strategy:
    data = seedbed.plan(document, rows={"user": users} if document == EVENTS else {})
    return outlook(data, sink_for(data.plan, to, SinkOptions(**options)), asked)


@given(st.floats(0.05, 1.0))
def test_less_memory_means_no_more_at_a_time(share: float) -> None:
    free = strategy(Asked(workers=2))
    work = sum(each.size_bytes for each in free.shares[2:])
    limit = round(free.memory_bytes - work * (1 - share)) + 10_000_000  # what the process itself holds may grow a little meanwhile
    try:
        found = strategy(Asked(workers=2, max_memory=limit))
    except ModelError as error:
        assert "too little" in str(error)  # noqa: PT017 - either is right
        return
    assert found.memory_bytes <= limit
    assert found.in_flight <= free.in_flight
    assert found.block_rows <= free.block_rows
    assert found.workers == 2


def test_every_number_says_where_it_comes_from() -> None:
    found = strategy(Asked())
    assert all(share.why for share in found.shares)
    assert all(table.why for table in found.tables)
    assert found.workers_why
    assert [table.name for table in found.tables] == ["user", "event"]


def test_tables_that_are_not_counted_are_told_by_the_plan() -> None:
    found = strategy(Asked("slurm"), users=12_500_000_000)
    event = found.tables[1]
    assert not event.is_exact
    assert event.parts > 100_000
    assert "types" in event.why
    assert next(share for share in found.shares if "fan-outs" in share.what).size_bytes == -(-12_500_000_000 // 65_536) * 16


def test_processes_and_clusters_count_their_own_memory() -> None:
    one, two = strategy(Asked("processes", 1)), strategy(Asked("processes", 2))
    assert two.memory_bytes > one.memory_bytes + 100_000_000
    pool = strategy(Asked("slurm", None, 600_000_000))
    assert within(Crew(settings={"cores": "4"}), pool).settings == {"memory": "600", "cores": "4"}


def test_memory_is_not_promised_with_checks_or_duckdb(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="checks hold keys in memory"):
        seedbed.generate(EVENTS, tmp_path / "out", max_memory="1GB", verify="files")
    with pytest.raises(ModelError, match="DuckDB keeps in memory"):
        strategy(Asked(max_memory=10**10), to=f"duckdb:///{tmp_path / 'x.duckdb'}")
    with pytest.raises(ModelError, match="is no size"):
        seedbed.generate(EVENTS, tmp_path / "out", max_memory="much")


def test_more_parts_than_can_be_remembered_are_refused_with_a_slice() -> None:
    spans = [Span("event", 0, 10 * MOST_PARTS)]
    refuse_many(spans, 10)
    refuse_many(spans, None)
    with pytest.raises(ModelError, match="too many for one run") as error:
        refuse_many(spans, 9)
    assert "--slice event=0:" in str(error.value)


def test_the_plan_shows_the_strategy() -> None:
    told = seedbed_run("plan", BANK, "--format", "csv", "--workers", "2", "--max-memory", "4GB", "--json")["strategy"]
    assert told["executor"] == "threads"
    assert told["workers"] == 2
    assert told["workers_why"] == "as asked"
    assert told["memory_bytes"] == sum(share["size_bytes"] for share in told["shares"])
    assert told["parts"] == len(told["tables"])


@given(st.permutations(range(6)))
def test_digests_do_not_depend_on_the_order_in_which_parts_end(order: list[int]) -> None:
    parts = [[(bytes([number]) * 32, b"b" * 32), (b"c" * 32, bytes([number]) * 32)] for number in range(6)]
    rolling = Rolling(2)
    for index in order:
        rolling.add(index, parts[index])
        rolling.add(index, parts[index])
    assert rolling.hexdigests() == column_digests((leaf for part in parts for leaf in part), 2)
    assert rolling.waiting == 0


def test_progress_counts_every_row_once() -> None:
    tally = Tally()
    tally.take(RunStarted({"user": 100, "event": 800}, 50, 2, {"user": 50}, 3, {"user": 10.0, "event": 2.0}))
    assert (tally.work, tally.all_work) == (500.0, 2600.0)
    for event in (
        BlockMade("event", 0, 300),
        BlockMade("event", 1, 100),
        BlockMade("event", 0, 100),
        PartMade("event", 0, 400, 9_000, 0.1),
    ):
        tally.take(event)
    assert (tally.rows, tally.parts, tally.size_bytes) == (550, 1, 9_000)
    tally.take(PartMade("event", 1, 400, 9_000, 0.1))
    tally.take(PartMade("user", 0, 50, 900, 0.1))  # of a process or a cluster, which tells of parts alone
    assert (tally.rows, tally.work, tally.parts) == (900, 2600.0, 3)


def test_what_a_run_took_is_told_for_every_table_and_target(tmp_path: Path) -> None:
    made = seedbed.generate(EVENTS, to=[str(tmp_path / "out"), f"sqlite:///{tmp_path / 'x.db'}"], rows={"user": 500})
    kept = json.loads((tmp_path / "out" / ".run.json").read_text())
    assert kept == {"seedbed_run": 1, **made.figures.to_dict()}
    for each in (made, *made.further):
        assert {name: table.rows for name, table in each.figures.tables.items()} == {table.name: table.rows for table in made.tables}
        assert sum(table.size_bytes for table in each.figures.tables.values()) == each.figures.size_bytes
        assert sum(table.seconds for table in each.figures.tables.values()) > 0


def test_a_sink_of_the_models_own_is_used_unless_options_say_otherwise(tmp_path: Path) -> None:
    document = {
        **json.loads(Path("examples/users_events.json").read_text()),
        "version": "2.0",
        "outputs": [{"to": str(tmp_path), "format": "csv"}],
    }
    plan = seedbed.plan(document).plan

    def form(sink: Sink) -> str:
        assert isinstance(sink, FileSink)
        return sink.format

    assert form(sink_for(plan, None, SinkOptions())) == "csv"
    assert form(sink_for(plan, None, SinkOptions(format="orc"))) == "orc"
    assert form(sink_for(plan, str(tmp_path / "x"), SinkOptions())) == "parquet"
