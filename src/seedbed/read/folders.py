"""Which tables a folder holds: a file each, or a subfolder of parts each."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import unquote

from seedbed.core.errors import DataError
from seedbed.core.records import dataclass
from seedbed.read.edges import edge
from seedbed.read.text_stream import bare_name, bare_suffix

#: What the endings of files say, without `.gz`, `.bz2`, `.xz`, `.zst`, `.lz4` and `.br`, which texts may have behind them.
FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".avro": "avro",
    ".orc": "orc",
    ".xlsx": "excel",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one table, in order, all of one format; of a folder of parts unless `folder` is None."""

    format: str
    files: tuple[Path, ...]
    folder: Path | None = None

    @property
    def where(self) -> str:
        """The file, or the folder of the parts."""
        return str(self.folder or self.files[0])


def places(root: Path) -> dict[str, list[Path]]:
    """The tables of a folder by their names, each with the file or the subfolder that it is in; more than one is a mistake.

    A folder of parts (`part-...`, `year=2026`) is one table itself. Hidden files, and those whose names begin with `_`, are none, unless the
    manifest of a run names them.

    Raises:
        EdgeError: the folder can't be read.
        DataError: there is no table in it.
    """
    with edge(root, "folder"):
        is_ours = (root / ".metadata.json").exists()  # elsewhere models and settings lie about as `.json`
        made = tables_made((root / ".metadata.json").read_bytes()) if is_ours else frozenset()
        entries = sorted(path for path in root.iterdir() if not is_hidden(path.name, made))
        if (root / "_delta_log").is_dir() or any(_is_part(path) for path in entries):
            return {root.name: [root]}
        found: dict[str, list[Path]] = {}
        for path in entries:
            if path.is_dir() and (_is_delta(path) or _holds_files(path, root)):
                found.setdefault(path.name, []).append(path)
            elif not path.is_dir() and format_of(path) and (is_ours or bare_suffix(path) != ".json"):
                found.setdefault(bare_name(path), []).append(path)
    if not found:
        raise DataError("there is no table in this folder", where=str(root), fix=f"put files into it that end with {_endings()}")
    return found


def place_of(name: str, paths: list[Path], root: Path) -> Place:
    """The files of one table, which is in one place.

    Raises:
        DataError: it is in several, its files have several formats, or a link leads out of `root`.
        EdgeError: the folder can't be read.
    """
    if len(paths) > 1:
        names = " and ".join(f"`{path.name}`" for path in paths)
        raise DataError(f"the table `{name}` is there more than once: {names}", where=str(root), fix="keep the one that is meant")
    path = paths[0]
    refuse_escape(path, root)
    with edge(path, "folder"):
        if not path.is_dir():
            refuse_odd(path)
            return Place(str(format_of(path)), (path,))
        if _is_delta(path):
            return Place("delta", (path,), path)
        files = sorted(_files(path, root), key=lambda file: (file.parent.parts, len(file.name), file.name))
    formats = sorted({str(format_of(file)) for file in files})
    if len(formats) > 1:
        raise DataError(f"the parts have several formats: {', '.join(formats)}", where=str(path), fix="keep those of one format")
    return Place(formats[0], tuple(files), path)


def format_of(path: Path) -> str | None:
    """What a file's ending says is in it; None where that is no table.

    >>> format_of(Path("orders.csv.gz")), format_of(Path("orders.txt")), format_of(Path("orders.parquet.gz"))
    ('csv', None, None)
    """
    ending = bare_suffix(path)
    known = FORMATS.get(ending)
    return known if known in ("csv", "json") or path.suffix.lower() == ending else None


def said(file: Path, folder: Path) -> dict[str, str | None]:
    """What the names of a part's folders say of its rows.

    >>> said(Path("sales/year=2026/shop=K%C3%B6ln/a.csv"), Path("sales"))
    {'year': '2026', 'shop': 'Köln'}
    """
    pairs = [part.partition("=") for part in file.relative_to(folder).parts[:-1] if "=" in part]
    return {unquote(name): None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value) for name, _, value in pairs}


def refuse_escape(path: Path, root: Path) -> None:
    """Refuse a link in a folder that leads out of it: whoever fills the folder must not choose what else is read.

    Raises:
        DataError: it does.
    """
    if not _resolved(path).is_relative_to(_resolved(root)):
        fix = "give the place that it leads to, or put the data itself into the folder"
        raise DataError("this link leads out of the folder that was given", where=str(path), fix=fix)


def refuse_odd(path: Path) -> None:
    """Refuse what is no file to be read from its start again: a pipe, a socket, a device.

    Raises:
        DataError: it is one.
        EdgeError: it can't be looked at.
    """
    with edge(path, "file"):
        mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = next((name for fits, name in _ODD if fits(mode)), "something else")
        raise DataError(f"this is no file but {kind}", where=str(path), fix="write what comes from it to a file, and give that")


_ODD = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:  # what Python 3.11 says of a link that leads to itself
        raise DataError("this link leads to itself", where=str(path), fix="remove it, or let it lead to the data") from error


def _holds_files(folder: Path, root: Path) -> bool:
    """Whether a table is in a folder; one that is refused counts as well, and says so when it is opened."""
    try:
        return next(_files(folder, root), None) is not None
    except DataError:
        return True


def _files(folder: Path, root: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    refuse_escape(folder, root)
    here = _resolved(folder)
    if here in above:
        raise DataError("this link leads back to a folder that it is in", where=str(folder), fix="remove it")
    for path in sorted(folder.iterdir()):
        if is_hidden(path.name):
            continue
        if path.is_dir():
            yield from _files(path, root, (*above, here))
        elif format_of(path):
            refuse_escape(path, root)
            refuse_odd(path)
            yield path


def is_hidden(name: str, tables: Collection[str] = ()) -> bool:
    """Whether a name says that a file or folder is no data, nor one of these tables: as Spark has it, `_name=value` is a folder of values.

    >>> is_hidden("_SUCCESS"), is_hidden("_region=EU"), is_hidden("_user.parquet", ["_user"]), is_hidden(".user.parquet")
    (True, False, False, True)
    """
    return name.startswith(".") or (name.startswith("_") and "=" not in name and bare_name(Path(name)) not in tables)


def tables_made(manifest: bytes) -> frozenset[str]:
    """The tables that the manifest of a run names; none where it is none.

    >>> tables_made(b'{"tables": [{"name": "user"}]}'), tables_made(b"no manifest")
    (frozenset({'user'}), frozenset())
    """
    try:
        return frozenset(str(table["name"]) for table in json.loads(manifest)["tables"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return frozenset()


def _is_part(path: Path) -> bool:
    if path.is_dir():
        return bool(re.fullmatch(r"[^=]+=.*", path.name))
    return path.name.startswith("part-") and format_of(path) is not None


def _is_delta(path: Path) -> bool:
    return (path / "_delta_log").is_dir()


def _endings() -> str:
    return ", ".join(f"`{ending}`" for ending in FORMATS)
