"""A real browser for tests: the Chromium or Chrome of this machine, driven by playwright.

Playwright's synchronous API leaves an event loop running while it is open, in which no asynchronous
test could start; so it is opened and closed within each test.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.servers import not_run

NAMES = ("chromium", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of the browser."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        not_run("Chromium", f"none of {', '.join(NAMES)} was found (on Debian: apt install chromium)")
    return found


@pytest.fixture
def browser_page(chromium_path: str) -> Iterator[Callable[..., Page]]:
    """A factory of pages: `browser_page(width=1280, height=900, locale="zh-CN")`.

    Each call makes a context of its own (cookies, storage), with that viewport in CSS pixels.
    """
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        stack.callback(browser.close)

        def make(width: int = 1280, height: int = 900, locale: str = "zh-CN") -> Page:
            context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
            stack.callback(context.close)
            return context.new_page()

        yield make
