"""Faker's methods that are patterns, computed from a rank: codes, numbers, cards, plates, addresses of machines.

Arguments are Faker's own, with the same names and defaults.
"""

from __future__ import annotations

import inspect
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any, get_type_hints

import numpy as np
import pyarrow as pa

from seedbed.core.errors import ModelError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.text import fixed_width, text_bytes
from seedbed.generate.frozen.formats import ALPHABETS as FORMAT_ALPHABETS
from seedbed.generate.frozen.tables import LocaleTables
from seedbed.generate.native import checks
from seedbed.generate.native.ranked import Alphabets, Ranked, Words, chance, equal_shares, integers, strings, with_check

MOST_CHARACTERS = 1000  # of a pattern: longer texts are no codes, and a row would cost too much
_INT64 = 1 << 63

_DIGITS = tuple(string.digits)
_DIGITS_NOT_NULL = tuple(string.digits[1:])
_HEX = tuple("0123456789abcdef")
_LETTERS = tuple(string.ascii_letters)
_NUMERIFY = {
    "#": _DIGITS,
    "%": _DIGITS_NOT_NULL,
    "$": tuple(string.digits[2:]),
    "!": (*_DIGITS, ""),
    "@": (*_DIGITS_NOT_NULL, ""),
}


# ------------------------------------------------------------------------------------------------- patterns


def bothify(text: str = "## ??", letters: str = string.ascii_letters) -> Ranked:
    """`#` a digit, `%` a digit from 1, `$` from 2, `!` and `@` a digit or nothing, `?` one of the letters."""
    return _pattern(text, {**_NUMERIFY, "?": _alphabet(letters)})


def numerify(text: str = "###") -> Ranked:
    """`#` a digit, `%` a digit from 1, `$` from 2, `!` a digit or nothing, `@` a digit from 1 or nothing."""
    return _pattern(text, _NUMERIFY)


def lexify(text: str = "????", letters: str = string.ascii_letters) -> Ranked:
    """`?` one of the letters."""
    return _pattern(text, {"?": _alphabet(letters)})


def hexify(text: str = "^^^^", *, upper: bool = False) -> Ranked:
    """`^` a hexadecimal digit."""
    return _pattern(text.upper() if upper else text, {"^": tuple("".join(_HEX).upper()) if upper else _HEX})


def uuid4() -> Ranked:
    """A random UUID, version 4 of RFC 9562, in lower case."""
    return _pattern("^^^^^^^^-^^^^-4^^^-v^^^-^^^^^^^^^^^^", {"^": _HEX, "v": ("8", "9", "a", "b")})


def hex_digest(digits: int) -> Ranked:
    """As many hexadecimal digits as a digest has."""
    return strings([_HEX] * digits)


def mac_address() -> Ranked:
    """A MAC address of one machine: the first byte is even."""
    return _pattern("^e:^^:^^:^^:^^:^^", {"^": _HEX, "e": tuple("02468ace")})


def ipv4() -> Ranked:
    """A public IPv4 address; blocks that hold private or reserved ones (RFC 6890) are left out whole."""
    reserved = {0, 10, 100, 127, 169, 172, 192, 198, 203}
    first = tuple(f"{byte}." for byte in range(224) if byte not in reserved)
    return _address(first)


def ipv4_private() -> Ranked:
    """An IPv4 address in 10.0.0.0/8."""
    return _address(("10.",))


def ipv6() -> Ranked:
    """An IPv6 address in 2001:db8::/32, which is nobody's (RFC 3849)."""
    group = [tuple("123456789abcdef"), _HEX, _HEX, _HEX]
    return strings([("2001:db8:",), *group, *(entry for _ in range(5) for entry in [(":",), *group])])


def _address(first: tuple[str, ...]) -> Ranked:
    """Three further bytes; dots keep them apart, so no two ranks give one address."""
    byte = tuple(str(number) for number in range(256))
    dotted = tuple(f"{number}." for number in byte)
    return replace(strings([first, dotted, dotted, byte]), distinct=True)


def _alphabet(letters: str) -> tuple[str, ...]:
    if not letters:
        raise ModelError("`letters` is empty", fix="give at least one letter, or leave it out")
    return tuple(letters)


def _pattern(text: str, alphabets: Mapping[str, tuple[str, ...]]) -> Ranked:
    if len(text) > MOST_CHARACTERS:
        raise ModelError(f"the pattern has {len(text)} characters, more than {MOST_CHARACTERS}", fix="shorten it")
    return strings([alphabets.get(character, (character,)) for character in text])


# -------------------------------------------------------------------------------------------------- numbers


def random_int(min: int = 0, max: int = 9999, step: int = 1) -> Ranked:  # noqa: A002 - Faker's names
    """An integer from `min` to `max`, in steps."""
    return _integers(min, max, step)


def pyint(min_value: int = 0, max_value: int = 9999, step: int = 1) -> Ranked:
    """An integer from `min_value` to `max_value`, in steps."""
    return _integers(min_value, max_value, step)


def random_number(digits: int | None = None, *, fix_len: bool = False) -> Ranked:
    """An integer of at most, or of exactly, so many digits; without `digits` from 1 to 9 of them, each as often."""
    if digits is None:
        return _numbers_of_any_length(9, fixed=fix_len)
    if not 1 <= digits <= 18:
        raise ModelError(f"`digits` is {digits}", fix="give 1 to 18: numbers have 64 bits")
    low = int(10 ** (digits - 1)) if fix_len else 0
    return integers(low, 10**digits - low)


def port_number(*, is_system: bool = False, is_user: bool = False, is_dynamic: bool = False) -> Ranked:
    """A port of TCP or UDP: of the system's (below 1024), the users' (below 49152), the dynamic ones, or any."""
    for wanted, low, high in ((is_system, 0, 1023), (is_user, 1024, 49151), (is_dynamic, 49152, 65535)):
        if wanted:
            return integers(low, high - low + 1)
    return integers(0, 65536)


def boolean(chance_of_getting_true: int = 50) -> Ranked:
    """True in so many of 100 rows."""
    return _chance("chance_of_getting_true", chance_of_getting_true)


def pybool(truth_probability: int = 50) -> Ranked:
    """True in so many of 100 rows."""
    return _chance("truth_probability", truth_probability)


def _integers(low: int, high: int, step: int) -> Ranked:
    if step < 1:
        raise ModelError(f"the step is {step}", fix="give a step of at least 1")
    if high < low:
        raise ModelError(f"the largest number, {high}, is below the smallest, {low}", fix="swap them")
    if low < -_INT64 or high >= _INT64 or high - low >= 1 << 62:
        raise ModelError(f"the numbers from {low} to {high} do not fit", fix="stay within 64 bits, at most 2**62 apart")
    return integers(low, (high - low) // step + 1, step)


def _numbers_of_any_length(longest: int, *, fixed: bool) -> Ranked:
    """Word 0 chooses the length, word 1 the number."""
    powers = np.array([10**digits for digits in range(longest + 1)], np.uint64)

    def make(words: Words) -> np.ndarray[Any, np.dtype[np.int64]]:
        digits = words[0].astype(np.intp) + 1
        low = powers[digits - 1] if fixed else np.zeros(len(digits), np.uint64)
        return (low + words[1] % (powers[digits] - low)).astype(np.int64)

    sample = integers(0, 1)
    return Ranked(sample.type, (longest, 1 << 61), distinct=False, make=make)


def _chance(name: str, percent: int) -> Ranked:
    if not 0 <= percent <= 100:
        raise ModelError(f"`{name}` is {percent}", fix="give 0 to 100, in percent")
    return chance(percent)


# ------------------------------------------------------------------------------------ numbers with a check


def ean(length: int = 13) -> Ranked:
    """An article number (EAN) of 8 or 13 digits; the last one checks the others."""
    if length not in {8, 13}:
        raise ModelError(f"an EAN has 8 or 13 digits, not {length}", fix="give 8 or 13")
    return with_check(strings([_DIGITS] * (length - 1)), checks.ean)


_VISA = ("4",)
_MASTERCARD = ("51", "52", "53", "54", "55", *map(str, range(2221, 2721)))
_DINERS = ("300", "301", "302", "303", "304", "305", "36", "38")

#: Kinds of cards by Faker's names: their first digits, none of which starts another, and their length.
CARDS: dict[str, tuple[tuple[str, ...], int]] = {
    "amex": (("34", "37"), 15),
    "diners": (_DINERS, 14),
    "discover": (("6011", "65"), 16),
    "jcb": (("35",), 16),
    "jcb15": (("1800", "2131"), 15),
    "jcb16": (("35",), 16),
    "maestro": (("5018", "5020", "5038", "56", "57", "58", "6304", "6759", "6761", "6762", "6763", "0604", "6390"), 12),
    "mastercard": (_MASTERCARD, 16),
    "visa": (_VISA, 16),
    "visa13": (_VISA, 13),
    "visa16": (_VISA, 16),
    "visa19": (_VISA, 19),
}
_ANY_CARD = ("amex", "diners", "discover", "jcb16", "mastercard", "visa16")


def credit_card_number(card_type: str | None = None) -> Ranked:
    """A card number whose last digit is right by Luhn; without a type one of the six large ones, each as often."""
    if card_type is not None and card_type not in CARDS:
        fix = did_you_mean(card_type, CARDS) or f"use one of {one_of(CARDS)}"
        raise ModelError(f"there is no card type `{card_type}`", fix=fix)
    kinds = _ANY_CARD if card_type is None else (card_type,)
    return equal_shares([_card(kind) for kind in kinds])


def credit_card_security_code(card_type: str | None = None) -> Ranked:
    """The three digits on a card's back, four on an American Express."""
    return strings([_DIGITS] * (4 if card_type == "amex" else 3))


def _card(kind: str) -> Ranked:
    prefixes, length = CARDS[kind]
    width = len(max(prefixes, key=len))
    heads = tuple(head for prefix in prefixes for head in _filled_up(prefix, width))
    return with_check(strings([heads, *[_DIGITS] * (length - width - 1)]), checks.luhn)


def _filled_up(prefix: str, width: int) -> list[str]:
    """All numbers of `width` digits that start with the prefix."""
    missing = width - len(prefix)
    return [f"{prefix}{number:0{missing}}" for number in range(10**missing)] if missing else [prefix]


#: The part of an IBAN behind the check digits, by country: `#` a digit, `?` a letter. Source: SWIFT's IBAN registry.
BBAN_FORMATS = {
    "AT": "#" * 16, "BE": "#" * 12, "CH": "#" * 17, "CZ": "#" * 20, "DE": "#" * 18, "DK": "#" * 14, "ES": "#" * 20, "FI": "#" * 14,
    "FR": "#" * 23, "GB": "????" + "#" * 14, "GR": "#" * 23, "HR": "#" * 17, "HU": "#" * 24, "IE": "????" + "#" * 14, "IL": "#" * 19,
    "IT": "?" + "#" * 22, "NL": "????" + "#" * 10, "NO": "#" * 11, "PL": "#" * 24, "PT": "#" * 21, "RO": "????" + "#" * 16,
    "SE": "#" * 20, "SK": "#" * 20, "TR": "#" * 22, "UA": "#" * 25,
}  # fmt: skip


def bban(country: str) -> Ranked:
    """A bank account number as the country writes it within an IBAN."""
    return _pattern(BBAN_FORMATS[country], FORMAT_ALPHABETS_SPLIT)


def iban(country: str) -> Ranked:
    """An IBAN with the right check digits; a check that a bank may hide inside its own number is not made."""
    body = bban(country)
    head = np.frombuffer(country.encode(), np.uint8)

    def make(words: Words) -> pa.StringArray:
        texts = body.make(words)
        data = text_bytes(texts)[1].reshape(len(texts), len(BBAN_FORMATS[country]))
        heads = np.broadcast_to(head, (len(texts), 2))
        return fixed_width(np.column_stack((heads, checks.iban(data, country), data)))

    return Ranked(body.type, body.radices, body.distinct, make)


# -------------------------------------------------------------------------------------- formats of a locale

FORMAT_ALPHABETS_SPLIT = {character: tuple(letters) for character, letters in FORMAT_ALPHABETS.items()}

#: Methods that are formats of a locale; the tables' name of each.
FORMAT_METHODS = {
    "license_plate": "license_plate",
    "phone_number": "phone_number",
    "building_number": "building_number",
    "postcode": "postcode",
    "zipcode": "postcode",
    "postalcode": "postcode",
}


def formats(texts: tuple[str, ...]) -> Ranked:
    """One of several formats, each as often; ranks are distinct where no text has two of the formats."""
    alphabets = [[FORMAT_ALPHABETS_SPLIT.get(character, (character,)) for character in text] for text in dict.fromkeys(texts)]
    made = equal_shares([strings(entries) for entries in alphabets])
    apart = not any(_overlap(one, two) for one, two in combinations(alphabets, 2))
    return replace(made, distinct=made.distinct and apart)


def _overlap(one: Alphabets, two: Alphabets) -> bool:
    return len(one) == len(two) and all(set(a) & set(b) for a, b in zip(one, two, strict=True))


# ------------------------------------------------------------------------------------------------ look-up

_BUILDERS: dict[str, Callable[..., Ranked]] = {
    "boolean": boolean,
    "bothify": bothify,
    "credit_card_number": credit_card_number,
    "credit_card_security_code": credit_card_security_code,
    "ean": ean,
    "ean13": partial(ean, 13),
    "ean8": partial(ean, 8),
    "hexify": hexify,
    "ipv4": ipv4,
    "ipv4_private": ipv4_private,
    "ipv4_public": ipv4,
    "ipv6": ipv6,
    "lexify": lexify,
    "mac_address": mac_address,
    "md5": partial(hex_digest, 32),
    "numerify": numerify,
    "port_number": port_number,
    "pybool": pybool,
    "pyint": pyint,
    "random_digit": partial(integers, 0, 10),
    "random_digit_above_two": partial(integers, 2, 8),
    "random_digit_not_null": partial(integers, 1, 9),
    "random_int": random_int,
    "random_letter": partial(strings, [_LETTERS]),
    "random_lowercase_letter": partial(strings, [tuple(string.ascii_lowercase)]),
    "random_number": random_number,
    "random_uppercase_letter": partial(strings, [tuple(string.ascii_uppercase)]),
    "sha1": partial(hex_digest, 40),
    "sha256": partial(hex_digest, 64),
    "uuid4": uuid4,
}
_BANK_METHODS: dict[str, Callable[[str], Ranked]] = {"bban": bban, "iban": iban}


#: Methods whose values depend on the locale.
LOCALE_METHODS = frozenset({*_BANK_METHODS, *FORMAT_METHODS})


def native_methods() -> tuple[str, ...]:
    """The names of all methods that are computed from ranks, sorted.

    >>> "uuid4" in native_methods()
    True
    """
    return tuple(sorted({*_BUILDERS, *_BANK_METHODS, *FORMAT_METHODS}))


def native_arguments(method: str) -> tuple[str, ...]:
    """The names of a method's arguments.

    >>> native_arguments("bothify"), native_arguments("uuid4")
    (('text', 'letters'), ())
    """
    builder = _BUILDERS.get(method)
    return () if builder is None or isinstance(builder, partial) else tuple(inspect.signature(builder).parameters)


def native(method: str, arguments: Mapping[str, object], tables: LocaleTables) -> Ranked | None:
    """The values of a method by rank; None if the method is no pattern, or not in this locale.

    Raises:
        ModelError: an argument is unknown, of the wrong type or out of range.

    >>> from seedbed.generate.frozen import locale_tables
    >>> plates = native("bothify", {"text": "DEV-####-????"}, locale_tables("en_US"))
    >>> plates.cardinality, plates.make([np.array([1], np.uint64)]).to_pylist()
    (73116160000, ['DEV-0000-aaab'])
    """
    if method in _BUILDERS:
        _check_arguments(method, arguments)
        return _BUILDERS[method](**arguments)
    country = tables.texts["current_country_code"]
    if method in _BANK_METHODS and country in BBAN_FORMATS:
        _refuse_arguments(method, arguments, ())
        return _BANK_METHODS[method](country)
    if FORMAT_METHODS.get(method, "") in tables.formats:
        _refuse_arguments(method, arguments, ())
        return formats(tables.formats[FORMAT_METHODS[method]])
    return None


def _check_arguments(method: str, arguments: Mapping[str, object]) -> None:
    known = native_arguments(method)
    _refuse_arguments(method, arguments, known)
    hints = get_type_hints(_BUILDERS[method]) if known else {}
    for name, value in arguments.items():
        if not _fits(value, hints[name]):
            wanted = str(getattr(hints[name], "__name__", hints[name])).replace("str", "text").replace("int", "a whole number")
            raise ModelError(f"`{name}` of `{method}` is {value!r}", fix=f"give {wanted}")


def _fits(value: object, hint: Any) -> bool:
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, hint)


def _refuse_arguments(method: str, arguments: Mapping[str, object], known: tuple[str, ...]) -> None:
    unknown = [name for name in arguments if name not in known]
    if not unknown:
        return
    takes = f"it takes {one_of(known)}" if known else "it takes none"
    raise ModelError(f"`{method}` has no argument `{unknown[0]}`", fix=did_you_mean(unknown[0], known) or takes)
