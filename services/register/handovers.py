"""Handing over all open work of a role in a unit: signed by who gives it, then by who takes it."""

import hashlib
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple, Protocol

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import Role
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.register import HandoverOfferedV1
from ledger.log import LogError
from ledger.subject_keys import VaultError
from runtime.submit import OtherBodyError
from services.register.office import Office
from web.actor import Actor
from web.forms import Form, FormErrors, Submitted, new_form_key, read_form
from web.i18n import N_
from web.notices import Notice
from web.pages import Pages
from web.problems import RETRY_LATER, status_text

ROLE: Role = "handler"
"""Cases are assigned to handlers: theirs is the work that can be handed over."""

LABELS = {"taker": N_("Who takes it over")}
OFFERED = N_("Signed over. It is theirs once they have signed, too; until then it is yours.")
TAKEN = N_("Signed. These cases are yours now.")
CHOOSE = N_("Choose a handler of this unit.")
NOT_OFFERED = REASONS["no_handover"]
VERDICT_SECONDS = 5.0


class OpenWork(Protocol):
    """The cases that people handle; the composition root supplies it. Raises LogError, VaultError."""

    async def of(self, person: str, unit: str) -> Sequence[str]:
        """The ids of the open cases of a unit that are assigned to this person."""
        ...

    async def assign(self, case: str, unit: str, taker: str) -> None:
        """Assign a case to whoever took it over, as they say themselves."""
        ...


class Given(NamedTuple):
    """Open work that waits for its taker: for their signature, or (`signed`) to be assigned to them."""

    giver: str
    unit: str
    cases: int
    signed: bool


class Mine(NamedTuple):
    """Open work of a unit that can be handed over, to whom, and to whom it is offered already."""

    unit: str
    name: str
    cases: int
    takers: list[tuple[str, str]]
    offered_to: str | None
    form: Form
    form_key: str


class HandoverPages:
    """`/handovers`, for handlers."""

    def __init__(
        self, pages: Pages, office: Office, work: OpenWork, name_of: Callable[[Register, str], str]
    ) -> None:
        self._pages = pages
        self._office = office
        self._work = work
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The page and its two signatures."""
        router = APIRouter(prefix="/handovers", include_in_schema=False)
        handlers, checked = self._pages.require(ROLE), Depends(self._pages.check_csrf)

        @router.get("")
        async def page(request: Request, actor: Annotated[Actor, Depends(handlers)]) -> Response:
            return await self._page(request, actor)

        @router.post("/offer", dependencies=[checked])
        async def offer(request: Request, actor: Annotated[Actor, Depends(handlers)]) -> Response:
            return await self._offer(request, actor, await read_form(request))

        @router.post("/take", dependencies=[checked])
        async def take(request: Request, actor: Annotated[Actor, Depends(handlers)]) -> Response:
            return await self._take(request, actor, await read_form(request))

        return router

    async def _offer(self, request: Request, actor: Actor, sent: Submitted) -> Response:
        register, gettext = await self._office.register(), self._pages.gettext(request)
        unit, taker = sent.get("unit"), sent.get("taker")
        if taker not in dict(self._takers(register, unit, actor.id)):
            return await self._page(request, actor, (unit, sent, FormErrors({"taker": (gettext(CHOOSE),)})))
        cases = sorted(await self._work.of(actor.id, unit))
        body = {
            "taker": taker,
            "role": ROLE,
            "unit": unit,
            "open_work": len(cases),
            "digest": hashlib.sha256("\n".join(cases).encode()).hexdigest(),
        }
        errors, status = await self._sign(request, actor, "offer_handover", body, sent.get("form_key"))
        if errors:
            return await self._page(request, actor, (unit, sent, errors), status)
        return self._pages.redirect("/handovers", Notice(kind="accepted", text=gettext(OFFERED)))

    async def _take(self, request: Request, actor: Actor, sent: Submitted) -> Response:
        """Sign what was offered, then assign what the giver has open; cut off in between, it is shown again."""
        register, gettext = await self._office.register(), self._pages.gettext(request)
        giver, unit = sent.get("giver"), sent.get("unit")
        offer = register.handover(giver, ROLE, unit)
        if isinstance(offer, HandoverOfferedV1):
            body = {"giver": giver, "role": ROLE, "unit": unit, "digest": offer.digest}
            key = f"accept/{giver}/{unit}/{offer.digest}"
            errors, status = await self._sign(request, actor, "accept_handover", body, key)
            if errors:
                return await self._page(request, actor, (unit, sent, errors), status)
        elif offer is None or offer.taker != actor.id:
            errors = FormErrors({"": (gettext(NOT_OFFERED),)})
            return await self._page(request, actor, (unit, sent, errors), HTTPStatus.CONFLICT)
        try:
            for case in await self._work.of(giver, unit):
                await self._work.assign(case, unit, actor.id)
        except (LogError, VaultError):
            errors = FormErrors({"": (gettext(status_text(503).detail),)})
            return await self._page(request, actor, (unit, sent, errors), 503)
        return self._pages.redirect("/handovers", Notice(kind="accepted", text=gettext(TAKEN)))

    async def _sign(
        self, request: Request, actor: Actor, command: str, body: dict[str, Any], key: str
    ) -> tuple[FormErrors, int]:
        """Submit a signature; what is wrong with it, and the status to answer."""
        gettext = self._pages.gettext(request)
        try:
            receipt = await self._office.sign(actor.id, ROLE, command, body, key or new_form_key())
        except (ValidationError, OtherBodyError):
            return FormErrors({"": (gettext(status_text(422).detail),)}), 422
        except (LogError, VaultError):
            return FormErrors({"": (gettext(status_text(503).detail),)}), 503
        verdict = await self._office.decisions.wait("register", 0, receipt.offset, VERDICT_SECONDS)
        if verdict is None or verdict.outcome != "refused":
            return FormErrors(), 200
        return FormErrors({"": (gettext(REASONS.get(verdict.reason or "", "")),)}), int(HTTPStatus.CONFLICT)

    def _takers(self, register: Register, unit: str, giver: str) -> list[tuple[str, str]]:
        now = self._office.now()
        held = dict.fromkeys(post.person for post in register.appointments(now) if post.role == ROLE)
        return [
            (person, self._name_of(register, person))
            for person in held
            if person != giver and register.holds(person, ROLE, unit, now)
        ]

    async def _mine(
        self, register: Register, actor: str, unsent: tuple[str, Submitted, FormErrors] | None
    ) -> list[Mine]:
        found, now = [], self._office.now()
        for unit in register.units(now):
            if unit.tier != "community" or not register.holds(actor, ROLE, unit.unit, now):
                continue
            offer = register.handover(actor, ROLE, unit.unit)
            waits = offer.taker if isinstance(offer, HandoverOfferedV1) else None
            back = unsent if unsent and unsent[0] == unit.unit else None
            found.append(
                Mine(
                    unit.unit,
                    unit.name,
                    len(await self._work.of(actor, unit.unit)),
                    self._takers(register, unit.unit, actor),
                    self._name_of(register, waits) if waits else None,
                    Form(
                        LABELS, back[1].values if back else {}, back[2] if back else FormErrors(), unit.unit
                    ),
                    new_form_key(),
                )
            )
        return found

    async def _given(self, register: Register, actor: str) -> list[Given]:
        waiting = [
            Given(one.giver, one.unit, one.open_work, signed=False) for one in register.handovers_to(actor)
        ]
        for one in register.handovers_taken(actor):
            left = len(await self._work.of(one.giver, one.unit))
            waiting += [Given(one.giver, one.unit, left, signed=True)] if left else []
        return waiting

    async def _page(
        self,
        request: Request,
        actor: Actor,
        unsent: tuple[str, Submitted, FormErrors] | None = None,
        status: int = 422,
    ) -> Response:
        register = await self._office.register()
        names = {unit.unit: unit.name for unit in register.units()}
        return await self._pages.render(
            request,
            "register/handovers.html",
            status=status if unsent else 200,
            headers=RETRY_LATER if unsent and status == HTTPStatus.SERVICE_UNAVAILABLE else None,
            given=await self._given(register, actor.id),
            mine=await self._mine(register, actor.id, unsent),
            problem=next(iter(unsent[2].get("", ())), "") if unsent else "",
            names=names,
            name_of=lambda person: self._name_of(register, person),
        )
