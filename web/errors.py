"""Answers every failure: a page for browsers, JSON (RFC 9457) for programs, in the visitor's language."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.forms import error_sentence, field_name
from web.i18n import negotiate
from web.links import current_path, sign_in_path, wants_fragment, wants_page
from web.pages import Pages
from web.problems import (
    RETRY_LATER,
    FieldProblem,
    ProblemError,
    SignInNeededError,
    status_text,
)

_FRAMES = 12


def install_error_handlers(app: FastAPI, pages: Pages, unavailable: tuple[type[Exception], ...] = ()) -> None:
    """Answer HTTP errors, refused input and crashes of this application through `pages`.

    Exceptions of the `unavailable` types mean that something needed cannot be reached: 503.
    """

    async def on_problem(request: Request, error: Exception) -> Response:
        return await answer(pages, request, _as_problem(pages, request, error))

    for kind in (HTTPException, RequestValidationError, ProblemError, *unavailable):
        app.add_exception_handler(kind, on_problem)
    app.add_middleware(CrashGuard, pages=pages)


async def answer(
    pages: Pages, request: Request, problem: ProblemError, number: str | None = None
) -> Response:
    """The response for a problem. `number` names a crash in the log."""
    if not wants_page(request):
        return _as_json(pages, request, problem, number)
    is_visit = request.method in {"GET", "HEAD"} and not wants_fragment(request)
    if isinstance(problem, SignInNeededError) and is_visit:
        return pages.redirect(sign_in_path(current_path(request)))
    await pages.settle_actor(request)
    text = status_text(problem.status)
    return await pages.render(
        request,
        "error.html",
        status=problem.status,
        headers=problem.headers,
        code=problem.status,
        title=pages.gettext(request)(text.title),
        detail=_detail(pages, request, problem),
        errors=problem.errors,
        number=number,
        sign_in=sign_in_path(current_path(request)) if problem.status == HTTPStatus.UNAUTHORIZED else None,
    )


class CrashGuard:
    """Turns an unexpected exception into a page with a number, and into one log entry under that number.

    It stands inside Starlette's own guard, which would hand the exception to the server, whose log then
    shows its message: that may quote what somebody told us.
    """

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 where it fails before its response has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the visitor gets a page and the log gets its place
            number = secrets.token_hex(4)
            log_crash(scope, error, number)
            if started:
                # The answer is cut off; the server must close the connection, and learns no more than this.
                raise RuntimeError(f"response cut off by failure {number}") from None
            response = await self._respond(Request(scope), number)
            await response(scope, receive, send)

    async def _respond(self, request: Request, number: str) -> Response:
        try:
            return await answer(self._pages, request, ProblemError(500), number)
        except Exception as error:  # noqa: BLE001 - the page itself may be what fails
            log_crash(request.scope, error, number)
            text = status_text(500)
            gettext = self._pages.gettext(request)
            return PlainTextResponse(f"{gettext(text.title)} ({number}). {gettext(text.detail)}", 500)


def log_crash(scope: Scope, error: BaseException, number: str) -> None:
    """Log a crash without personal data: kinds of exception and places in the code; no message, no path."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    route = getattr(scope.get("route"), "path", None)
    structlog.get_logger("web").error(
        "unexpected failure",
        number=number,
        method=scope.get("method"),
        route=route,
        kinds=[type(link).__qualname__ for link in _chain(error)],
        places=[f"{frame.filename}:{frame.lineno}" for frame in frames],
    )


def _chain(error: BaseException) -> list[BaseException]:
    links = [error]
    while (cause := links[-1].__cause__ or links[-1].__context__) is not None and cause not in links:
        links.append(cause)
    return links


def _as_problem(pages: Pages, request: Request, error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return ProblemError(422, errors=_field_problems(pages, request, error))
    if isinstance(error, HTTPException):
        # Its detail is the framework's English, written for programmers.
        return ProblemError(error.status_code, headers=error.headers)
    return ProblemError(503, headers=RETRY_LATER)


def _field_problems(pages: Pages, request: Request, error: RequestValidationError) -> list[FieldProblem]:
    gettext = pages.gettext(request)
    return [
        FieldProblem(
            # The first part says body, query, path or header.
            field=_sound(field_name(tuple(detail["loc"][1:]))),
            message=_sound(error_sentence(detail, gettext)),
            code=str(detail["type"]),
        )
        for detail in error.errors()
    ]


def _sound(text: str) -> str:
    """The text without lone surrogates, which JSON may name but no response can be encoded with."""
    return text.encode(errors="replace").decode()


def _detail(pages: Pages, request: Request, problem: ProblemError) -> str:
    detail = problem.detail or status_text(problem.status).detail
    return pages.gettext(request)(detail) % problem.values


def _as_json(pages: Pages, request: Request, problem: ProblemError, number: str | None) -> Response:
    gettext = pages.gettext(request)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": gettext(status_text(problem.status).title),
        "status": problem.status,
        "detail": _detail(pages, request, problem),
    }
    if problem.errors:
        body["errors"] = [entry._asdict() for entry in problem.errors]
    if number is not None:
        body["number"] = number
    headers: Mapping[str, str] = {
        "Cache-Control": "no-store",
        "Content-Language": negotiate(request),
        **problem.headers,
    }
    return Response(orjson.dumps(body), problem.status, headers, media_type="application/problem+json")
