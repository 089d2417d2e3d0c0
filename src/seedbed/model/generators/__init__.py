"""What fills a column: exactly one generator each."""

from __future__ import annotations

from typing import Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import Part
from seedbed.model.generators.across import Aggregate, Process, Split
from seedbed.model.generators.choice import Choice, EnumList
from seedbed.model.generators.constant import Constant
from seedbed.model.generators.datetime_series import DatetimeSeries
from seedbed.model.generators.distribution import Distribution
from seedbed.model.generators.expression import Expression
from seedbed.model.generators.faker import Faker
from seedbed.model.generators.lookup import Lookup
from seedbed.model.generators.pattern import TextPattern
from seedbed.model.generators.plugin import FromPlugin
from seedbed.model.generators.record import Record
from seedbed.model.generators.sequence import Sequence
from seedbed.model.generators.uuid import Uuid

Params: TypeAlias = (
    "Sequence | Choice | Distribution | DatetimeSeries | Faker | Lookup | Expression | EnumList | Record | Case | Mixture | Struct | ListOf"
    " | TextPattern | Uuid | Constant | Aggregate | Split | Process | FromPlugin"
)

KINDS = ("sequence", "choice", "distribution", "datetime_series", "faker", "lookup", "expression", "enum_list", "record",
         "case", "mixture", "struct", "list", "pattern", "uuid", "constant",
         "aggregate", "split", "process", "plugin")  # fmt: skip


#: The kind of a column that its node fills, by a funnel or a state machine.
NO_KIND = "filled"


class Generator(Part):
    """Exactly one of the kinds, by its name."""

    sequence: Sequence | None = Field(default=None, description="Numbers in equal steps.")
    choice: Choice | None = Field(default=None, description="One of a list of values, weighted if wanted.")
    distribution: Distribution | None = Field(default=None, description="A number drawn from a distribution.")
    datetime_series: DatetimeSeries | None = Field(default=None, description="A moment on a grid, drawn evenly or by a pattern.")
    faker: Faker | None = Field(default=None, description="Names, addresses, companies, phones and Faker's other methods.")
    lookup: Lookup | None = Field(default=None, description="A value of another table's row.")
    expression: Expression | None = Field(default=None, description="A formula over the row's columns.")
    enum_list: EnumList | None = Field(default=None, description="The values of a vocabulary, one a row.")
    record: Record | None = Field(
        default=None, description="A person, address, company, card or point whose fields agree.", json_schema_extra={"since": "2.0"}
    )
    case: Case | None = Field(default=None, description="A generator by condition.", json_schema_extra={"since": "2.0"})
    mixture: Mixture | None = Field(default=None, description="One of several generators, by weight.", json_schema_extra={"since": "2.0"})
    struct: Struct | None = Field(default=None, description="Several named values in one.", json_schema_extra={"since": "2.0"})
    list: ListOf | None = Field(default=None, description="Several values of one kind.", json_schema_extra={"since": "2.0"})
    pattern: TextPattern | None = Field(
        default=None, description="A text of a regular expression, or put together of parts.", json_schema_extra={"since": "2.0"}
    )
    uuid: Uuid | None = Field(default=None, description="A UUID of version 4, 5 or 7.", json_schema_extra={"since": "2.0"})
    constant: Constant | None = Field(default=None, description="The same value in every row.", json_schema_extra={"since": "2.0"})

    aggregate: Aggregate | None = Field(
        default=None, description="Sums, counts and extremes of the row's children.", json_schema_extra={"since": "2.0"}
    )
    split: Split | None = Field(
        default=None, description="Parts of the parent's total that add up to it.", json_schema_extra={"since": "2.0"}
    )
    process: Process | None = Field(
        default=None, description="A series in which each value follows from the one before.", json_schema_extra={"since": "2.0"}
    )

    plugin: FromPlugin | None = Field(default=None, description="What an installed package adds.", json_schema_extra={"since": "2.0"})

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            found = f"found {len(given)}: {', '.join(given)}" if given else "found none"
            raise PydanticCustomError("one_generator", "a column takes exactly one generator, {found}", {"found": found})
        return self

    @property
    def kind(self) -> str:
        """The name of the one generator given; `NO_KIND` where the column is filled by its node."""
        return next((kind for kind in KINDS if getattr(self, kind) is not None), NO_KIND)

    @property
    def params(self) -> Params:
        """The parameters of the one generator given."""
        params: Params = getattr(self, self.kind)
        return params


# These hold generators themselves.
from seedbed.model.generators.nested import Case, ListOf, Mixture, Struct  # noqa: E402

Generator.model_rebuild()
