"""A house with a grid worker and an aid officer, whose pages of pairs and employment help answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from barograph.helping_side import helping_routers
from barograph.init import decide_register
from barograph.people_side import find_subject
from barograph.staff import NewStaff, add_staff
from barograph.station import opened_station
from barograph.web_app import make_app
from contracts.envelope import Role
from runtime.settings import Settings
from services.people.desk import PeopleDesk
from services.projections import helpings
from services.projections.helping_rows import PairRow, SeekerRow
from tests.projections.pages_house import UNIT, House, Verdicts, make_home, opened_house
from web.identity import Accounts

HELPERS: dict[str, tuple[Role, str]] = {
    "grid": ("grid_worker", "寅网格（虚构）"),
    "officer": ("aid_officer", "卯救助（虚构）"),
}
STORY = "独居，腿脚不便，想有人常来看看。（虚构）"
HELPED, HELPER, SEEKER = "虚构居民子", "虚构邻居丑", "虚构居民寅"
PAIR = {
    "unit": UNIT,
    "need": "care",
    "name": HELPED,
    "telephone": "000-0000-0301",
    "helper_name": HELPER,
    "helper_telephone": "000-0000-0302",
    "story": STORY,
}
WORK = {
    "unit": UNIT,
    "need": "long_unemployed",
    "name": SEEKER,
    "telephone": "000-0000-0303",
    "story": "做过保洁，想在附近找活。（虚构）",
}
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Helping:
    """The house, and what is sent to its forms."""

    house: House

    async def send(self, who: str, path: str, **fields: str) -> httpx.Response:
        """Send the form that begins a pair or an employment case."""
        async with self.house.visitor(who) as visitor:
            return await visitor.fill(path, {"form_key": f"new-{who}", **fields}, f"{path}?unit={UNIT}")

    async def pair(self, who: str = "clerk", **fields: str) -> str:
        """Pair two people by the form; return the page's address."""
        page = await self.send(who, "/pairs/new", **{**PAIR, **fields})
        assert page.status_code == 303, page.text
        return page.headers["location"]

    async def register(self, who: str = "clerk", **fields: str) -> str:
        """Register who looks for work by the form; return the page's address."""
        page = await self.send(who, "/employment/new", **{**WORK, **fields})
        assert page.status_code == 303, page.text
        return page.headers["location"]

    async def say(self, who: str, at: str, command: str, **fields: str) -> str:
        """Send a command's form; return the page that answers it: a form again, or the page of the one."""
        told = {"form_key": f"{who}-{command}-{sorted(fields.items())}", **fields}
        async with self.house.visitor(who) as visitor:
            page = await visitor.fill(f"{at}/{command}", told, at)
            return (await visitor.get(at)).text if page.status_code == 303 else page.text

    async def pair_row(self, at: str) -> PairRow:
        """The pair as the read model has it."""
        found = await asyncio.to_thread(helpings.pair_by_id, self.house.model, at.rsplit("/", 1)[1])
        assert found is not None
        return found

    async def seeker_row(self, at: str) -> SeekerRow:
        """The employment case as the read model has it."""
        found = await asyncio.to_thread(helpings.seeker_by_id, self.house.model, at.rsplit("/", 1)[1])
        assert found is not None
        return found

    async def subject(self, telephone: str) -> str:
        """Who has this telephone."""
        found = await asyncio.to_thread(find_subject, self.house.station, UNIT, telephone)
        assert found is not None
        return found


@pytest.fixture(scope="package")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual home, with two who help."""
    home = make_home(tmp_path_factory.mktemp("helping"))
    asyncio.run(_staff(Settings(home=home)))
    return home


async def _staff(settings: Settings) -> None:
    async with opened_station(settings) as station:
        people = [NewStaff(one, f"{one}-demo", name, (role,), UNIT) for one, (role, name) in HELPERS.items()]
        await add_staff(station, Accounts(station.home.accounts, _QUICK), people)
        await decide_register(station)


@pytest.fixture
async def helping(made_home: Path, tmp_path: Path) -> AsyncIterator[Helping]:
    """An opened copy of the home."""
    async with opened_house(made_home, tmp_path) as house:
        accounts = Accounts(house.station.home.accounts, _QUICK)
        house.people.update({one: str(accounts.verify(one, f"{one}-demo")) for one in HELPERS})
        verdicts = Verdicts(house.station, house.model, house.projector)
        people = PeopleDesk(house.station.submitter, house.station.register)
        routers = helping_routers(house.station, house.model, verdicts, people, house.kit)
        house.app = make_app(house.station, house.kit, [house.pages.router(), *routers])
        yield Helping(house)
