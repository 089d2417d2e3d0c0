"""PostgreSQL finds what RE2 finds, or isn't asked."""

from __future__ import annotations

from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from seedbed.check.sql.dialect import UnsayableError, text
from seedbed.check.sql.regex import postgres_regex
from tests.servers.postgres import Postgres

TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "aab",
    "b\n",
    "\n",
    "a\nb",
    "a-b",
    "]",
    "[a]",
    "\\",
    "é",
    "ß1",
    "12",
    "a1_",
    " \t",
    "\u0661",
    "x{2}",
    "^$",
    "(a)",
    "b.c",
    "\u00a0",
    "a" * 9,
]
PIECES = [
    "a",
    "b",
    ".",
    "[a-c]",
    "[^a]",
    r"\d",
    r"\W",
    r"\S",
    r"\.",
    r"\\",
    "(?:ab|é)",
    "(a|b)",
    "[]a]",
    "[^]]",
    r"[\w.-]",
    r"[\]^-]",
    r"[a\-z]",
    "[[a]",
    r"\n",
    "[^\\n]",
    "^",
    "$",
    "-",
    "]",
]
COUNTS = ["", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?"]


@st.composite
def regexes(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(COUNTS)), min_size=1, max_size=4))
    found = "".join(piece + count for piece, count in parts)
    return draw(st.sampled_from([found, f"^{found}$", rf"\A(?:{found})\z", f"{found}|^a"]))


@pytest.fixture(scope="module")
def cursor(postgres: Postgres) -> Any:
    with adbc.connect(postgres.url()) as connection, connection.cursor() as found:
        yield found


@settings(
    max_examples=120, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
)
@given(regex=regexes())
def test_postgresql_finds_what_re2_finds(regex: str, cursor: Any) -> None:
    try:
        theirs = postgres_regex(regex)
    except UnsayableError:
        return
    try:
        expected = pc.match_substring_regex(pa.array(TEXTS), pattern=regex).to_pylist()
    except pa.ArrowInvalid:
        return
    shown = ", ".join(f'({text(each, "postgres")} COLLATE "C") ~ {text(theirs, "postgres")}' for each in TEXTS)
    cursor.execute(f"SELECT {shown}")
    assert list(cursor.fetchone()) == expected, (regex, theirs)


@pytest.mark.parametrize("regex", ["(?i)a", r"\bword", r"a**", "a|", "(|a)", "[[:alpha:]]", r"\pL", "a{300}", "x{", "[à-é]", "(?P<n>a)", r"\Qa\E", "*a", "a)", "(a", "[a", "^*", r"\x41"])  # fmt: skip
def test_what_the_two_might_read_differently_is_not_asked(regex: str) -> None:
    with pytest.raises(UnsayableError):
        postgres_regex(regex)
