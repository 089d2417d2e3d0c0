"""Our side of the comparison with Great Expectations stays as docs/semantics.md tells it; theirs is kept as data."""

from __future__ import annotations

import pytest

from bench.semantics.comparisons import COMPARISONS, Comparison, kinds
from bench.semantics.differences import REASONS, is_same, reason_of
from bench.semantics.ours import outcome
from bench.semantics.page import PAGE, cases, kept, page

KEPT = kept()


@pytest.mark.parametrize("one", COMPARISONS, ids=lambda one: one.name)
def test_a_kind_means_what_the_page_says(one: Comparison) -> None:
    found = {table: outcome(one, table) for table in one.tables}
    assert found == KEPT["ours"][one.name], "if that is meant: python bench/semantics/run.py --ours"


def test_at_least_thirty_kinds_are_compared() -> None:
    assert len(kinds()) >= 30


def test_every_difference_has_its_reason_and_every_reason_a_difference() -> None:
    differing = [(one.name, table) for one, table, ours, theirs in cases(KEPT) if not is_same(one.name, ours, theirs)]
    reasons = {case: reason_of(*case) for case in differing}
    assert [case for case, reason in reasons.items() if reason is None] == []
    assert {reason.key for reason in reasons.values() if reason} == {reason.key for reason in REASONS}


def test_the_page_is_what_was_compared() -> None:
    assert PAGE.read_text() == page(PAGE.read_text(), KEPT), "run: python bench/semantics/run.py --ours"
