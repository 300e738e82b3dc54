"""A whole mediation in a real browser, by two people on the whole system: from the form to the closed dossier."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.test_main_job import MakePage, Site, give, running

PARTIES = {"a": ("虚构居民子", "000-0000-0301"), "b": ("虚构居民丑", "000-0000-0302")}


@pytest.fixture(scope="module")
def address(staffed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the whole system answers, with a mediator among its staff."""
    home = tmp_path_factory.mktemp("mediation") / "home"
    shutil.copytree(staffed_home, home)
    told = (
        "--community",
        "demo",
        "--role",
        "mediator",
        "--name",
        "子调解（虚构）",
        "--password",
        "mediator-demo",
    )
    command = [sys.executable, "-m", "barograph", "--home", str(home), "staff", "add", "mediator", *told]
    subprocess.run(command, check=True, capture_output=True)
    with running(home) as found:
        yield found


@pytest.fixture
def site(address: str, browser_page: MakePage) -> Site:
    """The running system, and browsers to visit it."""
    return Site(address, browser_page)


def start(page: Page) -> str:
    """Fill in the form of a new mediation and send it; return the path of its page."""
    page.check("[name=origin][value=oral]")
    page.select_option("[name=dispute]", "neighbours")
    page.fill("[name=amount]", "3000")
    page.fill("[name=story]", "楼上漏水，说不到一起。（虚构）")
    for side, (name, telephone) in PARTIES.items():
        page.fill(f"[name=name_{side}]", name)
        page.fill(f"[name=telephone_{side}]", telephone)
    page.click("form.form button.primary")
    page.wait_for_url("**/mediations/med_*")
    return page.url.split("/", 3)[3]


def consent(page: Page, party: str) -> None:
    """Record that a party was told its rights, and consents."""
    give(page, "serve_rights_notice", party=party, manner="read_out")
    page.click("#action-record_consent summary")
    page.select_option("#record_consent-party", party)
    page.check("#action-record_consent [name=consents][value=yes]")
    page.click("#action-record_consent form.command button")


def draw_up(page: Page) -> None:
    """Hold a session, and draw up an agreement with one payment."""
    page.click("#action-hold_session summary")
    page.select_option("#hold_session-sitting", "joint")
    for party in ("1", "2"):
        page.check(f"#action-hold_session [name=present][value='{party}']")
    page.fill("#hold_session-note", "谈了一小时。（虚构）")
    page.click("#action-hold_session form.command button")
    page.click("#action-draw_up summary >> nth=0")
    page.fill("#draw_up-terms", "乙方赔三千元。（虚构）")
    row = page.locator("#action-draw_up .term-row").first
    row.locator("[name=kind_1]").select_option("pay")
    row.locator("[name=debtor_1]").select_option("2")
    row.locator("[name=creditor_1]").select_option("1")
    row.locator("[name=amount_1]").fill("3000")
    row.locator("[name=due_1]").fill("2099-12-31")
    page.fill("#draw_up-total", "3000")
    page.click("#action-draw_up form.command button")


def test_a_dispute_is_mediated_by_two_people(site: Site) -> None:
    """A clerk starts it and records the parties' part; the mediator mediates, signs and closes it; neither can do the other's."""
    clerk = site.sign_in("clerk", "/mediations/new")
    path = f"/{start(clerk)}"
    give(clerk, "name_mediator", mediator="*", choice="assigned")
    for party in ("1", "2"):
        consent(clerk, party)
    expect(clerk.locator("#action-hold_session")).to_have_count(0)
    mediator = site.sign_in("mediator", path)
    draw_up(mediator)
    expect(mediator.locator(".notice-info")).to_contain_text("waits for signatures")
    clerk.goto(f"{site.address}{path}")
    for signer in ("party:1", "party:2", "committee"):
        give(clerk, "sign", signer=signer, manner="on_paper")
    mediator.goto(f"{site.address}{path}")
    own = mediator.locator("#sign-signer option[value^='mediator:']").get_attribute("value") or ""
    give(mediator, "sign", signer=own, manner="on_paper")
    expect(mediator.locator("#duties-title")).to_be_visible()
    clerk.goto(f"{site.address}{path}")
    give(clerk, "record_performance", obligation="1", amount="3000", note="当面付清。（虚构）")
    clerk.click("#action-record_visit summary")
    clerk.check("#action-record_visit [name=met][value=yes]")
    clerk.fill("#record_visit-note", "双方都满意。（虚构）")
    clerk.click("#action-record_visit form.command button")
    expect(clerk.locator("#action-close")).to_have_count(0)
    mediator.goto(f"{site.address}{path}")
    give(mediator, "close")
    expect(mediator.locator(".definitions .badge").first).to_contain_text("Closed")
    expect(mediator.locator(".moment-title", has_text="Agreement in force")).to_have_count(1)


def test_a_signature_is_drawn_on_the_screen(site: Site) -> None:
    """What is drawn with the pen becomes a picture in the dossier, which a signature can name."""
    page = site.sign_in("clerk", "/mediations/new")
    path = f"/{start(page)}"
    page.goto(f"{site.address}{path}/attach")
    page.select_option("[name=paper]", "agreement")
    canvas = page.locator("[data-drawing] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90, steps=8)
    page.mouse.up()
    expect(page.locator("#field-file")).to_have_value(re.compile(r"Signature\.png$"))
    page.click("form.form button.primary")
    page.wait_for_url(f"**{path}")
    expect(page.locator(".files a")).to_have_text("Signature.png")
    response = page.request.get(f"{site.address}{page.locator('.files a').get_attribute('href')}")
    assert response.body().startswith(b"\x89PNG")


def test_a_planned_session_may_lie_ahead(site: Site) -> None:
    """Beside a time to plan for stands how far off it is, and no warning that it lies in the future."""
    page = site.sign_in("clerk", "/mediations/new")
    start(page)
    page.click("#action-plan_session summary")
    page.fill("#plan_session-planned_at", "2099-01-02T10:00")
    hint = page.locator("#action-plan_session [data-moment-hint]")
    expect(hint).to_contain_text("in ")
    expect(hint).not_to_contain_text("This lies in the future.")
