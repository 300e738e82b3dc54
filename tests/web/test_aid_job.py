"""A whole aid case in a real browser, by three people and the recipient: from the form to the closed request."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from barograph.demo_aid import enter_programmes
from barograph.init import decide_register
from barograph.station import opened_station
from runtime.settings import Settings
from tests.web.test_main_job import MakePage, Site, give, running

STAFF = {"officer": "aid_officer", "approver": "aid_approver"}
NAME = "虚构居民卯"


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the whole system answers, with an aid officer, an approver, and programmes."""
    home = tmp_path_factory.mktemp("aid") / "home"
    shutil.copytree(staffed_home, home)
    for name, role in STAFF.items():
        told = (
            "--community",
            "demo",
            "--role",
            role,
            "--name",
            f"{role}（虚构）",
            "--password",
            f"{name}-demo",
        )
        command = [sys.executable, "-m", "barograph", "--home", str(home), "staff", "add", name, *told]
        subprocess.run(command, check=True, capture_output=True)
    asyncio.run(_programmes(Settings(home=home)))
    with running(home) as found:
        yield found


async def _programmes(settings: Settings) -> None:
    async with opened_station(settings) as station:
        await enter_programmes(station, "demo")
        await decide_register(station)


@pytest.fixture
def site(address: str, browser_page: MakePage) -> Site:
    """The running system, and browsers to visit it."""
    return Site(address, browser_page)


def visit(site: Site, path: str) -> Page:
    """A page of somebody who has not signed in."""
    page = site.browser_page(locale="en")
    page.goto(f"{site.address}{path}")
    return page


def until(page: Page, text: str) -> None:
    """Reload until the request's state says this: the fund's answer comes by itself."""
    badge = page.locator(".definitions .badge").first
    for _ in range(60):
        if text in badge.inner_text():
            return
        page.wait_for_timeout(250)
        page.reload()
    expect(badge).to_contain_text(text)


def apply(page: Page) -> tuple[str, str]:
    """Apply for temporary relief, at first without a name; return the request's path and its tracking number."""
    page.select_option("[name=programme]", "temporary")
    page.check("[name=origin][value=self]")
    page.fill("[name=persons]", "2")
    page.fill("[name=story]", "突发疾病，一时周转不开。（虚构）")
    page.click("form.form button.primary")
    expect(page.locator(".has-error #field-name")).to_have_count(1)
    page.fill("[name=name]", NAME)
    page.fill("[name=telephone]", "000-0000-0401")
    page.click("form.form button.primary")
    page.wait_for_url("**/slip")
    number = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){4}", page.inner_text("main"))
    assert number is not None
    return page.url.split("/", 3)[3].removesuffix("/slip"), number[0]


def inquire_and_propose(page: Page) -> None:
    """Record an inquiry, and propose a sum in one tranche: at first more than the programme gives."""
    page.click("#action-inquire summary")
    page.check("#action-inquire [name=visited][value=yes]")
    page.fill("#inquire-note", "情况属实。（虚构）")
    page.click("#action-inquire form.command button")
    for amount in ("6000", "3000"):
        if not page.locator("#action-propose[open]").count():
            page.click("#action-propose summary >> nth=0")
        page.check("#action-propose [name=verdict][value=grant]")
        page.fill("#propose-amount", amount)
        page.fill("#action-propose [name=amount_1]", amount)
        page.fill("#action-propose [name=day_1]", "2099-12-31")
        page.fill("#propose-note", "建议救助。（虚构）")
        page.click("#action-propose form.command button")
        if amount == "6000":
            expect(page.locator("#action-propose .has-error #propose-amount")).to_have_count(1)
    expect(page.locator(".notice-accepted")).to_be_visible()


def test_a_request_is_granted_paid_and_received(site: Site) -> None:
    """One proposes and another approves; the fund sets the sum aside; the recipient confirms by number; it is closed."""
    clerk = site.sign_in("clerk", "/funds/hardship")
    give(clerk, "receive", source="allocation", amount="5000", voucher="A-1")
    clerk.goto(f"{site.address}/aid/new")
    path, number = apply(clerk)
    path = f"/{path}"
    clerk.goto(f"{site.address}{path}")
    give(clerk, "check_completeness")
    expect(clerk.locator(".notice-accepted")).to_be_visible()
    expect(clerk.locator("#action-approve")).to_have_count(0)
    officer = site.sign_in("officer", path)
    expect(officer.locator("#action-approve")).to_have_count(0)
    inquire_and_propose(officer)
    approver = site.sign_in("approver", path)
    give(approver, "approve")
    until(approver, "Approved")
    officer.goto(f"{site.address}/funds/hardship")
    expect(officer.locator(".figures")).to_contain_text("3,000.00")
    officer.goto(f"{site.address}{path}")
    give(officer, "pay_tranche", manner="bank", voucher="B-1")
    expect(officer.locator(".notice-accepted")).to_be_visible()
    resident = visit(site, "/aid/track")
    resident.fill("[name=number]", number)
    resident.click("form.form button.primary")
    expect(resident.locator("main")).not_to_contain_text(NAME)
    resident.click("text=I have received this")
    expect(resident.locator("main")).to_contain_text("Receipt confirmed")
    officer.goto(f"{site.address}{path}")
    give(officer, "close")
    expect(officer.locator(".definitions .badge").first).to_contain_text("Closed")
    officer.goto(f"{site.address}/aid/figures")
    expect(officer.locator(".figures")).to_contain_text("3,000.00")


def test_a_request_on_notice_is_objected_to_by_anybody(site: Site) -> None:
    """The notice names nobody; an objection needs no name, and stands on the request's page."""
    page = visit(site, "/aid/notice")
    expect(page.locator("main")).to_contain_text("Nothing is on notice here at the moment.")
    wrong = visit(site, "/aid/track")
    wrong.fill("[name=number]", "1234")
    wrong.click("form.form button.primary")
    expect(wrong.locator("main")).to_contain_text("twenty letters and digits")
