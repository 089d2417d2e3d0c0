"""The manifest `.metadata.json`: what was made, from what, and what its contents hash to. Equal runs give equal manifests."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.version import __version__
from seedbed.core.zones import zones_version


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a table, `path` from the manifest's folder on."""

    path: str
    rows: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """One column: its Arrow type, the key all its draws come from, and its content digest."""

    name: str
    type: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table, or a slice of it: rows [start, start + rows) of `table_rows`.

    `size_bytes` are those of its files, or those that were sent. In folders by `partition_by`, and
    in databases, rows have another order; `order` names columns, where there are some, whose values tell that in which they were made.
    Digests of a slice that begins between two leaves are of these rows only; `is_aligned` says so.
    """

    name: str
    kind: str
    rows: int
    start: int
    table_rows: int
    is_aligned: bool
    digest: str
    columns: tuple[ColumnEntry, ...]
    files: tuple[FileEntry, ...]
    size_bytes: int = 0
    partition_by: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


def versions() -> dict[str, str]:
    """The versions of what decides files: seedbed, Python, NumPy, pyarrow, the rules of time zones."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"seedbed": __version__, "python": python, "numpy": np.__version__, "pyarrow": pa.__version__, "tzdata": zones_version()}


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a folder of tables says about itself; `request` is what a later run compares before it goes on.

    `plugins` tell of which package and version each is; a run without any says nothing of them.
    """

    dataset: str
    seed: int
    fingerprint: str
    complete: bool
    request: Mapping[str, Any]
    tables: tuple[TableEntry, ...]
    pools: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=versions)

    def request_text(self) -> str:
        """What was asked of the run, as one line of JSON."""
        return json.dumps(self.request, separators=(",", ":"))

    def to_json(self) -> str:
        """The manifest's text; the same for the same contents."""
        said = {key: value for key, value in asdict(self).items() if key != "plugins" or value}
        return json.dumps({"seedbed_manifest": 1, **said}, indent=1, ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> Manifest | None:
    """The manifest of an earlier run, or None where there is none that can be read."""
    try:
        return manifest_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def manifest_of(text: str) -> Manifest | None:
    """The manifest of a text that `to_json` gave, or None where it is none."""
    try:
        data = json.loads(text)
        data.pop("seedbed_manifest")
        tables = tuple(_table(entry) for entry in data.pop("tables"))
        return Manifest(tables=tables, **data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _table(entry: dict[str, Any]) -> TableEntry:
    columns = tuple(ColumnEntry(**column) for column in entry.pop("columns"))
    files = tuple(FileEntry(**file) for file in entry.pop("files"))
    size = entry.pop("size_bytes", sum(file.size_bytes for file in files))
    folders, order = (tuple(entry.pop(name, ())) for name in ("partition_by", "order"))
    return TableEntry(**entry, columns=columns, files=files, size_bytes=size, partition_by=folders, order=order)
