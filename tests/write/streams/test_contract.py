"""What every stream promises, against every broker."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.core.sinks import Existing, Part, Sink, TableShape, Written
from seedbed.write.targets import SinkOptions, open_sink
from tests.write.streams.harness import Harness, Received

ROWS, PART = 1_200, 400
RUN = "0123456789abcdef"
REQUEST = json.dumps({"fingerprint": RUN + "more", "spans": []})
SCHEMA = pa.schema([pa.field("id", pa.int64(), nullable=False), ("name", pa.string()), ("at", pa.timestamp("us"))])
USER = TableShape("user", SCHEMA, ROWS, primary_key=("id",))


def rows(start: int, stop: int) -> pa.RecordBatch:
    names = [None if row % 7 == 3 else f'Zoë "{row}"' for row in range(start, stop)]
    moments = pa.array([row * 1_000_000 for row in range(start, stop)], pa.timestamp("us"))
    return pa.RecordBatch.from_arrays([pa.array(range(start, stop)), pa.array(names), moments], schema=SCHEMA)


def batches(part: Part, size: int = 150) -> Iterator[pa.RecordBatch]:
    for start in range(part.start, part.stop, size):
        yield rows(start, min(start + size, part.stop))


def parts(count: int = ROWS) -> list[Part]:
    return [Part("user", at, count // PART, start, start + PART) for at, start in enumerate(range(0, count, PART))]


def send(sink: Sink, wanted: Sequence[Part]) -> None:
    for part in wanted:
        sink.write(part, USER, batches(part), _receipt, nullcontext())
        sink.note(str(part.index))


def _receipt(written: Written) -> str:
    return str(written.rows)


def names(found: Sequence[Received]) -> list[str]:
    return [message.id for message in found]


ALL = [f"{RUN}/user/{row}" for row in range(ROWS)]


def test_every_row_arrives_once_in_order_with_its_key_and_headers(stream: Harness) -> None:
    sink = open_sink(stream.url(), SinkOptions(headers={"x-origin": "test"}))
    sink.begin([USER], REQUEST, "refuse")
    send(sink, parts())
    sink.finish("{}")
    sink.close()
    found = stream.received(ROWS)
    assert sorted(names(found)) == sorted(ALL)
    assert {message.id: json.loads(message.value) for message in found} == {
        name: {"id": row, "name": None if row % 7 == 3 else f'Zoë "{row}"', "at": f"1970-01-01T00:{row // 60:02}:{row % 60:02}"}
        for row, name in enumerate(ALL)
    }
    told = {"content-type": "application/json", "seedbed-table": "user", "seedbed-run": RUN, "x-origin": "test"}
    assert all(message.headers == told for message in found)
    if type(stream).__name__ != "HttpHarness":
        assert all(message.key == message.id.rpartition("/")[2].encode() for message in found)
    if type(stream).__name__ != "KafkaHarness":  # there, order holds for a key
        assert names(found) == ALL


def test_copies_in_other_threads_send_the_same_rows(stream: Harness) -> None:
    sink = open_sink(stream.url(), SinkOptions())
    sink.begin([USER], REQUEST, "refuse")
    copy = pickle.loads(pickle.dumps(sink))  # noqa: S301 - our own
    failed: list[SeedbedError] = []

    def work(wanted: Sequence[Part]) -> None:
        try:
            for part in wanted:
                copy.write(part, USER, batches(part), _receipt, nullcontext())
        except SeedbedError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=([part],)) for part in parts()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    copy.close()
    sink.close()
    assert failed == []
    assert sorted(names(stream.received(ROWS))) == sorted(ALL)


def test_a_run_that_broke_off_goes_on_without_a_row_missing(stream: Harness, tmp_path: Path) -> None:
    options = SinkOptions(state=str(tmp_path / "run.state"), rate=1e6)
    sink = open_sink(stream.url(), options)
    sink.begin([USER], REQUEST, "refuse")
    first, second, third = parts()
    send(sink, [first])

    def broken() -> Iterator[pa.RecordBatch]:
        yield rows(second.start, second.start + 200)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sink.write(second, USER, broken(), _receipt, nullcontext())
    sink.close()

    again = open_sink(stream.url(), options)
    earlier = again.earlier()
    assert earlier is not None
    assert (earlier.request, earlier.receipts, earlier.manifest) == (REQUEST, ("0",), None)
    again.begin([USER], REQUEST, "resume", earlier.receipts)
    send(again, [second, third])
    again.finish("{}")
    again.close()
    found = names(stream.received(ROWS))
    assert set(found) == set(ALL)
    if stream.drops_doubles:
        assert len(found) == ROWS
    ended = open_sink(stream.url(), options).earlier()
    assert ended is not None
    assert (ended.receipts, ended.manifest) == (("0", "1", "2"), "{}")


@pytest.mark.slow
def test_a_broker_that_goes_away_midway_is_told_and_the_run_goes_on(stream: Harness, tmp_path: Path) -> None:
    options = SinkOptions(state=str(tmp_path / "run.state"))
    sink = open_sink(stream.url(timeout="3"), options)
    sink.begin([USER], REQUEST, "refuse")
    first, second, third = parts()
    send(sink, [first])
    comes_back = False

    def killing() -> Iterator[pa.RecordBatch]:
        nonlocal comes_back
        yield rows(second.start, second.start + 200)
        comes_back = stream.take_away()
        yield rows(second.start + 200, second.stop)

    with pytest.raises(EdgeError, match="fix:"):
        sink.write(second, USER, killing(), _receipt, nullcontext())
    sink.close()
    if not comes_back:
        return
    stream.bring_back()
    again = open_sink(stream.url(), options)
    earlier = again.earlier()
    assert earlier is not None
    again.begin([USER], REQUEST, "resume", earlier.receipts)
    send(again, [second, third])
    again.close()
    found = names(stream.received(ROWS))
    assert set(found) == set(ALL)
    if stream.drops_doubles:
        assert len(found) == ROWS


def test_rows_go_as_avro(stream: Harness, tmp_path: Path) -> None:
    from io import BytesIO

    import fastavro

    if type(stream).__name__ == "HttpHarness":
        with pytest.raises(ModelError, match="JSON"):
            open_sink(stream.url(), SinkOptions(format="avro"))
        return
    sink = open_sink(stream.url(schemas=str(tmp_path / "schemas")), SinkOptions(format="avro"))
    sink.begin([USER], REQUEST, "refuse")
    send(sink, parts()[:1])
    sink.close()
    schema = json.loads((tmp_path / "schemas" / "user.avsc").read_text())
    mark = b"\xc3\x01" + bytes.fromhex(fastavro.schema.fingerprint(fastavro.schema.to_parsing_canonical_form(schema), "CRC-64-AVRO"))
    found = {message.id: message.value for message in stream.received(PART)}
    assert all(value.startswith(mark) for value in found.values())
    row = fastavro.schemaless_reader(BytesIO(found[ALL[9]][len(mark) :]), schema, None)
    assert isinstance(row, dict)
    assert (row["id"], row["name"]) == (9, 'Zoë "9"')


def test_a_wrong_password_is_told_and_never_shown(stream: Harness) -> None:
    if not stream.wrong_url():
        pytest.skip("this server lets everyone in")
    sink = open_sink(stream.wrong_url(), SinkOptions())
    assert "secretword" not in sink.place
    with pytest.raises(EdgeError) as caught:
        sink.begin([USER], REQUEST, "refuse")
    assert "secretword" not in str(caught.value)
    assert "password" in str(caught.value)
    sink.close()


def test_nobody_there_is_told_at_once(stream: Harness) -> None:
    from tests.servers.daemons import free_port

    scheme = stream.url().partition(":")[0]
    sink = open_sink(f"{scheme}://user:secretword@127.0.0.1:{free_port()}", SinkOptions())
    with pytest.raises(EdgeError, match="nobody is there") as caught:
        sink.begin([USER], REQUEST, "refuse")
    assert caught.value.exit_code == 3
    assert "secretword" not in str(caught.value)
    sink.close()


def test_a_row_that_is_too_large_is_told(stream: Harness) -> None:
    kind = type(stream).__name__
    if kind in ("RedisHarness", "HttpHarness"):
        pytest.skip("its limit is far away")
    shape = TableShape("user", pa.schema({"text": pa.string()}), 1)
    batch = pa.record_batch({"text": pa.array(["x" * 2_000_000])}, schema=shape.schema)
    sink = open_sink(stream.url(), SinkOptions())
    sink.begin([shape], REQUEST, "refuse")
    with pytest.raises(ModelError, match="larger"):
        sink.write(Part("user", 0, 1, 0, 1), shape, [batch], _receipt, nullcontext())
    sink.close()


@pytest.mark.parametrize("existing", ["overwrite", "upsert"])
def test_what_was_sent_is_never_taken_back(stream: Harness, existing: Existing) -> None:
    sink = open_sink(stream.url(), SinkOptions())
    with pytest.raises(ModelError, match="taken back"):
        sink.begin([USER], REQUEST, existing)
    with pytest.raises(ModelError, match="--state"):
        sink.begin([USER], REQUEST, "resume")
    sink.close()


def test_no_rows_are_a_part_too(stream: Harness) -> None:
    sink = open_sink(stream.url(), SinkOptions())
    sink.begin([USER], REQUEST, "refuse")
    assert sink.write(Part("user", 0, 1, 0, 0), USER, [rows(0, 0)], _receipt, nullcontext()) == Written(0, 0)
    sink.close()


def test_addresses_are_looked_at_before_anything_is_sent(stream: Harness) -> None:
    with pytest.raises(SeedbedError, match="timeoot"):
        open_sink(stream.url(timeoot="3"), SinkOptions())
    with pytest.raises(ModelError, match="xml"):
        open_sink(stream.url(), SinkOptions(format="xml"))
    with pytest.raises(ModelError, match="compression"):
        open_sink(stream.url(), SinkOptions(compression="zstd"))
    with pytest.raises(ModelError, match="upsert"):
        open_sink(stream.url(), SinkOptions(mode="upsert"))
