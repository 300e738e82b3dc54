"""The sign-in page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.app import PASSWORD, make
from tests.web.visitor import Visitor, visiting
from web.signin import Limits, SignInHint
from web.throttle import Rate, TokenBuckets

MISMATCH = "do not match"


def limits(by_name: int, by_client: int) -> Limits:
    """Limits that allow so many tries and then make wait for a minute; their clock stands still."""
    return Limits(
        TokenBuckets(Rate(by_name, 60.0), clock=lambda: 0.0),
        TokenBuckets(Rate(by_client, 60.0), clock=lambda: 0.0),
    )


async def test_right_name_and_password_sign_in(visitor: Visitor) -> None:
    """After signing in, the pages show who is signed in, and in which role."""
    await visitor.sign_in("clerk")
    page = (await visitor.get("/")).text
    assert "示例受理员甲" in page
    assert "Clerk" in page


async def test_sign_in_leads_on_to_the_page_asked_for(visitor: Visitor) -> None:
    """Who was sent to the sign-in page comes out where they wanted to go."""
    sent = await visitor.get("/clerks")
    assert sent.headers["location"] == "/sign-in?next=%2Fclerks"
    assert (await visitor.sign_in("clerk", onward="/clerks")).headers["location"] == "/clerks"


@pytest.mark.parametrize("onward", ["//evil.test", "https://evil.test/", "/\\evil.test", "/\t/evil.test"])
async def test_sign_in_leads_nowhere_else(visitor: Visitor, onward: str) -> None:
    """A `next` that is no path of this site is not followed."""
    assert (await visitor.sign_in("clerk", onward=onward)).headers["location"] == "/"


async def test_name_is_read_without_regard_to_case_and_width(visitor: Visitor) -> None:
    """A sign-in name typed in capitals or with a full-width keyboard is the same name."""
    assert (await visitor.sign_in(" ＣLERK ")).status_code == 303


async def test_wrong_password_is_told_at_the_form(visitor: Visitor) -> None:
    """A wrong password shows the form again with a sentence, and the name kept."""
    response = await visitor.sign_in("clerk", "not the password")
    assert response.status_code == 422
    assert MISMATCH in response.text
    assert 'value="clerk"' in response.text


async def test_unknown_name_and_wrong_password_look_the_same(visitor: Visitor) -> None:
    """The answer does not tell whether a sign-in name exists."""
    wrong = await visitor.sign_in("clerk", "not the password")
    unknown = await visitor.sign_in("nobody", "not the password")
    assert wrong.status_code == unknown.status_code
    assert wrong.text.replace("clerk", "nobody") == unknown.text


async def test_password_is_never_sent_back(visitor: Visitor) -> None:
    """The page after a failed try does not contain the password that was tried."""
    assert "a secret guess" not in (await visitor.sign_in("clerk", "a secret guess")).text


async def test_blank_fields_are_named(visitor: Visitor) -> None:
    """A blank name and a blank password are each told at their field."""
    response = await visitor.sign_in(" ", "")
    assert response.status_code == 422
    assert 'href="#field-name"' in response.text
    assert 'href="#field-password"' in response.text


@pytest.mark.parametrize(
    "text", ["x" * 200_000, "\x00", "中文密码", "%ED%A0%80", "'; DROP TABLE account; --"]
)
async def test_odd_input_is_answered_like_any_mismatch(visitor: Visitor, text: str) -> None:
    """Overlong, control, foreign and quoted input is a mismatch and nothing worse."""
    assert (await visitor.sign_in(text, text)).status_code == 422


async def test_sign_in_without_token_is_refused(visitor: Visitor) -> None:
    """A sign-in form sent from elsewhere, without the visit's token, is refused: no login forgery."""
    response = await visitor.post("/sign-in", data={"name": "clerk", "password": PASSWORD})
    assert response.status_code == 403


async def test_who_is_signed_in_does_not_see_the_form(visitor: Visitor) -> None:
    """The sign-in page sends somebody who is signed in onward."""
    await visitor.sign_in("clerk")
    assert (await visitor.get("/sign-in?next=/form")).headers["location"] == "/form"


async def test_sign_out_ends_the_session(visitor: Visitor) -> None:
    """After signing out, a page for staff leads to the sign-in page again."""
    await visitor.sign_in("clerk")
    assert (await visitor.fill("/sign-out", {}, form="/")).status_code == 303
    assert (await visitor.get("/clerks")).status_code == 303


async def test_sign_out_needs_the_token(visitor: Visitor) -> None:
    """Another site cannot sign somebody out."""
    await visitor.sign_in("clerk")
    assert (await visitor.post("/sign-out")).status_code == 403


async def test_sign_out_clears_what_the_browser_kept(visitor: Visitor) -> None:
    """Signing out tells the browser to forget the pages it kept."""
    await visitor.sign_in("clerk")
    response = await visitor.fill("/sign-out", {}, form="/")
    assert response.headers["clear-site-data"] == '"cache"'


async def test_missing_role_is_refused(visitor: Visitor) -> None:
    """A page for clerks answers an auditor with 403."""
    await visitor.sign_in("auditor")
    assert (await visitor.get("/clerks")).status_code == 403


async def test_menu_shows_what_the_roles_allow(visitor: Visitor) -> None:
    """The menu has the links of one's own roles, not those of others."""
    await visitor.sign_in("auditor")
    page = (await visitor.get("/")).text
    assert "/audit" in page
    assert "/clerks" not in page


async def test_repeated_failures_make_wait(tmp_path: Path) -> None:
    """After the allowed failures for a name even the right password gets 429 and when to try again."""
    async with visiting(make(tmp_path, limits=limits(2, 100)).app) as visitor:
        for _ in range(2):
            assert (await visitor.sign_in("clerk", "wrong one")).status_code == 422
        response = await visitor.sign_in("clerk")
    assert response.status_code == 429
    assert response.headers["retry-after"] == "60"
    assert "Wait 60 seconds" in response.text


async def test_failures_of_one_name_leave_others_alone(tmp_path: Path) -> None:
    """A name that is made to wait does not keep another name out."""
    async with visiting(make(tmp_path, limits=limits(1, 100)).app) as visitor:
        await visitor.sign_in("clerk", "wrong one")
        assert (await visitor.sign_in("auditor")).status_code == 303


async def test_failures_are_counted_by_client(tmp_path: Path) -> None:
    """A client that tries one name after the other is made to wait."""
    async with visiting(make(tmp_path, limits=limits(100, 2)).app) as visitor:
        await visitor.sign_in("one", "wrong one")
        await visitor.sign_in("two", "wrong one")
        assert (await visitor.sign_in("clerk")).status_code == 429


async def test_another_client_is_not_made_to_wait(tmp_path: Path) -> None:
    """A client's failures do not keep other clients out."""
    app = make(tmp_path, limits=limits(100, 1)).app
    async with visiting(app) as first:
        await first.sign_in("clerk", "wrong one")
    async with visiting(app, address="192.0.2.2") as second:
        assert (await second.sign_in("clerk")).status_code == 303


async def test_success_is_not_counted(tmp_path: Path) -> None:
    """Signing in and out again and again is not limited."""
    async with visiting(make(tmp_path, limits=limits(1, 1)).app) as visitor:
        for _ in range(3):
            assert (await visitor.sign_in("clerk")).status_code == 303
            await visitor.fill("/sign-out", {}, form="/")


async def test_demo_sign_ins_are_shown_where_given(tmp_path: Path) -> None:
    """The page shows the demo accounts with their passwords and roles."""
    hints = [SignInHint("clerk", PASSWORD, "clerk")]
    async with visiting(make(tmp_path, hints=hints).app) as visitor:
        page = (await visitor.get("/sign-in")).text
    assert PASSWORD in page
    assert "Enter as Clerk" in page


async def test_no_demo_sign_ins_without_hints(visitor: Visitor) -> None:
    """Without hints the page has one form and no word of demo accounts."""
    page = (await visitor.get("/sign-in")).text
    assert "Demo sign-ins" not in page
    assert len(re.findall("<form", page)) == 2  # the second is the confirmation dialog's


async def test_secure_cookies_work_over_https(tmp_path: Path) -> None:
    """With secure cookies one signs in over HTTPS."""
    async with visiting(make(tmp_path, secure=True).app, base="https://kit.test") as visitor:
        await visitor.sign_in("clerk")
        assert (await visitor.get("/clerks")).status_code == 200
