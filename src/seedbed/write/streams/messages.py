"""Rows as messages: each with a name that is always the same, a key, and what the stream tells of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from seedbed.core.records import dataclass

if TYPE_CHECKING:
    import pyarrow as pa


#: What names the headers, wherever a broker has any.
TABLE, RUN, ID, KEY = "seedbed-table", "seedbed-run", "seedbed-id", "seedbed-key"


@dataclass(frozen=True, slots=True)
class Messages:
    """Rows of a part that follow one another, from row `first` of the table on; `keys` has as many as `values`."""

    topic: str
    table: str
    run: str
    part: int
    first: int
    values: Sequence[bytes]
    keys: Sequence[bytes | None]
    content_type: str
    headers: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def ids(self) -> list[str]:
        """The name of each: the run's fingerprint, the table and the row's number. The same row of the same model always has the same."""
        begin = f"{self.run}/{self.table}/"
        return [f"{begin}{row}" for row in range(self.first, self.first + len(self.values))]

    @property
    def shared(self) -> dict[str, str]:
        """The headers that all have."""
        return {TABLE: self.table, RUN: self.run, **self.headers}

    @property
    def size_bytes(self) -> int:
        """The bytes of values and keys."""
        return sum(map(len, self.values)) + sum(len(key) for key in self.keys if key is not None)

    def from_row(self, first: int) -> Messages:
        """Those from a row of the table on."""
        skipped = max(0, first - self.first)
        return self.cut(skipped, len(self.values))

    def cut(self, start: int, stop: int) -> Messages:
        """Those [start, stop)."""
        first, values, keys = self.first + start, self.values[start:stop], self.keys[start:stop]
        return Messages(self.topic, self.table, self.run, self.part, first, values, keys, self.content_type, self.headers)

    def chunks(self, rows: int) -> Iterator[Messages]:
        """All, at most `rows` at a time."""
        for start in range(0, len(self.values), rows):
            yield self.cut(start, min(start + rows, len(self.values)))


def run_name(request: str) -> str:
    """Sixteen letters for the data set that a request is about: the same for every run of the same model, seed and numbers of rows.

    >>> run_name('{"fingerprint": "0123456789abcdef0123", "tables": ["a"]}')
    '0123456789abcdef'
    """
    try:
        said = json.loads(request)
    except ValueError:
        said = None
    fingerprint = said.get("fingerprint") if isinstance(said, dict) else None
    return str(fingerprint)[:16] if fingerprint else sha256(request.encode()).hexdigest()[:16]


def keys_of(batch: pa.RecordBatch, columns: Sequence[str], table: str, first: int) -> list[bytes | None]:
    """The key of each row, shape (n,): of one column its text, None where it is null; of several a JSON list. None without columns.

    >>> import pyarrow as pa
    >>> batch = pa.record_batch({"id": pa.array([7, 8]), "at": pa.array(["a", None])})
    >>> keys_of(batch, ["id"], "t", 0), keys_of(batch, ["id", "at"], "t", 0), keys_of(batch, ["at"], "t", 0)
    ([b'7', b'8'], [b'[7,"a"]', b'[8,null]'], [b'a', None])
    """
    if not columns:
        return [None] * len(batch)
    import pyarrow as pa

    from seedbed.core import compute
    from seedbed.core.text import string_scalar
    from seedbed.write.formats.json_texts import json_texts
    from seedbed.write.formats.losses import Cells
    from seedbed.write.formats.spelling import spelled

    cells = [(batch.column(name), Cells(table, name, first)) for name in columns]
    if len(cells) == 1 and not pa.types.is_nested(cells[0][0].type):
        texts = spelled(*cells[0])
    else:
        joined = compute.binary_join_element_wise(*(json_texts(*cell) for cell in cells), string_scalar(","))
        texts = compute.binary_join_element_wise(string_scalar("["), joined, string_scalar("]"), string_scalar(""))
    return list(compute.cast(texts, pa.binary()).to_pylist())
