"""Documents as texts: encodings, sizes, hostile YAML and JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import ModelError, Problem
from seedbed.model.document import Model
from seedbed.model.reading import parse, parse_with_places, read_tree
from seedbed.model.reading.json_text import scan
from seedbed.model.reading.yaml_text import resolve_plain

SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")
SHOP_JSON = json.dumps(read_tree(SHOP, "shop.yaml").data, indent=1)
SMALL = '{"version": "1.0", "metadata": {"name": "x"}, "timeframe": {"start": "2024-01-01", "end": "2024-02-01"}, "nodes": [%s]}'
NODE = '{"id": "a", "kind": "entity", "columns": [{"name": "b", "type": "int", "generator": {"sequence": {}}}]}'


def problems(text: str | bytes, name: str = "m.yaml") -> tuple[Problem, ...]:
    """The problems of a document that has some."""
    with pytest.raises(ModelError) as caught:
        parse(text, name)
    assert caught.value.exit_code == 2
    return caught.value.problems


def data(text: str, name: str = "m.yaml") -> Any:
    """The data of a document."""
    return read_tree(text, name).data


def written_wrong(text: str, name: str = "m.yaml") -> list[tuple[str, Any]]:
    """What the reader refuses, and where."""
    return [(mistake.message, mistake.mark) for mistake in read_tree(text, name).mistakes]


# ---------------------------------------------------------------------------------------------- both


def test_yaml_and_json_of_one_model_are_equal() -> None:
    assert parse(SHOP, "shop.yaml") == parse(SHOP_JSON, "shop.json")


def test_json_is_known_by_its_name_or_its_first_character() -> None:
    assert isinstance(parse(SMALL % NODE, "-"), Model)
    assert isinstance(parse("\n " + SMALL % NODE, "model"), Model)
    assert isinstance(parse(SMALL % NODE, "m.yaml"), Model)


def test_a_json_model_never_loads_yaml() -> None:
    code = (
        f"import sys; from seedbed.model.reading import parse; parse({SMALL % NODE!r}, 'm.json'); assert 'ruamel.yaml' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_byte_order_mark_is_fine() -> None:
    assert parse(b"\xef\xbb\xbf" + SHOP.encode(), "shop.yaml") == parse(SHOP, "shop.yaml")
    assert isinstance(parse("\ufeff" + SMALL % NODE, "m.json"), Model)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_encodings_are_named(encoding: str) -> None:
    (problem,) = problems(SHOP.encode(encoding), "shop.yaml")
    assert "UTF-" in problem.message
    assert problem.where == "shop.yaml"
    assert problem.fix == "save it as UTF-8"


@pytest.mark.parametrize(
    ("start", "where"), [(b"a: 1\nb: '", "m.yaml:2:5"), (b"\xef\xbb\xbfa: '", "m.yaml:1:5"), ("ä: '".encode(), "m.yaml:1:5")]
)
def test_a_byte_that_is_no_utf8_has_a_place(start: bytes, where: str) -> None:
    (problem,) = problems(start + b"\xe4'")
    assert (problem.message, problem.where) == ("byte 0xe4 is not UTF-8", where)


@pytest.mark.parametrize("text", ["", " \n\t", b" ", "\ufeff"])
def test_an_empty_document_is_refused(text: str | bytes) -> None:
    assert problems(text)[0].message == "the document is empty"


@pytest.mark.parametrize("text", ["# only a comment", "null", "[]", "3", "hello"])
def test_a_document_that_is_no_object_is_refused(text: str) -> None:
    (problem,) = problems(text)
    assert problem.message.startswith("expected an object; found")
    assert str(problem.where).startswith("m.yaml:1:1")


@pytest.mark.parametrize("name", ["m.json", "m.yaml"])
def test_ten_megabytes_are_refused_before_they_are_parsed(name: str) -> None:
    (problem,) = problems("{" * 10 * 2**20, name)
    assert problem.message == "the document is larger than 4 MiB"
    assert problems(b"x: 1\n" * 2 * 2**20, name)[0].message == "the document is larger than 4 MiB"


def test_a_megabyte_of_characters_beyond_ascii_counts_its_bytes() -> None:
    assert problems("#" + "😀" * (2**20 + 1))[0].message == "the document is larger than 4 MiB"


def test_yaml_beyond_one_megabyte_is_refused() -> None:
    assert "read as YAML" in problems("#" * (2**20 + 1))[0].message


@pytest.mark.parametrize("name", ["m.json", "m.yaml"])
def test_sixty_four_levels_are_read_and_one_more_is_not(name: str) -> None:
    assert data("[" * 64 + "]" * 64, name) is not None
    with pytest.raises(ModelError) as caught:
        read_tree("\n" + "[" * 65 + "]" * 65, name)
    assert str(caught.value).startswith(f"{name}:2:65: more than 64 levels of nesting")


@pytest.mark.parametrize("opening", ['{"a":', "["])
@pytest.mark.parametrize("name", ["m.json", "m.yaml"])
def test_a_hundred_thousand_levels_are_one_clear_error(name: str, opening: str) -> None:
    (problem,) = problems(opening * 100_000, name)
    assert problem.message == "more than 64 levels of nesting"


def test_block_nesting_is_bounded_too() -> None:
    text = "\n".join("  " * depth + "a:" for depth in range(200))
    assert problems(text)[0].message == "more than 64 levels of nesting"


# ---------------------------------------------------------------------------------------------- YAML


def test_yaml_follows_the_core_schema_of_1_2() -> None:
    text = """
    on: NO
    yes: off
    version: "1.0"
    date: 2024-01-01
    sexagesimal: 12:30:45
    numbers: [1, -2, +3, 0o17, 0x1F, 0123, 1.5, .5, 1e3, -1.]
    truth: [true, True, FALSE]
    nothing: [null, ~, Null, ]
    texts: [1_000, nan, y, '1', "true", 1.2.3]
    """
    found = data(text)
    assert found["on"] == "NO"
    assert found["yes"] == "off"
    assert found["date"] == "2024-01-01"
    assert found["sexagesimal"] == "12:30:45"
    assert found["numbers"] == [1, -2, 3, 15, 31, 123, 1.5, 0.5, 1000.0, -1.0]
    assert found["truth"] == [True, True, False]
    assert found["nothing"] == [None, None, None]
    assert found["texts"] == ["1_000", "nan", "y", "1", "true", "1.2.3"]


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()))
def test_json_scalars_mean_the_same_in_yaml(value: object) -> None:
    found = resolve_plain(json.dumps(value))
    assert found == value
    assert type(found) is type(value)


def test_plain_keys_are_their_texts() -> None:
    assert list(data("{1: a, 2.5: b, true: c, null: d, on: e}")) == ["1", "2.5", "true", "null", "on"]


def test_aliases_anchors_tags_and_merge_keys_are_all_refused_at_once() -> None:
    text = "a: &x [1]\nb: *x\nc: !!str 2\nd:\n  <<: {e: 1}\n"
    assert written_wrong(text) == [
        ("the anchor `&x`; anchors are not read", (1, 4)),
        ("the alias `*x`; aliases are not read", (2, 4)),
        ("the tag `tag:yaml.org,2002:str`; tags are not read", (3, 4)),
        ("a merge key `<<`", (5, 3)),
    ]


def test_a_bomb_of_aliases_is_refused_without_unfolding() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 20)]
    found = problems("\n".join(lines))
    assert "m.yaml:2:10 a1[0]: the alias `*a0`; aliases are not read" in [f"{problem.where}: {problem.message}" for problem in found]


def test_a_key_that_is_there_twice_is_refused_where_it_comes_again() -> None:
    (problem, *_) = problems(SHOP.replace("rows: 6", 'rows: 6\n    "rows": 7'), "shop.yaml")
    assert problem == Problem("the key `rows` is there twice", "shop.yaml:20:5 nodes.promotion.rows", "keep one of them")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("a:\n\tb: 1", "m.yaml:2:1", "a tab where YAML wants spaces"),
        ("\ta: 1", "m.yaml:1:1", "a tab where YAML wants spaces"),
        ("a: [1,\n  2", "m.yaml:1:4", "a bracket is never closed"),
        ("a: b: c", "m.yaml:1:5", "a `: ` where no key can be"),
        ("a: 'x", "m.yaml:1:4", "a quoted text is never closed"),
        ("- a\nb: c", "m.yaml:2:1", "a key in the middle of a list"),
        ("a:\n  b: 1\n c: 2", "m.yaml:3:2", "indented unlike the lines"),
        ("{a: 1]", "m.yaml:1:6", "a comma or a closing bracket is missing"),
        ("a: @x", "m.yaml:1:4", "no value can start with this character"),
        ('a: "\\q"', "m.yaml:1:6", "an escape that YAML doesn't know"),
        ("a: \x00", "m.yaml:1:4", "the character U+0000 is not allowed in YAML"),
        ('a: "\\UFFFFFFFF"', "m.yaml:1:1", "the text from here on can't be read"),
        ('a: "\\ud800"', "m.yaml:1:4", "half a surrogate pair is no character"),
        ("a: 1\n---\nb: 1", "m.yaml:2:1", "a second document in one file"),
        ("? [1]\n: 2", "m.yaml:1:3", "a list or an object as a key"),
        ("? {a: 1}\n: 2", "m.yaml:1:3", "a list or an object as a key"),
    ],
)
def test_broken_yaml_has_a_place_and_plain_words(text: str, where: str, message: str) -> None:
    (problem,) = problems(text)
    assert problem.where == where
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%YAML 1.1\n---\na: 1", "a `%` directive; YAML 1.2 is always meant"),
        ("a: .inf", ".inf is no finite number"),
        ("a: -.INF", "-.INF is no finite number"),
        ("a: .nan", ".nan is no finite number"),
        ("~: 1", "an empty key"),
        (": 1", "an empty key"),
        ("a: " + "9" * 5000, "a whole number of 5000 digits"),
        ("*a : 1", "the alias `*a`; aliases are not read"),
    ],
)
def test_yaml_that_no_model_needs_is_refused(text: str, message: str) -> None:
    assert [said for said, _ in written_wrong(text)] == [message]


def test_escaped_surrogate_pairs_are_one_character_in_both() -> None:
    assert data('{"a": "\\ud83d\\ude00"}', "m.json") == data('{"a": "\\ud83d\\ude00"}', "m.yaml") == {"a": "😀"}


# ---------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ('{"a": 1,}', "m.json:1:", "not JSON: "),
        ("{'a': 1}", "m.json:1:2", "expecting property name"),
        ('{"a": 1 "b": 2}', "m.json:1:9", "expecting ',' delimiter"),
        ('{"a" 1}', "m.json:1:6", "expecting ':' delimiter"),
        ('{\n"a": }', "m.json:2:6", "expecting value"),
        ("// note\n{}", "m.json:1:1", "expecting value"),
        ('{"a": "x', "m.json:1:7", "unterminated string"),
        ('{"a": "x\ty"}', "m.json:1:9", "invalid control character"),
        ('{"a": "\\x"}', "m.json:1:8", "invalid \\escape"),
        ("{} {}", "m.json:1:4", "extra data"),
        ('{"a": "\\ud800"}', "m.json:1:7", "half a surrogate pair is no character"),
        ('{"\\ud800": 1}', "m.json:1:2", "half a surrogate pair is no character"),
    ],
)
def test_broken_json_has_a_place_and_a_remedy(text: str, where: str, message: str) -> None:
    (problem,) = problems(text, "m.json")
    assert str(problem.where).startswith(where)
    assert message in problem.message
    assert problem.fix


def test_json_that_no_model_needs_is_refused_all_at_once() -> None:
    text = '{"a": 1,\n "a": [NaN, -Infinity],\n "b": %s}' % ("9" * 5000)
    assert written_wrong(text, "m.json") == [
        ("the key `a` is there twice", (2, 2)),
        ("NaN is no JSON number", (2, 8)),
        ("-Infinity is no JSON number", (2, 13)),
        ("a whole number of 5000 digits", (3, 7)),
    ]


def test_a_number_beyond_all_numbers_is_refused() -> None:
    for number in ("1e999", "1" + "0" * 400):
        text = (SMALL % NODE).replace('"sequence": {}', f'"distribution": {{"type": "normal", "params": {{"mean": {number}, "std": 1}}}}')
        (problem,) = problems(text, "m.json")
        assert str(problem.where).endswith("distribution.params.mean")
        assert "1.8e308" in str(problem.fix)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.sampled_from([None, 1, 3]))
def test_every_value_of_json_has_a_place(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=indent is None)
    lines = text.split("\n")
    marks = scan(text).marks

    def check(part: object, path: tuple[str | int, ...]) -> None:
        line, column = marks.values[path]
        first = json.dumps(part, ensure_ascii=indent is None)[0]
        assert lines[line - 1][column - 1] == first
        steps = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for step, inner in steps:
            check(inner, (*path, step))

    check(value, ())


# -------------------------------------------------------------------------------------------- places


def test_places_tell_where_the_parts_of_a_model_stand() -> None:
    for name, text in (("shop.yaml", SHOP), ("shop.json", SHOP_JSON)):
        _, places = parse_with_places(text, name)
        line = next(number for number, line in enumerate(text.splitlines(), 1) if "locale_from" in line)
        where = places.where(("nodes", 2, "columns", 1, "generator", "faker", "locale_from"))
        assert where.startswith(f"{name}:{line}:")
        assert where.endswith(" nodes.customer.columns.full_name.generator.faker.locale_from")


def test_places_know_parts_by_the_names_of_the_classes() -> None:
    _, places = parse_with_places(SHOP, "shop.yaml")
    assert places.where(("constraints", "foreign_keys", 0, "from_")).endswith("constraints.foreign_keys[0].from")
    assert places.where(("nodes", 3, "fanout", "lambda_")) == "shop.yaml:89:45 nodes.order.fanout.lambda"
    assert places.where(("targets", "weekend_share", 0, "min")) == "shop.yaml:144:60 targets.weekend_share.min"


def test_a_part_that_is_not_there_has_the_place_of_what_is_around_it() -> None:
    _, places = parse_with_places(SHOP, "shop.yaml")
    assert places.where(("nodes", 0, "rows")) == "shop.yaml:6:5 nodes.country.rows"
    assert places.where(("nodes", 99, "rows")) == "shop.yaml:5:1 nodes[99].rows"
    assert places.where(()) == "shop.yaml:2:1"


def test_strange_keys_stand_in_brackets() -> None:
    text = (SMALL % NODE).replace('"name": "x"', '"name": "x", "a b": {"c": 1}')
    assert problems(text, "m.json")[0].where == 'm.json:1:53 metadata["a b"]'


@pytest.mark.parametrize("name", ["m.json", "m.yaml"])
def test_editors_may_name_their_schema(name: str) -> None:
    text = json.dumps({"$schema": "seedbed.schema.json", **json.loads(SMALL % NODE)})
    assert parse(text, name).nodes == parse(SMALL % NODE, "m.json").nodes
