"""The HTML report in a real browser: offline, without errors, quick with thousands of checks."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seedbed.check.outcome import CheckResult, Sample
from seedbed.check.reports.html import to_html
from seedbed.check.results import Report

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium here; Debian: apt-get install chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is a development requirement")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield opened
        opened.close()


def many(checks: int) -> Report:
    draw = random.Random(7)  # noqa: S311 - figures to look at
    results = []
    for number in range(checks):
        table, kind = f"table_{number % 12}", draw.choice(["range", "regex", "not_null", "foreign_key"])
        status = draw.choices(["passed", "failed", "error"], [0.9, 0.08, 0.02])[0]
        failing = draw.randrange(1, 900) if status == "failed" else 0
        samples = tuple(Sample(row, (("id", row), ("value", "<b>x</b>"))) for row in range(3)) if failing else ()
        details = {"bars": {"labels": ["a", "b"], "observed": [3, 4], "expected": [4, 4]}} if number % 10 == 0 else {}
        results.append(
            CheckResult(
                f"{table}.c{number}.{kind}",
                kind,
                table,
                (f"c{number}",),
                status,  # type: ignore[arg-type]  # one of the literals drawn above
                "error",
                "0 to 9",
                failing or None,
                failing,
                1000,
                samples,
                details=details,
            )
        )
    return Report(tuple(results), {f"table_{n}": 1000 for n in range(12)})


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    path = tmp_path / "report.html"
    path.write_text(to_html(many(3_000), title="Three thousand checks"), encoding="utf-8")
    opened = browser.new_context(offline=True, color_scheme="dark").new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    start = time.monotonic()
    opened.goto(path.as_uri())
    opened.wait_for_selector("html[data-ready=yes]")
    opened.took = time.monotonic() - start
    yield opened
    assert wrong == []
    opened.context.close()


def test_three_thousand_checks_open_offline_in_two_seconds(page: Any) -> None:
    assert page.locator("tr.row").count() == 3_000
    assert page.took < 2


def test_filters_search_and_sorting_choose_rows(page: Any) -> None:
    failed = sum(result.status == "failed" for result in many(3_000).results)
    page.select_option("#status", "failed")
    assert page.locator("tr.row").count() == failed
    page.fill("#search", "table_3. range")
    shown = page.locator("tr.row td:nth-child(2)").all_inner_texts()
    assert shown
    assert all(name.startswith("table_3.") and name.endswith("range") for name in shown)
    page.click("#clear")
    assert page.locator("tr.row").count() == 3_000
    page.click("[data-key=table][data-value=table_5]")
    assert page.locator("tr.row").count() == 250
    page.click("th[data-sort=failing]")
    page.click("th[data-sort=failing]")
    first = int(page.locator("tr.row td:nth-child(6)").first.inner_text().replace(",", ""))
    assert first == max(result.failing for result in many(3_000).results if result.table == "table_5")


def test_a_row_opens_with_the_failing_rows_as_text(page: Any) -> None:
    page.select_option("#status", "failed")
    page.locator("tr.row").first.press("Enter")
    assert page.locator("tr.more td td", has_text="<b>x</b>").count() == 3
    assert page.locator("tr.more b").count() == 0


def test_light_and_dark_differ(page: Any) -> None:
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
