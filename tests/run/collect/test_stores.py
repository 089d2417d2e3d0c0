"""Files of a bucket become tables, each once."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

import seedbed
from seedbed.core.errors import ModelError
from seedbed.outside.places import open_place
from tests.run.collect.folders import record, table
from tests.servers.buckets import Buckets


def test_objects_of_a_bucket_become_rows(tmp_path: Path, s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    url = f"{s3.url}/{secrets.token_hex(4)}/incoming"
    place = open_place(url)
    for number in range(5):
        place.write(f"day/{number}.json", json.dumps(record(number)).encode())
    place.write("bad.json", b"[1, 2")
    place.write("rows.csv", b"number,name\n77,seven\n")
    made = seedbed.collect(url, tmp_path / "out", interval=0.05, quarantine=tmp_path / "bad")
    assert (made.files, [(one.entry.path, one.category) for one in made.quarantined]) == (6, [("bad.json", "truncated")])
    assert sorted(table(tmp_path / "out", "records")["number"].to_pylist()) == [0, 1, 2, 3, 4, 77]
    assert (tmp_path / "bad" / "bad.json").read_bytes() == b"[1, 2"
    place.write("day/9.json", json.dumps(record(9)).encode())
    assert seedbed.collect(url, tmp_path / "out", interval=0.05).files == 1


def test_objects_are_not_moved(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="aren't moved"):
        seedbed.collect("s3://nobody/x", tmp_path / "out", processed_dir=tmp_path / "done")
