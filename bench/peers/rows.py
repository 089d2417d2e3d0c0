"""What both row-by-row scripts of W1 do the same way: draws that neither library has, and the loop over events."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from itertools import accumulate
from math import exp

import pyarrow as pa
import pyarrow.parquet as pq
import shared as s

USER_COLUMNS = ("user_id", "name", "email", "country", "age", "signup")
EVENT_COLUMNS = ("event_id", "user_id", "timestamp", "type", "amount")
MIDNIGHTS = [datetime.combine(s.START, datetime.min.time()) + timedelta(days=day) for day in range(s.DAYS)]
DAY_STEPS = list(accumulate(s.DAY_WEIGHTS[day.weekday()] for day in MIDNIGHTS))
HOUR_STEPS = list(accumulate(s.HOUR_WEIGHTS))
TYPE_STEPS = list(accumulate(s.TYPE_WEIGHTS))
COUNTRY_STEPS = list(accumulate(s.COUNTRY_WEIGHTS))
HOURS = range(24)
NO_EVENTS = exp(-s.EVENTS_A_USER)


class WithoutPandas:
    """Arrow loads pandas, where it is installed, to look at lists; that would take 0.35 s of these runs."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Refuse to find it."""
        del path, target
        if name == "pandas":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, WithoutPandas)


def columns(names):
    """An empty list for each column."""
    return {name: [] for name in names}


def country(random):
    """A weighted pick of a country."""
    return random.choices(s.COUNTRIES, cum_weights=COUNTRY_STEPS)[0]


def age(random):
    """A rounded normal draw, clamped."""
    return min(max(round(random.gauss(s.AGE_MEAN, s.AGE_STD)), s.AGE_LOW), s.AGE_HIGH)


def poisson(random):
    """How many events a user has (Knuth's product of uniforms, about nine draws)."""
    count, product = 0, random.random()
    while product > NO_EVENTS:
        count += 1
        product *= random.random()
    return count


def add_events(events, user_id, random):
    """The events of one user, row by row."""
    event_id, user, moment, kind, amount = (events[name].append for name in EVENT_COLUMNS)
    choices = random.choices
    for _ in range(poisson(random)):
        event_id(len(events["event_id"]) + 1)
        user(user_id)
        day, hour = choices(MIDNIGHTS, cum_weights=DAY_STEPS)[0], choices(HOURS, cum_weights=HOUR_STEPS)[0]
        moment(day + timedelta(hours=hour, seconds=int(random.random() * 3600)))
        kind(choices(s.TYPES, cum_weights=TYPE_STEPS)[0])
        amount(min(max(random.lognormvariate(s.AMOUNT_MEAN, s.AMOUNT_SIGMA), s.AMOUNT_LOW), s.AMOUNT_HIGH))


def write(users, events, folder):
    """Both tables as Parquet."""
    pq.write_table(pa.table(users), folder / "user.parquet", compression="snappy")
    pq.write_table(pa.table(events), folder / "event.parquet", compression="snappy")
