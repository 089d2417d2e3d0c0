"""Files of a run: whole or absent, from any process, gone on with, and nothing of others touched."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.sinks import Existing, Part, TableShape, Written
from seedbed.write.files import FileSink, open_files, open_folder
from seedbed.write.folder import Folder
from seedbed.write.notes import Head, Journal, Notes, StoredNotes
from seedbed.write.targets import SinkOptions

SCHEMA = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("kind", pa.string()), pa.field("note", pa.string())])
SHAPE = TableShape("t", SCHEMA, 10)
WHOLE = Part("t", 0, 1, 0, 10)
USUAL = SinkOptions()


def batches(rows: int = 10, note: str = "-") -> Iterator[pa.RecordBatch]:
    kinds = [("a", "b/c", None)[row % 3] for row in range(rows)]
    yield pa.record_batch([pa.array(range(rows), pa.int64()), pa.array(kinds), pa.array([note] * rows)], schema=SCHEMA)


def written(sink: FileSink, part: Part = WHOLE, **how: object) -> Written:
    return sink.write(part, SHAPE, batches(**how), lambda _: "", nullcontext())  # type: ignore[arg-type]  # what `batches` takes


def begun(root: Path, existing: Existing = "refuse", options: SinkOptions = USUAL, tables: tuple[TableShape, ...] = (SHAPE,)) -> FileSink:
    sink = open_folder(root, options)
    if existing in ("resume", "overwrite"):
        sink.earlier()
    try:
        sink.begin(tables, '{"asked": 1}', existing)
    except BaseException:
        sink.close()
        raise
    return sink


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_part_is_told_as_it_is_on_the_disk(tmp_path: Path) -> None:
    sink = begun(tmp_path / "out")
    for part in (Part("t", 0, 1, 0, 10), Part("t", 3, 5, 0, 10)):
        (file,) = written(sink, part).files
        content = (tmp_path / "out" / file.path).read_bytes()
        assert (file.path, file.rows) == (f"{part.stem}.parquet", 10)
        assert (file.size_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    sink.close()


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
@pytest.mark.parametrize("note", ["-", "x" * 4_000], ids=["in one piece", "in many pieces"])
def test_copies_in_other_processes_write_the_same(tmp_path: Path, form: str, note: str) -> None:
    sink = begun(tmp_path / "out", options=SinkOptions(format=form))
    copy = pickle.loads(pickle.dumps(sink))  # noqa: S301 - what was pickled here
    one, other = (written(each, rows=10_000, note=note) for each in (sink, copy))
    assert one == other
    content = (tmp_path / "out" / one.files[0].path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == one.files[0].sha256
    sink.close()


@pytest.mark.parametrize("note", ["-", "x" * 4_000], ids=["before a byte", "midway"])
def test_what_fails_leaves_nothing(tmp_path: Path, note: str) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield from batches(10_000, note)
        raise ZeroDivisionError

    sink = begun(tmp_path / "out", options=SinkOptions(format="csv"))
    with pytest.raises(ZeroDivisionError):
        sink.write(Part("t", 0, 1, 0, 10), SHAPE, failing(), lambda _: "", nullcontext())
    assert names(tmp_path / "out") == [".seedbed-journal"]
    sink.close()


def test_a_vanished_folder_is_an_edge_error(tmp_path: Path) -> None:
    sink = begun(tmp_path / "out")
    (tmp_path / "out" / ".seedbed-journal").unlink()
    (tmp_path / "out").rmdir()
    for part in (Part("t", 0, 1, 0, 10), Part("t", 0, 2, 0, 10)):
        with pytest.raises(EdgeError, match="vanished"):
            written(sink, part)
    sink.close()


def test_two_runs_cannot_have_one_folder(tmp_path: Path) -> None:
    sink = begun(tmp_path / "out")
    with pytest.raises(ModelError, match="another run"):
        begun(tmp_path / "out", "overwrite")
    sink.close()
    begun(tmp_path / "out", "overwrite").close()


@pytest.mark.parametrize("existing", ["append", "upsert"])
def test_files_can_not_be_added_to(tmp_path: Path, existing: Existing) -> None:
    with pytest.raises(ModelError, match="can't be added to"):
        begun(tmp_path / "out", existing)
    assert not (tmp_path / "out").exists()


def test_a_discarded_run_leaves_what_others_had_there(tmp_path: Path) -> None:
    root = tmp_path / "out"
    root.mkdir()
    sink = begun(root)
    written(sink)
    written(sink, Part("t", 0, 2, 0, 10))
    (root / "letter.txt").write_text("dear")
    (root / "t" / "mine.parquet").write_text("mine")
    sink.pause("{}")
    sink.discard()
    sink.close()
    assert names(root) == ["letter.txt", "t/mine.parquet"]


@pytest.mark.parametrize("foreign", ["letter.txt", "t/mine.parquet", "other.parquet", "t/part-00000/x.txt"])
def test_foreign_files_are_not_overwritten(tmp_path: Path, foreign: str) -> None:
    root = tmp_path / "out"
    sink = begun(root)
    written(sink, Part("t", 0, 2, 0, 10))
    sink.close()
    (root / foreign).parent.mkdir(exist_ok=True)
    (root / foreign).write_text("mine")
    with pytest.raises(ModelError, match="not overwritten"):
        begun(root, "overwrite")
    (root / foreign).unlink()
    begun(root, "overwrite").close()
    assert names(root) == [".seedbed-journal"]


@pytest.mark.parametrize("kind", ["journal", "objects"])
def test_notes_are_read_as_they_were_kept(tmp_path: Path, kind: str) -> None:
    notes: Notes = Journal(tmp_path) if kind == "journal" else StoredNotes(Folder(tmp_path))
    head = Head("asked", ("t", "u"), ".csv")
    assert notes.read() is None
    notes.begin(head, ['{"part": 0}'])
    notes.add('{"part": 1}')
    found = notes.read()
    assert found is not None
    assert (found[0], sorted(found[1])) == (head, ['{"part": 0}', '{"part": 1}'])
    notes.begin(head, ['{"part": 1}'])
    assert notes.read() == (head, ['{"part": 1}'])
    notes.remove()
    assert notes.read() is None
    assert not names(tmp_path)


def test_a_torn_note_is_left_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(Head("asked", ("t",), ".csv"), ['{"part": 0}'])
    journal.close()
    with journal.path.open("a") as file:
        file.write('{"part": 1')
    found = journal.read()
    assert found is not None
    assert found[1] == ['{"part": 0}']


def test_files_that_are_held_have_their_size_and_content(tmp_path: Path) -> None:
    sink = begun(tmp_path / "out")
    done = written(sink)
    assert sink.holds(done, thoroughly=True)
    content = bytearray((tmp_path / "out" / "t.parquet").read_bytes())
    content[9] ^= 1
    (tmp_path / "out" / "t.parquet").write_bytes(content)
    assert sink.holds(done)
    assert not sink.holds(done, thoroughly=True)
    (tmp_path / "out" / "t.parquet").write_bytes(content[:-1])
    assert not sink.holds(done)
    sink.close()


# ------------------------------------------------------------------------------------------- folders


def parted(root: Path, columns: tuple[str, ...], table: TableShape = SHAPE, form: str = "parquet") -> FileSink:
    return begun(root, options=SinkOptions(format=form, partition_by={"t": columns}), tables=(table,))


def test_rows_lie_in_folders_by_their_values(tmp_path: Path) -> None:
    sink = parted(tmp_path, ("kind",))
    done = written(sink, Part("t", 7, 9, 0, 10))
    assert [file.path for file in done.files] == [
        "t/kind=a/part-00007.parquet",
        "t/kind=b%2Fc/part-00007.parquet",
        "t/kind=__HIVE_DEFAULT_PARTITION__/part-00007.parquet",
    ]
    tables = [pq.read_table(tmp_path / file.path, partitioning=None) for file in done.files]
    assert [table["id"].to_pylist() for table in tables] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    assert [table.column_names for table in tables] == [["id", "note"]] * 3
    sink.discard()
    sink.close()
    assert not names(tmp_path)


def test_folders_lie_within_folders_in_any_format(tmp_path: Path) -> None:
    sink = parted(tmp_path, ("note", "kind"), form="csv")
    done = written(sink)
    assert done.files[0].path == "t/note=-/kind=a/part-00000.csv"
    assert "id" in (tmp_path / done.files[0].path).read_text().splitlines()[0]
    assert "note" not in (tmp_path / done.files[0].path).read_text()
    sink.close()


def test_a_text_that_reads_as_null_is_spelt_otherwise(tmp_path: Path) -> None:
    batch = pa.record_batch([pa.array([1]), pa.array(["__HIVE_DEFAULT_PARTITION__"]), pa.array([""])], schema=SCHEMA)
    sink = parted(tmp_path, ("kind",))
    done = sink.write(Part("t", 0, 1, 0, 1), SHAPE, [batch], lambda _: "", nullcontext())
    assert done.files[0].path == "t/kind=%5F_HIVE_DEFAULT_PARTITION__/part-00000.parquet"
    sink.close()


def test_coded_texts_lie_in_the_same_folders(tmp_path: Path) -> None:
    plain = next(batches())
    coded = plain.set_column(1, pa.field("kind", pa.dictionary(pa.int32(), pa.string())), plain.column(1).dictionary_encode())
    sink = parted(tmp_path, ("kind",))
    found = [sink.write(Part("t", 0, 1, 0, 10), SHAPE, [batch, batch], lambda _: "", nullcontext()) for batch in (plain, coded)]
    assert [file.path for file in found[0].files] == [file.path for file in found[1].files]
    assert [file.rows for file in found[0].files] == [file.rows for file in found[1].files] == [8, 6, 6]
    sink.close()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("knd",), "there is no column `knd`"),
        (("kind", "kind"), "comes twice"),
        (("id", "kind", "note"), "no column would be left"),
        (("share",), "can't name folders"),
    ],
)
def test_columns_that_make_no_folders_are_refused(tmp_path: Path, columns: tuple[str, ...], message: str) -> None:
    table = replace(SHAPE, schema=SCHEMA.append(pa.field("share", pa.float64()))) if "share" in columns else SHAPE
    with pytest.raises(ModelError, match=message):
        parted(tmp_path / "out", columns, table)
    assert not (tmp_path / "out").exists()


def test_too_many_folders_are_refused(tmp_path: Path) -> None:
    sink = parted(tmp_path, ("id",))
    with pytest.raises(ModelError, match="more than 4,096 folders"):
        written(sink, rows=5_000)
    sink.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (SinkOptions(format="parqet"), "did you mean `parquet`"),
        (SinkOptions(compression="rar"), "no compression `rar`"),
        (SinkOptions(rate=5.0), "can't follow `--rate`"),
        (SinkOptions(row_group_rows=0), "can't have 0 rows"),
        (SinkOptions(encodings={"t.id": "dlta"}), "did you mean `delta`"),
    ],
    ids=str,
)
def test_options_that_can_not_be_are_refused(tmp_path: Path, options: SinkOptions, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_files(str(tmp_path / "out"), options)
    assert message in str(caught.value)


@pytest.mark.parametrize("encoding", ["plain", "dictionary", "delta", "split", "delta_length", "delta_text"])
def test_encodings_are_as_asked_or_refused(tmp_path: Path, encoding: str) -> None:
    for column, kinds in (
        ("id", ["plain", "dictionary", "delta", "split"]),
        ("note", ["plain", "dictionary", "delta_length", "delta_text"]),
    ):
        options = SinkOptions(encodings={f"t.{column}": encoding}, row_group_rows=4)
        if encoding not in kinds:
            with pytest.raises(ModelError, match="can't be stored as"):
                begun(tmp_path / column, options=options)
            continue
        sink = begun(tmp_path / column, options=options)
        written(sink)
        sink.close()
        metadata = pq.read_metadata(tmp_path / column / "t.parquet")
        assert [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)] == [4, 4, 2]
        found = metadata.row_group(0).column(SCHEMA.names.index(column))
        wanted = {"plain": "PLAIN", "dictionary": "RLE_DICTIONARY", "delta": "DELTA_BINARY_PACKED", "split": "BYTE_STREAM_SPLIT"}
        wanted |= {"delta_length": "DELTA_LENGTH_BYTE_ARRAY", "delta_text": "DELTA_BYTE_ARRAY"}
        assert wanted[encoding] in found.encodings
        assert pq.read_table(tmp_path / column / "t.parquet").num_rows == 10
