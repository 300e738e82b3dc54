"""A house with inspectors of the whole ledger: one who is clear, one who is named, and a superior."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import APIRouter

from barograph import staff
from barograph.accusation_side import ReadAccusations
from barograph.audit_side import audit
from barograph.read_side import ReadTracking
from barograph.staff import NewStaff, add_staff
from barograph.station import opened_station, wall_clock
from barograph.web_app import make_app
from contracts.base import LEDGER_UNIT
from contracts.envelope import Role
from ledger.log import Record
from runtime.settings import Settings
from services.accusation.desk import AccusationDesk
from services.accusation.handing import HandingPages
from services.accusation.pages import EntryPages
from services.accusation.queue import QueuePages
from services.audit.pages import AuditPages
from services.audit.runner import AuditRunner, in_thread
from services.intake.desk import Desk
from services.intake.promises import Issuer
from services.intake.tracking import TrackPages
from services.people.desk import PeopleDesk
from tests.projections.pages_house import BROWSER, UNIT, House, Verdicts, Visitor, make_home, opened_house
from web.identity import Accounts

OFFICE: dict[str, tuple[str, tuple[tuple[Role, str], ...]]] = {
    "clear": ("某明（虚构）", (("inspector", LEDGER_UNIT),)),
    "second": ("某清（虚构）", (("inspector", LEDGER_UNIT),)),
    "named": ("某被指（虚构）", (("inspector", LEDGER_UNIT), ("auditor", LEDGER_UNIT))),
    "superior": (
        "某上级（虚构）",
        (("inspector", LEDGER_UNIT), ("supervisor", UNIT), ("auditor", LEDGER_UNIT)),
    ),
    "watcher": ("某审计（虚构）", (("auditor", LEDGER_UNIT),)),
}
"""Sign-in name → name on display, roles with their units."""

HIDDEN_FROM = ("named", "superior", "supervisor", "auditor")
STORY = "承办人某被指收了钱，没有办事。（虚构）"
NAMED = "某被指"


@dataclass(frozen=True)
class Inspection:
    """The house, and somebody without an account."""

    house: House
    resident: Visitor

    async def lodge(self, **fields: str) -> str:
        """Lodge through the public form; return the tracking number."""
        told = {"against": UNIT, "named": NAMED, "story": STORY, "form_key": "form-key-1", **fields}
        page = await self.resident.fill("/accusations/new", told, "/accusations/new")
        assert page.status_code == 200, page.text
        await self.house.settle()
        return page.text.split("<code>")[1].split("</code>")[0]

    def record(self) -> tuple[int, int, str]:
        """Partition and offset of the only lodging, and its stream."""
        with self.house.model.engine.connect() as connection:
            query = "select partition, submission_offset, accusation_id from g1_accusations"
            found = connection.exec_driver_sql(query).one()
        return found[0], found[1], found[2]

    async def records(self) -> list[Record]:
        """Every record of the family, submissions and decisions."""
        log, found = self.house.station.log, []
        for topic in ("accusation.submissions", "accusation.events"):
            for partition in range(12):
                found += await log.read(topic, partition, 0, 1000)
        return found


@pytest.fixture(scope="package")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual home, with the office of inspection."""
    home = make_home(tmp_path_factory.mktemp("accusation"))
    asyncio.run(_staff(Settings(home=home)))
    return home


async def _staff(settings: Settings) -> None:
    from barograph.init import appoint, decide_register
    from contracts.register import AppointV1

    async with opened_station(settings) as station:
        accounts = Accounts(station.home.accounts, _QUICK)
        people = [NewStaff(one, f"{one}-demo", name, (), LEDGER_UNIT) for one, (name, _) in OFFICE.items()]
        await add_staff(station, accounts, people)
        for one, (_, posts) in OFFICE.items():
            person = str(accounts.verify(one, f"{one}-demo"))
            for role, unit in posts:
                register = await decide_register(station)
                await appoint(station, register, AppointV1(person=person, role=role, unit=unit))
        await decide_register(station)


@pytest.fixture
async def inspection(made_home: Path, tmp_path: Path) -> AsyncIterator[Inspection]:
    """An opened copy of the home."""
    async with opened_house(made_home, tmp_path) as house:
        accounts = Accounts(house.station.home.accounts, _QUICK)
        house.people.update({one: str(accounts.verify(one, f"{one}-demo")) for one in OFFICE})
        house.app = make_app(house.station, house.kit, _routers(house))
        transport = httpx.ASGITransport(house.app)
        async with Visitor(transport=transport, base_url="http://house.test", headers=BROWSER) as resident:
            yield Inspection(house, resident)


def _routers(house: House) -> list[APIRouter]:
    station, verdicts = house.station, Verdicts(house.station, house.model, house.projector)
    name_of = partial(staff.display_name, station)
    desk = AccusationDesk(station.submitter, station.register, name_of, wall_clock)
    source = ReadAccusations(house.model, station.vault)
    queue = QueuePages(house.kit, desk, source, verdicts, name_of)
    intake = Desk(station.submitter, station.register, verdicts, wall_clock)
    issuer = Issuer(station.log, station.keys, station.submitter)
    tracking = ReadTracking(house.model, station.vault, PeopleDesk(station.submitter, station.register))
    runner = AuditRunner(in_thread(partial(audit, station.settings)), station.home.derived / "audit.json")
    return [
        EntryPages(house.kit, desk, source).router(),
        HandingPages(house.kit, desk, source).router(),
        queue.router(),
        house.pages.router(),
        TrackPages(house.kit, intake, issuer, tracking).router(),
        AuditPages(house.kit, runner, station.log, queue.may_see).router(),
    ]


_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
