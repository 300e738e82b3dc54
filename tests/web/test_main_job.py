"""The main job in a real browser, on the whole system in one process: from the form to the audit."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

MakePage = Callable[..., Page]
FORM, SEND = "/intake/grievances/new", "form.form button.primary"
RECEIPT, CASE_LINK = "**/intake/receipts/**", 'main a[href^="/cases/grv_"]'
TRACKING_NUMBER = re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}")
NUMBERS = itertools.count(1)


class Site(NamedTuple):
    """The running system."""

    address: str
    browser_page: MakePage

    def sign_in(self, who: str, path: str = "/", width: int = 1280, locale: str = "en") -> Page:
        """A page of this member of staff, in a browser of their own."""
        page = self.browser_page(width=width, locale=locale)
        page.goto(f"{self.address}/sign-in?next={path}")
        page.fill("#field-name", who)
        page.fill("#field-password", f"{who}-demo")
        page.click(".door-form button.primary")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the whole system answers, on the embedded log: one process for all tests here."""
    home = tmp_path_factory.mktemp("job") / "home"
    shutil.copytree(staffed_home, home)
    with running(home) as found:
        yield found


@contextmanager
def running(home: Path) -> Iterator[str]:
    """`barograph up` on this home; gives its address."""
    command = [sys.executable, "-m", "barograph", "--home", str(home), "up", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        finally:
            process.terminate()


@pytest.fixture
def site(address: str, browser_page: MakePage) -> Site:
    """The running system, and browsers to visit it."""
    return Site(address, browser_page)


def fill_in(page: Page) -> str:
    """Fill in the form with a subject of its own; return that."""
    subject = f"门禁坏了（虚构 {next(NUMBERS)}）"
    page.fill("[name=title]", subject)
    page.fill("[name=story]", "一楼大门的门禁坏了。（虚构）")
    page.select_option("[name=zone]", "east")
    return subject


def lodge(page: Page) -> str:
    """Lodge a grievance; return the path of its case."""
    fill_in(page)
    page.click(SEND)
    page.wait_for_url(RECEIPT)
    return page.locator(CASE_LINK).get_attribute("href") or ""


def give(page: Page, command: str, **entries: str) -> None:
    """Unfold a command's form in the page of a case, fill it in and send it."""
    page.click(f"#action-{command} summary")
    for name, value in entries.items():
        field = page.locator(f"#{command}-{name}")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(index=1) if value == "*" else field.select_option(value)
        else:
            field.fill(value)
    page.click(f"#action-{command} form.command button")


def test_an_error_keeps_what_was_typed(site: Site) -> None:
    """A bad entry brings the form back with its error at the field; corrected, it leads to the receipt."""
    page = site.sign_in("clerk", FORM)
    fill_in(page)
    page.fill("[name=telephone]", "call me")
    page.click(SEND)
    expect(page.locator("[data-summary]")).to_be_focused()
    expect(page.locator("#field-telephone-error")).to_be_visible()
    expect(page.locator("[name=story]")).to_have_value("一楼大门的门禁坏了。（虚构）")
    page.fill("[name=telephone]", "000-0000-0001")
    page.click(SEND)
    page.wait_for_url(RECEIPT)
    expect(page.locator(".receipt-number")).to_have_text(TRACKING_NUMBER)


def test_a_double_click_makes_one_grievance(site: Site) -> None:
    """Two clicks on the button are one grievance."""
    page = site.sign_in("clerk", FORM)
    subject = fill_in(page)
    page.dblclick(SEND)
    page.wait_for_url(RECEIPT)
    assert cases(page, site, subject) == 1


def test_going_back_and_sending_again_makes_one_grievance(site: Site) -> None:
    """The form that the back button shows is the same one: sent again it leads to the same receipt."""
    page = site.sign_in("clerk", FORM)
    subject = fill_in(page)
    page.click(SEND)
    page.wait_for_url(RECEIPT)
    receipt = page.url
    page.go_back()
    expect(page.locator("[name=title]")).to_have_value(subject)
    page.click(SEND)
    page.wait_for_url(RECEIPT)
    assert page.url == receipt
    assert cases(page, site, subject) == 1


def cases(page: Page, site: Site, subject: str) -> int:
    """How many cases of this subject the worklist has."""
    page.goto(f"{site.address}/cases?view=all")
    return page.locator("a.case-link", has_text=subject).count()


def test_a_case_is_worked_to_its_close(site: Site) -> None:
    """Accepted, assigned, replied to, resolved and closed; a second close is refused, and on record."""
    case = lodge(site.sign_in("clerk", FORM))
    page = site.sign_in("handler", case)
    give(page, "accept")
    give(page, "assign", handler="*")
    give(page, "reply", reply="已修好。（虚构）")
    give(page, "resolve", note="本人确认。（虚构）")
    other = page.context.new_page()
    other.goto(site.address + case)
    give(page, "close", outcome="resolved")
    expect(page.locator(".page-head .badge-done")).to_have_text("Closed")
    give(other, "close", outcome="unresolved")
    expect(other.locator(".notice-refused")).to_contain_text("The case is closed already.")
    titles = [text.strip() for text in other.locator(".moment-title > span:first-child").all_inner_texts()]
    assert titles == ["Lodged", "Accepted", "Assigned", "Replied", "Resolved", "Closed", "Close"]
    expect(other.locator(".moment").last).to_contain_text("Refused")


def test_an_empty_reply_comes_back_in_the_case(site: Site) -> None:
    """A command without its text leaves the handler in the case, at the field."""
    case = lodge(site.sign_in("clerk", FORM))
    page = site.sign_in("handler", case)
    give(page, "accept")
    give(page, "reply", reply=" ")
    expect(page.locator("#action-reply [data-summary]")).to_be_focused()
    expect(page.locator("#reply-reply-error")).to_be_visible()
    expect(page.locator("#facts-title")).to_be_visible()


def test_the_dashboard_changes_by_itself(site: Site) -> None:
    """A grievance that is lodged appears in the supervisor's figures without a reload."""
    board = site.sign_in("supervisor", "/dashboard")
    expect(board.locator("[data-live-state] [data-on]")).to_be_visible()
    received = board.locator(".figure", has_text="Received").first.locator(".figure-value")
    before = int(received.inner_text())
    board.evaluate("window.stays = true")
    lodge(site.sign_in("clerk", FORM))
    expect(received).to_have_text(str(before + 1))
    assert board.evaluate("window.stays") is True


def test_the_auditor_finds_all_in_order(site: Site) -> None:
    """The audit is run from its page, which shows by itself that nothing differs."""
    page = site.sign_in("auditor", "/audit")
    page.click("main form button.primary")
    expect(page.locator(".notice-accepted")).to_contain_text("No difference was found.", timeout=60_000)
    assert page.locator(".badge-late").count() == 0


@pytest.mark.parametrize(("width", "locale"), [(1280, "zh-CN"), (390, "en")])
def test_no_page_of_the_job_is_too_wide(site: Site, width: int, locale: str) -> None:
    """Form, receipt, case, lists, dashboard and audit fit the screen, in both languages."""
    clerk = site.sign_in("clerk", FORM, width, locale)
    case = lodge(clerk)
    seen = [(clerk.url, fits(clerk, width))]
    for who, paths in (
        ("handler", (FORM, case, "/cases?view=all")),
        ("supervisor", ("/dashboard", "/decisions", "/definitions/grievance.figures")),
        ("auditor", ("/audit", case, "/nothing")),
    ):
        page = site.sign_in(who, "/dashboard", width, locale)
        for path in paths:
            page.goto(site.address + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            seen.append((path, fits(page, width)))
    assert [path for path, fitting in seen if not fitting] == []


def fits(page: Page, width: int) -> bool:
    """Whether the page is no wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)
