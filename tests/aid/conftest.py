"""A house with an aid officer, an approver, funds and programmes, whose pages of aid answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from barograph.aid_side import aid_routers
from barograph.demo_aid import enter_programmes
from barograph.funding import Funding
from barograph.init import CLOCK, decide_register
from barograph.staff import NewStaff, add_staff
from barograph.station import opened_station
from barograph.web_app import make_app
from runtime.settings import Settings
from services.people.desk import PeopleDesk
from services.projections import aids
from services.projections.aid_rows import AidRow
from tests.projections.pages_house import UNIT, House, Verdicts, make_home, opened_house
from web.identity import Accounts

STAFF = {"officer": "aid_officer", "approver": "aid_approver", "approver2": "aid_approver"}
NAME, STORY = "虚构居民卯", "突发疾病，一时周转不开。（虚构）"
NEW = {
    "unit": UNIT,
    "programme": "temporary",
    "origin": "self",
    "name": NAME,
    "telephone": "000-0000-0401",
    "persons": "2",
    "story": STORY,
}
INQUIRE = {"visited": "yes", "note": "情况属实。（虚构）"}
PROPOSE = {
    "verdict": "grant",
    "amount": "3,000.00",
    "amount_1": "3000",
    "day_1": "2099-12-31",
    "note": "建议救助。（虚构）",
}
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Helping:
    """The house, with one request at a time; its funds answer when they are asked to."""

    house: House

    async def send(self, who: str, action: str, form: str, **fields: object) -> str:
        """Fill in a form and send it; return the page that answers it, after a redirect the one that it leads to."""
        told = {"form_key": f"{who}-{action}-{sorted(map(str, fields.items()))}", **fields}
        async with self.house.visitor(who) as visitor:
            page = await visitor.fill(action, told, form)  # type: ignore[arg-type]
            if page.status_code == 303:
                return (await visitor.get(page.headers["location"])).text
            return page.text

    async def apply(self, who: str = "clerk", **fields: str) -> tuple[str, str]:
        """Apply by the form; return the request's address and its tracking number."""
        told = {**NEW, "form_key": f"apply-{sorted(fields.items())}", **fields}
        async with self.house.visitor(who) as visitor:
            page = await visitor.fill("/aid/new", told, f"/aid/new?unit={UNIT}")
            assert page.status_code == 303, page.text
            slip = (await visitor.get(page.headers["location"])).text
        number = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}", slip)
        assert number is not None
        return page.headers["location"].removesuffix("/slip"), number[0]

    async def say(self, who: str, at: str, command: str, **fields: object) -> str:
        """Send a command's form on a request."""
        return await self.send(who, f"{at}/{command}", at, **fields)

    async def propose(self, at: str, **fields: str) -> str:
        """Check, inquire and propose."""
        await self.say("clerk", at, "check_completeness")
        await self.say("officer", at, "inquire", **INQUIRE)
        return await self.say("officer", at, "propose", **{**PROPOSE, **fields})

    async def answer(self) -> None:
        """Let the funds answer, and the requests be told."""
        station = self.house.station
        funding = Funding(station.submitter, station.register, self.house.model, CLOCK)
        while await funding.look():
            await self.house.settle()

    async def row(self, at: str) -> AidRow:
        """The request as the read model has it."""
        found = await asyncio.to_thread(aids.by_id, self.house.model, at.rsplit("/", 1)[1])
        assert found is not None
        return found


@pytest.fixture(scope="package")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual home, with those who give aid, funds and programmes."""
    home = make_home(tmp_path_factory.mktemp("aid"))
    asyncio.run(_staff(Settings(home=home)))
    return home


async def _staff(settings: Settings) -> None:
    async with opened_station(settings) as station:
        people = [
            NewStaff(one, f"{one}-demo", f"{one}（虚构）", (role,), UNIT)  # type: ignore[arg-type]
            for one, role in STAFF.items()
        ]
        await add_staff(station, Accounts(station.home.accounts, _QUICK), people)
        await enter_programmes(station, UNIT)
        await decide_register(station)


@pytest.fixture
async def helping(made_home: Path, tmp_path: Path) -> AsyncIterator[Helping]:
    """An opened copy of the home."""
    async with opened_house(made_home, tmp_path) as house:
        accounts = Accounts(house.station.home.accounts, _QUICK)
        house.people.update({one: str(accounts.verify(one, f"{one}-demo")) for one in STAFF})
        verdicts = Verdicts(house.station, house.model, house.projector)
        people = PeopleDesk(house.station.submitter, house.station.register)
        routers = aid_routers(house.station, house.model, verdicts, people, house.kit)
        house.app = make_app(house.station, house.kit, [house.pages.router(), *routers])
        yield Helping(house)
