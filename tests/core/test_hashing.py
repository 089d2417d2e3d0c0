import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.hashing import pair_keys, text_keys


@given(st.lists(st.text(max_size=40)), st.integers(0, 3))
def test_texts_have_one_fingerprint_exactly_when_they_are_equal(texts: list[str], skipped: int) -> None:
    keys = text_keys(pa.array(texts, pa.string()).slice(skipped)).tolist()
    kept = texts[skipped:]
    assert len(keys) == len(kept)
    assert len(set(keys)) == len(set(kept))
    assert len(set(zip(keys, kept, strict=True))) == len(set(kept))


def test_numbers_in_texts_never_collide() -> None:
    texts = pa.array(np.arange(200_000)).cast(pa.string())
    assert len(np.unique(text_keys(texts))) == 200_000


def test_endings_of_zero_bytes_are_told_apart() -> None:
    assert len(set(text_keys(pa.array(["", "\0", "\0\0", "\0" * 8, "\0" * 9])).tolist())) == 5


def test_pairs_never_collide() -> None:
    first, second = np.divmod(np.arange(250_000), 500)
    assert len(np.unique(pair_keys(first, second))) == 250_000


def test_one_long_text_does_not_disturb_the_others() -> None:
    short = text_keys(pa.array(["a", "b"]))
    assert text_keys(pa.array(["a", "b", "x" * 10_000]))[:2].tolist() == short.tolist()
