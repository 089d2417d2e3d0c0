"""What a finding of pydantic means to the author, and the remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from seedbed.core.counts import COUNT_PATTERN, count_of
from seedbed.core.nearest import Suggestion, nearest, one_of
from seedbed.model.base import ColumnRef, Name
from seedbed.model.generators import KINDS
from seedbed.model.reading.faults import SHAPES, Fault
from seedbed.model.shape import keys_of, members

_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}

_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}

#: Words of other languages for our types.
_SYNONYMS = {
    "str": "string", "text": "string", "varchar": "string", "char": "string", "uuid": "string",
    "integer": "int", "bigint": "int", "int32": "int", "int64": "int", "number": "float", "double": "float", "real": "float",
    "decimal": "float", "numeric": "float", "float64": "float", "boolean": "bool", "timestamp": "datetime", "time": "datetime", "day": "date",
    "gaussian": "normal", "log-normal": "lognormal", "log_normal": "lognormal", "exp": "exponential", "log": "logarithmic",
    "dimension": "entity", "table": "entity", "vocabulary": "vocab", "enum": "vocab", "weekday": "dow", "day_of_week": "dow",
    "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "mul": "multiply", "scale": "multiply", "plus": "add", "offset": "add", "clip": "clamp", "noise": "jitter", "map": "map_values",
}  # fmt: skip

_CUSTOM_FIXES = {
    "one_generator": "keep one of them",
    "inverted": "swap them",
    "range_empty": "add `min`, `max` or both",
    "clamp_empty": "add `min`, `max` or both",
    "range_types": "write both as numbers, or both as moments in quotes",
    "enum_source": "give one of them",
    "trend_args": "give one of them",
    "fanout_lambda": "add `lambda`, the expected number of children",
    "fanout_bounds": "add `min` and `max`",
    "fanout_extra": "remove `lambda`, or make the distribution poisson",
    "fanout_params": "give the distribution what it takes, and nothing else",
    "fanout_by": "add `by: column`, or give one number",
    "fanout_keys": "let all maps list the same values, or add `else` to each",
    "fanout_numbers": "give a number that it takes",
    "fanout_count": "write whole numbers as keys",
    "exponential_params": "give one of them",
    "triangle": "put them in order",
    "wide_table": "raise `p`, or lower `r`",
    "histogram_source": "give one of the two",
    "histogram_key": "write numbers as keys",
    "histogram_twice": "remove one",
    "bins": "give one weight a bin",
    "edges": "sort them",
    "no_weight": "give one of them a weight above 0",
    "duplicate_stage": "give each stage a name of its own",
    "pattern_source": "keep one of them",
    "uuid_name": "add `namespace: dns` (or url, oid, x500, a UUID) and `name: column`",
    "uuid_extra": "remove it, or change the version",
}


def _pattern(annotation: Any) -> str:
    return next(str(part.pattern) for part in get_args(annotation) if getattr(part, "pattern", None))


#: Patterns of the model's classes in words, with an example.
_PATTERNS = {
    _pattern(Name): ("a name (letters, digits, underscores; no digit first)", "`order_item`"),
    _pattern(ColumnRef): ("`table.column`", "`customer.customer_id`"),
}
_OTHER_PATTERNS = (
    ("freq", "a grid such as `H`, `15T` or `MS`", "`H`; the units are S, T or min, H, D, B, W, M, MS, Q, QS, Y"),
    ("weights_kind", "`uniform`, `zipf@A` or `head_tail@{S,A}`", "`zipf@1.1` or `head_tail@{0.8,1.1}`"),
    ("locale", "a locale", "`de_DE`"),
    ("method", "the name of a method of Faker", "`name`; `seedbed generators` lists them"),
)

#: Modifiers of the language that this version of seedbed does not have yet.
_LATER_TAGS = frozenset({"mask", "encrypt"})

Worded = tuple[str, str | None]


def not_yet(what: str) -> tuple[str, str]:
    """The message and the remedy for a part of the language that comes later."""
    return f"this version of seedbed does not have `{what}` yet", f"remove `{what}`"


def words(group: list[Fault]) -> Worded:
    """The message and the remedy for the findings about one value."""
    deeper = [fault for fault in group if fault.type not in SHAPES]
    if not deeper:
        return _other_kind(group)
    first = deeper[0]
    if first.type == "string_pattern_mismatch":
        return _other_pattern(deeper)
    return _WORDS.get(first.type, _as_said)(first)


def show(value: object) -> str:
    """A value as the author wrote it, shortened, with its kind where the writing doesn't tell.

    >>> show("x"), show(None), show([1]), show(True)
    ('the text "x"', 'nothing', 'a list', 'true')
    """
    if value is None:
        return "nothing"
    if isinstance(value, list | Mapping):
        return ("a list" if isinstance(value, list) else "an object") if value else ("an empty list" if value == [] else "an empty object")
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, int) or isinstance(value, bool) else _digits(value)
    short = text if len(text) <= 60 else f"{text[:60]}…"
    return f"the text {short}" if isinstance(value, str) else short


def expected_of(annotation: Any) -> str:
    """What an annotation wants, in words.

    >>> expected_of(int | None)
    'a whole number'
    """
    options = members(annotation)
    allowed = [value for option in options for value in allowed_by(option)]
    if allowed and len(options) == 1:
        return f"one of {one_of(allowed)}" if len(allowed) > 1 else f'`"{allowed[0]}"`'
    return " or ".join(dict.fromkeys(_kind_of(option) for option in options)) or "a value"


def allowed_by(option: Any) -> list[str]:
    """The values that an alternative lists."""
    if get_origin(option) is Literal:
        return [str(value) for value in get_args(option)]
    return [str(value.value) for value in option] if isinstance(option, type) and issubclass(option, Enum) else []


def guess(word: object, allowed: Iterable[str]) -> str | None:
    """The allowed word that was probably meant."""
    known = list(allowed)
    synonym = _SYNONYMS.get(str(word).casefold())
    return synonym if synonym in known else nearest(str(word), known)


def _digits(value: int) -> str:
    return str(value) if value.bit_length() < 200 else f"a whole number of {value.bit_length()} bits"


def _kind_of(option: Any) -> str:
    if isinstance(option, type) and issubclass(option, BaseModel):
        needed = [key for key, info in keys_of(option).items() if info.is_required()]
        return f"an object with {one_of(needed)}" if needed else "an object"
    plain = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    if option in plain:
        return plain[option]
    listed = allowed_by(option)
    if listed:
        return one_of(listed)
    return "an object" if get_origin(option) is dict else "a list"


def _other_kind(group: list[Fault]) -> Worded:
    kinds = {fault.type for fault in group}
    choices = [name for fault in group if fault.type == "literal_error" for name in _quoted(fault.context["expected"])]
    wanted = [
        _EXPECTED[fault.type] for fault in group if fault.type in _EXPECTED and not (fault.type == "int_type" and "float_type" in kinds)
    ]
    value = group[0].value
    if choices and not wanted:
        return _not_listed(value, choices)
    if "float_type" in kinds and isinstance(value, int) and not isinstance(value, bool):
        return f"{show(value)} is beyond the range of numbers", "numbers lie between -1.8e308 and 1.8e308"
    options = list(dict.fromkeys([f"`{name}`" for name in choices] + wanted))
    text = " or ".join([", ".join(options[:-1]), options[-1]] if len(options) > 1 else options)
    return f"expected {text}; found {show(value)}", _kind_fix(value, kinds, choices)


def _kind_fix(value: object, kinds: set[str], choices: list[str]) -> str | None:
    if value is None:
        return "write `{}` for an object without keys" if kinds & {"model_type", "model_attributes_type"} else "give a value, or remove it"
    if choices and isinstance(value, str):
        return _did_you_mean(value, choices)
    return next((fix for kind, remedy in _KIND_FIXES.items() if kind in kinds and (fix := remedy(value))), None)


def _as_text(value: object) -> str | None:
    return f'put it in quotes: "{json.dumps(value)}"' if isinstance(value, bool | int | float) else None


def _as_number(value: object) -> str | None:
    is_number = isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", value.strip())
    return f"write it without quotes: {str(value).strip()}" if is_number else None


def _as_whole(value: object) -> str | None:
    if isinstance(value, str) and re.match(COUNT_PATTERN, value) and not value.isdigit():
        with suppress(ValueError):
            return f"write {count_of(value)}"
    return f"write {value:.0f}" if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else _as_number(value)


def _as_bool(value: object) -> str | None:
    meant = {"yes": "true", "on": "true", "true": "true", "1": "true", "no": "false", "off": "false", "false": "false", "0": "false"}
    return f"write {meant.get(str(value).lower(), 'true or false')}"


def _as_list(value: object) -> str | None:
    return (
        "write it as a list, such as `[a, b]`"
        if isinstance(value, str | int | float | bool)
        else "write it as a list: `- ` before each item"
    )


_KIND_FIXES: dict[str, Callable[[object], str | None]] = {
    "string_type": _as_text,
    "float_type": _as_number,
    "int_type": _as_whole,
    "bool_type": _as_bool,
    "tuple_type": _as_list,
}


def _not_listed(value: object, choices: list[str]) -> Worded:
    text = f"{show(value)} is not one of {one_of(choices)}" if value is not None else f"expected one of {one_of(choices)}; found nothing"
    if not isinstance(value, str) and str(value) in choices:
        return text, f'put it in quotes: "{value}"'
    if choices == ["1.0", "2.0"]:
        return text, 'write "2.0", or "1.0": documents of other versions are not read'
    return text, _did_you_mean(value, choices)


def _did_you_mean(value: object, choices: list[str]) -> str:
    meant = guess(value, choices)
    if meant:
        return Suggestion(str(value), meant)
    return f"write {'one of ' if len(choices) > 1 else ''}{one_of(choices)}"


def _other_pattern(group: list[Fault]) -> Worded:
    known = [_PATTERNS[fault.context["pattern"]] for fault in group if fault.context.get("pattern") in _PATTERNS]
    step = next((part for part in reversed(group[0].path) if isinstance(part, str)), "")
    known = known or [(text, fix) for key, text, fix in _OTHER_PATTERNS if key == step]
    if not known:
        return f"{show(group[0].value)} is not written as it must be", None
    value = group[0].path[-1] if group[0].at_key else group[0].value
    return f"expected {' or '.join(text for text, _ in known)}; found {show(value)}", "such as " + " or ".join(fix for _, fix in known)


def _bound(fault: Fault) -> Worded:
    word, key = _BOUNDS[fault.type]
    bound = fault.context[key]
    shown = f"{bound:.0f}" if isinstance(bound, float) and bound.is_integer() else str(bound)
    return f"must be {word} {shown}; found {show(fault.value)}", None


def _length(fault: Fault) -> Worded:
    if isinstance(fault.value, str) and fault.path[-1] in {key for key, _, _ in _OTHER_PATTERNS}:
        return _other_pattern([fault])
    limit = fault.context.get("max_length", fault.context.get("min_length"))
    word, what = ("at most", "max_length") if "max_length" in fault.context else ("at least", "min_length")
    least = "write something" if isinstance(fault.value, str) else "give at least one"
    size = len(fault.value) if isinstance(fault.value, str | list | Mapping) else 0
    unit = ("character" if isinstance(fault.value, str) else "item") + ("" if limit == 1 else "s")
    return f"must have {word} {limit} {unit}; found {size}", least if what == "min_length" else None


def _custom(fault: Fault) -> Worded:
    if fault.type == "one_generator" and isinstance(fault.value, Mapping):
        empty = [key for key in KINDS if key in fault.value and fault.value[key] is None]
        if len(empty) == 1:
            return f"the generator `{empty[0]}` has no parameters", f"write `{empty[0]}: {{}}` where its defaults will do"
        given = [key for key in KINDS if fault.value.get(key) is not None]
        return fault.said, f"keep one of {one_of(given)}" if given else None
    return fault.said, _CUSTOM_FIXES.get(fault.type)


def _tag(fault: Fault) -> Worded:
    value = fault.value.get(str(fault.context["discriminator"]).strip("'")) if isinstance(fault.value, Mapping) else fault.context["tag"]
    if isinstance(value, str) and value in _LATER_TAGS:
        return not_yet(str(value))
    return _not_listed(value, _quoted(fault.context["expected_tags"]))


def _not_finite(_: Fault) -> Worded:
    return "expected a finite number", "numbers lie between -1.8e308 and 1.8e308"


def _as_said(fault: Fault) -> Worded:
    return fault.said[:1].lower() + fault.said[1:], None


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


_WORDS: dict[str, Callable[[Fault], Worded]] = {
    **dict.fromkeys(_BOUNDS, _bound),
    **dict.fromkeys(("string_too_short", "string_too_long", "too_short", "too_long"), _length),
    **dict.fromkeys(_CUSTOM_FIXES, _custom),
    "plugin": lambda fault: (fault.said, fault.context["fix"]),
    "union_tag_invalid": _tag,
    "enum": lambda fault: _not_listed(fault.value, _quoted(fault.context["expected"])),
    "finite_number": _not_finite,
}
