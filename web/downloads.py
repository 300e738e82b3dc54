"""A file that somebody brought, sent to be saved: never shown by the browser as a page of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote

from starlette.responses import StreamingResponse

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)
_NOT_ASCII = re.compile(r"[^ !#-\[\]-~]|[;%]")


def download(chunks: Iterator[bytes], name: str, media_type: str) -> StreamingResponse:
    """The response that saves these bytes under this name."""
    headers = {**HEADERS, "Content-Disposition": disposition(name)}
    return StreamingResponse(chunks, media_type=media_type, headers=headers)


def disposition(name: str) -> str:
    """To be saved under this name (RFC 6266); older programs get one with its letters beyond ASCII replaced."""
    plain = _NOT_ASCII.sub("_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
