"""Write the documents, each whole at once, and only where something has changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seedbed.core.records import dataclass
from seedbed.read.collect.decide import Decisions
from seedbed.read.collect.sketch import Sketch
from seedbed.run.collect.documents.changes import Change, changes_of
from seedbed.run.collect.documents.facts import TableFacts, column_dict, facts_of
from seedbed.run.collect.documents.keys import relations_in
from seedbed.run.collect.documents.readme import readme
from seedbed.run.collect.ledger import Ledger
from seedbed.run.collect.places import folder_of
from seedbed.run.relations import Hints, Relations
from seedbed.stats.relations.found import TableEvidence
from seedbed.write.atomic import write_whole

SCHEMA, RELATIONS, README = "schema_documentation.json", "table_relationships.json", "DATA_STRUCTURE_README.md"
MODEL = "model.yaml"


@dataclass(frozen=True, slots=True)
class State:
    """What documents are made of."""

    ledger: Ledger
    output: Path
    decisions: Decisions
    sketch: Sketch
    evidence: Mapping[str, TableEvidence]
    hints: Hints


def write_documents(state: State) -> Relations:
    """Write all documents; the keys and references among the tables.

    Raises:
        EdgeError: the disk failed.
    """
    tables = facts_of(state.decisions.tables, state.sketch, state.evidence)
    parts = [part for part, _ in state.ledger.parts()]
    relations = relations_in(state.output, state.decisions.tables, parts, state.evidence, state.hints)
    changes = changes_of(state.decisions.tables, state.ledger.firsts())
    files, size, records = state.ledger.totals()
    _write(state.output / SCHEMA, _json(_schema(tables, relations, changes, (files, size, records))))
    _write(state.output / RELATIONS, _json(relations.to_dict()))
    _write(state.output / README, readme(tables, relations, changes, files, records))
    return relations


def write_model(state: State, relations: Relations) -> None:
    """Write `model.yaml`; looking at all rows costs about as much as collecting them.

    Raises:
        DataError: the tables are too large.
    """
    from seedbed.run.collect.documents.model import model_text

    text = model_text(state.output, state.decisions, [part for part, _ in state.ledger.parts()], relations)
    if text is not None:
        _write(state.output / MODEL, text)


def _schema(tables: Sequence[TableFacts], relations: Relations, changes: Sequence[Change], totals: tuple[int, int, int]) -> dict[str, Any]:
    files, size, records = totals
    return {
        "version": len(changes),
        "files": files,
        "size_bytes": size,
        "records": records,
        "tables": [_table(table, relations) for table in tables],
        "changes": [{"version": one.version, "file": one.file, "changes": one.lines()} for one in changes],
    }


def _table(table: TableFacts, relations: Relations) -> dict[str, Any]:
    shape = table.shape
    key = relations.keys.get(shape.name)
    return {
        "name": shape.name,
        "folder": folder_of(shape.name),
        "path": shape.path or "/",
        "form": shape.form,
        "parent": shape.parent,
        "rows": table.rows,
        "primary_key": list(key.columns) if key else [],
        "columns": [column_dict(column, table.rows) for column in table.columns],
    }


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    content = text.encode("utf-8", "replace")
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)
