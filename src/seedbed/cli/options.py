"""Options that several verbs share, and how their words are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from seedbed.cli.verbs import JSON
from seedbed.core.counts import count_of

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

if TYPE_CHECKING:
    _Rows = click.ParamType[tuple[str, int]]
    _Slice = click.ParamType[tuple[str, tuple[int, int]]]
    _Names = click.ParamType[tuple[str, ...]]
else:  # click took no type arguments before 8.4
    _Rows = _Slice = _Names = click.ParamType


def by_table(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    """What was said of each table; UsageError where two things were."""
    found: dict[str, T] = {}
    for table, value in pairs:
        if table in found:
            raise click.UsageError(f"`{table}` is given twice")
        found[table] = value
    return found


class RowsOf(_Rows):
    """TABLE=N."""

    name = "TABLE=N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The table and its number of rows."""
        if isinstance(value, tuple):
            return value
        table, sign, number = str(value).partition("=")
        if not sign or not table:
            self.fail(f"`{value}` is not TABLE=N, such as user=10K", param, ctx)
        try:
            return table, count_of(number)
        except ValueError as error:
            self.fail(f"{error}, such as user=10K", param, ctx)


class SliceOf(_Slice):
    """TABLE=START:STOP."""

    name = "TABLE=START:STOP"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, tuple[int, int]]:
        """The table, its first row and the row after the last."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([^=]+)=([^:]+):([^:]+)", str(value))
        if not found:
            self.fail(f"`{value}` is not TABLE=START:STOP, such as user=100:200", param, ctx)
        try:
            return found[1], (count_of(found[2]), count_of(found[3]))
        except ValueError as error:
            self.fail(f"{error}, such as user=100:200", param, ctx)


class Names(_Names):
    """Names with commas between them."""

    name = "A,B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The names, each once."""
        if isinstance(value, tuple):
            return value
        names = tuple(dict.fromkeys(name.strip() for name in str(value).split(",") if name.strip()))
        return names or self.fail("no name is given", param, ctx)


def _remember_json(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    del param
    ctx.find_root().meta[JSON] = value
    return value


def model_argument(function: F) -> F:
    """The document."""
    return click.argument("model", type=click.Path())(function)


def json_option(function: F) -> F:
    """Results for programs."""
    return click.option("--json", "as_json", is_flag=True, is_eager=True, callback=_remember_json, help="Print JSON for programs.")(
        function
    )


def plan_options(function: F) -> F:
    """What decides a plan besides its model."""
    function = click.option(
        "--scale",
        type=click.FloatRange(min=0, min_open=True),
        metavar="F",
        help="Multiply every entity's number of rows; in place of the model's scale.",
    )(function)
    function = click.option(
        "--rows", type=RowsOf(), multiple=True, help="An entity's number of rows; K, M and G are understood. Repeatable."
    )(function)
    function = profile_option(function)
    return click.option(
        "--seed", type=click.IntRange(0, 2**64 - 1), metavar="N", help="The seed, in place of the model's; 42 where neither is given."
    )(function)


def clean_option(function: F) -> F:
    """The same data without the faults that the model puts in on purpose."""
    return click.option("--clean", is_flag=True, help="Leave out the faults of the model's quality_injection, and their list.")(function)


def profile_option(function: F) -> F:
    """The overrides that the document holds for itself."""
    return click.option("--profile", metavar="NAME", help="Apply the overrides of this profile of the model.")(function)
