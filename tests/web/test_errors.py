"""What a caller is told when something goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.web.app import LogIsDownError, Parts
from tests.web.visitor import PROGRAM, Visitor, visiting
from web.actor import Actor
from web.problems import STATUS_TEXTS


@pytest.mark.parametrize("status", [403, 404, 405, 409, 413, 422, 429, 503])
async def test_browser_gets_a_page(visitor: Visitor, status: int) -> None:
    """A browser gets a page with the status' title and what to do."""
    response = await visitor.get(f"/fails/{status}")
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert STATUS_TEXTS[status].detail in response.text


@pytest.mark.parametrize("status", [401, 403, 404, 405, 409, 413, 422, 429, 503])
async def test_program_gets_problem_json(visitor: Visitor, status: int) -> None:
    """A program gets the members type, title, status and detail as application/problem+json."""
    response = await visitor.get(f"/fails/{status}", headers=PROGRAM)
    assert response.headers["content-type"] == "application/problem+json"
    text = STATUS_TEXTS[status]
    expected = {"type": "about:blank", "title": text.title, "status": status, "detail": text.detail}
    assert response.json() == expected


async def test_problem_speaks_the_callers_language(visitor: Visitor) -> None:
    """A program that prefers Chinese is told in Chinese."""
    response = await visitor.get("/fails/404", headers={**PROGRAM, "Accept-Language": "zh"})
    assert response.json()["title"] == "没有这个页面"


async def test_unknown_address_is_not_found(visitor: Visitor) -> None:
    """An address that there is not gets the 404 page."""
    response = await visitor.get("/no/such/page")
    assert response.status_code == 404
    assert "Nothing here" in response.text


async def test_wrong_method_names_the_right_ones(visitor: Visitor) -> None:
    """A method that an address does not take gets 405 with the methods that it does."""
    response = await visitor.delete("/form")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


async def test_invalid_parameter_is_named(visitor: Visitor) -> None:
    """A parameter of the wrong type is named with a sentence and a code."""
    response = await visitor.get("/typed?number=many", headers=PROGRAM)
    assert response.status_code == 422
    expected = [{"field": "number", "message": "Enter a whole number.", "code": "int_parsing"}]
    assert response.json()["errors"] == expected


async def test_invalid_parameter_is_shown_on_the_page(visitor: Visitor) -> None:
    """A browser sees the same sentence on the page."""
    assert "Enter a whole number." in (await visitor.get("/typed?number=many")).text


async def test_missing_member_is_named(visitor: Visitor) -> None:
    """A member that a JSON body lacks is named by its path."""
    response = await visitor.post("/json", json={"story": "x"}, headers=PROGRAM)
    assert response.json()["errors"][0]["field"] == "count"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        b'"text"',
        b'{"story": "\\ud800", "count": 1}',
        b'{"\\ud800": 1}',
        b'{"story": "\\u0000", "count": 1}',
    ],
)
async def test_bad_json_is_refused_with_a_problem(visitor: Visitor, body: bytes) -> None:
    """Broken JSON, another type, lone surrogates and control characters are refused, never a failure."""
    headers = {**PROGRAM, "Content-Type": "application/json"}
    response = await visitor.post("/json", content=body, headers=headers)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


async def test_too_long_a_body_is_refused(visitor: Visitor) -> None:
    """A body over the limit gets 413 as a problem."""
    response = await visitor.post("/json", json={"story": "x" * 1_100_000, "count": 1}, headers=PROGRAM)
    assert response.status_code == 413
    assert response.json()["status"] == 413


async def test_body_of_unannounced_length_is_counted(visitor: Visitor) -> None:
    """A body sent in pieces without a length gets 413 when it passes the limit."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    headers = {**PROGRAM, "Content-Type": "application/json"}
    assert (await visitor.post("/json", content=pieces(), headers=headers)).status_code == 413


async def test_unavailable_says_when_to_try_again(visitor: Visitor) -> None:
    """What is needed and cannot be reached gives 503 with Retry-After, and the advice to send again."""
    response = await visitor.get("/down")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert "will not be recorded twice" in response.text


async def test_unavailable_register_is_told_as_such(
    parts: Parts, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the register that names the actors cannot be reached, a signed-in browser gets the 503 page."""

    async def down(_: str) -> Actor | None:
        raise LogIsDownError

    await visitor.sign_in("clerk")
    monkeypatch.setattr(parts.pages, "_directory", down)
    response = await visitor.get("/clerks")
    assert response.status_code == 503
    assert "Not available right now" in response.text


async def test_crash_is_a_page_with_a_number(visitor: Visitor) -> None:
    """An unexpected exception gives a page with a number that is in the log, too."""
    with capture_logs() as logs:
        response = await visitor.get("/crash")
    assert response.status_code == 500
    assert logs[0]["number"] in response.text


async def test_crash_tells_the_visitor_nothing_of_the_code(visitor: Visitor) -> None:
    """Neither the exception's message nor its place reaches the visitor."""
    text = (await visitor.get("/crash", headers=PROGRAM)).text
    assert not any(word in text for word in ("telephone", "RuntimeError", "Traceback", ".py"))


async def test_crash_log_has_no_message(visitor: Visitor) -> None:
    """The log says which exception and where, but not its message, which may quote somebody."""
    with capture_logs() as logs:
        await visitor.get("/crash")
    assert "telephone" not in repr(logs)
    assert logs[0]["kinds"] == ["RuntimeError"]
    assert any("app.py" in place for place in logs[0]["places"])


async def test_crash_in_the_page_itself_is_answered(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even the error page fails, the visitor gets a plain sentence with the number."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(parts.pages, "render", broken)
    async with visiting(parts.app) as visitor:
        response = await visitor.get("/crash")
    assert response.status_code == 500
    assert response.headers["content-type"].startswith("text/plain")


async def test_staff_page_leads_a_browser_to_sign_in(visitor: Visitor) -> None:
    """A browser that is not signed in is sent to the sign-in page and back."""
    assert (await visitor.get("/clerks?page=2")).headers["location"] == "/sign-in?next=%2Fclerks%3Fpage%3D2"


async def test_staff_page_answers_a_program_with_401(visitor: Visitor) -> None:
    """A program that is not signed in gets 401 and by which scheme to sign in."""
    response = await visitor.get("/clerks", headers=PROGRAM)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Session")


async def test_fragment_is_not_led_to_sign_in(visitor: Visitor) -> None:
    """A part of a page that updates itself gets 401, not the sign-in page to put in its place."""
    response = await visitor.get("/clerks", headers={"X-Fragment": "1"})
    assert response.status_code == 401


@pytest.mark.parametrize("accept", ["*/*", "", "application/json, text/html;q=0.5", "text/html;q=0"])
async def test_only_who_asks_for_pages_gets_them(visitor: Visitor, accept: str) -> None:
    """A caller that does not prefer HTML gets JSON."""
    response = await visitor.get("/fails/404", headers={"Accept": accept})
    assert response.headers["content-type"] == "application/problem+json"
