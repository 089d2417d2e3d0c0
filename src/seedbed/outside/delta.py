"""Delta tables, by delta-rs: what is in one now, and one commit that shows new files, all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError
from seedbed.core.records import dataclass

if TYPE_CHECKING:
    import pyarrow as pa

#: What readers must understand of the tables that are read here; all else would read wrong rows, so it is refused.
_UNDERSTOOD = frozenset({"timestampNtz"})


@dataclass(frozen=True, slots=True)
class DeltaFile:
    """A Parquet file of a table: its path from the table on, its size, the values that its folders tell, and its statistics as JSON."""

    path: str
    size_bytes: int
    values: Mapping[str, str | None] = field(default_factory=dict)
    statistics: str = "{}"


@dataclass(frozen=True, slots=True)
class DeltaShape:
    """What a new table is: its columns in types that Delta has, the columns that folders tell, what is said of it, its properties."""

    name: str
    schema: pa.Schema
    partition_by: tuple[str, ...] = ()
    description: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


def commit(uri: str, shape: DeltaShape, files: Sequence[DeltaFile], run: str, storage: Mapping[str, str] | None = None) -> int:
    """Make these files the table's only ones, by one commit; the table's version then. A second time for the same `run` does nothing.

    A table that is there already is replaced: its earlier versions stay readable as long as their files do.

    Raises:
        ModelError: Delta has no such types, or the table has properties that delta-rs doesn't follow.
        EdgeError: the log can't be written, or somebody else committed at the same time.
        PluginError: deltalake is not installed.
    """
    deltalake, transaction = library(), _transactions()
    with _edge(uri):
        known = _table(uri, storage) if deltalake.DeltaTable.is_deltatable(uri, storage_options=dict(storage or {})) else None
        if known is not None and known.transaction_version(_app(run)) is not None:
            return int(known.version())
        now = time.time_ns() // 1_000_000
        adds = [transaction.AddAction(one.path, one.size_bytes, dict(one.values), now, True, one.statistics) for one in files]  # noqa: FBT003
        transaction.create_table_with_add_actions(
            uri,
            deltalake.Schema.from_arrow(shape.schema),
            adds,
            mode="error" if known is None else "overwrite",
            partition_by=list(shape.partition_by),
            name=shape.name,
            description=shape.description,
            configuration=dict(shape.properties),
            storage_options=dict(storage or {}),
            commit_properties=deltalake.CommitProperties(app_transactions=[deltalake.Transaction(_app(run), 1)]),
        )
        return int(_table(uri, storage).version())


def rehearse(shape: DeltaShape) -> None:
    """Make the table without a row where nobody looks, so that what delta-rs refuses is told before any row is made.

    Raises:
        ModelError: Delta has no such types, names or properties.
        PluginError: deltalake is not installed.
    """
    deltalake = library()
    with TemporaryDirectory() as folder:
        schema = deltalake.Schema.from_arrow(shape.schema)
        try:
            deltalake.DeltaTable.create(folder, schema, partition_by=list(shape.partition_by), configuration=dict(shape.properties))
        except (deltalake.exceptions.DeltaError, ValueError) as error:
            fix = "change the columns or the options `delta.…`, or write Parquet"
            raise ModelError(f"Delta refuses: {_line(error)}", where=shape.name, fix=fix) from error


def current(uri: str, storage: Mapping[str, str] | None = None) -> tuple[pa.Schema, list[DeltaFile]]:
    """The columns of a table, and the files that are in it now, in the order of their paths.

    Raises:
        DataError: there is no Delta table, its log is broken, or its rows can't be read from its files alone.
        EdgeError: it can't be read.
        PluginError: deltalake is not installed.
    """
    import pyarrow as pa

    with _edge(uri):
        table = _table(uri, storage)
        needed = set(table.protocol().reader_features or ()) - _UNDERSTOOD
        if needed or table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none":
            told = ", ".join(sorted(needed)) or "columnMapping"
            raise DataError(f"this Delta table needs {told}, which is not followed here", where=uri, fix=_REWRITE)
        partitions = table.metadata().partition_columns
        actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
        schema = pa.schema(table.schema().to_arrow())
    found = [
        DeltaFile(unquote(one["path"]), one["size_bytes"], {name: _text(one[f"partition.{name}"]) for name in partitions})
        for one in actions
    ]
    return schema, sorted(found, key=lambda one: one.path)


_REWRITE = "write its current rows anew, as a table without it or as plain files"


def _text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _app(run: str) -> str:
    """Who commits, as the log remembers it: a run commits once."""
    return f"seedbed:{run}"


def _table(uri: str, storage: Mapping[str, str] | None) -> Any:
    return library().DeltaTable(uri, storage_options=dict(storage or {}))


def library() -> Any:
    """The package deltalake.

    Raises:
        PluginError: it is not installed.
    """
    try:
        import deltalake
    except ImportError as error:
        raise PluginError("Delta tables need deltalake, which is not installed", fix="pip install 'seedbed[delta]'") from error
    return deltalake


def _transactions() -> Any:
    library()
    from deltalake import transaction

    return transaction


@contextmanager
def _edge(uri: str) -> Iterator[None]:
    """Turn what delta-rs says into one of our errors."""
    exceptions: Any = library().exceptions
    try:
        yield
    except exceptions.TableNotFoundError as error:
        raise DataError("there is no Delta table", where=uri, fix="check the path: its folder has a folder `_delta_log`") from error
    except exceptions.CommitFailedError as error:
        fix = "run again with --resume, which commits what is written"
        raise EdgeError(f"somebody else changed the table at the same time: {_line(error)}", where=uri, fix=fix) from error
    except (exceptions.SchemaMismatchError, exceptions.DeltaProtocolError) as error:
        raise ModelError(f"Delta refuses: {_line(error)}", where=uri, fix="change the columns' types, or write Parquet") from error
    except (exceptions.DeltaError, OSError) as error:
        raise EdgeError(f"the Delta table can't be reached: {_line(error)}", where=uri, fix="look at the place, then run again") from error


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
