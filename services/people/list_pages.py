"""Lists of households on the web: a file is tried first and shown with what is wrong, then entered when confirmed."""

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.reference import Register
from contracts.register import UnitDefinedV1
from services.people.desk import FAMILY, policy_of
from services.people.household_import import Plan
from services.people.household_lists import HouseholdLists
from services.people.household_sheet import COLUMNS, KINDS, NAME, Row, read_rows, written
from services.people.pages import FAILURES, Unit, failure
from services.people.place_desk import PlaceDesk
from web.actor import Actor
from web.downloads import download
from web.forms import Form, FormErrors, read_form
from web.i18n import N_, negotiate
from web.notices import Decisions, Notice, notice_of
from web.pages import Pages
from web.place_forms import KEEPERS
from web.problems import ProblemError
from web.security import MAX_BODY_BYTES
from web.sheets import SheetError
from web.uploads import take_form, uploads_of

LARGEST_BYTES = 4 * 1024 * 1024
UPLOADS: Mapping[re.Pattern[str], int] = {
    re.compile(r"/places/[^/]+/households/import"): LARGEST_BYTES + MAX_BODY_BYTES
}
"""The path that takes a list, and how long a request may be there."""

SHOWN = 200
"""Problems that the page lists; the command line lists all."""

DECIDED_SECONDS = 60.0
HELD_MS, HELD = 30 * 60_000, 16
"""How long a list that was tried waits to be confirmed, and how many wait: in memory alone, since they name people."""

_LABELS = {"file": N_("List (xlsx or CSV)")}
_CHOOSE = N_("Choose a file.")
_EMPTY = N_("The list has no rows below its headings.")
_TOO_LARGE = N_("This file is larger than %(limit)s MB: split it.")
_GONE = N_("The list is no longer at hand: choose it again.")
_NOTHING = N_("Everything in the list stands already: nothing was entered.")

Kind = Literal["xlsx", "csv"]


class _Held(NamedTuple):
    actor: str
    unit: str
    rows: Sequence[Row]
    until: int


class ListPages:
    """`/places/{unit}/households/…`: a template, an export, and an import that is tried first."""

    def __init__(
        self,
        pages: Pages,
        lists: HouseholdLists,
        desk: PlaceDesk,
        decisions: Decisions,
        clock: Callable[[], int],
    ) -> None:
        """`clock`: milliseconds since the epoch."""
        self._pages = pages
        self._lists = lists
        self._desk = desk
        self._decisions = decisions
        self._clock = clock
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    def router(self) -> APIRouter:
        """All paths."""
        router = APIRouter(prefix="/places/{unit}/households", include_in_schema=False)
        keepers, checked = self._pages.require(*KEEPERS), Depends(self._pages.check_csrf)

        @router.get("/template", dependencies=[Depends(keepers)])
        async def template(request: Request, kind: Kind = "xlsx") -> Response:
            return self._file(kind, written(kind, chinese=_chinese(request)))

        @router.get("/export")
        async def export(
            request: Request,
            actor: Annotated[Actor, Depends(keepers)],
            unit: Unit,
            zone: str = "",
            kind: Kind = "xlsx",
        ) -> Response:
            return await self._export(request, actor, unit, zone, kind)

        @router.get("/import")
        async def form_page(
            request: Request, actor: Annotated[Actor, Depends(keepers)], unit: Unit
        ) -> Response:
            return await self._page(request, await self._entitled(actor, unit))

        @router.post("/import", dependencies=[Depends(keepers), Depends(take_form), checked])
        async def take(request: Request, actor: Annotated[Actor, Depends(keepers)], unit: Unit) -> Response:
            found = await self._entitled(actor, unit)
            sent = await read_form(request)
            if token := sent.get("held"):
                return await self._confirm(request, actor, found, token)
            return await self._try(request, actor, found)

        return router

    async def _entitled(self, actor: Actor, unit: str) -> UnitDefinedV1:
        """The community, where the actor may enter households. Raises ProblemError 403, 404."""
        register = await self._desk.register()
        found = register.unit(unit)
        if found is None:
            raise ProblemError(404)
        policy = policy_of(register)
        roles = policy.permissions.get("enter_household", ()) if policy else ()
        if not self._zones(register, actor, unit, roles):
            raise ProblemError(403)
        return found

    def _zones(self, register: Register, actor: Actor, unit: str, roles: Collection[str]) -> list[str]:
        """The zones of a community over which the actor holds one of these roles."""
        now = self._clock()
        return [
            zone.zone
            for zone in register.zones(unit)
            if any(register.holds(actor.id, role, unit, now, zone.zone) for role in roles)
        ]

    async def _export(self, request: Request, actor: Actor, unit: str, zone: str, kind: Kind) -> Response:
        register = await self._desk.register()
        mine = self._zones(register, actor, unit, KEEPERS)
        if not mine or (zone and zone not in mine):
            raise ProblemError(403)
        try:
            rows = await self._lists.export(actor.id, unit, [zone] if zone else mine)
        except FAILURES as error:
            _, status = failure(error, self._pages.gettext(request))
            raise ProblemError(status) from None
        return self._file(kind, await asyncio.to_thread(written, kind, rows, chinese=_chinese(request)))

    async def _try(self, request: Request, actor: Actor, unit: UnitDefinedV1) -> Response:
        gettext = self._pages.gettext(request)
        files = uploads_of(request, "file")
        if not files:
            return await self._page(request, unit, wrong=gettext(_CHOOSE))
        if files[0].size > LARGEST_BYTES:
            sentence = gettext(_TOO_LARGE) % {"limit": LARGEST_BYTES // 1024**2}
            return await self._page(request, unit, wrong=sentence)
        try:
            rows = await asyncio.to_thread(read_rows, files[0].name, await files[0].content())
        except SheetError as error:
            return await self._page(request, unit, wrong=error.told(gettext))
        if not rows:
            return await self._page(request, unit, wrong=gettext(_EMPTY))
        return await self._preview(request, actor, unit, rows)

    async def _preview(
        self, request: Request, actor: Actor, unit: UnitDefinedV1, rows: Sequence[Row]
    ) -> Response:
        gettext = self._pages.gettext(request)
        try:
            plan = await self._lists.plan(actor.id, unit.unit, rows, gettext)
        except FAILURES as error:
            sentence, status = failure(error, gettext)
            return await self._page(request, unit, wrong=sentence, status=status)
        token = "" if plan.problems or not plan.steps else self._hold(actor, unit.unit, rows)
        status = 422 if plan.problems else 200
        return await self._page(request, unit, plan=plan, rows=len(rows), token=token, status=status)

    async def _confirm(self, request: Request, actor: Actor, unit: UnitDefinedV1, token: str) -> Response:
        gettext = self._pages.gettext(request)
        self._forget()
        held = self._held.get(token)
        if held is None or (held.actor, held.unit) != (actor.id, unit.unit):
            return await self._page(request, unit, wrong=gettext(_GONE))
        try:
            # What was entered since it was tried stands, so it is tried again; two lists do not cross.
            async with self._one_at_a_time:
                plan = await self._lists.plan(actor.id, unit.unit, held.rows, gettext)
                if plan.problems:
                    return await self._page(request, unit, plan=plan, rows=len(held.rows), status=422)
                notice = await self._enter(request, actor, unit, plan)
        except FAILURES as error:
            sentence, status = failure(error, gettext)
            return await self._page(request, unit, wrong=sentence, status=status)
        self._held.pop(token, None)
        return self._pages.redirect(f"/households?unit={unit.unit}", notice)

    async def _enter(self, request: Request, actor: Actor, unit: UnitDefinedV1, plan: Plan) -> Notice:
        gettext, ngettext = self._pages.gettext(request), self._pages.ngettext(request)
        receipt = await self._lists.enter(actor.id, unit.unit, plan)
        if receipt is None:
            return Notice(kind="info", text=gettext(_NOTHING))
        place = (FAMILY, receipt.partition, receipt.offset)
        verdict = await self._decisions.wait(*place, DECIDED_SECONDS)
        notice = notice_of(verdict, gettext)
        homes, people = plan.count("enter_household"), plan.count("enter_resident")
        entered = (
            ngettext("%(num)s household", "%(num)s households", homes) % {"num": homes},
            ngettext("%(num)s resident", "%(num)s residents", people) % {"num": people},
        )
        return notice.model_copy(update={"detail": notice.detail or " · ".join(entered)})

    def _hold(self, actor: Actor, unit: str, rows: Sequence[Row]) -> str:
        self._forget()
        token = secrets.token_urlsafe(18)
        self._held[token] = _Held(actor.id, unit, rows, self._clock() + HELD_MS)
        return token

    def _forget(self) -> None:
        """Let go of what has waited too long, or of the oldest where too many wait."""
        now = self._clock()
        for token in [token for token, held in self._held.items() if held.until < now]:
            del self._held[token]
        while len(self._held) >= HELD:
            self._held.popitem(last=False)

    async def _page(
        self, request: Request, unit: UnitDefinedV1, *, wrong: str = "", status: int = 0, **shown: Any
    ) -> Response:
        errors = FormErrors({"file": (wrong,)}) if wrong else FormErrors()
        return await self._pages.render(
            request,
            "people/list.html",
            status=status or (422 if wrong else 200),
            unit=unit,
            form=Form(_LABELS, {}, errors),
            columns=COLUMNS,
            shown=SHOWN,
            **{"plan": None, "rows": 0, "token": "", **shown},
        )

    def _file(self, kind: Kind, content: bytes) -> Response:
        return download(iter([content]), f"{NAME}.{kind}", KINDS[kind])


def _chinese(request: Request) -> bool:
    return negotiate(request).startswith("zh")
