"""While a part waits for the disk, as many others as there are workers are being made, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from seedbed.write.atomic import write_whole
from seedbed.write.parquet import write_parquet

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

    monkeypatch.setattr("seedbed.write.parquet.write_whole", written)
    assert write_parquet(tmp_path / "t.parquet", SCHEMA, batches(), table="t", turns=turns).rows == 2
    assert held == [True, False]
