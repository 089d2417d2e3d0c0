"""From data to a model: tables of any origin are looked at, and become a document that grows others like them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.core.errors import DataError, EdgeError, Problem
from seedbed.core.events import Subscriber, nobody
from seedbed.core.records import dataclass
from seedbed.core.shapes import TableScan
from seedbed.generate.records.homes import home_of
from seedbed.model.document import Model
from seedbed.read.catalogue import Declared
from seedbed.read.sources import open_tables
from seedbed.run.api import load
from seedbed.run.inferring.context import Context
from seedbed.run.inferring.document import build
from seedbed.run.inferring.hints import Renamings, merged
from seedbed.run.inferring.joined import joined
from seedbed.run.inferring.names import plain_names, renamed
from seedbed.run.inferring.roles import roles
from seedbed.run.inferring.seen import Seen, seen
from seedbed.run.inferring.trial import tried
from seedbed.run.inferring.writing import yaml_of
from seedbed.run.relations import Hints, Relations, relations_of
from seedbed.stats.inference.made import Spec
from seedbed.stats.inference.semantics import meanings
from seedbed.stats.relations.found import Relation
from seedbed.stats.relations.names import says_key

#: Comments are cut beyond so many characters.
_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Inferred:
    """A model read off data: `document` as plain data, `text` as YAML with comments.

    `left_out` says what holds in the data and not in the model, `withheld` which columns' values were not copied, `problems` why tables
    couldn't be read.
    """

    name: str
    document: Mapping[str, Any]
    text: str
    relations: Relations
    left_out: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def model(self) -> Model:
        """The model itself."""
        return load(self.document)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, ready for JSON."""
        problems = [{"message": problem.message, "where": problem.where, "fix": problem.fix} for problem in self.problems]
        told = {"name": self.name, "model": self.document, "left_out": list(self.left_out), "withheld": list(self.withheld)}
        return told | {"relations": self.relations.to_dict(), "problems": problems}


def infer(
    data: Any,
    *,
    tables: Sequence[str] | None = None,
    hints: Hints | str | Path | Mapping[str, object] | None = None,
    name: str | None = None,
    keep_values: bool = False,
    events: Subscriber = nobody,
) -> Inferred:
    """Read a model off data of any origin: a folder, a file, a database, or tables in memory (see `open_tables`).

    Every row is read once for figures that take constant memory, columns that may be keys or refer to others again. Keys and references
    that a database declares, then `hints` (see `Hints.read`), go before what is found. Values of columns that look personal are not copied,
    nor are those that few rows have; `keep_values` copies both.

    Raises:
        ModelError: the hints are none.
        DataError: there is no such table, it has no rows, or none can be read.
        EdgeError: there are no such data, or the disk or server failed.

    >>> import pyarrow as pa
    >>> found = infer({"user": pa.table({"id": list(range(100)), "plan": ["free", "pro"] * 50})})
    >>> found.document["entities"]["user"]["columns"]["plan"]["choice"]
    {'choices': ['free', 'pro'], 'weights': [0.5, 0.5]}
    """
    with np.errstate(all="ignore"), open_tables(data, tables=tables) as opened:
        tables_as = plain_names(opened.tables)
        known, columns_as, problems = _each(opened.tables, tables_as, events)
        catalogue, names = opened.declared(), Renamings(tables_as, columns_as)
        told = merged(_hints(hints), catalogue, names)
        found = relations_of(
            {table: each.scan for table, each in known.items()}, told, {table: each.evidence for table, each in known.items()}
        )
        called = name or _name(opened.where)
        context = _context(known, found, keep_values=keep_values)
        document = build(context, called)
        _describe(document, catalogue, names)
    tried(document, context)
    withheld = _withheld(context)
    text = yaml_of(document, context.tables, _heading(opened.where, known, context, (names.changed, withheld)))
    return Inferred(called, document, text, found, tuple(context.left_out), withheld, problems)


def _hints(hints: Hints | str | Path | Mapping[str, object] | None) -> Hints:
    return hints if isinstance(hints, Hints) else Hints() if hints is None else Hints.read(hints)


def _each(
    scans: Mapping[str, TableScan], names: Mapping[str, str], events: Subscriber
) -> tuple[dict[str, Seen], dict[str, Mapping[str, str]], tuple[Problem, ...]]:
    """What is seen of each table, its columns' names in the model, and why others could not be seen; where none can, that is raised."""
    found: dict[str, Seen] = {}
    columns: dict[str, Mapping[str, str]] = {}
    problems: list[Problem] = []
    for name, scan in scans.items():
        try:
            columns[names[name]] = plain_names(scan.schema.names)
            found[names[name]] = seen(names[name], renamed(scan), events)
        except (DataError, EdgeError) as error:
            columns.pop(names[name], None)
            problems += error.problems
    if not found:
        raise DataError.of(problems or [Problem("there is no table to look at", "data", "give a folder, a file or a database with tables")])
    return found, columns, tuple(problems)


def _describe(document: Spec, catalogue: Declared, names: Renamings) -> None:
    """Write the database's comments to tables and columns."""
    nodes = {name: node for kind in ("vocabs", "entities", "facts") for name, node in document.get(kind, {}).items()}
    for (table, column), text in catalogue.comments.items():
        node = nodes.get(names.table(table))
        if node is None:
            continue
        said = " ".join(text.split())
        if not column:
            columns = node.pop("columns")
            node |= {"description": said, "columns": columns}
        elif (name := names.names(table, (column,))[0]) in node["columns"]:
            node["columns"][name]["description"] = said


def _name(where: str) -> str:
    stem = Path(where.rstrip("/").partition("?")[0]).name.partition(".")[0]
    return stem if stem and stem != "memory" else "data"


def _context(known: Mapping[str, Seen], found: Relations, *, keep_values: bool) -> Context:
    meant = {name: meanings(name, {column: each.values(column) for column in each.sample.schema.names}) for name, each in known.items()}
    told = [*_meant(found.references), *_implied(found.references)]
    joins = [one for relation in told if (one := joined(relation, known[relation.table], known[relation.to_table])) is not None]
    return Context(known, roles(known, found.keys, joins, meant), meant, keep_values, lambda code: home_of(code) is not None)


def _meant(relations: Sequence[Relation]) -> Iterator[Relation]:
    """The references that are more than columns of small numbers, such as counts, that happen to be among the keys."""
    for one in relations:
        back = any((other.table, other.to_table) == (one.to_table, one.table) and other.confidence > one.confidence for other in relations)
        is_sure = one.confidence >= 0.8 or one.coverage >= 1
        if one.table == one.to_table or says_key(one.columns[-1]) or (is_sure and not back):
            yield one


def _implied(relations: Sequence[Relation]) -> Iterator[Relation]:
    """References that follow from those of several columns: what a part of the key refers to, the column refers to itself."""
    ends = {(one.table, one.columns): one for one in relations}
    for one in relations:
        for column, part in zip(one.columns, one.to_columns, strict=True) if len(one.columns) > 1 else ():
            further = ends.get((one.to_table, (part,)))
            if further is not None and (one.table, (column,)) not in ends:
                yield replace(further, table=one.table, columns=(column,), coverage=one.coverage, is_optional=one.is_optional)


def _withheld(context: Context) -> tuple[str, ...]:
    made = [(f"{table.name}.{name}", one) for table in context.tables.values() for name, one in table.columns.items()]
    return tuple(f"{ref}: {one.withheld}" for ref, one in made if one.withheld)


def _heading(where: str, known: Mapping[str, Seen], context: Context, told: tuple[Sequence[str], Sequence[str]]) -> list[str]:
    changed, withheld = told
    rows = sum(each.rows for each in known.values())
    lines = [f"Read off {' '.join(where.split())}: {len(known)} tables, {rows:,} rows. Behind each line stands on what it rests."]
    if withheld and not context.keeps_values:
        lines.append(f"Of {len(withheld)} columns some or all values were not copied: they look personal, or few rows have them.")
    lines += [f"Note: {' '.join(note.split())}" for note in changed]
    return lines + [f"Not kept: {' '.join(note.split())[:_LONGEST]}" for note in context.left_out]


__all__ = ["Inferred", "infer"]
