"""The small safe language of columns: text to checked steps to kernels over whole arrays.

    literals        1  2.5  1e6  'text'  "text"  true false null (True False None)
    columns         price   customer.segment
    operators       or   and   not   == != < <= > >=   + -   * / // %   -x   **      (weakest first; ** binds to the right)
    choice          if_(condition, a, b)  coalesce(a, b, ...)  is_null(x)  min(a, b, ...)  max(a, b, ...)  divide(a, b, otherwise)
    numbers         round(x, digits=0)  floor(x)  ceil(x)  abs(x)  sqrt(x)  exp(x)  log(x)
    texts           lower(s)  upper(s)  length(s)  substr(s, start, length)  concat(a, b, ...)  and a + b, where numbers become texts
    decimals        exact: + and - align their scales, * adds them; // gives int, round(x, digits) a decimal of so many digits
    dates           year(d) month(d) day(d) dow(d) (0 is Monday)  hour(t) minute(t)  date(t)
                    days_between(a, b)  hours_between(a, b)  add_days(d, n)  add_hours(t, n)  add_minutes(t, n)

Nothing else exists: no attributes, no subscripts, no other calls, no eval. A text has at most 10,000 characters and 1,000 parts,
nested at most 64 deep.

Meaning. Null in, null out; `and`, `or`, `not` are three-valued as in SQL; a null condition takes the second branch. int is 64 bits and
never wraps around: what passes is refused when bounds show it, else at the row; so are decimals, which are whole units of 64 bits. A
decimal with an int is a decimal, with a float a float. `/`, `divide` and `**` give float; `//` and `%` round
toward minus infinity as in Python; `round(x)`, `floor` and `ceil` give int, `round(x, digits)` a float, halves to even; `substr` counts
from 0, a negative start from the end. Comparisons of int with float are of floats. Texts compare by code points; a text written out is a
date or a time of day where it meets one; UUIDs and JSON are texts. `days_between` is whole days from a to b cut toward zero, `hours_between` a float. Bytes of results are the same
on every machine: exp, log and ** come from `seedbed.core.elementary`.
"""

from seedbed.core.expression.bounds import bounds
from seedbed.core.expression.compile import CompiledExpression, compile_expression, evaluate
from seedbed.core.expression.errors import ExpressionError, RowError, UnknownName
from seedbed.core.expression.operations import FUNCTIONS
from seedbed.core.expression.parse import parse
from seedbed.core.expression.resolve import infer, seen_as
from seedbed.core.expression.tree import Expression
from seedbed.core.interval import Interval

__all__ = [
    "FUNCTIONS",
    "CompiledExpression",
    "Expression",
    "ExpressionError",
    "Interval",
    "RowError",
    "UnknownName",
    "bounds",
    "compile_expression",
    "evaluate",
    "infer",
    "parse",
    "seen_as",
]
