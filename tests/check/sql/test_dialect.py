"""Whatever a name or a value holds, a database takes it for that name or value."""

from __future__ import annotations

import sqlite3
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seedbed.check.sql.dialect import UnsayableError, number, quoted, text
from tests.servers.postgres import Postgres

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["'", "\\'", "''--", '"; DROP', "$$", "\\"]
)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(word=WORDS, name=NAMES)
def test_names_and_texts_come_back(word: str, name: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {text(word, 'duckdb')} AS {quoted(name)}")
        assert (found.fetchone(), found.description[0][0]) == ((word,), name)
    light = sqlite3.connect(":memory:").execute(f"SELECT {text(word, 'sqlite')} AS {quoted(name)}")
    assert (light.fetchone(), light.description[0][0]) == ((word,), name)
    light.connection.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.floats(allow_nan=False, allow_infinity=False))
@example(value=1.0000000000000002e-14)
@example(value=-9.999999999999998e14)
@example(value=1.0000000000000001e-15)
def test_floats_come_back_bit_by_bit(value: float) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {number(value, 'duckdb')}").fetchone() == (value,)
    light = sqlite3.connect(":memory:")
    try:
        assert light.execute(f"SELECT {number(value, 'sqlite')}").fetchone() == (value,)
    except UnsayableError:
        assert not 1e-15 < abs(value) < 1e15
    finally:
        light.close()


@pytest.fixture(scope="module")
def cursor(postgres: Postgres) -> Any:
    with adbc.connect(postgres.url()) as connection, connection.cursor() as found:
        yield found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=WORDS, value=st.floats(allow_nan=False, allow_infinity=False))
def test_texts_and_floats_come_back_from_postgresql(word: str, value: float, cursor: Any) -> None:
    for setting in ("on", "off"):
        cursor.execute(f"SET standard_conforming_strings = {setting}")
        cursor.execute(f"SELECT {text(word, 'postgres')}, {number(value, 'postgres')}")
        assert tuple(cursor.fetchone()) == (word, value)


@pytest.mark.parametrize("word", ["a\0b", "\ud800"])
def test_texts_that_not_every_database_has_are_refused(word: str) -> None:
    with pytest.raises(UnsayableError):
        text(word, "duckdb")
