"""Faker's methods that frozen tables answer: a function per method, from draws to strings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa

from seedbed.core.text import string_array, take_text
from seedbed.generate.frozen.draws import Bits, choice
from seedbed.generate.frozen.emails import (
    FREE_DOMAINS,
    SAFE_DOMAINS,
    company_email_of_parts,
    domain_name,
    email_of_parts,
    user_name_of_parts,
)
from seedbed.generate.frozen.names import NameParts, Sex, first_parts, last_parts, name_parts, name_text
from seedbed.generate.frozen.tables import LocaleTables, country_codes
from seedbed.generate.frozen.templates import compiled, has_concept

FrozenMethod = Callable[[LocaleTables, Bits, int], pa.StringArray]
PartsMethod = Callable[[LocaleTables, Bits, int], NameParts]

#: Methods whose values are names or parts of names; an e-mail can be made of the same parts.
NAME_METHODS: dict[str, PartsMethod] = {
    "name": name_parts,
    "name_female": partial(name_parts, sex=Sex.FEMALE),
    "name_male": partial(name_parts, sex=Sex.MALE),
    "name_nonbinary": name_parts,
    "first_name": first_parts,
    "first_name_female": partial(first_parts, sex=Sex.FEMALE),
    "first_name_male": partial(first_parts, sex=Sex.MALE),
    "first_name_nonbinary": first_parts,
    "last_name": last_parts,
    "last_name_female": partial(last_parts, sex=Sex.FEMALE),
    "last_name_male": partial(last_parts, sex=Sex.MALE),
    "last_name_nonbinary": last_parts,
}

#: Methods that write a person's name; they take the parts of a name column where there is one, and draw their own elsewhere.
DERIVED_METHODS: dict[str, Callable[..., pa.StringArray]] = {
    "email": email_of_parts,
    "ascii_email": email_of_parts,
    "safe_email": partial(email_of_parts, domains=SAFE_DOMAINS),
    "ascii_safe_email": partial(email_of_parts, domains=SAFE_DOMAINS),
    "free_email": partial(email_of_parts, domains=FREE_DOMAINS),
    "ascii_free_email": partial(email_of_parts, domains=FREE_DOMAINS),
    "company_email": company_email_of_parts,
    "ascii_company_email": company_email_of_parts,
    "user_name": user_name_of_parts,
}

#: Methods that are a template, a format or a list of the locale, by the name it has in the tables.
CONCEPTS = {
    "address": "address",
    "street_address": "street_address",
    "street_name": "street_name",
    "building_number": "building_number",
    "city": "city",
    "state": "state",
    "administrative_unit": "state",
    "state_abbr": "state_abbr",
    "postcode": "postcode",
    "zipcode": "postcode",
    "postalcode": "postcode",
    "country": "country",
    "company": "company",
    "company_suffix": "company_suffix",
    "job": "job",
    "phone_number": "phone_number",
    "suffix": "suffix",
    "prefix_female": "prefix_female",
    "prefix_male": "prefix_male",
}


def frozen_methods() -> tuple[str, ...]:
    """The names of all methods that some locale answers from frozen tables, sorted.

    >>> "phone_number" in frozen_methods()
    True
    """
    return tuple(sorted(_METHODS))


def is_frozen(method: str, tables: LocaleTables) -> bool:
    """Whether this locale answers the method; `state_abbr`, for one, exists only where states have abbreviations.

    >>> from seedbed.generate.frozen import locale_tables
    >>> is_frozen("state_abbr", locale_tables("en_US")), is_frozen("state_abbr", locale_tables("fr_FR"))
    (True, False)
    """
    if method == "prefix":
        return has_concept(tables, "prefix_female")
    return method in _METHODS and has_concept(tables, CONCEPTS.get(method, "name"))


def frozen_text(method: str, tables: LocaleTables, bits: Bits, n: int) -> pa.StringArray:
    """Make n strings of a method, shape (n,); each row depends on its own draws alone.

    Raises:
        KeyError: the locale has no such method; ask `is_frozen` first.

    >>> from seedbed.generate.frozen import locale_tables
    >>> frozen_text("city", locale_tables("de_DE"), lambda slot: np.array([0, 2**63], np.uint64), 2).to_pylist()
    ['Aachen', 'Kulmbach']
    """
    return _METHODS[method](tables, bits, n)


def _named(parts_of: PartsMethod, tables: LocaleTables, bits: Bits, n: int) -> pa.StringArray:
    return name_text(tables, parts_of(tables, bits, n))


def _derived(text_of: Callable[..., pa.StringArray], tables: LocaleTables, bits: Bits, n: int) -> pa.StringArray:
    return text_of(tables, name_parts(tables, bits, n), bits)


def _concept(concept: str, tables: LocaleTables, bits: Bits, n: int) -> pa.StringArray:
    return compiled(tables, concept).make(bits, n)


def _prefix(tables: LocaleTables, bits: Bits, _n: int) -> pa.StringArray:
    both = pa.concat_arrays([tables.lists["prefix_female"], tables.lists["prefix_male"]])
    return take_text(both, choice(bits(0), len(both)))


def _country_code(_tables: LocaleTables, bits: Bits, _n: int) -> pa.StringArray:
    return take_text(string_array(country_codes()), choice(bits(0), len(country_codes())))


def _constant(name: str, tables: LocaleTables, _bits: Bits, n: int) -> pa.StringArray:
    return take_text(string_array([tables.texts[name]]), np.zeros(n, np.int32))


_METHODS: dict[str, FrozenMethod] = {
    **{method: partial(_named, parts_of) for method, parts_of in NAME_METHODS.items()},
    **{method: partial(_derived, text_of) for method, text_of in DERIVED_METHODS.items()},
    **{method: partial(_concept, concept) for method, concept in CONCEPTS.items()},
    "prefix": _prefix,
    "domain_name": domain_name,
    "country_code": _country_code,
    "current_country": partial(_constant, "current_country"),
    "current_country_code": partial(_constant, "current_country_code"),
}
