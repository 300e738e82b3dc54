"""Puts the kit into an application: static files, language switch, error answers, headers, limits."""

from __future__ import annotations

from fastapi import FastAPI

from web.errors import install_error_handlers
from web.language import language_router
from web.pages import Pages
from web.security import MAX_BODY_BYTES, BodyLimit, SecurityHeaders


def install_kit(
    app: FastAPI,
    pages: Pages,
    *,
    unavailable: tuple[type[Exception], ...] = (),
    max_body: int = MAX_BODY_BYTES,
) -> None:
    """Install what every application with pages needs, once, before it starts.

    `unavailable`: exceptions that mean that the log or a store cannot be reached, answered with 503.
    """
    app.mount(pages.assets.prefix, pages.assets, name="static")
    app.include_router(language_router(secure=pages.sessions.secure))
    app.add_middleware(BodyLimit, limit=max_body)
    install_error_handlers(app, pages, unavailable)
    app.add_middleware(SecurityHeaders, https=pages.sessions.secure)
