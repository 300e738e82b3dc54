"""Puts the kit into an application: static files, language switch, error answers, headers, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import FastAPI

from web.errors import install_error_handlers
from web.language import language_router
from web.pages import Pages
from web.security import MAX_BODY_BYTES, NO_LARGER, BodyLimit, SecurityHeaders


def install_kit(
    app: FastAPI,
    pages: Pages,
    *,
    unavailable: tuple[type[Exception], ...] = (),
    max_body: int = MAX_BODY_BYTES,
    larger: Mapping[re.Pattern[str], int] = NO_LARGER,
) -> None:
    """Install what every application with pages needs, once, before it starts.

    `unavailable`: exceptions that mean that the log or a store cannot be reached, answered with 503.
    `larger`: how long the bodies may be that paths of this form take.
    """
    app.mount(pages.assets.prefix, pages.assets, name="static")
    app.include_router(language_router(secure=pages.sessions.secure))
    app.add_middleware(BodyLimit, limit=max_body, larger=larger)
    install_error_handlers(app, pages, unavailable)
    app.add_middleware(SecurityHeaders, https=pages.sessions.secure)
