"""The figures for anybody, on the command line."""

from __future__ import annotations

import asyncio

from rich.console import Console
from rich.table import Table

from barograph.commands import WrongUseError
from barograph.running import opened_reading
from barograph.station import wall_clock
from contracts.public_figures import ELSEWHERE, PublicFigures
from runtime.settings import Settings
from services.projections.public import read_public
from services.projections.public_pages import asked_of


async def public(settings: Settings, community: str | None) -> PublicFigures:
    """The public figures of a community as of the log's end; `community` may be left out where there is one."""
    async with opened_reading(settings) as reading:
        await reading.projector.catch_up()
        register = await reading.station.register.catch_up()
        communities = [unit for unit in register.units() if unit.tier == "community"]
        chosen = [unit for unit in communities if community in (None, unit.unit)]
        if len(chosen) != 1:
            names = ", ".join(unit.unit for unit in communities)
            raise WrongUseError(f"public figures are of one community: name it by --community ({names})")
        unit = chosen[0]
        asked = asked_of(register, unit, wall_clock())
        zones = [zone.zone for zone in register.zones(unit.unit)]
        return await asyncio.to_thread(read_public, reading.model, asked, zones, unit.time_zone)


def show_public(found: PublicFigures, console: Console) -> None:
    """Print the public figures for a person."""
    table = Table("month", *("elsewhere" if zone == ELSEWHERE else zone for zone in found.zones), "together")
    for at, month in enumerate(found.months):
        table.add_row(month, *(_text(row[at]) for row in found.received), _text(found.by_month[at]))
    for name, counts, whole in (
        ("together", found.by_zone, found.total),
        ("open", found.open_by_zone, found.open),
        ("closed", found.closed_by_zone, found.closed),
    ):
        table.add_row(name, *map(_text, counts), _text(whole))
    console.print(table)
    console.print(f"·: below {found.minimum}, or withheld so that no such count can be worked out")
    for kind, claim in found.stability.items():
        console.print(f"{kind}: {claim.state}{'' if claim.count is None else f' {claim.count}'}")


def _text(count: int | None) -> str:
    return "·" if count is None else str(count)
