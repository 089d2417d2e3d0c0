"""Kinds of checks about single values: ranges, lists, patterns, forms, neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator

from seedbed.check.check import Check
from seedbed.check.forms import PATTERNS, HasForm
from seedbed.check.jsonschema import read_schema
from seedbed.check.kinds.bounds import listed, range_sql, range_test, range_text, stored_values
from seedbed.check.kinds.scope import Scope, literal, promise, quoted, spec_kind
from seedbed.check.rowtests import InTexts, NotInSet, NotMatches
from seedbed.check.runs import MonotonicCheck, Run
from seedbed.check.values import InSet, Matches, RowCheck
from seedbed.check.view import UnreadableError
from seedbed.model.checks import values as params
from seedbed.model.checks.base import OfColumn


def in_range(spec: params.InRange, scope: Scope) -> Iterator[Check]:
    """Values between two ends."""
    for name in spec.each:
        test = range_test(scope, name, spec.min, spec.max, exclusive=spec.exclusive)
        broken = range_sql(name, spec.min, spec.max, exclusive=spec.exclusive)
        yield RowCheck(promise(spec, scope, (name,), range_text(spec.min, spec.max), broken=broken), test)


def in_set(spec: params.InSet, scope: Scope) -> Iterator[Check]:
    """Values of a list."""
    for name in spec.each:
        about = promise(spec, scope, (name,), f"one of {listed(spec.values)}", broken=_in_sql(name, spec.values, "NOT IN"))
        if spec.ignore_case:
            yield RowCheck(about, InTexts(scope.text(name), tuple(map(str, spec.values))))
        else:
            yield RowCheck(about, InSet(name, stored_values(scope, name, spec.values)))


def not_in_set(spec: params.NotInSet, scope: Scope) -> Iterator[Check]:
    """Values that are forbidden."""
    for name in spec.each:
        about = promise(spec, scope, (name,), f"none of {listed(spec.values)}", broken=_in_sql(name, spec.values, "IN"))
        values = stored_values(scope, name, spec.values)
        if spec.ignore_case:
            yield RowCheck(about, NotMatches(scope.text(name), _one_of_words(tuple(map(str, spec.values)))))
        else:
            yield RowCheck(about, NotInSet(InSet(name, values)))


def _one_of_words(words: tuple[str, ...]) -> str:
    escaped = ("".join(letter if letter.isalnum() else f"\\x{{{ord(letter):x}}}" for letter in word) for word in words)
    return rf"(?i)\A(?:{'|'.join(escaped)})\z"


def _in_sql(name: str, values: tuple[object, ...], op: str) -> str:
    return f"{quoted(name)} {op} ({', '.join(map(literal, values))})"


def regex(spec: params.Matches, scope: Scope) -> Iterator[Check]:
    """Texts in which an expression is found."""
    for name in spec.each:
        broken = f"NOT regexp_matches({quoted(name)}, {literal(spec.regex)})"
        yield RowCheck(promise(spec, scope, (name,), spec.regex, broken=broken), Matches(scope.text(name), spec.regex))


def not_regex(spec: params.NotMatches, scope: Scope) -> Iterator[Check]:
    """Texts in which an expression isn't found."""
    for name in spec.each:
        about = promise(spec, scope, (name,), f"not {spec.regex}", broken=f"regexp_matches({quoted(name)}, {literal(spec.regex)})")
        yield RowCheck(about, NotMatches(scope.text(name), spec.regex))


def like(spec: params.Like, scope: Scope) -> Iterator[Check]:
    """Texts that fit a pattern of SQL."""
    for name in spec.each:
        about = promise(spec, scope, (name,), spec.pattern, broken=f"{quoted(name)} NOT LIKE {literal(spec.pattern)} ESCAPE '\\'")
        yield RowCheck(about, HasForm(scope.text(name), "like", spec.pattern))


def length(spec: params.Length, scope: Scope) -> Iterator[Check]:
    """Texts of so many characters."""
    for name in spec.each:
        broken = range_sql(name, spec.min, spec.max, exclusive=False).replace(quoted(name), f"length({quoted(name)})")
        about = promise(spec, scope, (name,), f"{range_text(spec.min, spec.max)} characters", broken=broken)
        yield RowCheck(about, HasForm(scope.text(name), "length", f"{spec.min or 0}:{'' if spec.max is None else spec.max}"))


def form(spec: OfColumn, scope: Scope) -> Iterator[Check]:
    """Texts of a form that has a name: e-mail addresses, phone numbers, URLs."""
    kind = spec_kind(spec)
    names = {"email": "an e-mail address", "phone": "a phone number", "url": "a URL"}
    for name in spec.each:
        broken = f"NOT regexp_matches({quoted(name)}, {literal(PATTERNS[kind])})"
        yield RowCheck(promise(spec, scope, (name,), names[kind], broken=broken), HasForm(scope.text(name), kind))


def prefix(spec: params.Prefix, scope: Scope) -> Iterator[Check]:
    """Texts that begin so."""
    for name in spec.each:
        about = promise(
            spec, scope, (name,), f"begins with {spec.prefix}", broken=f"NOT starts_with({quoted(name)}, {literal(spec.prefix)})"
        )
        yield RowCheck(about, HasForm(scope.text(name), "prefix", spec.prefix))


def suffix(spec: params.Suffix, scope: Scope) -> Iterator[Check]:
    """Texts that end so."""
    for name in spec.each:
        broken = f"right({quoted(name)}, {len(spec.suffix)}) <> {literal(spec.suffix)}"
        yield RowCheck(
            promise(spec, scope, (name,), f"ends with {spec.suffix}", broken=broken), HasForm(scope.text(name), "suffix", spec.suffix)
        )


#: What Python's `strptime` knows behind a `%`.
_DIRECTIVES = tuple("aAwdbBmyYHIpMSfzZjUWcxXGuV")


def datetime_format(spec: params.DatetimeFormat, scope: Scope) -> Iterator[Check]:
    """Texts that are moments in a format."""
    wrong = next((sign for sign in spec.format.replace("%%", "").split("%")[1:] if sign[:1] not in _DIRECTIVES), None)
    if wrong is not None:
        raise UnreadableError(f"`%{wrong[:1]}` stands for nothing in a format such as `%Y-%m-%d %H:%M`")
    for name in spec.each:
        broken = f"{quoted(name)} IS NOT NULL AND try_strptime({quoted(name)}, {literal(spec.format)}) IS NULL"
        yield RowCheck(promise(spec, scope, (name,), spec.format, broken=broken), HasForm(scope.text(name), "format", spec.format))


_TYPES = {"int": "BIGINT", "float": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP", "json": "JSON"}


def parseable(spec: params.Parseable, scope: Scope) -> Iterator[Check]:
    """Texts that can be read as something."""
    for name in spec.each:
        broken = f"{quoted(name)} IS NOT NULL AND TRY_CAST({quoted(name)} AS {_TYPES[spec.as_]}) IS NULL"
        yield RowCheck(promise(spec, scope, (name,), f"can be read as {spec.as_}", broken=broken), HasForm(scope.text(name), spec.as_))


def json_schema(spec: params.JsonSchemaCheck, scope: Scope) -> Iterator[Check]:
    """Texts that are JSON of a schema."""
    text = json.dumps(spec.schema_, sort_keys=True)
    read_schema(text)
    for name in spec.each:
        yield RowCheck(promise(spec, scope, (name,), "JSON that the schema takes"), HasForm(scope.text(name), "json_schema", text))


def checksum(spec: params.Checksum, scope: Scope) -> Iterator[Check]:
    """Texts with a check digit."""
    for name in spec.each:
        about = promise(spec, scope, (name,), f"a check digit that fits ({spec.algorithm})")
        yield RowCheck(about, HasForm(scope.text(name), spec.algorithm))


def monotonic(spec: params.Monotonic, scope: Scope) -> Iterator[Check]:
    """Values that rise or fall."""
    for name in spec.each:
        scope.column(name)
        expected = ("strictly " if spec.strict else "") + spec.direction
        run = Run(scope.table, name, spec.direction == "increasing", spec.strict, spec.sample)
        yield MonotonicCheck(promise(spec, scope, (name,), expected), run)
