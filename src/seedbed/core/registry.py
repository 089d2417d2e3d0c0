"""Where each kind is made: its name, and the place of its kernel, loaded when first asked for.

A kind has its parameters in `model/` and its kernel in `generate/`; this table ties the two together, one line each.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

#: The kernel of each generator, as module:function; its parameters are the field of that name in `model.generators.Generator`.
GENERATOR_KERNELS = {
    "sequence": "seedbed.generate.sequence:kernel",
    "choice": "seedbed.generate.choice:kernel",
    "distribution": "seedbed.generate.distribution:kernel",
    "datetime_series": "seedbed.generate.datetime_series:kernel",
    "faker": "seedbed.generate.faker:kernel",
    "lookup": "seedbed.generate.lookup:kernel",
    "expression": "seedbed.generate.expression:kernel",
    "enum_list": "seedbed.generate.choice:enum_kernel",
    "record": "seedbed.generate.records:kernel",
    "case": "seedbed.generate.nested:case_kernel",
    "mixture": "seedbed.generate.nested:mixture_kernel",
    "struct": "seedbed.generate.composed:struct_kernel",
    "list": "seedbed.generate.composed:list_kernel",
    "pattern": "seedbed.generate.pattern:kernel",
    "uuid": "seedbed.generate.uuid:kernel",
    "constant": "seedbed.generate.constant:kernel",
    "aggregate": "seedbed.generate.aggregate:kernel",
    "split": "seedbed.generate.split:kernel",
    "process": "seedbed.generate.process:kernel",
}


def load(place: str) -> Callable[..., Any]:
    """The function at `module:name`.

    >>> load("math:isqrt")(17)
    4
    """
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
