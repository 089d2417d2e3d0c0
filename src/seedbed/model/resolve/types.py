"""The types of columns that declare none: what their generators give of themselves, or what they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from seedbed.core.block import MOST_DIGITS, NUMBERS, ColumnType, DecimalType, ValueType, column_type
from seedbed.core.errors import ModelError
from seedbed.core.records import dataclass
from seedbed.model.base import Scalar, column_of, table_of
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.generators import NO_KIND, Generator
from seedbed.model.generators.nested import nested_in
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Reference, field_types, find_reference

INT, FLOAT, STRING = ColumnType.INT, ColumnType.FLOAT, ColumnType.STRING

#: What generators give whatever their parameters.
_GIVES = {
    "sequence": INT,
    "datetime_series": ColumnType.DATETIME,
    "uuid": ColumnType.UUID,
    "pattern": STRING,
    "process": FLOAT,
    "record": ColumnType.STRUCT,
    "struct": ColumnType.STRUCT,
    "list": ColumnType.LIST,
}

#: Distributions of whole numbers.
_COUNTS = frozenset({"poisson", "binomial", "geometric", "neg_binomial", "zipf", "bernoulli"})

#: Methods of Faker that don't give text.
_FAKER = {
    **dict.fromkeys(("random_int", "random_digit", "random_number", "pyint", "unix_time", "port_number"), INT),
    **dict.fromkeys(("boolean", "pybool"), ColumnType.BOOL),
    **dict.fromkeys(("pyfloat", "latitude", "longitude", "coordinate", "pydecimal"), FLOAT),
    **dict.fromkeys(("date_object", "date_between", "date_of_birth", "past_date", "future_date"), ColumnType.DATE),
    **dict.fromkeys(("date_time", "date_time_between", "date_time_this_year", "past_datetime", "future_datetime"), ColumnType.DATETIME),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A type, and the digits of a decimal in all."""

    type: ValueType
    precision: int = MOST_DIGITS

    @property
    def changes(self) -> dict[str, object]:
        """What the column's declaration would say."""
        if isinstance(self.type, DecimalType):
            return {"declared_type": ColumnType.DECIMAL, "precision": self.precision, "scale": self.type.scale}
        return {"declared_type": self.type}


def with_types(model: Model) -> tuple[Model, dict[tuple[str, str], Mistake]]:
    r"""The model with every column's type, and a mistake for each that nothing tells; such columns become strings.

    A model whose columns all declare their types comes back as it is.

    >>> from seedbed.model.reading import parse
    >>> text = 'version: "2.0"\nmetadata: {name: m}\ntimeframe: {start: "2024-01-01", end: "2024-12-31"}\n'
    >>> model = parse(text + "entities: {t: {columns: {id: {sequence: {}}, twice: {expression: {code: id * 2.5}}}}}", "m.yaml")
    >>> [column.type.value for column in model.nodes[0].columns]
    ['int', 'float']
    """
    if all(column.declared_type is not None for node in model.nodes for column in node.columns):
        return model, {}
    work = _Work(model)
    mistakes: dict[tuple[str, str], Mistake] = {}
    nodes = []
    for index, node in enumerate(model.nodes):
        columns = []
        for place, column in enumerate(node.columns):
            found = _declared(column)
            if found is None:
                path: Path = ("nodes", index, "columns", place)
                found = work.of(node, column) if model.version != "1.0" else None
                if found is None:
                    mistakes[node.id, column.name] = _untyped(model, node, column, path, work.reasons.get((node.id, column.name)))
                column = column.model_copy(update=(found or Found(STRING)).changes)  # noqa: PLW2901 - the same with its type
            columns.append(column)
        nodes.append(node.model_copy(update={"columns": tuple(columns)}))
    return model.model_copy(update={"nodes": tuple(nodes)}), mistakes


def infer_type(model: Model, node: Node, column: ColumnSpec) -> ValueType | None:
    """The type of a column: declared, or what its generator tells, that of decimals with their scale; None where it doesn't."""
    found = _Work(model).of(node, column)
    return None if found is None else found.type


def _untyped(model: Model, node: Node, column: ColumnSpec, path: Path, reason: str | None) -> Mistake:
    where, fix = (*path, "type"), "add `type: string`, or another type"
    if model.version == "1.0":
        return Mistake(where, "`type` is missing", "add `type`, one of `int`, `float`, `string`, `bool`, `datetime`, `date`")
    if column.generator.kind == NO_KIND:
        return Mistake(path, f"`{column.name}` has no generator", "add one; `seedbed generators` lists them", at_key=True)
    silent = f"`{column.generator.kind}` does not tell one"
    return Mistake(where, f"`{node.id}.{column.name}` has no type: {reason or silent}", fix)


def _declared(column: ColumnSpec) -> Found | None:
    if column.declared_type is None:
        return None
    return Found(column.value_type, column.digits[0])


@dataclass(slots=True)
class _Work:
    """Columns typed so far; None stands for those that nothing tells, and those that are being looked at."""

    model: Model
    known: dict[tuple[str, str], Found | None] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, node: Node, column: ColumnSpec) -> Found | None:
        key = (node.id, column.name)
        if key not in self.known:
            self.known[key] = None
            self.known[key] = _declared(column) or self._of_column(node, column)
        return self.known[key]

    def _of_column(self, node: Node, column: ColumnSpec) -> Found | None:
        if column.name in node.filled:
            return Found(node.filled_types[column.name])
        try:
            found = self._given(node, column.generator)
        except ModelError as error:
            self.reasons[node.id, column.name] = error.problems[0].message
            return None
        if found is not None and isinstance(found.type, DecimalType) and column.scale is not None:
            return Found(DecimalType(column.scale), column.precision or found.precision)
        return found

    def ref(self, ref: str) -> Found | None:
        """The type of a `table.column`."""
        node = self.model.node(table_of(ref))
        column = node.column(column_of(ref)) if node else None
        return self.of(node, column) if node and column else None

    def read(self, node: Node, text: str) -> Found | None:
        """The type of what a row of the node reads."""
        found = find_reference(self.model, node, text)
        if not isinstance(found, Reference):
            return None
        if found.measure in ("depth", "count_children", "count", "mean"):
            return Found(FLOAT if found.measure == "mean" else INT)
        owner = self.model.node(found.table)
        column = owner.column(found.column) if owner else None
        if owner is None or column is None:
            return None
        if found.field is None:
            return self.of(owner, column)
        inner = field_types(column).get(found.field)
        return None if inner is None else Found(inner)

    def _given(self, node: Node, generator: Generator) -> Found | None:
        kind = generator.kind
        if kind in _GIVES:
            return Found(_GIVES[kind])
        rule = _RULES.get(kind)
        if rule is not None:
            return rule(self, node, generator.params)
        if kind in ("case", "mixture"):
            return _together(self._given(node, inner.generator) for inner in nested_in(generator))
        return None


def _together(branches: Iterator[Found | None]) -> Found | None:
    """The type that holds the values of several generators; None where none does."""
    found = list(branches)
    types = {each.type for each in found if each is not None}
    if None in found or not types:
        return None
    if len(types) == 1:
        return found[0]
    if not {column_type(kind) for kind in types} <= NUMBERS:
        return None
    if FLOAT in types:
        return Found(FLOAT)
    return Found(DecimalType(max(kind.scale for kind in types if isinstance(kind, DecimalType))))


def _of_values(values: tuple[Scalar, ...]) -> Found:
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return Found(ColumnType.BOOL)
    if kinds and kinds <= {int, float}:
        return Found(FLOAT if float in kinds else INT)
    return Found(STRING)


def _choice(work: _Work, _node: Node, params: Any) -> Found | None:
    if params.choices is not None:
        return _of_values(params.choices)
    if params.choices_ref is not None:
        return work.ref(params.choices_ref)
    values = tuple(value for entry in (params.table or {}).values() for value in (entry if isinstance(entry, tuple) else entry.choices))
    return _of_values(values) if values else Found(STRING)


def _expression(work: _Work, node: Node, params: Any) -> Found | None:
    from seedbed.core.expression import infer, parse  # only models with expressions need them

    def type_of(name: str) -> ValueType | None:
        found = work.read(node, name)
        return None if found is None else found.type

    return Found(infer(parse(params.code), type_of))


def _aggregate(work: _Work, _node: Node, params: Any) -> Found | None:
    if params.op in ("count", "mean"):
        return Found(INT if params.op == "count" else FLOAT)
    source = work.ref(params.of)
    if source is None or params.op != "sum":
        return source
    return Found(INT if source.type is ColumnType.BOOL else source.type)


_RULES: dict[str, Callable[[_Work, Node, Any], Found | None]] = {
    "choice": _choice,
    "enum_list": lambda _work, _node, params: _of_values(params.values),
    "constant": lambda _work, _node, params: None if params.value is None else _of_values((params.value,)),
    "distribution": lambda _work, _node, params: Found(INT if params.type in _COUNTS else FLOAT),
    "faker": lambda _work, _node, params: Found(_FAKER.get(params.method, STRING)),
    "lookup": lambda work, _node, params: work.ref(params.from_),
    "expression": _expression,
    "plugin": lambda _work, _node, params: Found(params.args.type or STRING),
    "aggregate": _aggregate,
    "split": lambda work, node, params: work.read(node, params.total),
}
