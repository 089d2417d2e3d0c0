"""All parts become those of the same decisions, and many small ones become a few; the ledger says in one step which count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.read.collect.decide import Decisions
from seedbed.read.collect.restore import affected, retype
from seedbed.read.parquet import ParquetScan
from seedbed.run.collect.collector import write_part
from seedbed.run.collect.ledger import Ledger
from seedbed.run.collect.loop import remove_parts
from seedbed.run.collect.places import unit_of
from seedbed.run.collect.values import PartFile
from seedbed.write.atomic import sync_folders

#: Small units are merged when there are so many of about one size; a unit is at most so large then.
MANY_UNITS, MOST_BYTES = 64, 32 << 20

#: Units of the least tier have less than this; each tier is eight times the one below.
_LEAST_TIER = 64 << 10


@dataclass(frozen=True, slots=True)
class Compactor:
    """Rewrites parts of an output whose ledger says who may: the one that settles.

    Parts that don't count any more are removed at once, unless a log still tells of them (`removes` is False then): `sweep` does it later.
    """

    ledger: Ledger
    output: Path
    removes: bool = True

    def retype_all(self, final: Decisions, digest: bytes) -> int:
        """Make all parts those of the final decisions; how many were rewritten."""
        known = self.ledger.decisions()
        by_decisions: dict[bytes, list[list[PartFile]]] = {}
        for unit in self._units():
            for old in sorted({part.decisions for part in unit} - {digest}):
                by_decisions.setdefault(old, []).append([part for part in unit if part.decisions == old])
        return sum(self._retyped(Decisions.from_json(known[old]), final, digest, units) for old, units in sorted(by_decisions.items()))

    def _retyped(self, before: Decisions, final: Decisions, digest: bytes, units: Sequence[list[PartFile]]) -> int:
        """Bring units of some decisions to the final ones; all parts of a unit together, where values move between columns or tables."""
        is_moved = bool(affected(before, final).rewritten)
        was, now = ({table.name: table for table in one.tables} for one in (before, final))
        batch = self.ledger.new_batch()
        rewritten = 0
        kept: list[PartFile] = []
        for block, unit in enumerate(units):
            olds = unit if is_moved else [part for part in unit if was[part.table].columns != now[part.table].columns]
            same = [replace(part, decisions=digest) for part in unit if part not in olds]
            if not olds:
                kept += same
                continue
            tables = {part.table: read_part(self.output, part, before) for part in olds}
            fresh = (
                retype(tables, before, final) if is_moved else {name: _widened(rows, now[name].schema()) for name, rows in tables.items()}
            )
            made = [write_part(self.output, name, rows, digest, unit_of(batch, block), of=unit[0].unit) for name, rows in fresh.items()]
            self._swap(batch, olds, made, same)
            rewritten += len(made)
        self._swap(batch, [], [], kept)
        self.ledger.close_batch(batch)
        return rewritten

    def _swap(
        self, batch: int, olds: Sequence[PartFile], made: Sequence[PartFile], kept: Sequence[PartFile] = (), *, seen: bool = False
    ) -> None:
        sync_folders({(self.output / part.path).parent for part in made})
        self.ledger.replace_parts(batch, olds, made, kept, seen=seen)
        if self.removes:
            remove_parts(self.output, [part.path for part in olds])

    def merge_small(self, decisions: Decisions, digest: bytes, *, all_small: bool) -> int:
        """Put units of few bytes together, of all tables at once; `all_small` whatever their number. How many parts that made.

        All parts are of these decisions, and their values are in the evidence.
        """
        made = 0
        for group in _groups(self._units(), all_small=all_small):
            batch = self.ledger.new_batch()
            made += self._merged(group, decisions, digest, batch)
            self.ledger.close_batch(batch)
        return made

    def _merged(self, units: Sequence[list[PartFile]], decisions: Decisions, digest: bytes, batch: int) -> int:
        unit = unit_of(batch, 0)
        olds = [part for one in units for part in one]
        made = []
        for table, parts in groupby(sorted(olds, key=lambda part: (part.table, part.path)), key=lambda part: part.table):
            rows = [read_part(self.output, part, decisions) for part in parts]
            made.append(write_part(self.output, table, pa.concat_tables(rows), digest, unit))
        self._swap(batch, olds, made, seen=True)
        return len(made)

    def _units(self) -> list[list[PartFile]]:
        found = [part for part, _ in self.ledger.parts()]
        return [list(parts) for _, parts in groupby(found, key=lambda part: part.unit)]


def scan_of(output: Path, parts: Iterable[PartFile], schema: pa.Schema) -> ParquetScan:
    """The rows of parts of one table."""
    found = list(parts)
    return ParquetScan(tuple(output / part.path for part in found), schema, tuple(part.rows for part in found))


def read_part(output: Path, part: PartFile, decisions: Decisions) -> pa.Table:
    """The rows of a part, as the decisions that it was made by say its columns."""
    schema = next(table.schema() for table in decisions.tables if table.name == part.table)
    return pa.Table.from_batches((batch for _, batch in scan_of(output, [part], schema).batches()), schema)


def _widened(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with all columns that there are by now, null where they have none."""
    known = set(rows.column_names)
    arrays = [rows.column(field.name) if field.name in known else pa.nulls(rows.num_rows, field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _groups(units: Sequence[list[PartFile]], *, all_small: bool) -> Iterator[list[list[PartFile]]]:
    """Units to be merged with each other."""
    tiers: dict[int, list[tuple[int, list[PartFile]]]] = {}
    for unit in units:
        size = sum(part.size for part in unit)
        if size < MOST_BYTES // 2:
            tier = 0 if all_small else (size // _LEAST_TIER).bit_length() // 3
            tiers.setdefault(tier, []).append((size, unit))
    for _, found in sorted(tiers.items()):
        if len(found) >= (2 if all_small else MANY_UNITS):
            yield from _filled(found)


def _filled(units: Sequence[tuple[int, list[PartFile]]]) -> Iterator[list[list[PartFile]]]:
    here: list[list[PartFile]] = []
    total = 0
    for size, unit in units:
        if here and total + size > MOST_BYTES:
            if len(here) > 1:
                yield here
            here, total = [], 0
        here.append(unit)
        total += size
    if len(here) > 1:
        yield here
