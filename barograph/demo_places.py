"""The demo's households and visits: made up, as everything in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from barograph.station import Station
from contracts.people import telephone_handle
from runtime.submit import Said


async def enter_households(station: Station, unit: str, zones: Sequence[str]) -> None:
    """Enter a household with a resident in each of these zones; the first one lodged the first live case."""
    said = await _clerk(station, unit)
    for number, zone in enumerate(zones):
        household = said(
            type="people.enter_household.v1",
            body={"zone": zone, "address": f"虚构路{number + 1}号（演示）"},
            key=f"demo-household-{number}",
            kind="hsh",
        )
        telephone = f"000-0000-{number:04d}"
        resident = said(
            type="people.enter_resident.v1",
            body={
                "resident_name": f"虚构居民{number + 1}",
                "telephone": telephone,
                "birth_year": f"{1950 + 5 * number}",
            },
            key=f"demo-resident-{number}",
            subject=(await station.submitter.submit(household)).subject,
            handles={"subject": telephone_handle(unit, telephone) or ""},
        )
        await station.submitter.submit(resident)


_SAID = (
    "楼道灯不亮，晚上看不清台阶。（演示）",
    "小区东门早高峰堵车。（演示）",
    "老人盼有人教用手机挂号。（演示）",
    "水压低，六楼洗澡没有水。（演示）",
    "希望早班车提前十分钟。（演示）",
    "垃圾桶夏天有异味。（演示）",
    "健身器材松动。（演示）",
    "想办一次修旧家电的活动。（演示）",
    "河边缺一段护栏。（演示）",
)
_SOLVED, _HANDED = (1, 3, 6, 8), {2: "make_grievance", 5: "pass_up_opinion", 9: "pass_up_opinion"}
"""Which of the opinions were solved, and what became of others; the rest are open."""


async def visit(station: Station, unit: str, above: str, zones: Sequence[str]) -> None:
    """Record a visit of each rank, each with three opinions, most of which have come to an end."""
    said, register = await _clerk(station, unit), await station.register.catch_up()
    visitors = [one.person for one in register.appointments() if one.role == "supervisor"]
    ranks = (("district", above), ("section", above), ("community", unit))
    for place, (rank, of) in enumerate(ranks):
        numbers = range(3 * place + 1, 3 * place + 4)
        body: dict[str, Any] = {
            "zone": zones[place % len(zones)],
            "rank": rank,
            "visitor": visitors[0],
            "visitor_unit": of,
            "persons": 4 + place,
            **{f"opinion_{at}": _SAID[number - 1] for at, number in enumerate(numbers, 1)},
        }
        record = said(type="people.record_visit.v1", body=body, key=f"demo-visit-{place}", kind="vst")
        stream = (await station.submitter.submit(record)).subject
        for at, number in enumerate(numbers, 1):
            name = "solve_opinion" if number in _SOLVED else _HANDED.get(number)
            if name is not None:
                more = {"make_grievance": {}, "pass_up_opinion": {"to": above}}.get(name, {})
                note = {} if name == "make_grievance" else {"note": "已办或已转。（演示）"}
                ended = said(
                    type=f"people.{name}.v1",
                    body={"number": at, **more, **note},
                    key=f"demo-opinion-{number}",
                    subject=stream,
                )
                await station.submitter.submit(ended)


async def clerk_of(station: Station) -> str:
    """The demo's clerk."""
    register = await station.register.catch_up()
    operator = station.ledger.genesis.administrator
    return next(
        one.person for one in register.appointments() if one.role == "clerk" and one.person != operator
    )


async def _clerk(station: Station, unit: str) -> partial[Said]:
    """What the demo's clerk says."""
    clerk, basis = await clerk_of(station), station.register.history.end
    return partial(Said, family="people", actor=clerk, role="clerk", unit=unit, basis=basis)
