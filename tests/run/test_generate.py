"""Runs: the same files from any workers, nothing half, nothing foreign touched, gone on with where they ended."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import seedbed
from seedbed.core.events import Event, ParentsCounted, PartMade, RunFinished, RunStarted
from seedbed.run.executors import ExecutorName
from seedbed.run.generate import GenerateResult
from seedbed.run.layout import Span
from seedbed.run.verify import checked_files
from seedbed.write.formats.parquet import COMPRESSIONS, Compression
from seedbed.write.notes import JOURNAL, MANIFEST
from tests.run.shop import contents, digests, document, manifest, names, write_model

FILES = [MANIFEST, "customer.parquet", "order/part-00000.parquet", "order/part-00001.parquet", "order/part-00002.parquet", "status.parquet"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def whole(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, grown by one worker."""
    out = tmp_path_factory.mktemp("whole") / "out"
    seedbed.generate(model, out, workers=1)
    return out


def small(tmp_path: Path, **changes: Any) -> Path:
    return write_model(tmp_path, customers=100, **changes)


def bytes_of(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in names(out)}


def test_a_run_leaves_its_files_and_a_manifest(whole: Path) -> None:
    assert names(whole) == FILES


def test_the_manifest_tells_what_is_in_the_files(whole: Path) -> None:
    found = manifest(whole)
    assert (found.dataset, found.seed, found.complete) == ("shop", 42, True)
    for table in found.tables:
        assert contents(whole, table.name) == table.digest
        assert sum(file.rows for file in table.files) == table.rows == table.table_rows
        assert all((whole / file.path).stat().st_size == file.size_bytes for file in table.files)
        assert len({column.key for column in table.columns}) == len(table.columns)
    assert set(found.versions) == {"seedbed", "python", "numpy", "pyarrow", "tzdata"}


@pytest.mark.parametrize(("workers", "executor"), [(2, "threads"), (5, "threads"), (2, "processes")])
def test_workers_do_not_change_a_byte(model: Path, whole: Path, tmp_path: Path, workers: int, executor: ExecutorName) -> None:
    seedbed.generate(model, tmp_path, workers=workers, executor=executor)
    assert bytes_of(tmp_path) == bytes_of(whole)


def test_another_seed_changes_what_is_drawn(model: Path, whole: Path, tmp_path: Path) -> None:
    seedbed.generate(model, tmp_path, seed=43)
    assert digests(tmp_path)["order"] != digests(whole)["order"]
    assert digests(tmp_path)["status"] == digests(whole)["status"]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_compression_does_not_change_contents(tmp_path: Path, compression: Compression) -> None:
    path = small(tmp_path)
    seedbed.generate(path, tmp_path / "out", compression=compression)
    seedbed.generate(path, tmp_path / "plain")
    assert digests(tmp_path / "out") == digests(tmp_path / "plain")
    assert contents(tmp_path / "out", "order") == digests(tmp_path / "out")["order"]


def test_only_the_tables_asked_for_are_written(model: Path, whole: Path, tmp_path: Path) -> None:
    result = seedbed.generate(model, tmp_path, tables=["status", "customer"])
    assert names(tmp_path) == [MANIFEST, "customer.parquet", "status.parquet"]
    assert [table.name for table in result.tables] == ["customer", "status"]
    assert digests(tmp_path).items() <= digests(whole).items()


def test_slices_are_the_rows_of_the_whole(model: Path, whole: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    seedbed.generate(model, tmp_path, slices={"order": (500_000, 600_000)})
    assert names(tmp_path) == [MANIFEST, "order.parquet"]
    assert pq.read_table(tmp_path / "order.parquet").equals(pq.read_table(whole / "order").slice(500_000, 100_000))
    table = manifest(tmp_path).tables[0]
    assert (table.start, table.rows, table.is_aligned) == (500_000, 100_000, False)
    assert contents(tmp_path, "order", 500_000) == table.digest


def test_rows_and_scale_change_numbers_of_rows(tmp_path: Path) -> None:
    result = seedbed.generate(small(tmp_path), tmp_path / "out", rows={"customer": 7})
    assert result.tables[0].rows == 7
    result = seedbed.generate(small(tmp_path), tmp_path / "more", scale=3)
    assert result.tables[0].rows == 300


def test_no_rows_are_a_run_too(tmp_path: Path) -> None:
    result = seedbed.generate(small(tmp_path), tmp_path / "out", rows={"customer": 0}, verify="blocks")
    assert [table.rows for table in result.tables] == [0, 0, 2]


def test_events_tell_every_row(tmp_path: Path) -> None:
    heard: list[Event] = []
    result = seedbed.generate(small(tmp_path), tmp_path / "out", events=heard.append)
    counted = [event for event in heard if isinstance(event, ParentsCounted)]
    assert heard[: len(counted)] == counted
    heard = heard[len(counted) :]
    assert isinstance(heard[0], RunStarted)
    assert isinstance(heard[-1], RunFinished)
    assert sum(event.rows for event in heard if isinstance(event, PartMade)) == heard[0].total_rows == result.rows


# --------------------------------------------------------------------------------------- the folder


@pytest.mark.parametrize(
    "wrong",
    [
        {"tables": ["custmer"]},
        {"tables": []},
        {"slices": {"status": (1, 3)}},
        {"slices": {"status": (2, 1)}},
        {"overwrite": True, "resume": True},
        {"resume": True, "verify": "blocks"},
        {"workers": 0},
        {"compression": "rar"},
        {"executor": "fibres"},
        {"rows": {"custmer": 1}},
    ],
    ids=str,
)
def test_wrong_requests_write_nothing(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(seedbed.ModelError):
        seedbed.generate(small(tmp_path), tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wanted", [{}, {"tables": ["customer"]}, {"tables": ["order"]}], ids=str)
def test_more_than_any_disk_holds_is_refused_at_once(tmp_path: Path, wanted: dict[str, Any]) -> None:
    with pytest.raises(seedbed.ModelError, match="GB are asked for, but the disk has"):
        seedbed.generate(small(tmp_path), tmp_path / "out", rows={"customer": 2**47}, **wanted)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(seedbed.ModelError, match=r"letter\.txt"):
        seedbed.generate(small(tmp_path), tmp_path / "out")
    assert names(tmp_path / "out") == ["letter.txt"]


def test_overwriting_removes_an_earlier_run_and_nothing_else(tmp_path: Path) -> None:
    path, out = small(tmp_path), tmp_path / "out"
    seedbed.generate(path, out)
    seedbed.generate(path, out, tables=["status"], overwrite=True)
    assert names(out) == [MANIFEST, "status.parquet"]
    (out / "letter.txt").write_text("dear")
    with pytest.raises(seedbed.ModelError, match=r"letter\.txt"):
        seedbed.generate(path, out, overwrite=True)
    assert names(out) == [MANIFEST, "letter.txt", "status.parquet"]


def test_a_manifest_that_names_files_elsewhere_removes_none(tmp_path: Path) -> None:
    path, out = small(tmp_path), tmp_path / "out"
    seedbed.generate(path, out)
    (tmp_path / "victim.parquet").write_text("mine")
    data = json.loads((out / MANIFEST).read_text())
    data["request"]["spans"][0]["table"] = "../victim"
    (out / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(seedbed.ModelError):
        seedbed.generate(path, out, overwrite=True)
    assert (tmp_path / "victim.parquet").read_text() == "mine"


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    for out in ("out", "out/deeper", f"{'n' * 300}"):
        with pytest.raises(seedbed.ModelError):
            seedbed.generate(small(tmp_path), tmp_path / out)


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    holder = os.open(out, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(seedbed.ModelError, match="another run"):
        seedbed.generate(small(tmp_path), out)
    os.close(holder)
    seedbed.generate(small(tmp_path), out)


@contextmanager
def without_rights() -> Iterator[None]:
    """Root may write everywhere: be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", ["", "new"], ids=["there", "missing"])
def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path, name: str) -> None:
    model = seedbed.load(small(tmp_path))
    locked = Path(tempfile.mkdtemp(dir="/tmp"))
    locked.chmod(0o555)
    try:
        with without_rights(), pytest.raises(seedbed.ModelError, match=r"written|No permission|Permission"):
            seedbed.generate(model, locked / name)
        assert not list(locked.iterdir())
    finally:
        locked.rmdir()


# ------------------------------------------------------------------------------------ ends and goes on


class Stop(Exception):  # noqa: N818 - it stands for whatever ends a run
    """The run ends here."""


def ended_after(parts: int, error: BaseException) -> Any:
    """A subscriber that ends the run after so many parts."""
    made = []

    def count(event: Event) -> None:
        if isinstance(event, PartMade):
            made.append(event)
            if len(made) == parts:
                raise error

    return count


@pytest.mark.parametrize("parts", [1, 3, 5])
@pytest.mark.parametrize("error", [Stop(), KeyboardInterrupt(), seedbed.EdgeError("the disk is full")], ids=repr)
@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_whole_is_kept_and_the_rest_is_made(
    model: Path, whole: Path, tmp_path: Path, parts: int, error: BaseException, workers: int
) -> None:
    with pytest.raises(type(error)):
        seedbed.generate(model, tmp_path, workers=workers, events=ended_after(parts, error))
    assert (tmp_path / JOURNAL).exists()
    assert not [name for name in names(tmp_path) if name.endswith(".unfinished")]
    assert not manifest(tmp_path).complete
    result = seedbed.generate(model, tmp_path, resume=True)
    assert result.kept_rows > 0
    assert bytes_of(tmp_path) == bytes_of(whole)


def resumed(model: Path, out: Path) -> GenerateResult:
    return seedbed.generate(model, out, resume=True)


def copy_of(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def test_a_whole_run_has_nothing_left_to_do(model: Path, whole: Path, tmp_path: Path) -> None:
    out = copy_of(whole, tmp_path)
    result = resumed(model, out)
    assert result.kept_rows == result.rows
    assert bytes_of(out) == bytes_of(whole)


def test_files_that_were_lost_or_damaged_are_made_again(model: Path, whole: Path, tmp_path: Path) -> None:
    out = copy_of(whole, tmp_path)
    (out / "customer.parquet").unlink()
    damaged = bytearray((out / FILES[3]).read_bytes())
    damaged[1000] ^= 1
    (out / FILES[3]).write_bytes(damaged)
    result = resumed(model, out)
    assert result.kept_rows == 2
    assert bytes_of(out) == bytes_of(whole)


def test_parts_noted_but_damaged_are_made_again(model: Path, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(Stop):
        seedbed.generate(model, tmp_path, workers=1, events=ended_after(3, Stop()))
    made = [name for name in names(tmp_path) if name.startswith("order/")]
    (tmp_path / made[0]).write_bytes(b"PAR1")
    with (tmp_path / JOURNAL).open("a") as journal:
        journal.write('{"table": "or')  # as a kill tears a line
    resumed(model, tmp_path)
    assert bytes_of(tmp_path) == bytes_of(whole)


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"scale": 2.0}, {"tables": ["status"]}, {"compression": "zstd"}, {"slices": {"order": (0, 9)}}], ids=str
)
def test_another_run_is_not_gone_on_with(model: Path, whole: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    out = copy_of(whole, tmp_path)
    with pytest.raises(seedbed.ModelError, match="was another"):
        seedbed.generate(model, out, resume=True, **change)
    assert bytes_of(out) == bytes_of(whole)


def test_nothing_to_go_on_with_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(seedbed.ModelError, match="no run here"):
        resumed(small(tmp_path), tmp_path / "out")
    resumed(small(tmp_path), tmp_path / "new")
    assert MANIFEST in names(tmp_path / "new")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_vanished_folder_ends_the_run_and_can_be_gone_on_with(model: Path, whole: Path, tmp_path: Path, workers: int) -> None:
    out = tmp_path / "out"

    def vanish(event: Event) -> None:
        if isinstance(event, PartMade):
            out.rename(tmp_path / "elsewhere") if out.exists() else None

    with pytest.raises(seedbed.EdgeError, match="vanished"):
        seedbed.generate(model, out, workers=workers, events=vanish)
    (tmp_path / "elsewhere").rename(out)
    assert resumed(model, out).kept_rows > 0
    assert bytes_of(out) == bytes_of(whole)


@pytest.mark.parametrize("verify", [None, "files"])
@pytest.mark.parametrize("harm", [Path.unlink, lambda path: os.truncate(path, 9)], ids=["lost", "cut"])
def test_parts_lost_while_others_are_made_end_the_run(model: Path, whole: Path, tmp_path: Path, verify: Any, harm: Any) -> None:
    first: list[str] = []

    def lose(event: Event) -> None:
        if isinstance(event, PartMade) and event.table == "order" and not first:
            first.append(f"order/part-{event.index:05}.parquet")
            harm(tmp_path / first[0])

    with pytest.raises(seedbed.EdgeError, match="gone or cut short") as caught:
        seedbed.generate(model, tmp_path, verify=verify, events=lose)
    assert first[0] in str(caught.value)
    assert not manifest(tmp_path).complete
    assert resumed(model, tmp_path).kept_rows > 0
    assert bytes_of(tmp_path) == bytes_of(whole)


def test_files_with_other_rows_than_were_made_are_told(model: Path, whole: Path) -> None:
    spans = [Span(table.name, 0, table.rows + 1) for table in manifest(whole).tables]
    with pytest.raises(seedbed.DataError, match="rows where") as caught:
        checked_files(seedbed.load(model), whole, spans, {span.table: span.rows for span in spans})
    assert len(caught.value.problems) == len(spans)


def test_a_worker_process_that_dies_is_an_edge_error(model: Path, whole: Path, tmp_path: Path) -> None:
    import signal
    import threading

    def kill_workers(event: Event) -> None:
        if isinstance(event, PartMade):
            children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
            for child in children:
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)

    with pytest.raises(seedbed.EdgeError, match="worker process died"):
        seedbed.generate(model, tmp_path, workers=2, executor="processes", events=kill_workers)
    resumed(model, tmp_path)
    assert bytes_of(tmp_path) == bytes_of(whole)


# -------------------------------------------------------------------------------------------- promises


@pytest.mark.parametrize(("verify", "executor"), [("files", "threads"), ("blocks", "threads"), ("blocks", "processes")])
def test_promises_are_looked_at(model: Path, tmp_path: Path, verify: Any, executor: ExecutorName) -> None:
    report = seedbed.generate(model, tmp_path, verify=verify, executor=executor).report
    assert report is not None
    assert report.ok
    assert report.rows["order"] > 1_000_000
    assert report.of("order.fk_customer.integrity").passed


BROKEN = {"pattern": [{"attr": "customer.kind", "regex": "^n"}]}


@pytest.mark.parametrize("verify", ["files", "blocks"])
def test_a_broken_promise_leaves_nothing(tmp_path: Path, verify: Any) -> None:
    with pytest.raises(seedbed.DataError, match=r"customer\.kind\.pattern") as caught:
        seedbed.generate(small(tmp_path, constraints=BROKEN), tmp_path / "out", verify=verify)
    assert caught.value.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_a_part_of_the_data_is_asked_only_what_it_can_answer(tmp_path: Path) -> None:
    path = small(tmp_path)
    report = seedbed.generate(path, tmp_path / "out", tables=["order"], verify="files").report
    assert report is not None
    assert report.ok
    assert "order.pk_unique" in {result.id for result in report.results}
    assert not [result for result in report.results if result.kind == "foreign_key" or result.table != "order"]


def test_a_model_and_a_data_set_grow_alike(tmp_path: Path) -> None:
    path = small(tmp_path)
    seedbed.generate(seedbed.load(path), tmp_path / "a", seed=5)
    seedbed.generate(seedbed.plan(path, seed=5), tmp_path / "b")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    with pytest.raises(seedbed.ModelError, match="has its seed"):
        seedbed.generate(seedbed.plan(path), tmp_path / "c", seed=5)


def test_an_added_table_or_column_leaves_the_others_alone(tmp_path: Path) -> None:
    seedbed.generate(small(tmp_path), tmp_path / "a")
    more = document(customers=100)
    more["nodes"][0]["columns"].insert(
        0, {"name": "x", "type": "float", "generator": {"distribution": {"type": "normal", "params": {"mean": 0, "std": 1}}}}
    )
    more["nodes"].insert(0, {**more["nodes"][2], "id": "extra"})
    (tmp_path / "more.json").write_text(json.dumps(more))
    seedbed.generate(tmp_path / "more.json", tmp_path / "b")
    before = {(table.name, column.name): column for table in manifest(tmp_path / "a").tables for column in table.columns}
    after = {(table.name, column.name): column for table in manifest(tmp_path / "b").tables for column in table.columns}
    assert before.items() <= after.items()
