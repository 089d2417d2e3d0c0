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
    "plugin": "seedbed.generate.plugin:kernel",
}

#: What makes each kind of fault of `quality_injection`; its parameters are the class of that `kind` in `model.quality`.
QUALITY_KERNELS = {
    "null": "seedbed.generate.quality.missing:null",
    "missing_field": "seedbed.generate.quality.missing:missing_field",
    "malformed_timestamp": "seedbed.generate.quality.types:malformed_timestamp",
    "type_drift": "seedbed.generate.quality.types:type_drift",
    "invalid_enum": "seedbed.generate.quality.categories:invalid_enum",
    "category_drift": "seedbed.generate.quality.categories:category_drift",
    "swap_columns": "seedbed.generate.quality.categories:swap_columns",
    "orphan_fk": "seedbed.generate.quality.categories:orphan_fk",
    "boundary_violation": "seedbed.generate.quality.numbers:boundary",
    "unit_drift": "seedbed.generate.quality.numbers:drift",
    "mean_drift": "seedbed.generate.quality.numbers:drift",
    "outlier": "seedbed.generate.quality.numbers:outlier",
    "typo": "seedbed.generate.quality.texts:typo",
    "case": "seedbed.generate.quality.texts:case",
    "whitespace": "seedbed.generate.quality.texts:whitespace",
    "encoding": "seedbed.generate.quality.texts:encoding",
    "truncation": "seedbed.generate.quality.texts:truncation",
    "duplicate": "seedbed.generate.quality.copies:exact",
    "near_duplicate": "seedbed.generate.quality.copies:near",
    "late_arrival": "seedbed.generate.quality.moves:by_time",
    "out_of_order": "seedbed.generate.quality.moves:by_distance",
}


def load(place: str) -> Callable[..., Any]:
    """The function at `module:name`.

    >>> load("math:isqrt")(17)
    4
    """
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
