"""Tables in object stores: which there are under a prefix, and their files as the readers of files take them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import cast

from seedbed.core.errors import DataError
from seedbed.outside.places import ObjectPlace, open_place
from seedbed.read.folders import Place, format_of, is_hidden, tables_made
from seedbed.read.remote import RemoteFile
from seedbed.read.text_stream import bare_name

#: What is read from stores; files of other formats want to be on a disk.
_FORMATS = ("parquet", "csv", "json")


def remote_places(url: str) -> dict[str, Place]:
    """The tables at a URL by their names: the object itself, or what lies under the prefix, as in a folder.

    Raises:
        DataError: there is none, a table is there twice, in several formats or in one that isn't read from stores, or a part is missing.
        EdgeError: the store can't be reached, or refuses.
        ModelError: the URL is no bucket's.
    """
    root = open_place(url)
    above, _, last = url.rstrip("/").rpartition("/")
    if format_of(Path(last)) and "://" in above and not above.endswith("/"):
        place = open_place(above)
        size = place.size(last)
        if size is not None:
            return {bare_name(Path(last)): _place_of(bare_name(Path(last)), [RemoteFile(place, last, size)], None)}
    sizes = list(root.sizes())
    made = tables_made(root.read(".metadata.json") or b"") if any(path == ".metadata.json" for path, _ in sizes) else frozenset()
    files = [RemoteFile(root, path, size) for path, size in sizes if not _is_hidden(path, made)]
    return {
        name: _place_of(name, found, folder) for (name, folder), found in sorted(_by_table(root, files).items(), key=lambda one: one[0][0])
    }


def _is_hidden(path: str, tables: frozenset[str]) -> bool:
    """Whether a name in a path says that the file is no data; the log of a Delta table is looked at."""
    first, *rest = path.split("/")
    return is_hidden(first, {*tables, "_delta_log"}) or any(is_hidden(part) and part != "_delta_log" for part in rest)


def _by_table(root: ObjectPlace, files: list[RemoteFile]) -> dict[tuple[str, RemoteFile | None], list[RemoteFile]]:
    """The files of each table; its folder where it has one."""
    readable = [file for file in files if format_of(Path(file.name)) or "_delta_log/" in file.path]
    if any(_is_part(file.path) for file in readable):
        return {(_name_of(root), RemoteFile(root, "")): readable}
    found: dict[tuple[str, RemoteFile | None], list[RemoteFile]] = {}
    for file in readable:
        first, _, rest = file.path.partition("/")
        key = (first, RemoteFile(root, first)) if rest else (bare_name(Path(first)), None)
        found.setdefault(key, []).append(file)
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1 or len(found.get((name, None), [])) > 1:
            raise DataError(f"the table `{name}` is there more than once", where=root.name, fix="keep the one that is meant")
    if not found:
        raise DataError(
            "there is no table under this prefix", where=root.name, fix="put Parquet, CSV or JSON Lines there, or check the prefix"
        )
    return found


def _is_part(path: str) -> bool:
    """Whether an object right under a prefix says that the prefix is one table."""
    first, _, rest = path.partition("/")
    return "=" in first or first == "_delta_log" or (not rest and first.startswith("part-"))


def _name_of(root: ObjectPlace) -> str:
    bucket = root.store.bucket
    return bucket.prefix.rpartition("/")[2] or bucket.name


def _place_of(name: str, files: list[RemoteFile], folder: RemoteFile | None) -> Place:
    where = str(folder or files[0])
    if any("_delta_log/" in file.path for file in files):
        assert folder is not None
        return Place("delta", (cast("Path", folder),), cast("Path", folder))
    formats = sorted({str(format_of(Path(file.name))) for file in files})
    if len(formats) > 1:
        raise DataError(f"the parts have several formats: {', '.join(formats)}", where=where, fix="keep those of one format")
    if formats[0] not in _FORMATS:
        fix = "copy it to a folder first; from stores, Parquet, CSV and JSON Lines are read"
        raise DataError(f"`{name}` is in a format that isn't read from object stores", where=where, fix=fix)
    files.sort(key=lambda file: (file.parent.parts, len(file.name), file.name))
    _refuse_gaps(files, where)
    # The readers ask a path for its name, its endings and its text only, and open it by what `read.remote` says.
    return Place(formats[0], cast("tuple[Path, ...]", tuple(files)), cast("Path | None", folder))


def _refuse_gaps(files: list[RemoteFile], where: str) -> None:
    if any("=" in file.path for file in files):
        return  # not every part has rows for every folder
    for file, after in pairwise(files):
        first, second = _number_of(file), _number_of(after)
        if first is not None and second is not None and file.parent == after.parent and second != first + 1:
            fix = "`seedbed generate ... --resume` makes the parts that are missing"
            raise DataError(f"part {first + 1} is missing", where=where, fix=fix)


def _number_of(file: RemoteFile) -> int | None:
    digits = file.name.partition(".")[0].removeprefix("part-")
    return int(digits) if file.name.startswith("part-") and digits.isdecimal() else None
