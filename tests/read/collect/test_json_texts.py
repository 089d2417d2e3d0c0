"""Every text that RFC 8259 calls JSON is taken; every other is refused with the reason and the byte, and none crashes."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.read.collect.decode import RefusedError
from seedbed.read.collect.shapes import Limits, Refusal, Source
from seedbed.read.collect.shred import shred
from seedbed.read.collect.split import gather, stream
from seedbed.read.collect.texts import texts_of
from tests.read.collect.judging import said

TAKEN = [
    b"0", b"-0", b"1e1", b"1E+2", b"0.1e-2", b"-1.5", b"123456789012345678901234567890", b"1e999", b"-1e-999", b"true", b"false", b"null",
    b'""', b'"a"', b'"\\u0000"', b'"\\uD83D\\uDE00"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\x7f"',
    '"\u2028\u2029\ufeff"'.encode(), '"\U0010ffff"'.encode(), b"[1]", b"[[]]", b"[ ]", b"{}", b'{"":0}', b'{"a":{},"b":[]}', b'{"a":1,"a":1}',
    b' \t\r\n{"a" : [ 1 , 2 ] } \n', b"[null,1,true]", b'["a",\n"b"]', b"[" * 500 + b"]" * 500, b'{"a":' * 500 + b"1" + b"}" * 500,
    b'{"a":"' + b"x" * 70_000 + b'"}', b"[" + b"1," * 5_000 + b"1]", b"9" * 6_000, b"0." + b"1" * 6_000, b"1e99999999999999999999",
]  # fmt: skip

REFUSED: list[tuple[bytes, int, bool]] = [
    (b"", 0, True), (b"  \n", 3, True), (b"[1,]", 3, False), (b"[1", 2, True), (b"[,1]", 1, False), (b"[1 2]", 3, False), (b"[1]]", 3, False),
    (b"{", 1, True), (b'{"a"', 4, True), (b'{"a":', 5, True), (b'{"a":1', 6, True), (b'{"a":1,', 7, True), (b'{"a":1,}', 7, False),
    (b"{a:1}", 1, False), (b"{'a':1}", 1, False), (b'{"a" 1}', 5, False), (b'{"a":1 "b":2}', 7, False), (b'{1:1}', 1, False), (b"{[]:1}", 1, False),
    (b'{"a":01}', 6, False), (b'{"a":1.}', 7, False), (b'{"a":.5}', 5, False), (b'{"a":+1}', 5, False), (b'{"a":-}', 6, False),
    (b'{"a":1e}', 7, False), (b'{"a":0x1}', 6, False), (b'{"a":1_000}', 6, False), (b'{"a":NaN}', 5, False), (b'{"a":Infinity}', 5, False),
    (b'{"a":-Infinity}', 6, False), (b'{"a":tru}', 5, False), (b'{"a":True}', 5, False), (b'{"a":nul', 8, True), (b'{"a":"x', 7, True),
    (b'{"a":"x\ny"}', 7, False), (b'{"a":"\x00"}', 6, False), (b'{"a":"\\x"}', 7, False), (b'{"a":"\\u12g4"}', 10, False), (b'{"a":"\\', 7, True),
    (b'{"a":1}}', 7, False), (b'{"a":1},{"b":2}', 7, False), (b'{"a":1}x', 7, False), (b'{"a":1}//x', 7, False), (b'{"a":/*x*/1}', 5, False),
    (b'{"a":1]', 6, False), (b"[1}", 2, False), (b"]", 0, False), (b"}", 0, False), (b",", 0, False), (b"[1][", 4, True), (b"1 x", 2, False),
    (b"tru", 3, True), (b"nulll", 4, False), (b"1a", 1, False), (b"'a'", 0, False), (b"-", 1, True), (b"\x00", 0, False), (b"\xff\xfe\x00", 2, True),
    (b'{"a":"\xff"}', 6, False), (b'{"a":"\xc0\x80"}', 6, False), (b'{"a":"\xed\xa0\x80"}', 6, False), (b'{"a":"\xe2\x82', 6, True),
    (b"\xef\xbb\xbf", 0, True), (b"[" * 10_002 + b"]" * 10_002, 10_001, False), (b'{"a":\x0c1}', 5, False), (b"{\xc2\xa0}", 1, False),
]  # fmt: skip


def ways(text: bytes) -> list[Refusal | None]:
    """What each way of reading a file says of it: None where it is taken."""
    found: list[Refusal | None] = []
    made = shred(gather([("a", text)]))
    found.append(made.refused[0] if made.refused else None)
    for size in (16, 1 << 20):
        refused: Refusal | None = None
        try:
            for records in stream(Source.of("a", text), io.BytesIO(text), block_bytes=size):
                refused = next(iter(shred(records).refused), refused)
        except RefusedError as error:
            refused = refused or error.refusal
        found.append(refused)
    return found


@pytest.mark.parametrize("text", TAKEN, ids=lambda text: repr(text[:20]))
def test_what_is_json_is_taken(text: bytes) -> None:
    assert ways(text) == [None] * 3
    if not text.startswith(b"["):
        made = shred(gather([("a", text)]))
        assert [said(one or "") for one in texts_of(made.physical.root)] == [said(text.strip())]


@pytest.mark.parametrize(("text", "offset", "is_truncated"), REFUSED, ids=lambda value: repr(value)[:24])
def test_what_is_not_json_is_refused_where_it_goes_wrong(text: bytes, offset: int, is_truncated: bool) -> None:
    for refused in ways(text):
        assert refused is not None
        assert refused.reason
        assert (refused.offset, refused.is_truncated) == (offset, is_truncated)


def test_a_bad_file_leaves_the_others_alone() -> None:
    files = [("a", b'{"a":1}'), ("b", b'{"a":2}\n{"a":'), ("c", b'{"a":3}'), ("d", b"\xff"), ("e", b'{"a":"x"}')]
    made = shred(gather(files))
    assert sorted(one.file for one in made.refused) == [1, 3]
    assert texts_of(made.physical.root) == ['{"a":1}', '{"a":3}', '{"a":"x"}']
    assert made.counts.tolist() == [1, 0, 1, 0, 1]


@pytest.mark.parametrize("limit", [2, 5, 64, 65, 300])
def test_nesting_has_a_limit_that_can_be_set(limit: int) -> None:
    limits = Limits(nesting=limit)
    for depth in (limit, limit + 1):
        made = shred(gather([("a", b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}")], limits), limits=limits)
        assert bool(made.refused) == (depth > limit)


def test_a_bomb_is_refused() -> None:
    content = gzip.compress(b" " * (80 << 20))
    found = gather([("a", content)]).refused
    assert "expands" in found[0].reason
    assert gather([("a", content)], Limits(ratio=10_000)).refused[0].is_truncated


def test_a_record_has_a_limit() -> None:
    limits = Limits(record_bytes=1_000)
    with pytest.raises(RefusedError, match="a record has more than"):
        list(stream(Source("a", 0), io.BytesIO(b'[{"a":"' + b"x" * 5_000 + b'"}]'), limits, 512))


@given(st.binary(max_size=40) | st.text(alphabet='{}[]",:\\ \n1a0.eE-+tn', max_size=30).map(str.encode))
def test_nothing_crashes_and_all_ways_agree(text: bytes) -> None:
    whole, *streamed = ways(text)
    for refused in streamed:
        assert (refused is None) == (whole is None), (whole, refused)
