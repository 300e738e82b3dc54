"""Lists of households, in and out, for whoever is entitled in the zones that they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from contracts.households import household_code
from runtime.submit import Receipt
from services.people.desk import PeopleDesk
from services.people.household_import import Plan, Planner, Who
from services.people.household_sheet import Row, exported
from services.people.place_desk import PlaceDesk, Wish
from web.i18n import Gettext
from web.sheets import Table


class HouseholdLists:
    """Imports and exports of a community's households."""

    def __init__(self, desk: PlaceDesk, people: PeopleDesk, clock: Callable[[], int]) -> None:
        """`clock`: milliseconds since the epoch."""
        self._desk = desk
        self._people = people
        self._clock = clock

    async def plan(self, actor: str, unit: str, rows: Sequence[Row], gettext: Gettext) -> Plan:
        """What a list would enter. The households that it is held against are on record as read. Raises LogError."""
        who = Who(await self._desk.register(), actor, unit, self._clock())
        standing = await self._desk.places.standing(unit)
        plan = await asyncio.to_thread(lambda: Planner(who, standing, gettext).plan(rows))
        await self._people.record_reading(actor, unit, "household", subjects=plan.touched)
        return plan

    async def enter(self, actor: str, unit: str, plan: Plan) -> Receipt | None:
        """Enter what a plan without problems asks for; the last receipt. Raises as Submitter.submit_many."""
        return await self._desk.say_all(wishes_of(actor, unit, plan))

    async def export(self, actor: str, unit: str, zones: Sequence[str]) -> Table:
        """The households of these zones with their residents; that they are read is on record first.

        Raises LogError.
        """
        homes = [one for one in (await self._desk.places.standing(unit)).homes if one.zone in zones]
        read = [one.household for one in homes] + sorted({who for one in homes for who in one.subjects})
        await self._people.record_reading(actor, unit, "household", subjects=read)
        return exported(
            (household_code(one.household), one.zone, one.address, one.residents) for one in homes
        )


def wishes_of(actor: str, unit: str, plan: Plan) -> list[Wish]:
    """What a plan asks for, as PlaceDesk.say_all takes it."""
    return [
        Wish(actor, unit, step.command, step.body, step.key, stream=step.home or None, zone=step.zone)
        for step in plan.steps
    ]
