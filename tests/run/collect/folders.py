"""Folders of files for the tests of collecting, and what has become of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seedbed.run.collect.documents.write import README, RELATIONS, SCHEMA


def record(number: int) -> dict[str, Any]:
    """A record whose shape depends on its number: late columns, an int that becomes a double, an object or a list of them."""
    made: dict[str, Any] = {"number": number, "name": f"name {number}", "price": number + 0.25 if number % 7 == 6 else number}
    made["items"] = [{"sku": f"s{place}", "count": place} for place in range(number % 4)]
    if number % 11 == 10:
        made["late"] = {"x": number, "tags": ["a", "b"]}
    if number % 13 == 12:
        made["price"] = "unknown"
    return made


def fill(folder: Path, numbers: Iterable[int], *, each: int = 1) -> list[Path]:
    """Write files of `each` records, and give their paths."""
    folder.mkdir(exist_ok=True)
    made = []
    for number in numbers:
        path = folder / f"file-{number:05}.json"
        found = [record(number * each + place) for place in range(each)]
        path.write_text(json.dumps(found[0] if each == 1 else found))
        made.append(path)
    return made


def table(output: Path, name: str) -> pa.Table:
    """All rows of a table in the order of their numbers; all parts have the same columns."""
    parts = [pq.read_table(path) for path in sorted((output / name).glob("part-*.parquet"))]
    return pa.concat_tables(parts).sort_by("_id")


def tables(output: Path) -> dict[str, pa.Table]:
    """All tables."""
    return {
        folder.name: table(output, folder.name) for folder in sorted(output.iterdir()) if folder.is_dir() and folder.name[0] not in "._"
    }


def documents(output: Path) -> dict[str, bytes]:
    """All documents."""
    return {name: (output / name).read_bytes() for name in (SCHEMA, RELATIONS, README)}
