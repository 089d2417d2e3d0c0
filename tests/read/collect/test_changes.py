"""Which parts new decisions rewrite, and what they make of them."""

from seedbed.read.collect.decide import Decisions, decide
from seedbed.read.collect.restore import affected
from seedbed.read.collect.shapes import Changes
from seedbed.read.collect.shred import shred
from seedbed.read.collect.sketch import merge
from seedbed.read.collect.split import gather
from tests.read.collect.judging import in_batches, whole


def decided(*texts: bytes) -> Decisions:
    return decide(merge(shred(gather([(str(number), text)])).sketch for number, text in enumerate(texts)))


def test_a_late_column_and_a_late_table_rewrite_nothing() -> None:
    old, new = decided(b'{"a":1}'), decided(b'{"a":1}', b'{"a":1,"b":2,"c":[{"d":1}]}')
    changes = affected(old, new)
    assert changes == Changes(frozenset(["records"]), added=frozenset(["c"]))


def test_a_wider_type_rewrites_its_table_alone() -> None:
    old, new = decided(b'{"a":1,"l":[{"x":1}]}'), decided(b'{"a":1,"l":[{"x":1}]}', b'{"a":1,"l":[{"x":"one"},{"x":"two"}]}')
    assert affected(old, new).rewritten == {"l"}


def test_keys_found_to_be_data_late_rewrite_what_they_were_in() -> None:
    one, two = b'{"m":{"17":{"n":1}}}', b'{"m":{"4":{"n":2},"5":{"n":3}}}'
    assert affected(decided(one), decided(one, two)).rewritten == {"records"}
    tables, decisions, _ = in_batches([[("a", one)], [("b", two)]])
    at_once, wanted, _ = whole([("b", two), ("a", one)])
    assert decisions == wanted
    assert all(tables[name].equals(at_once[name]) for name in at_once)
    assert sorted(tables["m"].column("_key").to_pylist()) == ["17", "4", "5"]


def test_a_name_that_collides_late_is_given_to_the_same_key_in_any_order() -> None:
    files = [("a", b'{"user id":1}'), ("b", b'{"user_id":2}'), ("c", b'{"User_ID":3}')]
    first, decisions, _ = in_batches([[one] for one in files])
    last, others, _ = in_batches([[one] for one in reversed(files)])
    assert decisions == others
    assert first["records"].equals(last["records"])
