"""The kit in a real browser: what fits on the screen, and what scripts add."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, expect

from tests.web.app import make

MakePage = Callable[..., Page]
WIDTHS = (1280, 390)


class Site(NamedTuple):
    """A served kit: its address."""

    address: str


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The test application, served on a free port of the loopback address."""
    config = uvicorn.Config(make(tmp_path).app, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # It listens from here on, so whoever comes before the server is ready waits in the queue.
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    port = listening.getsockname()[1]
    yield Site(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(30)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/style-guide", "/sign-in", "/fails/404"])
def test_nothing_overflows_the_page(browser_page: MakePage, site: Site, path: str, width: int) -> None:
    """No page is wider than the screen, at 1280 and at 390 pixels, in either language."""
    for locale in ("zh-CN", "en"):
        page = browser_page(width=width, locale=locale)
        page.goto(site.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_policy_lets_everything_of_ours_through(browser_page: MakePage, site: Site) -> None:
    """The content security policy stops nothing that a page of ours does."""
    page = browser_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.address + "/style-guide?errors=0")
    assert complaints == []


def test_double_click_sends_a_form_once(browser_page: MakePage, site: Site) -> None:
    """A second click on the button, before the answer is there, sends nothing more."""
    page = browser_page()
    page.goto(site.address + "/form")
    page.dblclick("#slow")
    expect(page.locator("h1")).to_have_text("posts: 1")


def test_form_can_be_sent_again_after_going_back(browser_page: MakePage, site: Site) -> None:
    """Coming back to a page that was sent, its buttons work again."""
    page = browser_page()
    page.goto(site.address + "/form")
    page.click("#slow")
    expect(page.locator("h1")).to_have_text("posts: 1")
    page.go_back()
    expect(page.locator("#slow")).to_be_enabled()
    page.click("#slow")
    expect(page.locator("h1")).to_have_text("posts: 2")


def test_confirmation_comes_before_sending(browser_page: MakePage, site: Site) -> None:
    """A button that asks first sends only after the yes."""
    page = browser_page()
    page.goto(site.address + "/form")
    page.click("#asks")
    expect(page.locator("#confirm-text")).to_have_text("Really?")
    page.click("#confirm button[value=no]")
    expect(page.locator("#confirm")).to_be_hidden()
    page.click("#asks")
    page.click("#confirm button[value=yes]")
    expect(page.locator("h1")).to_have_text("posts: 1")


def test_live_part_follows_the_stream(browser_page: MakePage, site: Site) -> None:
    """When the stream announces a change, the part shows it without a reload, and says that it is live."""
    page = browser_page()
    page.goto(site.address + "/live")
    expect(page.locator("[data-live-state] [data-on]")).to_be_visible()
    httpx.post(site.address + "/live/change")
    expect(page.locator("#version")).to_have_text("1")


def test_live_part_keeps_focus_and_typed_text(browser_page: MakePage, site: Site) -> None:
    """What somebody is typing into a part that is replaced stays, with the cursor."""
    page = browser_page()
    page.goto(site.address + "/live")
    expect(page.locator("[data-live-state] [data-on]")).to_be_visible()
    page.fill("#typed", "half a wo")
    httpx.post(site.address + "/live/change")
    expect(page.locator("#version")).to_have_text("1")
    page.keyboard.type("rd")
    expect(page.locator("#typed")).to_have_value("half a word")


def test_summary_of_errors_has_the_focus(browser_page: MakePage, site: Site) -> None:
    """A form that comes back with errors puts the focus on their summary, whose links lead to the fields."""
    page = browser_page()
    page.goto(site.address + "/form-errors")
    expect(page.locator("[data-summary]")).to_be_focused()
    page.click("[data-summary] a")
    assert page.url.endswith("#field-story")


def test_forms_work_without_scripts(browser_page: MakePage, site: Site) -> None:
    """With scripts off, a form is sent and its errors are shown."""
    scripted = browser_page()
    browser = scripted.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(site.address + "/form")
    page.click("button.primary")
    expect(page.locator("[data-summary]")).to_contain_text("Fill in this field.")
    context.close()


def test_long_text_is_counted_down(browser_page: MakePage, site: Site) -> None:
    """The counter tells how many characters are left, and how many are too many."""
    page = browser_page(locale="en")
    page.goto(site.address + "/form")
    page.fill("#field-story", "字" * 41)
    expect(page.locator("[data-counter]")).to_have_text("1 characters too many")
    page.fill("#field-story", "字" * 38)
    expect(page.locator("[data-counter]")).to_have_text("2 characters left")


def test_now_fills_in_the_community_time(browser_page: MakePage, site: Site) -> None:
    """The button beside a time field fills in a time that is not in the future on the community's clock."""
    page = browser_page(locale="en")
    page.goto(site.address + "/form")
    page.click("[data-moment] button")
    expect(page.locator("[data-moment-hint]")).to_have_text("this minute")
