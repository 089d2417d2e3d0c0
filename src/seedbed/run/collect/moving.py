"""Files leave the inbox: to the processed ones, or into quarantine with the reason beside them."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from seedbed.core.records import dataclass
from seedbed.run.collect.inbox import FolderInbox, Inbox
from seedbed.run.collect.ledger import Refused
from seedbed.run.collect.values import Entry
from seedbed.write.atomic import edge_errors, write_whole

#: Where reasons go where no quarantine is given: in the output. The files stay where they are then.
USUAL = "_quarantine"


@dataclass(frozen=True, slots=True)
class Mover:
    """Where files go; None: they stay."""

    inbox: Inbox
    output: Path
    processed: Path | None = None
    quarantine: Path | None = None

    def processed_file(self, entry: Entry) -> None:
        """Move a file that is in."""
        if self.processed is not None and isinstance(self.inbox, FolderInbox):
            _move(self.inbox.place(entry.path), _free(self.processed / _safe(entry.path), entry.size))

    def quarantined_file(self, refused: Refused) -> None:
        """Write why a file isn't in, then move it (of a store: copy it) beside the reason."""
        root = self.quarantine or self.output / USUAL
        place = root / _safe(refused.entry.path)
        with edge_errors(place):
            place.parent.mkdir(parents=True, exist_ok=True)
        reason = place.with_name(f"{place.name}.reason.json")
        write_whole(reason, (json.dumps(self._told(refused), indent=2, ensure_ascii=False) + "\n").encode())
        if self.quarantine is None:
            return
        if isinstance(self.inbox, FolderInbox):
            source = self.inbox.place(refused.entry.path)
            if source.exists() and not source.is_symlink():
                _move(source, place)
        elif not place.exists():
            with suppress(OSError), self.inbox.open(refused.entry.path) as content, place.open("wb") as target:
                shutil.copyfileobj(content, target, 1 << 20)

    def _told(self, refused: Refused) -> dict[str, Any]:
        return {
            "file": refused.entry.path,
            "category": refused.category,
            "reason": refused.reason,
            "byte_offset": refused.offset,
            "size_bytes": refused.entry.size,
            "sha256": refused.digest.hex() if refused.digest else None,
            "tries": refused.tries,
        }


def _safe(path: str) -> PurePosixPath:
    """A path that stays below where it is put."""
    return PurePosixPath(*(part for part in PurePosixPath(path).parts if part not in ("..", "/")))


def _free(place: Path, size: int) -> Path:
    """A name that no other file has: with a number, where one of another size has it."""
    number = 0
    found = place
    while found.exists() and found.stat().st_size != size:
        number += 1
        found = place.with_name(f"{place.stem}.{number}{place.suffix}")
    return found


def _move(source: Path, target: Path) -> None:
    """Move a file over whatever is there, across file systems too; one that is gone has been moved by another listener."""
    with edge_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.rename(target)
        except FileNotFoundError:
            return
        except OSError as error:
            import errno

            if error.errno != errno.EXDEV:
                raise
            _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    beside = target.with_name(f".{target.name}.unfinished")
    with suppress(FileNotFoundError):
        shutil.copy2(source, beside)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(target)
        source.unlink(missing_ok=True)
