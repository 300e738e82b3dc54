"""An application that does nothing but use the kit: for its tests, and to look at it.

`python -m tests.web.app PORT` serves it on the loopback address; `/style-guide` shows every part.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NamedTuple

import uvicorn
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from contracts.base import Text
from tests.web.styleguide import LABELS, VALUES, guide
from web.actor import Actor
from web.assets import STATIC_DIR, Assets
from web.forms import Form, FormErrors, form_errors, read_form
from web.i18n import LOCALE_DIR, load_translations
from web.identity import Accounts, authenticator
from web.kit import install_kit
from web.notices import Notice
from web.pages import NavItem, Pages, Site
from web.problems import ProblemError
from web.session import Sessions
from web.signin import Limits, SignInHint, default_limits, sign_in_router

HERE = Path(__file__).parent
SECRET = b"a secret for tests, which is not."
PASSWORD = "a demo password"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes quickly; no test depends on its strength."""

PEOPLE = {
    "act_clerk0001": Actor("act_clerk0001", "示例受理员甲", frozenset({"clerk"})),
    "act_audit0001": Actor("act_audit0001", "示例审计员乙", frozenset({"auditor"})),
    "act_super0001": Actor("act_super0001", "示例负责人丙", frozenset({"supervisor", "handler"})),
}
SIGN_INS = {"clerk": "act_clerk0001", "auditor": "act_audit0001", "supervisor": "act_super0001"}
NAV = (
    NavItem("Style guide", "/style-guide"),
    NavItem("Clerks only", "/clerks", frozenset({"clerk"})),
    NavItem("Audit", "/audit", frozenset({"auditor"})),
)


class LogIsDownError(Exception):
    """Stands for what a log raises that cannot be reached."""


class Told(BaseModel):
    """What the test form asks for."""

    story: Text
    count: int


class Parts(NamedTuple):
    """The pieces of a kit under test."""

    app: FastAPI
    pages: Pages
    counts: "Counts"


@dataclass(slots=True)
class Counts:
    """What the application counted: posts taken in, and changes announced on the stream."""

    posts: int = 0
    version: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self) -> None:
        """Announce a change to everyone who listens."""
        self.version += 1
        self.changed.set()
        self.changed = asyncio.Event()


def make(
    folder: Path,
    *,
    secure: bool = False,
    limits: Limits | None = None,
    hints: Sequence[SignInHint] = (),
    sessions: Sessions | None = None,
) -> Parts:
    """The application, with accounts in a file in this folder, each with PASSWORD."""
    accounts = Accounts(folder / "accounts.sqlite", QUICK)
    for name, actor in SIGN_INS.items():
        accounts.add(name, actor, PASSWORD)

    async def directory(actor: str) -> Actor | None:
        return PEOPLE.get(actor)

    pages = Pages(
        [HERE / "templates"],
        load_translations(LOCALE_DIR),
        sessions or Sessions(SECRET, secure=secure),
        Assets(STATIC_DIR),
        directory,
        Site(version="0.0.0", nav=NAV, demo=True),
    )
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    counts = Counts()
    install_kit(app, pages, unavailable=(LogIsDownError,))
    app.include_router(
        sign_in_router(
            pages, authenticator(accounts, directory), limits=limits or default_limits(), hints=hints
        )
    )
    _add_pages(app, pages)
    _add_failures(app, pages)
    _add_live(app, pages, counts)
    return Parts(app, pages, counts)


def _add_pages(app: FastAPI, pages: Pages) -> None:
    @app.get("/")
    async def first(request: Request) -> Response:
        return await pages.render(request, "plain.html", text="first")

    @app.get("/style-guide")
    async def style_guide(request: Request, errors: Annotated[int, Query()] = 1) -> Response:
        return await pages.render(
            request, "style-guide.html", **guide(pages, request, with_errors=bool(errors))
        )

    @app.get("/clerks")
    async def clerks(request: Request, actor: Annotated[Actor, Depends(pages.require("clerk"))]) -> Response:
        return await pages.render(request, "plain.html", text=actor.id)

    @app.get("/form")
    async def show(request: Request) -> Response:
        return await pages.render(request, "form.html", form=Form(LABELS, VALUES))

    @app.post("/form", dependencies=[Depends(pages.check_csrf)])
    async def send(request: Request) -> Response:
        sent = await read_form(request)
        try:
            told = Told.model_validate(sent.filled)
        except ValidationError as error:
            form = Form(LABELS, sent.values, form_errors(error, pages.gettext(request)))
            return await pages.render(request, "form.html", status=422, form=form)
        notice = Notice(kind="accepted", text=f"taken: {told.count}")
        return pages.redirect("/form", notice)

    @app.get("/form-errors")
    async def with_errors(request: Request) -> Response:
        form = Form(LABELS, {"story": "<b>"}, FormErrors({"story": ("Too long.",), "": ("In all.",)}))
        return await pages.render(request, "form.html", status=422, form=form)


def _add_failures(app: FastAPI, pages: Pages) -> None:
    @app.get("/fails/{status}")
    async def fails(status: int) -> Response:
        raise ProblemError(status)

    @app.get("/crash")
    async def crash() -> Response:
        raise RuntimeError("a telephone number: 000-0000")

    @app.get("/down")
    async def down() -> Response:
        raise LogIsDownError

    @app.get("/typed")
    async def typed(number: int) -> Response:
        return JSONResponse({"number": number})

    @app.post("/json")
    async def json(told: Told) -> Response:
        return JSONResponse({"count": told.count})

    @app.post("/guarded", dependencies=[Depends(pages.check_csrf)])
    async def guarded() -> Response:
        return JSONResponse({"ok": True})


def _add_live(app: FastAPI, pages: Pages, counts: Counts) -> None:
    @app.get("/live")
    async def live(request: Request) -> Response:
        return await pages.render(request, "live.html", version=counts.version)

    @app.get("/live/part")
    async def part(request: Request) -> Response:
        return await pages.render(request, "live-part.html", version=counts.version)

    @app.get("/live/stream", response_class=EventSourceResponse)
    async def stream() -> AsyncIterator[ServerSentEvent]:
        seen = -1
        while True:
            changed = counts.changed
            if seen != counts.version:
                seen = counts.version
                yield ServerSentEvent(raw_data=str(seen))
            await changed.wait()

    @app.post("/live/change")
    async def change() -> Response:
        counts.change()
        return JSONResponse({"version": counts.version})

    @app.post("/slow", dependencies=[Depends(pages.check_csrf)])
    async def slow(request: Request) -> Response:
        counts.posts += 1
        await asyncio.sleep(0.2)
        return await pages.render(request, "plain.html", text=f"posts: {counts.posts}")


def serve(port: int) -> None:
    """Serve the application on the loopback address until it is told to stop."""
    hints = [SignInHint(name, PASSWORD, name) for name in SIGN_INS]
    with tempfile.TemporaryDirectory() as folder:
        uvicorn.run(make(Path(folder), hints=hints).app, port=port, log_level="warning")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
