"""Forms that texts have: e-mail addresses, check digits, dates, and the like; each a function from texts to truth values.

Regular expressions run on RE2, which takes time in proportion to the text, whoever wrote it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from json import loads

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.check.jsonschema import accepts, read_schema
from seedbed.check.patterns import flags
from seedbed.check.values import with_value
from seedbed.check.view import Mask, View
from seedbed.core import compute as pc
from seedbed.core.calendar import civil_from_days, days_from_civil
from seedbed.core.records import dataclass

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"

#: Forms that a regular expression tells; the whole text must match.
PATTERNS = {
    "email": rf"^{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+\z",
    "phone": r"^\+?\(?[0-9](?:[ ()./-]{0,3}[0-9]){6,14}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?\z",
    "url": r"^(?i:https?)://(?:[^\s/?#@]+@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#:@\[\]]+)(?::[0-9]{1,5})?(?:[/?#]\S*)?\z",
    "int": r"^[+-]?[0-9]+\z",
    "float": r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z|^[+-]?(?i:inf|infinity|nan)\z",
}


@dataclass(frozen=True, slots=True)
class HasForm:
    """Every text has a form; some forms take an argument, such as a prefix."""

    column: str
    form: str
    argument: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def broken(self, view: View) -> Mask:
        """The texts that haven't."""
        good = view.texts(self.column, lambda texts: in_form(texts, self.form, self.argument))
        return with_value(view, self.columns, ~good)


def in_form(texts: pa.Array, form: str, argument: str = "") -> Mask:
    """Which texts have a form, shape (n,); for a null anything.

    >>> in_form(pa.array(["a@b.org", "a@b"]), "email").tolist()
    [True, False]
    """
    if form in PATTERNS:
        return flags(pc.match_substring_regex(texts, pattern=PATTERNS[form]))
    return _FORMS[form](texts, argument)


def _length(texts: pa.Array, argument: str) -> Mask:
    low, _, high = argument.partition(":")
    lengths = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False)
    fits: Mask = lengths >= int(low or 0)
    return fits & (lengths <= int(high)) if high else fits


def _each(good: Callable[[str], bool]) -> Callable[[pa.Array], Mask]:
    """A function of single texts, asked once for each different one."""

    def asked(texts: pa.Array) -> Mask:
        coded = texts.dictionary_encode()
        answers = np.array([good(text) for text in coded.dictionary.to_pylist()] or [False], np.bool_)
        codes: NDArray[np.int64] = pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)
        return answers[codes]

    return asked


def _reads(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def good(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, RecursionError):
            return False
        return True

    return good


def _is_date(texts: pa.Array, _: str) -> Mask:
    return _of_numbers(texts, r"^(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})\z")


_ISO_TIME = (
    r"^(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})(?:[T ](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?\z"
)

#: What directives of strptime match, those whose numbers are looked at by their names.
_DIRECTIVES = {
    "Y": "(?P<Y>[0-9]{4})", "m": "(?P<m>[0-9]{1,2})", "d": "(?P<d>[0-9]{1,2})", "H": "(?P<H>[0-9]{1,2})", "M": "(?P<M>[0-9]{1,2})",
    "S": "(?P<S>[0-9]{1,2})", "f": "[0-9]{1,6}", "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})", "%": "%",
}  # fmt: skip
_LIMITS = {"m": (1, 12), "d": (1, 31), "H": (0, 23), "M": (0, 59), "S": (0, 59)}


def _of_format(texts: pa.Array, form: str) -> Mask:
    pattern = pattern_of(form)
    if pattern is not None:
        return _of_numbers(texts, pattern)
    return _each(_reads(lambda text: dt.datetime.strptime(text, form)))(texts)  # noqa: DTZ007 - only whether it can be read


@cache
def pattern_of(form: str) -> str | None:
    r"""A format of strptime as a regular expression; None where it has names of months and the like, or a number twice.

    >>> pattern_of("%H:%M") == r"^(?P<H>[0-9]{1,2})\:(?P<M>[0-9]{1,2})\z", pattern_of("%B")
    (True, None)
    """
    parts, place, seen = [], 0, set()
    while place < len(form):
        letter = form[place]
        place += 1
        if letter != "%":
            parts.append(letter if letter.isalnum() or letter in " _" else "\\" + letter if letter.isascii() else letter)
            continue
        directive = form[place : place + 1]
        place += 1
        if directive not in _DIRECTIVES or directive in seen:
            return None
        seen.add(directive if directive != "%" else "")
        parts.append(_DIRECTIVES[directive])
    return "^" + "".join(parts) + r"\z"


def _of_numbers(texts: pa.Array, pattern: str) -> Mask:
    """Texts that match and whose numbers are a real day and time."""
    good = flags(pc.match_substring_regex(texts, pattern=pattern))
    if "(?P<" not in pattern:
        return good
    parts = pc.extract_regex(texts, pattern=pattern)
    numbers = {field.name: _whole(pc.struct_field(parts, field.name)) for field in parts.type}
    for name, (low, high) in _LIMITS.items():
        if name in numbers:
            good = good & ((numbers[name] < 0) | ((numbers[name] >= low) & (numbers[name] <= high)))
    if "d" in numbers and "m" in numbers:
        year, month = numbers.get("Y", np.full(len(good), 2000)), numbers["m"]
        days = days_from_civil(np.maximum(year, 1), np.clip(month, 1, 12), numbers["d"])
        good = good & (civil_from_days(days)[1] == month)
    return good & (numbers["Y"] >= 1) if "Y" in numbers else good


def _whole(texts: pa.Array) -> NDArray[np.int64]:
    """Digits as numbers; -1 where there are none."""
    known = pc.if_else(pc.fill_null(pc.equal(texts, ""), pa.scalar(value=True)), "-1", texts)
    numbers: NDArray[np.int64] = known.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _matrix(texts: pa.Array, width: int, *, left: bool) -> NDArray[np.uint8]:
    """The bytes of ASCII texts, shape (n, width), filled up with zeros on one side; longer ones are cut."""
    pad = pc.utf8_lpad if left else pc.utf8_rpad
    fitted = pc.utf8_slice_codeunits(pad(texts, width=width, padding="0"), start=0, stop=width)
    data = b"".join(fitted.cast(pa.binary()).to_pylist())
    return np.frombuffer(data, np.uint8).reshape(len(texts), width)


def _luhn(texts: pa.Array, _: str) -> Mask:
    digits = pc.fill_null(pc.replace_substring_regex(texts, pattern="[ -]", replacement=""), "")
    good = flags(pc.match_substring_regex(digits, pattern=r"^[0-9]{2,32}\z"))
    values = _matrix(pc.if_else(pa.array(good), digits, "0"), 32, left=True).astype(np.int64) - ord("0")
    doubled = values[:, ::2] * 2
    total = np.where(doubled > 9, doubled - 9, doubled).sum(axis=1) + values[:, 1::2].sum(axis=1)
    fits: Mask = good & (total % 10 == 0)
    return fits


def _iban(texts: pa.Array, _: str) -> Mask:
    compact = pc.fill_null(pc.replace_substring(texts, pattern=" ", replacement=""), "")
    good = flags(pc.match_substring_regex(compact, pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\z"))
    safe = pc.if_else(pa.array(good), compact, "AA00")
    turned = pc.binary_join_element_wise(pc.utf8_slice_codeunits(safe, 4), pc.utf8_slice_codeunits(safe, 0, 4), "")
    lengths = pc.utf8_length(safe).to_numpy(zero_copy_only=False)
    letters = _matrix(turned, 34, left=False).astype(np.int64)
    rest = np.zeros(len(texts), np.int64)
    for place in range(34):
        code = letters[:, place]
        is_digit = code <= ord("9")
        grown = np.where(is_digit, rest * 10 + code - ord("0"), rest * 100 + code - ord("A") + 10) % 97
        rest = np.where(place < lengths, grown, rest)
    countries = pc.utf8_slice_codeunits(safe, 0, 2)
    listed = _each(lambda country: country in IBAN_LENGTHS)(countries)
    wanted = np.array([IBAN_LENGTHS.get(country, 0) for country in countries.to_pylist()], np.int64)
    fits: Mask = good & (rest == 1) & (~listed | (wanted == lengths))
    return fits


#: How long the IBAN of a country is (ISO 13616, registry release 99).
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
    "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22,
    "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
    "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip


def _follows_schema(texts: pa.Array, schema: str) -> Mask:
    wanted = read_schema(schema)

    def good(text: str) -> bool:
        try:
            return accepts(wanted, loads(text))
        except (ValueError, RecursionError):
            return False

    return _each(good)(texts)


_FORMS: dict[str, Callable[[pa.Array, str], Mask]] = {
    "prefix": lambda texts, argument: flags(pc.starts_with(texts, pattern=argument)),
    "suffix": lambda texts, argument: flags(pc.ends_with(texts, pattern=argument)),
    "like": lambda texts, argument: flags(pc.match_like(texts, pattern=argument)),
    "length": _length,
    "json": lambda texts, _: _each(_reads(loads))(texts),
    "date": _is_date,
    "datetime": lambda texts, _: _of_numbers(texts, _ISO_TIME),
    "format": _of_format,
    "luhn": _luhn,
    "iban": _iban,
    "json_schema": _follows_schema,
}
