"""Columns that belong to one person, address or company: read from one record, so that they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.core.records import dataclass
from seedbed.stats.inference.made import Made, Spec
from seedbed.stats.inference.semantics import ADDRESS, COMPANY, PERSON, Meaning

_NAMED = frozenset(["first_name", "last_name", "full_name"])
_HOMES = frozenset(["street_address", "postcode", "address"])


@dataclass(frozen=True, slots=True)
class _Record:
    """A hidden column with fields that agree, and the columns of the table that are its fields."""

    name: str
    kind: str
    fields: Mapping[str, str]


def people_made(meanings: Mapping[str, Meaning], unique: frozenset[str], taken: frozenset[str], locale: Spec) -> dict[str, Made]:
    """What fills the columns that belong together; `unique` are those of which no value comes twice, `taken` the table's names.

    >>> sorted(people_made({"mail": Meaning("email"), "surname": Meaning("last_name")}, frozenset(), frozenset(), {})["mail"].hidden)
    ['person']
    """
    found: dict[str, Made] = {}
    for record in _records(meanings, taken):
        hidden = {record.name: Made({"record": {"kind": record.kind, **locale}, "hidden": True}, "fields that agree")}
        for column, part in record.fields.items():
            code = f"{record.name}.{part}"
            spec: Spec = {"type": "string", "expression": {"code": code}}
            why = f"the {part.replace('_', ' ')} of one {record.kind}"
            if column in unique and part in {"email", "user_name"}:
                spec = {"type": "string", "pattern": {"template": _address(record.name, part)}, "unique": True}
                why += "; none comes twice"
            sensitive: Spec = {"sensitivity": "PII"} if record.kind != "company" else {}
            found[column] = Made({**spec, **sensitive}, why, hidden, "the values")
    return found


def _address(person: str, part: str) -> str:
    name = f"{{{person}.user_name}}.{{row}}"
    return f"{name}@{{{person}.domain}}" if part == "email" else name


def _records(meanings: Mapping[str, Meaning], taken: frozenset[str]) -> Iterator[_Record]:
    for whose in dict.fromkeys(meaning.whose for meaning in meanings.values()):
        own = {column: meaning.kind for column, meaning in meanings.items() if meaning.whose == whose}
        kinds = set(own.values())
        is_firm = "company" in kinds and not _NAMED & kinds
        about = {
            "company": {column: COMPANY[kind] for column, kind in own.items() if is_firm and kind in COMPANY},
            "person": {column: PERSON[kind] for column, kind in own.items() if not is_firm and kind in PERSON},
            "address": {column: ADDRESS[kind] for column, kind in own.items() if _HOMES & kinds and kind in ADDRESS},
        }
        for kind, fields in about.items():
            if fields:
                yield _Record(_free("_".join([*whose, kind]), taken), kind, fields)


def _free(name: str, taken: frozenset[str]) -> str:
    while name in taken:
        name += "_record"
    return name
