"""The page of one aid request with its forms."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.aid_file import Request as State
from contracts.base import DAY_MS
from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.submit import Receipt
from services.aid import entered
from services.aid.desk import FAMILY, AidDesk, Wish, may
from services.aid.forms import fits
from services.aid.listing import READERS, zone_name
from services.aid.telling import NameOf, Teller
from services.aid.views import Item, Related, Requests
from services.attempts import Attempt
from web.actor import Actor
from web.case_forms import request_words as words
from web.case_forms.aid import FORMS
from web.case_forms.kit import CommandForm
from web.forms import Form, new_form_key, read_form
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError

OPENERS = ("clerk", "aid_officer", "aid_approver", "supervisor")
"""Who may read what was said in the requests of their community."""

ALIKE_DAYS = 365
"""How far back other requests of the same person or household are pointed out."""


class Offer(NamedTuple):
    """A command that is offered: its name, its definition, its form and its key."""

    name: str
    definition: CommandForm
    form: Form
    form_key: str


class Shown(NamedTuple):
    """One request for one reader."""

    item: Item
    teller: Teller
    state: State
    register: Register
    unrecorded: bool


class AidPages:
    """`/aid/{id}` and its commands."""

    def __init__(
        self, pages: Pages, desk: AidDesk, requests: Requests, decisions: Decisions, name_of: NameOf
    ) -> None:
        self._pages = pages
        self._desk = desk
        self._requests = requests
        self._decisions = decisions
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The page of one, and what its forms send."""
        router = APIRouter(prefix="/aid", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("/{aid}")
        async def show(request: Request, actor: reader, aid: str) -> Response:
            return await self._show(request, actor, aid)

        @router.post("/{aid}/{command}", dependencies=[Depends(self._pages.check_csrf)])
        async def say(request: Request, actor: reader, aid: str, command: str) -> Response:
            return await self._say(request, actor, aid, command)

        return router

    async def read(self, request: Request, actor: Actor, aid: str) -> Shown:
        """One request as this reader may see it, the reading being on record before. Raises ProblemError."""
        register, now = await self._desk.register(), self._desk.now()
        item = await self._requests.find(aid)
        if item is None:
            raise ProblemError(404, REASONS["no_such_request"])
        if not any(register.holds(actor.id, role, item.unit, now) for role in READERS):
            raise ProblemError(403, REASONS["other_unit"])
        happenings = await self._requests.happenings(aid)
        entitled = any(register.holds(actor.id, role, item.unit, now) for role in OPENERS)
        recorded = entitled and await self._requests.read(actor.id, item.unit, aid)
        teller = Teller(
            self._requests,
            register,
            self._name_of,
            self._pages.formats(request),
            self._pages.gettext(request),
            may_open=recorded,
        )
        teller.take(item.unit, happenings)
        if teller.state is None:
            raise ProblemError(404, REASONS["no_such_request"])
        return Shown(item, teller, teller.state, register, entitled and not recorded)

    async def _show(
        self,
        request: Request,
        actor: Actor,
        aid: str,
        failed: tuple[str, Form] | None = None,
        status: int = 200,
    ) -> Response:
        shown = await self.read(request, actor, aid)
        register, item, now = shown.register, shown.item, self._desk.now()
        unit = register.unit(item.unit)
        alike = await self._requests.alike(aid, item.applied_at - ALIKE_DAYS * DAY_MS)
        return await self._pages.render(
            request,
            "aid/request.html",
            status=status,
            item=item,
            unit_name=unit.name if unit else item.unit,
            zone=zone_name(register, item.unit, item.zone),
            teller=shown.teller,
            state=shown.state,
            programme=shown.teller.programme,
            unrecorded=shown.unrecorded,
            words=words,
            now=now,
            may_attach=may(register, actor.id, item.unit, "attach", now) and shown.teller.may_open,
            related=await self._related(item),
            alike=[one for one in alike if register.unit(one.unit)],
            unit_names={one.unit: one.name for one in register.units(now)},
            programme_names={one.programme: one.name for one in register.programmes(now)},
            offers=self._offers(actor, shown, failed),
            choices=entered.choices_of(shown.state, shown.teller),
            rows=range(1, entered.ROWS + 1),
        )

    async def _related(self, item: Item) -> Related | None:
        return await self._requests.related(item.grown_from, item.unit) if item.grown_from else None

    def _offers(self, actor: Actor, shown: Shown, failed: tuple[str, Form] | None) -> Sequence[Offer]:
        """What this person may do now, by role and by what makes sense."""
        now, item, state = self._desk.now(), shown.item, shown.state
        found = []
        for name, definition in FORMS.items():
            if not may(shown.register, actor.id, item.unit, name, now):
                continue
            if not fits(name, state, actor.id, now) and not (failed and failed[0] == name):
                continue
            values = entered.filled_in(name, state, shown.teller.formats)
            form = (
                failed[1] if failed and failed[0] == name else Form(_labels(definition), values, prefix=name)
            )
            found.append(Offer(name, definition, form, str(form.value("form_key")) or new_form_key()))
        return found

    async def _say(self, request: Request, actor: Actor, aid: str, command: str) -> Response:
        definition = FORMS.get(command)
        item = await self._requests.find(aid)
        if definition is None or item is None:
            raise ProblemError(404, REASONS["no_such_request"])
        shown = await self.read(request, actor, aid)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        read = entered.read(command, definition, sent, shown.teller)
        fields = _labels(definition)
        key = sent.get("form_key") or new_form_key()
        attempt = Attempt(FAMILY, command, read.body, read.errors, key, fields, next(reversed(fields), ""))

        async def submit(body: Mapping[str, Any], key: str) -> Receipt:
            return await self._desk.say(Wish(actor.id, item.unit, command, body, key, aid))

        made = await attempt.made(submit, self._decisions, gettext)
        if made.receipt is not None:
            return self._pages.redirect(f"/aid/{aid}", notice_of(made.verdict, gettext))
        ticked = [field.name for field in definition.fields if field.kind == "several"]
        lists = {name: list(sent.lists.get(name, ())) for name in ticked}
        form = Form(fields, {**sent.values, **lists, "form_key": made.key}, made.errors, prefix=command)
        return await self._show(request, actor, aid, (command, form), made.status)


def _labels(definition: CommandForm) -> dict[str, str]:
    return {field.name: field.label for field in definition.fields}
