"""Count the faults of every block, so that any row of a table with faults and of the ground truth can be found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from seedbed.core.draw import Ints
from seedbed.generate.engine import Engine
from seedbed.generate.family import PARENT_BLOCK
from seedbed.generate.injected import Injected
from seedbed.generate.prepared import Prepared
from seedbed.generate.quality.dirty import DirtyTable
from seedbed.generate.quality.hits import Hits
from seedbed.generate.quality.truth import truth_count
from seedbed.plan.quality import issues_of


def index_faults(prepared: Prepared, workers: int = 1) -> Injected:
    """Count the rows that are added, and the rows of the ground truth, on `workers` threads.

    Every cell that may be changed is made for that once, and the times of tables whose rows are moved.
    """
    engine = Engine(prepared)
    model = prepared.plan.model
    names = [table.name for table in prepared.plan.tables if issues_of(model, table.name)]
    copies: dict[int, Ints] = {}
    truths: dict[str, Ints] = {}
    for name in names:
        table = DirtyTable(engine, name, Injected())
        blocks = range(-(-table.clean_rows // PARENT_BLOCK))
        for hits in table.copies.issues:
            copies[hits.place] = _counted(partial(_copies, table, hits), blocks, workers)
        truths[name] = _counted(partial(truth_count, table), blocks, workers)
    return Injected(copies, truths)


def _copies(table: DirtyTable, hits: Hits, block: int) -> int:
    return len(hits.rows(table.engine, table.clean_block(block)))


def _counted(count: Callable[[int], int], blocks: range, workers: int) -> Ints:
    """What each block counts, shape (blocks,)."""
    if workers == 1 or len(blocks) <= 1:
        return np.array([count(block) for block in blocks], dtype=np.int64)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        return np.array(list(pool.map(count, blocks)), dtype=np.int64)
