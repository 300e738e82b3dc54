"""Joint handling in a real browser, from the first mistake to the reply."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web.test_main_job import FORM, MakePage, Site, fits, give, lodge, running

UNITS = "unit,name,tier,kind,parent\noffice,示例物业,organisation,property_company,{0}\nschool,示例学校,organisation,school,{0}\n"


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a system answers that has two organisations beside its communities."""
    folder = tmp_path_factory.mktemp("joint")
    shutil.copytree(staffed_home, folder / "home")
    table = folder / "units.csv"
    table.write_text(UNITS.format("demo"), "utf-8")
    command = [sys.executable, "-m", "barograph", "--home", str(folder / "home"), "register", "import"]
    subprocess.run([*command, str(table)], check=True, capture_output=True)
    with running(folder / "home") as found:
        yield found


@pytest.fixture
def site(address: str, browser_page: MakePage) -> Site:
    """The running system, and browsers to visit it."""
    return Site(address, browser_page)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en"), (390, "zh-CN")])
def test_a_case_is_handled_jointly_and_then_answered(site: Site, width: int, locale: str) -> None:
    """A lead that takes no part is told at its field; parts come in, the end names who gave none, then the reply."""
    case = lodge(site.sign_in("clerk", FORM))
    page = site.sign_in("handler", case, width, locale)
    give(page, "accept")
    start = page.locator("#action-start_joint_handling")
    start.locator("summary").click()
    for unit in ("office", "school"):
        start.locator(f"[name=units][value={unit}]").check()
    page.select_option("#start_joint_handling-lead", "demo")
    page.fill("#start_joint_handling-note", "需要物业和学校一起处理。（虚构）")
    start.locator("button").click()
    expect(page.locator("#start_joint_handling-lead-error")).to_be_visible()
    expect(start.locator("[name=units][value=school]")).to_be_checked()
    expect(page.locator("#start_joint_handling-note")).to_have_value("需要物业和学校一起处理。（虚构）")
    start.locator("[name=units][value=demo]").check()
    start.locator("button").click()
    expect(page.locator("#joint li")).to_have_count(3)
    expect(page.locator("#joint .badge-fresh")).to_have_count(3)
    expect(page.locator("#action-reply")).to_have_count(0)
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.removeAttribute('name'); one.open = true })"
    )
    assert fits(page, width)
    page.reload()
    give(page, "record_joint_part", unit="office", note="已修门禁。（虚构）")
    give(page, "end_joint_handling", note="太早。（虚构）")
    expect(page.locator(".notice-refused")).to_be_visible()
    give(page, "record_joint_part", unit="demo", note="已协调。（虚构）")
    expect(page.locator("#joint .badge-done")).to_have_count(2)
    give(page, "end_joint_handling", note="门禁已换。（虚构）")
    expect(page.locator("#joint .badge-late")).to_have_count(1)
    expect(page.locator(".moment").last).to_contain_text("示例学校")
    give(page, "reply", reply="门禁已换新。（虚构）")
    expect(page.locator(".moment").last).to_contain_text("门禁已换新。（虚构）")


def test_the_worklist_marks_what_is_handled_jointly(site: Site) -> None:
    """A case's line says so while it lasts."""
    page = site.sign_in("handler", lodge(site.sign_in("clerk", FORM)))
    give(page, "accept")
    start = page.locator("#action-start_joint_handling")
    start.locator("summary").click()
    for unit in ("demo", "school"):
        start.locator(f"[name=units][value={unit}]").check()
    page.select_option("#start_joint_handling-lead", "demo")
    page.fill("#start_joint_handling-note", "与学校一起处理。（虚构）")
    start.locator("button").click()
    expect(page.locator("#joint")).to_be_visible()
    page.goto(f"{site.address}/cases?view=open")
    expect(page.locator("main")).to_contain_text("Joint handling")
