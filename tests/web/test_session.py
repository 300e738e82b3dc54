"""Sessions and CSRF tokens."""

from __future__ import annotations

import base64
import re
import time
import zlib
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.web.app import SECRET
from tests.web.visitor import Visitor
from web.session import Sessions

ACTOR = "act_clerk0001"


def cookies_of(response: Response) -> dict[str, str]:
    """The cookies that a response sets, by name."""
    lines = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    return dict(line.split(";")[0].split("=", 1) for line in lines)


def request_with(cookies: dict[str, str]) -> Request:
    """A request that carries these cookies."""
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Request({"type": "http", "headers": [(b"cookie", header.encode())], "state": {}})


def opened(sessions: Sessions) -> Request:
    """A request with the cookie of a session just opened."""
    response = Response()
    sessions.open(response, ACTOR)
    return request_with(cookies_of(response))


def test_an_opened_session_is_read_back() -> None:
    """The cookie that opening sets gives the same actor on the next request."""
    sessions = Sessions(SECRET, secure=False)
    session = sessions.read(opened(sessions))
    assert session is not None
    assert session.actor == ACTOR


def test_no_cookie_is_no_session() -> None:
    """A request without a cookie has no session."""
    assert Sessions(SECRET, secure=False).read(request_with({})) is None


@pytest.mark.parametrize("cookie", ["", "x", "e30.x.y", "....", "'\"\\", "x" * 5000])
def test_malformed_cookie_is_no_session(cookie: str) -> None:
    """A cookie that nobody signed is no session, whatever it looks like."""
    assert Sessions(SECRET, secure=False).read(request_with({"barograph": cookie})) is None


def test_cookie_signed_with_another_secret_is_no_session() -> None:
    """A session signed with another secret is not accepted."""
    foreign = opened(Sessions(b"another secret, thirty-two bytes!", secure=False))
    assert Sessions(SECRET, secure=False).read(foreign) is None


def test_session_ends_after_its_lifetime() -> None:
    """A session is over when its twelve hours have passed."""
    request = opened(Sessions(SECRET, secure=False))
    later = Sessions(SECRET, secure=False, clock=lambda: time.time() + 12 * 3600 + 1)
    assert later.read(request) is None


def test_lifetime_of_a_session_can_be_shorter() -> None:
    """A session opened for an hour is good within it."""
    sessions = Sessions(SECRET, secure=False, lifetime=timedelta(hours=1))
    assert sessions.read(opened(sessions)) is not None


def test_session_cookie_holds_only_actor_nonce_and_end() -> None:
    """What the cookie carries is the actor's id, a nonce and the end of the session, no name or role."""
    response = Response()
    sessions = Sessions(SECRET, secure=False)
    sessions.open(response, ACTOR)
    payload = cookies_of(response)["barograph"].split(".")
    encoded = payload[1] if payload[0] == "" else payload[0]
    raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    text = (zlib.decompress(raw) if payload[0] == "" else raw).decode()
    assert re.findall(r'"(\w+)":', text) == ["actor", "nonce", "expires"]


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    """The session cookie is HttpOnly, SameSite=Lax, for the whole site and for twelve hours."""
    response = Response()
    Sessions(SECRET, secure=False).open(response, ACTOR)
    line = response.headers["set-cookie"]
    assert all(part in line for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"))


def test_secure_session_cookie_goes_over_https_only() -> None:
    """Where cookies are to be secure, the name has the __Host- prefix and the Secure attribute is set."""
    response = Response()
    Sessions(SECRET, secure=True).open(response, ACTOR)
    line = response.headers["set-cookie"]
    assert line.startswith("__Host-barograph=")
    assert "Secure" in line


def test_short_secret_is_refused() -> None:
    """A secret under 32 bytes is refused."""
    with pytest.raises(ValueError, match="32 bytes"):
        Sessions(b"short", secure=False)


def test_token_of_the_session_is_accepted() -> None:
    """The CSRF token made for a session is accepted with that session."""
    sessions = Sessions(SECRET, secure=False)
    request = opened(sessions)
    assert sessions.check_csrf(request, sessions.csrf_token(request))


def test_token_of_another_session_is_refused() -> None:
    """The CSRF token of one session is not good for another one of the same actor."""
    sessions = Sessions(SECRET, secure=False)
    token = sessions.csrf_token(opened(sessions))
    assert not sessions.check_csrf(opened(sessions), token)


@pytest.mark.parametrize("token", [None, "", "0" * 64, "\udcff", "é"])
def test_wrong_token_is_refused(token: str | None) -> None:
    """A missing, made-up or unencodable token is refused."""
    sessions = Sessions(SECRET, secure=False)
    assert not sessions.check_csrf(opened(sessions), token)


def test_token_before_signing_in_belongs_to_the_visit() -> None:
    """Signed out, a token is accepted together with the visit's cookie that was sent with it."""
    sessions = Sessions(SECRET, secure=False)
    request, response = request_with({}), Response()
    token = sessions.csrf_token(request)
    sessions.seal(request, response)
    assert sessions.check_csrf(request_with(cookies_of(response)), token)


def test_token_before_signing_in_needs_its_cookie() -> None:
    """Signed out, a token without the visit's cookie is refused."""
    sessions = Sessions(SECRET, secure=False)
    assert not sessions.check_csrf(request_with({}), sessions.csrf_token(request_with({})))


def test_visit_cookie_is_not_a_session() -> None:
    """The visit's cookie put in place of the session's is not accepted."""
    sessions = Sessions(SECRET, secure=False)
    request, response = request_with({}), Response()
    sessions.csrf_token(request)
    sessions.seal(request, response)
    visit = cookies_of(response)["barograph-visit"]
    assert sessions.read(request_with({"barograph": visit})) is None


async def test_token_in_the_header_is_accepted(visitor: Visitor) -> None:
    """A script may send the token in the header X-CSRF-Token in place of the field."""
    token = await visitor.token("/form")
    assert (await visitor.post("/guarded", headers={"X-CSRF-Token": token})).status_code == 200


async def test_post_without_token_is_refused(visitor: Visitor) -> None:
    """A request that changes something and carries no token gets 403."""
    assert (await visitor.post("/guarded")).status_code == 403


async def test_form_without_token_changes_nothing(visitor: Visitor) -> None:
    """A form sent from elsewhere, without the token, gets 403 and says to open the form again."""
    response = await visitor.post("/form", data={"story": "x", "count": "1"})
    assert response.status_code == 403
    assert "Open the form again" in response.text


async def test_page_without_form_sets_no_cookie(visitor: Visitor) -> None:
    """A signed-out page without a form leaves no cookie behind."""
    assert "set-cookie" not in (await visitor.get("/")).headers
