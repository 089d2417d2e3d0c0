"""Runs into buckets: the same files as in a folder, gone on with, verified."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

import seedbed
from seedbed.core.events import Event, PartMade
from seedbed.outside.places import open_place
from seedbed.write.notes import RUN
from tests.run.shop import names, write_model
from tests.servers.buckets import Buckets


class Stop(Exception):  # noqa: N818 - whatever ends a run
    """The run ends here."""


def stop(event: Event) -> None:
    if isinstance(event, PartMade) and event.table == "order":
        raise Stop


def test_a_bucket_gets_the_files_of_a_folder_even_after_a_stop(tmp_path: Path, s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    model = write_model(tmp_path, customers=200_000)
    url = f"{s3.url}/{secrets.token_hex(4)}/shop"
    seedbed.generate(model, tmp_path / "whole")
    with pytest.raises(Stop):
        seedbed.generate(model, to=url, events=stop, workers=1)
    with pytest.raises(seedbed.DataError, match="has not ended"):
        seedbed.verify(url)
    with pytest.raises(seedbed.ModelError, match="not empty"):
        seedbed.generate(model, to=url)
    assert seedbed.generate(model, to=url, resume=True).kept_rows > 0
    place = open_place(url)
    assert [path for path in place.paths() if path != RUN] == names(tmp_path / "whole")
    assert all(place.read(name) == (tmp_path / "whole" / name).read_bytes() for name in names(tmp_path / "whole"))
    assert seedbed.verify(url).ok
    place.write("order/part-00001.parquet", b"harmed")
    assert {difference.where for difference in seedbed.verify(url, contents=False).differences} == {"order/part-00001.parquet"}
    seedbed.generate(model, to=url, overwrite=True, tables=["status"])
    assert list(place.paths()) == [".metadata.json", RUN, "status.parquet"]
