"""Parameters of `pattern`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from seedbed.core.template import TemplateError, Value, parse_template
from seedbed.model.base import Part

_Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class TextPattern(Part):
    """A text of a regular expression, or one put together of parts."""

    regex: _Text | None = Field(
        default=None,
        description="A regular expression that the whole text matches: literals, classes, groups, alternatives and counts; "
        r"`.`, `\w`, `\d` and `\s` stand for printable ASCII.",
    )
    template: _Text | None = Field(
        default=None,
        description="Text with parts in braces: `{column}`, `{link.column}`, `{record.field}`, `{row}`, `{row:06d}`, `{regex:[A-Z]{3}}`; "
        "filters: `{name|ascii|lower}` (ascii, lower, upper, title).",
    )

    @property
    def references(self) -> tuple[str, ...]:
        """What the template reads of its row; nothing where it cannot be read, which is said elsewhere."""
        try:
            pieces = parse_template(self.template or "")
        except TemplateError:
            return ()
        return tuple(piece.reference for piece in pieces if isinstance(piece, Value))

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.regex is None) == (self.template is None):
            raise PydanticCustomError("pattern_source", "a pattern takes either `regex` or `template`", {})
        return self
