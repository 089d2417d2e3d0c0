"""Draw the pictures of reports in the documentation: `python tools/draw_report.py` makes docs/report.png; needs Chromium and playwright."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import seedbed
from seedbed.check.reports.html import to_html

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    """Check a shop with faults in it, and keep the page with one failing check open."""
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium")
    if browser is None:
        sys.exit("no chromium here; Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.chdir(folder)  # so that the page names no folder of this machine
        data, page, model = Path("out", "shop"), Path("report.html"), Path("shop.yaml")
        model.write_text((ROOT / "examples" / "shop.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        seedbed.generate(model, data, profile="dirty", scale=0.1)
        page.write_text(to_html(seedbed.validate(data, model), title="Shop, with faults"), encoding="utf-8")
        opened = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        view = opened.new_page(viewport={"width": 1100, "height": 1180})
        view.goto(page.absolute().as_uri())
        view.select_option("#status", "failed")
        view.locator("tr.row", has_text="customer.pk_unique").click()
        view.screenshot(path=ROOT / "docs" / "report.png")
        opened.close()
        os.chdir(ROOT)


if __name__ == "__main__":
    main()
