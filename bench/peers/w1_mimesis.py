"""W1 row by row with Mimesis, the fastest of the libraries that make a value a call.

    python bench/peers/w1_mimesis.py USERS FOLDER

Mimesis makes names, domains and dates; its own `random` makes what it has no method for (weighted picks by running
weights, normal draws). Tried: methods bound outside the loop; columns as lists and one table at the end; `Fieldset` and
`Schema` (slower).
"""

from __future__ import annotations

import shared as s
from mimesis import Generic
from mimesis.locales import Locale
from rows import EVENT_COLUMNS, USER_COLUMNS, add_events, age, columns, country, write


def main():
    n, folder = s.arguments()
    generic = Generic(Locale.EN, seed=s.SEED)
    random = generic.random
    first_name, last_name, date, choice = generic.person.first_name, generic.person.last_name, generic.datetime.date, random.choice
    users, events = columns(USER_COLUMNS), columns(EVENT_COLUMNS)
    for user_id in range(1, n + 1):
        first, last = first_name(), last_name()
        row = (
            user_id,
            f"{first} {last}",
            f"{first.lower()}.{last.lower()}@{choice(s.DOMAINS)}",
            country(random),
            age(random),
            date(s.START.year, s.START.year),
        )
        for column, value in zip(users.values(), row, strict=True):
            column.append(value)
        add_events(events, user_id, random)
    write(users, events, folder)


if __name__ == "__main__":
    main()
