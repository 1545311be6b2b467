"""Measure a report's page: `python -m benchmarks.page data/reports/index.html`.

Prints its bytes, the time to the load event in Chromium (median of five loads), its height and its words at two widths.
"""

import argparse
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from tests.browser import SLOW, browser

LOADS = 5
WIDTHS = (1440, 390)  # pixels of a laptop's window and of a phone
LOAD = "performance.getEntriesByType('navigation')[0].loadEventEnd"
READY = f"new Promise((done) => (check = () => {LOAD} ? done({LOAD}) : setTimeout(check, 5))())"


def main() -> None:
    """Print the figures of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path
    print(f"{path}: {path.stat().st_size:,} bytes")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(playwright), args=["--no-sandbox"])
        for width in WIDTHS:
            times = []
            for _ in range(LOADS):
                page = chromium.new_page(viewport={"width": width, "height": 900})
                page.goto(path.resolve().as_uri(), timeout=SLOW)
                times.append(page.evaluate(READY))
                height = page.evaluate("document.documentElement.scrollHeight")
                words = len(page.inner_text("body").split())
                page.close()
            print(f"{width} px: {median(times):,.0f} ms to the load event, {height:,} px high, {words:,} words seen")
        chromium.close()


if __name__ == "__main__":
    main()
