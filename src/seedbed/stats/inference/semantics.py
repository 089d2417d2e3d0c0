"""What texts mean, by their column's name and by what they look like: names, addresses, e-mails, numbers of cards."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from seedbed.core import compute as pc
from seedbed.core.records import dataclass
from seedbed.stats.relations.names import words
from seedbed.stats.relations.vocabulary import PEOPLE, ROLES
from seedbed.stats.values import kind_of

#: The share of texts that must have the form.
_MOST = 0.9

_NAME = r"^[\p{L}][\p{L}\p{M}'’.\- ]{0,60}$"  # noqa: RUF001 - an apostrophe in names
_ANY = r"^.{1,120}$"

#: Forms that tell what a text is whatever its column's name.
_BY_VALUE = (
    ("uuid", r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"),
    ("email", r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"),
    ("url", r"^(https?|ftp)://\S+$"),
    ("ipv4", r"^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$"),
    ("mac", r"^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$"),
    ("ipv6", r"^[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){3,7}$"),
    ("iban", r"^[A-Z]{2}[0-9]{2} ?([A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}$"),
)

#: What a column's words say, and the form that the texts must then have; the first that fits counts.
_BY_NAME: tuple[tuple[str, tuple[tuple[str, ...], ...], str], ...] = (
    ("email", (("email",), ("mail",), ("e", "mail")), r"@"),
    ("phone", (("phone",), ("mobile",), ("fax",), ("telephone",), ("tel",), ("cell",)), r"^[+0-9(][0-9 ()./x+-]{4,30}$"),
    ("first_name", (("first", "name"), ("firstname",), ("given", "name"), ("forename",), ("fname",)), _NAME),
    ("last_name", (("last", "name"), ("lastname",), ("surname",), ("family", "name"), ("lname",)), _NAME),
    ("user_name", (("user", "name"), ("username",), ("login",), ("nickname",), ("handle",)), r"^\S{2,40}$"),
    ("full_name", (("full", "name"), ("fullname",), ("person", "name"), ("contact", "name"), ("display", "name")), _NAME),
    ("company", (("company", "name"), ("company",), ("employer",), ("supplier", "name"), ("vendor", "name"), ("merchant",), ("organisation",), ("organization",), ("firm",)), _ANY),
    ("password", (("password",), ("passwd",), ("secret",), ("token",), ("api", "key")), _ANY),
    ("card", (("card", "number"), ("card", "no"), ("credit", "card"), ("pan",)), r"^[0-9][0-9 -]{11,22}$"),
    ("national_id", (("ssn",), ("tax", "id"), ("passport",), ("national", "id"), ("social", "security")), _ANY),
    ("plate", (("license", "plate"), ("plate",), ("licence", "plate")), _ANY),
    ("vat", (("vat", "id"), ("vat", "number")), r"[0-9]"),
    ("iban", (("iban",),), r"^[A-Z]{2}[0-9]{2}"),
    ("street_address", (("street", "address"), ("address", "line"), ("street",), ("address", "1"), ("address1",)), _ANY),
    ("house_number", (("house", "number"), ("house", "no")), r"[0-9]"),
    ("postcode", (("postcode",), ("postal", "code"), ("zip",), ("zipcode",), ("zip", "code"), ("post", "code")), r"^[0-9A-Za-z -]{3,12}$"),
    ("city", (("city",), ("town",)), r"^[^0-9]{2,60}$"),
    ("region", (("region",), ("province",), ("county",)), r"^[^0-9]{2,60}$"),
    ("country_code", (("country",), ("country", "code"), ("nationality",)), r"^[A-Z]{2,3}$"),
    ("country", (("country",), ("country", "name")), r"^[^0-9]{3,60}$"),
    ("address", (("address",), ("addr",)), _ANY),
    ("gender", (("gender",), ("sex",)), r"^\p{L}{1,12}$"),
    ("job", (("job",), ("job", "title"), ("occupation",), ("profession",)), _ANY),
    ("colour", (("colour",), ("color",)), r"^[^0-9]{2,40}$"),
    ("user_agent", (("user", "agent"),), _ANY),
)  # fmt: skip

#: Meanings whose values are somebody's own: none of them is copied.
PERSONAL = frozenset(
    [
        "address", "card", "email", "first_name", "full_name", "iban", "ipv4", "ipv6", "last_name", "national_id", "password", "phone",
        "plate", "postcode", "street_address", "user_name", "house_number", "vat", "company", "mac", "user_agent", "url",
    ]
)  # fmt: skip

#: Of these meanings a value is nobody's own where many rows have it.
SHARED = frozenset(["company", "postcode", "url"])

#: Meanings whose values everybody knows: they are listed, however few rows have them.
PUBLIC = frozenset(["country_code", "country", "gender"])

#: Fields of a record, by meaning.
PERSON = {
    "first_name": "first_name",
    "last_name": "last_name",
    "full_name": "full_name",
    "email": "email",
    "phone": "phone",
    "user_name": "user_name",
}
ADDRESS = {
    "street_address": "street_address",
    "postcode": "postcode",
    "city": "city",
    "region": "region",
    "address": "full",
    "house_number": "house_number",
}
COMPANY = {"company": "name", "email": "email", "phone": "phone", "vat": "vat_id"}

#: Words of numbers and days that tell something about a person.
_OWN = frozenset(
    ["salary", "income", "wage", "birth", "birthday", "birthdate", "born", "dob", "weight", "diagnosis", "religion", "ethnicity"]
)

_FIRMS = frozenset(
    ["company", "firm", "organisation", "organization", "supplier", "vendor", "merchant", "manufacturer", "brand", "employer", "account"]
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column's texts are, and the words before it that say whose: `admin_email` is (email, ("admin",))."""

    kind: str
    whose: tuple[str, ...] = ()

    @property
    def is_personal(self) -> bool:
        """Whether values are somebody's own."""
        return self.kind in PERSONAL


def is_own(column: str) -> bool:
    """Whether a column of numbers or days tells something about a person by its name.

    >>> is_own("birth_date"), is_own("amount")
    (True, False)
    """
    return bool(_OWN & set(words(column)))


def meanings(table: str, columns: dict[str, pa.Array]) -> dict[str, Meaning]:
    """What the columns of texts of a table mean, where that shows; `columns` hold some rows of each.

    >>> from seedbed.core.text import string_array
    >>> meanings("visit", {"contact_email": string_array(["a@b.org", "c@d.com"])})
    {'contact_email': Meaning(kind='email', whose=('contact',))}
    """
    found: dict[str, Meaning] = {}
    texts = {name: _texts(column) for name, column in columns.items() if kind_of(column.type) == "text"}
    for name, values in texts.items():
        meaning = _meaning(name, values) if len(values) else None
        if meaning is not None:
            found[name] = meaning
    if "name" in {"_".join(words(name)) for name in texts}:
        found |= _plain_name(table, texts, found)
    return found | _role_names(texts, found)


def _texts(column: pa.Array) -> pa.StringArray:
    valid = column.drop_null()
    if pa.types.is_dictionary(valid.type):
        valid = pc.decoded(valid)
    return valid if pa.types.is_string(valid.type) else valid.cast(pa.string())


def _meaning(name: str, values: pa.StringArray) -> Meaning | None:
    said = words(name)
    for kind, form in _BY_VALUE:
        if _share(values, form) >= _MOST:
            own = next(
                (phrase for known, phrases, _ in _BY_NAME if known == kind for phrase in phrases if said[-len(phrase) :] == phrase), ()
            )
            return Meaning(kind, said[: len(said) - len(own)] if own else ())
    for kind, phrases, form in _BY_NAME:
        for phrase in sorted(phrases, key=len, reverse=True):
            if said[-len(phrase) :] == phrase and _share(values, form) >= _MOST:
                return Meaning(kind, said[: len(said) - len(phrase)])
    return None


def _share(values: pa.StringArray, form: str) -> float:
    return int(pc.sum(pc.cast(pc.match_substring_regex(values, pattern=form), pa.int64())).as_py() or 0) / len(values)


def _plain_name(table: str, texts: dict[str, pa.StringArray], found: dict[str, Meaning]) -> dict[str, Meaning]:
    """What `name` is: a person's where the table, or what stands beside it, is about people."""
    column = next(name for name in texts if words(name) == ("name",))
    about = set(words(table)[-1:])
    beside = {meaning.kind for meaning in found.values() if not meaning.whose}
    if about & _FIRMS - PEOPLE or (about & _FIRMS and "email" not in beside):
        return {column: Meaning("company")}
    is_person = bool(about & (PEOPLE | ROLES)) or bool({"email", "gender"} & beside)
    if is_person and len(texts[column]) and _share(texts[column], _NAME) >= _MOST:
        return {column: Meaning("full_name")}
    return {}


def _role_names(texts: dict[str, pa.StringArray], found: dict[str, Meaning]) -> dict[str, Meaning]:
    """`manager_name`, `driver`: people in their roles."""
    fits: Callable[[str], bool] = lambda name: len(texts[name]) > 0 and _share(texts[name], _NAME) >= _MOST  # noqa: E731 - short
    told = {}
    for name in texts:
        said = words(name)
        is_role = (
            len(said) > 1 and said[-1] == "name" and bool(set(said[:-1]) & (PEOPLE | ROLES | {"admin", "holder", "billing", "shipping"}))
        )
        if name not in found and is_role and fits(name):
            told[name] = Meaning("full_name", said[:-1])
    return told
