"""Files of a folder become tables: each once, whatever the order, the cut and the number of runs."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

import seedbed
from seedbed.core.errors import ModelError
from seedbed.core.events import Event, FileQuarantined, FilesCollected, TablesSettled
from seedbed.run.collect import compaction
from seedbed.run.collect import files as cutting
from tests.run.collect.folders import documents, fill, record, table, tables

_FAST = 0.03


def _collect(source: Path, output: Path, **options: object) -> seedbed.Collected:
    return seedbed.collect(source, output, interval=_FAST, workers=1, **options)  # type: ignore[arg-type]


def test_records_become_rows_and_their_lists_become_tables(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(30))
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert (made.files, made.records, made.is_complete) == (30, 30, True)
    assert made.tables == {"items": sum(number % 4 for number in range(30)), "records": 30}
    assert sorted(table(tmp_path / "out", "records")["number"].to_pylist()) == list(range(30))


def test_a_second_run_takes_nothing_again(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(8))
    first = _collect(tmp_path / "in", tmp_path / "out")
    before = documents(tmp_path / "out")
    again = _collect(tmp_path / "in", tmp_path / "out")
    assert (again.files, again.tables) == (0, first.tables)
    assert documents(tmp_path / "out") == before


def test_the_same_content_under_another_name_is_taken_once(tmp_path: Path) -> None:
    paths = fill(tmp_path / "in", range(4))
    (tmp_path / "in" / "copy.json").write_bytes(paths[0].read_bytes())
    assert _collect(tmp_path / "in", tmp_path / "out").repeats == 1
    (tmp_path / "in" / "later.json").write_bytes(paths[1].read_bytes())
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert (made.files, made.repeats, made.tables["records"]) == (0, 1, 4)


def test_any_order_and_any_cut_give_the_same_tables_and_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "all", range(40))
    _collect(tmp_path / "all", tmp_path / "one")
    monkeypatch.setattr(cutting, "BATCH_FILES", 3)
    _collect(tmp_path / "all", tmp_path / "cut")
    for start in (30, 10, 20, 0):
        fill(tmp_path / "some", range(start, start + 10))
        _collect(tmp_path / "some", tmp_path / "turned")
    _collect(tmp_path / "some", tmp_path / "turned", compact=True)
    for other in ("cut", "turned"):
        assert documents(tmp_path / other) == documents(tmp_path / "one")
        assert tables(tmp_path / other) == tables(tmp_path / "one")


def test_many_small_parts_become_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "in", range(10))
    monkeypatch.setattr(cutting, "BATCH_FILES", 1)
    monkeypatch.setattr(compaction, "MANY_UNITS", 8)
    _collect(tmp_path / "in", tmp_path / "out")
    assert len(list((tmp_path / "out" / "records").iterdir())) == 1
    assert table(tmp_path / "out", "records").num_rows == 10


def test_files_move_when_they_are_in(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(5))
    _collect(tmp_path / "in", tmp_path / "out", processed_dir=tmp_path / "done")
    assert not list((tmp_path / "in").iterdir())
    assert len(list((tmp_path / "done").iterdir())) == 5


def test_files_that_an_earlier_run_left_are_moved_by_the_next(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(3))
    _collect(tmp_path / "in", tmp_path / "out")
    made = _collect(tmp_path / "in", tmp_path / "out", processed_dir=tmp_path / "done")
    assert (made.files, len(list((tmp_path / "done").iterdir()))) == (0, 3)


def test_what_is_no_json_is_quarantined_with_the_reason_and_the_byte(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(3))
    (tmp_path / "in" / "bad.json").write_text('{"a": nonsense, "b": 1}')
    heard: list[Event] = []
    made = _collect(tmp_path / "in", tmp_path / "out", quarantine=tmp_path / "bad", events=heard.append)
    assert (made.files, [one.entry.path for one in made.quarantined]) == (3, ["bad.json"])
    told = json.loads((tmp_path / "bad" / "bad.json.reason.json").read_text())
    assert (told["category"], told["byte_offset"], told["tries"]) == ("invalid", 6, 1)
    assert (tmp_path / "bad" / "bad.json").exists()
    assert not (tmp_path / "in" / "bad.json").exists()
    assert {type(event) for event in heard} == {FilesCollected, FileQuarantined, TablesSettled}


def test_without_a_quarantine_the_file_stays_and_the_reason_is_told_in_the_output(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.json").write_text("[1, 2,, 3]")
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert [one.category for one in made.quarantined] == ["invalid"]
    assert (tmp_path / "in" / "bad.json").exists()
    assert (tmp_path / "out" / "_quarantine" / "bad.json.reason.json").exists()
    assert not _collect(tmp_path / "in", tmp_path / "out").quarantined


def test_a_file_that_is_cut_off_is_waited_for_then_quarantined(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "half.json"
    path.write_text('{"number": 1, "name": "')
    timer = threading.Timer(2 * _FAST, lambda: path.write_text('{"number": 1, "name": "a"}'))
    timer.start()
    made = _collect(tmp_path / "in", tmp_path / "out")
    timer.join()
    assert (made.files, made.quarantined) == (1, ())
    path.write_text('{"number": 2, "name": "')
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert [one.category for one in made.quarantined] == ["truncated"]


def test_a_file_that_may_not_be_read_is_tried_again_then_quarantined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from seedbed.run.collect.inbox import FolderInbox

    fill(tmp_path / "in", range(2))
    tries = Counter[str]()
    read = FolderInbox.read

    def refusing(self: FolderInbox, path: str) -> bytes:
        tries[path] += 1
        if path == "file-00001.json":
            raise PermissionError(13, "Permission denied")
        return read(self, path)

    monkeypatch.setattr(FolderInbox, "read", refusing)
    made = _collect(tmp_path / "in", tmp_path / "out", max_retries=2)
    assert ([one.category for one in made.quarantined], made.files, tries["file-00001.json"]) == (["unreadable"], 1, 3)


def test_hidden_and_unready_files_pipes_and_links_that_lead_out_are_left_alone(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(2))
    fill(tmp_path / "elsewhere", [9])
    for name in (".hidden.json", "x.json.tmp", ".x.json.unfinished"):
        (tmp_path / "in" / name).write_text('{"number": 99}')
    os.mkfifo(tmp_path / "in" / "pipe.json")
    (tmp_path / "in" / "out.json").symlink_to(tmp_path / "elsewhere" / "file-00009.json")
    (tmp_path / "in" / "nowhere.json").symlink_to(tmp_path / "nothing")
    (tmp_path / "in" / "itself.json").symlink_to(tmp_path / "in" / "itself.json")
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert (made.files, made.quarantined) == (2, ())


def test_folders_within_are_taken_where_that_is_asked(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(2))
    fill(tmp_path / "in" / "more", range(2, 5))
    assert _collect(tmp_path / "in", tmp_path / "out").files == 2
    assert _collect(tmp_path / "in", tmp_path / "out", recursive=True).files == 3


def test_names_that_are_no_text_are_taken(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in (b"caf\xe9.json", b'quote"\\.json', b"new\nline.json", "größe\u2028.json".encode()):
        (tmp_path / "in" / os.fsdecode(name)).write_text(json.dumps({"name": name.hex()}))
    made = _collect(tmp_path / "in", tmp_path / "out", processed_dir=tmp_path / "done")
    assert (made.files, len(list((tmp_path / "done").iterdir()))) == (4, 4)


def test_one_file_is_an_input_too(tmp_path: Path) -> None:
    path = fill(tmp_path / "in", range(3), each=5)[1]
    assert _collect(path, tmp_path / "out").records == 5


def test_files_that_are_tables_already_are_taken(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("number,name\n1,one\n2,two\n")
    pq.write_table(pa.table({"number": [3], "name": ["three"]}), tmp_path / "in" / "b.parquet")
    (tmp_path / "in" / "broken.parquet").write_bytes(b"PAR1 is not all there is to it")
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert [(one.entry.path, one.category) for one in made.quarantined] == [("broken.parquet", "invalid")]
    rows = table(tmp_path / "out", "records")
    assert sorted(zip(rows["number"].to_pylist(), rows["name"].to_pylist(), strict=True)) == [(1, "one"), (2, "two"), (3, "three")]


def test_a_large_file_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "ALONE_BYTES", 1_000)
    (tmp_path / "in").mkdir()
    lines = [json.dumps(record(number)) for number in range(500)]
    (tmp_path / "in" / "lines.ndjson").write_text("\n".join(lines))
    (tmp_path / "in" / "cut_off.ndjson").write_text("\n".join(lines)[:-5])
    made = _collect(tmp_path / "in", tmp_path / "out")
    assert (made.files, made.tables["records"]) == (1, 500)
    assert [(one.entry.path, one.category) for one in made.quarantined] == [("cut_off.ndjson", "truncated")]


def test_frozen_tables_quarantine_files_with_news(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(6))
    _collect(tmp_path / "in", tmp_path / "out")
    before = table(tmp_path / "out", "records").schema
    (tmp_path / "in" / "new.json").write_text(json.dumps({**record(0), "surprise": 1}))
    (tmp_path / "in" / "less.json").write_text(json.dumps({"number": 50}))
    fill(tmp_path / "in", [40])
    made = _collect(tmp_path / "in", tmp_path / "out", contract="freeze")
    assert [(one.entry.path, one.category) for one in made.quarantined] == [("new.json", "contract")]
    assert "surprise" in made.quarantined[0].reason
    assert (made.files, table(tmp_path / "out", "records").schema) == (2, before)


def test_news_are_left_out_where_that_is_the_contract_and_other_types_are_rescued(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(6))
    _collect(tmp_path / "in", tmp_path / "out")
    before = table(tmp_path / "out", "records").schema
    (tmp_path / "in" / "new.json").write_text(json.dumps({"number": "many", "surprise": 1}))
    made = _collect(tmp_path / "in", tmp_path / "out", contract="discard")
    rows = table(tmp_path / "out", "records")
    assert (made.files, made.quarantined, rows.schema) == (1, (), before)
    assert [json.loads(text)["/number"] for text in rows["_rescued"].to_pylist() if text] == ["many"]
    _collect(tmp_path / "in", tmp_path / "out")
    assert "surprise" not in table(tmp_path / "out", "records").column_names


def test_a_contract_needs_tables_to_hold_to(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(2))
    with pytest.raises(ModelError, match="no tables yet"):
        _collect(tmp_path / "in", tmp_path / "out", contract="freeze")


def test_an_output_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(2))
    with pytest.raises(ModelError, match="something else"):
        _collect(tmp_path / "in", tmp_path)


def test_hints_go_before_what_is_found(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(6))
    _collect(tmp_path / "in", tmp_path / "out", hints={"primary_keys": {"records": "name"}})
    told = json.loads((tmp_path / "out" / "table_relationships.json").read_text())
    assert [key["columns"] for key in told["primary_keys"] if key["table"] == "records"] == [["name"]]
    assert [(one["table"], one["columns"], one["to_table"]) for one in told["relationships"]] == [("items", ["_parent_id"], "records")]


def test_a_model_is_read_off_the_tables_the_same_for_any_order(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(60))
    _collect(tmp_path / "in", tmp_path / "one", model=True)
    for start in (30, 0):
        fill(tmp_path / "some", range(start, start + 30))
        _collect(tmp_path / "some", tmp_path / "two", model=True)
    text = (tmp_path / "one" / "model.yaml").read_text()
    assert text == (tmp_path / "two" / "model.yaml").read_text()
    grown = seedbed.generate(tmp_path / "one" / "model.yaml", tmp_path / "grown")
    assert grown.rows > 60


def test_processes_make_the_same_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "in", range(40))
    _collect(tmp_path / "in", tmp_path / "one")
    monkeypatch.setattr(cutting, "BATCH_FILES", 10)
    seedbed.collect(tmp_path / "in", tmp_path / "two", interval=_FAST, workers=2)
    assert tables(tmp_path / "two") == tables(tmp_path / "one")
    assert documents(tmp_path / "two") == documents(tmp_path / "one")


def test_a_listener_takes_what_comes_until_it_is_told_to_stop(tmp_path: Path) -> None:
    fill(tmp_path / "in", range(3))
    stop = threading.Event()
    taken = 0

    def hear(event: Event) -> None:
        nonlocal taken
        taken += event.files if isinstance(event, FilesCollected) else 0
        if taken == 3:
            fill(tmp_path / "in", [7])
        elif taken == 4:
            stop.set()

    made = seedbed.collect(tmp_path / "in", tmp_path / "out", watch=True, interval=_FAST, workers=1, stop=stop, events=hear)
    assert (made.files, made.tables["records"], made.is_complete) == (4, 4, True)


def test_delta_tables_show_the_rows_that_are_in(tmp_path: Path) -> None:
    pytest.importorskip("deltalake")
    from seedbed.read.sources import open_tables

    fill(tmp_path / "in", range(5))
    _collect(tmp_path / "in", tmp_path / "out", format="delta")
    fill(tmp_path / "in", range(5, 12))
    _collect(tmp_path / "in", tmp_path / "out", format="delta")
    with open_tables(tmp_path / "out") as opened:
        assert {name: scan.rows for name, scan in opened.tables.items()}["records"] == 12
