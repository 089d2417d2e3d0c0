"""W1 as one writes it by hand: whole columns, drawn and composed by plain calls of NumPy and Polars.

    python bench/peers/w1_polars.py USERS FOLDER

Of what their manuals offer it takes what is fast: weighted picks by `searchsorted` (over `Generator.choice(p=...)`), texts of a few
values as `Enum` (over gathered strings), eager `write_parquet` (over the streaming sinks). w1_polars_tuned.py shows what further
tuning gives.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import shared as s


def pick(rng, weights, n):
    """n indexes, each by its weight."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(edges, rng.random(n), side="right")


def labels(codes, names):
    """Codes as text, stored once."""
    return pl.Series(codes, dtype=pl.UInt8).cat.to(pl.Enum(names))


def anyone(rng, names, n):
    """n texts, all as likely as each other."""
    return pl.Series(names).gather(rng.integers(0, len(names), n))


def users(rng, n):
    """The user table."""
    parts = pl.DataFrame(
        {"first": anyone(rng, s.FIRST_NAMES, n), "last": anyone(rng, s.LAST_NAMES, n), "domain": anyone(rng, s.DOMAINS, n)}
    )
    first, last = pl.col("first"), pl.col("last")
    return parts.select(
        user_id=pl.int_range(1, n + 1),
        name=pl.concat_str(first, last, separator=" "),
        email=pl.concat_str(first.str.to_lowercase(), pl.lit("."), last.str.to_lowercase(), pl.lit("@"), pl.col("domain")),
        country=labels(pick(rng, s.COUNTRY_WEIGHTS, n), s.COUNTRIES),
        age=np.clip(rng.normal(s.AGE_MEAN, s.AGE_STD, n).round(), s.AGE_LOW, s.AGE_HIGH).astype(np.int64),
        signup=np.datetime64(s.START) + rng.integers(0, s.DAYS, n),
    )


def events(rng, n_users):
    """The event table: eight a user on average, user by user."""
    counts = rng.poisson(s.EVENTS_A_USER, n_users)
    n = int(counts.sum())
    day_weights = np.array(s.DAY_WEIGHTS)[(s.START.weekday() + np.arange(s.DAYS)) % 7]
    seconds = pick(rng, day_weights, n) * 86_400 + pick(rng, s.HOUR_WEIGHTS, n) * 3_600 + rng.integers(0, 3_600, n)
    return pl.DataFrame(
        {
            "event_id": np.arange(1, n + 1),
            "user_id": np.repeat(np.arange(1, n_users + 1), counts),
            "timestamp": np.datetime64(s.START, "us") + seconds * np.timedelta64(1_000_000, "us"),
            "type": labels(pick(rng, s.TYPE_WEIGHTS, n), s.TYPES),
            "amount": np.clip(rng.lognormal(s.AMOUNT_MEAN, s.AMOUNT_SIGMA, n), s.AMOUNT_LOW, s.AMOUNT_HIGH),
        }
    )


def main():
    n, folder = s.arguments()
    rng = np.random.default_rng(s.SEED)
    users(rng, n).write_parquet(folder / "user.parquet", compression="snappy")
    events(rng, n).write_parquet(folder / "event.parquet", compression="snappy")


if __name__ == "__main__":
    main()
