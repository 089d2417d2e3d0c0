"""Places in object stores: one contract over every store, real or emulated."""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from seedbed.core.errors import EdgeError, ModelError
from seedbed.outside.leases import LOCK, Holder
from seedbed.outside.places import ObjectPlace, open_place
from seedbed.outside.stores import Patience
from seedbed.outside.unfinished import drop_unfinished
from seedbed.outside.uploads import WHOLE_BYTES
from tests.servers.buckets import Buckets, unfinished
from tests.servers.postgres import free_port
from tests.servers.s3 import moto

#: moto and Azurite are emulators, the third stands in for Google's, Swift is a real store.
STORES = ("s3", "azure", "gcs", "swift")

SOON = Patience(request_s=3, retries_s=2)


@pytest.fixture(params=STORES)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Buckets:
    found: Buckets = request.getfixturevalue(request.param)
    reach(found, monkeypatch)
    return found


def reach(server: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def place(server: Buckets) -> Iterator[ObjectPlace]:
    made = open_place(f"{server.url}/runs/{secrets.token_hex(4)}")
    yield made
    assert list(made.paths(".seedbed/")) == []  # no test leaves a lock or a probe


def test_what_is_written_is_there(place: ObjectPlace) -> None:
    place.write("a.txt", b"hello")
    place.write("deep/er/b.txt", memoryview(b"again"))
    place.write("a.txt", b"other")
    place.write("none", b"")
    assert place.read("a.txt") == b"other"
    assert place.read("none") == b""
    assert [place.size(path) for path in ("deep/er/b.txt", "none", "absent")] == [5, 0, None]
    assert sorted(place.paths()) == ["a.txt", "deep/er/b.txt", "none"]
    assert list(place.paths("deep/e")) == ["deep/er/b.txt"]
    assert place.read("absent") is None


def test_any_name_of_a_file_is_kept(place: ObjectPlace) -> None:
    names = ["e/country=K%C3%B6ln/part-0.csv", "a b/ü&c=1+2.txt", ".metadata.json", "x/[y]~!'(*).csv"]
    for name in names:
        place.write(name, name.encode())
    assert sorted(place.paths()) == sorted(names)
    assert [place.read(name) for name in names] == [name.encode() for name in names]
    place.remove(names)
    assert list(place.paths()) == []


def test_files_that_are_not_there_can_be_removed(place: ObjectPlace) -> None:
    place.write("a", b"1")
    place.write("b", b"2")
    place.remove(["absent", "a", "gone/too"])
    assert list(place.paths()) == ["b"]


def test_large_files_go_in_pieces_and_come_back(place: ObjectPlace) -> None:
    piece = bytes(range(256)) * 4096  # 1 MiB
    with place.open("large.bin") as file:
        for _ in range((WHOLE_BYTES >> 20) + 9):
            file.write(piece)
        file.write(b"end")
        assert place.size("large.bin") is None
    assert place.size("large.bin") == WHOLE_BYTES + (9 << 20) + 3
    assert b"".join(place.chunks("large.bin")) == piece * ((WHOLE_BYTES >> 20) + 9) + b"end"


@pytest.mark.parametrize("size", [10, WHOLE_BYTES + (20 << 20)], ids=["small", "large"])
def test_a_file_whose_writing_fails_is_not_there(place: ObjectPlace, server: Buckets, size: int) -> None:
    with pytest.raises(ZeroDivisionError), place.open("half") as file:
        file.write(bytes(size // (1 - file.write(bytes(size)) // size)))
    assert place.size("half") is None
    assert list(place.paths()) == []
    if place.name.startswith("s3"):
        assert unfinished(server.port, place.store.bucket.name) == 0


def test_files_can_be_read_from_anywhere(place: ObjectPlace) -> None:
    place.write("a", b"0123456789")
    reader = place.reader("a")
    assert reader.seek(-3, io.SEEK_END) == 7
    assert reader.read() == b"789"
    assert reader.read(5) == b""
    reader.seek(2)
    assert io.BufferedReader(reader).read(3) == b"234"
    with pytest.raises(EdgeError, match="no such file"):
        place.reader("absent")
    with pytest.raises(EdgeError, match="no such file"):
        next(place.chunks("absent"))


def test_one_run_at_a_time(place: ObjectPlace) -> None:
    release = place.take()
    with pytest.raises(ModelError, match=r"another run is writing here \(on .*, process \d+\)"):
        place.take()
    assert list(place.paths()) == []  # the lock is no file of the place's
    release()
    release()
    place.take()()
    assert place.read(LOCK) is None


def test_the_place_of_a_dead_run_is_taken_over_at_once(place: ObjectPlace) -> None:
    here = Holder.here()
    place.store.put(LOCK, Holder("dead", here.host, here.process, "1").to_bytes())  # this process's number, but another beginning
    place.take()()
    place.store.put(LOCK, b"torn")
    with pytest.raises(ModelError, match="another run"):  # who it was can't be told: 60 seconds of silence will tell
        place.take()
    place.store.delete([LOCK])


def test_a_run_on_another_machine_is_waited_for(place: ObjectPlace) -> None:
    place.store.put(LOCK, Holder("far", "elsewhere", 1, "1").to_bytes())
    with pytest.raises(ModelError, match="on elsewhere"):
        place.take()
    place.store.delete([LOCK])


def test_of_many_runs_that_begin_at_once_one_gets_the_place(server: Buckets, place: ObjectPlace) -> None:
    if not server.keeps_conditions:
        pytest.skip("this store has no conditions: runs that begin in the same moment are not kept apart for sure")
    got: list[object] = []
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        try:
            got.append(place.take())
        except ModelError as error:
            got.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    releases = [one for one in got if callable(one)]
    assert len(got) == 4
    assert len(releases) == 1
    releases[0]()


def write_until(place: ObjectPlace, end: float) -> None:
    while time.monotonic() < end:
        place.write("a", b"1")
        time.sleep(0.02)


def test_a_run_that_lost_its_place_writes_no_more(place: ObjectPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedbed.outside.leases._RENEWED_S", 0.05)
    release = place.take()
    place.store.put(LOCK, Holder("other", "elsewhere", 1, "1").to_bytes())
    end = time.monotonic() + 10
    with pytest.raises(EdgeError, match="another run took this place"):
        write_until(place, end)
    release()
    assert Holder.read(place.read(LOCK)) == Holder("other", "elsewhere", 1, "1")
    place.remove([LOCK])


# ------------------------------------------------------------------------------------------- failures


def test_a_missing_bucket_is_named(server: Buckets) -> None:
    place = open_place(f"{server.url.partition('://')[0]}://no-such-bucket/x")
    for ask in (lambda: place.write("a", b"1"), place.take, lambda: list(place.paths()), lambda: place.read("a")):
        with pytest.raises(EdgeError, match=r"there is no (bucket|container) `no-such-bucket`"):
            ask()


def test_wrong_credentials_are_refused_and_never_printed(swift: Buckets, azure: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(swift, monkeypatch)
    reach(azure, monkeypatch)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "Sesame1234")
    text = azure.environment["AZURE_STORAGE_CONNECTION_STRING"].replace("AccountKey=", "AccountKey=Sesame12")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    for url, variable in ((swift.url, "AWS_SECRET_ACCESS_KEY"), (azure.url, "AZURE_STORAGE_CONNECTION_STRING")):
        place = open_place(f"{url}/x")
        for ask in (partial(place.write, "a", b"1"), place.take, partial(next, place.paths(), None), partial(place.size, "a")):
            with pytest.raises(EdgeError, match=f"refused these credentials.*\n.*{variable}") as caught:
                ask()
            assert "Sesame" not in f"{caught.value!r} {caught.value.__cause__!r} {place!r}"
            assert "ignature=" not in str(caught.value)


@pytest.mark.parametrize("url", ["s3://bucket/x", "az://bucket/x", "gs://bucket/x"])
def test_a_refused_connection_ends_soon(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://ann:secret@{at}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", at)
    text = f"AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint=http://{at}/a"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    place = open_place(url, SOON)
    began = time.monotonic()
    with pytest.raises(EdgeError, match=r"can't be reached: no connection(.|\n)*fix:") as caught:
        place.write("a", b"1")
    assert time.monotonic() - began < 10
    assert "secret" not in str(caught.value)
    assert at in str(caught.value)


def test_a_server_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
        began = time.monotonic()
        with pytest.raises(EdgeError, match="can't be reached: it did not answer in time"):
            open_place("s3://bucket/x", Patience(request_s=0.5, retries_s=1)).write("a", b"1")
        assert time.monotonic() - began < 10


def until_killed(server: Buckets, after: int, count: int) -> Iterator[bytes]:
    """Chunks of 8 MiB, between which the server is killed."""
    for number in range(count):
        if number == after >> 23:
            server.process.kill()
            server.process.wait(10)
        yield bytes(8 << 20)


def test_a_server_that_ends_midway_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with moto("midway") as server:
        reach(server, monkeypatch)
        place = open_place("s3://midway/x", SOON)
        began = time.monotonic()
        with pytest.raises(EdgeError, match="can't be reached"), place.open("large") as file:
            file.writelines(until_killed(server, WHOLE_BYTES + (16 << 20), 100))
        assert time.monotonic() - began < 30


@pytest.mark.parametrize("name", ["s3", "swift"])
def test_uploads_of_killed_runs_are_dropped_when_the_place_is_taken(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore

    server: Buckets = request.getfixturevalue(name)
    reach(server, monkeypatch)
    place, beside = (open_place(f"{server.url}/{folder}") for folder in ("killed", "killed-not"))
    for one in (place, beside):
        writer = obstore.open_writer(one.store._client, "half ü.bin", buffer_size=5 << 20)
        writer.write(bytes(11 << 20))
        del writer  # neither ended nor aborted, as after a kill
    assert unfinished(server.port, place.store.bucket.name) == 2
    place.take()()
    assert unfinished(server.port, place.store.bucket.name) == 1
    assert drop_unfinished(beside.store.bucket) == 1
    assert list(place.paths()) == list(beside.paths()) == []


def test_endpoints_elsewhere_need_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1:9000")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    with pytest.raises(ModelError, match="has no encryption"):
        open_place("s3://bucket/x", SOON).write("a", b"1")


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///x", "s3://key:secret@bucket/x", "s3://b/a/../c", "s3://b/a//c", "gs://b/x?y=1", "ftp://b/x"]
)
def test_addresses_that_are_no_buckets_are_refused(url: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_place(url)
    assert "secret" not in str(caught.value)
