"""Fields of companies: the name holds the legal form, the domain is made of the name, the tax number has the country's form."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.records import dataclass
from seedbed.core.text import join_text, string_array, string_scalar, take_text
from seedbed.generate.frozen.draws import Index, choice
from seedbed.generate.frozen.emails import local_of_last
from seedbed.generate.frozen.formats import fill
from seedbed.generate.frozen.names import Sex, last_parts, part_texts
from seedbed.generate.records.drawn import Drawn, Field
from seedbed.generate.records.homes import read_lines
from seedbed.generate.records.persons import phone

_MAILBOXES = string_array(["info", "contact", "office", "hello", "sales"])


@dataclass(frozen=True, slots=True, eq=False)
class _Style:
    """What companies of a locale are called."""

    forms: pa.StringArray
    names: tuple[str, ...]


@cache
def _styles() -> dict[str, _Style]:
    rows = (line.split("|") for line in read_lines("companies"))
    return {locale: _Style(string_array(forms.split(";")), tuple(names.split(";"))) for locale, forms, names in rows}


@cache
def _tax_numbers() -> dict[str, str]:
    return {line.partition("|")[0]: line.partition("|")[2] for line in read_lines("tax_numbers")}


def _form_index(drawn: Drawn) -> Index:
    return choice(drawn.bits("form", 0), len(_styles()[drawn.home.locale].forms))


def _legal_form(drawn: Drawn) -> pa.StringArray:
    return take_text(_styles()[drawn.home.locale].forms, _form_index(drawn))


def _last(drawn: Drawn, slot: int) -> pa.StringArray:
    """Family names, the one of slot 0 being what the domain is made of."""
    tables = drawn.home.tables
    index = _last_index(drawn, slot)
    return take_text(part_texts(tables, "last").texts, index)


def _last_index(drawn: Drawn, slot: int) -> Index:
    found = last_parts(drawn.home.tables, lambda _: drawn.bits("company", slot), drawn.n, Sex.MALE).last
    assert found is not None
    return found


def _name(drawn: Drawn) -> pa.StringArray:
    """The patterns of the locale, each one's rows written together."""
    style = _styles()[drawn.home.locale]
    which = choice(drawn.bits("pattern", 0), len(style.names))
    parts = {"last": _last(drawn, 0), "other": _last(drawn, 1), "form": _legal_form(drawn)}
    order = np.argsort(which, kind="stable")
    ends = np.searchsorted(which[order], np.arange(len(style.names) + 1))
    made = [_written(style.names[i], parts, order[ends[i] : ends[i + 1]].astype(np.int32)) for i in range(len(style.names))]
    back = np.empty(drawn.n, np.int32)
    back[order] = np.arange(drawn.n, dtype=np.int32)
    return take_text(pa.concat_arrays(made), back)


def _written(pattern: str, parts: dict[str, pa.StringArray], rows: NDArray[np.int32]) -> pa.StringArray:
    texts = re.split(r"\{(\w+)\}", pattern)
    pieces = [take_text(parts[text], rows) if place % 2 else string_scalar(text) for place, text in enumerate(texts) if text]
    return join_text(*pieces)


def _domain(drawn: Drawn) -> pa.StringArray:
    return join_text(take_text(local_of_last(drawn.home.tables), _last_index(drawn, 0)), string_scalar(".example"))


def _email(drawn: Drawn) -> pa.StringArray:
    mailbox = take_text(_MAILBOXES, choice(drawn.bits("mail", 0), len(_MAILBOXES)))
    return join_text(mailbox, string_scalar("@"), _domain(drawn))


def _vat_id(drawn: Drawn) -> pa.StringArray:
    """The country's form filled in; empty where it is not known."""
    form = _tax_numbers().get(drawn.home.code)
    return drawn.same("") if form is None else fill((form,), drawn.slots("vat"), 0, drawn.n)


COMPANY_FIELDS: dict[str, Field] = {
    "name": _name,
    "legal_form": _legal_form,
    "domain": _domain,
    "email": _email,
    "phone": phone,
    "vat_id": _vat_id,
}
