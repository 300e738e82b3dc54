"""The pages of the read side: dashboard, worklist, case, and what was not recorded as asked."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from contracts.desk import reply_templates_in
from contracts.figures import HIDDEN, OPEN
from contracts.figures_definition import DEFINITION, Definition
from contracts.monthly import MONTHLY
from contracts.reasons import REASONS, UNREADABLE
from contracts.register import UnitDefinedV1
from contracts.tracking import as_printed
from services.projections import (
    alarms,
    case_page,
    dashboard,
    doors,
    history,
    joint,
    papers,
    queries,
    worklist,
)
from services.projections.access import GUARDS, Opening, knows_reporter, on_record, opening_of
from services.projections.aid_link import aid_of
from services.projections.chart import monthly_chart
from services.projections.disappearance_pages import DisappearancePages
from services.projections.household_pages import HouseholdPages
from services.projections.inspection_pages import InspectionPages
from services.projections.letter_pages import LetterPages
from services.projections.letters import letters_of
from services.projections.live import Live
from services.projections.mediation_link import mediation_of
from services.projections.monthly import repeats_among
from services.projections.monthly_pages import MonthlyPages
from services.projections.notice_pages import NoticePages
from services.projections.page_queries import BY_RECORD, batch_of, not_recorded
from services.projections.people_pages import PersonalPages
from services.projections.people_queries import disclosures_about, readings_of
from services.projections.reading import CASEWORK, OVERSIGHT, Opener, Reader
from services.projections.rows import DecisionRow
from services.projections.schema import NOT_RECORDED
from services.projections.sources import ReaderPages, Sources
from services.projections.store import Place
from services.projections.visit_pages import VisitPages
from web import commands
from web.actor import Actor
from web.case_forms import outside, words
from web.case_forms.danger import DANGERS
from web.case_forms.doors import ON_BEHALF
from web.forms import Form, FormErrors, new_form_key, read_form
from web.i18n import N_, Gettext
from web.pages import Pages
from web.paging import Page, read_cursor, steps
from web.people_commands import PEOPLE_FORMS, READING_PURPOSES, labels
from web.problems import RETRY_LATER, ProblemError

Mark = Annotated[str, Query(pattern=r"^[0-9a-f]{0,16}$")]
LastEvent = Annotated[str, Header(alias="Last-Event-ID", pattern=r"^[0-9a-f]{0,16}$")]

_CASE_ID = re.compile(r"grv_[0-9a-f]{32}")

DECIDERS = frozenset({"supervisor", "auditor"})
"""Roles that look through what was not recorded as asked."""

CLAIM_NOTES: Mapping[str, str] = {
    "unknown": N_("No patrols and no nil returns are on record for this period, so nobody can say."),
    "provisional": N_("The period, or the time for late returns, is still running."),
    "certified": N_("The period was watched as the definition asks."),
}
"""State of a stability claim → what it rests on."""


READERS_SHOWN = 8
"""How many of a case's readings stand on its page."""


class ProjectionPages(ReaderPages):
    """The pages of the read side. Owned by one event loop."""

    def __init__(self, pages: Pages, sources: Sources) -> None:
        super().__init__(pages, sources)
        self._shelf = dashboard.FiguresShelf(sources.model)
        self._live = Live(sources.projector, sources.model.positions)

    def close(self) -> None:
        """End the streams of all open dashboards. Call it when the server is told to stop."""
        self._live.close()

    def router(self) -> APIRouter:
        """`/`, `/dashboard…`, `/definitions/…`, `/cases…`, `/decisions`, `/personal-data`."""
        router = APIRouter(include_in_schema=False)
        self._add_dashboard(router)
        self._add_cases(router)
        self._add_decisions(router)
        personal = PersonalPages(self._pages, self._sources)
        personal.add_to(router)
        HouseholdPages(self._pages, self._sources).add_to(router)
        InspectionPages(self._pages, self._sources).add_to(router)
        LetterPages(self._pages, self._sources).add_to(router)
        MonthlyPages(self._pages, self._sources).add_to(router)
        NoticePages(self._pages, self._sources).add_to(router)
        DisappearancePages(self._pages, self._sources).add_to(router)
        VisitPages(self._pages, self._sources).add_to(router)
        return router

    def _add_dashboard(self, router: APIRouter) -> None:
        signed_in = self._pages.require()

        @router.get("/")
        async def first(actor: Annotated[Actor, Depends(signed_in)]) -> Response:
            return self._pages.redirect(first_page(actor))

        @router.get("/dashboard")
        async def show(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> Response:
            return await self._dashboard(request, actor, "projections/dashboard.html")

        @router.get("/dashboard/figures")
        async def figures(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> Response:
            return await self._dashboard(request, actor, "projections/figures.html")

        @router.get("/dashboard/stream", response_class=EventSourceResponse)
        async def stream(
            places: Annotated[list[Place], Depends(self._places)], seen: Mark = "", last: LastEvent = ""
        ) -> AsyncIterator[ServerSentEvent]:
            async for mark in self._live.follow(places, last or seen):
                yield ServerSentEvent(event="changed", raw_data=mark, id=mark)

        @router.get("/definitions/{definition}", dependencies=[Depends(signed_in)])
        async def define(request: Request, definition: str) -> Response:
            return await self._pages.render(
                request, "projections/definition.html", definition=definition_named(definition)
            )

        @router.get("/definitions/{definition}/canonical", dependencies=[Depends(signed_in)])
        async def canonical(definition: str) -> Response:
            return Response(definition_named(definition).canonical, media_type="application/json")

    def _add_cases(self, router: APIRouter) -> None:
        casework = self._pages.require(*CASEWORK)
        readers = self._pages.require(*CASEWORK, *OVERSIGHT)

        @router.get("/cases")
        async def listed(request: Request, actor: Annotated[Actor, Depends(casework)]) -> Response:
            reader = await self._reader(actor)
            return await self._worklist(request, reader, Form(worklist.FIND_LABELS, prefix="find"), 200)

        @router.post("/cases/find", dependencies=[Depends(self._pages.check_csrf)])
        async def find(request: Request, actor: Annotated[Actor, Depends(casework)]) -> Response:
            return await self._find(request, await self._reader(actor))

        @router.get("/cases/{case_id}")
        async def case(request: Request, actor: Annotated[Actor, Depends(readers)], case_id: str) -> Response:
            return await self._case(request, await self._reader(actor), case_id)

    def _add_decisions(self, router: APIRouter) -> None:
        deciders = self._pages.require(*DECIDERS)

        @router.get("/decisions")
        async def decisions(request: Request, actor: Annotated[Actor, Depends(deciders)]) -> Response:
            return await self._decisions(request, await self._reader(actor))

    async def _places(self, request: Request) -> list[Place]:
        """The partitions that a dashboard follows: a dependency of its stream."""
        actor = await self._pages.require()(request)
        asked = dashboard.read_filter(request.query_params, await self._reader(actor), str)
        return self._shelf.places(asked.scope)

    async def _dashboard(self, request: Request, actor: Actor, template: str) -> Response:
        reader = await self._reader(actor)
        asked = dashboard.read_filter(request.query_params, reader, self._pages.gettext(request))
        shown = await self._shelf.get(asked.scope) if asked.scope else None
        mine = reader.communities()
        waits = await self._waiting(reader, asked.unit) if asked.unit and shown else dashboard.Waiting()
        return await self._pages.render(
            request,
            template,
            soon=waits.soon,
            dangers=waits.dangers,
            status=422 if asked.form.errors else 200,
            asked=asked,
            boundaries=dashboard.BOUNDARIES,
            shown=shown,
            chart=monthly_chart(shown.flow) if shown else None,
            claims=words.OCCURRENCES,
            claim_notes=CLAIM_NOTES,
            units=[(unit.unit, unit.name) for unit in mine],
            all_units=dashboard.ALL if dashboard.serves_all(reader) else None,
            zones=dashboard.zone_names(reader.register, [asked.unit] if asked.unit else mine),
            may_list=asked.unit is not None and reader.holds_any(CASEWORK, asked.unit.unit),
        )

    async def _waiting(self, reader: Reader, unit: UnitDefinedV1) -> dashboard.Waiting:
        """What waits in a community today, for those who work there."""
        if not reader.holds_any(CASEWORK, unit.unit):
            return dashboard.Waiting()
        model, code = self._sources.model, unit.unit
        soon = worklist.soon_in(reader.register, self._sources.clock())
        count = await asyncio.to_thread(queries.due_soon_count, model, code, *soon)
        watches = case_page.lets(reader, "acknowledge_danger", code)
        alarmed = await asyncio.to_thread(alarms.waiting, model, code) if watches else ()
        return dashboard.Waiting(count, len(alarmed))

    async def _worklist(self, request: Request, reader: Reader, find: Form, status: int) -> Response:
        view = worklist.read_view(request.query_params, reader)
        if view is None:
            raise ProblemError(403)
        soon = worklist.soon_in(reader.register, self._sources.clock())
        found = await asyncio.to_thread(worklist.read_cases, self._sources.model, view, reader.actor.id, soon)
        register = reader.register
        watches = case_page.lets(reader, "acknowledge_danger", view.unit.unit)
        alarmed = (
            await asyncio.to_thread(alarms.waiting, self._sources.model, view.unit.unit) if watches else ()
        )
        ids = list(dict.fromkeys(row.case_id for row in (*alarmed, *found.cases)))
        repeats = await asyncio.to_thread(repeats_among, self._sources.model, ids)
        opening = Opening(may_open=True, purpose="worklist")
        recorded = await on_record(self._sources.access, reader, view.unit.unit, opening, ids)
        opener = Opener(self._sources.vault, may_open=recorded or not ids)
        staff = case_page.Staff(register, self._sources.name_of, by_name=True)
        now = self._sources.clock()
        return await self._pages.render(
            request,
            "projections/cases.html",
            status=status,
            view=view,
            views=worklist.views_for(view.unit, reader),
            alarms=[alarms.alarm_line(row, opener, now) for row in alarmed],
            empty_text=worklist.EMPTY[view.name],
            lines=[worklist.line_of(row, register, opener, staff, now) for row in found.cases],
            total=found.total,
            steps=steps(found.before, found.after, lambda at: view.address(at=at)),
            unrecorded=not opener.may_open,
            repeats=repeats - {row.case_id for row in found.cases if not knows_reporter(reader, row)},
            find=find,
            units=[(unit.unit, unit.name) for unit in reader.communities(CASEWORK)],
            zones=[(zone.zone, zone.name) for zone in register.zones(view.unit.unit)],
        )

    async def _find(self, request: Request, reader: Reader) -> Response:
        sent = await read_form(request)
        gettext = self._pages.gettext(request)
        number = as_printed(sent.get("number"))
        sentence = worklist.NOT_A_NUMBER
        if number is not None:
            found = await asyncio.to_thread(queries.case_by_tracking_number, self._sources.model, number)
            homes = await asyncio.to_thread(queries.followed, self._sources.model, found) if found else ()
            shown = [home.case for home in homes if home.case.status != HIDDEN]
            mine = [case for case in shown if reader.holds_any(CASEWORK, case.unit)]
            if mine:
                return self._pages.redirect(f"/cases/{mine[-1].case_id}")
            sentence = worklist.NO_SUCH_NUMBER
        errors = FormErrors({"number": (gettext(sentence),)})
        form = Form(worklist.FIND_LABELS, sent.values, errors, prefix="find")
        return await self._worklist(request, reader, form, 422)

    async def show_unsent(self, request: Request, case_id: str, unsent: commands.Unsent) -> Response:
        """The page of a case with a command that could not be taken: see web.commands.ShowUnsent."""
        actor = await self._pages.require(*CASEWORK, *OVERSIGHT)(request)
        return await self._case(request, await self._reader(actor), case_id, unsent)

    async def _case(
        self, request: Request, reader: Reader, case_id: str, unsent: commands.Unsent | None = None
    ) -> Response:
        model = self._sources.model
        is_id = _CASE_ID.fullmatch(case_id) is not None
        view = await asyncio.to_thread(queries.shown_case, model, case_id) if is_id else None
        if view is None:
            raise ProblemError(404, REASONS["not_found"])
        case, register = view.case, reader.register
        if not reader.holds_any(CASEWORK | OVERSIGHT, case.unit):
            raise ProblemError(403, REASONS["other_unit"])
        disclosures = await asyncio.to_thread(disclosures_about, model, case_id)
        opening = opening_of(reader, case, disclosures, self._sources.clock())
        similar = self._sources.similar if opening.may_open else None
        found = await asyncio.to_thread(similar.find, case) if similar else ()
        known = knows_reporter(reader, case)
        # That two cases are one person's would tell who lodged the one that is confidential.
        alike = [one for one in found if not one.same_person or (known and knows_reporter(reader, one.case))]
        alike = [
            one for one in alike if case_id != one.case.split_from and one.case.case_id != case.split_from
        ]
        shown = [case_id, *(one.case.case_id for one in alike)]
        recorded, turned_down, batch, readings, repeats, relatives = await asyncio.gather(
            on_record(self._sources.access, reader, case.unit, opening, shown),
            asyncio.to_thread(queries.refusals, model, case_id),
            asyncio.to_thread(batch_of, model, case),
            asyncio.to_thread(readings_of, model, [case_id], READERS_SHOWN),
            asyncio.to_thread(repeats_among, model, [case_id]),
            asyncio.to_thread(queries.relatives, model, case_id),
        )
        staff = case_page.Staff(register, self._sources.name_of, reader.knows_staff(case.unit))
        redactions = papers.redactions_of(view, staff)
        opener = Opener(self._sources.vault, may_open=recorded, redactions=redactions)
        now = self._sources.clock()
        replies = reply_templates_in(register)
        chosen = request.query_params.get("template", "")
        template = next((one for one in replies if one.code == chosen), None)
        teller = history.Teller(register, case.unit, opener, staff, self._pages.gettext(request))
        return await self._pages.render(
            request,
            "projections/case.html",
            status=unsent.status if unsent else 200,
            headers=RETRY_LATER if unsent and unsent.status == HTTPStatus.SERVICE_UNAVAILABLE else None,
            head=case_page.head_of(case, register, staff, batch, now),
            relatives=relatives,
            may_hand_over=case.status == "lodged"
            and case.kind is None
            and case_page.lets(reader, "hand_to_inspection", case.unit),
            return_until=case_page.return_until(case, register),
            title=papers.heading(view, opener),
            story=papers.told(view, opener, "story"),
            papers=self._papers(view, reader, opener, staff),
            reporter=case_page.reporter_of(view, opener, known=known),
            petition=doors.petition_of(case, register),
            relations=dict(ON_BEHALF),
            dangers=dict(DANGERS),
            may_open=opener.may_open,
            mediation=await asyncio.to_thread(mediation_of, model, reader, case),
            aid=await asyncio.to_thread(
                partial(aid_of, is_open=case.status in OPEN), model, reader, case.unit, case.case_id
            ),
            is_repeat=known and bool(repeats),
            satisfactions=dict(words.SATISFACTIONS),
            reached=dict(words.REACHED),
            unrecorded=opening.may_open and not recorded,
            readings=readings if reader.holds_any(GUARDS, case.unit) else None,
            reading_purposes=dict(READING_PURPOSES),
            disclosure=_disclosure(reader, case.unit, opening),
            staff=staff,
            alike=[(one, worklist.title_of(one.case, opener)) for one in alike] if recorded else [],
            target_at=case_page.target_of(view),
            deadlines=history.DEADLINES,
            moments=[moment._asdict() for moment in teller.history(view, turned_down)],
            actions=case_page.actions_for(case, reader, now, unsent, template.text if template else ""),
            reply_templates=replies,
            reply_template=template,
            unsent=unsent,
            letters=letters_of(view),
            joint=joint.parts_of(case, register),
            sources=dict(outside.SOURCES),
            now=now,
            delivery_words=LETTER_WORDS,
            choices={
                **case_page.choices_in(case.unit, register, staff, now),
                "part": [(part.unit, part.name) for part in joint.parts_of(case, register)],
                "letter": _letters_to_serve(view, self._pages.gettext(request)),
            },
        )

    def _papers(
        self, view: queries.CaseView, reader: Reader, opener: Opener, staff: case_page.Staff
    ) -> Mapping[str, Any]:
        """The case's files, and what this reader may do about texts and files."""
        unit = view.case.unit
        policy = case_page.policy_of(reader.register)
        closes = view.case.status not in OPEN and not (policy and policy.attach_when_closed)
        return {
            "subject": papers.told(view, opener, "title"),
            "files": papers.files_of(view, opener, staff),
            "may_attach": case_page.lets(reader, "attach", unit) and not closes,
            "may_redact": opener.may_open and case_page.lets(reader, "redact", unit),
            "form": Form(commands.FILE_LABELS, commands.FILE_VALUES, prefix="file"),
            "form_key": new_form_key(),
            "megabytes": (policy.attachment_bytes if policy else 0) >> 20,
            "types": commands.FILE_TYPES,
            "whose": words.WHOSE,
            "media": papers.MEDIA_WORDS,
            "reasons": papers.REDACTION_REASONS,
        }

    async def _decisions(self, request: Request, reader: Reader) -> Response:
        outcome = request.query_params.get("outcome", "")
        chosen = {"outcome": outcome} if outcome in NOT_RECORDED else {}
        outcomes = tuple(chosen.values()) or NOT_RECORDED
        page = Page(read_cursor(request.query_params.get("at", ""), BY_RECORD), worklist.PAGE_SIZE)
        units = [unit.unit for unit in reader.communities(DECIDERS)]
        ask = partial(not_recorded, self._sources.model, units, outcomes, page)
        found = await asyncio.to_thread(ask)
        return await self._pages.render(
            request,
            "projections/decisions.html",
            outcome=chosen.get("outcome", ""),
            outcomes=NOT_RECORDED,
            entries=[self._entry(row, reader) for row in found.rows],
            total=found.total,
            steps=steps(
                found.before, found.after, lambda at: f"/decisions?{urlencode({**chosen, 'at': at})}"
            ),
        )

    def _entry(self, row: DecisionRow, reader: Reader) -> Mapping[str, Any]:
        """One decision as the list shows it; its words are message ids."""
        unit = reader.register.unit(row.unit) if row.unit else None
        knows = bool(row.unit) and reader.knows_staff(row.unit or "")
        staff = case_page.Staff(reader.register, self._sources.name_of, knows)
        reason = UNREADABLE.get(row.reason or "") or history.reason_sentence(row)
        return {
            "row": row,
            "title": history.command_title(row.submission_type),
            "unit": unit.name if unit else None,
            "actor": staff(row.actor) if row.actor else None,
            "reason": reason,
            "position": history.position_of(row.family, row.partition, row.events_offset),
            "case": row.subject if history.is_about_a_case(row) else None,
        }


LETTER_WORDS: Mapping[str, str] = dict(
    (
        *words.SERVICE_RESULTS,
        *words.SERVICE_MANNERS,
        *words.RECIPIENTS,
        *words.ACKNOWLEDGEMENTS,
    )
)
"""What a delivery's fields hold, as message ids."""


def _letters_to_serve(view: queries.CaseView, gettext: Gettext) -> list[tuple[str, str]]:
    """The letters that wait to be served, as choices, the newest first."""
    waiting = [one for one in letters_of(view) if not one.served]
    return [(one.number, f"{gettext(one.kind)} {one.word}") for one in reversed(waiting)]


def _disclosure(reader: Reader, unit: str, opening: Opening) -> Mapping[str, Any] | None:
    """What an auditor is told of disclosures of the case, and the form that asks for one; None for others."""
    by_role = opening.may_open and opening.disclosure is None
    if by_role or not reader.holds_any({"auditor"}, unit):
        return None
    return {
        "opening": opening,
        "definition": PEOPLE_FORMS["request_disclosure"],
        "form": Form(labels("request_disclosure"), prefix="ask"),
        "form_key": new_form_key(),
    }


def definition_named(name: str) -> Definition:
    """The frozen definition of this name. Raises ProblemError 404."""
    found = next((one for one in (DEFINITION, MONTHLY) if one.id == name), None)
    if found is None:
        raise ProblemError(404)
    return found


def first_page(actor: Actor) -> str:
    """The page that suits the actor's roles best."""
    if "inspector" in actor.roles:
        return "/accusations"
    if actor.roles & DECIDERS:
        return "/dashboard"
    if actor.roles & CASEWORK:
        return "/cases"
    return "/mediations" if "mediator" in actor.roles else "/dashboard"
