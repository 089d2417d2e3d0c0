"""Codes, numbers, cards and plates made of their rank."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.block import ColumnType
from seedbed.core.draw import Key, below, draw_bits
from seedbed.core.errors import ModelError
from seedbed.core.permute import Permutation
from seedbed.generate.frozen import locale_tables, locales
from seedbed.generate.native import Ranked, equal_shares, native, native_arguments, native_methods, strings

GOLDEN = Path(__file__).with_name("native_digests.json")
ENGLISH = locale_tables("en_US")


def ranked(method: str, locale: str = "en_US", **arguments: object) -> Ranked:
    found = native(method, arguments, locale_tables(locale))
    assert found is not None
    return found


def drawn(values: Ranked, n: int, key: Key = Key(5, 6)) -> list[object]:  # noqa: B008 - a frozen value
    """Plain values: every word drawn."""
    words = [below(draw_bits(key, range(n), slot), radix).view(np.uint64) for slot, radix in enumerate(values.radices)]
    return _listed(values, words)


def unique(values: Ranked, n: int) -> list[object]:
    """Values of a column without duplicates: the first word is a permutation's, the others are drawn."""
    words = [below(draw_bits(Key(5, 6), range(n), slot), radix).view(np.uint64) for slot, radix in enumerate(values.radices)]
    words[0] = Permutation(Key(7, 8), values.radices[0]).forward(np.arange(n)).view(np.uint64)
    return _listed(values, words)


def _listed(values: Ranked, words: list[np.ndarray[tuple[int], np.dtype[np.uint64]]]) -> list[object]:
    made = values.make(words)
    assert isinstance(made, pa.StringArray) == (values.type is ColumnType.STRING)
    return list(made.to_pylist() if isinstance(made, pa.StringArray) else made.tolist())


def golden_digests() -> dict[str, str]:
    """The start of the digest of 300 values a method."""
    methods = {method: native(method, {}, locale_tables("de_DE")) for method in native_methods()}
    found = {method: drawn(values, 300) for method, values in methods.items() if values is not None}
    return {method: hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12] for method, values in found.items()}


def test_values_are_as_they_were() -> None:
    """A changed digest changes data that users may have pinned: name it in the changelog, then run this file to rewrite it."""
    assert golden_digests() == json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("method", native_methods())
def test_no_rows_give_no_values(method: str) -> None:
    assert drawn(ranked(method, "de_DE"), 0) == []


# ------------------------------------------------------------------------------------------------- unique


NEVER_UNIQUE = {"boolean", "pybool", "random_number"}


@pytest.mark.parametrize("method", sorted(set(native_methods()) - NEVER_UNIQUE))
def test_permuted_ranks_give_no_duplicate(method: str) -> None:
    values = ranked(method, "de_DE")
    assert values.cardinality is not None
    n = min(20_000, values.cardinality)
    assert len(set(unique(values, n))) == n


@pytest.mark.parametrize("locale", locales())
def test_plates_and_phone_numbers_of_every_locale_can_be_unique(locale: str) -> None:
    for method in ("license_plate", "phone_number"):
        values = ranked(method, locale)
        assert values.cardinality is not None
        assert values.cardinality > 100_000
        assert len(set(unique(values, 5_000))) == 5_000


@pytest.mark.parametrize(
    ("text", "count"), [("##", 100), ("%#", 90), ("$", 8), ("a-?", 52), ("#?", 520), ("x", 1), ("#" * 12, 10**12), ("%!", 99), ("ä#", 10)]
)
def test_the_number_of_values_is_exact(text: str, count: int) -> None:
    assert ranked("bothify", text=text).cardinality == count


@given(text=st.text(alphabet="#%$?-Ä", min_size=1, max_size=3), letters=st.text(alphabet="abcä", min_size=1, max_size=3))
def test_all_ranks_together_are_all_values(text: str, letters: str) -> None:
    values = ranked("bothify", text=text, letters="".join(dict.fromkeys(letters)))
    assert values.cardinality is not None
    made = _listed(values, [np.arange(values.cardinality, dtype=np.uint64)])
    assert len(set(made)) == values.cardinality


def test_texts_that_come_of_two_ranks_cannot_be_unique() -> None:
    assert ranked("numerify", text="!!").cardinality is None
    assert ranked("lexify", letters="aab").cardinality is None
    assert ranked("random_number").cardinality is None
    assert ranked("boolean").cardinality is None


def test_patterns_beyond_64_bits_have_several_words() -> None:
    values = ranked("numerify", text="#" * 60)
    assert len(values.radices) == 4
    assert all(radix <= 2**62 for radix in values.radices)
    assert len(set(unique(values, 10_000))) == 10_000
    counts = [len(set(column)) for column in zip(*map(str, drawn(values, 500)), strict=True)]
    assert counts == [10] * 60


def test_kinds_with_equal_shares_reach_all_their_values() -> None:
    values = equal_shares([strings([("a", "b")]), strings([tuple("0123456789")])])
    made = drawn(values, 20_000)
    assert set(made) == set("ab0123456789")
    assert abs(sum(value in "ab" for value in map(str, made)) / 20_000 - 0.5) < 0.02


# ------------------------------------------------------------------------------------------------- right


def luhn_holds(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def test_card_numbers_are_right_by_luhn_and_begin_as_their_kind() -> None:
    assert all(luhn_holds(str(number)) for number in drawn(ranked("credit_card_number"), 3_000))
    starts = {"amex": "3[47]", "visa": "4", "mastercard": "(5[1-5]|2[2-7])", "discover": "6(011|5)", "diners": "3(0[0-5]|6|8)", "jcb": "35"}
    lengths = {"amex": 15, "visa": 16, "mastercard": 16, "discover": 16, "diners": 14, "jcb": 16, "visa13": 13, "visa19": 19, "maestro": 12}
    for kind, length in lengths.items():
        numbers = [str(number) for number in drawn(ranked("credit_card_number", card_type=kind), 300)]
        assert all(luhn_holds(number) and len(number) == length for number in numbers)
        assert all(re.match(starts.get(kind, ""), number) for number in numbers)


def test_article_numbers_have_the_right_last_digit() -> None:
    for method, length in (("ean", 13), ("ean13", 13), ("ean8", 8)):
        for number in map(str, drawn(ranked(method), 500)):
            assert len(number) == length
            assert sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(reversed(number))) % 10 == 0


@pytest.mark.parametrize("locale", ["de_DE", "en_GB", "fr_FR", "it_IT", "nl_NL", "ro_RO"])
def test_ibans_have_the_right_check_digits(locale: str) -> None:
    for number in map(str, drawn(ranked("iban", locale), 300)):
        turned = number[4:] + number[:4]
        assert int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
        assert number.startswith(locale[-2:])
    assert len(str(drawn(ranked("bban", locale), 1)[0])) == len(str(drawn(ranked("iban", locale), 1)[0])) - 4


def test_uuids_are_of_version_4() -> None:
    for text in map(str, drawn(ranked("uuid4"), 500)):
        known = uuid.UUID(text)
        assert str(known) == text
        assert known.version == 4
        assert known.variant == uuid.RFC_4122


def test_addresses_of_machines_are_what_they_say() -> None:
    assert all(ipaddress.IPv4Address(str(text)).is_global for text in drawn(ranked("ipv4"), 2_000))
    assert all(ipaddress.IPv4Address(str(text)).is_private for text in drawn(ranked("ipv4_private"), 500))
    assert all(str(ipaddress.IPv6Address(str(text))) == text for text in drawn(ranked("ipv6"), 500))
    assert all(int(str(text)[:2], 16) % 2 == 0 for text in drawn(ranked("mac_address"), 500))


def test_numbers_stay_within_their_limits() -> None:
    assert set(drawn(ranked("random_int", min=-3, max=4, step=3), 500)) == {-3, 0, 3}
    assert set(drawn(ranked("pyint", min_value=5, max_value=5), 10)) == {5}
    assert set(drawn(ranked("random_digit"), 500)) == set(range(10))
    assert set(drawn(ranked("random_digit_not_null"), 500)) == set(range(1, 10))
    assert set(drawn(ranked("random_digit_above_two"), 500)) == set(range(2, 10))
    assert {len(str(number)) for number in drawn(ranked("random_number", digits=4, fix_len=True), 500)} == {4}
    assert {len(str(number)) for number in drawn(ranked("random_number", fix_len=True), 2_000)} == set(range(1, 10))
    assert all(1024 <= int(str(port)) < 49_152 for port in drawn(ranked("port_number", is_user=True), 500))
    assert ranked("random_int", min=-(2**61), max=2**61 - 1).cardinality == 2**62


def test_truth_comes_as_often_as_asked() -> None:
    assert abs(sum(map(bool, drawn(ranked("boolean", chance_of_getting_true=20), 10_000))) / 10_000 - 0.2) < 0.016  # 4 standard deviations
    assert set(drawn(ranked("pybool", truth_probability=100), 50)) == {True}
    assert set(drawn(ranked("boolean", chance_of_getting_true=0), 50)) == {False}


def test_patterns_are_filled_in() -> None:
    shapes = {
        ("bothify", "DEV-####-????"): r"DEV-\d{4}-[A-Za-z]{4}",
        ("numerify", "%#$-!@"): r"[1-9]\d[2-9]-\d?[1-9]?",
        ("lexify", "a?#"): r"a[A-Za-z]#",
        ("hexify", "0x^^^"): r"0x[0-9a-f]{3}",
    }
    for (method, text), shape in shapes.items():
        assert all(re.fullmatch(shape, str(value)) for value in drawn(ranked(method, text=text), 500))
    assert all(re.fullmatch(r"[0-9A-F]{4}", str(value)) for value in drawn(ranked("hexify", upper=True), 500))
    assert set(drawn(ranked("lexify", text="?", letters="äxé"), 300)) == set("äxé")
    assert drawn(ranked("bothify", text=""), 2) == ["", ""]


# ------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("bothify", {"txt": "#"}, "did you mean `text`"),
        ("bothify", {"text": 3}, "give text"),
        ("uuid4", {"cast_to": "str"}, "it takes none"),
        ("license_plate", {"text": "A"}, "no argument `text`"),
        ("iban", {"country": "DE"}, "no argument `country`"),
        ("random_int", {"min": 5, "max": 1}, "swap them"),
        ("random_int", {"step": 0}, "at least 1"),
        ("random_int", {"min": True}, "a whole number"),
        ("random_int", {"max": 2**63}, "64 bits"),
        ("random_number", {"digits": 19}, "1 to 18"),
        ("lexify", {"letters": ""}, "at least one letter"),
        ("numerify", {"text": "#" * 1001}, "shorten it"),
        ("ean", {"length": 12}, "8 or 13"),
        ("boolean", {"chance_of_getting_true": 101}, "0 to 100"),
        ("credit_card_number", {"card_type": "vsa"}, "did you mean `visa`"),
        ("credit_card_number", {"card_type": "qqqqq"}, "use one of"),
    ],
)
def test_wrong_arguments_are_refused_with_a_remedy(method: str, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        native(method, arguments, locale_tables("de_DE"))


def test_what_is_no_pattern_is_left_to_others() -> None:
    assert native("name", {}, ENGLISH) is None
    assert native("iban", {}, ENGLISH) is None  # the United States have none
    assert native("postcode", {}, locale_tables("en_GB")) is None  # made of a list of districts


def test_the_arguments_of_a_method_are_known() -> None:
    assert native_arguments("random_int") == ("min", "max", "step")
    assert native_arguments("iban") == ()


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden_digests(), indent=1) + "\n")
