"""How deep JSON nests, told before a parser goes down into it: one that follows every bracket runs out of its stack."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from seedbed.core.errors import DataError

#: Objects and lists within each other; schemas of more levels are none that anyone reads.
MOST_DEPTH = 100

_ESCAPED = re.compile(rb"\\.", re.DOTALL)  # a fixed expression, on bytes whose length it keeps
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("{"), ord("[")]] = 1
_STEPS[[ord("}"), ord("]")]] = -1


def refuse_deep(path: Path, first: int, block: bytes) -> None:
    """Refuse a block of JSON Lines that begins with line `first` and nests deeper than `MOST_DEPTH`.

    Raises:
        DataError: a line does.
    """
    if block.count(b"[") + block.count(b"{") <= MOST_DEPTH:
        return
    for number, line in enumerate(block.split(b"\n"), first):
        if line.count(b"[") + line.count(b"{") > MOST_DEPTH and (depth := depth_of(line)) > MOST_DEPTH:
            message = f"values are nested {depth:,} deep; at most {MOST_DEPTH} levels are read"
            raise DataError(message, where=f"{path}:{number}", fix="store the inner values as texts of JSON")


def depth_of(line: bytes) -> int:
    """How many objects and lists are open at once; brackets in texts are none.

    >>> depth_of(b'{"a": [1, {"b": "[["}]}')
    3
    """
    plain = _ESCAPED.sub(b"__", line) if b"\\" in line else line
    signs = np.frombuffer(plain, np.uint8)
    inside = np.cumsum(signs == ord('"'), dtype=np.int32) % 2 == 1
    steps = np.where(inside, 0, _STEPS[signs])
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0))
