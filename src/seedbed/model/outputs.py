"""Where the data goes when nobody says otherwise: targets, and how each is written to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, get_args
from urllib.parse import parse_qsl

from pydantic import Field, StringConstraints

from seedbed.model.base import ColumnRef, Name, NonEmpty, Part, Positive

#: The formats of files, as `--format` calls them.
FormatName = Literal["parquet", "csv", "json", "jsonl", "excel", "sql", "arrow", "avro", "orc", "delta"]
Mode = Literal["append", "replace", "upsert"]

_Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]

#: A text that stands for a variable of the environment.
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

#: Parts of the names of what a URL must not say openly.
_SECRET = re.compile(r"(?i)pass|secret|token|(^|[_-])(pw|pwd|key|sig|signature|credential|credentials)$")


class Output(Part):
    """One target: a folder, a bucket, a database or a broker, with the options of `seedbed generate`."""

    since: ClassVar[str] = "2.0"

    to: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] = Field(
        description="A path from the working folder on, or a URL; `${NAME}` is a variable of the environment. Never a password."
    )
    format: FormatName | None = Field(default=None, description="The format of files, or of messages; Parquet, or JSON, where left out.")
    compression: _Word | None = Field(default=None, description="How files are compressed.")
    tables: NonEmpty[Name] | None = Field(default=None, description="Only these tables; all where left out.")
    partition_by: dict[Name, NonEmpty[Name]] = Field(
        default={}, description="Columns whose values are folders, by table, in place of the tables' own."
    )
    mode: Mode | None = Field(default=None, description="What to do with rows that are there: add to them, replace them, or by their key.")
    row_group_rows: Annotated[int, Field(ge=1)] | None = Field(default=None, description="Parquet: rows of a row group.")
    encodings: dict[ColumnRef, _Word] = Field(default={}, description="Parquet: the encoding of a column, by `table.column`.")
    format_options: dict[_Word, str] = Field(default={}, description="What a format has of its own, by name.")
    dialect: _Word | None = Field(default=None, description="SQL: whose dialect.")
    schema_name: _Word | None = Field(default=None, alias="schema", description="Databases: the schema of the tables.")
    batch_rows: Annotated[int, Field(ge=1)] | None = Field(default=None, description="Rows of a statement or message.")
    rate: Positive | None = Field(default=None, description="Brokers: rows a second, at most.")
    headers: dict[_Word, str] = Field(default={}, description="Brokers and web: headers of each message.")
    keys: dict[Name, NonEmpty[Name]] = Field(default={}, description="Brokers: the columns of a message's key, by table.")
    state: _Word | None = Field(default=None, description="Brokers: the local file that remembers which parts are sent.")


OUTPUT_FORMATS: tuple[str, ...] = get_args(FormatName)


def secrets_in(target: str) -> Iterator[str]:
    """What a URL says openly though it is nobody's business: a password, or a parameter that is called like one.

    >>> list(secrets_in("postgresql://ann:hush@host/db")), list(secrets_in("postgresql://ann:${PASSWORD}@host/db"))
    (['the password'], [])
    >>> list(secrets_in("http://host/x?token=abc&page=1"))
    ['`token`']
    """
    scheme, _, rest = target.partition("://")
    if not rest or scheme.lower() == "file":
        return
    host, _, query = rest.partition("?")
    user, at, _ = host.partition("/")[0].rpartition("@")
    password = user.partition(":")[2]
    if at and password and not VARIABLE.fullmatch(password):
        yield "the password"
    for name, value in parse_qsl(query):
        if _SECRET.search(name) and value and not VARIABLE.fullmatch(value):
            yield f"`{name}`"
