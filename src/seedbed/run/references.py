"""Columns that refer to the keys of other tables: guessed by their names, made sure of on all rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from seedbed.core.hashing import Keys
from seedbed.core.shapes import TableScan
from seedbed.stats.facts import ColumnFacts, ReferenceFacts, TableFacts
from seedbed.stats.fingerprints import column_keys
from seedbed.stats.privacy import copied

#: Keys of tables with more rows than these are not looked into.
_MOST_ROWS = 20_000_000

#: Names of keys that say nothing of their table.
_PLAIN = ("id", "key", "uuid", "code")


def with_references(tables: Mapping[str, TableFacts], scans: Mapping[str, TableScan]) -> dict[str, TableFacts]:
    """The tables' facts, with the columns all of whose values are keys of another table, or of the same one."""
    found: dict[str, list[ReferenceFacts]] = {}
    for parent in tables.values():
        for key in parent.columns:
            children = list(_children(tables, parent, key)) if _can_be_referred_to(parent, key) else []
            if children:
                keys = np.sort(np.concatenate([np.zeros(0, np.int64), *_keys(scans[parent.name], key.name)]))
                for table, column in children:
                    if _all_among(scans[table], column, keys, tables[table]):
                        found.setdefault(table, []).append(ReferenceFacts(column, parent.name, key.name))
    return {name: replace(table, references=tuple(found.get(name, ()))) for name, table in tables.items()}


def _can_be_referred_to(parent: TableFacts, key: ColumnFacts) -> bool:
    is_whole = key.numbers is not None and key.numbers.whole
    return key.is_key and (is_whole or key.kind == "text") and parent.rows <= _MOST_ROWS


def _children(tables: Mapping[str, TableFacts], parent: TableFacts, key: ColumnFacts) -> Iterator[tuple[str, str]]:
    for table in tables.values():
        for column in table.columns:
            is_itself = table.name == parent.name and column.name == key.name
            if not is_itself and column.kind == key.kind and column.values and _names_key(column.name, parent.name, key.name):
                yield table.name, column.name


def _names_key(column: str, table: str, key: str) -> bool:
    """Whether a column's name is that of a key, with words before it or with that of the key's table.

    >>> _names_key("home_city_id", "cities", "city_id"), _names_key("user_id", "users", "id"), _names_key("id", "users", "id")
    (True, True, False)
    """
    column, table, key = column.lower(), table.lower(), key.lower()
    if key not in _PLAIN:
        return column == key or column.endswith(f"_{key}")
    singular = table[:-3] + "y" if table.endswith("ies") else table.removesuffix("s")
    return any(column == f"{name}_{key}" or column.endswith(f"_{name}_{key}") for name in (table, singular))


def _keys(scan: TableScan, column: str) -> Iterator[Keys]:
    for _, batch in scan.batches([column]):
        yield column_keys(batch.column(0))


def _all_among(scan: TableScan, column: str, rising: Keys, table: TableFacts) -> bool:
    """Whether all values are among the keys; a null refers to nothing."""
    nulls = next(each.nulls for each in table.columns if each.name == column)
    missing = 0
    for keys in _keys(scan, column):
        missing += len(keys) - copied(np.sort(keys), rising)
        if missing > nulls:
            return False
    return True
