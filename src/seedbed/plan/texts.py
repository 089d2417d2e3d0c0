"""Which texts a column can hold, as a language that may be larger but never smaller."""

from __future__ import annotations

from functools import lru_cache

from seedbed.core.block import ColumnType, DecimalType
from seedbed.core.language import (
    ANYTHING,
    Characters,
    Chars,
    Concat,
    Either,
    LanguageError,
    Repeat,
    Strings,
    Tree,
    bounded,
    is_contained,
    literal,
    parse,
    searched,
    strings_of,
    whole,
)
from seedbed.core.template import Drawn, FilterName, Piece, Plain, RowNumber, Value, parse_template
from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model
from seedbed.model.generators.faker import Faker
from seedbed.model.references import Reference, find_reference
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.provenance import Tables, listed_values

ANY_TEXT = Repeat(Chars(ANYTHING), 0, None)
_ASCII = Characters(((0, 0x7F),))
_CAPITALS, _SMALL = Characters(((0x41, 0x5A),)), Characters(((0x61, 0x7A),))

#: Listed texts are told apart up to so many characters in all; of more only their characters are known.
_LISTED = 2_000

#: Fields of records that have one form in all countries.
_FIELDS = {
    "domain": "[a-z0-9.-]{1,255}",
    "country_code": "[A-Z]{2}",
    "vat_id": "[A-Z0-9]{2,40}",
    "cvv": "[0-9]{3,4}",
    "number": "[0-9]{8,19}",
}

#: Types whose values have one form as text.
_TYPES = {
    ColumnType.INT: "-?[0-9]{1,19}",
    ColumnType.BOOL: "true|false",
    ColumnType.DATE: "-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}",
    ColumnType.UUID: "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}


@lru_cache(maxsize=256)
def language_of(regex: str) -> Tree:
    """The texts that a pattern's `regex` makes: where a repetition has no end, it has at most eight beyond its least.

    Raises:
        LanguageError: it is none that texts can be made of.
    """
    return bounded(whole(parse(regex)))


@lru_cache(maxsize=256)
def strings_of_regex(regex: str) -> Strings:
    """The strings of a pattern's `regex`.

    Raises:
        LanguageError: it is none that texts can be made of, or too large.
    """
    return strings_of(language_of(regex))


def texts_of(model: Model, tables: Tables, ref: str, depth: int = 8) -> Tree:
    """The texts that the values of `table.column` can be."""
    column = tables[table_of(ref)].column(column_of(ref))
    kind = column.spec.value_type
    if isinstance(kind, DecimalType):
        return whole(parse(rf"-?[0-9]{{1,19}}\.[0-9]{{{kind.scale}}}" if kind.scale else "-?[0-9]{1,19}"))
    if kind in _TYPES:
        return whole(parse(_TYPES[kind]))
    if not kind.is_text or column.spec.modifiers or depth < 0:
        return ANY_TEXT
    return _made_texts(model, tables, column, depth)


def _made_texts(model: Model, tables: Tables, column: ColumnPlan, depth: int) -> Tree:
    """The texts that a column's generator makes."""
    generator = column.spec.generator
    if generator.pattern is not None and generator.pattern.regex is not None:
        return language_of(generator.pattern.regex)
    if generator.pattern is not None:
        return Concat(tuple(piece_texts(model, tables, column, piece, depth - 1) for piece in pieces_of(column)))
    if generator.uuid is not None:
        return whole(parse(_TYPES[ColumnType.UUID]))
    if generator.constant is not None and generator.constant.value is not None:
        return literal(_written(generator.constant.value))
    if generator.faker is not None:
        return _faker_texts(generator.faker)
    values = listed_values(tables, column.ref)
    if values is not None:
        return _one_of([_written(value) for value in values])
    return texts_of(model, tables, generator.lookup.from_, depth - 1) if generator.lookup is not None else ANY_TEXT


def always_match(model: Model, tables: Tables, ref: str, regex: str) -> bool:
    """Whether every text of `table.column` matches a regular expression (RE2, found anywhere unless anchored); False is also "not proven"."""
    try:
        return is_contained(texts_of(model, tables, ref), searched(parse(regex, judged=True)))
    except LanguageError:  # beyond what is known here, or too large
        return False


#: What the characters of Faker's patterns stand for.
_FAKER_SIGNS = {"#": "[0-9]", "%": "[1-9]", "$": "[2-9]", "!": "[0-9]?", "@": "[1-9]?"}


def _faker_texts(faker: Faker) -> Tree:
    """The texts of Faker's methods that have a form of their own."""
    text = faker.arguments.get("text")
    if faker.method == "uuid4" and not faker.arguments:
        return whole(parse(_TYPES[ColumnType.UUID]))
    if faker.method not in ("bothify", "numerify") or set(faker.arguments) != {"text"} or not isinstance(text, str):
        return ANY_TEXT
    signs = _FAKER_SIGNS | ({"?": "[A-Za-z]"} if faker.method == "bothify" else {})
    return Concat(tuple(whole(parse(signs[sign])) if sign in signs else literal(sign) for sign in text))


@lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[Piece, ...]:
    return parse_template(template)


def pieces_of(column: ColumnPlan) -> tuple[Piece, ...]:
    """The pieces of a column's template; none where it has no template."""
    pattern = column.spec.generator.pattern
    return _pieces(pattern.template) if pattern is not None and pattern.template is not None else ()


def piece_texts(model: Model, tables: Tables, column: ColumnPlan, piece: Piece, depth: int = 8) -> Tree:
    """The texts that a piece of a column's template can be."""
    if isinstance(piece, Plain):
        return literal(piece.text)
    if isinstance(piece, RowNumber):
        return whole(parse(f"[0-9]{{{piece.digits},16}}"))
    if isinstance(piece, Drawn):
        return language_of(piece.regex)
    return _value_texts(model, tables, column, piece, depth)


def _value_texts(model: Model, tables: Tables, column: ColumnPlan, piece: Value, depth: int) -> Tree:
    reference = reference_of(model, tables, column, piece)
    if reference.field is not None:
        record = tables[reference.table].column(reference.column).spec.generator.record
        known = _FIELDS.get(reference.field) if record is not None else None
        return whole(parse(known)) if known is not None and not piece.filters else _filtered_texts(piece.filters)
    ref = f"{reference.table}.{reference.column}"
    if piece.digits:
        return whole(parse(f"-?[0-9]{{{piece.digits - 1},19}}"))
    if not piece.filters:
        return texts_of(model, tables, ref, depth)
    values = listed_values(tables, ref)
    if values is None or "ascii" in piece.filters or not tables[reference.table].column(reference.column).type.is_text:
        return _filtered_texts(piece.filters)
    return _one_of([_filtered(_written(value), piece.filters) for value in values])


def reference_of(model: Model, tables: Tables, column: ColumnPlan, piece: Value) -> Reference:
    """What a piece of a column's template reads; that it is there has been seen to before."""
    found = find_reference(model, tables[column.table].node, piece.reference)
    assert isinstance(found, Reference)
    return found


def _filtered(text: str, filters: tuple[FilterName, ...]) -> str:
    for name in filters:
        text = text.lower() if name == "lower" else text.upper() if name == "upper" else text.title()
    return text


def _filtered_texts(filters: tuple[FilterName, ...]) -> Tree:
    """Any text after filters."""
    if "ascii" not in filters:
        return ANY_TEXT
    last = filters[-1]
    return Repeat(Chars(_ASCII - _CAPITALS if last == "lower" else _ASCII - _SMALL if last == "upper" else _ASCII), 0, None)


def _one_of(texts: list[str]) -> Tree:
    """Listed texts: each of them where they are few, else any of their lengths with their characters."""
    distinct = list(dict.fromkeys(texts))
    if sum(map(len, distinct)) <= _LISTED:
        return Either(tuple(map(literal, distinct)))
    members = Characters.of("".join(distinct))
    if not members.ranges:
        return Concat(())
    longest = max(map(len, distinct))
    return Repeat(Chars(members), min(map(len, distinct)), longest if longest <= 100 else None)


def _written(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
