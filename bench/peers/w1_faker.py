"""W1 row by row with Faker, its weighting off: the loop most scripts for test data are.

    python bench/peers/w1_faker.py USERS FOLDER

Faker makes names, domains and dates; its own `random` makes what it has no method for (weighted picks, normal draws).
Tried: `use_weighting=False` (several times as fast for names); methods bound outside the loop; columns as lists and one
table at the end (over dicts of rows).
"""

from __future__ import annotations

from datetime import timedelta

import shared as s
from faker import Faker
from rows import EVENT_COLUMNS, USER_COLUMNS, add_events, age, columns, country, write


def main():
    n, folder = s.arguments()
    faker = Faker("en_US", use_weighting=False)
    faker.seed_instance(s.SEED)
    random = faker.random
    first_name, last_name, domain, date_between = faker.first_name, faker.last_name, faker.free_email_domain, faker.date_between_dates
    last_day = s.START + timedelta(days=s.DAYS - 1)
    users, events = columns(USER_COLUMNS), columns(EVENT_COLUMNS)
    for user_id in range(1, n + 1):
        first, last = first_name(), last_name()
        row = (
            user_id,
            f"{first} {last}",
            f"{first.lower()}.{last.lower()}@{domain()}",
            country(random),
            age(random),
            date_between(s.START, last_day),
        )
        for column, value in zip(users.values(), row, strict=True):
            column.append(value)
        add_events(events, user_id, random)
    write(users, events, folder)


if __name__ == "__main__":
    main()
