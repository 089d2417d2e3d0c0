"""Fields of records agree with each other, with the country and with the list of places."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from zoneinfo import available_timezones

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seedbed
from seedbed.core.errors import DataError, ModelError
from seedbed.generate.frozen.tables import country_codes, locales
from seedbed.generate.records.companies import _styles, _tax_numbers
from seedbed.generate.records.homes import country_box, home_names, home_of
from seedbed.model.generators.record import RECORD_FIELDS

COUNTRIES = ["DE", "US", "JP", "BR", "KEN", "fr_CH", "Austria"]


#: Of the structs of 400 rows with the seed 7.
DIGESTS = {
    "person": "849ff6d316d1ace2",
    "address": "ba30d94b7a7fb042",
    "company": "ef3fbdb82f252906",
    "payment_card": "41ff15e346184c07",
    "geo_point": "8fb5d3d9a821c201",
}


def model(kind: str, record: str = "locale_from: country", extra: str = "") -> dict[str, object]:
    columns = {
        "id": {"sequence": {}},
        "country": {"choice": {"choices": COUNTRIES}},
        "it": {"record": {"kind": kind, **dict([record.split(": ")])}},
    }
    if extra:
        columns["extra"] = {"expression": {"code": extra}}
    return {
        "version": "2.0",
        "metadata": {"name": "m"},
        "timeframe": {"start": "2024-01-01", "end": "2024-12-31"},
        "entities": {"t": {"rows": 400, "pk": "id", "columns": columns}},
    }


def rows(kind: str, record: str = "locale_from: country") -> list[dict[str, object]]:
    found: list[dict[str, object]] = seedbed.plan(model(kind, record)).block("t", 0, 400).to_pylist()
    return found


@pytest.mark.parametrize("kind", RECORD_FIELDS)
@settings(max_examples=5, deadline=None)
@given(start=st.integers(0, 399), length=st.integers(0, 60))
def test_any_slice_has_the_rows_of_the_whole(kind: str, start: int, length: int) -> None:
    data = seedbed.plan(model(kind))
    stop = min(start + length, 400)
    assert data.block("t", start, stop) == data.block("t", 0, 400).slice(start, stop - start)


@pytest.mark.parametrize("kind", RECORD_FIELDS)
def test_a_field_by_itself_is_the_field_of_the_struct(kind: str) -> None:
    for field in RECORD_FIELDS[kind]:
        block = seedbed.plan(model(kind, extra=f"it.{field}")).block("t", 0, 400)
        assert block["extra"].equals(block["it"].field(field)), field


@pytest.mark.parametrize("kind", RECORD_FIELDS)
def test_every_locale_and_country_has_every_field(kind: str) -> None:
    document = model(kind)
    everywhere = [*locales(), *home_names()]
    document["entities"]["t"]["columns"]["country"] = {"choice": {"choices": everywhere}}  # type: ignore[index]
    block = seedbed.plan(document).block("t", 0, 400)
    assert block["it"].null_count == 0
    assert all(block["it"].field(place).null_count == 0 for place in range(block["it"].type.num_fields))


def test_persons_agree_with_themselves() -> None:
    for row in rows("person", "locale: en_US"):
        it = row["it"]
        assert isinstance(it, dict)
        assert it["full_name"] == f"{it['first_name']} {it['last_name']}"
        assert it["sex"] == it["gender"]
        assert it["title"] not in ({"Mr."} if it["sex"] == "female" else {"Mrs.", "Ms.", "Miss"})
        assert it["email"].startswith(f"{it['first_name'].lower()}.{it['last_name'].lower()}")
        assert it["email"].endswith(f"@{it['domain']}")
        assert it["user_name"].startswith(it["first_name"][0].lower() + it["last_name"].lower())
        assert 1943 <= it["birth_date"].year <= 2006


def test_first_names_are_of_the_sex() -> None:
    tables = home_of("DE").tables.lists  # type: ignore[union-attr]
    women, men = set(tables["first_female"].to_pylist()), set(tables["first_male"].to_pylist())
    seen = set()
    for row in rows("person", "locale: de_DE"):
        it = row["it"]
        assert isinstance(it, dict)
        seen.add(it["sex"])
        assert it["first_name"] in (women if it["sex"] == "female" else men)
    assert seen == {"female", "male"}


def test_addresses_lie_in_their_country_and_city() -> None:
    for row in rows("address"):
        it, home = row["it"], home_of(str(row["country"]))
        assert isinstance(it, dict)
        assert home is not None
        assert it["country_code"] == home.code
        place = home.city.to_pylist().index(it["city"])
        assert it["region"] == it["state"] == home.region[place].as_py()
        assert it["region_code"] == home.region_code[place].as_py()
        assert it["time_zone"] == home.time_zone[place].as_py()
        assert re.fullmatch(_regex(home.postcodes[place]), it["postcode"])
        assert it["street"] in it["full"]
        assert it["house_number"] in it["full"]
        assert it["city"] in it["full"]
        assert abs(it["latitude"] - int(home.latitude[place]) / 1e6) <= 0.05 + 1e-9
        assert abs(it["longitude"] - int(home.longitude[place]) / 1e6) <= 0.05 + 1e-9


def _regex(form: str) -> str:
    letters = {"#": "[0-9]", "%": "[1-9]", "?": "[A-Z]", "^": "[A-Z]", "~": "[A-Z]"}
    return "".join(letters.get(character, re.escape(character)) for character in form)


def test_points_lie_in_their_countrys_box() -> None:
    for row in rows("geo_point"):
        it = row["it"]
        assert isinstance(it, dict)
        box = country_box(it["country_code"])
        if box is not None:
            assert box[0] <= it["latitude"] <= box[2]
            assert box[1] <= it["longitude"] <= box[3]


def test_cards_have_the_brands_prefix_and_length_and_a_luhn_digit() -> None:
    heads = {
        "Visa": ("4", 16),
        "Mastercard": ("(5[1-5]|2[2-7])", 16),
        "American Express": ("3[47]", 15),
        "Discover": ("6(011|5)", 16),
        "JCB": ("35", 16),
        "Diners Club": ("3", 14),
    }
    for row in rows("payment_card"):
        it = row["it"]
        assert isinstance(it, dict)
        head, length = heads[it["brand"]]
        assert re.match(head, it["number"])
        assert len(it["number"]) == length
        digits = [int(digit) for digit in reversed(it["number"])]
        assert (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0
        assert len(it["cvv"]) == (4 if it["brand"] == "American Express" else 3)
        month, year = it["expiry"].split("/")
        assert (24, 12) < (int(year), int(month)) <= (28, 12)
        assert re.fullmatch("[A-Z .'-]+", it["holder"])


def test_companies_agree_with_themselves() -> None:
    for row in rows("company"):
        it, home = row["it"], home_of(str(row["country"]))
        assert isinstance(it, dict)
        assert home is not None
        assert it["legal_form"] in it["name"]
        assert it["legal_form"] in _styles()[home.locale].forms.to_pylist()
        assert it["email"].endswith(f"@{it['domain']}")
        assert re.fullmatch(_regex(_tax_numbers().get(home.code, "")), it["vat_id"])


def test_nullness_and_hiding_work_as_for_other_columns() -> None:
    document = model("person", "locale: de_DE")
    document["entities"]["t"]["columns"]["it"] |= {"null_rate": 0.5}  # type: ignore[index]
    nulls = seedbed.plan(document).block("t", 0, 400)["it"].null_count
    assert 150 < nulls < 250
    document["entities"]["t"]["columns"]["it"] |= {"hidden": True}  # type: ignore[index]
    assert "it" not in seedbed.plan(document).schema("t").names


def test_a_linked_rows_country_decides() -> None:
    document = model("person")
    document["facts"] = {
        "order": {
            "parents": ["t"],
            "fanout": {"distribution": "poisson", "lambda": 2},
            "columns": {
                "code": {"lookup": {"from": "t.country"}},
                "ship": {"record": {"kind": "address", "locale_from": "t.country"}},
                "who": {"faker": {"method": "name", "locale_from": "t.country"}},
            },
        }
    }
    block = seedbed.plan(document).block("order", 0, 500)
    assert all(row["ship"]["country_code"] == home_of(row["code"]).code for row in block.to_pylist())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"kind": "person", "locale": "de_XX"}, "no locale `de_XX`"),
        ({"kind": "person", "locale_from": "nowhere"}, "has no column `nowhere`"),
    ],
)
def test_unknown_locales_are_refused(record: dict[str, str], said: str) -> None:
    document = model("person")
    document["entities"]["t"]["columns"]["it"] = {"record": record}  # type: ignore[index]
    with pytest.raises(ModelError, match=said):
        _ = seedbed.plan(document).rows


def test_a_listed_country_without_places_is_refused_and_a_computed_one_told_with_its_name() -> None:
    document = model("address")
    document["entities"]["t"]["columns"]["country"] = {"choice": {"choices": ["DE", "Atlantis"]}}  # type: ignore[index]
    with pytest.raises(ModelError, match="`Atlantis` is no country"):
        _ = seedbed.plan(document).rows
    document["entities"]["t"]["columns"]["country"] = {"expression": {"code": "concat('Atlan', 'tis')"}}  # type: ignore[index]
    with pytest.raises(DataError, match="`Atlantis` is no country"):
        seedbed.plan(document).block("t", 0, 10)


def test_the_lists_of_places_are_sound() -> None:
    zones = available_timezones()
    inhabited = set(country_codes()) - {"AQ", "BV", "GS", "HM", "IO", "TF", "UM"}
    assert inhabited <= set(home_names())
    for name in [*locales(), *home_names()]:
        home = home_of(name)
        assert home is not None
        assert set(home.time_zone.to_pylist()) <= zones
        box = country_box(home.code)
        if box is not None:
            reach = home.reach / 1e6
            assert np.all((home.latitude / 1e6 - reach >= box[0]) & (home.latitude / 1e6 + reach <= box[2]))
            assert np.all((home.longitude / 1e6 - reach >= box[1]) & (home.longitude / 1e6 + reach <= box[3]))
            assert home.code in _tax_numbers()
    assert set(_styles()) == set(locales())
    assert all("{last}" in name for style in _styles().values() for name in style.names)


def test_the_lists_of_places_never_change_unseen() -> None:
    """Other lists are other data: whoever changes one changes the digest here, and names it in the changelog."""
    folder = Path(seedbed.__file__).parent / "generate" / "records"
    texts = [(folder / f"{name}.txt").read_bytes() for name in ("places", "capitals", "companies", "tax_numbers")]
    assert hashlib.sha256(b"".join(texts)).hexdigest() == "92f5340c1f660207d8cbad7bd6bba29f47f28211b75146aca67a43818a1b2f6f"


@pytest.mark.parametrize(("kind", "digest"), DIGESTS.items())
def test_the_values_of_a_seed_stay(kind: str, digest: str) -> None:
    """Changed digests are a breaking change, and named in the changelog."""
    texts = str(seedbed.plan(model(kind), seed=7).block("t", 0, 400)["it"].to_pylist())
    assert hashlib.sha256(texts.encode()).hexdigest()[:16] == digest
