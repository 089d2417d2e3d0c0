"""Parameters of `faker`."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from seedbed.model.base import Part, RowRef, Scalar


class Faker(Part):
    """A name, address, company, phone or any other method of Faker that returns a single value."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Scalar | Annotated[tuple[Scalar, ...], Field(strict=False)] | None]

    method: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)] = Field(
        description="Faker's name of the method."
    )
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}[_-][A-Za-z]{2,4}$")] | None = Field(
        default=None, description="Such as `de_DE`."
    )
    locale_from: RowRef | None = Field(
        default=None, description="A column of this row, or `link.column`, that holds a country's ISO code; it decides the locale."
    )

    @property
    def arguments(self) -> dict[str, object]:
        """The further keys: the method's own arguments."""
        return dict(self.__pydantic_extra__ or {})
