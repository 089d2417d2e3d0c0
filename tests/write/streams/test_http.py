"""HTTP: what is asked again, after which waits, and what is refused at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.sinks import Part, TableShape, Written
from seedbed.outside.http import Answer
from seedbed.write.streams.http import LONGEST_WAIT_S, Patience, open_sink
from seedbed.write.streams.stream import StreamSink
from seedbed.write.targets import SinkOptions
from tests.servers.http import HttpServer

TABLE = TableShape("user", pa.schema({"id": pa.int64()}), 25, primary_key=("id",))


@contextmanager
def sending(url: str, patience: Patience, options: SinkOptions = SinkOptions(batch_rows=10)) -> Iterator[StreamSink]:  # noqa: B008 - frozen
    sink = open_sink(url, options, patience)
    try:
        sink.begin([TABLE], '{"fingerprint": "0123456789abcdef"}', "refuse")
        yield sink
    finally:
        sink.close()


def write(sink: StreamSink) -> Written:
    batch = pa.record_batch({"id": pa.array(range(25))})
    return sink.write(Part("user", 0, 1, 0, 25), TABLE, [batch], lambda _: "", nullcontext())


def patient(naps: list[float], attempts: int = 8, chance: float = 0.5) -> Patience:
    return Patience(attempts, naps.append, lambda: chance)


def test_requests_are_lists_of_rows_with_a_key(http_server: HttpServer) -> None:
    with sending(http_server.url("/v1/{table}?a=1"), patient([])) as sink:
        write(sink)
    assert [len(json.loads(request.body)) for request in http_server.accepted] == [10, 10, 5]
    assert {request.path for request in http_server.accepted} == {"/v1/user?a=1"}
    assert http_server.seen == [f'"0123456789abcdef/user/{rows}"' for rows in ("0-10", "10-20", "20-25")]


def test_rows_can_go_a_line_each(http_server: HttpServer) -> None:
    with sending(http_server.url(settings="lines=true"), patient([])) as sink:
        write(sink)
    assert http_server.accepted[2].body == b'{"id":20}\n{"id":21}\n{"id":22}\n{"id":23}\n{"id":24}\n'
    assert http_server.accepted[0].headers["content-type"] == "application/x-ndjson"


@pytest.mark.parametrize("fault", [429, 503, 500, 408, "cut"])
def test_what_may_help_is_asked_again_with_the_same_key(http_server: HttpServer, fault: int | str) -> None:
    naps: list[float] = []
    http_server.faults[:] = [fault, fault]
    with sending(http_server.url(), patient(naps)) as sink:
        write(sink)
    assert naps == [0.25, 0.5]
    assert len(set(http_server.seen[:3])) == 1
    assert len(http_server.accepted) == 3


def test_a_server_that_hangs_is_asked_again(http_server: HttpServer) -> None:
    naps: list[float] = []
    http_server.faults[:] = ["hang"]
    with sending(http_server.url(settings="timeout=0.3"), patient(naps)) as sink:
        write(sink)
    assert len(naps) == 1


def test_a_server_says_when_to_come_back(http_server: HttpServer) -> None:
    naps: list[float] = []
    http_server.faults[:] = [(429, "3"), (503, "7")]
    with sending(http_server.url(), patient(naps)) as sink:
        write(sink)
    assert naps == [3.0, 7.0]


def test_a_server_that_wants_too_long_a_wait_ends_the_run(http_server: HttpServer) -> None:
    http_server.faults[:] = [(503, "86400")]
    with sending(http_server.url(), patient([])) as sink, pytest.raises(EdgeError, match="503"):
        write(sink)
    assert len(http_server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 301])
def test_a_refusal_is_told_at_once_and_shortened(http_server: HttpServer, status: int) -> None:
    http_server.faults[:] = [status]
    http_server.answer = b'{"error": "no such\n column", "more": "' + b"x" * 5_000 + b'"}'
    with sending(http_server.url(), patient([])) as sink, pytest.raises(ModelError) as caught:
        write(sink)
    assert f"refused rows 0 to 9 of `user` with {status}" in str(caught.value)
    assert "no such column" in str(caught.value)
    assert len(str(caught.value)) < 600
    assert len(http_server.seen) == 1


def test_patience_ends(http_server: HttpServer) -> None:
    naps: list[float] = []
    http_server.faults[:] = [503] * 5
    with sending(http_server.url(), patient(naps, attempts=3)) as sink, pytest.raises(EdgeError, match="after 3 attempts"):
        write(sink)
    assert (len(naps), len(http_server.seen)) == (2, 3)


def test_waits_double_up_to_the_longest_and_are_cut_by_chance() -> None:
    never, half = patient([], chance=1 - 1e-9), patient([], chance=0.5)
    waits = [never.wait_s(attempt, Answer(503)) for attempt in range(12)]
    assert waits == pytest.approx([0.5, 1, 2, 4, 8, 16, *[LONGEST_WAIT_S] * 6])
    assert half.wait_s(2, Answer(503)) == 1.0


def test_dates_of_return_are_understood() -> None:
    patience = Patience(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=lambda: 0.0)
    assert patience.wait_s(0, Answer(503, "", "Thu, 01 Jan 2026 00:00:09 GMT")) == 9.0
    assert patience.wait_s(0, Answer(503, "", "Wed, 31 Dec 2025 00:00:00 GMT")) == 0.0
    assert patience.wait_s(0, Answer(503, "", "soon")) == 0.0


def test_credentials_go_as_basic_authorisation_and_are_not_shown(http_server: HttpServer) -> None:
    with sending(http_server.url(who="ann:s%40cret@"), patient([])) as sink:
        write(sink)
        assert "cret" not in sink.place
    assert http_server.accepted[0].headers["authorization"] == "Basic YW5uOnNAY3JldA=="


def test_a_token_in_a_header_goes_along(http_server: HttpServer) -> None:
    with sending(http_server.url(), patient([]), SinkOptions(headers={"Authorization": "Bearer x"})) as sink:
        write(sink)
        assert "Bearer" not in str(sink.settings)
    assert http_server.accepted[0].headers["authorization"] == "Bearer x"
