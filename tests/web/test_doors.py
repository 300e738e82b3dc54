"""The residents' door in a real browser, on a telephone: from a zone's poster to the receipt."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.web.test_main_job import TRACKING_NUMBER, fits, running

SEND = "form.form button.primary"
WIDTH = 390


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the whole system answers."""
    home = tmp_path_factory.mktemp("doors") / "home"
    shutil.copytree(staffed_home, home)
    with running(home) as found:
        yield found


def test_a_resident_lodges_from_a_poster(address: str, browser_page: Callable[..., Page]) -> None:
    """From the poster's address, with one mistake on the way, to a number that leads to the case."""
    page = browser_page(width=WIDTH, height=844, locale="zh-CN")
    page.goto(f"{address}/zones")
    page.locator('a[href^="/zones/poster"]').first.click()
    assert fits(page, WIDTH)
    led_to = page.locator(".poster-address a").get_attribute("href") or ""
    assert led_to.startswith(f"{address}/lodge?")
    page.goto(led_to)
    expect(page.locator("[name=zone]")).to_have_value(parse_qs(urlsplit(led_to).query)["zone"][0])
    page.fill("[name=story]", "楼道灯不亮。（虚构）")
    page.fill("[name=telephone]", "打我电话")
    page.click(SEND)
    expect(page.locator("#field-telephone-error")).to_be_visible()
    expect(page.locator("[name=story]")).to_have_value("楼道灯不亮。（虚构）")
    assert fits(page, WIDTH)
    page.fill("[name=telephone]", "000-0000-0001")
    page.click(SEND)
    number = page.locator(".receipt-number")
    expect(number).to_have_text(TRACKING_NUMBER)
    assert fits(page, WIDTH)
    told = number.inner_text()
    assert told not in page.url
    page.goto(f"{address}/track")
    page.fill("[name=number]", told)
    page.click(SEND)
    expect(page.locator(".receipt-number")).to_have_text(told)
