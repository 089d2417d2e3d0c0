"""Some rows of a record of one home: what every field is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.draw import Bits
from seedbed.core.records import dataclass
from seedbed.core.text import string_array, take_text
from seedbed.generate.records.homes import Home

Values: TypeAlias = Any  # an Arrow string array, or a NumPy array of numbers


@dataclass(frozen=True, slots=True)
class Drawn:
    """`n` rows at one home; `bits` gives the draws of a purpose and a slot, shape (n,). Fields that agree share a purpose."""

    home: Home
    n: int
    bits: Callable[[str, int], Bits]
    start: int  # the first moment of the model's timeframe, in days since 1970
    end: int  # its last day

    def slots(self, purpose: str) -> Callable[[int], Bits]:
        """The draws of one purpose by slot."""
        return lambda slot: self.bits(purpose, slot)

    def same(self, text: str) -> pa.StringArray:
        """One text for all rows."""
        return take_text(string_array([text]), np.zeros(self.n, np.int32))

    def one_of(self, texts: pa.StringArray, places: NDArray[np.integer]) -> pa.StringArray:
        """The texts at the given places."""
        return take_text(texts, places)


Field: TypeAlias = Callable[[Drawn], Values]
