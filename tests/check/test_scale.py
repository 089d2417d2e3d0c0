"""A million rows with a known number of broken ones."""

import numpy as np
import pyarrow as pa
import pytest

from tests.check.shop import NORMAL, SEQUENCE, TEXT, TIME, broken, checked, column, lookup, shop_model

ROWS, PEOPLE = 1_000_000, 100_000

NODES = [
    {"id": "user", "kind": "entity", "pk": "id", "columns": [column("id", "int", SEQUENCE), column("joined", "datetime", TIME)]},
    {
        "id": "event",
        "kind": "fact",
        "pk": "id",
        "parents": ["user"],
        "fanout": {"distribution": "poisson", "lambda": 10.0},
        "columns": [
            column("id", "int", SEQUENCE),
            column("user_id", "int", lookup("user.id")),
            column("at", "datetime", TIME),
            column("amount", "float", NORMAL),
            column("code", "string", TEXT),
        ],
    },
]

RULES = {
    "unique": ["event.code"],
    "ranges": [{"attr": "event.amount", "min": 0.0, "max": 1.0}],
    "inequalities": [{"left": "user.joined", "op": "<", "right": "event.at"}],
    "pattern": [{"attr": "event.code", "regex": "^[0-9]+-x$"}],
}


@pytest.mark.slow
def test_a_million_rows_are_counted_exactly() -> None:
    random = np.random.default_rng(20240229)
    ids, users = random.permutation(ROWS), random.integers(1, PEOPLE + 1, ROWS)
    joined, at = random.integers(0, 10**6, PEOPLE), random.integers(10**6, 2 * 10**6, ROWS)
    amount, codes = random.random(ROWS), random.permutation(ROWS)
    wrong = random.permutation(ROWS)[:600].reshape(6, 100)
    users[wrong[0]] = PEOPLE + 1 + np.arange(100)
    at[wrong[1]] = -1
    amount[wrong[2]] += 1.0
    ids[wrong[3]] = ids[wrong[4]]
    codes[wrong[5]] = 0
    data = {
        "user": pa.table({"id": np.arange(1, PEOPLE + 1), "joined": joined.view("datetime64[us]")}),
        "event": pa.table(
            {
                "id": ids,
                "user_id": users,
                "at": at.view("datetime64[us]"),
                "amount": amount,
                "code": pa.array(np.char.add(codes.astype("U"), "-x")),
            }
        ),
    }
    report = checked(data, shop_model(nodes=NODES, constraints=RULES, targets=None), workers=2)
    repeated = np.flatnonzero(codes == 0)
    assert set(broken(report)) == {
        "event.pk_unique",
        "event.code.unique",
        "event.fk_user.integrity",
        "event.amount.range",
        "event.at_gt_user.joined",
    }
    assert report.of("event.pk_unique").failing == 200
    assert report.of("event.code.unique").failing == len(repeated)
    assert report.of("event.fk_user.integrity").failing == 100
    assert report.of("event.amount.range").failing == 100
    assert report.of("event.at_gt_user.joined").failing == 100
    assert [sample.row for sample in report.of("event.code.unique").samples] == repeated[:5].tolist()
    assert [sample.row for sample in report.of("event.fk_user.integrity").samples] == np.sort(wrong[0])[:5].tolist()
