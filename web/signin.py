"""The sign-in page: who may come in, and how often one may try."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from web.forms import Form, FormErrors, Submitted, read_form
from web.i18n import N_
from web.identity import MAX_NAME, MAX_PASSWORD, Authenticate, fold
from web.links import local_path
from web.pages import Pages
from web.throttle import Rate, TokenBuckets

LABELS = {"name": N_("Sign-in name"), "password": N_("Password")}
NAME_RATE = Rate(burst=8, seconds=30.0)
CLIENT_RATE = Rate(burst=30, seconds=10.0)


class SignInHint(NamedTuple):
    """A demo account to show on the page: sign-in name, password, and the id of its role."""

    name: str
    password: str
    role: str


class Limits(NamedTuple):
    """How often a sign-in may fail, by sign-in name and by client address."""

    by_name: TokenBuckets
    by_client: TokenBuckets

    def take(self, name: str, client: str) -> float:
        """Count one try; return 0, or where one of the two is used up the seconds until the next try."""
        pause = max(self.by_name.wait(name), self.by_client.wait(client))
        if pause == 0:
            self.by_name.take(name)
            self.by_client.take(client)
        return pause

    def give_back(self, name: str, client: str) -> None:
        """Uncount a try that succeeded."""
        self.by_name.give_back(name)
        self.by_client.give_back(client)


def default_limits() -> Limits:
    """Eight failures at once for a name, thirty for a client address; then one every 30 and 10 seconds."""
    return Limits(TokenBuckets(NAME_RATE), TokenBuckets(CLIENT_RATE))


def sign_in_router(
    pages: Pages,
    authenticate: Authenticate,
    *,
    limits: Limits | None = None,
    hints: Sequence[SignInHint] = (),
    client: Callable[[Request], str] = lambda request: request.client.host if request.client else "",
) -> APIRouter:
    """`GET` and `POST /sign-in`, `POST /sign-out`. `client` tells where a request comes from."""
    router = APIRouter(include_in_schema=False)
    desk = _Desk(pages, authenticate, limits or default_limits(), tuple(hints), client)
    router.add_api_route("/sign-in", desk.show, methods=["GET"], response_model=None)
    router.add_api_route("/sign-in", desk.sign_in, methods=["POST"], response_model=None)
    router.add_api_route(
        "/sign-out",
        desk.sign_out,
        methods=["POST"],
        response_model=None,
        dependencies=[Depends(pages.check_csrf)],
    )
    return router


@dataclass(frozen=True, slots=True)
class _Desk:
    pages: Pages
    authenticate: Authenticate
    limits: Limits
    hints: tuple[SignInHint, ...]
    client: Callable[[Request], str]

    async def show(self, request: Request) -> Response:
        onward = local_path(request.query_params.get("next"))
        if await self.pages.actor(request) is not None:
            return self.pages.redirect(onward)
        return await self._page(request, Form(LABELS), onward)

    async def sign_in(self, request: Request) -> Response:
        sent = await read_form(request)
        onward = local_path(sent.get("next"))
        if await self.pages.actor(request) is not None:
            return self.pages.redirect(onward)
        await self.pages.check_csrf(request)
        blank = self._blank(request, sent)
        if blank:
            return await self._again(request, sent, blank)
        name, client = fold(sent.get("name")), self.client(request)
        pause = self.limits.take(name, client)
        if pause > 0:
            return await self._too_often(request, sent, pause)
        actor = await self._check(sent)
        if actor is None:
            return await self._again(request, sent, FormErrors({"": (self._mismatch(request),)}))
        self.limits.give_back(name, client)
        response = self.pages.redirect(onward)
        self.pages.sessions.open(response, actor)
        return response

    async def sign_out(self) -> RedirectResponse:
        response = self.pages.redirect("/sign-in")
        self.pages.sessions.close(response)
        # So that going back at a shared desk shows nothing of what was open.
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def _check(self, sent: Submitted) -> str | None:
        name, password = sent.get("name"), sent.get("password")
        if len(name) > MAX_NAME or len(password) > MAX_PASSWORD:
            name, password = "", ""
        actor = await self.authenticate(name, password)
        return actor.id if actor is not None else None

    def _mismatch(self, request: Request) -> str:
        gettext = self.pages.gettext(request)
        return gettext(
            "Sign-in name and password do not match. Check both; mind capital letters in the password."
        )

    def _blank(self, request: Request, sent: Submitted) -> FormErrors:
        gettext = self.pages.gettext(request)
        sentence = gettext("Fill in this field.")
        return FormErrors({name: (sentence,) for name in LABELS if not sent.get(name).strip()})

    async def _again(self, request: Request, sent: Submitted, errors: FormErrors) -> Response:
        form = Form(LABELS, {"name": sent.get("name")[:MAX_NAME]}, errors)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await self._page(request, form, local_path(sent.get("next")), status=status)

    async def _too_often(self, request: Request, sent: Submitted, pause: float) -> Response:
        seconds = math.ceil(pause)
        ngettext = self.pages.ngettext(request)
        sentence = ngettext(
            "Too many failed attempts. Wait %(num)s second, then try again.",
            "Too many failed attempts. Wait %(num)s seconds, then try again.",
            seconds,
        ) % {"num": seconds}
        form = Form(LABELS, {"name": sent.get("name")[:MAX_NAME]}, FormErrors({"": (sentence,)}))
        return await self._page(
            request,
            form,
            local_path(sent.get("next")),
            status=HTTPStatus.TOO_MANY_REQUESTS,
            headers={"Retry-After": str(seconds)},
        )

    async def _page(
        self,
        request: Request,
        form: Form,
        onward: str,
        *,
        status: int = HTTPStatus.OK,
        headers: dict[str, str] | None = None,
    ) -> Response:
        return await self.pages.render(
            request,
            "sign-in.html",
            status=status,
            headers=headers,
            form=form,
            onward=onward,
            hints=self.hints,
        )
