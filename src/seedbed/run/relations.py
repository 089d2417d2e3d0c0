"""Keys and references among tables of any origin, found by looking at all rows once, and at doubtful columns again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.core.hashing import Keys
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.model.reading.text import decode
from seedbed.model.reading.trees import read_tree
from seedbed.read.document_bytes import read_bytes
from seedbed.read.sources import open_tables
from seedbed.stats.fingerprints import row_keys
from seedbed.stats.relations.evidence import ColumnEvidence
from seedbed.stats.relations.foreign import foreign_keys
from seedbed.stats.relations.found import PrimaryKey, Relation, TableEvidence
from seedbed.stats.relations.names import shared_prefixes
from seedbed.stats.relations.primary import primary_key

#: Columns of which fewer rows of a sample differ together are no key.
_FAR = 0.85

_SURE = "somebody said so"


@dataclass(frozen=True, slots=True)
class Hints:
    """What somebody knows about keys, and that goes before what is found.

    `keys` are primary keys by table, `references` those that there are, `never` those that there aren't: (table, columns, table, columns).
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = ()
    never: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = ()

    @classmethod
    def read(cls, source: str | Path | Mapping[str, object]) -> Hints:
        """The hints of a YAML or JSON file, or of plain data.

        `primary_keys: {table: column or [columns]}`, `foreign_keys: [{from: table.column, to: table.column}]`, the same under
        `not_foreign_keys`; several columns are listed.

        Raises:
            ModelError: it isn't that.

        >>> Hints.read({"primary_keys": {"loan": "id"}, "foreign_keys": [{"from": "loan.book", "to": "book.id"}]}).references
        (('loan', ('book',), 'book', ('id',)),)
        """
        data = source if isinstance(source, Mapping) else read_tree(decode(read_bytes(source), str(source)), str(source)).data
        where = "hints" if isinstance(source, Mapping) else str(source)
        known = ("primary_keys", "foreign_keys", "not_foreign_keys")
        if not isinstance(data, Mapping) or any(name not in known for name in data):
            wrong = next((str(name) for name in data if name not in known), "") if isinstance(data, Mapping) else ""
            fix = did_you_mean(wrong, known) or f"give {one_of(known)}"
            raise ModelError(f"`{wrong}` is no part of hints" if wrong else "hints are an object", where=where, fix=fix)
        keys = data.get("primary_keys") or {}
        if not isinstance(keys, Mapping):
            raise ModelError("`primary_keys` names the columns of each table", where=where, fix="write {table: column}")
        return cls(
            {str(table): _names(columns, where) for table, columns in keys.items()},
            tuple(_edges(data.get("foreign_keys"), where)),
            tuple(_edges(data.get("not_foreign_keys"), where)),
        )


def _edges(listed: object, where: str) -> Iterator[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    for edge in listed if isinstance(listed, list | tuple) else [] if listed is None else [listed]:
        if not isinstance(edge, Mapping) or set(edge) != {"from", "to"}:
            raise ModelError("a foreign key has `from` and `to`", where=where, fix="write {from: loan.book_id, to: book.id}")
        ends = [_end(edge[name], where) for name in ("from", "to")]
        if len(ends[0][1]) != len(ends[1][1]):
            raise ModelError("both ends of a foreign key have as many columns", where=where, fix="list them in the same order")
        yield (*ends[0], *ends[1])


def _end(said: object, where: str) -> tuple[str, tuple[str, ...]]:
    parts = [name.rpartition(".") for name in _names(said, where)]
    if not all(table and column for table, _, column in parts) or len({table for table, _, _ in parts}) != 1:
        raise ModelError(f"{said!r} is no `table.column`", where=where, fix="write table.column, or a list of them of one table")
    return parts[0][0], tuple(column for _, _, column in parts)


def _names(said: object, where: str) -> tuple[str, ...]:
    names = (said,) if isinstance(said, str) else said
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise ModelError(f"{said!r} names no columns", where=where, fix="write a name, or a list of names")
    return tuple(str(name) for name in names)


@dataclass(frozen=True, slots=True)
class Relations:
    """The primary keys of tables that have one, and the references among them."""

    keys: Mapping[str, PrimaryKey]
    references: tuple[Relation, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON takes it."""
        return {
            "primary_keys": [key.to_dict() for key in self.keys.values()],
            "relationships": [relation.to_dict() for relation in self.references],
        }


def relations(data: Any, hints: Hints | str | Path | Mapping[str, object] | None = None) -> Relations:
    """The keys and references among the tables of a folder, a database or a mapping of frames (see `open_tables`).

    `hints` go before what is found. All rows are read once; columns that together may be a key, and values that break one, are looked at again.

    Raises:
        ModelError: there are no such data, or the hints are none.
        EdgeError: the disk or the server failed.

    >>> books, loans = pa.table({"id": [7, 8, 9]}), pa.table({"loan_id": [1, 2, 3, 4], "book_id": [9, 7, 7, 8]})
    >>> found = relations({"books": books, "loans": loans})
    >>> found.keys["loans"].columns, [(one.columns, one.to_table) for one in found.references]
    (('loan_id',), [(('book_id',), 'books')])
    """
    told = hints if isinstance(hints, Hints) else Hints() if hints is None else Hints.read(hints)
    with open_tables(data) as opened:
        return relations_of(opened.tables, told)


def relations_of(
    scans: Mapping[str, TableScan],
    hints: Hints = Hints(),  # noqa: B008 - frozen
    evidence: Mapping[str, TableEvidence] | None = None,
    sample: Callable[[str, str], pa.RecordBatch] | None = None,
) -> Relations:
    """The same of opened tables; `evidence` is what has been gathered of them already.

    `sample` gives rows of a table by the value of one column, all or none of a value: several columns that aren't unique in these by far aren't
    looked at in all rows.
    """
    told = {name: evidence[name] if evidence and name in evidence else gathered(name, scan) for name, scan in scans.items()}
    look = _Look(scans, told, sample)
    shared = shared_prefixes(scans)
    for name, columns in hints.keys.items():
        look.require(name, columns)
    keys: dict[str, PrimaryKey] = {}
    for name, table in told.items():
        key = look.hinted(name, hints.keys[name]) if name in hints.keys else primary_key(table, look.distinct, shared)
        if key is not None:
            keys[name] = key
    found = [one for one in foreign_keys(told, keys, look.covered, shared) if not _is_ruled_out(one, hints)]
    given = [look.referred(*edge) for edge in hints.references]
    return Relations({name: look.with_repeat(key) for name, key in keys.items()}, tuple(look.with_orphan(one) for one in (*found, *given)))


def _is_ruled_out(one: Relation, hints: Hints) -> bool:
    edge = (one.table, one.columns, one.to_table, one.to_columns)
    return edge in hints.never or any(edge[:2] == given[:2] for given in hints.references)


def gathered(name: str, scan: TableScan) -> TableEvidence:
    """What is kept of a table for this, in one pass."""
    columns = {field.name: ColumnEvidence.of(field.name, field.type) for field in scan.schema}
    rows = 0
    for _, batch in scan.batches():
        rows += batch.num_rows
        for column in columns.values():
            column.add(batch.column(column.name))
    return TableEvidence(name, rows, columns)


class _Look:
    """Looks at some columns of a table again; what it has seen it keeps."""

    def __init__(
        self,
        scans: Mapping[str, TableScan],
        tables: Mapping[str, TableEvidence],
        sample: Callable[[str, str], pa.RecordBatch] | None = None,
    ) -> None:
        self._scans, self._tables, self._sample = scans, tables, sample
        self._sets: dict[tuple[str, tuple[str, ...]], tuple[Keys, int]] = {}

    def _set(self, table: str, columns: tuple[str, ...]) -> tuple[Keys, int]:
        """The different fingerprints of some columns together, and of how many rows without nulls."""
        if (table, columns) not in self._sets:
            pieces = [np.zeros(0, np.int64)]
            rows = 0
            for keys in self._keys(table, columns):
                rows += len(keys)
                pieces.append(np.unique(keys))
            self._sets[table, columns] = (np.unique(np.concatenate(pieces)), rows)
        return self._sets[table, columns]

    def _keys(self, table: str, columns: tuple[str, ...]) -> Iterator[Keys]:
        for _, batch in self._scans[table].batches(columns):
            yield row_keys(_whole(batch), columns)

    def distinct(self, table: str, columns: tuple[str, ...]) -> tuple[float, int]:
        """How many different values some columns have together, and in how many rows; of a sample, where that is far from all."""
        if self._sample is not None and (table, columns) not in self._sets:
            known = self._tables[table].columns
            some = self._sample(table, max(columns, key=lambda name: (known[name].distinct, name))).select(list(columns))
            keys = row_keys(_whole(some), columns)
            found = len(np.unique(keys))
            if found < _FAR * len(keys):
                return float(found), len(keys)
        keys, rows = self._set(table, columns)
        return float(len(keys)), rows

    def covered(self, table: str, columns: tuple[str, ...], target: str, parts: tuple[str, ...]) -> float:
        """The share of rows whose values are values of the other columns."""
        known = self._set(target, parts)[0]
        hits = rows = 0
        for keys in self._keys(table, columns):
            hits += int(np.isin(keys, known).sum())
            rows += len(keys)
        return hits / rows if rows else 0.0

    def with_repeat(self, key: PrimaryKey) -> PrimaryKey:
        """The key with a value that comes twice, where one does, and with what is true of all rows."""
        keys, rows = self._set(key.table, key.columns)
        uniqueness = len(keys) / rows if rows else 1.0
        if len(keys) == rows:
            return replace(key, uniqueness=1.0)
        every = np.sort(np.concatenate(list(self._keys(key.table, key.columns))))
        least = every[:-1][every[1:] == every[:-1]][0]  # always the same one, whatever the order of rows
        for _, batch in self._scans[key.table].batches(key.columns):
            whole = _whole(batch)
            found = np.flatnonzero(row_keys(whole, key.columns) == least)
            if len(found):
                return replace(key, uniqueness=uniqueness, counter_example=_told(whole, int(found[0])))
        return replace(key, uniqueness=uniqueness)

    def with_orphan(self, relation: Relation) -> Relation:
        """The reference with a value that is no key, where there is one."""
        if relation.coverage >= 1 and relation.evidence != (_SURE,):
            known_all = self.covered(relation.table, relation.columns, relation.to_table, relation.to_columns)
            if known_all >= 1:
                return relation
            relation = replace(relation, coverage=known_all)
        known = self._set(relation.to_table, relation.to_columns)[0]
        least: int | None = None  # always the same one, whatever the order of rows
        for _, batch in self._scans[relation.table].batches(relation.columns):
            whole = _whole(batch)
            keys = row_keys(whole, relation.columns)
            lost = np.flatnonzero(~np.isin(keys, known))
            if len(lost) and (least is None or keys[lost].min() < least):
                place = int(lost[np.argmin(keys[lost])])
                least, relation = int(keys[place]), replace(relation, counter_example=_told(whole, place))
        return relation

    def hinted(self, table: str, columns: tuple[str, ...]) -> PrimaryKey:
        """A key that somebody knows."""
        keys, rows = self._set(table, columns)
        return PrimaryKey(table, columns, 1.0, len(keys) / rows if rows else 1.0, (_SURE,))

    def referred(self, table: str, columns: tuple[str, ...], target: str, parts: tuple[str, ...]) -> Relation:
        """A reference that somebody knows."""
        self.require(table, columns)
        self.require(target, parts)
        coverage = self.covered(table, columns, target, parts)
        keys, rows = self._set(table, columns)
        optional = any(self._tables[table].columns[name].nulls for name in columns)
        cardinality = "one-to-one" if len(keys) == rows else "many-to-one"
        return Relation(table, columns, target, parts, 1.0, coverage, cardinality, optional, (_SURE,))  # type: ignore[arg-type]  # one of the two

    def require(self, table: str, columns: tuple[str, ...]) -> None:
        """Raise ModelError where there are no such columns."""
        if table not in self._tables:
            fix = did_you_mean(table, self._tables) or f"tables: {one_of(self._tables)}"
            raise ModelError(f"there is no table `{table}`", where="hints", fix=fix)
        for name in columns:
            if name not in self._tables[table].columns:
                fix = did_you_mean(name, self._tables[table].columns) or f"its columns: {one_of(self._tables[table].columns)}"
                raise ModelError(f"`{table}` has no column `{name}`", where="hints", fix=fix)


def _whole(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows without a null."""
    if not any(column.null_count for column in batch.columns):
        return batch
    kept = np.ones(batch.num_rows, np.bool_)
    for column in batch.columns:
        kept &= column.is_valid().to_numpy(zero_copy_only=False)
    return batch.take(pa.array(np.flatnonzero(kept)))


def _told(batch: pa.RecordBatch, row: int) -> str:
    values = [batch.column(name)[row].as_py() for name in batch.schema.names]
    return ", ".join(str(value)[:80] for value in values)
