"""A notice that outlives one redirect: what became of the command just sent."""

from __future__ import annotations

from typing import Literal

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

_COOKIE = "barograph-notice"
_SECONDS = 60
_LONGEST = 400

Kind = Literal["accepted", "refused", "warning", "info"]


class Notice(BaseModel):
    """A sentence about what was just done, and the reason or advice below it, in the visitor's language.

    It travels in a cookie: no personal data.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    text: str
    detail: str = ""


class Notices:
    """Carries one notice from the response that redirects to the page that is shown next."""

    def __init__(self, serializer: URLSafeTimedSerializer, *, secure: bool) -> None:
        self._serializer = serializer
        self._secure = secure

    def put(self, response: Response, notice: Notice) -> None:
        """Send the notice along with a redirect, each part cut to 400 characters."""
        short = {"kind": notice.kind, "text": notice.text[:_LONGEST], "detail": notice.detail[:_LONGEST]}
        cookie = self._serializer.dumps(short)
        value = cookie if isinstance(cookie, str) else cookie.decode()
        response.set_cookie(
            _COOKIE, value, max_age=_SECONDS, path="/", httponly=True, secure=self._secure, samesite="lax"
        )

    def take(self, request: Request) -> Notice | None:
        """The notice that came with a request, if any."""
        try:
            payload = self._serializer.loads(request.cookies.get(_COOKIE, ""), max_age=_SECONDS)
            return Notice.model_validate(payload)
        except (BadData, ValidationError):
            return None

    def clear(self, request: Request, response: Response) -> None:
        """Let a notice that has been shown go."""
        if _COOKIE in request.cookies:
            response.delete_cookie(_COOKIE, path="/", httponly=True, secure=self._secure, samesite="lax")
