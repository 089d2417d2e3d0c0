"""The one sink of all databases.

Rows are gathered in tables of ours (`_seedbed_0`, ...), each part in one transaction with a note that it is whole. When all parts are
there, keys are added and the tables take their names, in one transaction where the database can. So nobody meets a table half full, a
kill at any moment loses no more than parts in the making, and what can't be leaves what was there before.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from seedbed.core.errors import EdgeError, ModelError, SeedbedError
from seedbed.core.nearest import one_of
from seedbed.core.sinks import Existing, Ledger, Part, Receipt, TableShape, Written
from seedbed.write.databases.database import Database, Session
from seedbed.write.databases.dialect import MANIFEST, PARTS
from seedbed.write.databases.loading import Loading, Way, working_name
from seedbed.write.manifest import manifest_of
from seedbed.write.targets import Mode

if TYPE_CHECKING:
    import pyarrow as pa

#: How a run begins that could have gone on with another, by its mode.
_BEGINNINGS: Mapping[Mode | None, Existing] = {None: "refuse", "append": "append", "replace": "overwrite", "upsert": "upsert"}

_WAYS: Mapping[Existing, Way] = {"refuse": "new", "overwrite": "replace", "append": "append", "upsert": "upsert"}


class DatabaseSink:
    """Loads tables into a database; fits `Sink`."""

    takes_codes = True

    def __init__(self, database: Database, mode: Mode | None = None) -> None:
        """Load into `database`; the `mode` counts where a run is asked to go on and there is none."""
        self._database = database
        self._mode = mode
        self._loadings: tuple[Loading, ...] = ()
        self._run = 0
        self._request = ""
        self._is_done = self._has_begun = self._has_lock = self._made_home = False
        self._leader: Session | None = None
        self._forget()

    def _forget(self) -> None:
        self._free: list[Session] = []
        self._guard = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        if self._database.writers is not None:
            raise ModelError(self._database.writers, where=self.place, fix="use --executor threads")
        return {**self.__dict__, "_leader": None, "_free": None, "_guard": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def place(self) -> str:
        """Where it writes to, without a password."""
        return self._database.place

    @property
    def part_rows(self) -> int | None:
        """The most rows of a part."""
        return self._database.part_rows

    @property
    def settings(self) -> dict[str, str]:
        """What decides how rows are stored."""
        return {"database": self._database.speech.dialect.called, "mode": self._mode or "", **self._database.settings}

    # ------------------------------------------------------------------------------- before the rows

    def earlier(self) -> Ledger | None:
        """What an earlier run left here. Workers of it that still live can't finish a part any more."""
        if not self._database.is_there():
            return None
        session = self._leading()
        names = self._database.tables(session)
        # Waits for workers of a run that was killed, and shuts them out; where that run lives, `begin` refuses. It may end while we wait.
        if PARTS in names and self._take_lock():
            session.commit()
            names = self._database.tables(session)
            if PARTS in names:
                self._next_run(session)
        if PARTS in names:
            run = session.rows(self._database.speech.noted("run"))
            receipts = tuple(str(row[3]) for row in session.rows(self._database.speech.noted("part")))
            session.commit()
            return Ledger(str(run[0][3]), receipts) if run else None
        kept = self._kept(session, names)
        session.commit()
        if kept is None:
            return None
        manifest = manifest_of(kept[1])
        is_there = manifest is not None and {table.name for table in manifest.tables} <= names
        return Ledger(kept[0], (), kept[1] if is_there else None)

    def _kept(self, session: Session, names: set[str]) -> tuple[str, str] | None:
        """The request and the manifest of the run that ended well here last."""
        rows = session.rows(self._database.speech.kept()) if MANIFEST in names else ()
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def begin(self, tables: Sequence[TableShape], request: str, existing: Existing, kept: Collection[str] = ()) -> None:
        """Take the place and make what parts need.

        Raises:
            ModelError: a type or a name can't be held here, tables are there that `existing` doesn't allow, another run is here.
            EdgeError: the database can't be reached.
        """
        self._database.speech.dialect.refuse(tables)
        session = self._leading()
        if not self._take_lock():
            raise ModelError("another run is writing here", where=self.place, fix="wait for it, or choose another place")
        self._request = request
        try:
            names = self._database.tables(session)
            if existing != "resume":
                self._start(session, tables, existing)
            elif PARTS in names:
                self._go_on(session, tables, kept)
            elif self._is_kept(session, tables, names):
                self._is_done = True
            else:
                self._start(session, tables, _BEGINNINGS[self._mode])
            session.commit()
        except BaseException:
            with suppress(SeedbedError):
                session.rollback()
            raise
        self._has_begun = True

    def _is_kept(self, session: Session, tables: Sequence[TableShape], names: set[str]) -> bool:
        """Whether the run that is asked for has ended well here."""
        kept = self._kept(session, names)
        return kept is not None and kept[0] == self._request and {table.name for table in tables} <= names

    def _start(self, session: Session, tables: Sequence[TableShape], existing: Existing) -> None:
        names = self._database.tables(session)
        if PARTS in names:
            if existing != "overwrite":
                raise ModelError("an unfinished run is here", where=self.place, fix="go on with --resume, or drop it with --overwrite")
            self._database.discard(session, self._left(session))
        taken = [table.name for table in tables if table.name in names]
        if existing == "refuse" and taken:
            fix = "choose another place, or say what becomes of it: --overwrite, --mode append or --mode upsert"
            raise ModelError(f"there is already a table {one_of(sorted(taken), most=5)}", where=self.place, fix=fix)
        _refuse_lonely(tables, names, self.place)
        if existing == "upsert":
            _refuse_keyless(tables)
        self._loadings = tuple(
            Loading(table, working_name(at), _WAYS[existing] if table.name in taken else "new") for at, table in enumerate(tables)
        )
        self._made_home = self._database.make_home(session)
        self._run = 1
        speech = self._database.speech
        for statement in speech.notes():
            session.run(statement)
        session.run(speech.note("run", "home" if self._made_home else "", 0, self._run, self._request))
        for at, loading in enumerate(self._loadings):
            session.run(speech.note("table", loading.shape.name, at, 0, loading.way))
        try:
            for loading in self._loadings:
                self._database.make(session, loading)
            self._database.refuse_unfit(session, self._loadings)
        except SeedbedError:
            self._undo(session)
            raise

    def _undo(self, session: Session) -> None:
        """Undo a beginning, also where tables that were made are there at once."""
        session.rollback()
        with suppress(SeedbedError):
            if PARTS in self._database.tables(session):
                self._database.discard(session, self._loadings)
                if self._made_home:
                    self._database.drop_home(session)
            session.commit()

    def _go_on(self, session: Session, tables: Sequence[TableShape], kept: Collection[str]) -> None:
        speech = self._database.speech
        (run,) = session.rows(speech.noted("run"))
        self._run, self._made_home = int(run[2]), run[0] == "home"
        ways = {loading.shape.name: loading for loading in self._left(session)}
        if {table.name for table in tables} != set(ways):
            raise ModelError(
                "the run that is here has other tables", where=self.place, fix="ask for the same, or start again with --overwrite"
            )
        self._loadings = tuple(Loading(table, ways[table.name].working, ways[table.name].way) for table in tables)
        self._remove_unkept(session, set(kept))
        if not session.rows(speech.noted("phase")):
            for loading in self._loadings:
                self._database.make(session, loading)

    def _remove_unkept(self, session: Session, kept: set[str]) -> None:
        """Make tables anew whose parts aren't to be kept: all of a table's parts or none can go."""
        speech = self._database.speech
        noted = [(str(row[0]), str(row[3])) for row in session.rows(speech.noted("part"))]
        lost = {name for name, receipt in noted if receipt not in kept}
        if lost & {name for name, receipt in noted if receipt in kept}:
            fix = "start again with --overwrite"
            raise ModelError(f"only some parts of {one_of(sorted(lost))} can be gone on with", where=self.place, fix=fix)
        for loading in self._loadings:
            if loading.shape.name in lost:
                session.run(speech.drop(loading.working))
                session.run(speech.forget("part", loading.shape.name))

    def _left(self, session: Session) -> tuple[Loading, ...]:
        """The tables that the run that is here gathers; their columns are not known."""
        import pyarrow as pa

        found = session.rows(self._database.speech.noted("table"))
        ways: dict[str, Way] = {"new": "new", "replace": "replace", "append": "append", "upsert": "upsert"}
        empty = pa.schema([])
        return tuple(Loading(TableShape(str(name), empty, 0), working_name(int(at)), ways[str(way)]) for name, at, _, way in found)

    # ------------------------------------------------------------------------------- the rows

    def write(
        self,
        part: Part,
        table: TableShape,
        batches: Iterable[pa.RecordBatch],
        receipt: Receipt,
        turns: AbstractContextManager[object],
    ) -> Written:
        """Load a part, in one transaction with its receipt."""
        if self._is_done:
            raise ModelError("the run that is here has ended", where=self.place, fix="leave out --resume, or replace it with --overwrite")
        working = next(loading.working for loading in self._loadings if loading.shape.name == part.table)
        with self._database.prepared(table, batches, turns) as sent, self._session() as session:
            rows, size_bytes = self._database.insert(session, working, table, sent)
            written = Written(rows, size_bytes)
            if self._database.stand(session) != self._run:
                raise EdgeError("another run has taken this place", where=self.place, fix="let one run at a time write here")
            session.run(self._database.speech.note("part", part.table, part.index, rows, receipt(written)))
            session.commit()
        return written

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A session for a part; it is used again unless something went wrong."""
        if self._database.writers is not None:
            with self._guard:
                session = self._leading()
                try:
                    yield session
                except BaseException:
                    with suppress(SeedbedError):
                        session.rollback()
                    raise
            return
        with self._guard:
            free = self._free.pop() if self._free else None
        session = free or self._database.connect()
        try:
            yield session
        except BaseException:
            session.close()
            raise
        with self._guard:
            self._free.append(session)

    def note(self, receipt: str) -> None:
        """Nothing to do: the receipt was kept with the part."""

    def holds(self, written: Written, *, thoroughly: bool = False) -> bool:
        """Whether a part is still there: it is, since it came with its receipt."""
        del written, thoroughly
        return True

    # ------------------------------------------------------------------------------- after the rows

    def finish(self, manifest: str) -> None:
        """Add keys, give the tables their names, keep the manifest.

        Raises:
            EdgeError: rows are missing, or the database failed; the run can be gone on with.
            ModelError: keys don't hold, or rows don't fit the tables that are there.
        """
        session = self._leading()
        speech = self._database.speech
        if not self._is_done:
            self._refuse_missing(session)
        last = list(speech.keep(self._request, manifest, is_there=MANIFEST in self._database.tables(session)))
        try:
            self._database.finish(session, () if self._is_done else self._loadings, last)
            session.commit()
        except BaseException:
            with suppress(SeedbedError):
                session.rollback()
            raise
        self._is_done = True

    def _refuse_missing(self, session: Session) -> None:
        counts: dict[str, int] = {}
        for name, _, rows, _ in session.rows(self._database.speech.noted("part")):
            counts[str(name)] = counts.get(str(name), 0) + int(rows)
        wrong = [loading.shape.name for loading in self._loadings if counts.get(loading.shape.name, 0) != loading.shape.rows]
        if wrong:
            raise EdgeError(f"rows of {one_of(sorted(wrong))} are missing", where=self.place, fix="run again with --resume")

    def pause(self, manifest: str) -> None:
        """Nothing to do: the parts that are whole are noted."""
        del manifest

    def discard(self) -> None:
        """Drop everything that this run has made; what was there before is there still."""
        if not self._has_begun or self._is_done:
            return
        session = self._leading()
        session.rollback()
        if PARTS in self._database.tables(session):
            self._database.discard(session, self._loadings)
            if self._made_home:
                self._database.drop_home(session)
        session.commit()

    def close(self) -> None:
        """End all connections, which lets another run have the place."""
        with self._guard:
            for session in self._free:
                session.close()
            self._free.clear()
        if self._leader is not None:
            self._leader.close()
            self._leader = None
        self._has_lock = False

    # ------------------------------------------------------------------------------- the session that leads

    def _leading(self) -> Session:
        if self._leader is None:
            self._leader = self._database.connect()
        return self._leader

    def _take_lock(self) -> bool:
        if not self._has_lock:
            self._has_lock = self._database.lock(self._leading())
        return self._has_lock

    def _next_run(self, session: Session) -> None:
        """Give the run a new number: a worker that knows the old one can't finish its part."""
        speech = self._database.speech
        quoted = speech.dialect.quoted
        for name in ("", "home"):  # each by its whole key, so that nothing beside it is locked
            where = speech.of_run(name)
            session.run(f"UPDATE {speech.relation(PARTS)} SET {quoted('rows')} = {quoted('rows')} + 1 WHERE {where}")  # noqa: S608 - quoted
        session.commit()


def _refuse_lonely(tables: Sequence[TableShape], names: set[str], place: str) -> None:
    """Refuse tables that refer to one that neither is there nor comes."""
    known = {table.name for table in tables} | names
    lonely = [(table, key) for table in tables for key in table.foreign_keys if key.table not in known]
    for table, key in lonely:
        message = f"`{table.name}.{key.columns[0]}` refers to `{key.table}`, which is neither there nor written now"
        raise ModelError(message, where=place, fix=f"write `{key.table}`, too")


def _refuse_keyless(tables: Sequence[TableShape]) -> None:
    """Refuse to look for rows by a key that there isn't."""
    for table in tables:
        if not table.primary_key:
            raise ModelError(
                "rows can't be replaced by key: there is none", where=table.name, fix="use --mode append, or give it a primary key"
            )
