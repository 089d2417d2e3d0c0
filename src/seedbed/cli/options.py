"""Options that several verbs share, and how their words are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from seedbed.cli.verbs import JSON
from seedbed.core.counts import count_of
from seedbed.core.sizes import size_of

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

if TYPE_CHECKING:
    _Rows = click.ParamType[tuple[str, int]]
    _Pair = click.ParamType[tuple[str, str]]
    _Columns = click.ParamType[tuple[str, tuple[str, ...]]]
    _Rate = click.ParamType[float]
    _Count = click.ParamType[int]
    _Slice = click.ParamType[tuple[str, tuple[int, int]]]
    _Names = click.ParamType[tuple[str, ...]]
else:  # click took no type arguments before 8.4
    _Rows = _Pair = _Columns = _Rate = _Count = _Slice = _Names = click.ParamType


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


class Pair(_Pair):
    """NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The name and the value."""
        if isinstance(value, tuple):
            return value
        name, sign, said = str(value).partition("=")
        if not sign or not name:
            self.fail(f"`{value}` is not NAME=VALUE", param, ctx)
        return name, said


class ColumnsOf(_Columns):
    """TABLE=COLUMN,COLUMN."""

    name = "TABLE=A,B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, tuple[str, ...]]:
        """The table and its columns."""
        if isinstance(value, tuple):
            return value
        table, sign, names = str(value).partition("=")
        columns = tuple(name.strip() for name in names.split(",") if name.strip())
        if not (table and sign and columns):
            self.fail(f"`{value}` is not TABLE=A,B, such as event=country,day", param, ctx)
        return table, columns


class RowsPerTime(_Rate):
    """N/s."""

    name = "N/s"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Rows a second."""
        if isinstance(value, float):
            return value
        number, _, unit = str(value).partition("/")
        seconds = {"": 1, "s": 1, "min": 60, "h": 3600}.get(unit)
        try:
            rows = count_of(number) / (seconds or 0)
        except (ValueError, ZeroDivisionError):
            self.fail(f"`{value}` is no rate, such as 5000/s, 5K/s or 300/min", param, ctx)
        return rows if rows > 0 else self.fail("a rate is more than 0", param, ctx)


class Size(_Count):
    """500MB."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        if isinstance(value, int):
            return value
        try:
            return size_of(str(value)) or self.fail("a size is more than 0", param, ctx)
        except ValueError as error:
            self.fail(f"{error}, such as 500MB or 2GiB", param, ctx)


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


def executor_options(function: F) -> F:
    """Who makes the rows, and within what memory."""
    kinds = click.Choice(["threads", "processes", "spark", "condor", "slurm"])
    memory = "Make fewer parts and smaller blocks at a time, so that less memory is taken: 500MB, 2GiB. The bytes are the same."
    function = click.option("--max-memory", type=Size(), help=memory)(function)
    function = click.option("--executor", type=kinds, default="threads", help="Who makes the parts; the values are the same.")(function)
    workers = "How many threads or processes; one a core where left out."
    return click.option("--workers", type=click.IntRange(1, 1024), metavar="N", help=workers)(function)


#: How a sink is asked to write: the option, its type, and what it says.
_SINK_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("--format",),
        {"metavar": "F", "help": "Of files: parquet, csv, json, jsonl, excel, sql, arrow, avro, orc, delta; of messages: json, avro."},
    ),
    (
        ("--compression",),
        {"metavar": "C", "help": "How files are compressed, as the format allows: snappy, zstd, gzip, lz4, bz2, xz, none."},
    ),
    (("--partition-by",), {"type": ColumnsOf(), "multiple": True, "help": "Columns whose values are folders. Repeatable."}),
    (("--row-group-rows",), {"type": click.IntRange(1), "metavar": "N", "help": "Parquet: rows of a row group."}),
    (
        ("--encoding", "encodings"),
        {
            "type": Pair(),
            "metavar": "TABLE.COLUMN=E",
            "multiple": True,
            "help": "Parquet: plain, dictionary, delta, split, delta_length, delta_text. Repeatable.",
        },
    ),
    (("--format-option", "format_options"), {"type": Pair(), "multiple": True, "help": "What a format has of its own. Repeatable."}),
    (("--dialect",), {"metavar": "NAME", "help": "SQL: postgresql, mysql, sqlite, sqlserver."}),
    (("--schema",), {"metavar": "NAME", "help": "Databases: the schema of the tables."}),
    (("--mode",), {"type": click.Choice(["append", "replace", "upsert"]), "help": "What to do with rows that are there already."}),
    (("--batch-rows",), {"type": click.IntRange(1), "metavar": "N", "help": "Rows of a statement or message."}),
    (("--rate",), {"type": RowsPerTime(), "help": "Brokers: at most so many rows, such as 5000/s."}),
    (("--header", "headers"), {"type": Pair(), "multiple": True, "help": "Brokers and web: a header of each message. Repeatable."}),
    (("--key", "keys"), {"type": ColumnsOf(), "multiple": True, "help": "Brokers: the columns of a message's key. Repeatable."}),
    (("--state",), {"metavar": "FILE", "help": "Brokers: the local file that remembers which parts are sent."}),
)


def sink_options(function: F) -> F:
    """How rows are stored or sent; what a sink can't follow is refused by it."""
    for names, said in reversed(_SINK_OPTIONS):
        function = click.option(*names, **said)(function)
    return function


def given_to_sink(options: dict[str, Any]) -> dict[str, Any]:
    """Those options by their names, as `generate` takes them; repeated ones as maps."""
    names = [(names[-1].removeprefix("--").replace("-", "_"), said) for names, said in _SINK_OPTIONS]
    found = {name: by_table(options[name]) if said.get("multiple") else options[name] for name, said in names}
    return {name: value for name, value in found.items() if value not in (None, {})}
