"""Keys that are data make rows; keys that are names make columns."""

import pytest

from seedbed.read.collect.build import build
from seedbed.read.collect.look import sketch_of
from seedbed.read.collect.maps import keys_are_data

DATA = {
    "dates": {"2024-01-01": 1, "2024-01-02": 2},
    "uuids": {"6f9619ff-8b86-d011-b42d-00cf4fc964ff": {"a": 1}},
    "hashes": {"9f86d081884c7d659a2f": 1, "2c26b46b68ffc68ff99b": 2},
    "paths": {"/orders": {"get": 1}, "/orders/{id}": {"delete": 2}},
    "addresses": {"ada@x.org": 1, "bob@y.org": 2},
    "numbers": {"17": {"n": 1}, "4": {"n": 2}},
    "languages": {"de": "Haus", "en": "house", "pt-BR": "casa"},
    "serial": {"user_1": 1, "user_2": 2, "user_30": 3},
    "alike": {name: {"x": 1, "y": 2} for name in ("amber", "birch", "cedar", "dill", "elm", "fern", "gorse", "hazel")},
}

NAMES = [
    {"name": "x", "age": 3, "city": "y"},
    {"address1": "a", "address2": "b", "address3": "c"},
    {"id": 1, "no": 2, "is": 3},
    {"de": "text", "en": 5, "fr": {"x": 1}},
    {"teachers": [{"a": 1}], "students": [{"b": 1}], "classes": []},
    {"home": {"street": "a", "city": "b"}, "work": {"street": "c", "city": "d"}},
    {"x": 1.0, "y": 2.0, "z": 3.0},
    {"1": "one key that is a number"},
    {},
]


@pytest.mark.parametrize("name", DATA)
def test_keys_that_are_data_are_told_by_what_they_look_like(name: str) -> None:
    assert keys_are_data(sketch_of(build([DATA[name]]))) == name


@pytest.mark.parametrize("value", NAMES, ids=str)
def test_names_of_columns_stay_names(value: dict[str, object]) -> None:
    assert keys_are_data(sketch_of(build([value]))) is None


def test_keys_that_are_rarely_there_are_data() -> None:
    objects = [{f"k{chr(97 + (i * 7 + j * 5) % 26)}{chr(97 + (i + j) % 26)}": j for j in range(3)} for i in range(60)]
    assert keys_are_data(sketch_of(build(objects))) == "rare"


def test_more_keys_than_any_table_has_columns_are_data() -> None:
    assert keys_are_data(sketch_of(build([{f"c{i}": i for i in range(1_200)}]))) == "many"
