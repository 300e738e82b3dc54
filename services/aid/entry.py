"""The form that applies for aid, and the slip with the number by which the request is followed."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.submit import Receipt
from services.aid.desk import FAMILY, AidDesk, Wish, may, programmes_at
from services.aid.listing import READERS
from services.aid.views import Related, Requests
from services.attempts import Attempt
from web import entries
from web.actor import Actor
from web.case_forms import request_words as words
from web.forms import Form, FormErrors, Submitted, new_form_key, read_form
from web.i18n import N_
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "programme": N_("Programme"),
    "origin": N_("Who applies"),
    "name": N_("Name of who is to be helped"),
    "telephone": N_("Telephone"),
    "proxy_name": N_("Name of who applies for them"),
    "proxy_telephone": N_("Telephone of who applies"),
    "zone": N_("Zone"),
    "household": N_("Number of the household"),
    "persons": N_("Persons to be helped"),
    "asked": N_("Sum asked for, in yuan"),
    "cost": N_("Cost, in yuan"),
    "story": N_("What is needed, and why"),
}
_PLAIN = (
    "programme",
    "origin",
    "name",
    "telephone",
    "proxy_name",
    "proxy_telephone",
    "zone",
    "household",
    "story",
)


class EntryPages:
    """`/aid/new`, and `/aid/{id}/slip`."""

    def __init__(self, pages: Pages, desk: AidDesk, requests: Requests, decisions: Decisions) -> None:
        self._pages = pages
        self._desk = desk
        self._requests = requests
        self._decisions = decisions

    def router(self) -> APIRouter:
        """The form and what it sends; before the router of one request."""
        router = APIRouter(prefix="/aid", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("/new")
        async def form(
            request: Request, actor: reader, unit: str = "", grown_from: str = "", household: str = ""
        ) -> Response:
            place, _ = await self._place(actor, unit, grown_from)
            values = {"unit": place, "grown_from": grown_from, "household": household, "persons": "1"}
            return await self._form(request, actor, Form(LABELS, values))

        @router.post("/new", dependencies=[Depends(self._pages.check_csrf)])
        async def apply(request: Request, actor: reader) -> Response:
            return await self._apply(request, actor)

        @router.get("/{aid}/slip")
        async def slip(request: Request, actor: reader, aid: str) -> Response:
            return await self._slip(request, actor, aid)

        return router

    async def _place(self, actor: Actor, unit: str, origin: str) -> tuple[str, Related | None]:
        """The community that the form is of, and what the request grows from. Raises ProblemError."""
        register = await self._desk.register()
        places = self._places(register, actor)
        place = unit or (places[0][0] if places else "")
        if place not in dict(places):
            raise ProblemError(403)
        related = await self._requests.related(origin, place) if origin else None
        if origin and related is None:
            raise ProblemError(404, REASONS["not_found"])
        return place, related

    def _places(self, register: Register, actor: Actor) -> list[tuple[str, str]]:
        now = self._desk.now()
        return [
            (unit.unit, unit.name)
            for unit in register.units(now)
            if unit.tier == "community" and may(register, actor.id, unit.unit, "apply", now)
        ]

    async def _apply(self, request: Request, actor: Actor) -> Response:
        sent, gettext = await read_form(request), self._pages.gettext(request)
        place, _ = await self._place(actor, sent.get("unit"), sent.get("grown_from"))
        body, errors = self._entered(request, sent)
        key = sent.get("form_key") or new_form_key()
        attempt = Attempt(FAMILY, "apply", body, errors, key, LABELS, "story")

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.apply(Wish(actor.id, place, "apply", body, key))

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(f"/aid/{made.receipt.subject}/slip", notice_of(made.verdict, gettext))
        form = Form(LABELS, {**sent.values, "form_key": made.key}, made.errors)
        return await self._form(request, actor, form, made.status)

    def _entered(self, request: Request, sent: Submitted) -> tuple[dict[str, Any], FormErrors]:
        """The body as entered, with what only this form can tell to be wrong."""
        gettext, errors = self._pages.gettext(request), FormErrors()
        body: dict[str, Any] = {name: sent.filled[name] for name in _PLAIN if name in sent.filled}
        if sent.get("grown_from"):
            body["grown_from"] = sent.get("grown_from")
        for name, read in (("asked", entries.fen), ("cost", entries.fen), ("persons", entries.count)):
            if name in sent.filled:
                try:
                    body[name] = read(sent.filled[name])
                except ValueError as error:
                    errors = errors.plus(name, gettext(str(error)))
        if "name" not in body:
            missing = REASONS["applicant_missing"]
            errors = errors.plus("name", gettext(missing))
        if body.get("origin") == "proxy" and "proxy_name" not in body:
            missing = REASONS["proxy_missing"]
            errors = errors.plus("proxy_name", gettext(missing))
        return body, errors

    async def _form(self, request: Request, actor: Actor, form: Form, status: int = 200) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        unit = str(form.value("unit"))
        _, related = await self._place(actor, unit, str(form.value("grown_from")))
        return await self._pages.render(
            request,
            "aid/new.html",
            status=status,
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            places=self._places(register, actor),
            zones=[(zone.zone, zone.name) for zone in register.zones(unit, now)],
            programmes=programmes_at(register, unit, now),
            words=words,
            related=related,
        )

    async def _slip(self, request: Request, actor: Actor, aid: str) -> Response:
        """Shown to who recorded the application, and to nobody who comes to decide on it."""
        item = await self._requests.find(aid)
        if item is None:
            # It is recorded and not decided yet, or was refused: the list tells.
            return self._pages.redirect("/aid")
        recorded = await self._requests.recorded_by(item)
        if recorded is None or recorded[0] != actor.id:
            return self._pages.redirect(f"/aid/{aid}")
        register = await self._desk.register()
        unit, programme = register.unit(item.unit), register.programme(item.programme)
        return await self._pages.render(
            request,
            "aid/slip.html",
            item=item,
            unit_name=unit.name if unit else item.unit,
            programme=programme,
            number=self._desk.tracking_number(recorded[1]),
        )
