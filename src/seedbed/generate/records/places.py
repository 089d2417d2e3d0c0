"""Fields of addresses and points: a row's city decides its region, postcode, coordinates and time zone."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed.core.draw import Floats, Ints, below
from seedbed.core.text import join_text, string_scalar
from seedbed.generate.frozen.formats import fill_chosen
from seedbed.generate.frozen.templates import compiled
from seedbed.generate.records.drawn import Drawn, Field
from seedbed.generate.records.homes import country_box


def _city_index(drawn: Drawn) -> NDArray[np.int32]:
    """Which city of its home each row lies in, shape (n,)."""
    return drawn.home.index.draw(drawn.bits("place", 0)).astype(np.int32)


def _of_city(name: str, drawn: Drawn) -> pa.StringArray:
    return drawn.one_of(getattr(drawn.home, name), _city_index(drawn))


def _postcode(drawn: Drawn) -> pa.StringArray:
    return fill_chosen(drawn.home.postcodes, _city_index(drawn), drawn.slots("postcode"), 0)


def _street(drawn: Drawn) -> pa.StringArray:
    return compiled(drawn.home.tables, "street_name").make(drawn.slots("street"), drawn.n)


def _house_number(drawn: Drawn) -> pa.StringArray:
    return compiled(drawn.home.tables, "building_number").make(drawn.slots("house"), drawn.n)


def _country(drawn: Drawn) -> pa.StringArray:
    return drawn.same(drawn.home.name)


def _country_code(drawn: Drawn) -> pa.StringArray:
    return drawn.same(drawn.home.code)


def _street_address(drawn: Drawn) -> pa.StringArray:
    return _written(drawn.home.tables.templates["street_address"][0], drawn)


def _full(drawn: Drawn) -> pa.StringArray:
    """The whole address in one line, in the country's order."""
    template = drawn.home.tables.templates["address"][0] if drawn.home.is_own else "{street_address}, {city}, {country}"
    return _written(template, drawn)


_PARTS: dict[str, Field] = {
    "street_address": _street_address,
    "street_name": _street,
    "building_number": _house_number,
    "city": partial(_of_city, "city"),
    "state": partial(_of_city, "region"),
    "state_abbr": partial(_of_city, "region_code"),
    "metropolitan_city": partial(_of_city, "region"),
    "borough": partial(_of_city, "city"),
    "postcode": _postcode,
    "country": _country,
}


def _written(template: str, drawn: Drawn) -> pa.StringArray:
    """A template of the locale, its parts being the fields of the same row; a part that is no field is drawn."""
    texts = re.split(r"\{(\w+)\}", template)
    pieces: list[pa.StringArray | pa.StringScalar] = []
    for place, text in enumerate(texts):
        if place % 2:
            pieces.append(_PARTS[text](drawn) if text in _PARTS else compiled(drawn.home.tables, text).make(drawn.slots(text), drawn.n))
        elif text:
            pieces.append(string_scalar(text))
    return join_text(*pieces)


def _coordinate(axis: str, drawn: Drawn) -> Floats:
    """Degrees with six decimals: near the centre more often than at the edge, and within the country's bounding box."""
    centres: Ints = getattr(drawn.home, axis)
    reach = drawn.home.reach
    bits = drawn.bits("point", 0 if axis == "latitude" else 1)
    low_half = bits << np.uint64(32)
    moved = below(bits, reach + 1) + below(low_half, reach + 1) - reach  # two halves of one draw: a triangle
    place = centres.take(_city_index(drawn)) + moved
    box = country_box(drawn.home.code)
    if box is not None:
        low, high = (box[0], box[2]) if axis == "latitude" else (box[1], box[3])
        place = np.clip(place, round(low * 1_000_000), round(high * 1_000_000))
    return place / 1_000_000.0


POINT_FIELDS: dict[str, Field] = {
    "latitude": partial(_coordinate, "latitude"),
    "longitude": partial(_coordinate, "longitude"),
    "city": partial(_of_city, "city"),
    "region": partial(_of_city, "region"),
    "country": _country,
    "country_code": _country_code,
    "time_zone": partial(_of_city, "time_zone"),
}

ADDRESS_FIELDS: dict[str, Field] = {
    "street": _street,
    "house_number": _house_number,
    "street_address": _street_address,
    "postcode": _postcode,
    "city": partial(_of_city, "city"),
    "region": partial(_of_city, "region"),
    "region_code": partial(_of_city, "region_code"),
    "state": partial(_of_city, "region"),
    "country": _country,
    "country_code": _country_code,
    "full": _full,
    "latitude": partial(_coordinate, "latitude"),
    "longitude": partial(_coordinate, "longitude"),
    "time_zone": partial(_of_city, "time_zone"),
}
