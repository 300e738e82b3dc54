"""A visitor of the test application: an HTTP client that behaves as a browser does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from tests.web.app import PASSWORD

PAGE = {"Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"}
PROGRAM = {"Accept": "application/json"}
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Visitor(httpx.AsyncClient):
    """Keeps cookies, asks for pages, and fills in the CSRF token that a page shows."""

    async def token(self, path: str) -> str:
        """The CSRF token of the last form on a page."""
        found = _TOKEN.findall((await self.get(path)).text)
        assert found, f"no form on {path}"
        return str(found[-1])

    async def fill(self, path: str, fields: dict[str, str], form: str | None = None) -> httpx.Response:
        """Send a form's fields with the token that the form's page shows."""
        return await self.post(path, data={**fields, "csrf": await self.token(form or path)})

    async def sign_in(self, name: str, password: str = PASSWORD, onward: str = "/") -> httpx.Response:
        """Fill in the sign-in form and send it."""
        return await self.fill("/sign-in", {"name": name, "password": password, "next": onward})


@asynccontextmanager
async def visiting(
    app: FastAPI, base: str = "http://kit.test", address: str = "192.0.2.1"
) -> AsyncIterator[Visitor]:
    """A visitor from this address, whose browser prefers English."""
    transport = httpx.ASGITransport(app, client=(address, 40000))
    headers = {**PAGE, "Accept-Language": "en"}
    async with Visitor(transport=transport, base_url=base, headers=headers) as visitor:
        yield visitor
