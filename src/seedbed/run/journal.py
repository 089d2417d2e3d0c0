"""What names a run, and what is noted of each part that is whole, so that a killed run can go on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any

from seedbed.core.digest import LeafRow
from seedbed.core.records import dataclass
from seedbed.core.sinks import Ledger, Written, WrittenFile
from seedbed.run.layout import Span

if TYPE_CHECKING:
    from seedbed.check.structure import Checker


@dataclass(frozen=True, slots=True)
class Request:
    """What names a run: runs of equal requests leave the same, so one can go on where another ended.

    `settings` are those of the sink.
    """

    fingerprint: str
    spans: tuple[Span, ...]
    settings: Mapping[str, str]
    pools: Mapping[str, str] = field(default_factory=dict)

    def differences(self, other: Request) -> list[str]:
        """In which words this request differs from another; empty where they are the same."""
        named = {
            "the model, its seed or its numbers of rows": self.fingerprint == other.fingerprint,
            "which tables and rows are wanted": self.spans == other.spans,
            "the pools of values": dict(self.pools) == dict(other.pools),
        }
        settings = (dict(self.settings), dict(other.settings))
        differing = [name for name in sorted({*settings[0], *settings[1]}) if settings[0].get(name) != settings[1].get(name)]
        return [name for name, same in named.items() if not same] + [f"the {name.replace('_', ' ')}" for name in differing]

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON takes it."""
        return {**asdict(self), "settings": dict(self.settings), "pools": dict(self.pools)}

    def to_text(self) -> str:
        """The request as one line of JSON."""
        return json.dumps(self.to_dict(), separators=(",", ":"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Request:
        """The request that `to_dict` gave; of an older one, which knew Parquet only, too.

        Raises:
            ValueError: it is none, or a table's name in it leads out of the folder.
        """
        try:
            spans = tuple(Span(str(span["table"]), int(span["start"]), int(span["stop"])) for span in data["spans"])
            settings = data["settings"] if "settings" in data else {"format": "parquet", "compression": str(data["compression"])}
            request = cls(str(data["fingerprint"]), spans, dict(settings), dict(data["pools"]))
        except (KeyError, TypeError) as error:
            message = "no request"
            raise ValueError(message) from error
        if not all(re.fullmatch(r"[^\W\d]\w*", span.table) for span in spans):
            message = "a table's name is no name"
            raise ValueError(message)
        return request

    @classmethod
    def of(cls, ledger: Ledger) -> Request | None:
        """What was asked of an earlier run; None where that can't be told."""
        try:
            return cls.from_dict(json.loads(ledger.request))
        except (ValueError, TypeError, AttributeError):
            return None


@dataclass(frozen=True, slots=True)
class PartDone:
    """A part that is whole: what was written, and its digests per leaf and column."""

    table: str
    index: int
    written: Written
    leaves: tuple[LeafRow, ...]
    seconds: float = 0.0
    checker: Checker | None = None

    @property
    def rows(self) -> int:
        """How many rows."""
        return self.written.rows

    @property
    def size_bytes(self) -> int:
        """How many bytes they took."""
        return self.written.size_bytes

    def to_line(self) -> str:
        """The part as one line of JSON: its receipt."""
        files = [[file.path, file.rows, file.size_bytes, file.sha256] for file in self.written.files]
        known = {"table": self.table, "index": self.index, "rows": self.rows, "size_bytes": self.size_bytes, "files": files}
        return json.dumps({**known, "leaves": [b"".join(leaf).hex() for leaf in self.leaves]}, separators=(",", ":"))

    @classmethod
    def from_line(cls, line: str) -> PartDone:
        """The part of a line; ValueError, KeyError or TypeError where the line is torn."""
        data = json.loads(line)
        joined = [bytes.fromhex(text) for text in data["leaves"]]
        leaves = tuple(tuple(text[at : at + 32] for at in range(0, len(text), 32)) for text in joined)
        files = tuple(WrittenFile(*file) for file in data["files"])
        return cls(data["table"], data["index"], Written(data["rows"], data["size_bytes"], files), leaves)


def parts_in(ledger: Ledger) -> dict[tuple[str, int], PartDone]:
    """The parts whose receipts an earlier run left, by table and number; torn ones are left out."""
    found = {}
    for line in ledger.receipts:
        try:
            part = PartDone.from_line(line)
        except (ValueError, KeyError, TypeError):
            continue
        found[part.table, part.index] = part
    return found
