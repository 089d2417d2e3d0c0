"""Tables become the documents again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from seedbed.read.collect.decide import Decisions
from seedbed.read.collect.restore import restore
from seedbed.read.collect.texts import texts_of


def rebuild(tables: Mapping[str, pa.Table], decisions: Decisions) -> Iterator[tuple[int, str]]:
    """Each record's number and its JSON text, equal to what was read as a JSON value: only the order of keys and spaces may differ.

    The tables are whole: all rows of some records in all of them.
    """
    physical = restore(tables, decisions)
    for number, text in zip(physical.ids.tolist(), texts_of(physical.root), strict=True):
        yield number, text or "null"
