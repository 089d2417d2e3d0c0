"""Tables as files: a place (a folder, a bucket) times a format, the parts of a run each whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.registry import load
from seedbed.core.sinks import Existing, Ledger, Part, Place, Receipt, TableShape, Written, WrittenFile
from seedbed.write.folder import Folder, is_unfinished
from seedbed.write.formats.format import Format, LoggedFormat, open_format
from seedbed.write.manifest import Manifest, manifest_of
from seedbed.write.notes import JOURNAL, MANIFEST, NOTES, RUN, Head, Journal, Notes, StoredNotes
from seedbed.write.outgoing import Outgoing
from seedbed.write.taking import FORBIDDEN, forbidden, is_folder
from seedbed.write.targets import SinkOptions, local_path, scheme_of

if TYPE_CHECKING:
    import pyarrow as pa


#: Files of every run's own.
_OURS = frozenset({JOURNAL, MANIFEST, RUN})

#: A table's files by their names: one in the place itself, or parts in a folder, however deep, and the log of a Delta table.
_FILE = re.compile(r"(?P<table>[^\W\d]\w*)(\.[\w.]+|/(.*/)?part-\d{5,}[\w.-]*|/_delta_log/.*)", re.DOTALL)


@dataclass(slots=True)
class _Held:
    """What only the process that leads the run has: the place to itself, and the notes."""

    notes: Notes
    release: Callable[[], None] | None = None
    is_new: bool = False
    tables: tuple[TableShape, ...] = ()
    request: str = ""
    earlier: Head | None = None
    manifest: Manifest | None = None


class FileSink:
    """Files of one format in one place; see `seedbed.core.sinks.Sink`."""

    def __init__(self, place: Place, form: Format, partition_by: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._place, self._format, self._partition_by = place, form, dict(partition_by or {})
        self._held = _Held(Journal(place.root) if isinstance(place, Folder) else StoredNotes(place))

    def __reduce__(self) -> tuple[object, ...]:
        return FileSink, (self._place, self._format, self._partition_by)

    def to(self, place: Place) -> FileSink:
        """The same files in another place."""
        return FileSink(place, self._format, self._partition_by)

    @property
    def place(self) -> str:
        """The folder's path, or the bucket's URL."""
        return self._place.name

    @property
    def folder(self) -> Path | None:
        """The folder, where it is a local one."""
        return self._place.root if isinstance(self._place, Folder) else None

    @property
    def format(self) -> str:
        """The format's name."""
        return self._format.name

    @property
    def is_parted(self) -> bool:
        """Whether some table lies in folders by values."""
        return any(self._partition_by.values())

    @property
    def files(self) -> Place:
        """The place itself, to read from it what was written."""
        return self._place

    @property
    def part_rows(self) -> int | None:
        """The most rows of a file."""
        return self._format.part_rows

    @property
    def takes_codes(self) -> bool:
        """Whether the format does."""
        return self._format.takes_codes

    @property
    def settings(self) -> dict[str, str]:
        """The format, what it says of itself, and the columns that name folders."""
        folders = {f"partition_by {table}": ", ".join(columns) for table, columns in sorted(self._partition_by.items())}
        return {"format": self._format.name, **self._format.settings, **folders}

    # ------------------------------------------------------------------------------------------ begin

    def earlier(self) -> Ledger | None:
        """What an earlier run left here; a folder is held from now on."""
        held = self._held
        if isinstance(self._place, Folder) and not is_folder(self._place.root):
            return None
        self._take()
        content = self._place.read(MANIFEST)
        told = None if content is None else content.decode(errors="replace")
        held.manifest = None if told is None else manifest_of(told)
        noted = held.notes.read()
        if noted is not None:
            held.earlier = noted[0]
            return Ledger(noted[0].request, tuple(noted[1]), told)
        return None if held.manifest is None else Ledger(held.manifest.request_text(), (), told)

    def begin(self, tables: Sequence[TableShape], request: str, existing: Existing, kept: Collection[str] = ()) -> None:
        """Take the place and clear it as `existing` says."""
        if existing in ("append", "upsert"):
            fix = "write to a folder of its own, or replace what is there with --overwrite"
            raise ModelError(f"files can't be added to, so there is no `{existing}` here", where=self.place, fix=fix)
        self.check(tables)
        held = self._held
        self._take()
        try:
            self._clear(existing)
            held.notes.begin(Head(request, tuple(table.name for table in tables), self._format.suffix), kept)
            held.tables, held.request = tuple(tables), request
        except BaseException as error:
            self._let_go()
            if isinstance(error, EdgeError) and isinstance(error.__cause__, OSError) and error.__cause__.errno in FORBIDDEN:
                raise forbidden(self.place, error.__cause__) from error
            raise

    def check(self, tables: Sequence[TableShape]) -> None:
        """Refuse tables that these files can't hold, and columns for folders that aren't there, by ModelError."""
        known = [table.name for table in tables]
        for name in self._partition_by:
            if name not in known:
                fix = did_you_mean(name, known) or f"one of {one_of(known)}"
                raise ModelError(f"there is no table `{name}` in this run", where="partition_by", fix=fix)
        for table in map(self.shape, tables):
            if table.partition_by:
                from seedbed.write.partitions import check_partitions, without_partitions

                check_partitions(table)
                table = replace(table, schema=without_partitions(table))  # noqa: PLW2901 - as the files have it
            self._format.check(table)

    def shape(self, table: TableShape) -> TableShape:
        """The table with the columns that name folders here."""
        asked = self._partition_by.get(table.name)
        return table if asked is None else replace(table, partition_by=asked)

    def _take(self) -> None:
        if self._held.release is None:
            is_new = isinstance(self._place, Folder) and not is_folder(self._place.root)
            self._held.release = self._place.take()
            self._held.is_new = is_new

    def _clear(self, existing: Existing) -> None:
        present = [path for path in self._place.paths() if path != JOURNAL or existing == "refuse"]
        if not present:
            return
        if existing == "refuse":
            names = sorted({path.partition("/")[0] for path in present})
            fix = "choose another with -o, replace what is there with --overwrite, or go on with --resume"
            raise ModelError(f"the output folder is not empty: it holds {one_of(names, most=3)}", where=self.place, fix=fix)
        doomed = [path for path in present if is_unfinished(path)]
        if existing == "resume" and self._held.earlier is None and self._held.manifest is None and len(doomed) < len(present):
            fix = "choose another place, or start again with --overwrite"
            raise ModelError("there is no run here to go on with: neither a journal nor a manifest", where=self.place, fix=fix)
        if existing == "overwrite":
            foreign = [path for path in present if not is_unfinished(path) and not self._is_ours(path)]
            if foreign:
                message = f"not overwritten, because no run of seedbed noted that it wrote {one_of(foreign, most=5)}"
                raise ModelError(message, where=self.place, fix="move that away, or choose another folder with -o")
            doomed = [path for path in present if not path.startswith(NOTES)]  # a journal and notes are replaced at once
        self._place.remove(doomed)

    def _is_ours(self, path: str) -> bool:
        """Whether an earlier run noted that it wrote this file, or may have written it when it was killed."""
        head, manifest = self._held.earlier, self._held.manifest
        if path in _OURS or path.startswith(NOTES):
            return True
        if manifest is not None and any(path == file.path for table in manifest.tables for file in table.files):
            return True
        names = {table.name for table in manifest.tables} if manifest is not None else set()
        return _is_file_of({*names, *(head.tables if head is not None else ())}, path)

    # ----------------------------------------------------------------------------------------- parts

    def write(
        self,
        part: Part,
        table: TableShape,
        batches: Iterable[pa.RecordBatch],
        receipt: Receipt,
        turns: AbstractContextManager[object],
    ) -> Written:
        """Write a part: one file, or one in each folder of its values."""
        del receipt  # it is noted by the process that leads
        table = self.shape(table)
        if table.partition_by:
            files = self._write_folders(part, table, batches, turns)
        else:
            files = [self._write_file(f"{self._stem(part)}{self._format.suffix}", table, batches, turns)]
        return Written(sum(file.rows for file in files), sum(file.size_bytes for file in files), tuple(files))

    def _stem(self, part: Part) -> str:
        """The path of a part without its ending; of a format with a log always in the table's own folder."""
        in_folder = isinstance(self._format, LoggedFormat) and self._format.in_folder
        return f"{part.table}/part-{part.index:05}" if in_folder else part.stem

    def _write_folders(
        self, part: Part, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> list[WrittenFile]:
        from seedbed.write.partitions import by_folder, without_partitions

        files = []
        shape = replace(table, schema=without_partitions(table))
        parted = by_folder(table, batches)
        while True:
            with turns:
                rows = next(parted, None)
            if rows is None:
                break
            path = f"{part.table}/{rows.folder}/part-{part.index:05}{self._format.suffix}"
            files.append(self._write_file(path, shape, rows.table.to_batches(), turns))
        return files

    def _write_file(
        self, path: str, table: TableShape, batches: Iterable[pa.RecordBatch], turns: AbstractContextManager[object]
    ) -> WrittenFile:
        out = Outgoing(self._place, path, turns)
        try:
            with turns:
                rows = self._format.encode(table, batches, cast("BinaryIO", out))
                out.seal()
            return out.commit(rows)
        except BaseException:
            out.abandon()
            raise

    def note(self, receipt: str) -> None:
        """Remember a part over kills."""
        self._held.notes.add(receipt)

    def holds(self, written: Written, *, thoroughly: bool = False) -> bool:
        """Whether the files of a part are there with their sizes and, where `thoroughly`, their SHA-256."""
        if not all(self._place.size(file.path) == file.size_bytes for file in written.files):
            return False
        return not thoroughly or all(self._sha256(file.path) == file.sha256 for file in written.files)

    def _sha256(self, path: str) -> str | None:
        found = sha256()
        try:
            for chunk in self._place.chunks(path):
                found.update(chunk)
        except EdgeError:
            return None
        return found.hexdigest()

    # ------------------------------------------------------------------------------------------- end

    def finish(self, manifest: str) -> None:
        """Send the names to the disk, tell logs of the files, then let the manifest appear: from then on the run is whole."""
        told = manifest_of(manifest)
        assert told is not None
        if isinstance(self._place, Folder):
            self._place.remove(path for path in list(self._place.paths()) if is_unfinished(path))  # of workers that were killed
            self._place.sync(file.path for table in told.tables for file in table.files)
        if isinstance(self._format, LoggedFormat):
            shapes = {table.name: self.shape(table) for table in self._held.tables}
            run = sha256(self._held.request.encode()).hexdigest()
            for table in told.tables:
                if table.name in shapes:
                    files = [WrittenFile(file.path, file.rows, file.size_bytes, file.sha256) for file in table.files]
                    self._format.commit(self._place, shapes[table.name], files, run)
        self._keep(manifest)
        if isinstance(self._place, Folder):
            self._place.sync()
        with suppress(EdgeError):
            self._held.notes.remove()

    def pause(self, manifest: str) -> None:
        """Keep the manifest of what is whole."""
        self._keep(manifest)

    def report(self, figures: str) -> None:
        """Keep what the run took, beside the manifest: it differs from run to run."""
        self._place.write(RUN, figures.encode())

    def _keep(self, manifest: str) -> None:
        self._place.write(MANIFEST, manifest.encode())

    def discard(self) -> None:
        """Remove the files of this run's tables, the notes, and the folder where it was made for this run."""
        names = {table.name for table in self._held.tables}
        if not names:
            return
        self._held.notes.close()
        ours = [path for path in self._place.paths() if path in _OURS or is_unfinished(path) or _is_file_of(names, path)]
        with suppress(EdgeError):
            self._held.notes.remove()
            self._place.remove(ours)
        self._remove_new()

    def close(self) -> None:
        """Let another run have the place."""
        self._held.notes.close()
        if self._held.release is not None:
            self._held.release()
            self._held.release = None

    def _let_go(self) -> None:
        self._remove_new()
        self.close()

    def _remove_new(self) -> None:
        if self._held.is_new and isinstance(self._place, Folder):
            with suppress(OSError):
                self._place.root.rmdir()


def table_of_file(path: str) -> str | None:
    """The table that a file of a run holds rows of, by its path; None where it is none.

    >>> table_of_file("user.csv.gz"), table_of_file("event/day=1/part-00007.parquet"), table_of_file("event/notes.txt")
    ('user', 'event', None)
    """
    found = _FILE.fullmatch(path)
    return None if found is None else found["table"]


def _is_file_of(tables: Collection[str], path: str) -> bool:
    return table_of_file(path) in tables


def open_files(url: str, options: SinkOptions) -> FileSink:
    """Files in a folder (a path, or a `file:` URL) or a bucket.

    Raises:
        ModelError: the place or the format can't be, or can't follow an option.
        PluginError: something must be installed.
    """
    form = open_format(options)
    if scheme_of(url) == "file":
        return open_folder(local_path(url), options)
    place = cast("Place", load("seedbed.outside.places:open_place")(url))
    return FileSink(place, form, options.partition_by)


def open_folder(path: str | Path, options: SinkOptions) -> FileSink:
    """Files in a local folder, whatever its path looks like."""
    return FileSink(Folder(Path(path)), open_format(options), options.partition_by)
