"""Names that a model takes: of letters, digits and underscores, for tables and columns that have others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan

_OTHERS = re.compile(r"\W+")
_LONGEST = 120


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """A name that a model takes for each of some, all different.

    >>> plain_names(["na me's", "na_me_s", "2nd"])
    {"na me's": 'na_me_s_2', 'na_me_s': 'na_me_s', '2nd': '_2nd'}
    """
    listed = list(names)
    taken = {name for name in listed if _plain(name) == name}
    found = {name: name for name in listed if name in taken}
    for name in listed:
        if name in found:
            continue
        plain, turn = _plain(name), 2
        while plain in taken:
            plain, turn = f"{_plain(name)}_{turn}", turn + 1
        taken.add(plain)
        found[name] = plain
    return {name: found[name] for name in listed}


def _plain(name: str) -> str:
    found = _OTHERS.sub("_", name)[:_LONGEST].strip("_" if not name.startswith("_") else "")
    found = found or "column"
    return f"_{found}" if found[0].isdigit() else found


@dataclass(frozen=True, slots=True)
class RenamedScan:
    """A table whose columns have other names; fits `TableScan`."""

    scan: TableScan
    names: Mapping[str, str]

    @property
    def schema(self) -> pa.Schema:
        """Every column's new name and its type."""
        return pa.schema([field.with_name(self.names[field.name]) for field in self.scan.schema])

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.scan.rows

    def batches(self, columns: Sequence[str] | None = None, batch_rows: int = 65_536) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Each batch and the number of its first row."""
        back = {new: old for old, new in self.names.items()}
        for first, batch in self.scan.batches(None if columns is None else [back[name] for name in columns], batch_rows):
            yield first, batch.rename_columns([self.names[name] for name in batch.schema.names])


def renamed(scan: TableScan) -> TableScan:
    """The table with names that a model takes; itself where it has none but such."""
    names = plain_names(scan.schema.names)
    return scan if all(old == new for old, new in names.items()) else RenamedScan(scan, names)
