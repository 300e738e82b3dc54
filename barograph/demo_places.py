"""The demo's households: made up, as everything in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from barograph.station import Station
from contracts.people import telephone_handle
from runtime.submit import Said


async def enter_households(station: Station, unit: str, zones: Sequence[str]) -> None:
    """Enter a household with a resident in each of these zones; the first one lodged the first live case."""
    register = await station.register.catch_up()
    operator = station.ledger.genesis.administrator
    clerk = next(one for one in register.appointments() if one.role == "clerk" and one.person != operator)
    said = partial(Said, family="people", actor=clerk.person, role="clerk", unit=unit, basis=register.basis)
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
