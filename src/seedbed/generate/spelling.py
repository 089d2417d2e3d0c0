"""Texts in ASCII letters."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seedbed.core.text import text_bytes
from seedbed.generate.frame import integers
from seedbed.generate.frozen.tables import ascii_fold


def in_ascii(texts: pa.StringArray) -> pa.StringArray:
    """Texts whose Latin, Greek and Cyrillic letters are spelt in ASCII, of either case; what else is not ASCII is left out.

    >>> from seedbed.core.text import string_array
    >>> in_ascii(string_array(["Zoë Groß", "Ångström", "王 Li"])).to_pylist()
    ['Zoe Gross', 'Angstrom', ' Li']
    """
    offsets, data = text_bytes(texts)
    beyond = np.flatnonzero(data >= 0x80)
    if not len(beyond):
        return texts
    plain = np.ones(len(texts), np.bool_)
    plain[np.searchsorted(offsets, beyond, side="right") - 1] = False
    others = texts.take(integers(np.flatnonzero(~plain)))
    spelling = _spelling()
    letters = set(data.tobytes().decode())
    for letter in sorted(letters & spelling.keys()):
        others = pc.replace_substring(others, letter, spelling[letter])
    others = pc.replace_substring_regex(others, r"[^\x00-\x7F]+", "")
    places = np.arange(len(texts), dtype=np.int64)
    places[~plain] = len(texts) + np.arange(len(others))
    return pa.concat_arrays([texts, others]).take(integers(places))


@cache
def _spelling() -> dict[str, str]:
    """How each letter beyond ASCII is spelt: as in e-mails, with a capital first where the letter is one."""
    points = [*range(0x80, 0x530), *range(0x1E00, 0x1F00)]
    small = {chr(point): text for point, text in zip(points, ascii_fold(), strict=True)}
    return {letter: text.capitalize() if letter.isupper() else text for letter, text in small.items()} | {"\u00a0": " ", "\u3000": " "}
