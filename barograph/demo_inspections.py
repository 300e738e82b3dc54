"""The demo's imported list of households, and its inspections: made up, as everything in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from barograph.init import decide_register, enter, enter_person
from barograph.station import Station, wall_clock
from contracts.base import DAY_MS
from contracts.inspection_kinds import DefineInspectionV1
from contracts.inspections import periods_between
from contracts.register import EnterMembershipV1
from runtime.submit import Said
from services.people.household_import import Planner, Who
from services.people.household_lists import wishes_of
from services.people.household_sheet import Row
from services.people.place_desk import Home, PlaceDesk, Standing

ROUND, FRONTAGE = "zone-round", "frontage"
POLICE = ("act_demopolice0000", "寅民警（虚构）", "demo-police")
PROPERTY = ("act_demoproperty00", "卯物业（虚构）", "demo-property")
_TIME_ZONE = "Asia/Shanghai"


class _Nowhere:
    """Places of a ledger in which none has been entered."""

    async def home(self, household: str) -> Home | None:  # noqa: ARG002 - none is known
        return None

    async def numbered(self, unit: str, prefix: str) -> str | None:  # noqa: ARG002 - none is known
        return None

    async def subject_of(self, resident: str) -> str | None:  # noqa: ARG002 - none is known
        return None

    async def standing(self, unit: str) -> Standing:  # noqa: ARG002 - none is known
        return Standing()


async def import_list(station: Station, unit: str, zones: Sequence[str], actor: str) -> None:
    """Import a list of twelve households with two residents each, as a clerk would."""
    rows = [
        Row(
            number + 2,
            {
                "zone": zones[number // 2 % len(zones)],
                "address": f"虚构新村{number // 2 + 1}号（演示）",
                "name": f"虚构住户{number + 1}",
                "birth_year": f"{1940 + 2 * number}",
            },
        )
        for number in range(24)
    ]
    register = await station.register.catch_up()
    plan = Planner(Who(register, actor, unit, wall_clock()), Standing(), str).plan(rows)
    desk = PlaceDesk(station.submitter, station.register, _Nowhere())
    await desk.say_all(wishes_of(actor, unit, plan))


async def inspect(station: Station, unit: str, zones: Sequence[str], actor: str) -> None:
    """Inspect zones each quarter and frontages each month, with a gap in each; put one finding right.

    The last round is a joint one with the police and the property company.
    """
    now = wall_clock()
    await _enter_kinds(station, unit, now - 300 * DAY_MS)
    quarter = periods_between(now - 92 * DAY_MS, now, "quarter", _TIME_ZONE)[-2]
    months = periods_between(now - 62 * DAY_MS, now, "month", _TIME_ZONE)
    others = ((person, of) for person, _, of in (POLICE, PROPERTY))
    joint = [{"person": person, "unit": of} for person, of in ((actor, unit), *others)]
    told: list[tuple[int, dict[str, Any]]] = [
        *((quarter.start + 40 * DAY_MS, {"inspection": ROUND, "zone": zone}) for zone in zones[:-1]),
        (months[0].start + 9 * DAY_MS, {"inspection": FRONTAGE}),
        (now, {"inspection": FRONTAGE}),
        (now, {"inspection": ROUND, "zone": zones[0], "inspectors": joint}),
    ]
    told[0][1]["finding_1"] = "楼道堆放纸箱，占了半个过道。（演示）"
    told[-1][1]["finding_1"] = "灭火器已过检验日期。（演示）"
    said = partial(
        Said, family="people", actor=actor, role="clerk", unit=unit, basis=station.register.history.end
    )
    carried = "people.carry_out_inspection.v1"
    streams = []
    for number, (at, body) in enumerate(told):
        one = said(type=carried, body=body, key=f"demo-inspection-{number}", kind="isp", told_at=at)
        streams.append((await station.submitter.submit(one)).subject)
    right = said(
        type="people.put_right.v1",
        body={"finding": 1, "how": "纸箱已由住户清走，过道复查畅通。（演示）"},
        key="demo-put-right",
        subject=streams[0],
        told_at=told[0][0] + 3 * DAY_MS,
    )
    await station.submitter.submit(right)


async def _enter_kinds(station: Station, unit: str, since: int) -> None:
    """Two kinds of inspection, and who comes to a joint one from other units."""
    zones = DefineInspectionV1(
        unit=unit, inspection=ROUND, name="责任区季度巡查（演示）", cycle="quarter", each="zone", since=since
    )
    frontages = DefineInspectionV1(
        unit=unit, inspection=FRONTAGE, name="沿街门面月查（演示）", cycle="month", each="unit", since=since
    )
    register = await station.register.catch_up()
    for kind in (zones, frontages):
        await enter(station, kind)
    for person, name, of in (POLICE, PROPERTY):
        await enter_person(station, register, person, name)
        await enter(station, EnterMembershipV1(person=person, unit=of))
    await decide_register(station)
