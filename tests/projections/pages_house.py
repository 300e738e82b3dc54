"""A small ledger with its pages: two communities, staff in each, and cases in every state.

    async with opened_house(folder) as house:
        page = await house.visit("handler", "/cases")

`make_home` builds the home once; each test opens a copy of it. Every text in it is fictional.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.responses import Response

from barograph import staff
from barograph.families import family_rules
from barograph.init import CLOCK, NewCommunity, decide_register, enter, enter_first, initialise
from barograph.people_side import Aftermath
from barograph.places_side import ReadPlaces
from barograph.read_side import ReadVerdicts
from barograph.staff import NewStaff, add_staff
from barograph.station import Station, opened_station, wall_clock
from barograph.web_app import make_app, make_pages
from contracts.envelope import Role
from contracts.partition import partition_of
from contracts.reference import Register
from contracts.register import Category, DefineCategoriesV1, DefineZoneV1
from contracts.tracking import digest_of
from ledger.blobs import BlobFolder
from ledger.log import Draft, LogError
from ledger.signing import FixedSigner
from runtime import embedded
from runtime.settings import Settings
from runtime.submit import Receipt, Said, Submitter
from services.intake.api import intake_api
from services.intake.attachments import Attachments
from services.intake.desk import Desk, Verdict, reporter_handle
from services.intake.doors import owners_of
from services.intake.pages import IntakePages
from services.intake.promises import Issuer, ReceiptPages
from services.people.desk import PeopleDesk
from services.people.household_lists import HouseholdLists
from services.people.list_pages import ListPages
from services.people.pages import PeoplePages
from services.people.place_desk import PlaceDesk
from services.people.place_pages import PlacePages
from services.projections.pages import ProjectionPages
from services.projections.projector import Projector
from services.projections.rows import CaseRow
from services.projections.sources import Sources
from services.projections.store import Place, ReadModel
from web.identity import Accounts
from web.pages import Pages

UNIT, NEIGHBOUR = "demo", "next"
STORY = "三单元电梯一周停了两次，<b>老人</b>上下楼不方便。（虚构）"
TITLE = "电梯停运（虚构标题）"
NAME, TELEPHONE, ADDRESS = "虚构居民甲", "000-0000-0001", "虚构路0号"
NOTE, REPLY = "已约维修单位上门。（虚构记录）", "维修已完成。（虚构答复）"
NEIGHBOUR_STORY = "隔壁社区的路灯不亮。（虚构）"
SECRETS = ("三单元电梯", TITLE, NAME, TELEPHONE, ADDRESS, NOTE, REPLY)
"""What must not be seen by who may not open it."""

STAFF: dict[str, tuple[Role, str, str]] = {
    "clerk": ("clerk", UNIT, "甲窗口（虚构）"),
    "handler": ("handler", UNIT, "乙承办（虚构）"),
    "idle": ("handler", UNIT, "丙承办（虚构）"),
    "supervisor": ("supervisor", UNIT, "丁督办（虚构）"),
    "auditor": ("auditor", UNIT, "戊审计（虚构）"),
    "auditor2": ("auditor", UNIT, "壬审计（虚构）"),
    "dpo": ("data_protection_officer", UNIT, "癸数据保护（虚构）"),
    "admin": ("administrator", UNIT, "己管理（虚构）"),
    "patroller": ("patroller", UNIT, "庚巡逻（虚构）"),
    "neighbour": ("handler", NEIGHBOUR, "辛承办（虚构）"),
}
"""Sign-in name → role, community, name on display."""

BROWSER = {"Accept": "text/html", "Accept-Language": "en"}
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Visitor(httpx.AsyncClient):
    """A signed-in browser that prefers English."""

    async def fill(self, path: str, fields: dict[str, str], form: str) -> httpx.Response:
        """Send a form with the token that the form's page shows."""
        token = _CSRF.findall((await self.get(form)).text)[-1]
        return await self.post(path, data={**fields, "csrf": token})


@dataclass(slots=True)
class House:
    """The opened ledger with its pages. `people`: sign-in name, or `clock`, → actor."""

    station: Station
    model: ReadModel
    projector: Projector
    kit: Pages
    pages: ProjectionPages
    app: FastAPI
    people: dict[str, str]
    numbers: itertools.count[int]
    aftermath: Aftermath

    async def visit(self, who: str, path: str, **headers: str) -> httpx.Response:
        """Get a page as this member of staff."""
        async with self.visitor(who) as visitor:
            return await visitor.get(path, headers=headers)

    def visitor(self, who: str) -> Visitor:
        """This member of staff, signed in."""
        response = Response()
        self.kit.sessions.open(response, self.people[who])
        cookie = response.headers["set-cookie"].split(";")[0]
        transport = httpx.ASGITransport(self.app)
        return Visitor(
            transport=transport, base_url="http://house.test", headers={**BROWSER, "Cookie": cookie}
        )

    async def lodge(
        self, unit: str = UNIT, by: str = "clerk", told_at: int | None = None, **body: Any
    ) -> str:
        """Lodge a grievance and decide it; return the case id."""
        submitter = self.station.submitter
        said = self._said("lodge", body, unit, by, kind="grv", told_at=told_at)
        number = submitter.tracking_number(submitter.submission_id(said))
        full = {"tracking": digest_of(number), "channel": "counter", **body}
        case = submitter.subject_of(said)
        handles = reporter_handle(body, unit, case) | owners_of(body, case)
        more = {"kind": "grv", "told_at": told_at, "handles": handles}
        lodging = self._said("lodge", full, unit, by, key=said.key, **more)
        receipt = await submitter.submit(lodging)
        await self.settle()
        return receipt.subject

    def number_of(self, case: CaseRow) -> str:
        """The tracking number of a case that was lodged here, as its receipt has it."""
        return self.station.submitter.tracking_number(case.submission_id or "")

    async def command(
        self,
        case: str,
        name: str,
        by: str = "handler",
        unit: str = UNIT,
        key: str | None = None,
        **body: Any,
    ) -> Receipt:
        """Give a command on a case, and decide it."""
        return await self.said_by(self.station.submitter, case, name, by, unit, key, **body)

    async def said_by(
        self, submitter: Submitter, case: str, name: str, by: str, unit: str, key: str | None, **body: Any
    ) -> Receipt:
        """Give a command through this submitter, which stands for one intake process."""
        receipt = await submitter.submit(self._said(name, body, unit, by, key=key, subject=case))
        await self.settle()
        return receipt

    def intake(self, ahead: int = 0) -> Submitter:
        """Another intake process, whose clock is ahead by so many milliseconds."""
        station = self.station
        key = station.home.key("intake")
        signer = FixedSigner(station.home.signing_key("intake"))
        return Submitter(
            station.log, station.ledger, station.vault, key, lambda: wall_clock() + ahead, signer
        )

    async def put(self, value: bytes, unit: str = UNIT) -> None:
        """Put a record that is no submission on the community's partition, and have it decided."""
        draft = Draft(wall_clock(), unit.encode(), value)
        await self.station.log.append("grievance.submissions", self.place(unit).partition, [draft])
        await self.settle()

    async def settle(self) -> None:
        """Decide and fold all there is."""
        await decide(self.station)
        await self.projector.catch_up()

    def place(self, unit: str = UNIT) -> Place:
        """The partition of a community's cases."""
        return Place("grievance", partition_of(unit, self.station.ledger.genesis.partitions))

    def _said(
        self, name: str, body: dict[str, Any], unit: str, by: str, key: str | None = None, **more: Any
    ) -> Said:
        return Said(
            family="grievance",
            type=f"grievance.{name}.v1",
            body=body,
            actor=self.people[by],
            role="clock" if by == "clock" else STAFF[by][0],
            unit=unit,
            key=key or f"test-key-{next(self.numbers)}",
            basis=self.station.register.history.end,
            **more,
        )


class Verdicts(ReadVerdicts):
    """Verdicts of a house in which nobody decides or folds: whoever asks for one has it done."""

    def __init__(self, station: Station, model: ReadModel, projector: Projector) -> None:
        super().__init__(model, projector)
        self._house = station, projector

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Verdict | None:
        """See services.intake.desk.Decisions."""
        station, projector = self._house
        with contextlib.suppress(LogError):
            await decide(station)
            await projector.catch_up()
        return await super().wait(family, partition, offset, timeout)


async def decide(station: Station) -> None:
    """Decide every submission about cases and people that waits."""
    for family in ("grievance", "people", "accusation", "mediation", "aid", "fund"):
        workers = embedded.make_workers(station.log, station.ledger, family_rules()[family], wall_clock)
        await embedded.catch_up(workers)


def make_home(folder: Path) -> Path:
    """Make the home that tests copy: register and staff, and no case."""
    home = folder / "home"
    asyncio.run(fill_home(Settings(home=home)))
    return home


async def fill_home(settings: Settings) -> None:
    """Make the home of these settings, and its log: register and staff, and no case."""
    await initialise(settings, NewCommunity(UNIT, "云溪社区"), simulated=True)
    async with opened_station(settings) as station:
        await enter_first(station, NewCommunity(NEIGHBOUR, "邻里社区"))
        for unit, zone, name in ((UNIT, "east", "东片"), (UNIT, "west", "西片"), (NEIGHBOUR, "n1", "隔壁")):
            await enter(station, DefineZoneV1(zone=zone, unit=unit, name=name))
        categories = (Category(code="lift", name="电梯"), Category(code="light", name="路灯"))
        await enter(station, DefineCategoriesV1(version="1", categories=categories))
        await decide_register(station)
        accounts = Accounts(station.home.accounts, _QUICK)
        people = [
            NewStaff(sign_in, f"{sign_in}-demo", name, (role,), unit)
            for sign_in, (role, unit, name) in STAFF.items()
        ]
        await add_staff(station, accounts, people)


@contextlib.asynccontextmanager
async def opened_house(home: Path, folder: Path, log: str = "") -> AsyncIterator[House]:
    """A copy of the home, opened in this folder. `log`: its log's address, where that is not in the home."""
    copy = folder / "home"
    shutil.copytree(home, copy)
    settings = Settings(home=copy, log=log)
    async with opened_station(settings) as station:
        model = ReadModel.open(settings.read_model_address, station.ledger)
        try:
            yield await _house(station, model)
        finally:
            model.close()


async def _house(station: Station, model: ReadModel) -> House:
    def name_of(register: Register, actor: str) -> str:
        return staff.display_name(station, register, actor)

    projector = Projector(station.log, station.ledger, model)
    kit = make_pages(station)
    people_desk = PeopleDesk(station.submitter, station.register)
    sources = Sources(model, projector, station.register, station.vault, name_of, wall_clock, people_desk)
    pages = ProjectionPages(kit, sources)
    desk = Desk(station.submitter, station.register, Verdicts(station, model, projector), wall_clock)
    intake = IntakePages(kit, desk, pages.show_unsent, Attachments(desk, BlobFolder(station.home.blobs)))
    accounts = Accounts(station.home.accounts, _QUICK)
    people = {sign_in: str(accounts.verify(sign_in, f"{sign_in}-demo")) for sign_in in STAFF}
    people["clock"] = CLOCK
    aftermath = Aftermath(station, model, people_desk)
    verdicts = Verdicts(station, model, projector)
    forms = PeoplePages(kit, people_desk, verdicts, wall_clock, aftermath)
    receipts = ReceiptPages(kit, desk, Issuer(station.log, station.keys, station.submitter))
    place_desk = PlaceDesk(station.submitter, station.register, ReadPlaces(model, station.vault))
    lists = ListPages(
        kit, HouseholdLists(place_desk, people_desk, wall_clock), place_desk, verdicts, wall_clock
    )
    places = PlacePages(
        kit,
        place_desk,
        verdicts,
        wall_clock,
        partial(staff.display_name, station),
    )
    routers = [pages.router(), forms.router(), intake.router(), receipts.router(), intake_api(desk, kit)]
    routers += [lists.router(), places.router()]
    app = make_app(station, kit, routers)
    house = House(station, model, projector, kit, pages, app, people, itertools.count(), aftermath)
    await house.settle()
    return house


async def open_case(house: House, **body: Any) -> str:
    """A lodged case with everything that may be told about it."""
    told = {
        "title": TITLE,
        "story": STORY,
        "zone": "east",
        "category": "lift",
        "reporter_name": NAME,
        "telephone": TELEPHONE,
        "address": ADDRESS,
    }
    return await house.lodge(**{**told, **body})


async def worked_case(house: House) -> str:
    """A case that was accepted, assigned, worked on and replied to, and is still open."""
    case = await open_case(house)
    await house.command(case, "accept")
    await house.command(case, "assign", handler=house.people["handler"])
    await house.command(case, "record_progress", note=NOTE)
    await house.command(case, "reply", reply=REPLY)
    return case


async def closed_case(house: House) -> str:
    """A case that was worked to its close."""
    case = await worked_case(house)
    await house.command(case, "close", outcome="resolved")
    return case
