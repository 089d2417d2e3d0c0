"""`logicalTypeOptions` of a property as checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedbed.model.odcs.document import SchemaProperty
from seedbed.model.odcs.rules import refuse_regex
from seedbed.model.odcs.unsaid import UnsaidError

Spec = dict[str, Any]

_FORMATS = {"email": "email", "uri": "url", "url": "url"}
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_IPV4 = r"^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.|$)){4}$"
_BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64, "u8": 8, "u16": 16, "u32": 32}


def option_checks(column: SchemaProperty, option: str, value: Any) -> Iterator[Spec]:
    """The checks of one option.

    Raises:
        UnsaidError: there is none for it.
    """
    name, kind = column.column, column.logical_type
    if option in ("minLength", "maxLength") and kind in (None, "string"):
        yield {"kind": "length", "column": name, option[:3]: value}
    elif option == "pattern":
        refuse_regex(value)
        yield {"kind": "regex", "column": name, "regex": value}
    elif option in ("minimum", "maximum"):
        yield {"kind": "range", "column": name, option[:3]: value}
    elif option in ("exclusiveMinimum", "exclusiveMaximum"):
        yield {"kind": "range", "column": name, option.removeprefix("exclusive")[:3].lower(): value, "exclusive": True}
    elif option == "multipleOf" and kind == "integer" and isinstance(value, int) and value > 0 and name.isidentifier():
        yield {"kind": "row_expression", "expr": f"{name} % {value} == 0"}
    elif option == "format":
        yield from _format(name, kind, value)
    elif option == "defaultTimezone":
        return
    else:
        raise UnsaidError(f"no check says `{option}: {value}`")


def _format(name: str, kind: str | None, value: Any) -> Iterator[Spec]:
    if value in _FORMATS and kind == "string":
        yield {"kind": _FORMATS[value], "column": name}
    elif value == "uuid" and kind == "string":
        yield {"kind": "regex", "column": name, "regex": _UUID}
    elif value == "ipv4" and kind == "string":
        yield {"kind": "regex", "column": name, "regex": _IPV4}
    elif value in _BITS and kind == "integer":
        bits, is_signed = _BITS[value], value.startswith("i")
        low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if is_signed else (0, 2**bits - 1)
        yield {"kind": "range", "column": name, "min": low} | ({} if bits == 64 else {"max": high})
    else:
        raise UnsaidError(f"no check says `format: {value}`")
