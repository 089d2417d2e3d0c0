"""What holds for tables in every database."""

from __future__ import annotations

from contextlib import nullcontext

import pyarrow as pa
import pytest

from seedbed.core.errors import DataError, EdgeError, ModelError
from seedbed.core.sinks import Part, TableShape
from tests.write.databases.world import (
    BATCHES,
    CHILD,
    CHILDREN_ROWS,
    MANIFEST,
    PARENT,
    PARENTS,
    SHAPES,
    Load,
    digests,
    load,
    names_in,
    opened,
    put,
    rows_of,
    stored,
    taken,
)

KEPT = "_seedbed_manifest"


def whole(url: str) -> bool:
    """Whether both tables are there as they were made, and nothing of ours but the manifest."""
    assert names_in(url) == {PARENT, CHILD, KEPT}
    return all(stored(url, name, batch.schema) == digests(batch) for name, batch in BATCHES.items())


def test_every_type_is_read_back_with_equal_digests(url: str) -> None:
    load(url)
    assert whole(url)


def test_the_manifest_is_kept(url: str) -> None:
    with opened(url) as sink:
        assert sink.earlier() is None
    load(url)
    with opened(url) as sink:
        ledger = sink.earlier()
    assert ledger is not None
    assert (ledger.request, ledger.receipts, ledger.manifest) == ("the request", (), MANIFEST)


def test_tables_that_are_there_are_refused(url: str) -> None:
    load(url)
    with pytest.raises(ModelError, match=r"already a table .*child[\s\S]*--overwrite"):
        load(url)
    assert whole(url)


def test_tables_are_replaced_at_the_end_only(url: str) -> None:
    load(url, what=taken(SHAPES, **{PARENT: PARENTS.slice(0, 10), CHILD: CHILDREN_ROWS.slice(0, 3)}))
    load(url, "overwrite", stop_after=2)
    assert len(rows_of(url, PARENT)) == 10
    load(url, "resume", "replace")
    assert whole(url)


def test_rows_are_added_to_tables_that_are_there(url: str) -> None:
    first = taken(SHAPES, **{PARENT: PARENTS.slice(0, 400), CHILD: CHILDREN_ROWS.slice(0, 400)})
    second = taken(SHAPES, **{PARENT: PARENTS.slice(400), CHILD: CHILDREN_ROWS.slice(400)})
    load(url, what=first)
    load(url, "append", "append", second)
    assert whole(url)


def test_rows_that_are_there_make_added_ones_fail_without_a_trace(url: str) -> None:
    load(url)
    with opened(url) as sink:
        sink.begin(SHAPES, "another request", "append")
        for shape in SHAPES:
            for part, batch in Load().pieces(shape):
                put(sink, part, shape, batch)
        with pytest.raises(ModelError, match=r"(?i)duplicate|unique"):
            sink.finish(MANIFEST)
        sink.discard()
    assert whole(url)


def test_rows_are_replaced_by_their_key(url: str) -> None:
    alone = (TableShape("t", pa.schema([pa.field("id", pa.int64(), nullable=False), ("word", pa.string())]), 3, ("id",)),)
    old = pa.record_batch([[1, 2, 3], ["a", "b", "c"]], schema=alone[0].schema)
    new = pa.record_batch([[2, 4], ["B", "d"]], schema=alone[0].schema)
    load(url, what=taken(alone, t=old))
    load(url, "upsert", "upsert", taken(alone, t=new))
    assert [(row["id"], row["word"]) for row in rows_of(url, "t")] == [(1, "a"), (2, "B"), (3, "c"), (4, "d")]
    assert names_in(url) == {"t", KEPT}


def test_rows_without_a_key_are_not_replaced(url: str) -> None:
    with pytest.raises(ModelError, match="rows can't be replaced by key"):
        load(url, "upsert", "upsert", taken([TableShape("t", CHILDREN_ROWS.schema, 1)], t=CHILDREN_ROWS))
    assert names_in(url) == set()


def test_columns_that_are_missing_or_of_another_type_are_refused(url: str) -> None:
    alone = TableShape("t", pa.schema([pa.field("id", pa.int64(), nullable=False), ("word", pa.string())]), 1, ("id",))
    load(url, what=taken([alone], t=pa.record_batch([[1], ["a"]], schema=alone.schema)))
    wider = TableShape("t", pa.schema([*alone.schema, pa.field("more", pa.int64())]), 1, ("id",))
    other = TableShape("t", pa.schema([alone.schema.field(0), pa.field("word", pa.binary())]), 1, ("id",))
    for shape, word in ((wider, "more"), (other, "word")):
        with opened(url) as sink, pytest.raises(ModelError, match=word):
            sink.begin([shape], "r", "append")
        assert names_in(url) == {"t", KEPT}


def test_keys_are_kept_by_the_database(url: str) -> None:
    load(url)
    twice = taken(SHAPES[:1], **{PARENT: PARENTS.slice(0, 1)})
    lost = pa.record_batch([[9999], [5000]], schema=CHILDREN_ROWS.schema)
    for what in (twice, taken(SHAPES[1:], **{CHILD: lost})):
        with opened(url) as sink:
            sink.begin(what.shapes, "r", "append")
            for part, batch in what.pieces(what.shapes[0]):
                put(sink, part, what.shapes[0], batch)
            with pytest.raises(ModelError):
                sink.finish(MANIFEST)
            sink.discard()
    assert whole(url)


def test_keys_that_do_not_hold_leave_nothing(url: str) -> None:
    same = pa.record_batch([[1, 2], ["a", "a"]], schema=pa.schema([("id", pa.int64()), ("word", pa.string())]))
    shape = TableShape("t", same.schema, 2, (), (("word",),))
    with opened(url) as sink:
        sink.begin([shape], "r", "refuse")
        put(sink, Part("t", 0, 1, 0, 2), shape, same)
        with pytest.raises(ModelError):
            sink.finish(MANIFEST)
        sink.discard()
    assert names_in(url) == set()


@pytest.mark.parametrize("parts", [0, 1, 4])
def test_a_run_goes_on_where_it_stopped(url: str, parts: int) -> None:
    load(url, stop_after=parts)
    assert PARENT not in names_in(url)
    with pytest.raises(ModelError, match="unfinished run"):
        load(url)
    load(url, "resume", stop_after=1)
    load(url, "resume")
    assert whole(url)


def test_a_run_that_ended_is_not_done_again(url: str) -> None:
    load(url)
    with opened(url) as sink:
        sink.begin(SHAPES, "the request", "resume")
        with pytest.raises(ModelError, match="has ended"):
            put(sink, Part(PARENT, 0, 1, 0, 1000), SHAPES[0], PARENTS)
    assert whole(url)


def test_an_unfinished_run_is_dropped_by_overwriting(url: str) -> None:
    load(url, stop_after=4, what=Load(request="an older one"))
    load(url, "overwrite")
    assert whole(url)


def test_rows_that_are_missing_keep_the_run_unfinished(url: str) -> None:
    with opened(url) as sink:
        sink.begin(SHAPES, "r", "refuse")
        put(sink, *Load().pieces(SHAPES[0])[0][:1], SHAPES[0], Load().pieces(SHAPES[0])[0][1])
        with pytest.raises(EdgeError, match="are missing"):
            sink.finish(MANIFEST)
        sink.pause(MANIFEST)
    assert PARENT not in names_in(url)


def test_a_run_that_is_given_up_leaves_what_was_there(url: str) -> None:
    load(url)
    small = taken(SHAPES, **{PARENT: PARENTS.slice(0, 10), CHILD: CHILDREN_ROWS.slice(0, 3)})
    with opened(url) as sink:
        sink.begin(small.shapes, "r", "overwrite")
        for part, batch in small.pieces(small.shapes[0]):
            put(sink, part, small.shapes[0], batch)
        sink.discard()
    assert whole(url)


def test_giving_up_a_run_that_never_began_drops_no_other(url: str) -> None:
    load(url, stop_after=2)
    with opened(url) as sink:
        with pytest.raises(ModelError, match="unfinished run"):
            sink.begin(SHAPES, "r", "refuse")
        sink.discard()
    load(url, "resume")
    assert whole(url)


def test_a_part_that_breaks_leaves_nothing_of_itself(url: str) -> None:
    def broken() -> object:
        yield PARENTS.slice(0, 10)
        message = "stop"
        raise KeyError(message)

    with opened(url) as sink:
        sink.begin(SHAPES, "the request", "refuse")
        with pytest.raises(KeyError, match="stop"):
            sink.write(Part(PARENT, 0, 3, 0, 334), SHAPES[0], broken(), lambda _: "", nullcontext())  # type: ignore[arg-type]
    load(url, "resume")
    assert whole(url)


def test_a_table_without_rows_is_a_table(url: str) -> None:
    what = taken(SHAPES, **{PARENT: PARENTS.slice(0, 0), CHILD: CHILDREN_ROWS.slice(0, 0)})
    load(url, what=Load(what.shapes, what.batches, parts=1))
    assert rows_of(url, PARENT) == []


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (pa.field("at", pa.duration("s")), r"t\.at.*no type for duration"),
        (pa.field("_seedbed_x", pa.int64()), "names that begin with"),
        (pa.field("deep", pa.list_(pa.struct([("d", pa.duration("us"))]))), r"t\.deep.*no type"),
    ],
)
def test_what_has_no_place_is_refused_before_the_first_row(url: str, column: pa.Field, told: str) -> None:
    shape = TableShape("t", pa.schema([("id", pa.int64()), column]), 0)
    with opened(url) as sink, pytest.raises(ModelError, match=told):
        sink.begin([shape], "r", "refuse")
    assert names_in(url) == set()


def test_a_reference_to_a_table_that_is_nowhere_is_refused(url: str) -> None:
    with opened(url) as sink, pytest.raises(ModelError, match="neither there nor written now"):
        sink.begin(SHAPES[1:], "r", "refuse")
    assert names_in(url) == set()


def test_a_text_that_is_no_uuid_is_refused_by_its_row(url: str) -> None:
    schema = pa.schema([pa.field("code", pa.string(), metadata={"seedbed.type": "uuid"})])
    shape = TableShape("t", schema, 2)
    if url.startswith(("mysql", "sqlite")):
        pytest.skip("UUIDs are texts here")
    with opened(url) as sink:
        sink.begin([shape], "r", "refuse")
        with pytest.raises((DataError, ModelError), match=r"(?i)uuid"):
            put(sink, Part("t", 0, 1, 0, 2), shape, pa.record_batch([["6b696e64-6e65-7373-6b69-6e646e657373", "x" * 36]], schema=schema))
        sink.discard()
    assert names_in(url) == set()
