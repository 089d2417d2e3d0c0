"""Values that must be values of another column: foreign keys, and lists that a column holds."""

from __future__ import annotations

import numpy as np

from seedbed.check.check import Marker, Promise, States, Tables, found_again
from seedbed.check.hashing import Keys
from seedbed.check.keyset import among
from seedbed.check.outcome import CheckResult
from seedbed.check.uniqueness import KeysOf, key_samples
from seedbed.check.view import Mask, View
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """Every value of one column is a value of the other; a null refers to nothing and passes."""

    about: Promise
    source: KeysOf
    target: KeysOf

    @property
    def measures(self) -> tuple[KeysOf, ...]:
        """The keys of both sides."""
        return (self.source, self.target)

    def judge(self, states: States, tables: Tables) -> CheckResult:
        """Count the rows that refer to nothing."""
        about = self.about
        rows = states.rows(about.table)
        states.rows(self.target.table)  # a table that never came has no keys, but that is no orphan's fault
        orphans = states.of(self.source).set.missing_from(states.of(self.target).set)
        if not len(orphans):
            return about.passed(rows)
        views = tables.again(about.table, self.source.columns)
        observed = f"{len(orphans):,} values are not in {self.target.table}.{self.target.columns[0]}"
        if views is None:
            samples = key_samples(tables.facts[about.table], self.source.columns, orphans)
            reason = "the rows were not read again, so values are counted, not rows"
            return about.failed(rows, len(orphans), observed, samples, reason)
        failures = found_again(views, self.source.columns, lambda view: _hit(view, self.source, orphans), about.samples)
        return about.failed(rows, failures.count, observed, tuple(failures.samples))

    def marker(self, states: States, tables: Tables) -> Marker:  # noqa: ARG002 - the shape of all checks
        """The rows that refer to nothing."""
        orphans = states.of(self.source).set.missing_from(states.of(self.target).set)
        return Marker(self.source.columns, lambda view: _hit(view, self.source, orphans))


def _hit(view: View, source: KeysOf, orphans: Keys) -> Mask:
    keys, valid = view.keys(source.columns, source.form)
    hit = among(keys, orphans)
    return hit if valid is None else np.logical_and(hit, valid)
