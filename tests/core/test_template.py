"""Templates: what stands in braces, and what is wrong with it."""

from __future__ import annotations

import pytest

from seedbed.core.template import Drawn, Plain, RowNumber, TemplateError, Value, parse_template

PIECES = {
    "": (),
    "plain": (Plain("plain"),),
    "{{a}} {b}": (Plain("{a} "), Value("b", offset=7)),
    "{person.first_name|ascii|lower}": (Value("person.first_name", ("ascii", "lower"), 0, 1),),
    "{order.person.city}": (Value("order.person.city", offset=1),),
    "{row}-{row:06d}": (RowNumber(1), Plain("-"), RowNumber(6)),
    "{n:03}": (Value("n", (), 3, 1),),
    "{regex:[A-Z]{3}}x": (Drawn("[A-Z]{3}", 7), Plain("x")),
    r"{regex:\}a{2}}": (Drawn(r"\}a{2}", 7),),
}

WRONG = {
    "a{b": "not closed",
    "a}b": "closes nothing",
    "{}": "no part of a template",
    "{a b}": "no part of a template",
    "{a.b.c.d}": "no part of a template",
    "{a|shout}": "no filter `shout`",
    "{row|lower}": "takes no filter",
    "{a:6}": "no width",
    "{row:099d}": "no width",
    "{a|lower:03d}": "no filter",
    "{a:03d|lower}": "a width and filters",
}


@pytest.mark.parametrize(("text", "pieces"), PIECES.items())
def test_a_template_is_read_into_its_pieces(text: str, pieces: tuple[object, ...]) -> None:
    assert parse_template(text) == pieces


@pytest.mark.parametrize(("text", "said"), WRONG.items())
def test_a_template_that_means_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        parse_template(text)


def test_an_unknown_filter_is_guessed() -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template("{a|uper}")
    assert "upper" in str(caught.value.fix)
    assert caught.value.offset == 1
