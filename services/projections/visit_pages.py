"""Pages of three-level visits: their figures and list by month, and one visit with what became of each opinion."""

import asyncio
import re
from typing import Annotated, NamedTuple, cast, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.lineage import standing_zones
from contracts.reasons import REASONS
from contracts.visits import End, Rank
from services.projections import visits
from services.projections.household_pages import PlaceOffer, opener_on_record
from services.projections.period import PeriodPages
from services.projections.place_rows import OpinionRow, VisitRow
from services.projections.reading import Reader, Words
from web.actor import Actor
from web.forms import Form, new_form_key
from web.i18n import N_
from web.place_forms import PLACE_FORMS, RANKS
from web.problems import ProblemError

KEEPERS = frozenset({"clerk", "grid_worker", "handler", "supervisor"})
SEERS = KEEPERS | {"auditor"}
"""Roles that see the figures; what was said is shown to keepers alone."""

ENDS = {
    "open": N_("open"),
    "solved": N_("solved"),
    "grievance": N_("made a grievance"),
    "passed_up": N_("passed up"),
}
_VISIT_ID = re.compile(r"vst_[0-9a-f]{32}")
_SETTLED = frozenset({"solved", "grievance"})


class VisitLine(NamedTuple):
    """A visit in a list, with names for its ids."""

    row: VisitRow
    visitor: str
    visitor_unit: str
    zone: str


class OpinionLine(NamedTuple):
    """An opinion of a visit: its words, its end, the note on that, and the forms that are offered."""

    row: OpinionRow
    text: Words | None
    note: Words | None
    with_unit: str | None
    offers: tuple[PlaceOffer, ...]


class VisitPages(PeriodPages):
    """`/visits` and `/visits/{id}`."""

    def add_to(self, router: APIRouter) -> None:
        """Answer the pages' paths."""
        seers = self._pages.require(*SEERS)

        @router.get("/visits")
        async def overview(request: Request, actor: Annotated[Actor, Depends(seers)]) -> Response:
            return await self._overview(request, await self._reader(actor))

        @router.get("/visits/{visit}")
        async def one(request: Request, actor: Annotated[Actor, Depends(seers)], visit: str) -> Response:
            return await self._one(request, await self._reader(actor), visit)

    async def _overview(self, request: Request, reader: Reader) -> Response:
        asked, sent = self._asked(request, reader, SEERS), request.query_params
        unit, register = asked.unit.unit, reader.register
        rank = cast("Rank", sent["rank"]) if sent.get("rank") in get_args(Rank) else None
        zone = sent.get("zone", "")
        end = cast("End", sent["end"]) if sent.get("end") in get_args(End) else None
        scope, figures = asked.scope, None
        rows: tuple[VisitRow, ...] = ()
        if scope is not None:
            scope = scope.model_copy(update={"zone": zone or None})
            figures, rows = await asyncio.gather(
                asyncio.to_thread(visits.figures_in, self._sources.model, scope, rank),
                asyncio.to_thread(visits.visits_in, self._sources.model, scope, rank, end),
            )
        values = {"unit": unit, "month": asked.month, "rank": rank or "", "zone": zone}
        labels = {**asked.form.labels, "rank": N_("Rank"), "zone": N_("Zone")}
        return await self._pages.render(
            request,
            "projections/visits.html",
            status=422 if asked.form.errors else 200,
            asked=asked,
            filter=Form(labels, values, asked.form.errors, "filter"),
            units=[(one.unit, one.name) for one in reader.communities(SEERS)],
            zones=[(one.zone, one.name) for one in register.zones(unit)],
            ranks=dict(RANKS),
            figures=figures,
            total=visits.total(figures) if figures else None,
            lines=[self._line(reader, row) for row in rows],
            shown=visits.SHOWN,
            end=end,
            ends=ENDS,
            here=urlencode(values),
            record=f"/places/{unit}/new/record_visit" if reader.holds_any(KEEPERS, unit) else None,
        )

    async def _one(self, request: Request, reader: Reader, visit_id: str) -> Response:
        is_id = _VISIT_ID.fullmatch(visit_id) is not None
        visit = await asyncio.to_thread(visits.visit_by_id, self._sources.model, visit_id) if is_id else None
        if visit is None:
            raise ProblemError(404, REASONS["not_found"])
        row = visit.row
        if not reader.holds_any(SEERS, row.unit):
            raise ProblemError(403, REASONS["other_unit"])
        keeps = self._keeps(reader, row)
        about = [row.visit_id] if keeps else []
        opener = await opener_on_record(self._sources, reader, row.unit, about, "supervision")
        register = reader.register
        line = register.lineage(row.unit)[1:-1]
        unit = register.unit(row.unit)
        return await self._pages.render(
            request,
            "projections/visit.html",
            visit=self._line(reader, row),
            unit_name=unit.name if unit else row.unit,
            ranks=dict(RANKS),
            ends=ENDS,
            keeps=keeps,
            unrecorded=keeps and not opener.may_open,
            opinions=[
                OpinionLine(
                    one,
                    opener.stored(one.text, one.field) if keeps else None,
                    opener.stored(one.note, "note") if keeps and one.note else None,
                    _name(reader, one.with_unit) if one.with_unit else None,
                    _offers(one) if self._goes_on(reader, one, keeps=keeps) else (),
                )
                for one in visit.opinions
            ],
            add=_offer("add_opinion", row, {}) if keeps else None,
            choices={"above": [(code, _name(reader, code)) for code in line]},
        )

    def _keeps(self, reader: Reader, row: VisitRow) -> bool:
        now, register = self._sources.clock(), reader.register
        return any(register.holds(reader.actor.id, role, row.unit, now, row.zone) for role in KEEPERS)

    def _goes_on(self, reader: Reader, row: OpinionRow, *, keeps: bool) -> bool:
        """Whether the reader can give the opinion its end: once it was passed up, somebody of that unit."""
        if row.ended in _SETTLED or not keeps:
            return False
        now, register = self._sources.clock(), reader.register
        above = row.with_unit
        return above is None or any(register.holds(reader.actor.id, role, above, now) for role in KEEPERS)

    def _line(self, reader: Reader, row: VisitRow) -> VisitLine:
        register = reader.register
        by_name = reader.knows_staff(row.unit)
        visitor = self._sources.name_of(register, row.visitor) if by_name else row.visitor
        zones = {zone.zone: zone.name for zone in standing_zones(register, row.unit)}
        return VisitLine(row, visitor, _name(reader, row.visitor_unit), zones.get(row.zone, row.zone))


def _name(reader: Reader, unit: str) -> str:
    found = reader.register.unit(unit)
    return found.name if found else unit


def _offers(row: OpinionRow) -> tuple[PlaceOffer, ...]:
    kept = {"number": str(row.number)}
    return tuple(_offer(name, row, kept) for name in ("solve_opinion", "make_grievance", "pass_up_opinion"))


def _offer(name: str, row: VisitRow | OpinionRow, kept: dict[str, str]) -> PlaceOffer:
    definition = PLACE_FORMS[name]
    form = Form(definition.labels, prefix=f"{name}-{kept.get('number', '')}")
    return PlaceOffer(
        name, definition, form, f"/places/{row.unit}/{row.visit_id}/{name}", new_form_key(), kept
    )
