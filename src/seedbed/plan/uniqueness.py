"""How many different values a column can have, and what keeps it from being unique."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from seedbed.core.block import ColumnType
from seedbed.core.language import LanguageError, Tree, first_unbounded, is_decodable, parse
from seedbed.core.records import dataclass
from seedbed.core.template import Drawn, RowNumber, Value
from seedbed.model.base import column_of, table_of
from seedbed.model.document import Model
from seedbed.model.generators.distribution import Uniform
from seedbed.model.places import Mistake
from seedbed.plan.keys import differ_together
from seedbed.plan.plan import ColumnPlan
from seedbed.plan.provenance import Tables, may_be_null
from seedbed.plan.sources import grid_of, patterns_of
from seedbed.plan.texts import piece_texts, pieces_of, reference_of, strings_of_regex

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Supply:
    """How many different values a column can have; None is as many as there are rows."""

    count: int | None = None
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a column cannot be unique, where in its generator, and what to do instead."""

    message: str
    fix: str
    below: Path = ()


def supply_of(model: Model, tables: Tables, column: ColumnPlan) -> Supply | Refusal | None:
    """How many different values a unique column can have; None where its kind is judged elsewhere or never promises any."""
    rule = _RULES.get(column.spec.generator.kind)
    if rule is None:
        return None
    drawn_again = column.limits.any and column.spec.generator.kind in ("choice", "distribution", "datetime_series")
    if drawn_again or column.factors:
        what = "held to limits" if drawn_again else "scaled by a behaviour"
        return Refusal(f"{column.ref} is {what}, which may make two values equal", "remove them, or give the generator their ends")
    return rule(model, tables, column)


def supply_mistakes(model: Model, tables: Tables, column: ColumnPlan, rows: int | None, path: Path) -> list[Mistake]:
    """Refuse a unique column that cannot be, or has fewer values than rows where those are known; `path` is the column's."""
    found = supply_of(model, tables, column)
    kind = column.spec.generator.kind
    if isinstance(found, Refusal):
        return [Mistake((*path, "generator", kind, *found.below), found.message, found.fix)]
    if found is None or found.count is None or rows is None or rows <= found.count:
        return []
    message = f"{column.ref} must be unique in {rows:,} rows, but its {kind} has {found.count:,} different values"
    return [Mistake((*path, "generator", kind), message, found.fix)]


def _pattern(model: Model, tables: Tables, column: ColumnPlan) -> Supply | Refusal:
    pattern = column.spec.generator.pattern
    assert pattern is not None
    if pattern.regex is not None:
        return _regex(column, pattern.regex, "regex")
    place = telling_piece(model, tables, column)
    if isinstance(place, Refusal):
        return place
    piece = pieces_of(column)[place]
    return _regex(column, piece.regex, "template") if isinstance(piece, Drawn) else Supply()


def _regex(column: ColumnPlan, regex: str, key: str) -> Supply | Refusal:
    try:
        endless = first_unbounded(parse(regex))
        if endless is not None:
            message = f"`{regex[endless.offset]}` (character {endless.offset + 1} of the regex) repeats without end, so {column.ref} has no number of values to be unique"
            return Refusal(message, "give it a most: `{0,8}` for `*`, `{1,8}` for `+`", (key,))
        strings = strings_of_regex(regex)
    except LanguageError as error:
        return Refusal(f"{error.message} (character {error.offset + 1} of the regex)", error.fix or "", (key,))
    return Supply(strings.ranks, "lengthen the regex, or lower the rows")


def telling_piece(model: Model, tables: Tables, column: ColumnPlan) -> int | Refusal:
    """The place of the piece that makes a template's texts differ: a row's number, a unique column or a numbered regex.

    The whole text must tell it: `{name}{row}` does not, where a name may end in a digit.
    """
    pieces = pieces_of(column)
    telling = [place for place, piece in enumerate(pieces) if isinstance(piece, RowNumber)]
    telling += [place for place, piece in enumerate(pieces) if isinstance(piece, Value) and _is_telling(model, tables, column, piece)]
    telling += [place for place, piece in enumerate(pieces) if isinstance(piece, Drawn)]
    texts = [piece_texts(model, tables, column, piece) for piece in pieces]
    for place in telling:
        if is_decodable(texts, place):
            return place
    together = _telling_together(model, tables, column, texts)
    if together is not None:
        return together
    if not telling:
        message = f"nothing in the template of {column.ref} differs from row to row"
        return Refusal(message, "add `{row}`, a unique column or `{regex:...}`", ("template",))
    message = f"two rows of {column.ref} may have the same text: what stands beside the part that differs can look like it"
    return Refusal(message, "set it apart with a character that the other parts don't have: `{name}#{row}`", ("template",))


def _telling_together(model: Model, tables: Tables, column: ColumnPlan, texts: list[Tree]) -> int | None:
    """The first of several pieces that differ from row to row together, such as the parent's key and a number that restarts for each parent."""
    table, found = tables[column.table], {}
    for place, piece in enumerate(pieces_of(column)):
        if isinstance(piece, Value) and not piece.filters:
            reference = reference_of(model, tables, column, piece)
            if reference.link is None and reference.field is None and is_decodable(texts, place):
                found[place] = table.column(reference.column)
    return min(found) if found and differ_together(tables, table, list(found.values())) else None


def _is_telling(model: Model, tables: Tables, column: ColumnPlan, piece: Value) -> bool:
    """Whether a piece differs from row to row: a unique column of the row itself, as it is."""
    reference = reference_of(model, tables, column, piece)
    if reference.link is not None or reference.field is not None or piece.filters:
        return False
    read = tables[reference.table].column(reference.column)
    return read.is_unique and read.type in (ColumnType.INT, ColumnType.STRING, ColumnType.UUID, ColumnType.DATE)


def _uuid(model: Model, tables: Tables, column: ColumnPlan) -> Supply | Refusal:
    uuid = column.spec.generator.uuid
    assert uuid is not None
    if uuid.version != 5 or _is_telling(model, tables, column, Value(uuid.name or "")):
        return Supply()
    fix = "name a unique column of the row, or use version 4 or 7"
    return Refusal(f"`{uuid.name}` is not unique, so {column.ref}, which is made of it, cannot be", fix, ("name",))


def _choice(_model: Model, tables: Tables, column: ColumnPlan) -> Supply | Refusal:
    choice = column.spec.generator.choice
    assert choice is not None
    behavior = tables[column.table].node.segment_behavior
    is_segment = behavior is not None and behavior.segment_column == column.name
    if choice.weights is not None or (choice.weights_kind or "uniform") != "uniform" or is_segment:
        return Refusal(f"weights have no meaning in the unique column {column.ref}: every value comes once at most", "remove them")
    if choice.choices is not None:
        times = Counter((type(value) is bool, value) for value in choice.choices)
        twice = next((value for (_, value), count in times.items() if count > 1), None)
        if twice is not None:
            return Refusal(f"`{twice}` is listed twice in the unique column {column.ref}", "remove one", ("choices",))
        return Supply(len(choice.choices), "list more values, or lower the rows")
    if choice.choices_ref is None:
        return Refusal(f"the model does not tell how many values {column.ref} chooses among", "use `choices`, a sequence or a pattern")
    source = tables[table_of(choice.choices_ref)].column(column_of(choice.choices_ref))
    if not source.is_unique or may_be_null(tables, source):
        what = "may be null" if source.is_unique else "is not unique"
        return Refusal(
            f"{source.ref} {what}, so {column.ref}, which chooses among it, cannot be unique", "choose among a key", ("choices_ref",)
        )
    return Supply(tables[source.table].rows, f"give `{source.table}` more rows")


def _distribution(_model: Model, _tables: Tables, column: ColumnPlan) -> Supply | Refusal:
    distribution = column.spec.generator.distribution
    if not isinstance(distribution, Uniform) or column.type is not ColumnType.INT or distribution.clamp is not None:
        message = f"{column.ref} cannot be unique: only whole numbers of a uniform distribution without a clamp can"
        return Refusal(message, "use `type: int` with `uniform`, a sequence, or a pattern")
    first, last = math.ceil(distribution.params.low), math.floor(distribution.params.high)
    return Supply(last - first + 1, "widen `low` and `high`, or lower the rows")


def _datetime_series(model: Model, tables: Tables, column: ColumnPlan) -> Supply | Refusal:
    series = column.spec.generator.datetime_series
    assert series is not None
    table = tables[column.table]
    parent = tables[table.parent].node if table.parent is not None else None
    is_reweighed = bool(table.node.modifiers or table.node.stage_config or (parent is not None and parent.vintage_behavior))
    is_plain = (
        not is_reweighed
        and series.after is None
        and series.before is None
        and series.process == "iid"
        and not patterns_of(column.spec, series)
    )
    if not is_plain:
        message = f"{column.ref} cannot be unique: only moments without patterns, `after`, `before` and `process` can"
        return Refusal(message, "remove those, or use a sequence")
    return Supply(grid_of(model.timeframe, column.spec, series).count, "use a finer freq, or widen the window")


def _constant(_model: Model, _tables: Tables, _column: ColumnPlan) -> Supply | Refusal:
    return Supply(1, "use a sequence or a pattern")


_RULES: dict[str, Callable[[Model, Tables, ColumnPlan], Supply | Refusal]] = {
    "pattern": _pattern,
    "uuid": _uuid,
    "choice": _choice,
    "distribution": _distribution,
    "datetime_series": _datetime_series,
    "constant": _constant,
}
