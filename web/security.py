"""What every response says to browsers about safety, and how large a request may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1024 * 1024

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    }
)

NO_LARGER: Mapping[re.Pattern[str], int] = MappingProxyType({})

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class SecurityHeaders:
    """Adds HEADERS to every response that does not set them itself.

    With `https`, browsers are told to come by HTTPS for a year (HSTS), but not under a loopback name: there
    the word would bind every other program that serves on this machine.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the response back with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_hsts = self._https and not _is_loopback(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if is_hsts:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Lets a request's body be read up to a number of bytes.

    Past it, or where the request announces more, reading raises HTTPException 413, which the error handlers
    answer. FastAPI's own limit answers in plain English text. `larger`: limits of paths that take files.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int = MAX_BODY_BYTES, larger: Mapping[re.Pattern[str], int] = NO_LARGER
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        path = scope["path"]
        limit = next((most for found, most in self._larger.items() if found.fullmatch(path)), self._limit)
        is_announced_over = announced.isdecimal() and int(announced) > limit
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if is_announced_over or read > limit:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self._app(scope, counted, send)


def _is_loopback(scope: Scope) -> bool:
    host = Headers(scope=scope).get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower() in _LOOPBACK
