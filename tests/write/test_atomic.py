"""Files reach the disk before their names do, and all of them before the manifest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import seedbed
from seedbed.core.errors import EdgeError
from seedbed.write.atomic import sync_folders, write_whole
from tests.run.shop import write_model

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the names of open files are not to be had")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is sent to the disk, in order."""
    found: list[Path] = []
    really = os.fsync

    def noting(descriptor: int) -> None:
        found.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        really(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    return found


@needs_proc
def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, synced: list[Path]) -> None:
    write_whole(tmp_path / "a.txt", b"text")
    assert synced == [tmp_path / ".a.txt.unfinished"]
    assert (tmp_path / "a.txt").read_bytes() == b"text"


@needs_proc
def test_a_manifest_comes_when_all_files_and_their_names_are_on_the_disk(tmp_path: Path, synced: list[Path]) -> None:
    out = tmp_path / "out"
    seedbed.generate(write_model(tmp_path, customers=10), out, workers=1)
    assert synced[-3:] == [out, out / "..metadata.json.unfinished", out]
    parts = {out / f".{table}.parquet.unfinished" for table in ("customer", "order", "status")}
    assert parts <= set(synced[:-3])


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    sync_folders([tmp_path])
    with pytest.raises(EdgeError, match="the folder has vanished"):
        sync_folders([tmp_path / "gone"])
