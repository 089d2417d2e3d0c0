"""Checks that packages offer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seedbed import plugins
from seedbed.check.outcome import CheckResult
from seedbed.check.structure import Checker, gather
from seedbed.check.vocabulary import compile_document
from seedbed.core.plugins import Known, Plugin
from seedbed.model.checks.reading import checks_from
from tests.check.kinds.checking import Rows


class Divisible:
    """Every number is divisible."""

    class Params(plugins.Params):
        by: int

    def failing(self, values: pa.Array, params: Params) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = values.to_numpy() % params.by != 0
        return found


class Careless(Divisible):
    """Gives one answer for all."""

    def failing(self, values: pa.Array, params: Divisible.Params) -> NDArray[np.bool_]:
        return super().failing(values, params)[:1]


KNOWN = Known((Plugin("check", "divisible", "acme", "1.0", Divisible), Plugin("check", "careless", "acme", "1.0", Careless)))


def judged(name: str, args: dict[str, Any]) -> CheckResult:
    table = pa.table({"x": [2, None, 3, 4]})
    document = checks_from({"version": "1.0", "tables": {"t": [{"kind": "plugin", "name": name, "column": "x", "args": args}]}})
    checker = Checker(document, compile_document(document, {"t": table.schema}, plugins=KNOWN))
    gather(checker, {"t": Rows(table)})
    return checker.report({"t": Rows(table)}).results[0]


def test_a_packages_check_judges_all_values_but_nulls() -> None:
    result = judged("divisible", {"by": 2})
    assert (result.id, result.failing, [sample.row for sample in result.samples]) == ("t.x.divisible", 1, [2])
    assert result.expected == "Every number is divisible"


def test_wrong_arguments_names_and_answers_are_errors_of_their_own() -> None:
    assert "`args.by` of the check `divisible` of acme 1.0" in (judged("divisible", {"by": "two"}).reason or "")
    assert judged("divisble", {}).reason == "there is no check `divisble` among the plug-ins; did you mean `divisible`?"
    assert "not one truth value" in (judged("careless", {"by": 2}).reason or "")
