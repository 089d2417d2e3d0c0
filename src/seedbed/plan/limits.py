"""How ranges and inequalities are made true: who gives way, and how much room is left.

The left side of an inequality keeps its own draw except where that leaves no room; the right one is drawn within what the left
allows. A child gives way to its parent. Columns that are looked up, computed, counted or faked do not give way.
"""

from __future__ import annotations

import math
from dataclasses import field, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from seedbed.core.block import NUMBERS, ColumnType
from seedbed.core.calendar import parse_datetime
from seedbed.core.decimals import on_grid
from seedbed.core.records import dataclass
from seedbed.core.tables import NumberSource, WeightedNumbers
from seedbed.core.timegrid import DAY, TimeTable
from seedbed.model.base import column_of, table_of
from seedbed.model.constraints import Inequality
from seedbed.model.document import ColumnSpec, Model
from seedbed.model.modifiers import ClampTo, Seasonality
from seedbed.model.places import Mistake
from seedbed.plan.distributions import distribution_source
from seedbed.plan.graph import ordered
from seedbed.plan.moments import time_orders
from seedbed.plan.plan import Finding, Limits, Link, RowBound
from seedbed.plan.sources import choice_source, moment_of, time_source
from seedbed.plan.states import implied_orders
from seedbed.plan.support import Span, Supports, clamp_of, gives_way, has_behavior, number_of

Operator = Literal["<", "<=", ">", ">="]
_MIRRORED: dict[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Edge:
    """`giver` is drawn so that `giver operator keeper` holds; `link` leads from the giver's row to the keeper's."""

    giver: str
    operator: Operator
    keeper: str
    link: str | None
    path: tuple[str | int, ...]
    reserve: float = 0.0


@dataclass
class _Work:
    model: Model
    links: dict[str, tuple[Link, ...]]
    rows: dict[str, int | None]
    limits: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    edges: list[_Edge] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def column(self, ref: str) -> ColumnSpec:
        node = self.model.node(table_of(ref))
        column = node.column(column_of(ref)) if node else None
        assert column is not None
        return column

    def supports(self) -> Supports:
        return Supports(self.model, self.limits, self.rows)


def find_limits(
    model: Model, links: dict[str, tuple[Link, ...]], rows: dict[str, int | None]
) -> tuple[dict[str, Limits], list[Mistake], list[Finding]]:
    """The limits of every column that has some, what cannot hold, and what is worth knowing.

    `links` are the links of each node, `rows` the number of rows where the model tells.
    """
    work = _Work(model, links, rows)
    ranges = sorted(enumerate(model.constraints.ranges), key=lambda rule: not gives_way(work.column(rule[1].attr)))
    for index, rule in ranges:  # first those that are made true: others may read what they hold
        _take_range(work, ("constraints", "ranges", index), rule.attr, rule.min, rule.max)
    for index, inequality in enumerate(model.constraints.inequalities):
        if inequality.mode == "enforce":
            _take_inequality(work, ("constraints", "inequalities", index), inequality)
    if model.constraints.rules:
        from seedbed.plan.rules import enforced  # only models with rules need expressions

        for path, inequality in enforced(model):
            _take_inequality(work, path, inequality)
    orders = list(time_orders(model))
    work.edges += [_Edge(o.giver, o.operator, o.keeper, o.link, o.path, o.reserve) for o in orders if not o.is_inherited]
    if not work.mistakes:
        _leave_room(work)
        _judge_between(work)
    found: dict[str, Limits] = {ref: Limits(*ends) for ref, ends in work.limits.items() if gives_way(work.column(ref))}
    inherited = [_Edge(o.giver, o.operator, o.keeper, o.link, o.path) for o in orders if o.is_inherited]
    for edge in (*work.edges, *inherited):
        limits = found.get(edge.giver, Limits())
        bound = RowBound(edge.operator, column_of(edge.keeper), table_of(edge.keeper), edge.link)
        found[edge.giver] = replace(limits, bounds=(*limits.bounds, bound))
    return found, work.mistakes, work.findings


def _number(end: float | str, kind: ColumnType, *, up: bool) -> float | None:
    """An end as a number; of a decimal that was written as text, the float beside it that lies within."""
    if kind is not ColumnType.DECIMAL or not isinstance(end, str):
        return number_of(end, kind)
    exact, near = Decimal(end), float(end)
    is_beyond = Decimal(near) < exact if up else Decimal(near) > exact
    is_rounded = is_beyond and Decimal(repr(near)) != exact
    return math.nextafter(near, math.inf if up else -math.inf) if is_rounded else near


def _take_range(work: _Work, path: tuple[str | int, ...], ref: str, low: float | str | None, high: float | str | None) -> None:
    column = work.column(ref)
    ends = [None if end is None else _number(end, column.type, up=at == 0) for at, end in enumerate((low, high))]
    if isinstance(high, str) and column.type is ColumnType.DATETIME:
        ends[1] = float(moment_of(high, work.model.timeframe, is_end=True))
    if isinstance(low, str) and column.type is ColumnType.DATETIME:
        ends[0] = float(moment_of(low, work.model.timeframe))
    if isinstance(low, str) and column.type is ColumnType.DATE:  # the first whole day
        ends[0] = float(-(-parse_datetime(low) // DAY))
    if column.type is ColumnType.INT:  # bounds of whole numbers are whole
        ends = [None if end is None else float(whole(end)) for end, whole in zip(ends, (math.ceil, math.floor), strict=True)]
    if column.type is ColumnType.DECIMAL:  # those of decimals lie on the grid of their scale
        ends = [None if end is None else on_grid(end, column.digits[1], up=at == 0) for at, end in enumerate(ends)]
    natural = work.supports().of(ref)
    room = Span(natural.low if ends[0] is None else ends[0], natural.high if ends[1] is None else ends[1])
    if natural.known and (room.low > natural.high or room.high < natural.low):
        fix = "change the range, or what the column is drawn from"
        asked = Span(-math.inf if ends[0] is None else ends[0], math.inf if ends[1] is None else ends[1])
        message = f"the range {shown(asked, column.type)} holds none of the values of {ref}, which lie in {shown(natural, column.type)}"
        work.mistakes.append(Mistake(path, message, fix))
    elif gives_way(column):
        before = work.limits.get(ref, (None, None))
        work.limits[ref] = (_tighter(max, before[0], ends[0]), _tighter(min, before[1], ends[1]))
        _tell_cut(work, path, ref)
    elif room.low <= natural.low and natural.high <= room.high:
        return
    elif natural.known and column.generator.sequence is not None and not column.modifiers:
        asked = Span(-math.inf if ends[0] is None else ends[0], math.inf if ends[1] is None else ends[1])
        message = f"the range {shown(asked, column.type)} does not hold all of the sequence {ref}, which goes through {shown(natural, column.type)}"
        work.mistakes.append(Mistake(path, message, "widen the range, change the start or the step, or lower the rows"))
    else:
        message = f"the range of {ref} is not guaranteed: a {column.generator.kind} column does not give way"
        work.findings.append(
            Finding("warning", "range-unproven", message, path, "check the data with --verify, or clamp what the column reads")
        )


def _tighter(choose: object, a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return a if b is None else b
    return choose(a, b)  # type: ignore[operator,no-any-return]  # max or min


def _tell_cut(work: _Work, path: tuple[str | int, ...], ref: str) -> None:
    share = _outside(work, ref)
    if share is None or share <= 0:
        return
    low, high = work.limits[ref]
    column = work.column(ref)
    if share >= 1:
        span = shown(Span(-math.inf if low is None else low, math.inf if high is None else high), column.type)
        work.mistakes.append(Mistake(path, f"no value of {ref} can lie in {span}", "widen the range, or change the distribution"))
        return
    level: Literal["info", "warning"] = "warning" if share > _HALF else "info"
    message = f"{share:.1%} of the values of {ref} lie outside their limits and are drawn again within them"
    work.findings.append(Finding(level, "marginal-cut", message, path))


def _outside(work: _Work, ref: str) -> float | None:
    """The share of a column's own draws that its limits exclude; None where modifiers or behaviours hide it."""
    column, node = work.column(ref), work.model.node(table_of(ref))
    is_time = column.type in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME)
    hiding = [m for m in column.modifiers if not isinstance(m, ClampTo) and not (is_time and isinstance(m, Seasonality))]
    if hiding or node is None or has_behavior(work.model, node, column.name):
        return None
    low, high = work.limits.get(ref, (None, None))
    bottom, top = -math.inf if low is None else low, math.inf if high is None else high
    if is_time:
        table = _times(work, column)
        scale = DAY if column.type is ColumnType.DATE else 1
        return None if table is None else 1 - table.share_between(bottom * scale, top * scale + scale - 1)
    source = _numbers(column)
    if source is None:
        return None
    for low_end, high_end in reversed([*((m.args.min, m.args.max) for m in column.modifiers if isinstance(m, ClampTo)), clamp_of(column)]):
        if (low_end is not None and low_end > top) or (high_end is not None and high_end < bottom):
            return 1.0
        bottom = -math.inf if low_end is not None and bottom <= low_end else bottom
        top = math.inf if high_end is not None and top >= high_end else top
    steps = {ColumnType.INT: 1.0, ColumnType.DECIMAL: 10.0 ** -column.digits[1]}
    slack = 0.0 if isinstance(source, WeightedNumbers) else _HALF * steps.get(column.type, 0.0)
    return 1 - source.share_between(bottom - slack, top + slack)


def _numbers(column: ColumnSpec) -> NumberSource | None:
    """What a numeric column is drawn from."""
    generator = column.generator
    if generator.choice is not None:
        return choice_source(column, generator.choice)
    return distribution_source(generator.distribution, column.type is ColumnType.INT) if generator.distribution else None


def _times(work: _Work, column: ColumnSpec) -> TimeTable | None:
    """What a time column is drawn from; None where it is not drawn, or cannot be, which is said where the column is judged."""
    series = column.generator.datetime_series
    try:
        return time_source(work.model.timeframe, column, series) if series else None
    except ValueError:
        return None


def _take_inequality(work: _Work, path: tuple[str | int, ...], inequality: Inequality) -> None:
    left, right = inequality.left, inequality.right
    kinds = {_family(work.column(left).type), _family(work.column(right).type)}
    if len(kinds) > 1 or kinds == {"text"}:
        message = f"{left} ({work.column(left).type}) and {right} ({work.column(right).type}) cannot be compared"
        work.mistakes.append(Mistake(path, message, _one_kind(work, left, right)))
        return
    edge = _edge(work, path, left, inequality.op, right)
    if isinstance(edge, Mistake):
        work.mistakes.append(edge)
    elif edge is not None:
        work.edges.append(edge)


def _one_kind(work: _Work, left: str, right: str) -> str:
    """How two columns of different kinds could be compared."""
    days = [ref for ref in (left, right) if work.column(ref).type is ColumnType.DATE]
    if len(days) == 1 and ColumnType.DATETIME in (work.column(left).type, work.column(right).type):
        return f"make both dates, or both datetimes: {days[0]} as a datetime drawn with `freq: D` holds midnights"
    return "compare two numbers, two dates, two datetimes or two times"


def _family(kind: ColumnType) -> str:
    if kind in NUMBERS:
        return "number"
    return str(kind) if kind in (ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME) else "text"


def _edge(work: _Work, path: tuple[str | int, ...], left: str, op: Operator, right: str) -> _Edge | Mistake | None:
    if left == right:
        return Mistake(path, f"{left} is compared with itself", "name two columns")
    if table_of(left) == table_of(right):
        candidates = [_Edge(right, _MIRRORED[op], left, None, path), _Edge(left, op, right, None, path)]
    else:
        to_right, to_left = _link_between(work, left, right), _link_between(work, right, left)
        if to_right is None and to_left is None:
            message = f"no row of {table_of(left)} belongs to one row of {table_of(right)}, so {left} {op} {right} has no meaning"
            return Mistake(path, message, "compare columns of one table, or of a table and its parent")
        candidates = [_Edge(right, _MIRRORED[op], left, to_left, path)] if to_left else [_Edge(left, op, right, to_right, path)]
    for edge in candidates:
        if gives_way(work.column(edge.giver)):
            return edge
    if _holds_anyway(work, left, op, right):
        return None
    kinds = " and ".join(f"{edge.giver} is {_article(work.column(edge.giver).generator.kind)}" for edge in candidates)
    return Mistake(
        path,
        f"{left} {op} {right} cannot be made true: {kinds}, which does not give way",
        "draw one side from a distribution, a choice or a datetime_series",
    )


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _holds_anyway(work: _Work, left: str, op: Operator, right: str) -> bool:
    a, b = work.supports().of(left), work.supports().of(right)
    return {"<": a.high < b.low, "<=": a.high <= b.low, ">": a.low > b.high, ">=": a.low >= b.high}[op]


def _link_between(work: _Work, child: str, parent: str) -> str | None:
    """The link that leads from each row of one table to its row of the other; the fan-out's own first."""
    found = [link for link in work.links.get(table_of(child), ()) if link.target == table_of(parent) and not link.is_tree]
    rank = {"parent": 0, "partner": 1}
    found.sort(key=lambda link: rank.get(link.kind, 2))
    if not found or (len(found) > 1 and found[0].kind not in rank):
        return None
    return found[0].name


def _leave_room(work: _Work) -> None:
    """Cut keepers, from the last of a chain to its first, to what leaves their givers a value."""
    after: dict[str, tuple[str, ...]] = {}
    for edge in work.edges:
        after[edge.keeper] = (*after.get(edge.keeper, ()), edge.giver)
        after.setdefault(edge.giver, ())
    order, cycle = ordered(after)
    if cycle:
        edge = next(edge for edge in work.edges if edge.keeper in cycle)
        work.mistakes.append(Mistake(edge.path, f"the inequalities go in a circle: {' -> '.join(cycle)}", "remove one of them"))
        return
    for keeper in order:
        for edge in (edge for edge in work.edges if edge.keeper == keeper):
            _cut_keeper(work, edge)


def _cut_keeper(work: _Work, edge: _Edge) -> None:
    keeper, giver = work.column(edge.keeper), work.column(edge.giver)
    room, span = _with_weight(work, edge.giver), work.supports().of(edge.keeper)
    strict = len(edge.operator) == 1
    ends = work.limits.get(edge.keeper, (None, None))
    if edge.operator[0] == ">":
        limit = _last_below(room.high - edge.reserve, keeper, strict=strict)
        fits, some, new = span.high <= limit, span.low <= limit, (ends[0], _tighter(min, ends[1], limit))
    else:
        limit = -_last_below(-room.low, keeper, strict=strict)
        fits, some, new = span.low >= limit, span.high >= limit, (_tighter(max, ends[0], limit), ends[1])
    if fits:
        return
    message = (
        f"{edge.giver} {edge.operator} {edge.keeper}: {edge.giver} lies in {shown(room, giver.type)}, "
        f"{edge.keeper} in {shown(span, keeper.type)}"
    )
    if span.known and not some:
        work.mistakes.append(Mistake(edge.path, f"the inequality can never hold: {message}", "widen one side's window or distribution"))
    elif not gives_way(keeper):
        fix = f"let {edge.giver} reach further, or bound {edge.keeper}"
        work.mistakes.append(Mistake(edge.path, f"some rows would leave no room: {message}", fix))
    else:
        work.limits[edge.keeper] = new
        _tell_cut(work, edge.path, edge.keeper)


def _judge_between(work: _Work) -> None:
    """Columns that must lie between two others: refuse what no value can, and say what is not proven."""
    for index, low in enumerate(work.edges):
        for high in [*work.edges[:index], *work.edges[index + 1 :]]:
            if (low.giver, low.operator[0], high.operator[0]) != (high.giver, ">", "<"):
                continue
            asked = f"{low.giver} {low.operator} {low.keeper} and {high.operator} {high.keeper}"
            if (low.keeper, low.link) == (high.keeper, high.link):
                work.mistakes.append(Mistake(high.path, f"no value can be {asked}", "remove one of the inequalities"))
            elif not _leaves_between(work, low, high):
                message = f"some rows may leave no room: {asked} is not shown to be possible in all of them"
                fix = f"add the inequality {low.keeper} < {high.keeper}, or narrow their windows or distributions"
                work.findings.append(Finding("warning", "room-unproven", message, high.path, fix))


def _leaves_between(work: _Work, low: _Edge, high: _Edge) -> bool:
    """Whether the keeper below is always below the keeper above: by what they can be, or by other inequalities."""
    below, above = work.supports().of(low.keeper), work.supports().of(high.keeper)
    if below.high < above.low:
        giver = work.column(low.giver)
        first = -_last_below(-below.high, giver, strict=len(low.operator) == 1)
        return first <= _last_below(above.low, giver, strict=len(high.operator) == 1)
    is_whole, step = work.column(low.giver).type is not ColumnType.FLOAT, _step(work.column(low.giver))
    if low.link != high.link or (is_whole and any(_step(work.column(edge.keeper)) < step for edge in (low, high))):
        return False
    stricts = [len(edge.operator) == 1 for edge in (low, high)]
    if is_whole and all(stricts) and not _has_finer_grid(work, low, high):  # two neighbours have nothing between them
        return False
    return _is_below(work, low, high.keeper, strict=any(stricts))


def _has_finer_grid(work: _Work, low: _Edge, high: _Edge) -> bool:
    """Whether two different points of the keepers' grids always have a point of the giver's between them."""
    columns = [work.column(ref) for ref in (low.giver, low.keeper, high.keeper)]
    tables = [None if column.modifiers else _times(work, column) for column in columns]
    grids = [table.grid for table in tables if table is not None and table.grid.points is None]
    if len(grids) < len(columns):
        return False
    giver, one, other = grids
    return 2 * giver.step <= math.gcd(one.step, other.step, one.origin - other.origin)


def _is_below(work: _Work, low: _Edge, high: str, *, strict: bool) -> bool:
    """Whether inequalities, other than those of the giver, lead from a keeper up to another; over a strict one if so asked."""
    reached: set[tuple[str, bool]] = set()
    waiting = [(low.keeper, False)]
    while waiting:
        name, is_strict = step = waiting.pop()
        if name == high and (is_strict or not strict):
            return True
        if step not in reached and name != low.giver:
            reached.add(step)
            ups = [(edge.giver, edge) for edge in work.edges if edge.keeper == name and edge.operator[0] == ">"]
            ups += [(edge.keeper, edge) for edge in work.edges if edge.giver == name and edge.operator[0] == "<"]
            waiting += [(above, is_strict or len(edge.operator) == 1) for above, edge in ups]
            waiting += [(later, is_strict) for earlier, later in implied_orders(work.model) if earlier == name]
    return False


def _with_weight(work: _Work, ref: str) -> Span:
    """The span of a giver, its ends moved to values that it can be drawn as."""
    column, span = work.column(ref), work.supports().of(ref)
    if column.modifiers:
        return span
    table, scale = _times(work, column), DAY if column.type is ColumnType.DATE else 1
    if table is not None:
        return _narrowed(span, table.first_from(span.low * scale) // scale, table.last_until(span.high * scale + scale - 1) // scale)
    source = _numbers(column)
    if isinstance(source, WeightedNumbers):
        drawn = source.numbers[(source.index.shares > 0) & (source.numbers >= span.low) & (source.numbers <= span.high)]
        return _narrowed(span, float(drawn[0]), float(drawn[-1])) if len(drawn) else span
    return span


def _narrowed(span: Span, low: float, high: float) -> Span:
    return Span(low, high) if low <= high else span


def _step(column: ColumnSpec) -> float:
    """How far apart a column's values are at least: 0 for floats, units for decimals."""
    return {ColumnType.FLOAT: 0.0, ColumnType.DECIMAL: 10.0 ** -column.digits[1]}.get(column.type, 1.0)


def _last_below(value: float, column: ColumnSpec, *, strict: bool) -> float:
    """The last value that a column can hold below another number, or up to it where not `strict`."""
    if not math.isfinite(value):
        return value
    if column.type is ColumnType.DECIMAL:
        return on_grid(value, column.digits[1], up=False, strict=strict)
    if column.type is ColumnType.FLOAT:
        return float(np.nextafter(value, -math.inf)) if strict else value
    return float(math.ceil(value) - 1 if strict else math.floor(value))


def shown(span: Span, kind: ColumnType) -> str:
    """A span for people: `[18, 80]`, `[2024-01-01, 2024-12-31]`."""
    return f"[{_shown(span.low, kind)}, {_shown(span.high, kind)}]"


def _shown(value: float, kind: ColumnType) -> str:
    if not math.isfinite(value):
        return "-inf" if value < 0 else "inf"
    if kind is ColumnType.DATE:
        return str(np.datetime64(int(value), "D"))
    if kind is ColumnType.DATETIME:
        return str(np.datetime64(int(value) // 1_000_000, "s")).replace("T", " ")
    if kind is ColumnType.TIME:
        return str(np.datetime64(int(value) // 1_000_000, "s"))[11:]
    return f"{value:g}" if kind in (ColumnType.FLOAT, ColumnType.DECIMAL) else f"{value:.0f}"
