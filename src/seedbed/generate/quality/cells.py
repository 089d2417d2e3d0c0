"""What a fault sees of the cells it hits, and the shape of all faults in cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pyarrow as pa

from seedbed.core.draw import Bits, Ints, Key, draw_bits
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of an issue's column at some rows, shape (n,): the clean values, none of them null.

    `partner` are the cells of the second column of `swap_columns`; only there values may be null.
    """

    rows: Ints
    values: pa.Array
    key: Key
    partner: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def bits(self, slot: int = 0) -> Bits:
        """64 random bits a row, shape (n,)."""
        return draw_bits(self.key, self.rows, slot)


#: What stands in the cells instead, a column for each that the issue changes: of the clean type, or of the issue's own form.
Fault: TypeAlias = Callable[[Cells], tuple[pa.Array, ...]]
