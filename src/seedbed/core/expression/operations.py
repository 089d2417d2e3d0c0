"""Every operator and function by its name: a new one is one line in the file of its family."""

from __future__ import annotations

from difflib import get_close_matches

from seedbed.core.expression import arithmetic, conversion, dates, logic, rounding, strings
from seedbed.core.expression.errors import ExpressionError
from seedbed.core.expression.operation import Operation
from seedbed.core.expression.tree import Call

_FAMILIES = (arithmetic, conversion, dates, logic, rounding, strings)
OPERATIONS: dict[str, Operation] = {operation.name: operation for family in _FAMILIES for operation in family.OPERATIONS}
FUNCTIONS: tuple[str, ...] = tuple(sorted(name for name in OPERATIONS if name.isidentifier() and name not in {"and", "or", "not"}))


def operation_of(call: Call) -> Operation:
    """The operation of a call.

    Raises:
        ExpressionError: there is no such function, or not with so many arguments.

    >>> operation_of(Call("length", 1, 0)).usage
    'length(s)'
    """
    operation = OPERATIONS.get(call.operation)
    if operation is None:
        raise _unknown(call)
    least, most = operation.arity
    if call.count < least or (most is not None and call.count > most):
        raise ExpressionError(f"`{call.operation}` is given {_counted(call.count)}", offset=call.offset, fix=f"write {operation.usage}")
    return operation


def _counted(count: int) -> str:
    return f"{count or 'no'} value{'' if count == 1 else 's'}"


def _unknown(call: Call) -> ExpressionError:
    name = call.operation
    near = get_close_matches(name.lower()[:40], FUNCTIONS, n=1) or [f for f in FUNCTIONS if f == _SYNONYMS.get(name.lower())]
    fix = f"did you mean {OPERATIONS[near[0]].usage}?" if near else f"the functions are {', '.join(FUNCTIONS)}"
    return ExpressionError(f"there is no function `{name[:60]}`", offset=call.offset, fix=fix)


_SYNONYMS = {
    "if": "if_", "iif": "if_", "case": "if_", "len": "length", "substring": "substr", "ln": "log", "int": "floor", "str": "concat",
    "ceiling": "ceil", "ifnull": "coalesce", "nvl": "coalesce", "isnull": "is_null", "isna": "is_null", "weekday": "dow",
    "day_of_week": "dow", "datediff": "days_between", "dateadd": "add_days", "least": "min", "greatest": "max", "power": "exp",
}  # fmt: skip
