"""The language once more: random expressions, and a plain interpreter that computes one row at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.core import elementary
from seedbed.core.block import Column, ColumnType

INT, FLOAT, BOOL, STRING, DATE, DATETIME = (
    ColumnType.INT, ColumnType.FLOAT, ColumnType.BOOL, ColumnType.STRING, ColumnType.DATE, ColumnType.DATETIME,
)  # fmt: skip
SIX = (INT, FLOAT, BOOL, STRING, DATE, DATETIME)  # decimals and times have tests of their own
Cell = Any  # int, float, bool, str or None
Row = dict[str, Cell]
TYPES = {f"{kind.value}_{i}": kind for kind in SIX for i in (1, 2)}
DAY, HOUR = 86_400_000_000, 3_600_000_000
EPOCH, EPOCH_DAY = datetime(1970, 1, 1), date(1970, 1, 1)  # noqa: DTZ001 - naive like the columns


class Faulty(Exception):  # noqa: N818
    """The row has no value."""


@dataclass(frozen=True)
class Node:
    """An operation with its arguments, a column ("name") or a constant ("literal")."""

    kind: str
    type: ColumnType
    arguments: tuple[Node, ...] = ()
    value: Cell = None

    def __str__(self) -> str:
        match self.kind, [str(argument) for argument in self.arguments]:
            case "name", _:
                return str(self.value)
            case "literal", _:
                return literal_text(self.value)
            case ("not" | "-", [a]):
                return f"({self.kind} {a})"
            case kind, [a, b] if not kind.isidentifier() or kind in {"and", "or"}:
                return f"({a} {kind} {b})"
            case kind, texts:
                return f"{kind}({', '.join(texts)})"


def literal_text(value: Cell) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f"({value!r})" if value < 0 else repr(value)


# ----------------------------------------------------------------------------------- one row


def run(node: Node, row: Row) -> Cell:
    """The value of one row; choices look only at what they need."""
    if node.kind == "name":
        return row[str(node.value)]
    if node.kind == "literal":
        return node.value
    if node.kind in LAZY:
        return LAZY[node.kind](row, *node.arguments)
    values = [run(argument, row) for argument in node.arguments]
    if any(value is None for value in values):
        return None
    types = [argument.type for argument in node.arguments]
    if node.type == STRING and node.kind in {"+", "concat"}:
        return "".join(text(value, type_) for value, type_ in zip(values, types, strict=True))
    return finish(node, STRICT[node.kind](node, *converted(node, values, types)))


def converted(node: Node, values: list[Cell], types: list[ColumnType]) -> list[Cell]:
    if DATETIME in types and DATE in types:
        return [value * DAY if type_ == DATE else value for value, type_ in zip(values, types, strict=True)]
    if node.kind in {"/", "**", "sqrt", "exp", "log"} or (FLOAT in types and set(types) <= {INT, FLOAT} and node.kind != "round"):
        return [float(value) for value in values]
    return values


def finish(node: Node, value: Cell) -> Cell:
    if node.type == INT and not -(2**63) <= value < 2**63:
        raise Faulty
    calendar = {DATE: (date.min.toordinal() - 719_163, date.max.toordinal() - 719_163)}
    calendar[DATETIME] = (calendar[DATE][0] * DAY, (calendar[DATE][1] + 1) * DAY - 1)
    if node.type in calendar and not calendar[node.type][0] <= value <= calendar[node.type][1]:
        raise Faulty
    return value


def text(value: Cell, type_: ColumnType) -> str:
    if type_ == BOOL:
        return "true" if value else "false"
    if type_ == DATE:
        return (EPOCH_DAY + timedelta(days=value)).isoformat()
    return moment(value).isoformat(" ") if type_ == DATETIME else str(value)


def moment(microseconds: Cell) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def day(node: Node, value: Cell) -> date:
    return moment(value if node.arguments[0].type == DATETIME else value * DAY).date()


def fault(*, when: bool) -> None:
    if when:
        raise Faulty


def floor_divided(_: Node, a: Cell, b: Cell) -> Cell:
    fault(when=b == 0)
    return a // b


def remainder(_: Node, a: Cell, b: Cell) -> Cell:
    fault(when=b == 0)
    return a % b


def quotient(_: Node, a: float, b: float) -> float:
    fault(when=b == 0)
    return a / b


def power(_: Node, a: float, b: float) -> float:
    fault(when=(a == 0 and b < 0) or (a < 0 and math.floor(b) != b if math.isfinite(b) else False))
    products = {2.0: lambda: a * a, 3.0: lambda: a * a * a, 4.0: lambda: a * a * (a * a)}
    return products[b]() if b in products else float(elementary.pow(a, b))


def root(_: Node, a: float) -> float:
    fault(when=a < 0)
    return math.sqrt(a)


def logarithm(_: Node, a: float) -> float:
    fault(when=a <= 0)
    return float(elementary.log(a))


def whole(function: Callable[[float], int], value: Cell) -> Cell:
    fault(when=isinstance(value, float) and not math.isfinite(value))
    return function(value)


def rounded(_: Node, value: Cell, digits: int | None = None) -> Cell:
    if isinstance(value, int):
        return value
    if digits is None:
        return whole(round, value)
    scaled = value * 10.0**digits
    return float(round(scaled)) / 10.0**digits + 0.0 if abs(scaled) < 2.0**52 else value


def moved(unit: int) -> Callable[..., int]:
    def function(node: Node, value: int, count: float) -> int:
        start = value if node.arguments[0].type == node.type else value * DAY
        step = 1 if node.type == DATE else unit
        fault(when=not abs(count) < 10**12)
        return start + (count * step if isinstance(count, int) else round(count * float(step)))

    return function


def days_between(node: Node, a: int, b: int) -> int:
    unit = DAY if DATETIME in {argument.type for argument in node.arguments} else 1
    return (b - a) // unit if b >= a else -((a - b) // unit)


def hours_between(node: Node, a: int, b: int) -> float:
    scale = 1 if DATETIME in {argument.type for argument in node.arguments} else DAY
    return float((b - a) * scale) / HOUR


def extreme(is_better: Callable[[Cell, Cell], bool]) -> Callable[..., Cell]:
    def function(_: Node, first: Cell, *others: Cell) -> Cell:
        for other in others:
            first = other if is_better(other, first) else first
        return first

    return function


STRICT: dict[str, Callable[..., Cell]] = {
    "+": lambda _, a, b: a + b,
    "-": lambda _, a, b=None: -a if b is None else a - b,
    "*": lambda _, a, b: a * b,
    "/": quotient, "//": floor_divided, "%": remainder, "**": power,
    "==": lambda _, a, b: a == b,
    "!=": lambda _, a, b: a != b,
    "<": lambda _, a, b: a < b,
    "<=": lambda _, a, b: a <= b,
    ">": lambda _, a, b: a > b,
    ">=": lambda _, a, b: a >= b,
    "not": lambda _, a: not a,
    "abs": lambda _, a: abs(a),
    "round": rounded,
    "floor": lambda _, a: whole(math.floor, a),
    "ceil": lambda _, a: whole(math.ceil, a),
    "sqrt": root,
    "exp": lambda _, a: float(elementary.exp(a)),
    "log": logarithm,
    "min": extreme(lambda a, b: a < b),
    "max": extreme(lambda a, b: a > b),
    "lower": lambda _, s: s.lower(),
    "upper": lambda _, s: s.upper(),
    "length": lambda _, s: len(s),
    "substr": lambda _, s, start, length: s[start:][:length],
    "year": lambda node, d: day(node, d).year,
    "month": lambda node, d: day(node, d).month,
    "day": lambda node, d: day(node, d).day,
    "dow": lambda node, d: day(node, d).weekday(),
    "hour": lambda _, t: moment(t).hour,
    "minute": lambda _, t: moment(t).minute,
    "date": lambda node, t: (day(node, t) - EPOCH_DAY).days,
    "days_between": days_between,
    "hours_between": hours_between,
    "add_days": moved(DAY), "add_hours": moved(HOUR), "add_minutes": moved(HOUR // 60),
}  # fmt: skip


def run_if(row: Row, condition: Node, a: Node, b: Node) -> Cell:
    taken = a if run(condition, row) else b
    return as_type(run(taken, row), taken, (a, b))


def as_type(value: Cell, taken: Node, alternatives: tuple[Node, ...]) -> Cell:
    """The value as the type that all alternatives share."""
    types = {node.type for node in alternatives if node.value is not None or node.kind != "literal"}
    if value is not None and FLOAT in types and taken.type == INT:
        return float(value)
    return value * DAY if value is not None and DATETIME in types and taken.type == DATE else value


def run_coalesce(row: Row, *nodes: Node) -> Cell:
    for node in nodes:
        value = run(node, row)
        if value is not None:
            return as_type(value, node, nodes)
    return None


def run_divide(row: Row, a: Node, b: Node, otherwise: Node) -> Cell:
    divisor = run(b, row)
    if divisor == 0:
        instead = run(otherwise, row)
        return None if instead is None else float(instead)
    value = run(a, row)
    return None if value is None or divisor is None else float(value) / float(divisor)


def run_and(row: Row, a: Node, b: Node) -> Cell:
    left = run(a, row)
    if left is False:
        return False
    right = run(b, row)
    return False if right is False else None if left is None or right is None else True


def run_or(row: Row, a: Node, b: Node) -> Cell:
    left = run(a, row)
    if left is True:
        return True
    right = run(b, row)
    return True if right is True else None if left is None or right is None else False


LAZY: dict[str, Callable[..., Cell]] = {
    "if_": run_if, "coalesce": run_coalesce, "divide": run_divide, "and": run_and, "or": run_or,
    "is_null": lambda row, node: run(node, row) is None,
}  # fmt: skip

# ------------------------------------------------------------------------------ random expressions

LETTERS = st.text(alphabet="abXYé 0'\\", max_size=6)
CELLS: dict[ColumnType, st.SearchStrategy[Cell]] = {
    INT: st.one_of(st.integers(-5, 5), st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1)),
    FLOAT: st.one_of(st.sampled_from([0.0, 1.0, -1.5, 2.0, 0.125, 1e300]), st.floats(-1e6, 1e6)),
    BOOL: st.booleans(),
    STRING: LETTERS,
    DATE: st.integers(-1000, 40_000),
    DATETIME: st.integers(-(10**15), 4 * 10**15),
}
NUMBERS, MOMENTS = [INT, FLOAT], [DATE, DATETIME]
KINDS: dict[ColumnType, list[tuple[str, list[list[ColumnType]]]]] = {
    INT: [
        *[(kind, [[INT], [INT]]) for kind in ("+", "-", "*", "//", "%", "min")],
        *[(kind, [NUMBERS]) for kind in ("floor", "ceil", "round")],
        ("-", [[INT]]), ("abs", [[INT]]), ("length", [[STRING]]), ("year", [MOMENTS]), ("month", [MOMENTS]), ("day", [MOMENTS]),
        ("dow", [MOMENTS]), ("hour", [[DATETIME]]), ("minute", [[DATETIME]]), ("days_between", [MOMENTS, MOMENTS]),
    ],
    FLOAT: [
        *[(kind, [[FLOAT], NUMBERS]) for kind in ("+", "-", "*", "//", "%", "max")],
        ("/", [NUMBERS, NUMBERS]), ("**", [NUMBERS, NUMBERS]), ("-", [[FLOAT]]), ("abs", [[FLOAT]]), ("sqrt", [NUMBERS]),
        ("exp", [NUMBERS]), ("log", [NUMBERS]), ("divide", [NUMBERS, NUMBERS, NUMBERS]), ("hours_between", [MOMENTS, MOMENTS]),
    ],
    BOOL: [
        *[(kind, [NUMBERS, NUMBERS]) for kind in ("==", "!=", "<", ">=")], *[(kind, [[STRING], [STRING]]) for kind in ("==", "<", ">=")],
        *[(kind, [MOMENTS, MOMENTS]) for kind in ("<=", ">")], ("and", [[BOOL], [BOOL]]), ("or", [[BOOL], [BOOL]]), ("not", [[BOOL]]),
        ("is_null", [list(SIX)]),
    ],
    STRING: [
        ("+", [[STRING], [STRING, INT, BOOL, DATE, DATETIME]]), ("concat", [[STRING, INT], [STRING, DATE], [BOOL, STRING]]),
        ("lower", [[STRING]]), ("upper", [[STRING]]),
    ],
    DATE: [("add_days", [[DATE], [INT]]), ("date", [MOMENTS]), ("max", [[DATE], [DATE]])],
    DATETIME: [
        ("add_days", [[DATETIME], NUMBERS]), ("add_hours", [MOMENTS, NUMBERS]), ("add_minutes", [[DATETIME], [INT]]),
        ("min", [[DATETIME], MOMENTS]),
    ],
}  # fmt: skip


@st.composite
def nodes(draw: st.DrawFn, type_: ColumnType | None = None, depth: int = 3) -> Node:
    """An expression that the types allow."""
    wanted = type_ or draw(st.sampled_from(list(SIX)))
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(leaves(wanted))
    choice = draw(st.integers(0, 7))
    if choice == 0:
        arguments = [draw(nodes(BOOL, depth - 1)), draw(nodes(wanted, depth - 1)), draw(st.one_of(nodes(wanted, depth - 1), NULLS[wanted]))]
        return Node("if_", wanted, tuple(arguments))
    if choice == 1:
        return Node("coalesce", wanted, (draw(nodes(wanted, depth - 1)), draw(nodes(wanted, depth - 1))))
    if choice == 2 and wanted == STRING:
        limits = Node("literal", INT, value=draw(st.integers(-4, 4))), Node("literal", INT, value=draw(st.integers(0, 4)))
        return Node("substr", STRING, (draw(nodes(STRING, depth - 1)), *limits))
    if choice == 2 and wanted == FLOAT:
        return Node("round", FLOAT, (draw(nodes(FLOAT, depth - 1)), Node("literal", INT, value=draw(st.integers(0, 4)))))
    kind, argument_types = draw(st.sampled_from(KINDS[wanted]))
    return Node(kind, wanted, tuple(draw(nodes(draw(st.sampled_from(types)), depth - 1)) for types in argument_types))


NULLS = {kind: st.just(Node("literal", kind)) for kind in SIX}


@st.composite
def leaves(draw: st.DrawFn, type_: ColumnType) -> Node:
    if type_ not in MOMENTS and draw(st.integers(0, 2)) == 0:
        return Node("literal", type_, value=draw(CELLS[type_]))
    return Node("name", type_, value=f"{type_.value}_{draw(st.integers(1, 2))}")


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows of all columns, some cells null."""
    n = draw(st.integers(0, 6))
    columns = {name: draw(st.lists(st.one_of(CELLS[kind], CELLS[kind], st.none()), min_size=n, max_size=n)) for name, kind in TYPES.items()}
    return [{name: cells[i] for name, cells in columns.items()} for i in range(n)]


def column(rows: list[Row], name: str) -> Column:
    """A column of the rows; `string_2` comes as a dictionary, with Arrow nulls."""
    cells = [row[name] for row in rows]
    valid = np.array([cell is not None for cell in cells], dtype=np.bool_)
    if TYPES[name] == STRING:
        array = pa.array(cells, pa.string())
        return Column(array.dictionary_encode() if name == "string_2" else array)
    dtypes = {FLOAT: np.float64, BOOL: np.bool_}
    data: NDArray[Any] = np.array([0 if cell is None else cell for cell in cells], dtype=dtypes.get(TYPES[name], np.int64))
    return Column(data, None if valid.all() else valid)


def cells_of(made: Column) -> list[Cell]:
    """A column as Python values."""
    values = made.data.tolist() if isinstance(made.data, np.ndarray) else made.data.to_pylist()
    valid = [True] * len(values) if made.valid is None else made.valid.tolist()
    return [value if is_valid else None for value, is_valid in zip(values, valid, strict=True)]


# ------------------------------------------------------------------------------ every operation once


def every_operation() -> list[Node]:
    """Every operation over columns of every types it takes, two columns of each type in turn."""
    found = [
        Node(kind, type_, tuple(Node("name", part, value=f"{part.value}_{1 + i % 2}") for i, part in enumerate(parts)))
        for type_, kinds in KINDS.items()
        for kind, argument_types in kinds
        for parts in product(*argument_types)
    ]
    for type_ in SIX:
        a, b = (Node("name", type_, value=f"{type_.value}_{i}") for i in (1, 2))
        found += [Node("if_", type_, (Node("name", BOOL, value="bool_1"), a, b)), Node("coalesce", type_, (a, b))]
        found += [Node(kind, BOOL, (a, b)) for kind in ("==", "!=")]
    text, number = Node("name", STRING, value="string_2"), Node("name", FLOAT, value="float_1")
    limits = [(Node("literal", INT, value=start), Node("literal", INT, value=length)) for start in (-3, 0, 2) for length in (0, 1, 9)]
    found += [Node("substr", STRING, (text, *limit)) for limit in limits]
    found += [Node("round", FLOAT, (number, Node("literal", INT, value=digits))) for digits in (0, 1, 7, 15)]
    return list({str(node): node for node in found}.values())


def many_rows(count: int, seed: int = 1) -> list[Row]:
    """Rows of all columns, one cell in eight null, ordinary and extreme values mixed."""
    source = Random(seed)  # noqa: S311 - no secret
    return [{name: None if source.random() < 0.125 else _cell(source, kind) for name, kind in TYPES.items()} for _ in range(count)]


def _cell(source: Random, kind: ColumnType) -> Cell:
    if kind == BOOL:
        return source.random() < 0.5
    if kind == STRING:
        return "".join(source.choice("abXYé 0'\\") for _ in range(source.randrange(5)))
    if kind in MOMENTS:
        return source.randrange(-1000, 40_000) * (1 if kind == DATE else DAY) + (source.randrange(DAY) if kind == DATETIME else 0)
    spread = source.choice([4, 4, 4, 1000, 2**40, 2**63 - 1])
    whole = source.randrange(-spread, spread + 1)
    return whole if kind == INT else source.choice([float(whole), whole / 8, source.uniform(-9, 9)])
