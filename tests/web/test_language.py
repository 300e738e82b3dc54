"""Which language a visitor gets, and the switch."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request

from tests.web.visitor import Visitor
from web.i18n import negotiate


def request(accept_language: str | None, cookie: str | None = None) -> Request:
    """A request that prefers these languages."""
    headers = []
    if accept_language is not None:
        headers.append((b"accept-language", accept_language.encode()))
    if cookie is not None:
        headers.append((b"cookie", f"lang={cookie}".encode()))
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW,en;q=0.5", "zh-CN"),
        ("fr,en;q=0.3,zh;q=0.6", "zh-CN"),
        ("fr", "zh-CN"),
        ("en;q=0, zh", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
        (",,;;=;q=", "zh-CN"),
    ],
)
def test_browser_preference_decides_without_a_choice(header: str | None, language: str) -> None:
    """Without a choice the best-weighted language that there is holds, Chinese if there is none."""
    assert negotiate(request(header)) == language


def test_choice_comes_before_the_browser() -> None:
    """The visitor's own choice holds against the browser's preference."""
    assert negotiate(request("zh-CN", cookie="en")) == "en"


def test_unknown_choice_is_passed_over() -> None:
    """A cookie that names no language of ours counts as none."""
    assert negotiate(request("en", cookie="tlh")) == "en"


async def test_switch_changes_the_language_and_returns(visitor: Visitor) -> None:
    """Choosing Chinese leads back to the page, which is Chinese from then on."""
    response = await visitor.get("/lang/zh-CN?next=/sign-in")
    assert response.headers["location"] == "/sign-in"
    page = (await visitor.get("/sign-in")).text
    assert '<html lang="zh-CN"' in page
    assert "晴雨计" in page


async def test_switch_leads_to_our_own_pages_only(visitor: Visitor) -> None:
    """A foreign `next` leads to the first page."""
    assert (await visitor.get("/lang/en?next=https://evil.test/")).headers["location"] == "/"


async def test_unknown_language_is_not_found(visitor: Visitor) -> None:
    """A language that there is not gets 404."""
    assert (await visitor.get("/lang/tlh")).status_code == 404


async def test_page_links_back_to_itself_in_the_other_language(visitor: Visitor) -> None:
    """The switch on a page carries the page's own address with its query."""
    page = (await visitor.get("/sign-in?next=/form")).text
    link = re.search('href="(/lang/zh-CN[^"]+)"', page)
    assert link is not None
    assert (await visitor.get(link[1])).headers["location"] == "/sign-in?next=/form"


async def test_page_names_its_language(visitor: Visitor) -> None:
    """A page says in its header which language it is in, and what that depends on."""
    headers = (await visitor.get("/")).headers
    assert headers["content-language"] == "en"
    assert "Accept-Language" in headers["vary"]
