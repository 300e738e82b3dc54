"""Where a visitor may be sent: paths of this site only, and what their browser prefers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request


class Weighted(NamedTuple):
    """One choice of an Accept or Accept-Language header, in lower case, with its weight from 0 to 1."""

    choice: str
    weight: float


def local_path(target: str | None, default: str = "/") -> str:
    """Return the target where it is a path of this site, else the default.

    Browsers drop control characters and read a backslash as a slash, so either makes it foreign.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if any(character <= " " or character in "\\\x7f" for character in target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target


def sign_in_path(onward: str) -> str:
    """The address of the sign-in page that leads on to this path of ours."""
    path = local_path(onward)
    return "/sign-in" if path == "/" else f"/sign-in?{urlencode({'next': path})}"


def current_path(request: Request) -> str:
    """The path and query that were asked for."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def weighted(header: str) -> Sequence[Weighted]:
    """Read a header such as `text/html, */*;q=0.8`, best choice first (RFC 9110, section 12.4.2)."""
    found = []
    for part in header.split(","):
        choice, _, parameters = part.partition(";")
        weight = _weight(parameters)
        if choice.strip() and weight > 0:
            found.append(Weighted(choice.strip().lower(), weight))
    return sorted(found, key=lambda entry: -entry.weight)


def wants_page(request: Request) -> bool:
    """Whether the caller prefers a page to JSON: a browser does, a program seldom says so."""
    weights = {entry.choice: entry.weight for entry in weighted(request.headers.get("accept", ""))}
    page = weights.get("text/html", 0.0)
    return page > 0 and page >= weights.get("application/json", 0.0)


def wants_fragment(request: Request) -> bool:
    """Whether the page's own script asks for a part of a page, to put it in place of an older one."""
    return "x-fragment" in request.headers


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
