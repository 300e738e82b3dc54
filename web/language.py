"""The language switch."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse

from web.i18n import LANGUAGE_COOKIE, LANGUAGES
from web.links import local_path
from web.problems import ProblemError

_KEPT = timedelta(days=365)


def language_router(*, secure: bool) -> APIRouter:
    """`GET /lang/{code}?next=/path`: keep the choice in a cookie and go back to the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/lang/{code}")
    async def choose(code: str, onward: Annotated[str, Query(alias="next")] = "/") -> RedirectResponse:
        if code not in LANGUAGES:
            raise ProblemError(404)
        response = RedirectResponse(local_path(onward), HTTPStatus.SEE_OTHER)
        response.set_cookie(
            LANGUAGE_COOKIE,
            code,
            max_age=int(_KEPT.total_seconds()),
            path="/",
            secure=secure,
            httponly=True,
            samesite="lax",
        )
        return response

    return router
