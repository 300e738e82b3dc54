"""A pair and a placement in a real browser, by two people on the whole system."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.test_main_job import MakePage, Site, give, running


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the whole system answers, with a grid worker among its staff."""
    home = tmp_path_factory.mktemp("helping") / "home"
    shutil.copytree(staffed_home, home)
    named = ("--role", "grid_worker", "--name", "寅网格（虚构）", "--password", "grid-demo")
    command = [sys.executable, "-m", "barograph", "--home", str(home), "staff", "add", "grid"]
    subprocess.run([*command, "--community", "demo", *named], check=True, capture_output=True)
    with running(home) as found:
        yield found


@pytest.fixture
def site(address: str, browser_page: MakePage) -> Site:
    """The running system, and browsers to visit it."""
    return Site(address, browser_page)


def send(page: Page, path: str, **fields: str) -> str:
    """Fill in the form that begins one and send it; return the path of its page."""
    for name, value in fields.items():
        field = page.locator(f"form.form [name={name}]")
        field.select_option(value) if name == "need" else field.fill(value)
    page.click("form.form button.primary")
    page.wait_for_url(f"**{path}/*_*")
    return "/" + page.url.split("/", 3)[3]


def record(page: Page, command: str, choice: str, **fields: str) -> None:
    """Send a command's form that has a choice of yes and no."""
    page.click(f"#action-{command} summary")
    page.check(f"#action-{command} [name={choice}][value=yes]")
    for name, value in fields.items():
        page.fill(f"#{command}-{name}", value)
    page.click(f"#action-{command} form.command button")


def test_a_pair_is_made_visited_and_ended(site: Site) -> None:
    """A grid worker pairs two people, plans and visits; the clerk records what they say and ends it; nothing more is offered."""
    grid = site.sign_in("grid", "/pairs/new")
    path = send(
        grid,
        "/pairs",
        need="care",
        name="虚构居民子",
        telephone="000-0000-0311",
        helper_name="虚构邻居丑",
        story="独居，想有人常来看看。（虚构）",
    )
    give(grid, "plan_help", due_at="2099-12-31", note="每周买菜。（虚构）")
    record(grid, "record_pair_visit", "met", note="送到了。（虚构）")
    clerk = site.sign_in("clerk", path)
    expect(clerk.locator(".definitions")).to_contain_text("虚构居民子")
    record(clerk, "record_pair_result", "done", note="都收到了。（虚构）")
    give(clerk, "end_pair", reason="need_met", note="子女接走了。（虚构）")
    expect(clerk.locator(".definitions .badge").first).to_contain_text("Ended")
    expect(clerk.locator("details.fold")).to_have_count(0)
    expect(clerk.locator(".moment-title", has_text="A visit was made")).to_have_count(1)


def test_somebody_is_placed_in_a_post_that_was_offered(site: Site) -> None:
    """Registered, offered a post and placed in it: in the list of those in work stands by when it is to be asked after."""
    clerk = site.sign_in("clerk", "/employment/new")
    path = send(
        clerk,
        "/employment",
        need="long_unemployed",
        name="虚构居民寅",
        story="做过保洁，想在附近找活。（虚构）",
    )
    give(clerk, "offer_post", kind="vacancy", note="超市理货员。（虚构）")
    today = datetime.now(UTC).astimezone(timezone(timedelta(hours=8))).date()
    give(clerk, "place", offer="1", kind="vacancy", began_at=today.isoformat())
    expect(clerk.locator(".definitions .badge").first).to_contain_text("In work")
    give(clerk, "end_help", reason="in_work", note="x")
    expect(clerk.locator("#end_help-reason-error")).to_contain_text("Ask first")
    clerk.goto(f"{site.address}/employment?view=in_work")
    expect(clerk.locator(f"a[href='{path}']")).to_have_count(1)
    expect(clerk.locator("main table")).to_contain_text("after 3 months")
    clerk.goto(f"{site.address}/employment/figures")
    expect(clerk.locator(".figures").first).to_contain_text("Persons placed")
