"""What is wrong with a regular expression, and at which of its characters."""

from __future__ import annotations

from seedbed.core.errors import ModelError


class LanguageError(ModelError):
    """A regular expression that cannot be; `offset` is the character of its text, from 0.

    >>> LanguageError("`*` repeats nothing", offset=4).offset
    4
    """

    def __init__(self, message: str, *, offset: int = 0, fix: str | None = None) -> None:
        super().__init__(message, where=f"character {offset + 1} of the regex", fix=fix)
        self.message, self.offset, self.fix = message, offset, fix

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.message, self.offset, self.fix))


def _rebuilt(message: str, offset: int, fix: str | None) -> LanguageError:
    return LanguageError(message, offset=offset, fix=fix)
