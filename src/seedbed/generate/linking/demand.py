"""Demands that the limits of a link's target cannot meet, with the numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seedbed.core.errors import SeedbedError
from seedbed.generate.frame import Context
from seedbed.generate.linking.allotment import shortage
from seedbed.generate.linking.seating import school_of
from seedbed.generate.linking.seats import all_seats, seats_by_row, share_of
from seedbed.model.places import Mistake, Path
from seedbed.plan.plan import Link, TablePlan


def too_much(engine: Context, table: TablePlan, link: Link, path: Path) -> Iterator[Mistake]:
    """A demand beyond the seats; limits that are none."""
    assert link.spec is not None
    assert link.spec.capacity is not None
    path = (*path, "capacity")
    try:
        total = all_seats(engine, table.name, link)
        if link.spec.capacity.on_full == "null":
            return
        seated = 1 - share_of(link.spec.null_rate)
        wanted = -int(-engine.rows(table.name) * seated // 1)
        if wanted > total:
            yield _too_few_seats(engine, table, link, path, wanted, total)
        elif link.spec.unique_per is not None:
            yield from _too_few_rows(engine, table, link, path)
    except SeedbedError as error:
        yield from (Mistake((*path, "limit"), problem.message, problem.fix) for problem in error.problems)


def _too_few_seats(engine: Context, table: TablePlan, link: Link, path: Path, wanted: int, total: int) -> Mistake:
    assert link.spec is not None
    rows = engine.rows(link.target)
    message = f"{wanted:,} rows of `{table.name}` want a seat, but the {rows:,} rows of `{link.target}` have {total:,}"
    more = f"give `{link.target}` {-(-wanted * rows // total):,} rows" if total else "raise `limit` or `utilization`"
    return Mistake(path, message, f"{more}, lower the demand, or write `on_full: null`")


def _too_few_rows(engine: Context, table: TablePlan, link: Link, path: Path) -> Iterator[Mistake]:
    """Seats enough, but too few rows: the busiest parents would need several of one."""
    school = school_of(engine, table.name, link)
    short = shortage(school.seats, school.groups, school.share)
    if short is None:
        return
    rows, size = int(np.count_nonzero(seats_by_row(engine, table.name, link))), engine.fan_index(table.name).largest
    if short.families == 1 or size > rows:
        message = f"a row of `{table.parent}` has {size:,} children in `{table.name}`, but only {rows:,} rows of `{link.target}` have seats"
        fix = f"clamp the fan-out of `{table.name}` to {rows:,}, or give `{link.target}` at least {size:,} rows with seats"
    else:
        message = (
            f"{short.families:,} rows of `{table.parent}` have {short.wanted:,} children in `{table.name}`, "
            f"but without a pair coming twice `{link.target}` has only {short.found:,} seats for them"
        )
        needed = -(-(short.wanted - short.found) * rows // short.found) + rows if short.found else size
        fix = f"give `{link.target}` about {needed:,} rows, lower the fan-out of `{table.name}`, or write `on_full: null`"
    yield Mistake(path, message, fix)
