"""Promises that nobody can judge, or whose expectation can't be told."""

from __future__ import annotations

from seedbed.check.check import Promise, States, Tables
from seedbed.check.outcome import CheckResult
from seedbed.check.view import UnreadableError
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A promise that can't be judged, whatever the data are."""

    about: Promise
    reason: str
    measures: tuple[()] = ()

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Say why."""
        raise UnreadableError(self.reason)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A promise whose expectation can't be told from the model, for the reason that is listed."""

    about: Promise
    reason: str
    measures: tuple[()] = ()

    def judge(self, states: States, tables: Tables) -> CheckResult:  # noqa: ARG002 - the shape of all checks
        """Say why."""
        return self.about.skipped(self.reason)
