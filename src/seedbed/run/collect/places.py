"""What lies where in the output: parts in folders of tables, the names of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote

#: Signs of a table's name that its folder bears as they are; a first `.` or `_` would hide it from readers.
_PLAIN = " !#$&'()+,;@[]{}~-."

#: The longest name of a folder in bytes, with room for an ending.
_LONGEST = 200

_PART = re.compile(r"\.?part-(\d{8,})-\d{5,}\.parquet(?:\..*)?")


def folder_of(table: str) -> str:
    """The folder of a table: its name, as far as file systems have such names.

    >>> folder_of("students"), folder_of("a/b"), folder_of(".."), folder_of("größe"), folder_of("_x")
    ('students', 'a%2Fb', '%2E%2E', 'größe', '%5Fx')
    """
    safe = "".join(sign if sign.isalnum() or sign in _PLAIN or sign == "_" else quote(sign, safe="") for sign in table)
    if safe[:1] in (".", "_"):
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    if safe != safe.rstrip(" ."):
        safe = f"{safe[:-1]}%{ord(safe[-1]):02X}"
    if len(safe.encode()) > _LONGEST:
        cut = safe.encode()[: _LONGEST - 17].decode(errors="ignore")
        safe = f"{cut}-{sha256(table.encode()).hexdigest()[:16]}"
    return safe or "%"


def unit_of(batch: int, block: int) -> str:
    """The name of what was tabulated together: the parts of one block of a batch, one in each table at most."""
    return f"{batch:08}-{block:05}"


def part_path(table: str, unit: str) -> str:
    """The path of a part from the output on.

    >>> part_path("students", unit_of(7, 2))
    'students/part-00000007-00002.parquet'
    """
    return f"{folder_of(table)}/part-{unit}.parquet"


def parts_on_disk(output: Path) -> Iterator[tuple[str, int]]:
    """The parts in the folders of an output, begun ones too, and the numbers of their batches."""
    for folder in output.iterdir():
        if folder.is_dir() and not folder.name.startswith((".", "_")):
            for path in folder.iterdir():
                found = _PART.fullmatch(path.name)
                if found:
                    yield f"{folder.name}/{path.name}", int(found[1])


def table_in(folder: str) -> str:
    """The table's name as its folder tells it, for people."""
    return unquote(folder)
