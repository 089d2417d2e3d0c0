"""W1 by hand, every step tuned: NumPy draws whole columns, Polars makes the strings and writes Parquet with its own threads.

    python bench/peers/w1_polars_tuned.py USERS FOLDER

Tried on 2 cores, and what was kept because it was fastest:
- generators: SFC64 (over PCG64, Philox); weighted picks from a 65,536-slot table (over `Generator.choice(p=...)`, 10 times
  slower, and `searchsorted`);
- texts of a few values: `Enum` from codes (over gathered strings and `Categorical`);
- Parquet: snappy, default row groups, no statistics kept out; both tables at once (over one after the other).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import shared as s

SLOTS = 1 << 16


def table(weights):
    """65,536 slots that hold the index of each weight in proportion to it."""
    edges = np.rint(np.cumsum(weights) / np.sum(weights) * SLOTS).astype(np.int64)
    kind = np.uint8 if len(weights) < 256 else np.uint16
    return np.repeat(np.arange(len(weights), dtype=kind), np.diff(edges, prepend=0))


def slots(rng, n):
    """n random 16-bit numbers."""
    return np.frombuffer(rng.bytes(2 * n), dtype=np.uint16)


def labels(codes, names):
    """Codes as text, stored once."""
    return pl.Series(codes).cat.to(pl.Enum(names))


def day_table():
    """Slots of the days of the year, weighted by the day of the week, in microseconds."""
    weights = np.array(s.DAY_WEIGHTS)[(np.arange(s.DAYS) + s.START.weekday()) % 7]
    first = np.datetime64(s.START, "us").astype(np.int64)
    return first + table(weights).astype(np.int64) * 86_400_000_000


def users(rng, n):
    """The user table."""
    first, last, domain = (rng.integers(0, len(names), n, dtype=np.uint16) for names in (s.FIRST_NAMES, s.LAST_NAMES, s.DOMAINS))

    def texts(names, codes):
        return pl.Series(names).gather(codes)

    parts = pl.LazyFrame(
        {
            "user_id": np.arange(1, n + 1),
            "first": texts(s.FIRST_NAMES, first),
            "last": texts(s.LAST_NAMES, last),
            "first_lower": texts([name.lower() for name in s.FIRST_NAMES], first),
            "last_lower": texts([name.lower() for name in s.LAST_NAMES], last),
            "at": texts([f"@{domain}" for domain in s.DOMAINS], domain),
            "country": labels(table(s.COUNTRY_WEIGHTS)[slots(rng, n)], s.COUNTRIES),
            "age": np.clip(np.rint(rng.normal(s.AGE_MEAN, s.AGE_STD, n)), s.AGE_LOW, s.AGE_HIGH).astype(np.int64),
            "signup": np.datetime64(s.START, "D") + rng.integers(0, s.DAYS, n, dtype=np.uint16),
        }
    )
    return parts.select(
        "user_id",
        pl.concat_str("first", pl.lit(" "), "last").alias("name"),
        pl.concat_str("first_lower", pl.lit("."), "last_lower", "at").alias("email"),
        "country",
        "age",
        "signup",
    )


def events(rng, n_users):
    """The event table: eight a user on average, user by user."""
    counts = rng.poisson(s.EVENTS_A_USER, n_users)
    n = int(counts.sum())
    moment = day_table()[slots(rng, n)]
    moment += (table(s.HOUR_WEIGHTS).astype(np.int64) * 3_600_000_000)[slots(rng, n)]
    moment += rng.integers(0, 3600, n, dtype=np.uint16) * np.int64(1_000_000)
    amount = rng.standard_normal(n)
    amount *= s.AMOUNT_SIGMA
    amount += s.AMOUNT_MEAN
    np.exp(amount, out=amount)
    np.clip(amount, s.AMOUNT_LOW, s.AMOUNT_HIGH, out=amount)
    return pl.DataFrame(
        {
            "event_id": np.arange(1, n + 1),
            "user_id": np.repeat(np.arange(1, n_users + 1), counts),
            "timestamp": moment.view("datetime64[us]"),
            "type": labels(table(s.TYPE_WEIGHTS)[slots(rng, n)], s.TYPES),
            "amount": amount,
        }
    )


def main():
    n, folder = s.arguments()
    seeds = np.random.SeedSequence(s.SEED).spawn(2)
    user_rng, event_rng = (np.random.Generator(np.random.SFC64(seed)) for seed in seeds)

    def make_users():
        users(user_rng, n).sink_parquet(folder / "user.parquet", compression="snappy")

    def make_events():
        events(event_rng, n).write_parquet(folder / "event.parquet", compression="snappy")

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(make_events), pool.submit(make_users)):
            done.result()


if __name__ == "__main__":
    main()
