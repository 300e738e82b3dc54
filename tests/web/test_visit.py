"""A three-level visit in a real browser, from the form to the figures that add up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.test_main_job import MakePage, Site, fits, running

UNITS = "unit,name,tier,kind,parent\nstreet,虚构街道,street,,\ndemo,云溪社区,community,,street\n"
SAID = ("三单元水压低。（虚构）", "东门路灯不亮。（虚构）", "希望加开早班车。（虚构）")


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a system answers whose community stands below a street."""
    folder = tmp_path_factory.mktemp("visit")
    shutil.copytree(staffed_home, folder / "home")
    table = folder / "units.csv"
    table.write_text(UNITS, "utf-8")
    command = [sys.executable, "-m", "barograph", "--home", str(folder / "home"), "register", "import"]
    subprocess.run([*command, str(table)], check=True, capture_output=True)
    with running(folder / "home") as found:
        yield found


@pytest.fixture
def site(address: str, browser_page: MakePage) -> Site:
    """The running system, and browsers to visit it."""
    return Site(address, browser_page)


def end(page: Page, name: str, number: int, **entries: str) -> None:
    """Unfold a form of an opinion, fill it in and send it."""
    fold = page.locator(f"#{name}-{number}")
    fold.locator("summary").click()
    for field, value in entries.items():
        entry = fold.locator(f"[name={field}]")
        if entry.evaluate("element => element.tagName") == "SELECT":
            entry.select_option(value)
        else:
            entry.fill(value)
    fold.locator("button").click()


@pytest.mark.parametrize(("width", "locale"), [(1280, "en"), (390, "zh-CN")])
def test_what_was_heard_on_a_visit_comes_to_its_end(site: Site, width: int, locale: str) -> None:
    """A mistake keeps what was typed; of three opinions one is solved, one becomes a case, one is passed up."""
    page = site.sign_in("clerk", "/visits", width, locale)
    zone = "east" if width == 1280 else "west"
    page.click(".page-head a.primary")
    page.select_option("[name=visitor]", index=1)
    page.select_option("[name=rank]", "section")
    page.select_option("[name=visitor_unit]", "street")
    page.select_option("[name=zone]", zone)
    page.fill("[name=persons]", "many")
    for number, text in enumerate(SAID, 1):
        page.fill(f"[name=opinion_{number}]", text)
    page.click("form.command button.primary")
    expect(page.locator("#field-persons-error")).to_be_visible()
    expect(page.locator("[name=opinion_3]")).to_have_value(SAID[2])
    page.fill("[name=persons]", "7")
    page.click("form.command button.primary")
    page.wait_for_url("**/visits/vst_*")
    expect(page.locator("article")).to_have_count(3)
    assert fits(page, width)
    end(page, "solve_opinion", 1, note="水泵已修。（虚构）")
    expect(page.locator("#opinion-1 .badge-done")).to_be_visible()
    end(page, "pass_up_opinion", 3, to="street", note="公交由街道协调。（虚构）")
    expect(page.locator("#opinion-3")).to_contain_text("虚构街道")
    end(page, "make_grievance", 2)
    case = page.locator("#opinion-2 a[href^='/cases/grv_']").get_attribute("href") or ""
    page.goto(f"{site.address}/visits?zone={zone}")
    figures = page.locator(".figures .figure-value").all_inner_texts()
    assert figures == ["1", "3", "1", "1", "1", "0"]
    assert fits(page, width)
    page.goto(site.address + case)
    expect(page.locator("body")).to_contain_text(SAID[1])
