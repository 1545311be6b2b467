"""A headless Chromium that opens a page. `python -m tests.browser` fails if there is none."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Playwright, expect, sync_playwright

ON_PATH = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    f"no {', '.join(ON_PATH)} on PATH: install Chromium (`apt-get install chromium`, `playwright install chromium`)"
)
SLOW = 60_000  # milliseconds that a busy machine may take for an action that is normally immediate

expect.set_options(timeout=SLOW)


def find(playwright: Playwright) -> str | None:
    """Return the path of Chromium: the one on PATH, or else the one of `playwright install chromium`."""
    return next(filter(None, map(shutil.which, (*ON_PATH, playwright.chromium.executable_path))), None)


def browser(playwright: Playwright) -> str:
    """Return the path of Chromium; if there is none, skip the test, or fail it in CI, where every test must run."""
    if found := find(playwright):
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


Loaded = tuple[Page, list[str], list[str]]


@contextmanager
def opened(path: Path) -> Iterator[Loaded]:
    """Yield the page at `path` in a browser without network, its errors and its requests."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(playwright), args=["--no-sandbox"], timeout=SLOW)
        page = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(SLOW)
        complaints: list[str] = []
        requests: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.resolve().as_uri())
        yield page, complaints, requests
        chromium.close()


def reloaded(loaded: Loaded) -> Page:
    """Load a page again, without what was done to it, its errors and its requests."""
    page, complaints, requests = loaded
    path = page.url.partition("#")[0]
    page.goto("about:blank")
    complaints.clear()
    requests.clear()
    page.goto(path)
    return page


def faults(page: Page) -> list[str]:
    """The serious and critical faults that axe-core finds, each with the elements that have it."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {[node['target'] for node in fault['nodes']][:5]}"
        for fault in violations
        if fault["impact"] in ("serious", "critical")
    ]


if __name__ == "__main__":
    with sync_playwright() as playwright:
        sys.exit(None if find(playwright) else MISSING)
