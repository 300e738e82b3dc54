"""What became of the command just sent: its verdict in words, and a notice that outlives one redirect."""

from __future__ import annotations

from typing import Literal, Protocol

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS, UNREADABLE
from web.i18n import N_, Gettext

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


class Verdict(Protocol):
    """What became of a submission."""

    @property
    def outcome(self) -> str:
        """The decision's outcome."""
        ...

    @property
    def reason(self) -> str | None:
        """Its reason code."""
        ...

    @property
    def field(self) -> str | None:
        """The field at fault, where there is one."""
        ...


class Decisions(Protocol):
    """Where decisions are read; the composition root supplies it."""

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Verdict | None:
        """The verdict on a submission; None where none is visible within `timeout` seconds."""
        ...


def verdict_sentence(verdict: Verdict, gettext: Gettext) -> str | None:
    """Why it was refused or changed nothing, in the visitor's language."""
    sentence = REASONS.get(verdict.reason or "") or UNREADABLE.get(verdict.reason or "")
    return gettext(sentence) if sentence else None


def notice_of(verdict: Verdict | None, gettext: Gettext) -> Notice:
    """What became of a command, as the next page says it; None: that is not known yet."""
    if verdict is None:
        text = gettext(N_("Recorded, and not decided yet. Reload this page in a moment."))
        return Notice(kind="info", text=text)
    if verdict.outcome in ("accepted", "duplicate"):
        return Notice(kind="accepted", text=gettext(N_("Done. It is on record.")))
    reason = verdict_sentence(verdict, gettext) or ""
    if verdict.outcome == "refused":
        text = gettext(N_("Refused, and the refusal is on record."))
        return Notice(kind="refused", text=text, detail=reason)
    text = gettext(N_("Recorded, but nothing was changed by it."))
    return Notice(kind="warning", text=text, detail=reason)


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
