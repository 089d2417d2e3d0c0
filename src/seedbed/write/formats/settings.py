"""The options that a format has of its own: `delimiter`, `nested`, `lossy` and the like, by name, all as texts."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.core.errors import ModelError, Problem
from seedbed.core.nearest import did_you_mean, one_of

#: What may be said of any option that is on or off.
YES_NO = ("yes", "no")


def chosen(given: Mapping[str, str], known: Mapping[str, tuple[str, ...] | None], taker: str) -> dict[str, str]:
    """The options that are given, each known and with a value that it can have; `known` has the values by name, None for any text.

    Raises:
        ModelError: there is no such option, or it has no such value; all of them together.

    >>> chosen({"nested": "json"}, {"nested": ("refuse", "json")}, "CSV")
    {'nested': 'json'}
    """
    problems = []
    for name, value in given.items():
        values = known.get(name)
        if name not in known:
            fix = did_you_mean(name, known) or (f"{taker} has {one_of(known)}" if known else "leave it out")
            problems.append(Problem(f"{taker} has no option `{name}`", "format options", fix))
        elif values is not None and value not in values:
            problems.append(Problem(f"`{name}` can't be `{value}`", "format options", f"one of {one_of(values)}"))
    if problems:
        raise ModelError.of(problems)
    return dict(given)
