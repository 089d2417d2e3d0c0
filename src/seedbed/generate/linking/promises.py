"""What declared links promise and only data can tell: that there are rows to lead to, and enough of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from seedbed.core.errors import ModelError
from seedbed.generate.frame import Context
from seedbed.generate.linking.groups import Groups, candidates_of
from seedbed.generate.linking.hierarchy import tree_of
from seedbed.model.places import Mistake, Path
from seedbed.plan.plan import Link, TablePlan


def link_mistakes(engine: Context, table: TablePlan, path: Path) -> Iterator[Mistake]:
    """Links of a table that cannot be as they are declared; `path` is that of its node."""
    for link in table.links:
        if link.spec is not None and engine.rows(table.name):
            name = link.name.partition(":")[2]
            yield from _of_link(engine, table, link, name, (*path, "links", name))


def _of_link(engine: Context, table: TablePlan, link: Link, name: str, path: Path) -> Iterator[Mistake]:
    assert link.spec is not None
    if not engine.rows(link.target):
        message = f"the link `{name}` of `{table.name}` leads to `{link.target}`, which has no rows"
        yield Mistake((*path, "to"), message, f"give `{link.target}` at least one row")
        return
    if link.spec.hierarchy is not None:
        try:
            tree_of(engine, table.name, link)
        except ModelError as error:
            yield from (Mistake((*path, "hierarchy"), problem.message, problem.fix) for problem in error.problems)
    if link.spec.capacity is not None:
        from seedbed.generate.linking.demand import too_much

        yield from too_much(engine, table, link, path)
    elif link.spec.unique_per is not None:
        yield from _too_few(engine, table, link, path)


def _too_few(engine: Context, table: TablePlan, link: Link, path: Path) -> Iterator[Mistake]:
    """A parent with more children than there are rows for them."""
    assert link.spec is not None
    largest, rows, what = engine.fan_index(table.name).largest, engine.rows(link.target), f"`{link.target}` has only"
    if link.spec.match:
        candidates = candidates_of(engine, table.name, link)
        if isinstance(candidates, Groups):
            rows, what = int(candidates.sizes.min(initial=rows)), f"the smallest group of `{link.target}` that matches has only"
        else:
            return  # as large as each parent's own family: a row that finds none left says so when it is made
    elif link.spec.pick.startswith("weight:"):
        from seedbed.generate.linking.weights import row_weights

        weights = row_weights(engine, table.name, link)
        rows = rows if weights is None else int(np.count_nonzero(weights))
        what = f"`{link.target}` has only, with a weight above 0,"
    if largest > rows:
        message = f"a row of `{table.parent}` has {largest:,} children in `{table.name}`, but {what} {rows:,} rows, so one would come twice"
        fix = f"clamp the fan-out of `{table.name}` to {rows:,}, or give `{link.target}` more rows"
        yield Mistake((*path, "unique_per"), message, fix)
