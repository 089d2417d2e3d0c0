"""Any data as tables: folders and files of any format, databases, frames in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from seedbed.core.errors import DataError, EdgeError, SeedbedError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.read.catalogue import Declared, nothing

if TYPE_CHECKING:
    import pyarrow as pa

    from seedbed.read.csv_files import CsvForm
    from seedbed.read.folders import Place
    from seedbed.read.scans import Part

_SQLITE, _DUCKDB = b"SQLite format 3\0", b"DUCK"
_SCHEMES = ("duckdb", "sqlite", "postgresql", "postgres", "mysql", "mariadb")

_STORES = ("s3", "gs", "az")

#: How the names of tables begin that runs keep in a database for themselves.
_OWN = "_seedbed_"


class _Database(Protocol):
    def tables(self) -> dict[str, bool]: ...

    def declared(self) -> Declared: ...

    def scan(self, name: str) -> TableScan: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """Tables by name, and what must be closed when they have been read. `where` says where they are, without passwords.

    `declared` asks a database's catalogue for keys, references and comments; files and frames declare nothing.
    """

    tables: Mapping[str, TableScan]
    where: str
    _closing: Callable[[], None] = field(default=lambda: None, repr=False)
    declared: Callable[[], Declared] = field(default=nothing, repr=False)

    def close(self) -> None:
        """Close what the tables are read from."""
        self._closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def open_tables(
    data: object,
    *,
    tables: Iterable[str] | None = None,
    hints: Mapping[str, pa.Schema] | None = None,
    csv: CsvForm | None = None,
    dictionaries: bool = False,
    low_memory: bool = False,
) -> Opened:
    """Tables of any origin, each a `TableScan`.

    `data` is a folder (a file, or a subfolder of parts, is a table), a file, either one in a store (`s3://bucket/shop`), the address of a database
    (`duckdb:///shop.duckdb`, `sqlite:///shop.db`, `postgresql://user@host/shop?schema=sales`, `mysql://user@host/shop`), a mapping of names to tables in
    memory, or one such table, which is then called `data`: Arrow tables, batches and readers, Polars and pandas frames.

    A table is opened when it is first asked for its schema, its rows or a batch, and raises then what is wrong with it; so one
    broken table doesn't keep the others from being read. Views, and the tables in which runs of seedbed keep notes, are opened only where
    `tables` names them.

    Formats without types (CSV, JSON Lines) are read once in full to find them. `hints` says which types are expected: a column gets
    its own where all its values are of it. With `dictionaries`, a column of texts may come as dictionary arrays: faster to look at.
    With `low_memory`, CSV is read in blocks of 1 MiB instead of 4, and no row may be larger.

    Raises:
        EdgeError: there is no such folder, file or server, or it can't be read.
        DataError: there is no table, or not the one that is asked for, or the file is of no known kind.
        PluginError: what reads the database is not installed.
    """
    reading = _Reading(hints or {}, csv, dictionaries, low_memory)
    wanted = None if tables is None else list(tables)
    if isinstance(data, str | Path):
        scheme = str(data).partition("://")[0] if isinstance(data, str) and "://" in data else None
        if scheme in _STORES:
            return _chosen(_of_store(str(data), reading), wanted)
        return _chosen(_of_address(str(data), scheme, wanted) if scheme else _of_path(Path(data), reading, wanted), wanted)
    return _chosen(_of_memory(data, reading), wanted)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How files are read."""

    hints: Mapping[str, pa.Schema]
    csv: CsvForm | None
    dictionaries: bool
    low_memory: bool


def _chosen(opened: Opened, wanted: list[str] | None) -> Opened:
    if wanted is None:
        return opened
    missing = [name for name in wanted if name not in opened.tables]
    if missing:
        opened.close()
        fix = did_you_mean(missing[0], opened.tables) or (f"its tables are {one_of(opened.tables)}" if opened.tables else "it has none")
        raise DataError(f"there is no table `{missing[0]}`", where=opened.where, fix=fix)
    return Opened({name: opened.tables[name] for name in wanted}, opened.where, opened.close, opened.declared)


def _of_memory(data: object, reading: _Reading) -> Opened:
    from seedbed.read.memory import frame_table, is_table
    from seedbed.read.scans import LazyScan

    if isinstance(data, Mapping) and not is_table(data):
        found = {str(name): value for name, value in data.items()}
    elif is_table(data) or hasattr(data, "collect"):
        found = {"data": data}
    else:
        fix = "give a path, an address, a frame, or a mapping of names to frames"
        raise DataError(f"`{type(data).__name__}` is no data that can be read", where="data", fix=fix)
    opened: dict[str, TableScan] = {}
    for name, value in found.items():
        opened[name] = LazyScan(partial(frame_table, name, value, dictionaries=reading.dictionaries))
    return Opened(opened, "memory")


def _of_path(path: Path, reading: _Reading, wanted: list[str] | None) -> Opened:
    if path.is_dir():
        return _of_folder(path, reading)
    if not path.exists():
        raise EdgeError("there is no such file or folder", where=str(path), fix="check the path")
    return _of_file(path, reading, wanted)


def _of_folder(root: Path, reading: _Reading) -> Opened:
    from seedbed.read.folders import place_of, places
    from seedbed.read.scans import LazyScan

    def opening(name: str, paths: list[Path]) -> TableScan:
        return _table(name, place_of(name, paths, root), reading)

    return Opened({name: LazyScan(partial(opening, name, paths)) for name, paths in places(root).items()}, str(root))


def _of_store(url: str, reading: _Reading) -> Opened:
    from seedbed.read.cloud import remote_places
    from seedbed.read.scans import LazyScan

    return Opened({name: LazyScan(partial(_table, name, place, reading)) for name, place in remote_places(url).items()}, url)


def _of_file(path: Path, reading: _Reading, wanted: list[str] | None) -> Opened:
    from seedbed.read.edges import edge
    from seedbed.read.folders import FORMATS, Place, format_of, refuse_odd
    from seedbed.read.scans import LazyScan
    from seedbed.read.text_stream import bare_name

    refuse_odd(path)
    with edge(path, "file"), path.open("rb") as file:
        start = file.read(16)
    if start == _SQLITE or start[8:12] == _DUCKDB:
        return _of_database(_sqlite(path) if start == _SQLITE else _duckdb(path, None), str(path), wanted)
    kind = format_of(path)
    if kind is None:
        fix = f"give a file that ends with one of {one_of(FORMATS)}, or a SQLite or DuckDB file"
        raise DataError("the name doesn't say what is in the file", where=str(path), fix=fix)
    name = bare_name(path)
    return Opened({name: LazyScan(partial(_table, name, Place(kind, (path,)), reading))}, str(path))


def _table(name: str, place: Place, reading: _Reading) -> TableScan:
    """Look at the files of one table."""
    from seedbed.read.scans import Part, parted

    hint = reading.hints.get(name)
    parts: list[Part]
    if place.format == "csv":
        from seedbed.read.csv_files import FEW_BYTES, CsvForm, csv_parts

        form = reading.csv or CsvForm()
        parts = csv_parts(place.files, hint, replace(form, block_bytes=FEW_BYTES) if reading.low_memory else form)
    elif place.format == "json":
        from seedbed.read.json_lines import json_parts

        parts = json_parts(place.files, hint, reading.csv.encoding if reading.csv else None)
    elif place.format == "arrow":
        from seedbed.read.arrow_files import arrow_scan

        parts = [Part(str(path), arrow_scan(path)) for path in place.files]
    elif place.format in _OTHERS:
        parts = _OTHERS[place.format](place, hint, dictionaries=reading.dictionaries)
    else:
        return _parquet(place, reading)
    return parted(place.where, _with_said(parts, place), dictionaries=reading.dictionaries)


def _avro(place: Place, hint: pa.Schema | None, *, dictionaries: bool) -> list[Part]:
    from seedbed.read.avro_files import avro_scan
    from seedbed.read.scans import Part

    del hint, dictionaries
    return [Part(str(path), avro_scan(path)) for path in place.files]


def _orc(place: Place, hint: pa.Schema | None, *, dictionaries: bool) -> list[Part]:
    from seedbed.read.orc_files import orc_scan
    from seedbed.read.scans import Part

    del dictionaries
    return [Part(str(path), orc_scan(path, hint)) for path in place.files]


def _excel(place: Place, hint: pa.Schema | None, *, dictionaries: bool) -> list[Part]:
    from seedbed.read.excel_files import excel_parts

    del dictionaries
    return excel_parts(place.files, hint)


def _delta(place: Place, hint: pa.Schema | None, *, dictionaries: bool) -> list[Part]:
    from seedbed.read.delta_files import delta_parts

    del hint
    return delta_parts(place.files[0], dictionaries=dictionaries)


#: What opens the files of the formats that only some data has.
_OTHERS = {"avro": _avro, "orc": _orc, "excel": _excel, "delta": _delta}


def _parquet(place: Place, reading: _Reading) -> TableScan:
    from seedbed.read.parquet import scan
    from seedbed.read.plain import plain_schema, refuse_doubled
    from seedbed.read.scans import Part, parted

    flat = place.folder is not None and all(file.parent == place.folder and file.name.startswith("part-") for file in place.files)
    paths = (place.folder,) if flat and place.folder is not None else place.files  # the folder's reader also knows when a part is missing
    scans = [scan(path, dictionaries=reading.dictionaries) for path in paths]
    for path, found in zip(paths, scans, strict=True):
        refuse_doubled(found.schema.names, str(path))
    if len(scans) == 1 and scans[0].schema == plain_schema(scans[0].schema) and not _with_said([Part("", scans[0])], place)[0].said:
        return scans[0]
    parts = [Part(str(path), found) for path, found in zip(paths, scans, strict=True)]
    return parted(place.where, _with_said(parts, place), dictionaries=reading.dictionaries)


def _with_said(parts: list[Part], place: Place) -> list[Part]:
    """The parts with what the names of their folders say, in types that all these names spell."""
    if place.folder is None or len(parts) != len(place.files):
        return parts
    import pyarrow as pa

    from seedbed.read.folders import said
    from seedbed.read.scans import Part
    from seedbed.read.text_types import Guess, convert

    found = [said(file, place.folder) for file in place.files]
    arrays = {name: pa.array([pairs.get(name) for pairs in found], pa.string()) for pairs in found for name in pairs}
    for name, texts in arrays.items():
        guess = Guess()
        guess.see(texts)
        arrays[name] = convert(texts, guess.kind)
    return [Part(part.place, part.scan, {name: values[at] for name, values in arrays.items()}) for at, part in enumerate(parts)]


def _of_address(url: str, scheme: str, wanted: list[str] | None) -> Opened:
    """The tables of a database by its address."""
    from seedbed.outside.addresses import address, file_of

    if scheme not in _SCHEMES:
        raise DataError(
            f"`{scheme}://` is no place that is read", where=f"{scheme}://...", fix=f"use {one_of([*_SCHEMES, *_STORES])}, or a path"
        )
    try:
        at = address(url)
    except ValueError as error:
        fix = f"write it as `{scheme}://user@host:port/database`, an IPv6 host in brackets"
        raise DataError(f"this is no address: {error}", where=f"{scheme}://...", fix=fix) from None
    if scheme in ("postgresql", "postgres"):
        from seedbed.read.postgres import PostgresDatabase

        return _of_database(PostgresDatabase(at), at.shown, wanted)
    if scheme in ("mysql", "mariadb"):
        from seedbed.read.mysql import MysqlDatabase

        return _of_database(MysqlDatabase(at), at.shown, wanted)
    path = Path(file_of(at.url))
    return _of_database(_sqlite(path) if scheme == "sqlite" else _duckdb(path, at.schema), at.shown, wanted)


def _of_database(database: _Database, where: str, wanted: list[str] | None) -> Opened:
    from seedbed.read.scans import LazyScan

    try:
        known = database.tables()
    except SeedbedError:
        database.close()
        raise
    asked = set(wanted or ())
    names = [name for name, is_table in known.items() if (is_table and not name.startswith(_OWN)) or name in asked]
    if not names and wanted is None:
        database.close()
        raise DataError("there is no table in this database", where=where, fix="check the address; `?schema=NAME` says another schema")
    return Opened({name: LazyScan(partial(database.scan, name)) for name in names}, where, database.close, database.declared)


def _sqlite(path: Path) -> _Database:
    from seedbed.read.sqlite_files import SqliteDatabase

    return SqliteDatabase(path)


def _duckdb(path: Path, schema: str | None) -> _Database:
    from seedbed.read.duckdb_files import DuckDatabase

    return DuckDatabase(path, schema)
