"""A filled ledger to erase from: the demo's community, with another case at the counter."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from barograph import demo
from barograph.init import initialise
from barograph.people_commands import decide_all
from barograph.running import Reading, opened_reading
from barograph.station import opened_station
from runtime.settings import Settings
from services.people.desk import PeopleDesk
from web.identity import Accounts

UNIT = demo.COMMUNITY.unit
TELEPHONE = "000-0000-0003"
"""Of somebody in the demo, who has one case."""


def make(folder: Path) -> Path:
    """Make the home that tests copy."""

    async def filled() -> None:
        settings = Settings(home=folder / "home")
        await initialise(settings, demo.COMMUNITY, simulated=True)
        async with opened_station(settings) as station:
            await demo.load_demo(station, Accounts(station.home.accounts))
        async with opened_reading(settings) as reading:
            await decide_all(reading)

    asyncio.run(filled())
    return folder / "home"


def copy_of(home: Path, folder: Path) -> Settings:
    """The settings of a copy of a home."""
    shutil.copytree(home, folder / "home")
    return Settings(home=folder / "home")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Reading, PeopleDesk]]:
    """The home with its read model, and a desk to speak at."""
    async with opened_reading(settings) as reading:
        station = reading.station
        yield reading, PeopleDesk(station.submitter, station.register)


async def act_of(reading: Reading, sign_in: str) -> str:
    """The actor behind a demo account."""
    found = await asyncio.to_thread(
        Accounts(reading.station.home.accounts).verify, sign_in, f"{sign_in}-demo"
    )
    assert found is not None
    return found
