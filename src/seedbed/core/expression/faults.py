"""What is said of rows that have no value."""

from __future__ import annotations

from seedbed.core.expression.values import Fault

_MESSAGES = {
    Fault.DIVISION: ("divides by zero", "write divide(a, b, otherwise), or if_(b == 0, otherwise, a / b)"),
    Fault.INT_RANGE: ("passes the range of 64-bit whole numbers", "write a factor as a float, like 1.0"),
    Fault.DECIMAL_RANGE: ("passes the range of decimals in 64 bits", "round a factor first, or write one as a float, like 1.0"),
    Fault.ROOT: ("takes a root of a negative number", "write abs(x) or max(x, 0) under the root"),
    Fault.LOGARITHM: ("takes the logarithm of a number that is not positive", "write log(1 + x) or log(max(x, 1))"),
    Fault.DATE_RANGE: ("leaves the years 1 to 9999", "move by less"),
    Fault.TEXT_SIZE: ("makes a text of more than 1 MiB", "join fewer texts"),
    Fault.TEXT_TOTAL: ("makes more than 1 GiB of text in one block", "join fewer texts, or make smaller blocks"),
}


def fault_message(fault: int) -> tuple[str, str]:
    """What happened, as the end of a sentence, and the remedy.

    >>> fault_message(1)[0]
    'divides by zero'
    """
    return _MESSAGES[Fault(fault)]
