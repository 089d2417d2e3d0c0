"""Parameters of `record`, and the fields that each kind has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from seedbed.core.block import ColumnType
from seedbed.model.base import Part, RowRef

RecordKind = Literal["person", "address", "company", "payment_card", "geo_point"]

_TEXT, _DEGREES = ColumnType.STRING, ColumnType.FLOAT
_POINT = {"latitude": _DEGREES, "longitude": _DEGREES}

#: The type of every field of a kind, in the order of the struct.
RECORD_FIELDS: dict[str, dict[str, ColumnType]] = {
    "person": {
        **dict.fromkeys(("first_name", "last_name", "full_name", "sex", "gender", "title", "prefix"), _TEXT),
        "birth_date": ColumnType.DATE,
        **dict.fromkeys(("email", "user_name", "domain", "phone"), _TEXT),
    },
    "address": {
        **dict.fromkeys(("street", "house_number", "street_address", "postcode", "city", "region", "region_code", "state"), _TEXT),
        **dict.fromkeys(("country", "country_code", "full"), _TEXT),
        **_POINT,
        "time_zone": _TEXT,
    },
    "company": dict.fromkeys(("name", "legal_form", "domain", "email", "phone", "vat_id"), _TEXT),
    "payment_card": dict.fromkeys(("brand", "number", "expiry", "cvv", "holder"), _TEXT),
    "geo_point": {**_POINT, **dict.fromkeys(("city", "region", "country", "country_code", "time_zone"), _TEXT)},
}


class Record(Part):
    """Fields that agree with each other and with a country: read as `column.field`; the column itself is a struct of them all."""

    kind: RecordKind = Field(description="What is described.")
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}[_-][A-Za-z]{2,4}$")] | None = Field(
        default=None, description="Such as `de_DE`; `en_US` where neither it nor `locale_from` is given."
    )
    locale_from: RowRef | None = Field(
        default=None, description="A column, or `link.column`, that holds a country's ISO code; it decides the locale."
    )

    @property
    def field_types(self) -> dict[str, ColumnType]:
        """The type of each field, in the order of the struct."""
        return RECORD_FIELDS[self.kind]
