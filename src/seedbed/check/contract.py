"""The data contract (ODCS 3.1) of a model: what it promises of its tables, in the standard's words.

What the standard has no word for becomes an SQL rule that counts failing rows, and what SQL can't say a text for people.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from seedbed.check.check import Check
from seedbed.check.derive import derive_checks
from seedbed.check.facts import facts_of
from seedbed.check.references import ReferenceCheck
from seedbed.check.shape import ShapeCheck
from seedbed.check.sql.dialect import UnsayableError
from seedbed.check.sql.queries import failing_rows
from seedbed.check.sql.writer import Scene
from seedbed.check.uniqueness import UniqueCheck
from seedbed.check.values import InRange, InSet, Matches, NotNull, RowCheck
from seedbed.check.view import TableFacts, is_text
from seedbed.core.block import MOST_DIGITS, ColumnType, DecimalType, ValueType
from seedbed.model.document import Model
from seedbed.model.odcs.rules import COUNTED
from seedbed.model.odcs.writing import Clauses, Draft, logical_type

_ARROW: dict[ColumnType, pa.DataType] = {
    ColumnType.INT: pa.int64(), ColumnType.FLOAT: pa.float64(), ColumnType.BOOL: pa.bool_(), ColumnType.DATE: pa.date32(),
    ColumnType.TIME: pa.time64("us"), ColumnType.BYTES: pa.binary(), ColumnType.STRUCT: pa.struct([]), ColumnType.LIST: pa.list_(pa.null()),
}  # fmt: skip
_WHOLE = (ColumnType.INT, ColumnType.FLOAT)


def contract_of_model(model: Model, name: str) -> Clauses:
    """The contract of a model's tables, as plain data."""
    facts = facts_of(model)
    schemas = {table: pa.schema([(column, _stored(kind, one.tz)) for column, kind in one.types.items()]) for table, one in facts.items()}
    writing = _Writing(model, facts, Scene("duckdb", facts, schemas))
    for check in derive_checks(model):
        writing.write(check)
    return writing.draft.contract(model.metadata.name or name)


def _stored(kind: ValueType, tz: str | None) -> pa.DataType:
    if isinstance(kind, DecimalType):
        return pa.decimal128(MOST_DIGITS, kind.scale)
    return pa.timestamp("us", tz) if kind is ColumnType.DATETIME else _ARROW.get(kind, pa.string())


class _Writing:
    """Writes check after check into a draft."""

    def __init__(self, model: Model, facts: dict[str, TableFacts], scene: Scene) -> None:
        self.draft = Draft()
        self._scene = scene
        self._facts = facts
        for node in model.nodes:
            draft = self.draft.object(node.id)
            draft.update({"description": node.description} if node.description else {})
            for column in node.columns:
                if not column.hidden:
                    self._column(node.id, column.name, column.description)

    def _column(self, table: str, name: str, description: str | None) -> None:
        kind = self._facts[table].types[name]
        found = self.draft.property(table, name)
        word = logical_type("decimal" if isinstance(kind, DecimalType) else kind.value)
        found.update({"logicalType": word} if word else {"physicalType": kind.value})
        found.update({"description": description} if description else {})
        key = self._facts[table].key
        if name in key:
            found.update({"primaryKey": True, "primaryKeyPosition": key.index(name) + 1, "required": True})

    def write(self, check: Check) -> None:
        """Write a check in the standard's words, as SQL, or as a text."""
        if isinstance(check, ShapeCheck) or (isinstance(check, UniqueCheck) and check.about.kind == "primary_key"):
            return
        done = (
            self._row(check) if isinstance(check, RowCheck)
            else self._unique(check) if isinstance(check, UniqueCheck)
            else self._reference(check) if isinstance(check, ReferenceCheck)
            else False
        )  # fmt: skip
        if not done:
            self._other(check)

    def _row(self, check: RowCheck) -> bool:
        test, table = check.test, check.about.table
        if isinstance(test, NotNull):
            self.draft.property(table, test.column)["required"] = True
            return True
        if isinstance(test, InRange) and self._facts[table].types[test.column] in _WHOLE:
            ends = {"minimum": test.low, "maximum": test.high}
            options = self.draft.property(table, test.column).setdefault("logicalTypeOptions", {})
            if set(options) & {key for key, value in ends.items() if value is not None}:
                return False
            options.update({key: value for key, value in ends.items() if value is not None})
            return True
        if isinstance(test, InSet) and self._is_listable(table, test.column):
            return self._invalid(check, test.column, {"validValues": list(test.values)})
        return isinstance(test, Matches) and self._invalid(check, test.column, {"pattern": test.regex})

    def _is_listable(self, table: str, column: str) -> bool:
        kind = self._facts[table].types[column]
        return kind in _WHOLE or (is_text(kind) and kind is not ColumnType.BYTES)

    def _invalid(self, check: Check, column: str, arguments: dict[str, Any]) -> bool:
        self.draft.rule(check.about.table, column, {"metric": "invalidValues", "arguments": arguments, "mustBe": 0, "name": check.about.id})
        return True

    def _unique(self, check: UniqueCheck) -> bool:
        about = check.about
        if len(about.columns) == 1:
            self.draft.property(about.table, about.columns[0])["unique"] = True
        else:
            arguments = {"properties": list(about.columns)}
            self.draft.rule(about.table, None, {"metric": "duplicateValues", "arguments": arguments, "mustBe": 0, "name": about.id})
        return True

    def _reference(self, check: ReferenceCheck) -> bool:
        source, target = check.source, check.target
        goals = [f"{target.table}.{column}" for column in target.columns]
        if len(goals) == 1:
            owner, own = self.draft.property(source.table, source.columns[0]), {}
        else:
            owner, own = self.draft.object(source.table), {"from": [f"{source.table}.{column}" for column in source.columns]}
        said = {"type": "foreignKey", **own, "to": goals[0] if len(goals) == 1 else goals}
        if said not in owner.setdefault("relationships", []):
            owner["relationships"].append(said)
        return True

    def _other(self, check: Check) -> None:
        about = check.about
        column = about.columns[0] if len(about.columns) == 1 else None
        column = column if column in self._facts[about.table].types else None
        told = {"name": about.id, "description": f"{about.id}: {about.expected}"}
        try:
            query = f"{COUNTED[0]}{failing_rows(check, self._scene)}{COUNTED[1]}"
        except UnsayableError:
            self.draft.rule(about.table, column, {"type": "text", **told})
            return
        self.draft.rule(about.table, column, {"type": "sql", "query": query, "mustBe": 0, **told})
