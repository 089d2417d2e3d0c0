"""Names, addresses, companies, phones, jobs and e-mails from frozen tables."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.core.draw import Key, draw_bits
from seedbed.core.errors import ModelError
from seedbed.core.text import string_array
from seedbed.generate.frozen import (
    DERIVED_METHODS,
    NAME_METHODS,
    NameParts,
    Sex,
    country_codes,
    email_of_parts,
    email_of_text,
    frozen_methods,
    frozen_text,
    is_frozen,
    local_part,
    locale_of_country,
    locale_tables,
    locales,
    name_parts,
    name_text,
)
from seedbed.generate.frozen.emails import DOMAINS, company_email_of_parts, user_name_of_parts
from seedbed.generate.frozen.names import part_texts
from seedbed.generate.frozen.tables import TABLES_FILE, TABLES_SHA256, fallback_countries, tables_hash

GOLDEN = Path(__file__).with_name("frozen_digests.json")
Bits = Callable[[int], NDArray[np.uint64]]


def addressed(n: int, key: Key = Key(1, 2), start: int = 0) -> Bits:  # noqa: B008 - a frozen value
    return lambda slot: draw_bits(key, range(start, start + n), slot)


def texts(method: str, locale: str, n: int, start: int = 0) -> list[str]:
    return list(frozen_text(method, locale_tables(locale), addressed(n, start=start), n).to_pylist())


def golden_digests() -> dict[str, dict[str, str]]:
    """The start of the digest of 300 values, by locale and method."""
    methods = {locale: [method for method in frozen_methods() if is_frozen(method, locale_tables(locale))] for locale in locales()}
    return {locale: {method: _digest(texts(method, locale, 300)) for method in known} for locale, known in methods.items()}


def _digest(values: list[str]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12]


# ---------------------------------------------------------------------------------------------- the tables


def test_the_tables_are_the_ones_the_code_was_written_for() -> None:
    assert tables_hash() == TABLES_SHA256
    assert TABLES_FILE.stat().st_size < 4_000_000


def test_there_are_many_locales() -> None:
    assert len(locales()) >= 40
    assert list(locales()) == sorted(set(locales()))


def test_the_docs_name_every_locale() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "faker.md").read_text()
    assert set(re.findall(r"\b[a-z]{2}_[A-Z]{2}\b", page)) == set(locales())


@pytest.mark.parametrize("locale", locales())
def test_lists_are_sorted_and_without_duplicates(locale: str) -> None:
    for name, values in locale_tables(locale).lists.items():
        entries = values.to_pylist()
        assert entries, name
        if not name.endswith("_ascii"):
            assert entries == sorted(set(entries)), name
        else:
            assert all(re.fullmatch("[a-z]+", entry) for entry in entries), name
            assert len(entries) == len(locale_tables(locale).lists[name.removesuffix("_ascii")])


@pytest.mark.parametrize("locale", locales())
def test_every_locale_composes_every_core_method(locale: str) -> None:
    tables = locale_tables(locale)
    wanted = {*NAME_METHODS, *DERIVED_METHODS, "address", "street_address", "street_name", "city", "state", "postcode", "zipcode"}
    wanted |= {"country", "current_country", "company", "job", "phone_number", "building_number", "domain_name", "country_code"}
    for method in sorted(wanted):
        assert is_frozen(method, tables), method
        values = texts(method, locale, 50)
        assert all(value and value == value.strip() and "{" not in value and "\n" not in value for value in values), (method, values)


def test_values_are_as_they_were() -> None:
    """A changed digest changes data that users may have pinned: name it in the changelog, then run this file to rewrite it."""
    assert golden_digests() == json.loads(GOLDEN.read_text())


def test_an_unknown_locale_is_refused_with_the_nearest() -> None:
    with pytest.raises(ModelError, match="did you mean `de_DE`"):
        locale_tables("de_DF")


def test_a_locale_may_be_written_with_a_hyphen() -> None:
    assert locale_tables("pt-BR") is locale_tables("pt_BR")


# ------------------------------------------------------------------------------------------------ countries


def test_every_country_has_a_locale_by_any_of_its_names() -> None:
    assert len(country_codes()) > 240
    assert all(locale_of_country(code) in locales() for code in country_codes())


@pytest.mark.parametrize(
    ("value", "locale"),
    [
        ("DE", "de_DE"),
        (" fr ", "fr_FR"),
        ("GBR", "en_GB"),
        ("united states", "en_US"),
        ("Czech Republic", "cs_CZ"),
        ("NO", "no_NO"),
        ("BE", "nl_BE"),
        ("CH", "de_CH"),
        ("UY", "es_MX"),
        ("AO", "pt_PT"),
        ("zh_TW", "zh_TW"),
        ("de-AT", "de_AT"),
        ("Iceland", "en_US"),
    ],
)
def test_a_country_gets_the_locale_that_fits(value: str, locale: str) -> None:
    assert locale_of_country(value) == locale


def test_an_unknown_country_has_no_locale() -> None:
    assert locale_of_country("Atlantis") is None
    assert locale_of_country("") is None


def test_countries_without_a_language_of_ours_are_named() -> None:
    assert "IS" in fallback_countries()
    assert all(locale_of_country(code) == "en_US" for code in fallback_countries())


# ---------------------------------------------------------------------------------------------------- rows


@given(
    cut=st.integers(1, 99),
    locale=st.sampled_from(locales()),
    method=st.sampled_from(("name", "email", "address", "company", "phone_number")),
)
def test_a_row_does_not_depend_on_the_block_it_is_made_in(cut: int, locale: str, method: str) -> None:
    assert texts(method, locale, cut) + texts(method, locale, 100 - cut, start=cut) == texts(method, locale, 100)


@pytest.mark.parametrize("method", ["name", "email", "address", "street_address", "company", "phone_number", "user_name"])
def test_distinct_values_grow_with_the_rows(method: str) -> None:
    few, many = (len(set(texts(method, "en_US", n))) for n in (1_000, 30_000))
    assert few > 900
    assert many > 15 * few


def test_no_rows_give_no_values() -> None:
    for method in filter(lambda method: is_frozen(method, locale_tables("en_US")), frozen_methods()):
        assert texts(method, "en_US", 0) == []


def test_a_method_that_a_locale_lacks_is_said_to_be_missing() -> None:
    assert not is_frozen("state_abbr", locale_tables("fr_FR"))
    assert not is_frozen("uuid4", locale_tables("fr_FR"))
    assert is_frozen("prefix", locale_tables("de_DE"))
    assert set(texts("prefix", "de_DE", 200)) >= {"Frau", "Herr"}


def test_postcodes_keep_their_formats() -> None:
    assert all(re.fullmatch(r"\d{5}", code) for code in texts("postcode", "en_US", 500))
    assert all(re.fullmatch(r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}", code) for code in texts("postcode", "en_GB", 500))
    assert all(re.fullmatch(r"[A-Z]\d[A-Z] \d[A-Z]\d", code) for code in texts("zipcode", "en_CA", 500))


def test_all_digits_of_a_phone_number_are_drawn() -> None:
    numbers = np.array([list(number[-4:]) for number in texts("phone_number", "en_US", 4_000)])
    for column in numbers.T:
        counts = np.unique(column, return_counts=True)[1]
        assert len(counts) == 10
        assert counts.min() > 300


def test_names_are_written_in_the_order_of_the_locale() -> None:
    tables = locale_tables("ja_JP")
    parts = name_parts(tables, addressed(20), 20)
    assert parts.first is not None
    assert parts.last is not None
    firsts, lasts = (part_texts(tables, part).texts for part in ("first", "last"))
    expected = [f"{lasts[int(last)]} {firsts[int(first)]}" for first, last in zip(parts.first, parts.last, strict=True)]
    assert name_text(tables, parts).to_pylist() == expected


@pytest.mark.parametrize("sex", [Sex.FEMALE, Sex.MALE])
def test_surnames_and_patronymics_agree_with_the_first_name(sex: Sex) -> None:
    tables = locale_tables("ru_RU")
    for last, first, middle in (name.split(" ") for name in name_text(tables, name_parts(tables, addressed(300), 300, sex)).to_pylist()):
        suffix = "female" if sex is Sex.FEMALE else "male"
        assert first in tables.lists[f"first_{suffix}"].to_pylist()
        assert last in tables.lists[f"last_{suffix}"].to_pylist()
        assert middle in tables.lists[f"middle_{suffix}"].to_pylist()


def test_half_of_the_names_are_women_s() -> None:
    women = set(locale_tables("ru_RU").lists["first_female"].to_pylist())
    share = sum(name in women for name in texts("first_name", "ru_RU", 4_000)) / 4_000
    assert abs(share - 0.5) < 0.03  # four standard deviations of 4,000 fair coins


def test_spaniards_have_two_surnames() -> None:
    assert all(len(name.split(" ")) >= 3 for name in texts("name", "es_ES", 200))


# ------------------------------------------------------------------------------------------------- e-mails


@pytest.mark.parametrize("locale", locales())
def test_an_email_is_of_the_row_s_own_name(locale: str) -> None:
    tables = locale_tables(locale)
    parts = name_parts(tables, addressed(200), 200)
    assert parts.first is not None
    assert parts.last is not None
    firsts, lasts = (part_texts(tables, part).folded for part in ("first", "last"))
    assert firsts is not None
    assert lasts is not None
    emails = email_of_parts(tables, parts, addressed(200, Key(3, 4))).to_pylist()
    for email, first, last in zip(emails, parts.first, parts.last, strict=True):
        local, _, domain = email.partition("@")
        assert local.rstrip("0123456789") == f"{firsts[int(first)]}.{lasts[int(last)]}"
        assert domain in DOMAINS


def test_emails_are_unique_with_a_number_each() -> None:
    tables = locale_tables("ko_KR")
    n = 50_000
    for write in (email_of_parts, company_email_of_parts, user_name_of_parts):
        made = write(tables, name_parts(tables, addressed(n), n), addressed(n), np.arange(n, dtype=np.uint64))
        assert len(set(made.to_pylist())) == n


def test_an_email_can_be_of_half_a_name() -> None:
    tables = locale_tables("en_US")
    first = NAME_METHODS["first_name"](tables, addressed(3), 3)
    last = NAME_METHODS["last_name"](tables, addressed(3), 3)
    assert all("." not in email.split("@")[0] for email in email_of_parts(tables, first, addressed(3)).to_pylist())
    assert all(email.split("@")[0].isalnum() for email in email_of_parts(tables, last, addressed(3)).to_pylist())
    assert len(user_name_of_parts(tables, first, addressed(3))) == 3
    with pytest.raises(ValueError, match="first or a last name"):
        email_of_parts(tables, NameParts(), addressed(3))


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("Ada Lovelace", "ada.lovelace"),
        ("  José   Núñez ", "jose.nunez"),
        ("Anne-Marie O'Neill", "annemarie.oneill"),
        ("Дмитрий Щукин", "dmitriy.shchukin"),
        ("Γιώργος", "giorgos"),
        ("Nguyễn Văn Ánh", "nguyen.van.anh"),
        ("山田 太郎", "user"),
        ("李\u3000Wei", "wei"),
        ("R2 D2", "r2.d2"),
        ("...", "user"),
        ("", "user"),
        ("😀 Tom\tTwo", "tom.two"),
        ("a . b", "a.b"),
        ("a\u00a0b", "a.b"),
    ],
)
def test_any_name_becomes_the_local_part_of_an_email(name: str, local: str) -> None:
    assert local_part(string_array([name])).to_pylist() == [local]


@given(st.lists(st.text(max_size=12), max_size=12))
def test_local_parts_of_any_text_are_letters_digits_and_single_dots(names: list[str]) -> None:
    names = [name.encode("utf-8", "ignore").decode() for name in names]
    made = local_part(string_array(names)).to_pylist()
    assert len(made) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*", local) for local in made)
    assert made == [local_part(string_array([name])).to_pylist()[0] for name in names]


def test_nulls_and_slices_of_names_are_read_right() -> None:
    names = pa.array(["x", "Ada B", None, "Zoë"], pa.string()).slice(1)
    assert local_part(names).to_pylist() == ["ada.b", "user", "zoe"]


def test_emails_of_texts_are_unique_with_a_number_each_even_after_digits() -> None:
    names = string_array(["Anna 1", "Anna 11", "Anna", "Anna"])
    numbers = np.array([12, 2, 1, 112], np.uint64)
    made = email_of_text(names, addressed(4), numbers, domains=("example.com",)).to_pylist()
    assert made == ["anna.1.12@example.com", "anna.11.2@example.com", "anna1@example.com", "anna112@example.com"]


def test_only_domains_that_nobody_owns_appear() -> None:
    for method in ("email", "safe_email", "free_email", "company_email"):
        hosts = {email.partition("@")[2] for email in texts(method, "de_DE", 2_000)}
        assert all(re.search(r"(^|\.)example(\.com|\.net|\.org)?$", host) for host in hosts), hosts
    assert all(name.endswith(".example") for name in texts("domain_name", "de_DE", 500))


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden_digests(), indent=1) + "\n")
