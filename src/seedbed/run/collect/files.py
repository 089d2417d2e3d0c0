"""What kind of file comes in, by its first bytes and the end of its name."""

from __future__ import annotations

from pathlib import Path

from seedbed.core.records import dataclass
from seedbed.read.folders import format_of
from seedbed.run.collect.values import Entry

#: Files above this are read in blocks, each a batch of its own.
ALONE_BYTES = 16 << 20
#: Compressed ones above this: nobody knows what they become.
ALONE_PACKED_BYTES = 1 << 20

#: A batch is full with so many bytes, or files.
BATCH_BYTES, BATCH_FILES = 12 << 20, 2_048

_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zstd", ".lz4", ".br")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a file is read: `is_columnar` where it is a table already (CSV, Parquet ...), `is_packed` where its name says that it is compressed."""

    is_columnar: bool
    is_packed: bool


def kind_of(path: str) -> Kind:
    """The kind that a name tells.

    >>> kind_of("a.csv.gz"), kind_of("b.json")
    (Kind(is_columnar=True, is_packed=True), Kind(is_columnar=False, is_packed=False))
    """
    return Kind(format_of(Path(path)) not in (None, "json"), path.lower().endswith(_PACKED))


def is_alone(entry: Entry) -> bool:
    """Whether a file is read in blocks, apart from others."""
    kind = kind_of(entry.path)
    return kind.is_columnar or entry.size > (ALONE_PACKED_BYTES if kind.is_packed else ALONE_BYTES)


def batches_of(entries: list[Entry]) -> list[list[Entry]]:
    """The files in batches, in their order.

    >>> [len(batch) for batch in batches_of([Entry(f"{n}.json", 5 << 20, 0) for n in range(5)])]
    [2, 2, 1]
    """
    made: list[list[Entry]] = []
    here: list[Entry] = []
    size = 0
    for entry in entries:
        if is_alone(entry):
            made.append([entry])
            continue
        if here and (size + entry.size > BATCH_BYTES or len(here) >= BATCH_FILES):
            made.append(here)
            here, size = [], 0
        here.append(entry)
        size += entry.size
    return [*made, *([here] if here else [])]
