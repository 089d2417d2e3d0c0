"""Write docs/generators.md from the model's own classes: `.venv/bin/python tools/write_generators.py`. A test says when it is due."""

from __future__ import annotations

from pathlib import Path

from seedbed.cli.generators import Kind, Parameter, kinds

PAGE = Path(__file__).parents[1] / "docs" / "generators.md"

HEAD = """# Generators and modifiers

Made from the code by `tools/write_generators.py`; the meaning and the formulas are in [the model](model.md). In a terminal,
`seedbed generators` shows the same.
"""


def page() -> str:
    """The whole page."""
    found = kinds()
    generators = [kind for kind in found if kind.family == "generator"]
    modifiers = [kind for kind in found if kind.family == "modifier"]
    parts = [HEAD, "## Generators\n", *map(section, generators), "## Modifiers\n", *map(section, modifiers)]
    return "\n".join(parts)


def section(kind: Kind) -> str:
    """One kind: what it is, an example, its parameters."""
    rows = [
        f"| {name(parameter)} | {type_of(parameter)} | {default(parameter)} | {parameter.description} |" for parameter in kind.parameters
    ]
    table = ["| parameter | type | default | |", "|---|---|---|---|", *rows]
    return "\n".join([f"### {kind.name}\n", f"{kind.description}\n", f"    {kind.example}\n", *table, ""])


def name(parameter: Parameter) -> str:
    """The path of a parameter; in brackets the variant it belongs to."""
    return f"`{parameter.name}`"


def type_of(parameter: Parameter) -> str:
    """Its type, in words that a table takes."""
    return parameter.type.replace("|", "\\|")


def default(parameter: Parameter) -> str:
    """What holds where it is left out."""
    if parameter.is_required:
        return "required"
    return "" if parameter.default in (None, {}, "") else f"`{str(parameter.default).lower()}`"


if __name__ == "__main__":
    PAGE.write_text(page())
