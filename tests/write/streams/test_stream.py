"""The one sink of all streams, with a broker in memory where a real one would only be slow."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.core.errors import EdgeError, ModelError, PluginError
from seedbed.core.sinks import Part, TableShape, Turns, Written
from seedbed.write.streams.messages import Messages
from seedbed.write.streams.rate import Rate
from seedbed.write.streams.rows import JsonRows
from seedbed.write.streams.stream import Channel, Plan, StreamSink
from seedbed.write.targets import SinkOptions, open_sink

TABLE = TableShape("user", pa.schema({"id": pa.int64(), "text": pa.string()}), 1_000, primary_key=("id",))


class MemoryBroker:
    """Keeps what it gets."""

    place = "memory://"

    def __init__(self) -> None:
        self.sent: list[Messages] = []
        self.opened = self.confirmed = self.closed = 0
        self.there = 0

    def topic(self, table: str) -> str:
        return table

    def prepare(self, topics: Collection[str], run: str, *, is_new: bool) -> None:
        del topics, run, is_new

    def finish(self, topics: Collection[str], run: str) -> None:
        del topics, run

    def connect(self) -> Channel:
        self.opened += 1
        return MemoryChannel(self)


class MemoryChannel:
    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    def rows_there(self, messages: Messages) -> int:
        del messages
        return self._broker.there

    def send(self, messages: Messages) -> None:
        self._broker.sent.append(messages)

    def confirm(self) -> None:
        self._broker.confirmed += 1

    def close(self) -> None:
        self._broker.closed += 1


def batch(start: int, stop: int) -> pa.RecordBatch:
    return pa.record_batch({"id": pa.array(range(start, stop)), "text": pa.array([str(row) for row in range(start, stop)])})


def write(sink: StreamSink, start: int = 0, stop: int = 100) -> Written:
    return sink.write(Part("user", 0, 1, start, stop), TABLE, [batch(start, stop)], lambda _: "", nullcontext())


def test_the_same_row_has_the_same_id_in_every_run_and_cut() -> None:
    ids = []
    for cuts in ([(0, 100)], [(0, 33), (33, 100)]):
        broker = MemoryBroker()
        sink = StreamSink(Plan(broker, JsonRows(), chunk_rows=7))
        sink.begin([TABLE], json.dumps({"fingerprint": "aaaabbbbccccddddeeee", "cut": len(cuts)}), "refuse")
        for start, stop in cuts:
            write(sink, start, stop)
        ids.append([name for messages in broker.sent for name in messages.ids])
    assert ids[0] == ids[1] == [f"aaaabbbbccccdddd/user/{row}" for row in range(100)]


def test_the_next_batch_is_made_only_when_the_last_one_was_taken() -> None:
    broker, made = MemoryBroker(), []

    def lazily() -> Iterator[pa.RecordBatch]:
        for start in range(0, 100, 10):
            made.append((start, sum(map(len, broker.sent))))
            yield batch(start, start + 10)

    StreamSink(Plan(broker, JsonRows())).write(Part("user", 0, 1, 0, 100), TABLE, lazily(), lambda _: "", nullcontext())
    assert all(start == sent for start, sent in made)


def test_a_rate_makes_small_steps_and_waits_for_each() -> None:
    clock = [0.0]
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock[0] += seconds

    broker = MemoryBroker()
    sink = StreamSink(Plan(broker, JsonRows(), rate=Rate(200, now=lambda: clock[0]), sleep=sleep))
    write(sink)
    assert {len(messages) for messages in broker.sent} == {10}
    assert clock[0] == pytest.approx(0.45)  # the last step needn't be waited for


def test_a_run_that_is_stopped_leaves_while_a_rate_makes_it_wait() -> None:
    class StopError(Exception):
        pass

    naps: list[float] = []

    def look() -> None:
        if len(naps) > 5:
            raise StopError

    broker = MemoryBroker()
    sink = StreamSink(Plan(broker, JsonRows(), rate=Rate(0.001, now=lambda: 0.0), sleep=naps.append))
    with pytest.raises(StopError):
        sink.write(Part("user", 0, 1, 0, 100), TABLE, [batch(0, 100)], lambda _: "", Turns(nullcontext(), look))
    assert broker.closed == 1


def test_connections_are_used_again_unless_they_failed() -> None:
    broker = MemoryBroker()
    sink = StreamSink(Plan(broker, JsonRows()))
    write(sink)
    write(sink)
    assert (broker.opened, broker.confirmed, broker.closed) == (1, 2, 0)

    def breaking() -> Iterator[pa.RecordBatch]:
        yield batch(0, 10)
        raise EdgeError("gone")

    with pytest.raises(EdgeError):
        sink.write(Part("user", 0, 1, 0, 100), TABLE, breaking(), lambda _: "", nullcontext())
    write(sink)
    assert (broker.opened, broker.closed) == (2, 1)
    sink.close()
    assert broker.closed == 2


def test_threads_have_a_connection_each() -> None:
    broker = MemoryBroker()
    sink = StreamSink(Plan(broker, JsonRows()))
    together = threading.Barrier(3, timeout=20)

    def meeting() -> Iterator[pa.RecordBatch]:
        together.wait()
        yield batch(0, 10)

    def work() -> None:
        sink.write(Part("user", 0, 1, 0, 10), TABLE, meeting(), lambda _: "", nullcontext())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert broker.opened == 3


def test_rows_that_the_broker_has_are_not_sent_again() -> None:
    broker = MemoryBroker()
    broker.there = 60
    sink = StreamSink(Plan(broker, JsonRows()))
    parts = [batch(0, 50), batch(50, 100)]
    sink.write(Part("user", 0, 1, 0, 100), TABLE, parts, lambda _: "", nullcontext())
    assert [(messages.first, len(messages)) for messages in broker.sent] == [(60, 40)]


def test_keys_are_asked_for_by_columns_that_there_are() -> None:
    broker = MemoryBroker()
    for keys, message in [({"users": ("id",)}, "did you mean `user`"), ({"user": ("txt",)}, "did you mean `text`")]:
        sink = StreamSink(Plan(broker, JsonRows(), keys=keys))
        with pytest.raises(ModelError, match=message):
            sink.begin([TABLE], "{}", "refuse")
    sink = StreamSink(Plan(broker, JsonRows(), keys={"user": ("text", "id")}))
    write(sink, 0, 2)
    assert broker.sent[0].keys == [b'["0",0]', b'["1",1]']


def test_notes_are_held_by_one_run(tmp_path: Path) -> None:
    state = tmp_path / "notes" / "run.state"
    sink = StreamSink(Plan(MemoryBroker(), JsonRows()), str(state))
    sink.begin([TABLE], "{}", "refuse")
    other = StreamSink(Plan(MemoryBroker(), JsonRows()), str(state))
    with pytest.raises(ModelError, match="--resume"):
        other.begin([TABLE], "{}", "refuse")
    with pytest.raises(ModelError, match="another run"):
        other.begin([TABLE], "{}", "resume")
    sink.close()
    other.begin([TABLE], "{}", "resume")
    other.discard()
    assert not state.exists()
    assert other.earlier() is None


def test_a_torn_note_is_left_out(tmp_path: Path) -> None:
    state = tmp_path / "run.state"
    sink = StreamSink(Plan(MemoryBroker(), JsonRows()), str(state))
    sink.begin([TABLE], '{"a": 1}', "refuse")
    sink.note("first")
    sink.note("second")
    sink.close()
    state.write_bytes(state.read_bytes()[:-5])
    ledger = sink.earlier()
    assert ledger is not None
    assert (ledger.request, ledger.receipts) == ('{"a": 1}', ("first",))


def test_notes_of_something_else_are_refused(tmp_path: Path) -> None:
    state = tmp_path / "run.state"
    state.write_text("hello\n")
    with pytest.raises(ModelError, match="no notes"):
        StreamSink(Plan(MemoryBroker(), JsonRows()), str(state)).earlier()
    state.write_text('{"seedbed_stream": 1, "place": "kafka://a:9092", "request": ""}\n')
    with pytest.raises(ModelError, match="kafka://a:9092"):
        StreamSink(Plan(MemoryBroker(), JsonRows()), str(state)).earlier()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("kafka://host/path", "no path"),
        ("kafka://host:port", "no host and port"),
        ("kafka://host?acks.x=1", "acks.x"),
        ("kafka://host?enable.idempotence=false", "stands on it"),
        ("kafka://host?topic={tabel}", "{tabel}"),
        ("kafka://host?topic=", "without a name"),
        ("redis://host/x", "no number"),
        ("redis://a,b", "several hosts"),
        ("mqtt://host?retain=1", "neither true nor false"),
        ("nats://host/x", "no path"),
        ("nats://host?strem=x", "did you mean `stream`"),
        ("http://host/x#lines=no", "neither true nor false"),
        ("http://host/x#attempts=0", "no number of attempts"),
        ("http://host/x#retries=3", "retries"),
        ("http://host/{tables}", "{tables}"),
        ("pulsar://host", "not served"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_sink(url, SinkOptions())
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "url", ["kafka://u:geheim@host:x", "redis://u:geheim@host/x", "nats://u:geheim@host?strem=1", "http://u:geheim@h#a=1"]
)
def test_a_password_is_never_in_an_error(url: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_sink(url, SinkOptions())
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_is_above_nothing(rate: float) -> None:
    with pytest.raises(ModelError, match="rate"):
        open_sink("redis://host", SinkOptions(rate=rate))


@pytest.mark.parametrize(
    ("scheme", "library", "extra"),
    [
        ("kafka", "confluent_kafka", "kafka"),
        ("amqp", "pika", "rabbitmq"),
        ("nats", "nats", "nats"),
        ("redis", "redis", "redis"),
        ("mqtt", "paho.mqtt.client", "mqtt"),
        ("http", "urllib3", "http"),
    ],
)
def test_a_missing_client_says_what_to_install(scheme: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(PluginError) as caught:
        open_sink(f"{scheme}://localhost", SinkOptions())
    assert f"pip install 'seedbed[{extra}]'" in str(caught.value)
