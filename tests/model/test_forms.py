"""Two forms of one model: what people write, what programs read, and the way between them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.errors import ModelError
from seedbed.model.document import Model
from seedbed.model.formatting import format_document
from seedbed.model.reading import parse
from seedbed.model.reading.forms import authoring, canonical
from tests.model.documents import models

TEXT = (Path(__file__).parent / "authored.yaml").read_text(encoding="utf-8")


def problems(text: str, **options: Any) -> list[tuple[str, str, str | None]]:
    """Where, what and the remedy of all that is wrong with a document."""
    with pytest.raises(ModelError) as caught:
        parse(text, "m.yaml", **options)
    return [(str(problem.where).removeprefix("m.yaml:"), problem.message, problem.fix) for problem in caught.value.problems]


def changed(old: str, new: str) -> str:
    """The document with one part replaced."""
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def by_name(model: Model) -> Model:
    """The model with its tables in the order of their names, which means nothing."""
    return model.model_copy(update={"nodes": tuple(sorted(model.nodes, key=lambda node: node.id))})


def test_maps_of_tables_and_columns_are_read() -> None:
    model = parse(TEXT, "m.yaml")
    assert [(node.id, node.kind) for node in model.nodes] == [("tier", "vocab"), ("user", "entity"), ("visit", "fact")]
    user = model.node("user")
    assert user is not None
    assert user.rows == 2_500
    assert [(column.name, column.generator.kind) for column in user.columns] == [
        ("user_id", "sequence"),
        ("name", "faker"),
        ("tier", "choice"),
        ("since", "datetime_series"),
    ]


def test_both_forms_are_the_same_model() -> None:
    listed = format_document(TEXT, "m.yaml", form="canonical")
    assert "entities:" not in listed.partition("profiles:")[0]
    assert parse(listed, "m.yaml") == parse(TEXT, "m.yaml")
    assert parse(format_document(listed, "m.yaml", form="authoring"), "m.yaml") == parse(TEXT, "m.yaml")


@settings(max_examples=25)
@given(models())
def test_every_model_comes_back_from_the_other_form(document: Any) -> None:
    text = json.dumps({**document, "version": "2.0"})
    model = parse(text, "m.json")
    authored = format_document(text, "m.json", to="yaml", form="authoring")
    assert by_name(parse(authored, "m.yaml")) == by_name(model)
    assert format_document(authored, "m.yaml", form="authoring") == authored
    listed = format_document(authored, "m.yaml", form="canonical")
    assert by_name(parse(listed, "m.yaml")) == by_name(model)
    assert format_document(listed, "m.yaml", form="canonical") == listed


@given(models())
def test_paths_lead_to_the_author_and_back(document: Any) -> None:
    form = canonical(authoring(document))
    for index, node in enumerate(form.data["nodes"]):  # type: ignore[index]  # it is an object
        for place, column in enumerate(node["columns"]):
            path = ("nodes", index, "columns", place, "generator", next(iter(column["generator"])))
            assert form.author(path)[1:] == (node["id"], "columns", column["name"], path[-1])
            assert form.canonical(form.author(path)) == path


@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_comments_go_to_the_other_form_and_back_or_their_loss_is_refused(chance: random.Random, count: int) -> None:
    lines = TEXT.splitlines()
    for number in range(count):
        at = chance.randrange(len(lines))
        lines[at] += (
            f"  # note {number}" if chance.random() < 0.5 else f"\n{' ' * (len(lines[at]) - len(lines[at].lstrip()))}# note {number}"
        )
    text = "\n".join(lines) + "\n"
    try:
        listed = format_document(text, "m.yaml", form="canonical")
        back = format_document(listed, "m.yaml", form="authoring")
    except ModelError as error:
        assert "comment" in str(error)  # noqa: PT017 - either outcome is right
        return
    assert all(listed.count(f"# note {number}") == 1 for number in range(count))
    assert all(back.count(f"# note {number}") == 1 for number in range(count))
    assert parse(back, "m.yaml") == parse(text, "m.yaml")
    assert format_document(back, "m.yaml", form="authoring") == back


def test_comments_stay_with_what_they_are_about() -> None:
    listed = format_document(TEXT, "m.yaml", form="canonical")
    assert "  # who visits\n  - id: user  # people\n" in listed
    assert "      # as the passport says\n      - name: name\n" in listed
    assert "name: user_id, type: int, generator: {sequence: {start: 100}}}  # the key\n" in listed
    assert listed.startswith("# yaml-language-server: $schema=seedbed.schema.json\n")


def test_a_document_of_version_1_has_the_canonical_form_only() -> None:
    with pytest.raises(ModelError, match=r"documents of version 1\.0 have the canonical form only"):
        format_document((Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8"), "shop.yaml", form="authoring")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "sequence: {start: 100}",
            "sequence: {start: ten}",
            [("19:35 entities.user.columns.user_id.sequence.start", 'expected a whole number; found the text "ten"', None)],
        ),
        (
            "faker: {method: name}",
            "fakr: {method: name}",
            [("21:14 entities.user.columns.name.fakr", "unknown key `fakr`", "did you mean `faker`?")],
        ),
        (
            "faker: {method: name}",
            "faker: {method: name}, sequence: {}",
            [
                (
                    "21:7 entities.user.columns.name",
                    "a column takes exactly one generator, found 2: sequence, faker",
                    "keep one of `sequence`, `faker`",
                )
            ],
        ),
        (
            "faker: {method: name}",
            "generator: {faker: {method: name}}, faker: {method: name}",
            [("21:50 entities.user.columns.name.faker", "`faker` stands beside `generator`: a column takes exactly one", "keep one of them")],
        ),
        (
            "faker: {method: name}",
            "llm: {prompt: a name}",
            [("21:14 entities.user.columns.name.llm", "this version of seedbed does not have `llm` yet", "remove `llm`")],
        ),
        (
            "    pk: visit_id",
            "    pk: visit_id\n    lifecycle: {}",
            [("31:5 facts.visit.lifecycle", "this version of seedbed does not have `lifecycle` yet", "remove `lifecycle`")],
        ),
        ("locale: de_DE", "stream: {}", [("5:1 stream", "this version of seedbed does not have `stream` yet", "remove `stream`")]),
        ("name: {faker", "name: {name: x, faker", [("21:14 entities.user.columns.name.name", "the key `name` says the column's name already", "remove `name`")]),
        ("pk: visit_id", "kind: fact", [("30:5 facts.visit.kind", "`facts` says the table's kind already", "remove `kind`")]),
        ("  visit:", "  user:", [("28:3 facts.user", "the table `user` stands in `entities` and in `facts`", "keep one of them")]),
        ("  visit:", "  my visit:", [("28:3 facts[\"my visit\"]", 'expected a name (letters, digits, underscores; no digit first); found the text "my visit"', "such as `order_item`")]),
        ("rows: 2.5K", "rows: many", [("15:11 entities.user.rows", 'expected a whole number; found the text "many"', "write a number, such as 1000, 50K or 2.5M")]),
        ("rows: 2.5K", "rows: 1.0005K", [("15:11 entities.user.rows", 'expected a whole number; found the text "1.0005K"', "write a number, such as 1000, 50K or 2.5M")]),
        ("name: {faker", "name: {seed_as: tier, faker", [("21:23 entities.user.columns.name.seed_as", "`name` would have the draws of the column `tier`, which is still there", "name the old name of this column, which no other has")]),
    ],
)  # fmt: skip
def test_mistakes_have_the_authors_own_places(old: str, new: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert problems(changed(old, new)) == expected


def test_all_mistakes_of_an_authored_document_come_at_once() -> None:
    text = changed("rows: 2.5K", "rows: -1").replace("method: name", "method: 3").replace("parents: [user]", "parents: [usr]")
    assert [where.partition(" ")[2] for where, _, _ in problems(text)] == [
        "entities.user.rows",
        "entities.user.columns.name.faker.method",
        "facts.visit.parents[0]",
    ]


def test_version_1_refuses_what_came_later() -> None:
    text = TEXT.replace('version: "2.0"', 'version: "1.0"')
    assert [message for _, message, _ in problems(text)] == [
        f"`{key}` needs version 2.0" for key in ("seed", "locale", "scale", "vocabs", "entities", "facts", "profiles")
    ]


def test_version_1_refuses_keys_of_later_versions_inside_its_parts() -> None:
    column = '{"name": "a", "type": "int", "hidden": true, "generator": {"sequence": {}}}'
    head = '{"version": "1.0", "metadata": {"name": "m"}, "timeframe": {"start": "2024-01-01", "end": "2024-02-01"}, '
    found = problems(f'{head} "nodes": [{{"id": "t", "kind": "entity", "rows": "5K", "columns": [{column}]}}]}}'.replace("m.yaml", ""))
    assert [(where.partition(" ")[2], message, fix) for where, message, fix in found] == [
        ("nodes.t.rows", 'expected a whole number; found the text "5K"', "write 5000"),
        ("nodes.t.columns.a.hidden", "`hidden` needs version 2.0", 'write `version: "2.0"` at the top, or remove it'),
    ]


def test_version_1_refuses_lists_where_it_has_single_values() -> None:
    column = {"name": "a", "type": "int", "generator": {"sequence": {}}}
    nodes = [{"id": "t", "kind": "entity", "pk": ["a"], "columns": [column]}]
    timeframe = {"start": "2024-01-01", "end": "2024-02-01"}
    data = {"version": "1.0", "metadata": {"name": "m"}, "timeframe": timeframe, "nodes": nodes}
    assert [message for _, message, _ in problems(json.dumps(data))] == ["a list in `pk` needs version 2.0"]


def test_a_profile_changes_what_it_names() -> None:
    small, whole = parse(TEXT, "m.yaml", profile="small"), parse(TEXT, "m.yaml")
    assert (small.scale, whole.scale) == (0.01, 2.0)
    user, before = small.node("user"), whole.node("user")
    assert user is not None
    assert before is not None
    assert (user.rows, user.pk) == (7, "user_id")
    assert [column.generator.kind for column in user.columns] == ["sequence", "choice", "choice", "datetime_series"]
    assert small.node("visit") == whole.node("visit")


def test_a_profile_is_the_same_for_both_forms() -> None:
    listed = format_document(TEXT, "m.yaml", form="canonical")
    assert parse(listed, "m.yaml", profile="small") == parse(TEXT, "m.yaml", profile="small")


def test_mistakes_of_a_profile_stand_in_the_profile() -> None:
    wrong = changed("rows: 7", "rows: seven")
    expected = [("43:15 profiles.small.entities.user.rows", 'expected a whole number; found the text "seven"', "write a number, such as 1000, 50K or 2.5M")]  # fmt: skip
    assert problems(wrong) == expected
    assert problems(wrong, profile="small") == expected
    parse(wrong.replace("rows: seven", "rows: 8"), "m.yaml")


def test_what_a_profile_makes_wrong_elsewhere_is_told_of_it() -> None:
    wrong = changed("rows: 7", "pk: nobody")
    assert [message for _, message, _ in problems(wrong)] == ["`user` has no column `nobody`"]
    retyped = changed("columns: {name: {choice: {choices: [A, B]}}}", "columns: {user_id: {type: string}}")
    assert ("34:32 facts.visit.columns.user_id.lookup.from", "with the profile `small`: `user.user_id` is string, the column is int", "write `type: string`") in problems(retyped)  # fmt: skip


def test_an_unknown_profile_is_refused() -> None:
    assert problems(TEXT, profile="smal")[0][1:] == ("there is no profile `smal`", "did you mean `small`?")


def test_a_profile_overrides_no_version() -> None:
    found = problems(changed("    scale: 0.01", '    version: "1.0"'))
    assert found == [("40:5 profiles.small.version", "a profile cannot override `version`", "remove `version`")]


def test_a_column_needs_a_generator_unless_its_table_fills_it() -> None:
    found = problems(changed("name: {faker: {method: name}, type", "name: {type"))
    assert found == [("21:7 entities.user.columns.name", "`name` has no generator", "add one; `seedbed generators` lists them")]
    found = problems(changed("name: {faker: {method: name}, type: string, sensitivity: PII}", "name: {}"))
    assert [message for _, message, _ in found] == ["`name` has no generator"]
