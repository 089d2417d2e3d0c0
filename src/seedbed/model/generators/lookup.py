"""Parameters of `lookup`."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from seedbed.model.base import ColumnRef, Name, Part


class Lookup(Part):
    """A value of another row: the fact's own parent, a joined row, or a random one."""

    model_config = ConfigDict(populate_by_name=True)

    from_: ColumnRef = Field(alias="from", description="`table.column` to read.")
    on: dict[Name, Name] | None = Field(
        default=None,
        max_length=1,
        min_length=1,
        description="`{key of the other table: column of this row}`: the other table's row whose key equals it.",
    )
    via: Name | None = Field(default=None, description="The link, or the parent, whose row is read.", json_schema_extra={"since": "2.0"})
