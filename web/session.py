"""Sessions in a signed cookie, and tokens that show that a form came from our own page.

The cookie holds an actor id, a random nonce and the end of the session: no name, no role.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

SESSION_LIFETIME = timedelta(hours=12)
VISIT_LIFETIME = timedelta(hours=2)
MIN_SECRET_BYTES = 32
_STATE = "barograph_visit"


class Session(BaseModel):
    """A signed-in visit: whose, until when, and the nonce that its CSRF tokens are made from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: str
    nonce: str
    expires: datetime


class Sessions:
    """Opens, reads and closes sessions. State lives in cookies only; `clock` gives seconds since the epoch.

    Closing takes the cookie from the browser; a copy taken before stays good until it expires. Whoever must
    be shut out at once is taken from the register: the directory then finds nobody.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        secure: bool,
        lifetime: timedelta = SESSION_LIFETIME,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises ValueError for a secret under 32 bytes. `secure`: cookies go over HTTPS only."""
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the session secret needs at least {MIN_SECRET_BYTES} bytes")
        self.secure = secure
        self._lifetime = lifetime
        self._clock = clock
        self._secret = secret
        self._csrf_key = hmac.digest(secret, b"barograph csrf", "sha256")
        self._sessions = self.serializer("session")
        self._visits = self.serializer("visit")
        # The prefix makes browsers refuse the cookie unless it is secure, host-only and for the whole site.
        prefix = "__Host-" if secure else ""
        self._session_cookie = f"{prefix}barograph"
        self._visit_cookie = f"{prefix}barograph-visit"

    def read(self, request: Request) -> Session | None:
        """The session of a request; None where there is none, or it is forged, malformed or over."""
        payload = _loads(
            self._sessions, request.cookies.get(self._session_cookie), max_age=self._lifetime.total_seconds()
        )
        try:
            session = Session.model_validate(payload)
        except ValidationError:
            return None
        return session if session.expires.timestamp() > self._clock() else None

    def open(self, response: Response, actor: str) -> Session:
        """Start a session for this actor: put its cookie on the response, and end the visit before it."""
        ends = datetime.fromtimestamp(self._clock(), UTC) + self._lifetime
        session = Session(actor=actor, nonce=secrets.token_urlsafe(16), expires=ends)
        cookie = self._sessions.dumps(session.model_dump(mode="json"))
        self._set(response, self._session_cookie, _text(cookie), self._lifetime)
        self._unset(response, self._visit_cookie)
        return session

    def close(self, response: Response) -> None:
        """End the session: take its cookie away."""
        self._unset(response, self._session_cookie)

    def csrf_token(self, request: Request) -> str:
        """The token that a form on this page must send back.

        Signed out, it belongs to a visit whose cookie `seal` puts on the response.
        """
        session = self.read(request)
        if session is not None:
            return self._token(session.nonce)
        nonce = self._visit(request) or getattr(request.state, _STATE, None)
        if nonce is None:
            nonce = secrets.token_urlsafe(16)
            setattr(request.state, _STATE, nonce)
        return self._token(nonce)

    def check_csrf(self, request: Request, token: str | None) -> bool:
        """Whether the token was made for the session of this request, or signed out for its visit."""
        session = self.read(request)
        nonce = session.nonce if session is not None else self._visit(request)
        if nonce is None or not token:
            return False
        return hmac.compare_digest(self._token(nonce).encode(), token.encode(errors="replace"))

    def seal(self, request: Request, response: Response) -> None:
        """Put the visit's cookie on the response where `csrf_token` began one for this request."""
        nonce = getattr(request.state, _STATE, None)
        if nonce is not None:
            self._set(response, self._visit_cookie, _text(self._visits.dumps(nonce)), VISIT_LIFETIME)

    def serializer(self, purpose: str) -> URLSafeTimedSerializer:
        """Signs other short-lived cookies of the kit, each purpose with a key of its own."""
        return _serializer(self._secret, f"barograph.{purpose}")

    def _visit(self, request: Request) -> str | None:
        nonce = _loads(
            self._visits, request.cookies.get(self._visit_cookie), max_age=VISIT_LIFETIME.total_seconds()
        )
        return nonce if isinstance(nonce, str) else None

    def _token(self, nonce: str) -> str:
        return hmac.digest(self._csrf_key, nonce.encode(), "sha256").hex()

    def _set(self, response: Response, name: str, value: str, lifetime: timedelta) -> None:
        age = int(lifetime.total_seconds())
        response.set_cookie(name, value, max_age=age, **self._attributes())

    def _unset(self, response: Response, name: str) -> None:
        response.delete_cookie(name, **self._attributes())

    def _attributes(self) -> dict[str, Any]:
        return {"path": "/", "httponly": True, "secure": self.secure, "samesite": "lax"}


def _serializer(secret: bytes, salt: str) -> URLSafeTimedSerializer:
    signer = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeTimedSerializer(secret, salt=salt, signer_kwargs=signer)


def _loads(serializer: URLSafeTimedSerializer, cookie: str | None, max_age: float) -> Any:
    try:
        return serializer.loads(cookie or "", max_age=int(max_age))
    except BadData:
        return None


def _text(cookie: str | bytes) -> str:
    return cookie if isinstance(cookie, str) else cookie.decode()
