"""The language is exactly what it says, and everything else is refused where it stands."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.block import ColumnType
from seedbed.core.errors import ModelError
from seedbed.core.expression import FUNCTIONS, ExpressionError, RowError, UnknownName, evaluate, infer, parse
from seedbed.core.expression.operations import OPERATIONS
from seedbed.core.expression.tree import Call, Literal, Step, walk
from tests.core.expression.rows import Node, cells_of, nodes


def shape(text: str) -> str:
    """The expression with every operation in parentheses."""

    def shown(step: Step, arguments: list[str]) -> str:
        if isinstance(step, Call):
            return f"({' '.join([step.operation, *arguments])})"
        return str(step.value) if isinstance(step, Literal) else step.name

    return walk(parse(text).steps, shown)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a + b * c", "(+ a (* b c))"),
        ("a - b - c", "(- (- a b) c)"),
        ("a / b // c % d", "(% (// (/ a b) c) d)"),
        ("a ** b ** c", "(** a (** b c))"),
        ("-a ** 2", "(unary - (** a 2))"),
        ("2 ** -1 * 3", "(* (** 2 -1) 3)"),
        ("-1 ** 2", "(unary - (** 1 2))"),
        ("- -a", "(unary - (unary - a))"),
        ("+a - +1", "(- a 1)"),
        ("not a == b and c or d", "(or (and (not (== a b)) c) d)"),
        ("not not a", "(not (not a))"),
        ("a or b and not c", "(or a (and b (not c)))"),
        ("a < b + 1", "(< a (+ b 1))"),
        ("(a < b) == c", "(== (< a b) c)"),
        ("(a + b) * c", "(* (+ a b) c)"),
        ("if_(a, -b, length(c) - 1)", "(if_ a (unary - b) (- (length c) 1))"),
        ("manager.region.name + 'x'", "(+ manager.region.name x)"),
        ("date(date)", "(date date)"),
        ("true != False", "(!= True False)"),
        ("null", "None"),
        ("a\n  + b\t", "(+ a b)"),
        ("größe * 2", "(* größe 2)"),
        ("-9223372036854775808", "-9223372036854775808"),
        (".5 + 1. + 2.5e3 + 1E-2", "(+ (+ (+ 0.5 1.0) 2500.0) 0.01)"),
        (r"'it\'s' + \"\u00e9\n\"".replace('\\"', '"'), "(+ it's é\n)"),
    ],
)
def test_operators_bind_as_documented(text: str, wanted: str) -> None:
    assert shape(text) == wanted


@pytest.mark.parametrize(
    ("text", "offset", "message", "fix"),
    [
        ("", 0, "empty", "price"),
        ("   ", 0, "empty", "price"),
        ("a +", 3, "ends where a value is missing", "last operator"),
        ("(a", 0, "not closed", "add `)`"),
        ("a)", 1, "`)` can't stand here", ""),
        ("a b", 2, "`b` can't stand here", ""),
        ("f(a b)", 4, "`b` can't stand here", ""),
        ("f(,)", 2, "`,` can't stand here", ""),
        ("* a", 0, "`*` can't stand here", ""),
        ("()", 0, "parentheses are empty", ""),
        ("().__class__", 2, "attributes can't be read", ""),
        ("(a).__class__", 3, "attributes can't be read", "link.column"),
        ("x.__class__", 2, "`__class__` can't be read", ""),
        ("__import__('os')", 0, "`__import__` can't be read", ""),
        ("x.upper()", 0, "methods can't be called", "upper(x)"),
        ("'a'.upper()", 3, "attributes can't be read", ""),
        ("a . b", 2, "attributes can't be read", ""),
        ("x[0]", 1, "subscripts", "substr"),
        ("[1, 2]", 0, "lists", ""),
        ("{1: 2}", 0, "braces", ""),
        ("f'{x}'", 0, "`f` stands before a text", "concat"),
        ("'a' 'b'", 4, "'b' can't stand here", ""),
        ("'a''b'", 3, "a text is followed by a text", "concat"),
        ("a if b else c", 2, "`if` is not part", "if_(condition, a, b)"),
        ("b ? a : c", 2, "`? :`", "if_(condition, a, b)"),
        ("lambda x", 0, "`lambda` is not part", ""),
        ("a in b", 2, "`in` is not part", "x == a or x == b"),
        ("a is null", 2, "`is` is not part", "is_null(x)"),
        ("a & b", 2, "`&`", "write `and`"),
        ("a && b", 2, "`&&`", "write `and`"),
        ("a | b", 2, "`|`", "write `or`"),
        ("a || b", 2, "`||`", "write `or`"),
        ("~a", 0, "`~`", "write `not`"),
        ("a ^ b", 2, "`^`", "`**`"),
        ("!a", 0, "`!`", "write `not`"),
        ("a <> b", 2, "`<>`", "`!=`"),
        ("a = b", 2, "`=` does not compare", "`==`"),
        ("a := b", 2, "assigned", ""),
        ("a; b", 1, "`;`", ""),
        ("a # b", 2, "'#' has no meaning", ""),
        ("a \x00 b", 2, "has no meaning", ""),
        ("1 < a < 3", 6, "chained", "a < b and b < c"),
        ("a == b != c", 7, "chained", ""),
        ("1 + not a", 4, "`not` binds less", "parentheses"),
        ("(a)(b)", 3, "can't be called", ""),
        ("length(a)(b)", 9, "can't be called", ""),
        ("12abc", 0, "not a number", ""),
        ("1_000", 0, "not a number", "1000"),
        ("0x10", 0, "not a number", ""),
        ("1.2.3", 0, "not a number", ""),
        ("007", 0, "begins with 0", ""),
        ("9223372036854775808", 0, "64 bits", "1e20"),
        ("1 - 9223372036854775808", 4, "64 bits", "1e20"),
        ("9" * 5000, 0, "64 bits", "1e20"),
        ("1e999", 0, "range of floats", ""),
        ("'abc", 0, "no closing quote", "end it with '"),
        (r"'\x41'", 1, "not an escape", r"\\"),
        (r"'\ud800'", 6, "lone surrogate", ""),
        ("'\ud800'", 1, "lone surrogate", ""),
        ("a + \u0663", 4, "has no meaning", ""),
    ],
)
def test_what_is_not_the_language_is_refused_where_it_stands(text: str, offset: int, message: str, fix: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    problem = caught.value.problems[0]
    assert (caught.value.offset, message in problem.message, fix in (problem.fix or "")) == (offset, True, True), problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * 10_001, "10,001 characters"),
        ("1" + " + 1" * 1000, "more than 1,000 parts"),
        ("(" * 2000 + "1" + ")" * 2000, "more than 64 deep"),
        ("-" * 5000 + "1", "more than 64 deep"),
        ("not " * 2000 + "a", "more than 64 deep"),
        ("2 ** " * 900 + "2", "more than 64 deep"),
        ("if_(a, " * 900 + "1", "more than 64 deep"),
    ],
)
def test_bombs_are_refused_at_once(text: str, message: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(ExpressionError, match=message):
        parse(text)
    assert time.perf_counter() - begun < 1


def test_what_is_just_within_the_limits_is_computed() -> None:
    chain = parse("1" + " + 1" * 499)
    assert cells_of(evaluate(chain, dict[str, object]().__getitem__, 1)) == [500]  # type: ignore[arg-type]
    assert infer(parse("(" * 63 + "1" + ")" * 63), lambda _: None) == ColumnType.INT
    assert hash(chain) == hash(pickle.loads(pickle.dumps(chain)))  # noqa: S301


def refusal(text: str) -> ExpressionError | None:
    """What is wrong with an expression of int columns."""
    try:
        infer(parse(text), lambda _: ColumnType.INT)
    except ExpressionError as error:
        return error
    return None


@settings(max_examples=6 * settings().max_examples)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    error = refusal(text)
    assert error is None or (0 <= error.offset <= len(text) and error.problems[0].message)


WORDS = ["a", "1", "2.5", "'x'", "(", ")", ",", "+", "-", "**", "<", "and", "not", "or", "if_", "null", ".", "==", "round", "in", "[", "f'"]


@settings(max_examples=6 * settings().max_examples)
@given(st.lists(st.sampled_from(WORDS), max_size=15))
def test_any_words_are_read_or_refused_and_typed_or_refused(words: list[str]) -> None:
    text = " ".join(words)
    error = refusal(text)
    assert error is None or 0 <= error.offset <= len(text)


@given(nodes())
def test_names_come_once_in_the_order_of_the_text(node: Node) -> None:
    found = parse(str(node)).names
    places = [str(node).index(name) for name in found]
    assert places == sorted(places)
    assert len(set(found)) == len(found)


def test_errors_are_errors_of_the_document_and_keep_their_place_when_pickled() -> None:
    for error in (ExpressionError("bad", offset=3, fix="good"), UnknownName("x", offset=2), RowError("zero", index=7)):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (type(again), str(again), again.problems, vars(again)) == (type(error), str(error), error.problems, vars(error))
    assert issubclass(ExpressionError, ModelError)


def test_every_function_is_documented() -> None:
    from seedbed.core import expression

    assert all(f"{OPERATIONS[name].usage.split('(')[0]}(" in str(expression.__doc__) for name in FUNCTIONS)
