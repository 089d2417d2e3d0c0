"""What data must keep: a model, a checks document or a data contract, from whatever says it, as checks of tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from seedbed.check.check import Check, Promise, Queryable
from seedbed.check.facts import facts_of
from seedbed.check.structure import Compiled, compile_checks
from seedbed.core.block import ColumnType
from seedbed.core.shapes import TableScan

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from seedbed.model.checks.document import ChecksDocument
    from seedbed.model.document import ColumnSpec, Model

Rules: TypeAlias = "Model | ChecksDocument"


def is_model(rules: object) -> TypeIs[Model]:
    """Whether rules are a model; to ask for its class would load all that models are made of, a tenth of a second."""
    return hasattr(rules, "nodes") and hasattr(rules, "timeframe")


def is_document(rules: object) -> TypeIs[ChecksDocument]:
    """Whether rules are a checks document; its class need not be there for the answer either."""
    return hasattr(rules, "tables") and hasattr(rules, "schema_uri")


def read_rules(rules: Rules | Mapping[str, object] | str | Path, profile: str | None = None) -> tuple[Rules, str | None]:
    """The model or checks document that is meant, and what it is called.

    Raises:
        ModelError: there is no such file, or it is neither.
        EdgeError: the disk failed.
    """
    if is_model(rules):
        return rules, rules.metadata.name
    if is_document(rules):
        return rules, rules.name
    if isinstance(rules, Mapping):
        from seedbed.model.checks.reading import checks_from, is_checks
        from seedbed.model.odcs.reading import contract_from, is_contract

        if is_contract(rules):
            return contract_from(rules), None
        if is_checks(rules):
            return checks_from(rules), None
    else:
        document = _checks_at(rules)
        if document is not None:
            return document, str(rules)
    from seedbed.read.document import examine_data, examine_document, remembered

    if isinstance(rules, Mapping):
        return remembered(examine_data(rules, profile=profile)), None
    return remembered(examine_document(rules, profile=profile)), str(rules)


def _checks_at(path: str | Path) -> ChecksDocument | None:
    """The checks document or data contract at a path; None where there is something else."""
    from seedbed.model.checks.reading import checks_of, is_checks
    from seedbed.model.odcs.reading import contract_checks, is_contract
    from seedbed.model.reading import read_tree
    from seedbed.model.reading.text import decode
    from seedbed.read.document_bytes import read_bytes

    content = read_bytes(path)
    if b"tables" not in content and b"DataContract" not in content:
        return None
    tree = read_tree(decode(content, str(path)), str(path))
    if is_contract(tree.data):
        return contract_checks(tree, str(path))
    return checks_of(tree, str(path)) if is_checks(tree.data) else None


def named_tables(known: Rules) -> list[str]:
    """The tables that the rules are about, or look at."""
    if is_model(known):
        return [node.id for node in known.nodes]
    others = [
        name
        for checks in known.tables.values()
        for check in checks
        for name in (getattr(check, "to", None), getattr(check, "child", None), *_referred(check))
    ]
    return list(dict.fromkeys([*known.tables, *(name for name in others if isinstance(name, str))]))


def _referred(check: object) -> Iterator[str]:
    for key in ("reference", "after"):
        found = getattr(check, key, None)
        if isinstance(found, str):
            yield found.partition(".")[0]


def compiled(known: Rules, scans: Mapping[str, TableScan], now: dt.datetime | None, unread: Mapping[str, str] | None = None) -> Compiled:
    """The checks of tables that are there; `now` is the time that fresh data are compared with, the clock's where left out.

    `unread` says of tables why they can't be read.
    """
    if is_model(known):
        return Compiled(compile_checks(known, behaviour=True), facts_of(known))
    from seedbed.check.vocabulary import compile_document
    from seedbed.read.plugins import Installed

    moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    clock = round(moment.timestamp() * 1_000_000)
    found: Mapping[str, object] = scans
    databases = [name for name, scan in found.items() if isinstance(scan, Queryable)]
    schemas = {name: scan.schema for name, scan in scans.items()}
    made = compile_document(known, schemas, now=clock, databases=databases, plugins=Installed(), unread=unread or {})
    return replace(made, checks=(*made.checks, *_unsaid(known)))


def _unsaid(known: ChecksDocument) -> Iterator[Check]:
    """What a data contract asks for and no check says: listed, with the reason."""
    from seedbed.check.unjudged import Skipped

    for one in getattr(known, "unsaid", ()):  # only contracts have any
        columns = () if one.column is None else (one.column,)
        yield Skipped(Promise(one.id, "contract", one.table, columns, one.rule), one.reason)


_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.INT: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIME: pa.time64("us"),
    ColumnType.STRING: pa.string(),
    ColumnType.UUID: pa.string(),
    ColumnType.JSON: pa.string(),
    ColumnType.BYTES: pa.binary(),
}


def hints(known: Rules) -> dict[str, pa.Schema] | None:
    """The types that a model says, for formats that have none of their own."""
    if not is_model(known):
        return None
    return {
        node.id: pa.schema([(column.name, kind) for column in node.columns if (kind := _stored(column, known.timeframe.tz)) is not None])
        for node in known.nodes
    }


def _stored(column: ColumnSpec, tz: str | None) -> pa.DataType | None:
    if column.hidden:
        return None
    if column.type is ColumnType.DATETIME:
        return pa.timestamp("us", tz)
    return pa.decimal128(*column.digits) if column.type is ColumnType.DECIMAL else _ARROW.get(column.type)


__all__ = ["Rules", "compiled", "hints", "named_tables", "read_rules"]
