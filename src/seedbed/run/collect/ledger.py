"""The ledger: which contents are in, which parts hold them, who has claimed what. All of its statements are in this file."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.outside.leases import Holder
from seedbed.outside.sqlite import Connection, connect_reading, connect_shared, reading, writing
from seedbed.run.collect.ledger_schema import FORM, SCHEMA
from seedbed.run.collect.values import Entry, PartFile, Taken, Trouble

#: The folder of the ledger in the output, and its file.
FOLDER, FILE = ".collect", "ledger.db"

#: A listener that has been silent so long is dead, even where its process lives (stopped, or on another machine).
SILENT_S = 60.0

#: So many sketches wait to be merged into one.
_MANY_SKETCHES = 64

#: SQLite takes so many values in a statement, at the least.
_AT_ONCE = 900


class Conflict(Exception):  # noqa: N818 - an answer, not a fault
    """Another listener has collected some of these contents meanwhile, or took the batch over."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of a path: the state it had when its size and time were these."""

    size: int
    modified: int
    state: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A quarantined file as the ledger remembers it."""

    entry: Entry
    category: str
    reason: str
    offset: int | None
    tries: int
    digest: bytes | None


class Ledger:
    """A connection to the ledger of an output; each process (and thread) has its own."""

    def __init__(self, output: Path) -> None:
        self.path = output / FOLDER / FILE
        self._at: Connection | None = None
        self.listener = 0

    @classmethod
    @contextmanager
    def open(cls, output: Path) -> Iterator[Self]:
        """The ledger of an output folder, made where there is none.

        Raises:
            DataError: it is of another form, or no ledger.
            EdgeError: it can't be written.
        """
        ledger = cls(output)
        with writing(ledger.path):
            ledger._at = connect_shared(ledger.path)
            try:
                ledger._begin()
                yield ledger
            finally:
                ledger._at.close()

    @classmethod
    @contextmanager
    def looking(cls, output: Path) -> Iterator[Self]:
        """The ledger of an output, only to be read.

        Raises:
            EdgeError: it can't be.
        """
        ledger = cls(output)
        with reading(ledger.path):
            ledger._at = connect_reading(ledger.path)
            try:
                yield ledger
            finally:
                ledger._at.close()

    def _begin(self) -> None:
        with self.transaction():
            for statement in SCHEMA.split(";"):
                self.at.execute(statement)
            self.at.execute("INSERT OR IGNORE INTO meta VALUES ('form', ?)", (FORM,))
            self.at.execute("INSERT OR IGNORE INTO totals VALUES (1, 0, 0, 0)")
        if self.said("form") != FORM:
            fix = "collect into another folder"
            raise DataError("this ledger is of another version of seedbed", where=str(self.path), fix=fix)

    @property
    def at(self) -> Connection:
        """The connection, which is open."""
        assert self._at is not None
        return self._at

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """All or nothing; `durable` waits for the disk, others may be lost (whole) with the machine's power."""
        self.at.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self.at.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.at.execute("ROLLBACK")
            raise
        self.at.execute("COMMIT")

    def said(self, name: str) -> Any:
        """A value that was kept by name, or None."""
        row = self.at.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def say(self, name: str, value: object) -> None:
        """Keep a value by name; within a transaction or on its own."""
        self.at.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value))

    # ------------------------------------------------------------------------------------- listeners

    def join(self, holder: Holder) -> int:
        """Be a listener; what dead ones had claimed is free again."""
        with self.transaction():
            self._bury()
            made = self.at.execute("INSERT INTO listeners(holder, beat) VALUES (?, ?)", (holder.to_bytes(), time.time()))
        self.listener = int(made.lastrowid or 0)
        return self.listener

    def beat(self, listener: int) -> bool:
        """Say that a listener lives, and free what dead ones had; False where others take it for dead."""
        with self.transaction():
            alive = self.at.execute("UPDATE listeners SET beat = ? WHERE id = ?", (time.time(), listener)).rowcount
            self._bury(but=listener)
        return bool(alive)

    def leave(self) -> None:
        """Be no listener any more: what was claimed is free."""
        with self.transaction():
            self._free(self.listener)

    def listeners(self) -> set[int]:
        """Those that live, as far as is known."""
        return {row[0] for row in self.at.execute("SELECT id FROM listeners")}

    def _bury(self, but: int = 0) -> None:
        now = time.time()
        for listener, told, beat in self.at.execute("SELECT id, holder, beat FROM listeners").fetchall():
            holder = Holder.read(told)
            if listener != but and (holder is None or holder.is_dead_here or not -SILENT_S < now - beat < SILENT_S):
                self._free(listener)

    def _free(self, listener: int) -> None:
        self.at.execute("DELETE FROM listeners WHERE id = ?", (listener,))
        self.at.execute("DELETE FROM batches WHERE listener = ? AND is_whole = 0", (listener,))
        freed = "UPDATE paths SET state = 'waiting', listener = NULL, batch = NULL WHERE state = 'claimed' AND listener = ?"
        self.at.execute(freed, (listener,))
        self.at.execute("DELETE FROM meta WHERE name = 'settler' AND value = ?", (listener,))

    def take_settling(self) -> bool:
        """Be the one listener that brings parts together and writes the documents; False where another is at it."""
        with self.transaction():
            self.at.execute("INSERT OR IGNORE INTO meta VALUES ('settler', ?)", (self.listener,))
            return bool(self.said("settler") == self.listener)

    def end_settling(self) -> None:
        """Let another do that."""
        with self.transaction():
            self.at.execute("DELETE FROM meta WHERE name = 'settler' AND value = ?", (self.listener,))

    # ------------------------------------------------------------------------------------- claiming

    def known(self, paths: Sequence[str]) -> dict[str, Known]:
        """What is known of some paths that are settled: done or quarantined."""
        found: dict[str, Known] = {}
        for some in _slices(paths):
            query = f"SELECT path, size, modified, state FROM paths WHERE state IN ('done', 'quarantined') AND path IN ({_marks(some)})"  # noqa: S608
            found |= {path: Known(size, modified, state) for path, size, modified, state in self.at.execute(query, some)}
        return found

    def claim(self, entries: Sequence[Entry]) -> tuple[int, list[Entry]]:
        """Claim those of some files that are nobody's and not in yet, as a batch of a new number; none may be left."""
        now = time.time()
        with self.transaction():
            taken = self._taken(entries, now)
            mine = [entry for entry in entries if entry.path not in taken]
            if not mine:
                return 0, []
            made = self.at.execute("INSERT INTO batches(listener) VALUES (?)", (self.listener,))
            batch = int(made.lastrowid or 0)
            self.at.executemany(
                "INSERT INTO paths(path, size, modified, state, listener, batch) VALUES (?, ?, ?, 'claimed', ?, ?) "
                "ON CONFLICT DO UPDATE SET tries = CASE WHEN size = excluded.size AND modified = excluded.modified THEN tries ELSE 0 END, "
                "size = excluded.size, modified = excluded.modified, state = 'claimed', listener = excluded.listener, batch = excluded.batch",
                [(entry.path, entry.size, entry.modified, self.listener, batch) for entry in mine],
            )
        return batch, mine

    def _taken(self, entries: Sequence[Entry], now: float) -> set[str]:
        sizes = {entry.path: (entry.size, entry.modified) for entry in entries}
        taken = set()
        for some in _slices(list(sizes)):
            query = f"SELECT path, size, modified, state, retry_at FROM paths WHERE path IN ({_marks(some)})"  # noqa: S608
            for path, size, modified, state, retry_at in self.at.execute(query, some):
                is_same = sizes[path] == (size, modified)
                if state == "claimed" or (is_same and (state != "waiting" or retry_at > now)):
                    taken.add(path)
        return taken

    def new_batch(self) -> int:
        """A number for parts that are made of other parts."""
        with self.transaction():
            made = self.at.execute("INSERT INTO batches(listener) VALUES (?)", (self.listener,))
        return int(made.lastrowid or 0)

    def open_batches(self) -> set[int]:
        """The numbers of batches that listeners are at."""
        return {row[0] for row in self.at.execute("SELECT id FROM batches WHERE is_whole = 0")}

    def release(self, batch: int) -> None:
        """Give a batch back that nothing came of."""
        with self.transaction():
            self.at.execute(
                "UPDATE paths SET state = 'waiting', listener = NULL, batch = NULL WHERE state = 'claimed' AND batch = ?", (batch,)
            )
            self.at.execute("DELETE FROM batches WHERE id = ? AND is_whole = 0", (batch,))

    # ------------------------------------------------------------------------------------- committing

    def commit(self, taken: Taken) -> None:
        """Let a batch count: its contents, parts, decisions and sketch, all at once.

        Raises:
            Conflict: one of its contents is in already, or the batch isn't this listener's any more; nothing has changed.
        """
        batch = taken.task.batch
        with self.transaction(durable=True):
            self._check_mine(batch)
            if self.among([content.digest for content in taken.contents]):
                raise Conflict
            rows = [(one.digest, one.entry.path, one.entry.size, one.records, batch) for one in taken.contents]
            self.at.executemany("INSERT INTO contents VALUES (?, ?, ?, ?, ?)", rows)
            sums = (len(rows), taken.size, taken.records)
            self.at.execute("UPDATE totals SET files = files + ?, bytes = bytes + ?, records = records + ?", sums)
            self._settle(
                [(one.digest, one.entry.path) for one in taken.contents] + [(digest, entry.path) for entry, digest in taken.repeats]
            )
            self.at.executemany("DELETE FROM paths WHERE path = ?", [(entry.path,) for entry in taken.vanished])
            self.add_parts(taken.parts, taken.decisions)
            self.at.executemany("INSERT INTO sketches(content) VALUES (?)", [(zlib.compress(one, 1),) for one in taken.sketches])
            self._note_firsts(taken)
            self.at.execute("UPDATE batches SET is_whole = 1 WHERE id = ?", (batch,))

    def _check_mine(self, batch: int) -> None:
        row = self.at.execute("SELECT listener FROM batches WHERE id = ? AND is_whole = 0", (batch,)).fetchone()
        if row is None or row[0] != self.listener:
            raise Conflict

    def _settle(self, paths: Iterable[tuple[bytes, str]]) -> None:
        done = "UPDATE paths SET state = 'done', listener = NULL, batch = NULL, category = NULL, reason = NULL, digest = ? WHERE path = ?"
        self.at.executemany(done, paths)

    def _note_firsts(self, taken: Taken) -> None:
        self.at.executemany(
            "INSERT INTO firsts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name WHERE excluded.name < name",
            [(path, kind, name) for (path, kind), name in taken.firsts.items()],
        )

    def among(self, digests: Sequence[bytes]) -> set[bytes]:
        """Which of some contents are in."""
        found: set[bytes] = set()
        for some in _slices(digests):
            found |= {row[0] for row in self.at.execute(f"SELECT digest FROM contents WHERE digest IN ({_marks(some)})", some)}  # noqa: S608
        return found

    def postpone(self, trouble: Trouble, *, wait_s: float, is_try: bool) -> None:
        """Let a claimed file wait; `is_try` where it counts as one of its tries."""
        with self.transaction():
            self.at.execute(
                "UPDATE paths SET state = 'waiting', listener = NULL, batch = NULL, tries = tries + ?, retry_at = ?, category = ?, reason = ? "
                "WHERE path = ? AND state = 'claimed' AND listener = ?",
                (int(is_try), time.time() + wait_s, trouble.category, trouble.reason, trouble.entry.path, self.listener),
            )

    def tries(self, path: str) -> int:
        """How often a file has been tried."""
        row = self.at.execute("SELECT tries FROM paths WHERE path = ?", (path,)).fetchone()
        return int(row[0]) if row else 0

    def refuse(self, trouble: Trouble) -> bool:
        """Put a claimed file into quarantine, durably; False where it isn't this listener's any more."""
        with self.transaction(durable=True):
            changed = self.at.execute(
                "UPDATE paths SET state = 'quarantined', listener = NULL, batch = NULL, tries = tries + 1, "
                "category = ?, reason = ?, offset = ?, digest = ? WHERE path = ? AND state = 'claimed' AND listener = ?",
                (trouble.category, trouble.reason, trouble.offset, trouble.digest, trouble.entry.path, self.listener),
            )
            return bool(changed.rowcount)

    def refused(self) -> list[Refused]:
        """All files in quarantine, by path."""
        query = "SELECT path, size, modified, category, reason, offset, tries, digest FROM paths WHERE state = 'quarantined' ORDER BY path"
        return [Refused(Entry(*row[:3]), *row[3:]) for row in self.at.execute(query)]

    def totals(self) -> tuple[int, int, int]:
        """How many files (different contents) are in, their bytes, and their records."""
        row = self.at.execute("SELECT files, bytes, records FROM totals").fetchone()
        return int(row[0]), int(row[1]), int(row[2])

    # ------------------------------------------------------------------------------------- parts and sketches

    def add_parts(self, parts: Iterable[PartFile], decisions: dict[bytes, str], *, seen: bool = False) -> None:
        """Let parts count; within a transaction."""
        self.at.executemany("INSERT OR IGNORE INTO decisions VALUES (?, ?)", list(decisions.items()))
        rows = [(part.path, part.table, part.unit, part.rows, part.size, part.decisions, int(seen)) for part in parts]
        self.at.executemany("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def parts(self) -> list[tuple[PartFile, bool]]:
        """All parts in the order of units and tables, and whether their values are in the evidence."""
        query = "SELECT name, path, unit, rows, size, decisions, seen FROM parts ORDER BY unit, name"
        return [(PartFile(*row[:6]), bool(row[6])) for row in self.at.execute(query)]

    def replace_parts(
        self, batch: int, old: Sequence[PartFile], new: Sequence[PartFile], kept: Sequence[PartFile] = (), *, seen: bool
    ) -> None:
        """Let parts of a batch stand in the place of others, durably; `kept` are those that only have other decisions now.

        Raises:
            Conflict: the batch isn't this listener's any more; nothing has changed.
        """
        with self.transaction(durable=True):
            self._check_mine(batch)
            self.at.executemany("DELETE FROM parts WHERE path = ?", [(part.path,) for part in old])
            self.add_parts(new, {}, seen=seen)
            self.at.executemany("UPDATE parts SET decisions = ? WHERE path = ?", [(part.decisions, part.path) for part in kept])

    def close_batch(self, batch: int) -> None:
        """A batch is through."""
        with self.transaction():
            self.at.execute("UPDATE batches SET is_whole = 1 WHERE id = ? AND listener = ?", (batch, self.listener))

    def keep_decisions(self, digest: bytes, text: str) -> None:
        """Keep decisions by their digest."""
        with self.transaction():
            self.at.execute("INSERT OR IGNORE INTO decisions VALUES (?, ?)", (digest, text))

    def part_paths(self) -> set[str]:
        """The paths of all parts."""
        return {row[0] for row in self.at.execute("SELECT path FROM parts")}

    def decisions(self) -> dict[bytes, str]:
        """All decisions that parts were made by, as JSON by their digests."""
        return dict(self.at.execute("SELECT digest, text FROM decisions").fetchall())

    def sketches(self) -> list[bytes]:
        """All sketches that are to be merged."""
        return [zlib.decompress(row[0]) for row in self.at.execute("SELECT content FROM sketches ORDER BY id")]

    @property
    def has_many_sketches(self) -> bool:
        """Whether it is time to merge them."""
        return int(self.at.execute("SELECT count(*) FROM sketches").fetchone()[0]) > _MANY_SKETCHES

    def fold_sketches(self, merge: Any) -> None:
        """Put one sketch in the place of all: `merge(list of bytes) -> bytes`."""
        with self.transaction():
            merged = merge(self.sketches())
            self.at.execute("DELETE FROM sketches")
            self.at.execute("INSERT INTO sketches(content) VALUES (?)", (zlib.compress(merged, 1),))

    def firsts(self) -> list[tuple[str, str, str]]:
        """For each path and type of values the name of the first file that has them."""
        return self.at.execute("SELECT path, kind, name FROM firsts ORDER BY name, path, kind").fetchall()

    # ------------------------------------------------------------------------------------- evidence of keys

    def evidence(self) -> dict[str, dict[str, bytes]]:
        """What is kept of each column for keys, by table."""
        found: dict[str, dict[str, bytes]] = {}
        for name, column, content in self.at.execute("SELECT name, field, content FROM evidence"):
            found.setdefault(name, {})[column] = content
        return found

    def keep_evidence(self, table: str, columns: dict[str, bytes], parts: Iterable[PartFile]) -> None:
        """Keep what is known of a table's columns, and that it is of these parts too."""
        with self.transaction():
            rows = [(table, name, content) for name, content in columns.items()]
            self.at.executemany("INSERT INTO evidence VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content", rows)
            self.at.executemany("UPDATE parts SET seen = 1 WHERE path = ?", [(part.path,) for part in parts])

    def forget_evidence(self, tables: Iterable[str]) -> None:
        """Keep nothing of tables whose columns have changed."""
        with self.transaction():
            names = [(table,) for table in tables]
            self.at.executemany("DELETE FROM evidence WHERE name = ?", names)
            self.at.executemany("UPDATE parts SET seen = 0 WHERE name = ?", names)

    # ------------------------------------------------------------------------------------- versions

    def note_version(self, decisions: bytes, text: str) -> None:
        """Keep which tables there are now, where that is new."""
        last = self.at.execute("SELECT decisions FROM versions ORDER BY id DESC LIMIT 1").fetchone()
        if last is None or last[0] != decisions:
            with self.transaction():
                self.at.execute("INSERT OR IGNORE INTO decisions VALUES (?, ?)", (decisions, text))
                at = datetime.now(UTC).isoformat(timespec="seconds")
                self.at.execute("INSERT INTO versions(decisions, at) VALUES (?, ?)", (decisions, at))

    def last_decisions(self) -> tuple[int, str] | None:
        """The number of the newest version of the tables, and its decisions as JSON; None of an empty ledger."""
        query = "SELECT id, text FROM versions JOIN decisions ON digest = decisions ORDER BY id DESC LIMIT 1"
        row = self.at.execute(query).fetchone()
        return (int(row[0]), str(row[1])) if row else None


def _slices(values: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield list(values[start : start + _AT_ONCE])


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
