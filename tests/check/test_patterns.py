from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.check.patterns import fixed_form, found_in

parts = st.sampled_from(["[A-C]", "[a-cX-Z_]", r"\d", "x", r"\.", "-", "[0-9a-f]", "é", "."])
counts = st.sampled_from(["", "{1}", "{2}", "{0}", "{2,3}", "+", "?", "{3}{2}"])
expressions = st.lists(st.tuples(parts, counts), min_size=1, max_size=4).map(lambda found: "^" + "".join(a + b for a, b in found) + "$")


@given(regex=expressions, data=st.data())
def test_bytes_tell_what_re2_tells(regex: str, data: st.DataObject) -> None:
    likely = st.from_regex(regex.replace("{3}{2}", "{3}").replace("$", r"\Z"), alphabet=st.sampled_from("ABCDXYZabcfx019.-_é\n"))
    texts = pa.array(data.draw(st.lists(st.none() | likely | st.text("AXx0.é", max_size=3), max_size=6)), pa.string())
    first = data.draw(st.integers(0, len(texts)))
    part = texts.slice(first)
    try:
        expected = pc.match_substring_regex(part, pattern=regex).fill_null(False).to_pylist()
    except pa.ArrowInvalid:
        with pytest.raises(pa.ArrowInvalid):
            found_in(part, regex)
    else:
        assert found_in(part, regex).tolist() == expected


@pytest.mark.parametrize(
    "regex",
    [
        "[A-C]",
        "^a",
        "^a*$",
        "^(a|b)$",
        "^[^a]$",
        "^[[:alpha:]]$",
        "^[a-]$",
        "^a|b$",
        "^é$",
        "^.$",
        "^a{1,2}$",
        "^(?i)a$",
        "^$",
        "^[]$",
        "^a{$",
    ],
)
def test_what_has_no_fixed_form_is_left_to_re2(regex: str) -> None:
    assert fixed_form(regex) is None


def test_a_text_of_another_width_is_no_match() -> None:
    assert found_in(pa.array(["AB12", "AB123", "", "AB1\n", "AB1\u00e9"]), "^[A-Z]{2}[0-9]{2}$").tolist() == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert found_in(pa.array(["AB12", None, "", "ab12"]), "^[A-Z]{2}[0-9]{2}$").tolist() == [True, False, False, False]
