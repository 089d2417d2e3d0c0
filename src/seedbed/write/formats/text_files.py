"""What the formats made of lines of text share: rows as texts, packed, written without a loop over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.text import text_bytes
from seedbed.outside.compression import SUFFIXES
from seedbed.write.formats.losses import fitting

if TYPE_CHECKING:
    from seedbed.write.targets import SinkOptions

#: Rows of a part, as of Parquet: eight blocks of the digest.
PART_ROWS = 524_288

#: The name of no compression.
NONE = "none"


def packed(options: SinkOptions, allowed: Iterable[str], taker: str, usual: str = NONE) -> str:
    """The compression that is asked for, or the usual one.

    Raises:
        ModelError: the format has no such.
    """
    known = (NONE, *allowed)
    asked = options.compression or usual
    if asked not in known:
        fix = did_you_mean(asked, known) or f"one of {one_of(known)}"
        raise ModelError(f"{taker} can't be packed by `{asked}`", where="compression", fix=fix)
    return asked


def text_packing(options: SinkOptions, taker: str) -> str:
    """The compression of a file of text: any that packs a stream.

    Raises:
        ModelError: there is no such.
    """
    return packed(options, SUFFIXES, taker)


def write_rows(batches: Iterable[pa.RecordBatch], out: BinaryIO, texts: Callable[[pa.RecordBatch, int], pa.StringArray]) -> int:
    """Write the text that `texts` gives for each row of a batch (and the number of its first row), one after the other; how many rows."""
    rows = 0
    for batch in batches:
        for piece in fitting(batch):
            out.write(text_bytes(texts(piece, rows))[1].data)
            rows += piece.num_rows
    return rows
