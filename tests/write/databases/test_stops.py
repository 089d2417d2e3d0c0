"""A load that stops between any two statements of its end goes on, or is given up, without a trace."""

from __future__ import annotations

from typing import Any

import pytest

from seedbed.core.sinks import Sink
from seedbed.read.sources import open_tables
from tests.write.databases.test_contract import KEPT, whole
from tests.write.databases.world import (
    CHILD,
    CHILDREN,
    CHILDREN_ROWS,
    MANIFEST,
    PARENT,
    PARENTS,
    ROWS,
    SHAPES,
    Load,
    load,
    names_in,
    opened,
    put,
    taken,
)

SMALL = taken(SHAPES, **{PARENT: PARENTS.slice(0, 10), CHILD: CHILDREN_ROWS.slice(0, 3)})


class Stop(Exception):  # noqa: N818 - it stands for a kill
    """The process ends here."""


class Stopping:
    """A session that ends at its n-th statement."""

    def __init__(self, session: Any, statements: int) -> None:
        self.__dict__.update(session=session, left=statements)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def run(self, statement: str) -> None:
        if self.left == 0:
            raise Stop
        self.__dict__["left"] -= 1
        self.session.run(statement)


def stopped(sink: Sink, statements: int) -> bool:
    """Whether the end of a load came as far as that statement."""
    session = sink._leader  # type: ignore[attr-defined]
    sink._leader = Stopping(session, statements)  # type: ignore[attr-defined]
    try:
        sink.finish(MANIFEST)
    except Stop:
        return True
    else:
        return False
    finally:
        sink._leader = session  # type: ignore[attr-defined]


def loaded(sink: Sink) -> None:
    sink.earlier()
    sink.begin(SHAPES, "the request", "overwrite")
    for shape in SHAPES:
        for part, batch in Load(parts=1).pieces(shape):
            put(sink, part, shape, batch)


def rows_in(url: str) -> tuple[int, int]:
    """How many rows both tables have, after a look for what should not be there."""
    assert names_in(url) == {PARENT, CHILD, KEPT}
    with open_tables(url, tables=[PARENT, CHILD]) as opened_tables:
        return opened_tables.tables[PARENT].rows, opened_tables.tables[CHILD].rows


@pytest.mark.slow
@pytest.mark.parametrize("goes_on", [True, False])
def test_the_end_of_a_load_may_stop_anywhere(url: str, goes_on: bool) -> None:
    load(url, what=SMALL)
    for statements in range(60):
        with opened(url) as sink:
            loaded(sink)
            is_stopped = stopped(sink, statements)
            if is_stopped and not goes_on:
                sink.discard()
        if goes_on and is_stopped:
            load(url, "resume", "replace", Load(parts=1))
        after = {(ROWS, CHILDREN)} if goes_on or not is_stopped else {(10, 3)}
        if url.startswith("mysql"):
            after.add((ROWS, CHILDREN))  # once all tables have their names, giving up comes too late
        there = rows_in(url)
        assert there in after
        if not is_stopped:
            assert whole(url)
            return
        if there != (10, 3):
            load(url, "overwrite", what=SMALL)
    pytest.fail("the end has more statements than expected")
