"""W1 by hand, tuned further than a script usually is: pieces of 250,000 users drawn by two threads, written by Polars.

    python bench/peers/w1_polars_threads.py USERS FOLDER

The same columns and draws as w1_polars_tuned.py, whose functions it uses; only the cutting differs. Every piece has generators
of its own, so the values don't depend on which thread made it. Tried: pieces of 62,500 to 500,000 users; a file a piece
(no faster than one file a table); the streaming sinks for all (no faster than `write_parquet` in two threads).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import shared as s
import w1_polars_tuned as tuned

PIECE = 250_000


def main():
    n, folder = s.arguments()
    starts = range(0, n, PIECE)
    seeds = np.random.SeedSequence(s.SEED).spawn(len(starts))
    sizes = [min(PIECE, n - start) for start in starts]
    threads = min(os.cpu_count() or 1, 2 * len(starts))

    def piece(start, size, seed):
        user_rng, event_rng = (np.random.Generator(np.random.SFC64(part)) for part in seed.spawn(2))
        shift = pl.col("user_id") + start
        made = (table.lazy().with_columns(shift).collect() for table in (tuned.users(user_rng, size), tuned.events(event_rng, size)))
        return tuple(made)

    with ThreadPoolExecutor(threads) as pool:
        user_pieces, event_pieces = zip(*pool.map(piece, starts, sizes, seeds), strict=True)
        event = pl.concat(event_pieces).with_columns(pl.int_range(1, pl.len() + 1).alias("event_id"))
        jobs = [
            pool.submit(event.write_parquet, folder / "event.parquet", compression="snappy"),
            pool.submit(pl.concat(user_pieces).write_parquet, folder / "user.parquet", compression="snappy"),
        ]
        for job in jobs:
            job.result()


if __name__ == "__main__":
    main()
