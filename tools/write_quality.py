"""Write the table of kinds in docs/quality.md from the model's own classes: `.venv/bin/python tools/write_quality.py`. A test says when it is due."""

from __future__ import annotations

import typing
from pathlib import Path

from pydantic.fields import FieldInfo

from seedbed.core.block import NUMBERS, TEXTS, ColumnType
from seedbed.model.quality import KINDS, IssueOf

PAGE = Path(__file__).parents[1] / "docs" / "quality.md"
BEGIN, END = "<!-- kinds -->\n", "<!-- end of kinds -->\n"


def page(text: str) -> str:
    """The page with the table as the code has it."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


def table() -> str:
    """All kinds: what each acts on and does, and its parameters."""
    rows = [f"| `{name}` | {types(kind)} | {kind.__doc__} | {parameters(kind)} |" for name, kind in KINDS.items()]
    return "\n".join(["| kind | acts on | what it does | params (default) |", "|---|---|---|---|", *rows, ""])


def types(kind: type[IssueOf]) -> str:
    """The types of columns that a kind acts on."""
    if kind.effect != "change":
        return "whole rows"
    if kind.acts_on == frozenset(ColumnType):
        return "every type"
    left = kind.acts_on - (NUMBERS if kind.acts_on >= NUMBERS else frozenset()) - (TEXTS if kind.acts_on >= TEXTS else frozenset())
    names = ["numbers"] * (kind.acts_on >= NUMBERS) + ["string, uuid, json"] * (kind.acts_on >= TEXTS)
    return ", ".join([*names, *(each.value for each in ColumnType if each in left)])


def parameters(kind: type[IssueOf]) -> str:
    """The parameters of a kind, with their defaults and what they mean."""
    params = kind.model_fields["params"].annotation
    assert params is not None
    return "; ".join(parameter(name, field) for name, field in params.model_fields.items() if name != "comment")


def parameter(name: str, field: FieldInfo) -> str:
    """One parameter."""
    default = field.default
    shown = f" ({default:g})" if isinstance(default, int | float) else f" ({default})" if isinstance(default, str) else ""
    return f"`{field.alias or name}`{shown}: {typing.cast('str', field.description).rstrip('.')}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
