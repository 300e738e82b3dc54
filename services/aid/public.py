"""What anybody may see and say without signing in: proposals on public notice, and one's own request by its number.

No name stands on a notice. The number of a request comes in a form and is never part of an address.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.aid_file import Request as State
from contracts.aid_file import evolve
from contracts.catalogue import current_event
from contracts.grievance import RESIDENT
from contracts.reasons import REASONS
from contracts.tracking import as_printed, digest_of
from runtime.submit import Receipt
from services.aid.desk import FAMILY, AidDesk, Wish
from services.aid.listing import zone_name
from services.aid.views import Item, Requests
from services.attempts import Attempt
from web.case_forms import request_words as words
from web.entries import yuan
from web.forms import Form, FormErrors, Submitted, new_form_key, read_form
from web.i18n import N_
from web.notices import Decisions, Notice, notice_of
from web.pages import Pages
from web.problems import ProblemError
from web.throttle import Rate, TokenBuckets

OBJECTION: Mapping[str, str] = {
    "note": N_("What you object, and how you know it"),
    "name": N_("Your name"),
    "telephone": N_("Your telephone"),
}
NUMBER: Mapping[str, str] = {"number": N_("Tracking number")}
SAYING: Mapping[str, str] = {"note": N_("What you want to say")}
MALFORMED = N_("A tracking number has twenty letters and digits, as on the slip. Check what you entered.")
UNKNOWN = N_("No aid request has this number. Compare each group with the slip.")
RATE = Rate(burst=12, seconds=15.0)
"""What may be said, and numbers that lead nowhere, for one client address."""


class Noticed(NamedTuple):
    """A proposal on notice, without a name: what the public may know."""

    aid: str
    number: str
    zone: str
    programme: str
    persons: int
    amount: int
    in_kind: Sequence[tuple[str, int]]
    until: int


class PublicPages:
    """`/aid/notice` and `/aid/track`; before the router of one request."""

    def __init__(
        self,
        pages: Pages,
        desk: AidDesk,
        requests: Requests,
        decisions: Decisions,
        *,
        client: Callable[[Request], str] = lambda request: request.client.host if request.client else "",
    ) -> None:
        """`client` tells where a request comes from; it is kept in memory for as long as tries count."""
        self._pages = pages
        self._desk = desk
        self._requests = requests
        self._decisions = decisions
        self._client = client
        self._tries = TokenBuckets(RATE)

    def router(self) -> APIRouter:
        """The pages, and what their forms send."""
        router = APIRouter(prefix="/aid", include_in_schema=False)
        checked = [Depends(self._pages.check_csrf)]

        @router.get("/notice")
        async def notice(request: Request, unit: str = "") -> Response:
            return await self._notice(request, unit)

        @router.get("/notice/{aid}/object")
        async def form(request: Request, aid: str) -> Response:
            return await self._objection(request, await self._noticed(aid), Form(OBJECTION))

        @router.post("/notice/{aid}/object", dependencies=checked)
        async def objects(request: Request, aid: str) -> Response:
            return await self._objects(request, aid)

        @router.get("/track")
        async def track(request: Request) -> Response:
            return await self._track(request, Form(NUMBER))

        @router.post("/track", dependencies=checked)
        async def found(request: Request, said: Annotated[str, Depends(_said)]) -> Response:
            return await self._found(request, said)

        return router

    def _slow(self, request: Request) -> None:
        """Count one try. Raises ProblemError 429."""
        client = self._client(request)
        pause = math.ceil(self._tries.wait(client))
        if pause:
            raise ProblemError(429, headers={"Retry-After": str(pause)})
        self._tries.take(client)

    async def _notice(self, request: Request, unit: str) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        places = [one for one in register.units(now) if one.tier == "community"]
        here = next((one for one in places if unit in ("", one.unit)), None)
        if here is None:
            raise ProblemError(404, REASONS["unknown_unit"])
        found = [await self._told(item) for item in await self._requests.on_notice(now, here.unit)]
        formats = self._pages.formats(request)
        return await self._pages.render(
            request,
            "aid/notice.html",
            unit=here,
            places=places,
            noticed=[one for one in found if one is not None],
            words=words,
            money=lambda amount: yuan(amount, formats),
            now=now,
        )

    async def _told(self, item: Item) -> Noticed | None:
        """What the public may know of a proposal: nothing that anybody wrote, and no name."""
        register = await self._desk.register()
        state = await self._state(item)
        if state is None or state.proposal is None or item.notice_until is None:
            return None
        spells = register.spells("programme", item.programme)
        programme = next((s.said.name for s in spells if s.said.version == item.version), item.programme)
        return Noticed(
            item.request_id,
            item.request_id[4:12],
            zone_name(register, item.unit, item.zone),
            programme,
            item.persons,
            state.proposal.amount,
            [(one.kind, one.count) for one in state.proposal.in_kind],
            item.notice_until,
        )

    async def _state(self, item: Item) -> State | None:
        state: State | None = None
        for one in await self._requests.happenings(item.request_id):
            state = evolve(
                state, current_event(one.type, dict(one.data)), item.unit, one.effective_at, one.batch
            )
        return state

    async def _noticed(self, aid: str) -> tuple[Item, Noticed]:
        item = await self._requests.find(aid)
        told = await self._told(item) if item and item.notice_until is not None else None
        if item is None or told is None:
            raise ProblemError(404, REASONS["notice_ended"])
        return item, told

    async def _objection(
        self,
        request: Request,
        noticed: tuple[Item, Noticed],
        form: Form,
        status: int = 200,
        notice: Notice | None = None,
    ) -> Response:
        formats = self._pages.formats(request)
        return await self._pages.render(
            request,
            "aid/object.html",
            status=status,
            item=noticed[0],
            told=noticed[1],
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            words=words,
            money=lambda amount: yuan(amount, formats),
            said=notice,
        )

    async def _objects(self, request: Request, aid: str) -> Response:
        noticed = await self._noticed(aid)
        sent = await read_form(request)
        self._slow(request)
        body = {name: sent.filled[name] for name in OBJECTION if name in sent.filled}
        made = await self._made(request, noticed[0], "raise_objection", body, sent, OBJECTION)
        if made.receipt is not None:
            notice = notice_of(made.verdict, self._pages.gettext(request))
            return await self._objection(request, noticed, Form(OBJECTION), notice=notice)
        form = Form(OBJECTION, {**sent.values, "form_key": made.key}, made.errors)
        return await self._objection(request, noticed, form, made.status)

    async def _made(
        self,
        request: Request,
        item: Item,
        command: str,
        body: Mapping[str, Any],
        sent: Submitted,
        labels: Mapping[str, str],
    ) -> Attempt:
        attempt = Attempt(
            FAMILY, command, body, FormErrors(), sent.get("form_key") or new_form_key(), labels, "note"
        )

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.say(Wish(RESIDENT, item.unit, command, body, key, item.request_id))

        return await attempt.made(submit, self._decisions, self._pages.gettext(request))

    async def _track(self, request: Request, form: Form, status: int = 200) -> Response:
        return await self._pages.render(request, "aid/track.html", status=status, form=form, item=None)

    async def _found(self, request: Request, said: str) -> Response:
        """The request of a number; and where the holder says something of it, what became of that."""
        sent, gettext = await read_form(request), self._pages.gettext(request)
        number = as_printed(sent.get("number"))
        if number is None:
            return await self._track(request, _wrong(sent, gettext(MALFORMED)), 422)
        self._slow(request)
        item = await self._requests.by_number(digest_of(number))
        if item is None:
            return await self._track(request, _wrong(sent, gettext(UNKNOWN)), 404)
        notice, status, back = None, 200, Form(SAYING)
        if said:
            told: dict[str, Any] = (
                {"tranche": _number(sent.get("tranche"))}
                if said == "confirm_receipt"
                else {"note": sent.filled.get("note")}
            )
            body = {name: value for name, value in told.items() if value is not None}
            made = await self._made(request, item, said, body, sent, SAYING)
            if made.receipt is not None:
                notice = notice_of(made.verdict, gettext)
                item = await self._requests.by_number(digest_of(number)) or item
            else:
                back, status = Form(SAYING, sent.values, made.errors), made.status
        return await self._own(request, number, item, (notice, back, said), status)

    async def _own(
        self,
        request: Request,
        number: str,
        item: Item,
        said: tuple[Notice | None, Form, str],
        status: int,
    ) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        state, formats = await self._state(item), self._pages.formats(request)
        if state is None:
            raise ProblemError(404, UNKNOWN)
        unit, programme = register.unit(item.unit), register.programme(item.programme)
        return await self._pages.render(
            request,
            "aid/track.html",
            status=status,
            item=item,
            state=state,
            number=number,
            unit_name=unit.name if unit else item.unit,
            programme=programme,
            words=words,
            money=lambda amount: yuan(amount, formats),
            now=now,
            notice=said[0],
            form=said[1],
            said=said[2],
            form_key=new_form_key(),
            may_appeal=state.appeal_until is not None and now <= state.appeal_until,
            may_withdraw=state.status not in ("rejected", "stopped", "withdrawn", "closed"),
        )


_TRANCHE = re.compile(r"[0-9]{1,3}")
_SAID = ("confirm_receipt", "appeal", "withdraw")


def _said(say: str = "") -> str:
    """What the holder of a number says beside asking. Raises ProblemError 404 for anything else."""
    if say and say not in _SAID:
        raise ProblemError(404)
    return say


def _number(text: str) -> int | None:
    return int(text) if _TRANCHE.fullmatch(text) else None


def _wrong(sent: Submitted, sentence: str) -> Form:
    return Form(NUMBER, {"number": sent.get("number")[:100]}, FormErrors({"number": (sentence,)}))
