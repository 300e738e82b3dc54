"""The page of inspections: how far each kind was carried out, what was found, and the form to record one."""

import asyncio
from typing import Annotated, NamedTuple

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.inspections import WHOLE, Coverage, coverage_of, kinds_of, periods_between
from contracts.reference import Register
from services.projections import inspection_queries as inspections
from services.projections.case_page import Staff
from services.projections.household_pages import PlaceOffer, opener_on_record
from services.projections.place_rows import FindingRow, InspectionRow
from services.projections.reading import Reader, Words
from services.projections.sources import ReaderPages
from web.actor import Actor
from web.forms import Form, new_form_key
from web.i18n import N_
from web.place_forms import PLACE_FORMS, inspector_choices
from web.problems import ProblemError

INSPECTORS = frozenset({"clerk", "grid_worker", "supervisor", "handler", "patroller"})
SEERS = INSPECTORS | {"auditor"}
"""Roles that see coverage; what was found is shown to inspectors alone."""

GROWERS = INSPECTORS - {"patroller"}
"""Roles that may make a grievance of a finding."""

PERIODS_SHOWN = 4


class KindLine(NamedTuple):
    """A kind of inspection with its periods, the newest first; None: not in force then."""

    name: str
    coverage: tuple[tuple[str, Coverage | None], ...]


class Found(NamedTuple):
    """An open finding as the page shows it."""

    row: FindingRow
    kind: str
    zone: str
    text: Words | None
    offers: tuple[PlaceOffer, ...]


class Lately(NamedTuple):
    """An inspection that was carried out: who led it, and who took part, each with the unit where it is told."""

    row: InspectionRow
    kind: str
    zone: str
    led: str
    others: tuple[str, ...]


class InspectionPages(ReaderPages):
    """`/inspections`."""

    def add_to(self, router: APIRouter) -> None:
        """Answer the page's path."""
        seers = self._pages.require(*SEERS)

        @router.get("/inspections")
        async def overview(request: Request, actor: Annotated[Actor, Depends(seers)]) -> Response:
            return await self._overview(request, await self._reader(actor))

    async def _overview(self, request: Request, reader: Reader) -> Response:
        chosen = reader.choose(request.query_params.get("unit", ""), SEERS)
        if chosen is None:
            raise ProblemError(403)
        unit, model, register = chosen.unit, self._sources.model, reader.register
        lines, names = await self._coverage(register, unit, chosen.time_zone)
        acts, grows = reader.holds_any(INSPECTORS, unit), reader.holds_any(GROWERS, unit)
        mine = [zone.zone for zone in register.zones(unit) if self._acts_in(reader, unit, zone.zone)]
        rows = await asyncio.to_thread(inspections.open_findings, model, unit, [*mine, WHOLE]) if acts else ()
        total, right = await asyncio.to_thread(inspections.finding_counts, model, unit)
        about = sorted({row.inspection_id for row in rows})
        opener = await opener_on_record(self._sources, reader, unit, about, "supervision")
        zones = {zone.zone: zone.name for zone in register.zones(unit)}
        lately = await asyncio.to_thread(inspections.carried_out_lately, model, unit)
        staff = Staff(register, self._sources.name_of, reader.knows_staff(unit) or acts)
        return await self._pages.render(
            request,
            "projections/inspections.html",
            unit=chosen,
            units=[(one.unit, one.name) for one in reader.communities(SEERS)],
            filter=Form({"unit": N_("Community")}, {"unit": unit}, prefix="filter"),
            lines=lines,
            zones=zones,
            total=total,
            right=right,
            acts=acts,
            lately=[
                _lately(row, names.get(row.inspection, row.inspection), zones.get(row.zone, ""), staff)
                for row in lately
            ],
            unrecorded=not opener.may_open,
            found=[
                Found(
                    row,
                    names.get(row.inspection, row.inspection),
                    zones.get(row.zone, ""),
                    opener.stored(row.text, f"finding_{row.number}"),
                    tuple(
                        _offer(name, unit, row.inspection_id, {"finding": str(row.number)})
                        for name in ("put_right", "make_finding_grievance")
                        if name == "put_right" or (row.grievance is None and grows)
                    ),
                )
                for row in rows
            ],
            carry_out=_offer("carry_out_inspection", unit, "new", {}) if acts and names else None,
            choices={
                "inspection": list(names.items()),
                "zone": [(zone, zones[zone]) for zone in mine],
                "inspector": inspector_choices(register, unit, self._sources.clock(), self._sources.name_of)
                if acts
                else [],
            },
        )

    def _acts_in(self, reader: Reader, unit: str, zone: str) -> bool:
        now = self._sources.clock()
        return any(reader.register.holds(reader.actor.id, role, unit, now, zone) for role in INSPECTORS)

    async def _coverage(
        self, register: Register, unit: str, time_zone: str
    ) -> tuple[list[KindLine], dict[str, str]]:
        """A line for each kind in force, and the names of the kinds."""
        now = self._sources.clock()
        kinds = kinds_of(register, unit, now)
        back = {"month": 31, "quarter": 92, "year": 366}
        day = 86_400_000
        periods = {
            kind.inspection: periods_between(
                now - (PERIODS_SHOWN - 1) * back[kind.cycle] * day, now, kind.cycle, time_zone
            )[-PERIODS_SHOWN:]
            for kind in kinds
        }
        wanted = {period.name for of_kind in periods.values() for period in of_kind}
        done = await asyncio.to_thread(inspections.inspected, self._sources.model, unit, sorted(wanted))
        lines = []
        for kind in kinds:
            code = kind.inspection
            coverage = tuple(
                (
                    period.name,
                    coverage_of(
                        register, unit, code, period, done.get((code, period.name), frozenset()), now
                    ),
                )
                for period in reversed(periods[code])
            )
            lines.append(KindLine(kind.name, coverage))
        return lines, {kind.inspection: kind.name for kind in kinds}


def _lately(row: InspectionRow, kind: str, zone: str, staff: Staff) -> Lately:
    told = orjson.loads(row.inspectors) if row.inspectors else [{"person": row.actor}]
    named = []
    for one in told:
        unit = staff.register.unit(one["unit"]) if "unit" in one else None
        named.append(staff(one["person"]) + (f" · {unit.name}" if unit else ""))
    return Lately(row, kind, zone, named[0], tuple(named[1:]))


def _offer(name: str, unit: str, stream: str, kept: dict[str, str]) -> PlaceOffer:
    definition = PLACE_FORMS[name]
    prefix = f"{name}-{stream}-{kept.get('finding', '')}"
    form = Form(definition.labels, prefix=prefix)
    return PlaceOffer(name, definition, form, f"/places/{unit}/{stream}/{name}", new_form_key(), kept)
