"""The step that workers do: files of a batch are read, shredded, and written as parts. Nothing of it counts before the commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.core.errors import DataError, EdgeError, PluginError
from seedbed.core.records import dataclass
from seedbed.read.collect.decide import Decisions, decide
from seedbed.read.collect.shapes import Hint, Limits, Options, Records, Refusal, Source
from seedbed.read.collect.shred import Shredded, shred
from seedbed.read.collect.sketch import Sketch, merge
from seedbed.read.collect.split import gather, stream
from seedbed.read.collect.tabulate import tabulate
from seedbed.run.collect.contracts import breach, known_part
from seedbed.run.collect.files import is_alone, kind_of
from seedbed.run.collect.history import firsts_in, merged_firsts
from seedbed.run.collect.inbox import Inbox
from seedbed.run.collect.ledger import Ledger
from seedbed.run.collect.places import part_path, unit_of
from seedbed.run.collect.values import Content, Contract, Entry, PartFile, Taken, Task, Trouble
from seedbed.write.atomic import edge_errors, sync_folders
from seedbed.write.formats.parquet import write_parquet

if TYPE_CHECKING:
    import pyarrow as pa

#: What is read of a file at a time to find its SHA-256.
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Setting:
    """What workers are told: where files come in and parts go, what tables there are already (`sketch`), and what holds (`frozen`, as JSON)."""

    inbox: Inbox
    output: Path
    options: Options = Options()
    limits: Limits = Limits()
    contract: Contract = "evolve"
    sketch: bytes = b""
    frozen: str | None = None


class Stopped(Exception):  # noqa: N818 - no fault
    """The collection is to end before this file is through."""


class _Gone(Exception):  # noqa: N818 - no fault
    """A file isn't there any more, or has changed since it was seen."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Files of a task that are read: their contents, or why not."""

    held: tuple[tuple[Entry, bytes, bytes], ...] = ()
    repeats: tuple[tuple[Entry, bytes], ...] = ()
    vanished: tuple[Entry, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@dataclass(slots=True)
class _Yield:
    """What has come of a task so far."""

    contents: list[Content] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    parts: list[PartFile] = field(default_factory=list)
    decisions: dict[bytes, str] = field(default_factory=dict)
    sketches: list[Sketch] = field(default_factory=list)
    firsts: list[dict[tuple[str, str], str]] = field(default_factory=list)


class Collector:
    """Takes batch after batch; keeps what it has learnt of the records' shapes, which makes it quicker and changes no value."""

    def __init__(self, setting: Setting, *, stopping: Callable[[], bool] = lambda: False) -> None:
        self._setting, self._stopping = setting, stopping
        self._sketch = Sketch.from_bytes(setting.sketch) if setting.sketch else merge([])
        self._frozen = Decisions.from_json(setting.frozen) if setting.frozen else None
        self._hint = Hint()
        self._block = 0

    def take(self, task: Task) -> Taken:
        """Read and shred the files of a task and write their parts.

        Raises:
            EdgeError: a part can't be written.
            Stopped: the collection is to end.
        """
        began = time.perf_counter()
        made = _Yield()
        self._block = 0
        try:
            read = self._alone(task, made) if is_alone(task.entries[0]) else self._together(task, made)
        except BaseException:
            self._remove(made.parts)
            raise
        sync_folders({(self._setting.output / part.path).parent for part in made.parts})
        return Taken(
            task,
            tuple(made.contents),
            read.repeats,
            read.vanished,
            (*read.troubles, *made.troubles),
            tuple(made.parts),
            made.decisions,
            (merge(made.sketches).to_bytes(),) if made.sketches else (),
            merged_firsts(made.firsts),
            time.perf_counter() - began,
        )

    # ---------------------------------------------------------------------------------- many small files

    def _together(self, task: Task, made: _Yield) -> _Read:
        read = self._read(task.entries)
        if read.held:
            self._shred(task.batch, read.held, made)
        return read

    def _read(self, entries: Iterable[Entry]) -> _Read:
        held: dict[bytes, tuple[Entry, bytes, bytes]] = {}
        repeats: list[tuple[Entry, bytes]] = []
        vanished, troubles = [], []
        for entry in entries:
            try:
                content = self._setting.inbox.read(entry.path)
            except FileNotFoundError:
                vanished.append(entry)
                continue
            except (OSError, EdgeError) as error:
                troubles.append(unreadable(entry, error))
                continue
            if len(content) != entry.size:
                troubles.append(Trouble(entry, "truncated", "the file is still being written"))
                continue
            digest = sha256(content).digest()
            if digest in held:
                repeats.append((entry, digest))
            else:
                held[digest] = (entry, digest, content)
        repeats += [(held.pop(digest)[0], digest) for digest in self._among(list(held))]
        return _Read(tuple(held.values()), tuple(repeats), tuple(vanished), tuple(troubles))

    def _among(self, digests: Sequence[bytes]) -> set[bytes]:
        with Ledger.looking(self._setting.output) as ledger:
            return ledger.among(digests)

    def _shred(self, batch: int, held: Sequence[tuple[Entry, bytes, bytes]], made: _Yield) -> None:
        """Shred some files as one block; where together they break the contract, halves of them."""
        records = gather([(entry.path, content) for entry, _, content in held], self._setting.limits)
        shredded = self._shredded(records)
        broken = self._breach(shredded.sketch)
        if broken and len(held) > 1:
            middle = len(held) // 2
            self._shred(batch, held[:middle], made)
            self._shred(batch, held[middle:], made)
            return
        if broken:
            made.troubles.append(Trouble(held[0][0], "contract", broken, None, held[0][1]))
            return
        refused = {one.file: one for one in shredded.refused}
        for number, (entry, digest, _) in enumerate(held):
            if number in refused:
                made.troubles.append(trouble_of(entry, refused[number], digest))
            else:
                made.contents.append(Content(entry, digest, int(shredded.counts[number])))
        self._write(batch, shredded, [entry.path for entry, _, _ in held], made)

    def _shredded(self, records: Records) -> Shredded:
        shredded = shred(records, self._hint, self._setting.limits)
        self._hint = shredded.hint
        return shredded

    # ---------------------------------------------------------------------------------- a large file, CSV, Parquet

    def _alone(self, task: Task, made: _Yield) -> _Read:
        entry = task.entries[0]
        try:
            digest = self._digest(entry)
            if self._among([digest]):
                return _Read(repeats=((entry, digest),))
            records = self._blocks(task.batch, entry, digest, made)
        except FileNotFoundError:
            return _Read(vanished=(entry,))
        except _Gone:
            return _Read(troubles=(Trouble(entry, "truncated", "the file is still being written"),))
        except (OSError, EdgeError) as error:
            self._remove(made.parts)
            made.parts.clear()
            return _Read(troubles=(unreadable(entry, error),))
        if records is None:
            self._remove(made.parts)
            found = tuple(made.troubles)
            made.__init__()  # type: ignore[misc]  # nothing of the file is kept
            return _Read(troubles=found)
        made.contents.append(Content(entry, digest, records))
        return _Read()

    def _digest(self, entry: Entry) -> bytes:
        digest, size = sha256(), 0
        with self._setting.inbox.open(entry.path) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        if size != entry.size:
            raise _Gone
        return digest.digest()

    def _blocks(self, batch: int, entry: Entry, digest: bytes, made: _Yield) -> int | None:
        """Shred a file block by block; how many records it had, or None where it is refused."""
        count = 0
        for shredded in self._blocks_of(entry, Source.by_digest(entry.path, digest), made, digest):
            if self._stopping():
                raise Stopped
            broken = self._breach(shredded.sketch)
            if broken:
                made.troubles.append(Trouble(entry, "contract", broken, None, digest))
                return None
            if shredded.refused:
                made.troubles.append(trouble_of(entry, shredded.refused[0], digest))
                return None
            count += len(shredded.physical.ids)
            self._write(batch, shredded, [entry.path], made)
        return None if made.troubles else count

    def _blocks_of(self, entry: Entry, source: Source, made: _Yield, digest: bytes) -> Iterator[Shredded]:
        from seedbed.read.collect.columnar import shred_file
        from seedbed.read.collect.decode import RefusedError

        try:
            if kind_of(entry.path).is_columnar:
                with self._setting.inbox.local(entry.path) as path:
                    yield from shred_file(source, path)
                return
            with self._setting.inbox.open(entry.path) as file:
                for records in stream(source, file, self._setting.limits):
                    yield self._shredded(records)
        except RefusedError as error:
            made.troubles.append(trouble_of(entry, error.refusal, digest))
        except (DataError, PluginError) as error:  # of a reader of tables
            made.troubles.append(Trouble(entry, "invalid", error.problems[0].message, None, digest))

    # ---------------------------------------------------------------------------------- parts

    def _breach(self, sketch: Sketch) -> str | None:
        if self._setting.contract != "freeze" or self._frozen is None:
            return None
        return breach(self._frozen, decide(merge([self._sketch, sketch]), self._setting.options))

    def _write(self, batch: int, shredded: Shredded, names: Sequence[str], made: _Yield) -> None:
        if not len(shredded.physical.ids):
            return
        drops = self._setting.contract == "discard" and self._frozen is not None
        sketch = known_part(shredded.sketch, self._frozen.plan) if drops and self._frozen else shredded.sketch
        self._sketch = merge([self._sketch, sketch])
        decisions = self._frozen or decide(self._sketch, self._setting.options)
        text = decisions.to_json()
        name = sha256(text.encode()).digest()
        made.decisions[name] = text
        made.sketches.append(sketch)
        files = np.repeat(np.arange(len(shredded.counts)), shredded.counts)  # values stand in the order of their files
        made.firsts.append(firsts_in(shredded.physical, files, names))
        for table, rows in tabulate(shredded.physical, decisions, drop_unknown=drops).items():
            made.parts.append(write_part(self._setting.output, table, rows, name, unit_of(batch, self._block)))
        self._block += 1

    def _remove(self, parts: Iterable[PartFile]) -> None:
        for part in parts:
            with suppress(OSError):
                (self._setting.output / part.path).unlink(missing_ok=True)


def write_part(output: Path, table: str, rows: pa.Table, decisions: bytes, unit: str, of: str | None = None) -> PartFile:
    """Write a part: whole, on the disk, or not at all. Its file is named by the unit; it belongs to `of`, where that is another.

    Raises:
        EdgeError: it can't be written.
    """
    path = part_path(table, unit)
    place = output / path
    with edge_errors(place):
        place.parent.mkdir(exist_ok=True)
    written = write_parquet(place, rows.schema, rows.to_batches(), table=table)
    return PartFile(table, path, of or unit, written.rows, written.size_bytes, decisions)


def trouble_of(entry: Entry, refusal: Refusal, digest: bytes | None) -> Trouble:
    """Why a file isn't taken, as the ledger keeps it."""
    return Trouble(entry, "truncated" if refusal.is_truncated else "invalid", refusal.reason, refusal.offset, digest)


def unreadable(entry: Entry, error: OSError | EdgeError) -> Trouble:
    """Why a file can't be read."""
    said = error.strerror or str(error) if isinstance(error, OSError) else error.problems[0].message
    return Trouble(entry, "unreadable", said)
