"""The residents' own form: a grievance is lodged without an account, from the web or from a zone's poster.

Intake vouches that it came through this form, never for who filled it in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.grievance import RESIDENT
from contracts.lineage import is_gone, stands_as
from contracts.reference import Register
from runtime.submit import Receipt
from services.intake.api import verdict_sentence
from services.intake.desk import LODGE, Desk, Wish
from services.intake.notices import FAILURES, VERDICT_SECONDS, Shortfall, new_form_key, shortfall
from services.intake.promises import FAMILY, Issuer, standing
from web.forms import Form, FormErrors, Submitted, read_form
from web.i18n import N_
from web.pages import Pages
from web.problems import RETRY_LATER, ProblemError
from web.throttle import Rate, TokenBuckets

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "zone": N_("Zone"),
    "title": N_("Subject"),
    "story": N_("What it is about"),
    "anonymous": N_("Anonymous"),
    "reporter_name": N_("Name"),
    "telephone": N_("Telephone"),
    "address": N_("Address"),
}
RATE = Rate(burst=12, seconds=60.0)
"""Grievances recorded for one client address: a building's residents may share one."""

FROM_POSTER = "poster"
_FORM_HEADERS: Mapping[int, Mapping[str, str]] = {
    # Going back shows the same form with the same key, so that sending it again records nothing twice.
    HTTPStatus.OK: {"Cache-Control": "private, no-cache"},
    HTTPStatus.SERVICE_UNAVAILABLE: RETRY_LATER,
}


class Place(NamedTuple):
    """Where somebody lodges: the community, and the zone that a poster names. `old`: it names none that stands."""

    unit: str
    zone: str = ""
    by: str = ""
    old: bool = False


class PublicForm:
    """`/lodge`: which community, the form, and the receipt."""

    def __init__(
        self,
        pages: Pages,
        desk: Desk,
        issuer: Issuer,
        *,
        tries: TokenBuckets | None = None,
        client: Callable[[Request], str] = lambda request: request.client.host if request.client else "",
    ) -> None:
        """`client` tells where a request comes from; it is kept in memory for as long as tries count."""
        self._pages = pages
        self._desk = desk
        self._issuer = issuer
        self._tries = tries or TokenBuckets(RATE)
        self._client = client

    def router(self) -> APIRouter:
        """All paths under `/lodge`."""
        router = APIRouter(prefix="/lodge", include_in_schema=False)

        @router.get("")
        async def new(request: Request, unit: str = "", zone: str = "", by: str = "") -> Response:
            register = await self._desk.register()
            place = place_of(register, unit, zone, by, self._desk.now())
            if not place.unit:
                found = [(one, name, _path(one)) for one, name in communities(register, self._desk.now())]
                return await self._pages.render(request, "intake/communities.html", communities=found)
            values = {"unit": place.unit, "zone": place.zone}
            return await self._form(request, place, Form(LABELS, values), new_form_key())

        @router.get("/receipt")
        async def again() -> Response:
            return self._pages.redirect("/lodge")

        @router.post("/receipt", dependencies=[Depends(self._pages.check_csrf)])
        async def lodge(request: Request) -> Response:
            return await self._lodge(request)

        return router

    async def _lodge(self, request: Request) -> Response:
        sent, gettext = await read_form(request), self._pages.gettext(request)
        key = sent.get("form_key") or new_form_key()
        client = self._client(request)
        if pause := math.ceil(self._tries.wait(client)):
            return await self._slowed(request, sent, key, pause)
        wish = Wish(RESIDENT, sent.get("unit").strip(), LODGE, body_of(sent), key)
        self._tries.take(client)
        try:
            receipt = await self._desk.say(wish)
        except FAILURES as error:
            self._tries.give_back(client)
            found = shortfall(error, gettext)
            return await self._back(request, sent, new_form_key() if found.is_other else key, found)
        return await self._taken(request, receipt)

    async def _slowed(self, request: Request, sent: Submitted, key: str, pause: int) -> Response:
        sentence = self._pages.ngettext(request)(
            "Much was recorded from here just now. Nothing is lost: wait %(num)s second, then send this again.",
            "Much was recorded from here just now. Nothing is lost: wait %(num)s seconds, then send this again.",
            pause,
        ) % {"num": pause}
        found = Shortfall(FormErrors({"": (sentence,)}), HTTPStatus.TOO_MANY_REQUESTS)
        return await self._back(request, sent, key, found, {"Retry-After": str(pause)})

    async def _back(
        self,
        request: Request,
        sent: Submitted,
        key: str,
        found: Shortfall,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The form again, with everything that was entered."""
        unit, by = sent.get("unit").strip(), sent.get("by")
        if unit not in dict(communities(await self._desk.register(), self._desk.now())):
            raise ProblemError(404, N_("This community is not in the register. Choose one that is."))
        form = Form(LABELS, sent.values, found.errors)
        return await self._form(request, Place(unit, by=by), form, key, found.status, headers)

    async def _form(
        self,
        request: Request,
        place: Place,
        form: Form,
        key: str,
        status: int = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        unit = register.unit(place.unit, now)
        return await self._pages.render(
            request,
            "intake/public-form.html",
            status=status,
            headers=headers or _FORM_HEADERS.get(status),
            form=form,
            form_key=key,
            place=place,
            unit_name=unit.name if unit else place.unit,
            zones=zones_of(register, place.unit, now),
            others=len(communities(register, now)) > 1,
        )

    async def _taken(self, request: Request, receipt: Receipt) -> Response:
        """What was recorded, with its receipt: on this answer alone, as its number belongs in no address."""
        verdict = await self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)
        issued = await self._issuer.issue(receipt.partition, receipt.offset)
        if issued is None:
            raise ProblemError(503)
        register = await self._desk.register()
        unit = register.unit(issued.submission.unit)
        return await self._pages.render(
            request,
            "intake/lodged.html",
            issued=issued,
            verdict=verdict,
            reason=verdict_sentence(verdict, self._pages.gettext(request)) if verdict else None,
            unit=issued.submission.unit,
            unit_name=unit.name if unit else issued.submission.unit,
            number=self._desk.tracking_number(receipt.submission_id),
            standing=standing(issued, self._desk.now(), has_tree=self._issuer.has_tree),
        )


def body_of(sent: Submitted) -> dict[str, Any]:
    """What the form says, as a command's body."""
    body: dict[str, Any] = {name: text for name, text in sent.filled.items() if name in LABELS}
    body.pop("unit", None)
    if body.pop("anonymous", None) is not None:
        body["anonymous"] = True
    body["channel"] = FROM_POSTER if sent.get("by") == FROM_POSTER else "web"
    return body


def communities(register: Register, now: int) -> list[tuple[str, str]]:
    """The communities that stand, by id and name, in the order of entry."""
    return [
        (unit.unit, unit.name)
        for unit in register.units(now)
        if unit.tier == "community" and not is_gone(register, unit.unit, now)
    ]


def zones_of(register: Register, unit: str, now: int) -> list[tuple[str, str]]:
    """The zones of a community that stand, by id and name."""
    return [
        (zone.zone, zone.name)
        for zone in register.zones(unit, now)
        if register.said(now, "zone-succession", unit, zone.zone) is None
    ]


def place_of(register: Register, unit: str, zone: str, by: str, now: int) -> Place:
    """Where an address leads: a poster stays good when its zone or community was merged into another."""
    standing = dict(communities(register, now))
    if not unit:
        return Place(next(iter(standing)) if len(standing) == 1 else "", by=by)
    there, part = stands_as(register, unit, zone or None, now)
    if there not in standing:
        return Place("", old=True)
    known = part is not None and part in dict(zones_of(register, there, now))
    return Place(there, part or "" if known else "", by, old=bool(zone) and not known)


def _path(unit: str) -> str:
    return f"/lodge?{urlencode({'unit': unit})}"
