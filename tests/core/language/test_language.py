"""Languages: every number has a string of its own, every string matches, whatever the expression."""

from __future__ import annotations

import re
import time
from itertools import product

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.draw import Bits, Key, below, draw_bits
from seedbed.core.language import (
    LanguageError,
    Strings,
    bounded,
    first_unbounded,
    is_contained,
    parse,
    searched,
    strings_of,
    whole,
)
from seedbed.core.text import string_array

LETTERS = "abc"

ATOMS = st.sampled_from(["a", "b", "c", "[ab]", "[^a-z]{0}", "[a-c]", "(?:)", "aa", "a|b"])
REGEXES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: "".join(f"({part})" for part in parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + "|".join(parts) + ")"),
        st.tuples(inner, st.sampled_from(["?", "{2}", "{0,2}", "{1,2}", "{1,3}?"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


def strings(regex: str) -> Strings:
    return strings_of(bounded(whole(parse(regex))))


def draws(n: int, seed: int = 1):  # type: ignore[no-untyped-def]
    return lambda slot: draw_bits(Key(seed, 2), range(n), slot)


def numbers(n: int) -> Bits:
    return np.arange(n, dtype=np.uint64)


@given(REGEXES)
@settings(max_examples=200, deadline=None)
def test_ranks_and_strings_are_one_to_one(regex: str) -> None:
    found = strings(regex)
    made = found.unrank(numbers(min(found.ranks, 3_000))).to_pylist()
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(regex, text) for text in made)


@given(REGEXES)
@settings(max_examples=100, deadline=None)
def test_a_language_holds_every_string_that_matches(regex: str) -> None:
    found = strings(regex)
    if found.size > 3_000:
        return
    made = set(found.unrank(numbers(found.size)).to_pylist())
    assert len(made) == found.size
    short = ("".join(letters) for length in range(6) for letters in product(LETTERS, repeat=length))
    assert {text for text in short if re.fullmatch(regex, text)} == {text for text in made if len(text) < 6}


WIDE = [
    "[A-Z]{3}-[0-9]{5}",
    r"\+1-[2-9]\d{2}-\d{3}-\d{4}",
    "[a-z]{3,8}",
    "[a-z]{3,20}@[a-z]{2,12}",
    r"\w{40}",
    r"(?:[a-z]+\.)?[a-z]+@(example|test)\.(com|org)",
    "é[à-ü]{2,9}|[一-龥]{3}",
    r".{1,60}|\d{3,}x",
    r"(\x41\.|[^\s\w]{2}){1,30}",
    "(a|b){70,90}(c|cc)",
]


@pytest.mark.parametrize("regex", WIDE)
def test_different_ranks_give_different_strings_that_match(regex: str) -> None:
    found = strings(regex)
    n = 4_000
    for some in (numbers(n), below(draw_bits(Key(7, 7), range(n)), found.ranks).view(np.uint64)):
        ranks = np.unique(some)
        made = found.unrank(ranks, draws(len(ranks))).to_pylist()
        assert len(set(made)) == len(made)
        assert all(re.fullmatch(regex.replace("+@", "{1,9}@"), text) for text in made)


@pytest.mark.parametrize("regex", WIDE)
def test_any_rows_give_the_strings_that_they_give_together(regex: str) -> None:
    found = strings(regex)
    ranks = below(draw_bits(Key(3, 4), range(500)), found.ranks).view(np.uint64)
    together = found.unrank(ranks, draws(500)).to_pylist()
    picks = np.array([499, 3, 3, 250])
    assert found.unrank(ranks[picks], lambda slot: draws(500)(slot)[picks]).to_pylist() == [together[pick] for pick in picks]
    assert found.unrank(ranks[:0], lambda _: numbers(0)).to_pylist() == []


def test_more_strings_than_a_word_have_different_beginnings_and_drawn_ends() -> None:
    found = strings("[a-z]{30}")
    assert found.size == 26**30
    assert found.ranks > 1 << 48
    made = found.unrank(np.zeros(1_000, np.uint64), draws(1_000)).to_pylist()
    assert len(set(made)) == 1_000


def test_every_string_is_drawn_alike() -> None:
    found = strings("(a|ab|abc|[bc]{2})c?")  # `ab` and `abc` in two ways each
    n = 40_000
    made = found.unrank(below(draw_bits(Key(5, 6), range(n)), found.ranks).view(np.uint64)).to_pylist()
    counts = np.array([made.count(text) for text in sorted(set(made))])
    expected = n / found.size
    assert len(counts) == found.size
    assert ((counts - expected) ** 2 / expected).sum() < 33  # chi-square of 10 degrees of freedom: p = 0.0003


REFUSED = {
    "(?=a)b": "look-around",
    "(?<!a)b": "look-around",
    r"(a)\1": "back-reference",
    "(?P<x>a)(?P=x)": "back-reference",
    r"a\b": "boundaries",
    "(?i)a": "flags",
    "a{2,1}": "least above its most",
    "a{,3}": "no count",
    "a{1001}": "1,000",
    "a**": "repeats a repetition",
    "*a": "repeats nothing",
    "(a": "not closed",
    "a)": "closes no group",
    "[a": "not closed",
    "[z-a]": "no order",
    "[^ -~]": "no printable",
    "[[:alpha:]]": "alpha",
    "a^b": "in the middle",
    "(a$)+": "in the middle",
    "^*": "anchor",
    r"\p{L}": "not known",
    "a\\": "backslash",
    "\ud800": "UTF-16",
}


@pytest.mark.parametrize(("regex", "said"), REFUSED.items())
def test_what_is_no_regular_language_is_refused(regex: str, said: str) -> None:
    with pytest.raises(LanguageError, match=said):
        strings(regex)


HOSTILE = [
    "((((a{1000}){1000}){1000}){1000}){1000}",
    "(a|b){0,30}a(a|b){30}",
    "(a?){1000}a{1000}",
    "(" * 400 + "a" + ")" * 400,
    "((a|b|c){0,99}(b|c|d){0,99}){0,9}",
    "[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}[a-z]{1000}",
    "(" + "|".join(f"{'a' * n}[^b]" for n in range(40)) + "){0,40}",
    "[一-龥]{1000}(x|[一-龥]{1000}){3}",
]


@pytest.mark.parametrize("regex", HOSTILE)
def test_hostile_expressions_are_refused_soon(regex: str) -> None:
    begun = time.process_time()
    with pytest.raises(LanguageError):
        strings(regex)
    assert time.process_time() - begun < 10  # a bound that a hang would pass, no measure of speed


def test_a_repetition_without_end_is_named() -> None:
    assert first_unbounded(parse("a(b{0}c?)*")) is not None
    assert first_unbounded(parse("a(b{0})*")) is None
    found = first_unbounded(parse("ab{2,}"))
    assert found is not None
    assert found.offset == 2
    assert strings("ab{2,}").size == 9


@given(REGEXES, REGEXES, st.sampled_from(["{}", "^{}$", "^{}", "{}$", "^({})|^({})$"]))
@settings(max_examples=200, deadline=None)
def test_a_language_is_contained_where_all_its_strings_match(inner: str, outer: str, form: str) -> None:
    outer = form.replace("{}", f"({outer})")
    found = strings(inner)
    if found.size > 2_000:
        return
    made = string_array(found.unrank(numbers(found.size)).to_pylist())
    expected = pc.all(pc.match_substring_regex(made, outer)).as_py()
    assert is_contained(whole(parse(inner)), searched(parse(outer, judged=True))) is expected


def test_classes_are_judged_as_re2_does() -> None:
    def holds(regex: str) -> bool:
        return is_contained(whole(parse("[é \n]")), searched(parse(regex, judged=True)))

    assert holds("^[^a]$")
    assert holds(r"^\W$")
    assert not holds("^.$")
    assert not holds(r"^\s$")
