"""A headless Chromium, and what it can tell of a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

ON_PATH = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def opened(path: Path) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The page at `path` in a browser with no network, what it complains of and what it asks for."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path  # where `playwright install chromium` puts one
        browser = next(filter(None, map(shutil.which, (*ON_PATH, own))), None)
        if not browser:
            pytest.skip(f"no {' or '.join(ON_PATH)} on PATH, and none of `playwright install chromium`")
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
        complaints: list[str] = []
        requests: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.resolve().as_uri())
        yield page, complaints, requests
        chromium.close()


def faults(page: Page) -> list[str]:
    """The serious and critical faults that axe-core finds, each with the elements that have it."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {[node['target'] for node in fault['nodes']][:5]}"
        for fault in violations
        if fault["impact"] in ("serious", "critical")
    ]
