"""UUIDs: of the version they say, equal to Python's where a name decides, and never equal where rows differ."""

from __future__ import annotations

import hashlib
import uuid

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.core.draw import Key, draw_bits
from seedbed.core.sha1 import sha1
from seedbed.core.text import string_array, text_bytes
from seedbed.core.uuids import NAMESPACES, named_uuids, random_uuids, timed_uuids

TEXTS = st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=150), max_size=8)


@given(TEXTS, st.binary(max_size=70))
@settings(max_examples=100, deadline=None)
def test_digests_are_those_of_sha_1(texts: list[str], prefix: bytes) -> None:
    found = sha1(*text_bytes(string_array(texts)), prefix=prefix)
    assert [row.tobytes() for row in found] == [hashlib.sha1(prefix + text.encode(), usedforsecurity=False).digest() for text in texts]


@given(TEXTS, st.sampled_from(sorted(NAMESPACES)))
@settings(max_examples=50, deadline=None)
def test_named_uuids_are_those_of_python(texts: list[str], namespace: str) -> None:
    space = uuid.UUID(NAMESPACES[namespace])
    assert named_uuids(NAMESPACES[namespace], string_array(texts)).to_pylist() == [str(uuid.uuid5(space, text)) for text in texts]


def test_random_uuids_are_of_version_4_and_differ_where_words_differ() -> None:
    words = np.concatenate([np.uint64(1) << np.arange(64, dtype=np.uint64), draw_bits(Key(1, 2), range(1_000))])
    made = random_uuids(words, np.zeros(len(words), np.uint64)).to_pylist()
    assert len(set(made)) == len(made)
    assert {(uuid.UUID(text).version, uuid.UUID(text).variant) for text in made} == {(4, uuid.RFC_4122)}


def test_timed_uuids_are_of_version_7_and_sort_by_time() -> None:
    words = np.concatenate([np.uint64(1) << np.arange(64, dtype=np.uint64), draw_bits(Key(1, 2), range(1_000))])
    same = timed_uuids(np.full(len(words), 1_700_000_000_123), words, np.zeros(len(words), np.uint64)).to_pylist()
    assert len(set(same)) == len(same)
    moments = np.arange(1_000) * 7 + 1_700_000_000_000
    made = timed_uuids(moments, draw_bits(Key(1, 2), range(1_000)), draw_bits(Key(3, 4), range(1_000))).to_pylist()
    assert made == sorted(made)
    assert [uuid.UUID(text).int >> 80 for text in made] == moments.tolist()
    assert {(uuid.UUID(text).int >> 76 & 0xF, uuid.UUID(text).variant) for text in made} == {(7, uuid.RFC_4122)}
    assert timed_uuids(np.array([-5]), words[:1], words[:1])[0].as_py().startswith("00000000-0000-7")
