"""`DATA_STRUCTURE_README.md`: the tables, for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from seedbed.run.collect.documents.changes import Change
from seedbed.run.collect.documents.facts import ColumnFacts, TableFacts
from seedbed.run.relations import Relations
from seedbed.stats.relations.found import Relation

#: A diagram shows so many columns of a table, and so many tables.
_COLUMNS, _TABLES = 30, 60


def readme(tables: Sequence[TableFacts], relations: Relations, changes: Sequence[Change], files: int, records: int) -> str:
    """The whole text."""
    lines = ["# Data structure", "", f"{len(tables):,} tables of {records:,} records from {files:,} files."]
    if tables:
        lines += ["", "## Diagram", "", "```mermaid", "erDiagram", *_diagram(tables, relations), "```", "", "## Tables", ""]
        lines += [f"- [{_text(one.shape.name)}](#{_anchor(one.shape.name)}): {one.rows:,} rows" for one in tables]
        for table in tables:
            lines += ["", *_section(table, relations)]
        lines += ["", "## Changes", "", *_log(changes)]
    return "\n".join([*lines, ""])


# ------------------------------------------------------------------------------------------ diagram


def _diagram(tables: Sequence[TableFacts], relations: Relations) -> Iterator[str]:
    shown = {table.shape.name for table in tables[:_TABLES]}
    for one in relations.references:
        if {one.table, one.to_table} <= shown:
            many = "||" if one.cardinality == "one-to-one" else "o{"
            least = "|o" if one.is_optional else "||"
            yield f'    {_entity(one.to_table)} {least}--{many} {_entity(one.table)} : "{_plain(", ".join(one.columns))}"'
    for table in tables[:_TABLES]:
        yield f"    {_entity(table.shape.name)} {{"
        yield from (f"        {_attribute(table, column, relations)}" for column in table.columns[:_COLUMNS])
        yield "    }"


def _attribute(table: TableFacts, column: ColumnFacts, relations: Relations) -> str:
    name = table.shape.name
    key = relations.keys.get(name)
    marks = ["PK"] if key is not None and column.name in key.columns else []
    marks += ["FK"] if any(one.table == name and column.name in one.columns for one in relations.references) else []
    kind = re.sub(r"\W+", "_", column.kind).strip("_") or "unknown"
    return f"{kind} {_word(column.name)}{' ' + ', '.join(marks) if marks else ''}"


def _entity(name: str) -> str:
    return f'"{_plain(name)}"'


def _word(name: str) -> str:
    """A name as diagrams take it."""
    made = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return made if re.match(r"[A-Za-z_]", made) else f"_{made}"


def _plain(text: str) -> str:
    return re.sub(r'["\\\x00-\x1f%`]', "_", text)[:80]


# ------------------------------------------------------------------------------------------ sections


def _section(table: TableFacts, relations: Relations) -> Iterator[str]:
    shape = table.shape
    yield f"### {_text(shape.name)}"
    yield ""
    yield f"{table.rows:,} rows{_origin(table)}"
    key = relations.keys.get(shape.name)
    if key is not None:
        yield ""
        yield f"Key: {_named(key.columns)} ({_share(key.confidence)} sure{_exception(key.counter_example, 'twice')})."
    for one in relations.references:
        if one.table == shape.name:
            yield ""
            yield _reference(one)
    yield ""
    yield "| column | type | null | different | least | greatest | examples |"
    yield "|---|---|---:|---:|---|---|---|"
    yield from (_row(column, table.rows) for column in table.columns)


def _origin(table: TableFacts) -> str:
    shape = table.shape
    if shape.parent is None:
        return ": the records themselves."
    what = "the members of the objects" if shape.form == "map" else "the elements of the lists"
    return f": {what} at `{shape.path.removesuffix('/*') or '/'}`, of `{_text(shape.parent)}`."


def _reference(one: Relation) -> str:
    told = f"{_named(one.columns)} leads to `{_text(one.to_table)}` {_named(one.to_columns)}, {one.cardinality}"
    return f"{told} ({_share(one.confidence)} sure, {_share(one.coverage)} of rows{_exception(one.counter_example, 'nowhere')})."


def _exception(value: str | None, what: str) -> str:
    return "" if value is None else f", but `{_text(value)}` {what}"


def _row(column: ColumnFacts, rows: int) -> str:
    if column.is_own:
        return f"| `{_text(column.name)}` | {column.kind} | | | | | {column.meaning} |"
    nulls = _share(column.nulls / rows) if rows and column.nulls else ""
    distinct = "" if column.distinct is None else f"{column.distinct:,}"
    examples = ", ".join(f"`{_text(value)}`" for value in column.examples)
    return f"| `{_text(column.name)}` | {column.kind} | {nulls} | {distinct} | {_text(column.low or '')} | {_text(column.high or '')} | {examples} |"


def _log(changes: Iterable[Change]) -> Iterator[str]:
    yield "What each file brought that no file before it had, in the order of the files' names."
    yield ""
    for change in changes:
        yield f"- version {change.version}, `{_text(change.file)}`: {'; '.join(change.lines())}"


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f"`{_text(name)}`" for name in columns)


def _share(share: float) -> str:
    if 0 < share < 0.0001:
        return "under 0.01 %"
    shown = round(100 * share, 2)
    return f"{shown if share == 1 or shown < 100 else 99.99:g} %"


def _text(value: str) -> str:
    """A value on one line, harmless within a table of Markdown."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", " ", value).replace("|", "\\|").replace("`", "'").replace("<", "&lt;")


def _anchor(name: str) -> str:
    return re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")
