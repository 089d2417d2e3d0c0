"""Whether what a run left is still as it was: every file's size and SHA-256, every column's content digest, by its manifest alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Literal, cast

from seedbed.core.errors import DataError, EdgeError, SeedbedError
from seedbed.core.events import RowsChecked, RunStarted, Subscriber, nobody
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.core.registry import load
from seedbed.core.sinks import Place
from seedbed.run.contents import Uncomparable, contents_of
from seedbed.write.files import table_of_file
from seedbed.write.folder import Folder
from seedbed.write.manifest import FileEntry, Manifest, TableEntry, manifest_of
from seedbed.write.notes import MANIFEST
from seedbed.write.targets import SINKS, SinkOptions, local_path, open_sink, scheme_of, without_secrets

#: Formats that keep every type, so that values read back have the digests of those that were written.
_KEEPING = frozenset({"parquet", "delta", "arrow", "orc", "avro"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was: in which table, in which file or column, and what."""

    table: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class TableSeal:
    """What was looked at in one table: its rows, files and bytes; `contents` says whether values were, and if not, `reason` why."""

    name: str
    rows: int
    files: int
    size_bytes: int
    contents: Literal["compared", "not compared"]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a run's tables."""

    place: str
    dataset: str
    tables: tuple[TableSeal, ...]
    differences: tuple[Difference, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether everything is as it was."""
        return not self.differences


def verify(place: str | Path, *, contents: bool = True, events: Subscriber | None = None) -> Verification:
    """Look whether the tables that a run left in a folder, a bucket or a database are as the run's manifest says.

    Every file's size and SHA-256 are compared, files that no run made are told, and, unless `contents` is false, values are read and
    their digests computed anew, column by column: where the format keeps types, or a database does, and where the order of the rows
    can be told. `events` is told of the rows that were looked at.

    Raises:
        DataError: there is no manifest, or the run has not ended well.
        EdgeError: the place can't be reached.

    >>> import tempfile, seedbed
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = seedbed.generate("examples/users_events.json", folder, rows={"user": 100})
    ...     found = verify(folder)
    >>> found.ok, [table.contents for table in found.tables]
    (True, ['compared', 'compared'])
    """
    target, events = str(place), events or nobody
    files = _place_of(target)
    shown = files.name if files is not None else without_secrets(target)
    manifest = _manifest(target, files, shown)
    events(RunStarted({table.name: table.rows for table in manifest.tables}, 0, 1))
    differences: list[Difference] = list(_unknown(files, manifest)) if files is not None else []
    tables = []
    for table in manifest.tables:
        if files is not None:
            differences += _of_files(files, table, lambda rows, name=table.name: events(RowsChecked(name, rows)))  # type: ignore[misc]  # mypy takes no defaults in a lambda
        seal, found = _of_contents(target, manifest, table, wanted=contents)
        differences += found
        if files is None:
            events(RowsChecked(table.name, table.rows))
        tables.append(seal)
    return Verification(shown, manifest.dataset, tuple(tables), tuple(differences))


def _place_of(target: str) -> Place | None:
    """The place of files that a path or URL means; None for a database."""
    scheme = scheme_of(target)
    if scheme == "file" and not Path(local_path(target)).is_file():
        return Folder(Path(local_path(target)))
    if SINKS.get(scheme) == SINKS["s3"] and scheme != "file":
        return cast("Place", load("seedbed.outside.places:open_place")(target))
    return None


def _manifest(target: str, files: Place | None, shown: str) -> Manifest:
    if files is not None:
        content = files.read(MANIFEST)
        text = None if content is None else content.decode(errors="replace")
    else:
        sink = open_sink(target, SinkOptions())
        try:
            ledger = sink.earlier()
        finally:
            sink.close()
        text = ledger.manifest if ledger is not None else None
    manifest = manifest_of(text) if text is not None else None
    if manifest is None:
        raise DataError("there is no manifest of a run here", where=shown, fix="give the folder or URL that `seedbed generate` wrote to")
    if not manifest.complete:
        raise DataError("the run here has not ended: it was stopped, or is still going on", where=shown, fix="finish it with --resume")
    return manifest


# ------------------------------------------------------------------------------------------------ files


def _unknown(files: Place, manifest: Manifest) -> Iterator[Difference]:
    """Files that look like a table's and that the run has not made: readers of the folder would take them for rows."""
    known = {file.path for table in manifest.tables for file in table.files}
    names = {table.name for table in manifest.tables}
    for path in files.paths():
        table = table_of_file(path)
        if table in names and path not in known and "/_delta_log/" not in path:
            yield Difference(str(table), path, "this file was not made by the run")


def _of_files(files: Place, table: TableEntry, looked: Callable[[int], None]) -> Iterator[Difference]:
    for file in table.files:
        message = _file(files, file)
        looked(file.rows)
        if message is not None:
            yield Difference(table.name, file.path, message)


def _file(files: Place, file: FileEntry) -> str | None:
    size = files.size(file.path)
    if size is None:
        return "the file is gone"
    if size != file.size_bytes:
        return f"the file has {size:,} bytes where {file.size_bytes:,} were written"
    found = hashlib.sha256()
    try:
        for chunk in files.chunks(file.path):
            found.update(chunk)
    except EdgeError as error:
        return f"the file can't be read: {error.problems[0].message}"
    return None if found.hexdigest() == file.sha256 else f"the SHA-256 is {found.hexdigest()} where {file.sha256} was written"


# --------------------------------------------------------------------------------------------- contents


def _of_contents(target: str, manifest: Manifest, table: TableEntry, *, wanted: bool) -> tuple[TableSeal, list[Difference]]:
    def seal(contents: Literal["compared", "not compared"], reason: str | None = None) -> TableSeal:
        return TableSeal(table.name, table.rows, len(table.files), table.size_bytes, contents, reason)

    settings = dict(manifest.request.get("settings", {}))
    form = str(settings.get("format", "parquet" if table.files else "rows"))
    if settings.get("mode") in ("append", "upsert"):
        return seal("not compared", "the rows were added to others"), []
    if not wanted:
        return seal("not compared", "files alone were asked for"), []
    if table.files and form not in _KEEPING:
        return seal("not compared", f"{form} keeps no types"), []
    try:
        rows, digests = contents_of(target, table)
    except Uncomparable as error:
        return seal("not compared", str(error)), _rows(table, table.rows if error.rows is None else error.rows)
    except SeedbedError as error:
        return seal("not compared", "it can't be read"), [Difference(table.name, table.name, error.problems[0].message)]
    found = _rows(table, rows)
    wrong = [column.name for column in table.columns if digests[column.name] != column.digest]
    if len(wrong) == len(table.columns) and len(wrong) > 1:
        return seal("compared"), found or [Difference(table.name, table.name, f"the values of all columns differ: {one_of(wrong, most=4)}")]
    found += [Difference(table.name, name, "the values of the column differ") for name in wrong]
    return seal("compared"), found


def _rows(table: TableEntry, rows: int) -> list[Difference]:
    return [] if rows == table.rows else [Difference(table.name, table.name, f"{rows:,} rows where {table.rows:,} were made")]
