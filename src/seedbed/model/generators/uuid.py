"""Parameters of `uuid`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import Part, RowRef

#: The namespaces of RFC 9562, or any UUID.
Namespace = Annotated[
    str,
    StringConstraints(pattern=r"^(dns|url|oid|x500|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})$"),
]


class Uuid(Part):
    """A UUID of RFC 9562 as text of 36 characters; those of versions 4 and 7 never come twice."""

    version: Literal[4, 5, 7] = Field(
        default=4, description="4: random; 5: SHA-1 of a namespace and a name; 7: a moment in milliseconds, then random."
    )
    namespace: Namespace | None = Field(default=None, description="Version 5: `dns`, `url`, `oid`, `x500` or a UUID.")
    name: RowRef | None = Field(default=None, description="Version 5: the column whose text is the name; the same name has the same UUID.")
    time: RowRef | None = Field(
        default=None,
        description="Version 7: the column that says when; the table's time column where left out, and where it has none, the row's "
        "number in milliseconds after the start of the timeframe.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.version == 5 and (self.namespace is None or self.name is None):
            raise PydanticCustomError("uuid_name", "a UUID of version 5 needs `namespace` and `name`", {})
        extra = [key for key in ("namespace", "name") if getattr(self, key) is not None and self.version != 5]
        extra += ["time"] if self.time is not None and self.version != 7 else []
        if extra:
            raise PydanticCustomError(
                "uuid_extra", "a UUID of version {version} has no `{key}`", {"version": self.version, "key": extra[0]}
            )
        return self
