"""Moments that come after others: drawn not before them, or by a delay behind them, whichever is more like the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from seedbed.core.records import dataclass
from seedbed.core.zones import zone
from seedbed.run.inferring.context import Context, Table
from seedbed.run.inferring.joined import Joined, near_values
from seedbed.run.inferring.roles import Role
from seedbed.stats.column import ColumnSummary
from seedbed.stats.fingerprints import numbers_of
from seedbed.stats.inference.made import Made, Spec
from seedbed.stats.inference.moments import NEAR, Times, series_of, times_of
from seedbed.stats.inference.numbers import law_of
from seedbed.stats.inference.orders import after_delays, apart, gaps_are_free, never_before, untruncated
from seedbed.stats.values import Counts, Floats

#: How far new moments may be from those that were seen, for an order to be kept.
_APART = 0.035

_UNITS = (("d", 86_400_000_000.0), ("h", 3_600_000_000.0), ("min", 60_000_000.0), ("s", 1_000_000.0))


@dataclass(frozen=True, slots=True)
class _Order:
    """`left` (as the row reads it, and in full) is never after `right`; both as local microseconds in the sample, NaN for null."""

    reads: str
    ref: str
    right: str
    before: Floats
    after: Floats

    @property
    def gap(self) -> float:
        """The median of what lies between."""
        both = np.isfinite(self.before) & np.isfinite(self.after)
        return float(np.median(self.after[both] - self.before[both]))


def take_orders(context: Context, table: Table, role: Role) -> None:
    """Let each moment keep to the nearest other one that it never comes before."""
    seen = context.seen[table.name]
    drawn = [name for name, made in table.columns.items() if name in seen.columns and {"datetime_series", "mixture"} & set(made.spec)]
    drawn = [
        name
        for name in drawn
        if seen.columns[name].kind == "moment" and "process" not in table.columns[name].spec.get("datetime_series", {})
    ]
    lower: dict[str, str] = {}
    for right in drawn:
        found = [order for order in _orders(context, table, role, right, drawn) if not _circles(lower, order, right)]
        if found:
            order = min(found, key=lambda one: one.gap)
            if _keep(context, table, order, seen.columns[right]):
                lower[right] = order.reads


def _circles(lower: dict[str, str], order: _Order, right: str) -> bool:
    at: str | None = order.reads
    while at is not None and at != right:
        at = lower.get(at)
    return at == right


def _orders(context: Context, table: Table, role: Role, right: str, drawn: list[str]) -> Iterator[_Order]:
    seen = context.seen[table.name]
    after = _moments(seen.columns[right], seen.values(right))
    joins: list[tuple[str, Joined]] = [(role.parent.target, role.parent)] if role.parent is not None else []
    joins += [(link, one) for one in role.links if (link := _link_of(table, one)) is not None]
    for reads, one in joins:
        for name, column in one.parent.columns.items():
            made = context.tables[one.target].columns.get(name)
            if _alike(column, seen.columns[right]) and made is not None and _can_be_followed(made):
                before = _moments(column, near_values(one, name))
                if never_before(before, after):
                    yield _Order(f"{reads}.{name}", f"{one.target}.{name}", right, before, after)
    for name in drawn:
        if name != right and _alike(seen.columns[name], seen.columns[right]) and _can_be_followed(table.columns[name]):
            before = _moments(seen.columns[name], seen.values(name))
            if never_before(before, after):
                yield _Order(name, f"{table.name}.{name}", right, before, after)


def _can_be_followed(made: Made) -> bool:
    """Whether the ends of a column are known before it is drawn: those of a mixture are not."""
    return bool({"datetime_series", "enum_list"} & set(made.spec))


def _link_of(table: Table, one: Joined) -> str | None:
    for name in one.columns:
        made = table.columns.get(name)
        via = made.spec.get("lookup", {}).get("via") if made is not None else None
        if via is not None and "null_rate" not in table.links[via]:
            return str(via)
    return None


def _alike(one: ColumnSummary, other: ColumnSummary) -> bool:
    return one.kind == other.kind == "moment" and pa.types.is_date(one.type) == pa.types.is_date(other.type) and one.zone == other.zone


def _moments(column: ColumnSummary, values: pa.Array) -> Floats:
    numbers = numbers_of(values)
    if column.zone in {None, "UTC"}:
        return numbers
    known = np.isfinite(numbers)
    found = np.full(len(numbers), np.nan)
    found[known] = zone(str(column.zone)).local(numbers[known].astype(np.int64))
    return found


def _keep(context: Context, table: Table, order: _Order, column: ColumnSummary) -> bool:
    """Change a column so that it keeps an order; False where that would move it too far from what was seen."""
    seen, made = context.seen[table.name], table.columns[order.right]
    times = times_of(column, seen.values(order.right))
    both = np.isfinite(order.before) & np.isfinite(order.after)
    before, after = order.before[both].astype(np.int64), order.after[both].astype(np.int64)
    first, last = times.low // 86_400_000_000, times.high // 86_400_000_000
    density = untruncated(before, after, first, last)
    spec, distance = series_of(times, density)
    is_near = distance <= _APART + 1.0 / len(after) ** 0.5
    if is_near and gaps_are_free(before, after, first, density):
        _set(context, table, order, made, spec, f"never before {order.reads}: weights as if nothing kept any away")
        return True
    delayed = _delayed(times, order.reads, before, after)
    if delayed is not None:
        _set(context, table, order, made, delayed, f"follows {order.reads} by delays as seen", by_delay=True)
        return True
    if is_near:
        _set(context, table, order, made, spec, f"never before {order.reads}: weights as if nothing kept any away")
        return True
    context.left_out.append(f"{table.name}.{order.right} is never before {order.ref} in the data; the model does not keep that")
    return False


def _set(context: Context, table: Table, order: _Order, made: Made, series: Spec, why: str, *, by_delay: bool = False) -> None:
    spec = {key: value for key, value in made.spec.items() if key not in {"datetime_series", "mixture"}}
    nulls = {"nullable": True} if by_delay and _may_be_null(context, order) and not {"null_rate", "null_if"} & set(spec) else {}
    table.columns[order.right] = Made({**spec, **nulls, "datetime_series": series}, why, made.hidden, made.withheld)
    rule: Spec = {"left": order.ref, "op": "<=", "right": f"{table.name}.{order.right}"}
    context.constrain("inequalities", rule | ({"mode": "check"} if by_delay else {}))


def _may_be_null(context: Context, order: _Order) -> bool:
    name, _, column = order.ref.partition(".")
    return bool(context.seen[name].columns[column].nulls)


def _delayed(times: Times, reads: str, before: Counts, after: Counts) -> Spec | None:
    """A series that follows another moment; None where its moments would not be like those seen."""
    gaps = (after - before).astype(np.float64)
    drawn = after_delays(before.astype(np.float64), gaps, float(times.high))
    if apart(drawn, after.astype(np.float64)) > _APART + NEAR:
        return None
    middle = float(np.median(gaps))
    unit, size = next((pair for pair in _UNITS if middle >= 2 * pair[1] or (times.is_day and pair[0] == "d")), _UNITS[-1])
    law = law_of(gaps / size, is_whole=False)
    window = {"start": times_text(times)[0], "end": times_text(times)[1]}
    return {"within": window, "after": reads, "delay": law, "unit": unit, "freq": times.grid.freq}


def times_text(times: Times) -> tuple[str, str]:
    """The first and the last moment as a model writes them."""
    from seedbed.stats.inference.moments import window

    ends = window(times)
    return ends["start"], ends["end"]
