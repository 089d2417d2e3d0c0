"""Reports say all that was found, whatever the values are."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pyarrow as pa

from seedbed.check.outcome import CheckResult, Sample
from seedbed.check.reports.history import SCHEMA, history_rows, trends_of
from seedbed.check.reports.html import to_html
from seedbed.check.reports.junit import to_junit
from seedbed.check.reports.markdown import to_markdown
from seedbed.check.results import Origin, Report

NASTY = "</script><script>alert(1)</script> | `x` \u2028 \x00 <b>&\"'"


def report() -> Report:
    results = (
        CheckResult("user.pk_unique", "primary_key", "user", ("id",), "passed", "critical", "no value twice", rows=100, dimension="uniqueness"),
        CheckResult(
            "user.age.range", "range", "user", ("age",), "failed", "error", "0 to 120", 130, 2, 100, (Sample(7, (("id", 7), ("age", 130))),),
            query='SELECT * FROM "user" WHERE NOT (age BETWEEN 0 AND 120)',
        ),
        CheckResult("user.name.regex", "regex", "user", ("name",), "failed", "warning", NASTY, NASTY, 1, 100, (Sample(1, (("name", NASTY), ("x", None))),)),
        CheckResult("event.fk_user.integrity", "foreign_key", "event", ("user_id",), "error", "error", "a value of user.id", reason="no column `user_id`"),
        CheckResult("event.fit", "fit", "event", ("amount",), "skipped", "warning", "lognormal", reason="cannot be derived"),
    )  # fmt: skip
    return Report(results, {"user": 100, "event": 900}, origin=Origin("out/x", "x.yaml", "2024-01-01T00:00:00", 0.5))


def test_html_holds_the_whole_report_and_nothing_can_end_its_script() -> None:
    page = to_html(report(), title="A <b> title")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["results"] == report().to_dict()["results"]
    assert "<title>A &lt;b&gt; title</title>" in page
    assert "alert(1)</script>" not in page
    assert not re.search(r"(src|href)=[\"']?https?:", page)


def test_markdown_tells_scores_failures_and_rows() -> None:
    page = to_markdown(report())
    assert "1 of 5 checks pass, 2 fail, 1 could not be evaluated, 1 skipped." in page
    assert "### ✗ user.age.range" in page
    assert "| 7 | 7 | 130 |" in page
    assert "SELECT * FROM" in page
    assert len({line.count("|") - line.count("\\|") for line in page.splitlines() if line.startswith(("| ✗", "| ✓"))}) == 1


def test_junit_has_a_suite_for_each_table_and_failures_only_for_what_must_hold() -> None:
    root = ET.fromstring(to_junit(report()).encode())  # noqa: S314 - made by ourselves
    assert root.attrib == {"name": "seedbed", "tests": "5", "failures": "1", "errors": "1", "skipped": "1"}
    assert [suite.attrib["name"] for suite in root] == ["user", "event"]
    cases = {case.attrib["name"]: [child.tag for child in case] for suite in root for case in suite}
    assert cases["user.age.range"] == ["failure"]
    assert cases["user.name.regex"] == ["system-out"]
    assert cases["event.fk_user.integrity"] == ["error"]
    assert cases["user.pk_unique"] == []


def test_a_history_keeps_runs_and_tells_trends() -> None:
    first, second = history_rows(report(), "1"), history_rows(report(), "2")
    assert first.schema == SCHEMA
    trends, scores = trends_of(pa.concat_tables([first, second]))
    assert trends["user.age.range"] == [0.98, 0.98]
    assert [run["score"] for run in scores] == [report().score] * 2
