"""While a part waits for the disk, as many others as there are workers are being made, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.core.sinks import Part, TableShape
from seedbed.write.atomic import write_whole
from seedbed.write.files import open_folder
from seedbed.write.targets import SinkOptions

SCHEMA = pa.schema([pa.field("id", pa.int64())])


def test_a_turn_is_held_while_batches_are_made_and_not_while_the_file_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = threading.Semaphore(1)
    held: list[bool] = []

    def is_held() -> bool:
        if not turns.acquire(blocking=False):
            return True
        turns.release()
        return False

    def batches() -> Iterator[pa.RecordBatch]:
        held.append(is_held())
        yield pa.record_batch([pa.array([1, 2])], schema=SCHEMA)

    def written(path: Path, content: bytes | memoryview) -> None:
        held.append(is_held())
        write_whole(path, content)

    monkeypatch.setattr("seedbed.write.folder.write_whole", written)
    sink = open_folder(tmp_path, SinkOptions())
    assert sink.write(Part("t", 0, 1, 0, 2), TableShape("t", SCHEMA, 2), batches(), lambda _: "", turns).rows == 2
    assert held == [True, False]
    assert not is_held()
