"""The page of what a member of staff must know, and how much of it is unread.

A notice is shown to whoever may open its case today, and to nobody else; it holds ids and kinds alone, so that
reading it needs no record.
"""

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import DAY_MS
from contracts.figures import OPEN
from contracts.lineage import on_duty
from contracts.reference import Register
from services.projections import case_page, notice_queries, queries, worklist
from services.projections.database import ReadModelError
from services.projections.notice_fold import COMMANDS, may, works_in
from services.projections.notice_rows import NoticeKind, NoticeRow
from services.projections.reading import CASEWORK, OVERSIGHT, Reader, reader_of
from services.projections.rows import CaseRow
from services.projections.sources import ReaderPages
from web.actor import Actor
from web.forms import read_form
from web.i18n import N_
from web.notices import Notice
from web.paging import DAMAGED, Page, read_cursor, steps
from web.problems import ProblemError

PATH = "/notices"
KEPT_DAYS = 90
"""For how many days something is told of; after that the case's history alone has it."""

PAGE_SIZE = 50
PRESSING = 20
"""How many of one's own cases whose term ends soon, or has passed, stand on the page; the worklist has all."""

NAMES: Mapping[NoticeKind, str] = MappingProxyType(
    {
        "danger": N_("May be about danger: somebody on duty must look at once"),
        "danger_overdue": N_("May be about danger, and nobody on duty looked in time"),
        "assigned": N_("Assigned to you"),
        "referred": N_("Referred to your zone"),
        "returned": N_("A referral was returned"),
        "urged": N_("The supervisor urges it"),
        "escalated": N_("Passed up to your unit"),
        "extension_asked": N_("An extension waits for your decision"),
        "extension_decided": N_("The extension was decided"),
        "reclassification_proposed": N_("A reclassification waits for a second person"),
        "risk_proposed": N_("A risk flag waits for a second person"),
        "information_added": N_("The complainant added information"),
        "review_requested": N_("A review was asked for"),
        "not_satisfied": N_("The complainant is not satisfied"),
        "joint_handling": N_("Joint handling asks for your unit's part"),
        "related_noted": N_("A mediation or an aid request of this case was concluded"),
    }
)
_OF_DANGER = frozenset({"danger", "danger_overdue"})
_CALLED_UPON = frozenset({"urged", "escalated"})
_THROUGH = re.compile(r"([0-9]{1,4}-[0-9]{1,18})(\.[0-9]{1,4}-[0-9]{1,18}){0,999}")


class Line(NamedTuple):
    """A notice as the page shows it: what happened, in which case, whether it is new to the reader, and still pressing."""

    row: NoticeRow
    title: str
    case: str
    zone: str | None
    unit: str
    is_new: bool
    is_pressing: bool


class NoticePages(ReaderPages):
    """`/notices`."""

    def add_to(self, router: APIRouter) -> None:
        """The page, its form, and the count beside its link in the menu."""
        staff = self._pages.require(*CASEWORK)

        @router.get(PATH)
        async def show(request: Request, actor: Annotated[Actor, Depends(staff)]) -> Response:
            return await self._show(request, await self._reader(actor))

        @router.post(f"{PATH}/read", dependencies=[Depends(self._pages.check_csrf)])
        async def read(request: Request, actor: Annotated[Actor, Depends(staff)]) -> Response:
            return await self._note_read(request, actor)

        self._pages.count_beside(PATH, self._unread)

    async def _unread(self, actor: Actor) -> int:
        """How many are unread; 0 while nobody can say. By the register as last folded: no page waits for it."""
        reader = reader_of(self._sources.register.current(), actor, self._sources.clock())
        wanted = self._wanted(reader)
        try:
            return await asyncio.to_thread(notice_queries.unread, self._sources.model, wanted)
        except ReadModelError:
            return 0

    def _wanted(self, reader: Reader) -> notice_queries.Wanted:
        now = self._sources.clock()
        units = tuple(unit.unit for unit in reader.communities(CASEWORK | OVERSIGHT))
        return notice_queries.Wanted(
            reader.actor.id, tuple(receivers_of(reader, now)), units, now - KEPT_DAYS * DAY_MS
        )

    async def _show(self, request: Request, reader: Reader) -> Response:
        page = Page(read_cursor(request.query_params.get("at", ""), notice_queries.BY_EVENT), PAGE_SIZE)
        model, now, register = self._sources.model, self._sources.clock(), reader.register
        soon = worklist.soon_in(register, now)
        found, pressing = await asyncio.gather(
            asyncio.to_thread(notice_queries.notices, model, self._wanted(reader), page),
            asyncio.to_thread(queries.pressing, model, reader.actor.id, soon, PRESSING),
        )
        shown = [case for case in pressing if reader.holds_any(CASEWORK | OVERSIGHT, case.unit)]
        staff = case_page.Staff(register, self._sources.name_of, by_name=True)
        return await self._pages.render(
            request,
            "projections/notices.html",
            lines=[line_of(row, found, register) for row in found.rows if row.case_id in found.cases],
            total=found.total,
            steps=steps(found.before, found.after, lambda at: f"{PATH}?{urlencode({'at': at})}"),
            through=".".join(f"{partition}-{end}" for partition, end in sorted(found.through.items())),
            pressing=[(case, described(case, register)) for case in shown],
            working_left={
                case.case_id: worklist.working_left(register, case.unit, case.due_at, now) for case in shown
            },
            handovers=[(one, staff(one.giver)) for one in register.handovers_to(reader.actor.id)],
            unit_name=lambda code: unit.name if (unit := register.unit(code)) else code,
            now=now,
            day=DAY_MS,
            kept_days=KEPT_DAYS,
        )

    async def _note_read(self, request: Request, actor: Actor) -> Response:
        sent = (await read_form(request)).get("through") or ""
        if _THROUGH.fullmatch(sent) is None:
            raise ProblemError(400, DAMAGED)
        told = {int(at): int(end) for at, end in (one.split("-") for one in sent.split("."))}
        await asyncio.to_thread(self._note, actor.id, told)
        gettext = self._pages.gettext(request)
        return self._pages.redirect(
            PATH, Notice(kind="accepted", text=gettext(N_("All notices up to here are read.")))
        )

    def _note(self, actor: str, told: Mapping[int, int]) -> None:
        """Nothing can be read that is not decided yet, whatever a form says."""
        decided = self._sources.model.positions().at.items()
        ends = {place.partition: at.decided_through for place, at in decided if place.family == "grievance"}
        read = {partition: min(end, ends[partition]) for partition, end in told.items() if partition in ends}
        self._sources.model.note_read(actor, read)


def line_of(row: NoticeRow, found: notice_queries.Notices, register: Register) -> Line:
    """A notice of the page."""
    case = found.cases[row.case_id]
    unit, zone = register.unit(row.unit), register.zone(case.unit, case.zone) if case.zone else None
    return Line(
        row,
        NAMES[row.kind],
        described(case, register),
        zone.name if zone else None,
        unit.name if unit else row.unit,
        row.submission_offset >= found.read.get(row.partition, 0),
        is_pressing(row.kind, case),
    )


def is_pressing(kind: NoticeKind, case: CaseRow) -> bool:
    """Whether what a notice calls for is still to be done: danger to be looked at, an open case to be gone on with."""
    if kind in _OF_DANGER:
        return case.danger_due_at is not None
    return kind in _CALLED_UPON and case.status in OPEN


def described(case: CaseRow, register: Register) -> str:
    """What a case is called where none of its words are shown: its category, or nothing."""
    return worklist.category_name(register, case.category, case.recorded_at) or ""


def receivers_of(reader: Reader, now: int) -> list[str]:
    """As which receivers of notices (services.projections.notice_fold) the reader counts at a time."""
    register, person = reader.register, reader.actor.id
    policy, allowed = case_page.policy_of(register), case_page.permissions(register)
    held = register.roles(person, now)
    found = [person]
    for unit in register.units(now):
        above = register.lineage(unit.unit, now)
        roles = {one.role for one in held if one.unit in above}
        names = [name for name in COMMANDS if not roles.isdisjoint(allowed.get(name, ()))] if roles else []
        watches = policy is not None and (
            "supervisor" in roles or on_duty(register, person, unit.unit, policy.duty_post, now)
        )
        found += [may(name, unit.unit) for name in names if name != "acknowledge_danger" or watches]
        here = {one.zone for one in held if one.unit == unit.unit and one.role in CASEWORK}
        # Whoever serves the whole community serves each of its zones.
        zones = (zone.zone for zone in register.zones(unit.unit, now)) if None in here else here
        found += [works_in(zone, unit.unit) for zone in zones if zone]
    return found
