"""What a run has finished so far: a line a part, appended after the part got its name, so that a killed run can go on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.core.digest import LeafRow
from seedbed.core.records import dataclass
from seedbed.run.layout import JOURNAL, Span
from seedbed.write.atomic import edge_errors, write_whole

if TYPE_CHECKING:
    from seedbed.check.structure import Checker


@dataclass(frozen=True, slots=True)
class Request:
    """What names a run: runs of equal requests make the same files, so one can go on where another ended."""

    fingerprint: str
    spans: tuple[Span, ...]
    compression: str
    pools: Mapping[str, str] = field(default_factory=dict)

    def differences(self, other: Request) -> list[str]:
        """In which words this request differs from another; empty where they are the same."""
        named = {
            "the model, its seed or its numbers of rows": self.fingerprint == other.fingerprint,
            "which tables and rows are wanted": self.spans == other.spans,
            "the compression": self.compression == other.compression,
            "the pools of values": dict(self.pools) == dict(other.pools),
        }
        return [name for name, same in named.items() if not same]

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON takes it."""
        return {**asdict(self), "pools": dict(self.pools)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Request:
        """The request that `to_dict` gave.

        Raises:
            ValueError: it is none, or a table's name in it leads out of the folder.
        """
        try:
            spans = tuple(Span(str(span["table"]), int(span["start"]), int(span["stop"])) for span in data["spans"])
            request = cls(str(data["fingerprint"]), spans, str(data["compression"]), dict(data["pools"]))
        except (KeyError, TypeError) as error:
            message = "no request"
            raise ValueError(message) from error
        if not all(re.fullmatch(r"[^\W\d]\w*", span.table) for span in spans):
            message = "a table's name is no name"
            raise ValueError(message)
        return request


@dataclass(frozen=True, slots=True)
class PartDone:
    """A part that is whole: its file, and its digests per leaf and column."""

    table: str
    index: int
    path: str
    rows: int
    size_bytes: int
    sha256: str
    leaves: tuple[LeafRow, ...]
    seconds: float = 0.0
    checker: Checker | None = None

    def to_line(self) -> str:
        """The part as one line of JSON."""
        known = {name: getattr(self, name) for name in ("table", "index", "path", "rows", "size_bytes", "sha256")}
        return json.dumps({**known, "leaves": [b"".join(leaf).hex() for leaf in self.leaves]}, separators=(",", ":"))

    @classmethod
    def from_line(cls, line: str) -> PartDone:
        """The part of a line; ValueError, KeyError or TypeError where the line is torn."""
        data = json.loads(line)
        joined = [bytes.fromhex(text) for text in data.pop("leaves")]
        leaves = tuple(tuple(text[at : at + 32] for at in range(0, len(text), 32)) for text in joined)
        return cls(**data, leaves=leaves)


@dataclass(slots=True)
class Journal:
    """The open journal of a run; one process and one thread append to it."""

    path: Path
    _descriptor: int

    @classmethod
    def begin(cls, folder: Path, request: Request, kept: list[PartDone]) -> Journal:
        """Start a journal with the request and what is kept from an earlier run; it replaces the earlier one at once."""
        path = folder / JOURNAL
        head = json.dumps({"seedbed_journal": 1, **request.to_dict()}, separators=(",", ":"))
        write_whole(path, "".join(f"{line}\n" for line in (head, *(part.to_line() for part in kept))).encode())
        with edge_errors(path):
            return cls(path, os.open(path, os.O_WRONLY | os.O_APPEND))

    def append(self, part: PartDone) -> None:
        """Note that a part is whole."""
        with edge_errors(self.path):
            os.write(self._descriptor, f"{part.to_line()}\n".encode())

    def close(self) -> None:
        """Close the file; it stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_journal(folder: Path) -> tuple[Request, list[PartDone]] | None:
    """What an earlier run noted, or None where there is no journal; a last line that was torn by a kill is left out."""
    try:
        lines = (folder / JOURNAL).read_text(encoding="utf-8", errors="replace").splitlines()
        request = Request.from_dict(json.loads(lines[0]))
    except (OSError, ValueError, IndexError, AttributeError):
        return None
    done = []
    for line in lines[1:]:
        try:
            done.append(PartDone.from_line(line))
        except (ValueError, KeyError, TypeError):
            continue
    return request, done
