"""W1 by hand in SQL: DuckDB draws by hashing row numbers, on all cores, and writes Parquet with COPY.

    python bench/peers/w1_duckdb.py USERS FOLDER

Tried on 2 cores, and what was kept because it was fastest: constant lists of slots for weighted picks (over CASE ladders
and joins with slot tables); row numbers and running counts from a temporary table (over `range()` and `row_number()`,
which keep DuckDB to one thread); Box-Muller for normal draws; snappy. `hash` of one number is the draw: over two it is too weak.
"""

from __future__ import annotations

from itertools import accumulate
from math import exp

import duckdb
import shared as s

SLOTS = 4096
MOST_CHILDREN = 64  # far beyond what a mean of 8 gives
PURPOSES = 32


def draw(row, purpose):
    """SQL of 64 random bits."""
    return f"hash({row} * {PURPOSES} + {purpose})"


def uniform(row, purpose):
    """SQL of a float between 0 and 1, both excluded."""
    return f"(({draw(row, purpose)} >> 11)::DOUBLE + 0.5) / {1 << 53}"


def normal(row, purpose):
    """SQL of a standard normal draw; takes this purpose and the next."""
    return f"(sqrt(-2 * ln({uniform(row, purpose)})) * cos(2 * pi() * {uniform(row, purpose + 1)}))"


def pick(values, row, purpose):
    """SQL of one value of a list."""
    listed = ",".join(repr(value) for value in values)
    return f"[{listed}][({draw(row, purpose)} % {len(values)})::INTEGER + 1]"


def slots(weights, values):
    """4,096 values in proportion to their weights."""
    edges = [0, *(round(part / sum(weights) * SLOTS) for part in accumulate(weights))]
    return [value for value, low, high in zip(values, edges, edges[1:], strict=False) for _ in range(high - low)]


def poisson_weights(mean):
    """Probabilities of 0, 1, 2, ... children."""
    weights = [exp(-mean)]
    while len(weights) < MOST_CHILDREN // 2:
        weights.append(weights[-1] * mean / len(weights))
    return weights


def row_query(n):
    """The rows of users: their numbers, how many events each has and how many came before."""
    weights = poisson_weights(s.EVENTS_A_USER)
    return f"""
    SELECT row, children, sum(children) OVER (ORDER BY row)::BIGINT - children AS earlier
    FROM (SELECT row, {pick(slots(weights, range(len(weights))), "row", 8)}::BIGINT AS children FROM range({n}) AS numbers(row))
    """


def user_query():
    """The user table."""
    age = f"round({s.AGE_MEAN} + {s.AGE_STD} * {normal('row', 5)})"
    return f"""
    SELECT row + 1 AS user_id, first || ' ' || last AS name, lower(first) || '.' || lower(last) || '@' || domain AS email, country, age, signup
    FROM (
        SELECT row,
            {pick(s.FIRST_NAMES, "row", 1)} AS first,
            {pick(s.LAST_NAMES, "row", 2)} AS last,
            {pick(s.DOMAINS, "row", 3)} AS domain,
            {pick(slots(s.COUNTRY_WEIGHTS, s.COUNTRIES), "row", 4)} AS country,
            greatest({s.AGE_LOW}, least({s.AGE_HIGH}, {age}))::BIGINT AS age,
            DATE '{s.START}' + ({draw("row", 7)} % {s.DAYS})::INTEGER AS signup
        FROM made)
    """


def event_query():
    """The event table, user by user; a child is drawn by its user and its place among the user's children."""
    days = [s.DAY_WEIGHTS[(day + s.START.weekday()) % 7] for day in range(s.DAYS)]
    first = (s.START - s.EPOCH).days
    day = pick(slots(days, range(first, first + s.DAYS)), "child", 1)
    hour = pick(slots(s.HOUR_WEIGHTS, range(24)), "child", 2)
    second = f"({draw('child', 3)} % 3600)::BIGINT"
    amount = f"exp({s.AMOUNT_MEAN} + {s.AMOUNT_SIGMA} * {normal('child', 5)})"
    return f"""
    SELECT earlier + place + 1 AS event_id, row + 1 AS user_id,
        make_timestamp(({day}::BIGINT * 86400 + {hour} * 3600 + {second}) * 1000000) AS timestamp,
        {pick(slots(s.TYPE_WEIGHTS, s.TYPES), "child", 4)} AS type,
        greatest({s.AMOUNT_LOW}, least({s.AMOUNT_HIGH}, {amount})) AS amount
    FROM (SELECT row, earlier, place, row * {MOST_CHILDREN} + place AS child FROM (SELECT row, earlier, unnest(range(children)) AS place FROM made))
    """


def main():
    n, folder = s.arguments()
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"CREATE TEMPORARY TABLE made AS {row_query(n)}")
    for name, query in (("user", user_query()), ("event", event_query())):
        connection.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION snappy)")


if __name__ == "__main__":
    main()
