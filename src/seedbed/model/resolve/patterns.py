"""What patterns, UUIDs and constants ask for: expressions that can be read, columns that are there, values that fit."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.core.block import ColumnType
from seedbed.core.template import Drawn, TemplateError, Value, parse_template
from seedbed.model.document import ColumnSpec, Node
from seedbed.model.generators.constant import Constant
from seedbed.model.generators.pattern import TextPattern
from seedbed.model.generators.uuid import Uuid
from seedbed.model.places import Mistake, Path
from seedbed.model.resolve.nested import row_reference_mistakes
from seedbed.model.resolve.scope import TIMES, Scope
from seedbed.model.resolve.values import wrong_values

#: What templates write: texts as they are, numbers in digits, days in ISO 8601.
_WRITTEN = frozenset(
    {
        ColumnType.STRING,
        ColumnType.UUID,
        ColumnType.INT,
        ColumnType.BOOL,
        ColumnType.DECIMAL,
        ColumnType.DATE,
    }
)
_TEXTS = frozenset({ColumnType.STRING, ColumnType.UUID})


def pattern_mistakes(scope: Scope, node: Node, column: ColumnSpec, params: TextPattern, path: Path) -> Iterator[Mistake]:
    """Mistakes of a `pattern`."""
    if params.regex is not None:
        yield from _regex(params.regex, 0, "regex", (*path, "regex"))
    if params.template is None:
        return
    here = (*path, "template")
    try:
        pieces = parse_template(params.template)
    except TemplateError as error:
        yield Mistake(here, f"{error.message} (character {error.offset + 1} of the template)", error.fix)
        return
    for piece in pieces:
        if isinstance(piece, Drawn):
            yield from _regex(piece.regex, piece.offset, "template", here)
        elif isinstance(piece, Value):
            types = _TEXTS if piece.filters else {ColumnType.INT} if piece.digits else _WRITTEN
            what = "a filter" if piece.filters else "a width" if piece.digits else "a template"
            yield from row_reference_mistakes(scope, node, column, piece.reference, here, types, what)


def _regex(text: str, offset: int, what: str, path: Path) -> Iterator[Mistake]:
    from seedbed.core.language import LanguageError, parse, whole  # only models with patterns need it

    try:
        whole(parse(text))
    except LanguageError as error:
        yield Mistake(path, f"{error.message} (character {offset + error.offset + 1} of the {what})", error.fix)


def uuid_mistakes(scope: Scope, node: Node, column: ColumnSpec, params: Uuid, path: Path) -> Iterator[Mistake]:
    """Mistakes of a `uuid`."""
    if params.name is not None:
        yield from row_reference_mistakes(scope, node, column, params.name, (*path, "name"), _WRITTEN, "`name`")
    if params.time is not None:
        yield from row_reference_mistakes(scope, node, column, params.time, (*path, "time"), TIMES, "`time`")


def constant_mistakes(_scope: Scope, _node: Node, column: ColumnSpec, params: Constant, path: Path) -> Iterator[Mistake]:
    """Mistakes of a `constant`."""
    if params.value is not None:
        yield from wrong_values([("value", params.value)], column.value_type, path)
