"""From a text or plain data to a checks document, with every mistake found at once and placed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.model.places import Marks, Mistake, Places
from seedbed.model.reading import read_tree
from seedbed.model.reading.text import decode
from seedbed.model.reading.tree import Tree, refuse_vast

if TYPE_CHECKING:
    from pydantic import ValidationError

    from seedbed.model.checks.document import ChecksDocument


def parse_checks(text: str | bytes, name: str) -> ChecksDocument:
    """Read checks from the text of a YAML or JSON document; `name` is what messages call it.

    Raises:
        ModelError: with every mistake, each with line and column.

    >>> parse_checks('{"version": "1.0", "tables": {"a": [{"kind": "not_nul", "column": "x"}]}}', "checks.json")
    Traceback (most recent call last):
    seedbed.core.errors.ModelError: checks.json:1:46 tables.a[0].kind: the text "not_nul" is not one of ...
    """
    return checks_of(read_tree(decode(text, name), name), name)


def checks_of(tree: Tree, name: str) -> ChecksDocument:
    """The checks in a document that is read.

    Raises:
        ModelError: with every mistake.
    """
    from pydantic import ValidationError

    from seedbed.model.checks.document import document_of

    refuse_vast(tree.data, name)
    places = Places(name, tree.data, tree.find)
    mistakes: list[Mistake] = list(tree.mistakes)
    try:
        found = document_of(_kinds_in(tree.data)).model_validate(tree.data, by_alias=True, by_name=False)
    except ValidationError as narrow:
        raise places.error([*mistakes, *_all_mistakes(narrow, tree.data)]) from None
    mistakes += _named_twice(found)
    if mistakes:
        raise places.error(mistakes)
    return found


def checks_from(data: Mapping[str, object]) -> ChecksDocument:
    """The checks in plain data.

    Raises:
        ModelError: with every mistake.
    """
    return checks_of(Tree(dict(data), Marks), "")


def is_checks(data: object) -> bool:
    """Whether plain data are a checks document and no model.

    >>> is_checks({"version": "1.0", "tables": {}}), is_checks({"version": "1.0", "nodes": []})
    (True, False)
    """
    return isinstance(data, Mapping) and "tables" in data and not {"nodes", "entities", "facts", "vocabs", "timeframe"} & set(data)


def _kinds_in(data: object) -> list[str] | None:
    """The kinds of the checks in plain data; None where something isn't as it should be."""
    tables = data.get("tables") if isinstance(data, Mapping) else None
    listed = list(tables.values()) if isinstance(tables, Mapping) else []
    checks = [check for checks in listed if isinstance(checks, list) for check in checks]
    kinds = [check.get("kind") for check in checks if isinstance(check, Mapping)]
    return [kind for kind in kinds if isinstance(kind, str)] if len(kinds) == len(checks) else None


def _all_mistakes(narrow: ValidationError, data: object) -> list[Mistake]:
    """What is wrong, as the class of all kinds tells it: it knows what else could have been written."""
    from pydantic import ValidationError

    from seedbed.model.checks.document import document_of
    from seedbed.model.reading.problems import mistakes_of

    whole = document_of()
    try:
        whole.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        return list(mistakes_of(error, whole, data))
    return list(mistakes_of(narrow, whole, data))


def _named_twice(found: ChecksDocument) -> list[Mistake]:
    """Ids that two checks have."""
    seen: set[str] = set()
    mistakes = []
    for table, checks in found.tables.items():
        for place, check in enumerate(checks):
            if check.id is not None and check.id in seen:
                path = ("tables", table, place, "id")
                mistakes.append(Mistake(path, f"two checks are called `{check.id}`", "give each an id of its own, or none"))
            seen.add(check.id or "")
    return mistakes
