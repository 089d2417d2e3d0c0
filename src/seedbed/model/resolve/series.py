"""What a `datetime_series` asks for: its window, grid and weights, the moments before and after it, its delay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seedbed.core.block import ColumnType
from seedbed.core.calendar import has_offset, parse_time
from seedbed.core.holidays import FIRST_YEAR, LAST_YEAR, calendars
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.zones import zone_names
from seedbed.model.document import ColumnSpec, Model, Node
from seedbed.model.generators.datetime_series import DatetimeSeries, HolidayPattern, Window
from seedbed.model.modifiers import MapValues
from seedbed.model.places import Mistake, Path
from seedbed.model.references import Unknown, find_reference, reference_type
from seedbed.model.resolve.scope import TIMES, Scope
from seedbed.model.resolve.times import frequency, time_of_day, window
from seedbed.model.resolve.weights import dimension_weights, not_all_zero


def timeframe_mistakes(model: Model) -> Iterator[Mistake]:
    """A time zone or a calendar that nobody knows; listed moments that do not say which they are."""
    timeframe = model.timeframe
    if timeframe.tz is not None and timeframe.tz not in zone_names():
        fix = did_you_mean(timeframe.tz, zone_names()) or "names like Europe/Berlin, America/New_York or UTC"
        yield Mistake(("timeframe", "tz"), f"there is no time zone `{timeframe.tz}`", fix)
    if timeframe.calendar is not None and timeframe.calendar not in calendars():
        message = f"the holidays of `{timeframe.calendar}` are not known"
        yield Mistake(("timeframe", "calendar"), message, f"calendars: {one_of(calendars())}")
    if timeframe.tz is not None:
        for place, node in enumerate(model.nodes):
            for index, column in enumerate(node.columns):
                if column.declared_type is ColumnType.DATETIME:
                    yield from _listed_moments(column, ("nodes", place, "columns", index))


def _listed_moments(column: ColumnSpec, path: Path) -> Iterator[Mistake]:
    """In a model with a time zone, moments that are listed say how far they are from UTC: clocks show some times twice."""
    generator = column.generator
    lists: list[tuple[Path, Iterable[object]]] = [((*path, "constraints", "enum"), column.constraints.enum or ())]
    if generator.choice is not None:
        lists.append(((*path, "generator", "choice", "choices"), generator.choice.choices or ()))
    if generator.enum_list is not None:
        lists.append(((*path, "generator", "enum_list", "values"), generator.enum_list.values))
    for place, modifier in enumerate(column.modifiers):
        if isinstance(modifier, MapValues):
            pairs = modifier.args.mapping
            lists.append(((*path, "modifiers", place, "args", "mapping"), [*pairs, *pairs.values()]))
    for where, values in lists:
        for value in values:
            if isinstance(value, str) and not has_offset(value):
                yield Mistake(
                    where,
                    f"`{value}` does not say how far it is from UTC, and the model has a time zone",
                    "such as 2024-03-01T12:00:00+01:00",
                )
                break


def series_mistakes(scope: Scope, node: Node, column: ColumnSpec, params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    """All mistakes of a datetime_series."""
    if column.type is ColumnType.TIME:
        yield from _time_of_day(params, path)
        return
    if isinstance(params.within, Window):
        yield from window(params.within, (*path, "within"))
    yield from frequency(params.freq, (*path, "freq"))
    if params.pattern is not None:
        yield from dimension_weights(params.pattern.dimension, params.pattern.weights, (*path, "pattern", "weights"))
    yield from _patterns(scope, params, path)
    for key in ("after", "before"):
        ref = getattr(params, key)
        if ref is not None:
            yield from _reference(scope, node, column, ref, (*path, key))
    if params.after is not None and params.after == params.before:
        yield Mistake((*path, "before"), f"the value would be `{params.after}` itself", "name two columns, or leave one out")
    yield from _delay(params, path)
    yield from _process(node, params, path)


def _time_of_day(params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    """Times of day lie on a grid within one day, weighted by its hours; they follow no other moments."""
    if isinstance(params.within, Window):
        ends = [*time_of_day(params.within.start, (*path, "within", "start")), *time_of_day(params.within.end, (*path, "within", "end"))]
        yield from ends
        if not ends and parse_time(params.within.start) > parse_time(params.within.end):
            yield Mistake((*path, "within"), f"`start` ({params.within.start}) is after `end` ({params.within.end})", "swap them")
    wrong = list(frequency(params.freq, (*path, "freq")))
    yield from wrong
    if not wrong and params.freq is not None and params.freq.lstrip("0123456789").upper() not in ("S", "T", "MIN", "H"):
        yield Mistake(
            (*path, "freq"), f"a time of day has no grid of `{params.freq}`", "use S, T or H, with a whole number before it if wanted"
        )
    if params.pattern is not None:
        yield from dimension_weights(params.pattern.dimension, params.pattern.weights, (*path, "pattern", "weights"))
        if params.pattern.dimension != "hour":
            yield Mistake((*path, "pattern", "dimension"), f"a time of day has no {params.pattern.dimension}", "weigh it by `hour`")
    for key in sorted(params.model_fields_set & {"patterns", "after", "before", "delay", "unit", "process"}):
        yield Mistake((*path, key), f"`{key}` is for dates and datetimes; the column is time", "remove it", at_key=True)


def _patterns(scope: Scope, params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    if params.pattern is not None and params.patterns:
        yield Mistake((*path, "pattern"), "`pattern` and `patterns` both give weights", "move it into `patterns`", at_key=True)
    for place, pattern in enumerate(params.patterns):
        here = (*path, "patterns", place)
        if not isinstance(pattern, HolidayPattern):
            yield from dimension_weights(pattern.dimension, pattern.weights, (*here, "weights"))
            continue
        yield from not_all_zero((pattern.weights.holiday, pattern.weights.workday), (*here, "weights"))
        timeframe = scope.model.timeframe
        if timeframe.calendar is None:
            yield Mistake((*here, "dimension"), "the model names no calendar of holidays", "write `timeframe: {calendar: DE}`")
        span = timeframe if isinstance(params.within, str) else params.within
        if not (str(FIRST_YEAR) <= span.start[:4] and span.end[:4] <= str(LAST_YEAR)):
            message = f"holidays are known from {FIRST_YEAR} to {LAST_YEAR}, the window goes from {span.start} to {span.end}"
            yield Mistake((*here, "dimension"), message, "shorten the window, or remove the pattern")


def _reference(scope: Scope, node: Node, column: ColumnSpec, ref: str, path: Path) -> Iterator[Mistake]:
    if ref == column.name:
        yield Mistake(path, f"`{ref}` cannot be compared with itself", "name another column, or `link.column`")
        return
    found = find_reference(scope.model, node, ref)
    if isinstance(found, Unknown):
        yield Mistake(path, found.message, found.fix)
        return
    kind = reference_type(scope.model, found)
    if kind not in TIMES:
        yield Mistake(path, f"`{ref}` is {kind}, not a date or a datetime", "name a column that holds a time")
    elif kind is not column.type:
        fix = f"write `type: {kind}`, or freq: D for a date"
        yield Mistake(path, f"`{ref}` is {kind}, the column is {column.type.value}", fix)


def _delay(params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    if params.delay is None:
        if "unit" in params.model_fields_set:
            yield Mistake((*path, "unit"), "there is no `delay` that it is the unit of", "remove it, or add `delay`", at_key=True)
        return
    if params.after is None:
        yield Mistake((*path, "delay"), "a delay needs a moment that it follows", "add `after: column`", at_key=True)
    for key in ("pattern", "patterns"):
        if getattr(params, key):
            yield Mistake(
                (*path, key), "the delay decides when the value lies; weights would contradict it", "keep one of them", at_key=True
            )


def _process(node: Node, params: DatetimeSeries, path: Path) -> Iterator[Mistake]:
    if params.process == "iid":
        return
    here = (*path, "process")
    if params.delay is not None:
        yield Mistake(here, f"a `{params.process}` process draws no delays", "remove `delay`", at_key=True)
    if params.process == "regular" and (params.pattern or params.patterns):
        yield Mistake(here, "a regular process takes every point of its grid; weights have no meaning", "remove the pattern", at_key=True)
    for key in ("after", "before"):
        ref = getattr(params, key)
        if ref is not None and (node.kind != "fact" or ref.rpartition(".")[0] != node.parents[0]):
            fix = f"name a column of `{node.parents[0]}`, or remove it" if node.kind == "fact" else "remove it"
            yield Mistake(
                (*path, key), f"all rows of a `{params.process}` process share their window; `{ref}` differs from row to row", fix
            )
