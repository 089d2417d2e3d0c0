"""Regular expressions of a model, on a linear-time engine."""

from __future__ import annotations

from collections.abc import Sequence

from seedbed.core import compute as pc
from seedbed.core.text import string_array


def unmatched(values: Sequence[str], regex: str) -> str | None:
    """The first value that a regular expression (RE2, found anywhere unless anchored) does not match; None where all do.

    >>> unmatched(["ab1", "cd"], "[0-9]")
    'cd'
    """
    matches = pc.match_substring_regex(string_array(values), regex).to_pylist()
    return next((value for value, matched in zip(values, matches, strict=True) if not matched), None)
