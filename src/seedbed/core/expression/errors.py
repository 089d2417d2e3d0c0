"""What is wrong with an expression, and where in its text."""

from __future__ import annotations

from seedbed.core.errors import DataError, ModelError


class ExpressionError(ModelError):
    """An expression that cannot be; `offset` is the character of its text, from 0.

    >>> ExpressionError("`+` lacks a value", offset=4).offset
    4
    """

    def __init__(self, message: str, *, offset: int = 0, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(message, where=where or f"character {offset + 1} of the expression", fix=fix)
        self.offset = offset

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (type(self), self.__dict__))


class UnknownName(ExpressionError):  # noqa: N818 - says what is unknown
    """A name that is no column: the caller knows the columns, and says which are near."""

    def __init__(self, name: str, *, offset: int = 0, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(f"there is no column `{name}`", offset=offset, where=where, fix=fix)
        self.name = name


class RowError(DataError):
    """A row for which an expression has no value; `index` is its place in the block, from 0."""

    def __init__(self, message: str, *, index: int = 0, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(message, where=where or f"row {index} of the block", fix=fix)
        self.index = index

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (type(self), self.__dict__))


def _rebuilt(kind: type[ExpressionError | RowError], state: dict[str, object]) -> ExpressionError | RowError:
    error = kind("")
    error.__dict__.update(state)
    error.args = ("\n".join(map(str, error.problems)),)
    return error
