"""The page of a profile in a real browser: offline, without errors, searched and filtered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from seedbed.run.profile import profile

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium here; Debian: apt-get install chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def page_of(seed: int) -> str:
    rng = np.random.default_rng(seed)
    rows = 300
    orders = pa.table(
        {
            "id": np.arange(rows),
            "amount": np.append(rng.lognormal(3, 1, rows - 1), 1e9),
            "city": np.array(["Köln", "<b>Bonn</b>", ""])[rng.integers(0, 3, rows)],
            "email": [f"u{number}@example.org" for number in range(rows)],
            "at": pa.array(rng.integers(0, 10**9, rows), pa.timestamp("s")),
            "gone": pa.nulls(rows, pa.string()),
            "tags": [[1]] * rows,
            "paid": rng.random(rows) < 0.5,
        }
    )
    data = {"orders": orders, "empty": pa.table({"x": pa.array([], pa.int8())})}
    return profile(data, anomalies=True, compare=data).to_html()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is a development requirement")
    path = tmp_path / "profile.html"
    path.write_text(page_of(3), encoding="utf-8")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        opened = browser.new_context(offline=True, color_scheme="dark").new_page()
        wrong: list[str] = []
        opened.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.goto(path.as_uri())
        opened.wait_for_selector("html[data-ready=yes]")
        yield opened
        assert wrong == []
        browser.close()


def test_columns_are_found_and_filtered(page: Any) -> None:
    assert page.locator(".columns > .card").count() == 9
    page.fill("#search", "amount")
    assert page.locator(".columns > .card:visible").count() == 1
    assert page.text_content("#shown") == "1 of 9 columns"
    page.fill("#search", "")
    page.select_option("#kind", "moment")
    assert page.locator(".columns > .card:visible h3").all_text_contents() == ["at"]
    page.select_option("#kind", "")
    page.select_option("#table", "empty")
    assert page.locator(".columns > .card:visible").count() == 1


def test_plots_anomalies_and_likeness_are_shown(page: Any) -> None:
    assert page.locator("svg.plot rect").count() > 50
    assert "1,000,000,000" in page.text_content("section[data-table=orders]")
    assert page.locator("#comparison .score").first.text_content() == "100.0"
    assert page.locator("section b", has_text="Bonn").count() == 0  # a value is text, whatever it holds


def test_light_and_dark_can_be_chosen(page: Any) -> None:
    colours = [page.evaluate("getComputedStyle(document.body).backgroundColor")]
    page.click("#theme")
    colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(colours)) == 2
