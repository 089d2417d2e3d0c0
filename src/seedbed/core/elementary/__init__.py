"""Elementary functions and sums whose bytes are the same on every processor.

NumPy's own exp, log and power pick other code, and give other last bits, where a processor has other vector instructions.
These use nothing but + - * / sqrt, comparisons, tables and integer operations on bits, each of which IEEE 754 rounds in one way
and NumPy rounds one at a time, so what is stored never depends on the machine. Every function takes anything array-like and
gives a new float64 array of the same shape; `float(log(2.0))` is the scalar form. Errors are in units in the last place (ulp).

Sources: P. T. P. Tang, "Table-driven implementation of the exponential function", ACM TOMS 15 (1989), and "... of the logarithm
function", ACM TOMS 16 (1990); T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971).
"""

from seedbed.core.elementary.exponential import exp, expm1
from seedbed.core.elementary.logarithm import log, log1p
from seedbed.core.elementary.normal import normal_cdf, normal_quantile
from seedbed.core.elementary.power import pow  # noqa: A004 - named like the function everywhere else
from seedbed.core.elementary.sums import sequential_sum

__all__ = ["exp", "expm1", "log", "log1p", "normal_cdf", "normal_quantile", "pow", "sequential_sum"]
