"""The form that starts a mediation: on an application, unasked, or from a grievance."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.mediation import stream_of_grievance
from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.submit import Receipt
from services.attempts import Attempt
from services.mediation.desk import FAMILY, MediationDesk, may
from services.mediation.listing import READERS
from services.mediation.naming import NOT_STAFF, SAME_NAME, plain_name, staff_named
from services.mediation.telling import NameOf
from services.mediation.views import Mediations
from web import entries
from web.actor import Actor
from web.case_forms import mediation_words as words
from web.forms import Form, FormErrors, Submitted, new_form_key, read_form
from web.i18n import N_
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "origin": N_("How it begins"),
    "dispute": N_("Kind of dispute"),
    "zone": N_("Zone"),
    "amount": N_("Sum in dispute, in yuan"),
    "story": N_("What the dispute is about"),
    "kind_a": N_("Party A is"),
    "name_a": N_("Name of party A"),
    "telephone_a": N_("Telephone of party A"),
    "staff_a": N_("Member of staff that party A is"),
    "kind_b": N_("Party B is"),
    "name_b": N_("Name of party B"),
    "telephone_b": N_("Telephone of party B"),
    "staff_b": N_("Member of staff that party B is"),
}


class EntryPages:
    """`/mediations/new`."""

    def __init__(
        self,
        pages: Pages,
        desk: MediationDesk,
        mediations: Mediations,
        decisions: Decisions,
        name_of: NameOf,
    ) -> None:
        self._pages = pages
        self._desk = desk
        self._mediations = mediations
        self._decisions = decisions
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The form; before the router of one mediation."""
        router = APIRouter(prefix="/mediations", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("/new")
        async def form(request: Request, actor: reader, unit: str = "", grievance: str = "") -> Response:
            place = await self._place(actor, unit, grievance)
            begun = await self._begun(place, grievance)
            if begun is not None:
                return self._pages.redirect(f"/mediations/{begun}")
            values = {"unit": place, "grievance": grievance, "kind_a": "person", "kind_b": "person"}
            return await self._form(request, actor, Form(LABELS, values))

        @router.post("/new", dependencies=[Depends(self._pages.check_csrf)])
        async def start(request: Request, actor: reader) -> Response:
            return await self._start(request, actor)

        return router

    async def _place(self, actor: Actor, unit: str, grievance: str) -> str:
        """The community that the form is of. Raises ProblemError where there is none, or no such grievance."""
        register = await self._desk.register()
        places = self._places(register, actor)
        place = unit or (places[0][0] if places else "")
        if place not in dict(places):
            raise ProblemError(403)
        if grievance and not await self._mediations.has_grievance(place, grievance):
            raise ProblemError(404, REASONS["not_found"])
        return place

    async def _begun(self, unit: str, grievance: str) -> str | None:
        """The mediation that this grievance has led to already."""
        if not grievance:
            return None
        stream = stream_of_grievance(unit, grievance)
        return stream if await self._mediations.find(stream) is not None else None

    def _places(self, register: Register, actor: Actor) -> list[tuple[str, str]]:
        now = self._desk.now()
        return [
            (unit.unit, unit.name)
            for unit in register.units(now)
            if unit.tier == "community" and may(register, actor.id, unit.unit, "start", now)
        ]

    async def _start(self, request: Request, actor: Actor) -> Response:
        sent, gettext = await read_form(request), self._pages.gettext(request)
        grievance = sent.get("grievance")
        place = await self._place(actor, sent.get("unit"), grievance)
        begun = await self._begun(place, grievance)
        if begun is not None:
            return self._pages.redirect(f"/mediations/{begun}")
        body, errors = await self._entered(request, sent, grievance)
        key = sent.get("form_key") or new_form_key()
        attempt = Attempt(FAMILY, "start", body, errors, key, LABELS, "story")

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.start(actor.id, place, body, key)

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(
                f"/mediations/{made.receipt.subject}", notice_of(made.verdict, gettext)
            )
        form = Form(LABELS, {**sent.values, "form_key": made.key}, made.errors)
        return await self._form(request, actor, form, made.status)

    async def _entered(
        self, request: Request, sent: Submitted, grievance: str
    ) -> tuple[dict[str, Any], FormErrors]:
        """The body as entered, with what only this form can tell to be wrong."""
        gettext, errors = self._pages.gettext(request), FormErrors()
        names = [name for name in LABELS if name not in ("unit", "amount", "staff_a", "staff_b")]
        body: dict[str, Any] = {name: sent.filled[name] for name in names if name in sent.filled}
        if grievance:
            body |= {"origin": "grievance", "grievance": grievance}
        if "amount" in sent.filled:
            try:
                body["amount"] = entries.fen(sent.filled["amount"])
            except ValueError as error:
                errors = errors.plus("amount", gettext(str(error)))
        register = await self._desk.register()
        known = staff_named(register, self._name_of, self._desk.now())
        for side in ("a", "b"):
            told = sent.get(f"staff_{side}")
            if told and told != NOT_STAFF:
                body[f"staff_{side}"] = told
            elif not told and plain_name(body.get(f"name_{side}", "")) in known:
                errors = errors.plus(f"staff_{side}", gettext(SAME_NAME))
            if f"name_{side}" not in body:
                missing = REASONS["party_missing"]
                errors = errors.plus(f"name_{side}", gettext(missing))
        alike = plain_name(body.get("name_a", "")) == plain_name(body.get("name_b", "-"))
        if alike and body.get("telephone_a") == body.get("telephone_b"):
            both = REASONS["on_both_sides"]
            errors = errors.plus("name_b", gettext(both))
        return body, errors

    async def _form(self, request: Request, actor: Actor, form: Form, status: int = 200) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        unit = str(form.value("unit"))
        staff = dict.fromkeys(
            one.person
            for one in register.appointments(now)
            if one.role != "clock" and register.serves(one.person, unit, now)
        )
        return await self._pages.render(
            request,
            "mediation/new.html",
            status=status,
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            places=self._places(register, actor),
            zones=[(zone.zone, zone.name) for zone in register.zones(unit, now)],
            staff=[(one, self._name_of(register, one)) for one in staff],
            words=words,
            not_staff=NOT_STAFF,
            grievance=form.value("grievance"),
        )
