"""An output folder: taken by one run at a time, never mixed with what isn't ours, gone on with where asked."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Literal

from seedbed.core.errors import EdgeError, ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass
from seedbed.run.journal import Journal, PartDone, Request, read_journal
from seedbed.run.layout import JOURNAL, MANIFEST, Part, parts_of
from seedbed.write.atomic import UNFINISHED, edge_errors
from seedbed.write.manifest import Manifest, TableEntry, read_manifest

Existing = Literal["refuse", "overwrite", "resume"]


@dataclass(slots=True)
class Output:
    """A folder that this run holds until `close`.

    `kept` are parts of an earlier run that are whole, by table and number; `kept_tables` are tables whose every file is whole and
    whose digests the earlier manifest knows.
    """

    root: Path
    journal: Journal
    kept: dict[tuple[str, int], PartDone]
    kept_tables: dict[str, TableEntry]
    is_new: bool
    _lock: int
    _made: set[str] = field(default_factory=set)

    def note(self, part: PartDone) -> None:
        """A part is whole: remember it over kills."""
        self._made.add(part.path)
        self.journal.append(part)

    def finish(self) -> None:
        """All is made and the manifest is written: the journal has served."""
        self.journal.close()
        with suppress(OSError):
            (self.root / JOURNAL).unlink(missing_ok=True)

    def discard(self, parts: list[Part]) -> None:
        """Remove everything this run may have written: the files of these parts, the notes, and the folder where it was made for this run."""
        self.journal.close()
        _remove(self.root, {*(part.path for part in parts), MANIFEST, JOURNAL})
        if self.is_new:
            with suppress(OSError):
                self.root.rmdir()

    def close(self) -> None:
        """Let another run have the folder."""
        self.journal.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def open_output(root: Path, request: Request, existing: Existing = "refuse") -> Output:
    """Take a folder for a run of `request`, made where it is missing.

    Raises:
        ModelError: the path is a file, another run is in it, it may not be written to, it holds something and neither overwriting
            nor resuming was asked for, the earlier run was another, or there is something in it that no run of ours wrote.
        EdgeError: the disk failed.
    """
    is_new = _make_folder(root)
    lock = -1
    try:
        lock = _lock(root)
        kept, kept_tables = _take(root, request, existing)
        journal = Journal.begin(root, request, list(kept.values()))
    except BaseException as error:
        if lock >= 0:
            os.close(lock)
        if is_new:
            with suppress(OSError):
                root.rmdir()
        if isinstance(error, EdgeError) and isinstance(error.__cause__, OSError) and error.__cause__.errno in _FORBIDDEN:
            raise _forbidden(root, error.__cause__) from error
        raise
    return Output(root, journal, kept, kept_tables, is_new, lock)


#: What says that a folder may not be written to at all: a wrong request. What fails later is the disk.
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def _forbidden(root: Path, error: OSError) -> ModelError:
    return ModelError(f"this folder may not be written to: {error.strerror}", where=str(root), fix="choose another with -o, or allow it")


def _make_folder(root: Path) -> bool:
    """Whether the folder is new: it was made now."""
    try:
        is_new = not root.exists()
        root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ModelError("a file stands where the output folder should be", where=str(root), fix="choose another with -o") from error
    except OSError as error:
        if error.errno in {errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}:
            raise ModelError(
                f"this is no path for a folder: {error.strerror}", where=str(root)[:200], fix="choose another with -o"
            ) from error
        raise _forbidden(root, error) if error.errno in _FORBIDDEN else _broken(root, error) from error
    return is_new


def _broken(root: Path, error: OSError) -> EdgeError:
    return EdgeError(f"cannot make the folder: {error.strerror}", where=str(root), fix="look at the disk, then run again")


def _lock(root: Path) -> int:
    """Hold the folder itself by a lock that ends with the process."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        return -1
    with edge_errors(root):
        descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            os.close(descriptor)
            raise ModelError(
                "another run is writing to this folder", where=str(root), fix="wait for it, or choose another with -o"
            ) from error
    return descriptor


Kept = tuple[dict[tuple[str, int], PartDone], dict[str, TableEntry]]


def _take(root: Path, request: Request, existing: Existing) -> Kept:
    with edge_errors(root):
        present = {entry.name for entry in root.iterdir()}
    if not present:
        return {}, {}
    if existing == "refuse":
        raise ModelError(
            f"the output folder is not empty: it holds {one_of(sorted(present), most=3)}",
            where=str(root),
            fix="choose another with -o, replace what is there with --overwrite, or go on with --resume",
        )
    noted, manifest = read_journal(root), read_manifest(root / MANIFEST)
    earlier = noted[0] if noted else _request_of(manifest)
    if existing == "overwrite":
        _clear(root, earlier)
        return {}, {}
    return _resume(root, request, earlier, noted[1] if noted else [], None if noted else manifest)


def _request_of(manifest: Manifest | None) -> Request | None:
    try:
        return Request.from_dict(manifest.request) if manifest else None
    except ValueError:
        return None


def _clear(root: Path, earlier: Request | None) -> None:
    """Remove what an earlier run made, after making sure that nothing else is there."""
    ours = _files_of(earlier)
    foreign = sorted(path for path in _files_in(root) if path not in ours and not _is_unfinished(path))
    if foreign:
        raise ModelError(
            f"not overwritten, because no run of seedbed noted that it wrote {one_of(foreign, most=5)}",
            where=str(root),
            fix="move that away, or choose another folder with -o",
        )
    with edge_errors(root):
        _remove(root, {path for path in _files_in(root) if path != JOURNAL})


def _files_of(earlier: Request | None) -> set[str]:
    paths = {part.path for span in earlier.spans for part in parts_of(span)} if earlier else set()
    return paths | {JOURNAL, MANIFEST}


def _files_in(root: Path) -> set[str]:
    found = set()
    for folder, _, names in os.walk(root):
        found |= {(Path(folder) / name).relative_to(root).as_posix() for name in names}
    return found


def _is_unfinished(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(".") and name.endswith(UNFINISHED)


def _remove(root: Path, paths: set[str]) -> None:
    for path in paths:
        (root / path).unlink(missing_ok=True)
    for folder in {path.rpartition("/")[0] for path in paths} - {""}:
        with suppress(OSError):
            (root / folder).rmdir()


def _resume(root: Path, request: Request, earlier: Request | None, noted: list[PartDone], manifest: Manifest | None) -> Kept:
    if earlier is None:
        raise ModelError(
            "there is no run here to go on with: neither a journal nor a manifest",
            where=str(root),
            fix="choose another folder with -o, or start again with --overwrite",
        )
    differences = request.differences(earlier)
    if differences:
        raise ModelError(
            f"the run in this folder was another: {', '.join(differences)} differ",
            where=str(root),
            fix="ask for the same, choose another folder with -o, or start again with --overwrite",
        )
    with edge_errors(root):
        _remove(root, {path for path in _files_in(root) if _is_unfinished(path)})
    wanted = {(part.table, part.index): part.path for span in request.spans for part in parts_of(span)}
    whole = {(part.table, part.index): part for part in noted if wanted.get((part.table, part.index)) == part.path}
    kept = {key: part for key, part in whole.items() if is_whole(root / part.path, part.size_bytes, part.sha256)}
    tables = manifest.tables if manifest and manifest.complete else ()
    return kept, {table.name: table for table in tables if _is_table_whole(root, table)}


def _is_table_whole(root: Path, table: TableEntry) -> bool:
    return all(is_whole(root / file.path, file.size_bytes, file.sha256) for file in table.files)


def has_size(path: Path, size_bytes: int) -> bool:
    """Whether a file is there with this size."""
    try:
        return path.stat().st_size == size_bytes
    except OSError:
        return False


def is_whole(path: Path, size_bytes: int, sha256: str) -> bool:
    """Whether a file is there with this size and SHA-256."""
    if not has_size(path, size_bytes):
        return False
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
