"""Fields of persons: first name by sex, e-mail and user name by name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from seedbed.core.draw import Ints, below
from seedbed.core.text import string_array, take_text
from seedbed.generate.frozen.draws import choice_by_bit, top_bit
from seedbed.generate.frozen.emails import domain_of_email, email_of_parts, user_name_of_parts
from seedbed.generate.frozen.names import FIRST_SLOT, NameParts, name_parts, name_text
from seedbed.generate.frozen.templates import compiled
from seedbed.generate.records.drawn import Drawn, Field

#: A person is 18 to 79 years old on the first day of the model's timeframe: days of 18 and of 80 years of 365.25.
_YOUNGEST, _OLDEST = 6_575, 29_219

_SEXES = string_array(["female", "male"])  # the order of the frozen names


def person_parts(drawn: Drawn) -> NameParts:
    """The parts of each row's name."""
    return name_parts(drawn.home.tables, drawn.slots("name"), drawn.n)


def _first_name(drawn: Drawn) -> pa.StringArray:
    return name_text(drawn.home.tables, NameParts(first=person_parts(drawn).first))


def _last_name(drawn: Drawn) -> pa.StringArray:
    return name_text(drawn.home.tables, NameParts(last=person_parts(drawn).last))


def _full_name(drawn: Drawn) -> pa.StringArray:
    return name_text(drawn.home.tables, person_parts(drawn))


def _sex(drawn: Drawn) -> pa.StringArray:
    return take_text(_SEXES, top_bit(drawn.bits("name", FIRST_SLOT)).astype(np.int32))


def _title(drawn: Drawn) -> pa.StringArray:
    """A form of address for the sex; empty where the locale has none."""
    lists = drawn.home.tables.lists
    if "prefix_female" not in lists:
        return drawn.same("")
    counts = len(lists["prefix_female"]), len(lists["prefix_male"])
    both = pa.concat_arrays([lists["prefix_female"], lists["prefix_male"]])
    return take_text(both, choice_by_bit(drawn.bits("title", 0), counts, top_bit(drawn.bits("name", FIRST_SLOT))))


def _birth_date(drawn: Drawn) -> Ints:
    return drawn.start - _YOUNGEST - below(drawn.bits("birth", 0), _OLDEST - _YOUNGEST + 1)


def _email(drawn: Drawn) -> pa.StringArray:
    return email_of_parts(drawn.home.tables, person_parts(drawn), drawn.slots("mail"))


def _domain(drawn: Drawn) -> pa.StringArray:
    return domain_of_email(drawn.slots("mail"))


def _user_name(drawn: Drawn) -> pa.StringArray:
    return user_name_of_parts(drawn.home.tables, person_parts(drawn), drawn.slots("user"))


def phone(drawn: Drawn) -> pa.StringArray:
    """A number in the form of the locale."""
    return compiled(drawn.home.tables, "phone_number").make(drawn.slots("phone"), drawn.n)


PERSON_FIELDS: dict[str, Field] = {
    "first_name": _first_name,
    "last_name": _last_name,
    "full_name": _full_name,
    "sex": _sex,
    "gender": _sex,
    "title": _title,
    "prefix": _title,
    "birth_date": _birth_date,
    "email": _email,
    "user_name": _user_name,
    "domain": _domain,
    "phone": phone,
}
