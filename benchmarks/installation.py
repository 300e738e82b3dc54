"""An installation to measure: a ledger with one community, and a clerk with an account in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from barograph.init import NewCommunity, decide_register, enter, initialise
from barograph.staff import NewStaff, add_staff
from barograph.station import opened_station
from contracts.register import DefineZoneV1
from runtime.settings import Settings
from web.identity import Accounts

ROOT = Path(__file__).parent.parent
COMMUNITY = NewCommunity("demo", "Fictional Community")
ZONE = "z1"
SIGN_IN, PASSWORD = "clerk", "clerk-bench"
STORY = "路灯不亮"
"""So short that the sealed record on the log has as nearly 500 bytes as a lodging can."""


async def prepare(settings: Settings) -> None:
    """Make the ledger. Raises LogError."""
    await initialise(settings, COMMUNITY, simulated=True)
    async with opened_station(settings) as station:
        await enter(station, DefineZoneV1(zone=ZONE, unit=COMMUNITY.unit, name="Zone 1"))
        clerk = NewStaff(SIGN_IN, PASSWORD, "Fictional Clerk", ("clerk",), COMMUNITY.unit)
        await add_staff(station, Accounts(station.home.accounts), [clerk])
        await decide_register(station)


@contextmanager
def running(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A program of this project in a process of its own, on any free port, ended with the block."""
    environment = {**os.environ, "BAROGRAPH_PORT": "0"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()
