"""Errors on their way home from other machines: text that holds what is wrong, where, and the remedy."""

from __future__ import annotations

import json

from seedbed.core.errors import DataError, EdgeError, ModelError, PluginError, Problem, SeedbedError

_KINDS: dict[str, type[SeedbedError]] = {kind.__name__: kind for kind in (ModelError, DataError, EdgeError, PluginError)}


def told_of(error: SeedbedError) -> str:
    """An error as one line of JSON.

    >>> print(error_of(told_of(EdgeError("the disk is full", where="out", fix="free some space"))))
    out: the disk is full
        fix: free some space
    """
    problems = [[problem.message, problem.where, problem.fix] for problem in error.problems]
    return json.dumps({"error": type(error).__name__, "problems": problems})


def error_of(text: str, *, fix: str | None = None) -> SeedbedError:
    """The error that was told; what is not such a line is a PluginError with this remedy: seedbed wasn't there to tell."""
    try:
        told = json.loads(text)
        kind, problems = _KINDS[told["error"]], [Problem(*problem) for problem in told["problems"]]
    except (ValueError, KeyError, TypeError):
        return PluginError(text, fix=fix)
    return kind.of(problems)
