"""Texts made so that their fingerprints are equal: only their values tell them apart."""

from itertools import product

import numpy as np
import pyarrow as pa

from seedbed.check.results import CheckResult
from seedbed.core.hashing import _FIRST, _GOLDEN, _SECOND, text_keys
from tests.check.shop import TEXT, checked, checked_blocks, column, shop_model


def colliding() -> tuple[str, str]:
    """Two different ASCII texts of 16 bytes with one fingerprint.

    Eight bytes are absorbed at a time by a bijection, so the second half can undo what the first one did.
    """
    halves = ["".join(letters) + "______" for letters in product("abcdefghijklmnop", repeat=2)]
    words = np.frombuffer("".join(halves).encode(), np.uint64)
    marks = (words ^ np.uint64(16 * int(_GOLDEN) % 2**64)) * _FIRST
    marks ^= marks >> np.uint64(33)
    marks *= _SECOND
    high_bits = np.uint64(0x8080808080808080)
    for one in range(len(words)):
        fitting = np.flatnonzero((marks ^ marks[one]) & high_bits == 0)
        for other in fitting[fitting != one].tolist():
            tail = np.frombuffer(b"ABCDEFGH", np.uint64)[0]
            answer = (tail ^ marks[one] ^ marks[other]).tobytes()
            return halves[one] + "ABCDEFGH", halves[other] + answer.decode("ascii")
    raise AssertionError("there are pairs among 65,536")


def unique(values: list[str | None], *, read_again: bool = True) -> CheckResult:
    node = {"id": "t", "kind": "entity", "columns": [column("x", "string", TEXT, nullable=True)]}
    model = shop_model(nodes=[node], constraints={"unique": ["t.x"]}, targets=None)
    data = {"t": pa.table({"x": pa.array(values, pa.string())})}
    return (checked(data, model) if read_again else checked_blocks(data, model)).of("t.x.unique")


def test_two_texts_can_share_a_fingerprint() -> None:
    one, other = colliding()
    assert one != other
    assert len(set(text_keys(pa.array([one, other])).tolist())) == 1


def test_different_texts_of_one_fingerprint_are_unique() -> None:
    one, other = colliding()
    assert unique(["x", one, other, "y"]).passed


def test_repeats_beside_texts_of_one_fingerprint_are_counted_by_value() -> None:
    one, other = colliding()
    result = unique(["x", one, other, "y", one, None, None])
    assert (result.failing, result.observed) == (2, "1 repeated in 2 rows")
    assert [sample.row for sample in result.samples] == [1, 4]


def test_when_rows_are_not_read_again_the_fingerprint_is_believed_and_the_result_says_so() -> None:
    result = unique(["x", *colliding()], read_again=False)
    assert (result.status, result.failing) == ("failed", 2)
    assert result.reason == "the rows were not read again, so their numbers are not known"
