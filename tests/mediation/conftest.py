"""A house with two mediators, whose pages of mediations answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from barograph.init import decide_register
from barograph.mediation_side import mediation_routers
from barograph.people_side import Aftermath
from barograph.staff import NewStaff, add_staff
from barograph.station import opened_station, wall_clock
from barograph.web_app import make_app
from runtime.settings import Settings
from services.people.desk import PeopleDesk
from services.people.pages import PeoplePages
from services.projections import mediations
from services.projections.mediation_rows import MediationRow
from tests.projections.pages_house import UNIT, House, Verdicts, make_home, opened_house
from web.forms import new_form_key
from web.identity import Accounts

MEDIATORS = {"mediator": "子调解（虚构）", "other": "丑调解（虚构）"}
STORY = "楼上漏水，双方对赔多少说不到一起。（虚构）"
PARTY_A, PARTY_B = "虚构居民子", "虚构居民丑"
TERMS = "乙方赔三千元，甲方修好水管。（虚构）"
NEW = {
    "unit": UNIT,
    "origin": "oral",
    "dispute": "neighbours",
    "amount": "3,000.00",
    "story": STORY,
    "kind_a": "person",
    "name_a": PARTY_A,
    "telephone_a": "000-0000-0201",
    "kind_b": "person",
    "name_b": PARTY_B,
    "telephone_b": "000-0000-0202",
}
DUE = "2099-12-31"
AGREEMENT = {
    "terms": TERMS,
    "total": "3000",
    "kind_1": "pay",
    "debtor_1": "2",
    "creditor_1": "1",
    "amount_1": "3000",
    "due_1": DUE,
    "kind_2": "repair",
    "debtor_2": "1",
    "creditor_2": "2",
    "due_2": DUE,
}
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Mediating:
    """The house, and one mediation in it at a time."""

    house: House

    async def start(self, who: str = "clerk", **fields: str) -> str:
        """Start a mediation by the form; return its page's address."""
        told = {**NEW, "form_key": "form-key-1", **fields}
        async with self.house.visitor(who) as visitor:
            page = await visitor.fill("/mediations/new", told, f"/mediations/new?unit={UNIT}")
        assert page.status_code == 303, page.text
        return page.headers["location"]

    async def say(self, who: str, at: str, command: str, **fields: object) -> str:
        """Send a command's form; return the page that answers it: a form again, or the mediation's page."""
        told = {"form_key": f"{who}-{command}-{sorted(map(str, fields.items()))}", **fields}
        async with self.house.visitor(who) as visitor:
            page = await visitor.fill(f"{at}/{command}", told, at)  # type: ignore[arg-type]
            if page.status_code == 303:
                return (await visitor.get(at)).text
            return page.text

    async def consent(self, at: str) -> None:
        """Name the mediator; tell both parties their rights, and have them consent."""
        await self.say(
            "supervisor", at, "name_mediator", mediator=self.house.people["mediator"], choice="assigned"
        )
        for party in ("1", "2"):
            await self.say("clerk", at, "serve_rights_notice", party=party, manner="read_out")
            await self.say("clerk", at, "record_consent", party=party, consents="yes")

    async def draw_up(self, at: str) -> str:
        """Hold a session, and draw up the agreement; return its fingerprint."""
        await self.consent(at)
        await self.say(
            "mediator", at, "hold_session", sitting="joint", present=["1", "2"], note="谈了两小时。（虚构）"
        )
        return await self.draw_up_again(at)

    async def draw_up_again(self, at: str) -> str:
        """Draw up the agreement, or a new version of it; return its fingerprint."""
        page = await self.say("mediator", at, "draw_up", form_key=new_form_key(), **AGREEMENT)
        found = re.findall(r'name="fingerprint" value="([0-9a-f]{64})"', page)
        return str(found[0])

    async def sign(self, at: str, fingerprint: str) -> None:
        """Everybody signs, and it is sealed."""
        told = {"manner": "on_paper", "fingerprint": fingerprint}
        for signer in ("party:1", "party:2", "committee"):
            await self.say("clerk", at, "sign", signer=signer, **told)
        own = f"mediator:{self.house.people['mediator']}"
        await self.say("mediator", at, "sign", signer=own, **told)

    async def row(self, at: str) -> MediationRow:
        """The mediation as the read model has it."""
        found = await asyncio.to_thread(mediations.by_id, self.house.model, at.rsplit("/", 1)[1])
        assert found is not None
        return found


@pytest.fixture(scope="package")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual home, with two mediators."""
    home = make_home(tmp_path_factory.mktemp("mediation"))
    asyncio.run(_staff(Settings(home=home)))
    return home


async def _staff(settings: Settings) -> None:
    async with opened_station(settings) as station:
        people = [NewStaff(one, f"{one}-demo", name, ("mediator",), UNIT) for one, name in MEDIATORS.items()]
        await add_staff(station, Accounts(station.home.accounts, _QUICK), people)
        await decide_register(station)


@pytest.fixture
async def mediating(made_home: Path, tmp_path: Path) -> AsyncIterator[Mediating]:
    """An opened copy of the home."""
    async with opened_house(made_home, tmp_path) as house:
        accounts = Accounts(house.station.home.accounts, _QUICK)
        house.people.update({one: str(accounts.verify(one, f"{one}-demo")) for one in MEDIATORS})
        verdicts = Verdicts(house.station, house.model, house.projector)
        people = PeopleDesk(house.station.submitter, house.station.register)
        routers = mediation_routers(house.station, house.model, verdicts, people, house.kit)
        aftermath = Aftermath(house.station, house.model, people)
        forms = PeoplePages(house.kit, people, verdicts, wall_clock, aftermath)
        house.app = make_app(house.station, house.kit, [house.pages.router(), forms.router(), *routers])
        yield Mediating(house)
