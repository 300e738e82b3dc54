"""A small ledger with the register's pages, made once and copied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from barograph import staff
from barograph.init import decide_register
from barograph.station import wall_clock
from services.intake.desk import Verdict
from services.register.office import Office
from services.register.pages import RegisterPages
from tests.projections.pages_house import House, Verdicts, make_home, opened_house


class RegisterVerdicts(Verdicts):
    """Verdicts of a house in which whoever asks for one has the register decided first."""

    def __init__(self, house: House) -> None:
        super().__init__(house.station, house.model, house.projector)
        self._opened = house

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Verdict | None:
        """See services.intake.desk.Decisions."""
        await decide_register(self._opened.station)
        return await super().wait(family, partition, offset, timeout)


@pytest.fixture(scope="session")
def register_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that tests copy."""
    return make_home(tmp_path_factory.mktemp("register"))


@pytest.fixture
async def house(register_home: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The ledger, opened, with the register's pages."""
    async with opened_house(register_home, tmp_path) as opened:
        station = opened.station
        office = Office(station.submitter, station.register, RegisterVerdicts(opened), wall_clock)
        pages = RegisterPages(opened.kit, office, partial(staff.display_name, station))
        opened.app.include_router(pages.router())
        yield opened
