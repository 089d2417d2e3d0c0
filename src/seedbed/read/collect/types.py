"""The type of a column: the least of the lattice that holds what most of its values are.

null < bool | int64 < decimal < double < string; date < timestamp < string. What the type can't hold is whole in `_rescued`.
"""

from __future__ import annotations

import re

from seedbed.read.collect.sketch import Sketch

#: Words of names whose numbers of two decimals are money.
_MONEY = re.compile(
    r"price|amount|cost|total|salary|fee|balance|payment|revenue|budget|wage|tax|discount|paid|payout|charge|refund|deposit|income|"
    r"expense|money|cash|credit|debit|spend|spent",
    re.IGNORECASE,
)


def kind_of(sketch: Sketch, key: str, *, text_flags: bool, is_list: bool = False) -> tuple[str, str]:
    """The kind of the column for the values of a path, and how texts spell it (`""` where they don't); lists have the kind of their elements.

    Spellings: a form of `spelling.py`; `number` for texts of numbers.
    """
    if is_list:
        return _list_kind(sketch, key, text_flags=text_flags)
    count = sketch.counts.get
    numbers = sum(count(name, 0) for name in ("ints", "doubles", "bigs", "odds"))
    texts, flags = count("strings", 0), count("bools", 0)
    if not (numbers or texts or flags):
        return "null", ""
    if texts >= numbers and texts >= flags:
        return _text_kind(sketch, key, text_flags=text_flags)
    return _number_kind(sketch, key) if numbers >= flags else ("bool", "")


def _list_kind(sketch: Sketch, key: str, *, text_flags: bool) -> tuple[str, str]:
    from seedbed.read.collect.sketch import merge

    element = sketch.element or Sketch()
    alone = Sketch(counts={name: value for name, value in sketch.counts.items() if name not in {"lists", "empty_lists", "nulls", "raws"}})
    alone.forms = sketch.forms
    whole = merge([element, alone])
    lists = whole.counts.get("lists", 0)
    is_nested = lists > sum(whole.counts.get(name, 0) for name in ("bools", "ints", "doubles", "strings", "bigs", "odds"))
    kind, spelling = kind_of(whole, key, text_flags=text_flags, is_list=is_nested)
    return f"list<{kind}>", spelling


def _number_kind(sketch: Sketch, key: str) -> tuple[str, str]:
    count = sketch.counts.get
    wholes, bigs, doubles, odds = count("ints", 0), count("bigs", 0), count("doubles", 0), count("odds", 0)
    if odds > wholes + bigs + doubles:
        return "string", "number"
    if not doubles:
        return ("decimal(38,0)", "") if bigs else ("int64", "")
    is_money = _MONEY.search(key) and count("cents", 0) == doubles and not bigs and not odds
    return ("decimal(18,2)", "") if is_money and _fits_cents(sketch) else ("double", "")


def _fits_cents(sketch: Sketch) -> bool:
    low, high = sketch.int_range.low, sketch.int_range.high
    return low is None or (low > -(10**15) and high < 10**15)


def _text_kind(sketch: Sketch, key: str, *, text_flags: bool) -> tuple[str, str]:
    forms, texts = sketch.forms, sketch.counts.get("strings", 0)
    if not forms:
        return "string", ""
    if forms.get("date") == texts:
        return "date", "date"
    if text_flags and forms.get("flag") == texts:
        return "bool", "flag"
    if forms.get("money") == texts and _MONEY.search(key):
        return "decimal(18,2)", "money"
    moments = {form: count for form, count in forms.items() if form.startswith("moment:")}
    times = {form: count for form, count in forms.items() if form.startswith("time:")}
    if times and sum(times.values()) == texts:
        return "time", _ranked(times)
    is_zoned = {not form.endswith(":") for form in moments}
    if len(is_zoned) == 1 and sum(moments.values()) + (0 if is_zoned == {True} else forms.get("date", 0)) == texts:
        return ("timestamp_utc" if is_zoned == {True} else "timestamp"), _ranked(moments | ({"date": 0} if forms.get("date") else {}))
    return "string", ""


def _ranked(forms: dict[str, int]) -> str:
    """Forms, the most frequent first."""
    return "|".join(sorted(forms, key=lambda form: (-forms[form], form)))
