"""A small house whose intake answers, with a tree that a test fills."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from barograph import staff
from barograph.read_side import ReadTracking
from barograph.station import wall_clock
from barograph.web_app import make_app
from ledger.blobs import BlobFolder
from ledger.keys import KeyRing
from runtime.submit import Submitter
from services.intake.api import intake_api
from services.intake.attachments import Attachments
from services.intake.desk import Desk
from services.intake.pages import IntakePages
from services.intake.promises import Issuer, Proof, ReceiptPages
from services.intake.tracking import TrackPages
from services.people.desk import PeopleDesk
from tests.projections.pages_house import BROWSER, UNIT, House, Verdicts, make_home, opened_house
from web.throttle import Rate, TokenBuckets

CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
TRIES = 3


class Tree:
    """What the notary has published: proofs by place."""

    def __init__(self) -> None:
        self.proofs: dict[tuple[str, int, int], Proof] = {}

    async def find(self, topic: str, partition: int, offset: int) -> Proof | None:
        """See services.intake.promises.Proofs."""
        return self.proofs.get((topic, partition, offset))


@dataclass(frozen=True)
class Front:
    """The front of the house: a resident without an account, the clerk, the tree."""

    house: House
    tree: Tree
    resident: httpx.AsyncClient
    clerk: httpx.AsyncClient

    async def lodge(self, key: str = "form-key-1", **body: Any) -> httpx.Response:
        """The clerk's program lodges a grievance."""
        token = CSRF.findall((await self.clerk.get("/intake/grievances/new")).text)[-1]
        headers = {"Idempotency-Key": key, "X-CSRF-Token": token}
        told = {"channel": "counter", "story": "楼道灯不亮。（虚构）", **body}
        return await self.clerk.post(f"/api/v1/communities/{UNIT}/grievances", json=told, headers=headers)

    async def lodged(self, **body: Any) -> Mapping[str, Any]:
        """Lodge a grievance, decide it, and give the API's answer."""
        answer = await self.lodge(**body)
        assert answer.status_code == 202, answer.text
        await self.house.settle()
        told: Mapping[str, Any] = answer.json()
        return told

    async def track(self, number: str, path: str = "/track") -> httpx.Response:
        """The resident sends the form of the tracking page."""
        token = CSRF.findall((await self.resident.get("/track")).text)[-1]
        return await self.resident.post(path, data={"csrf": token, "number": number})

    async def say(self, number: str, command: str, **fields: str) -> httpx.Response:
        """The resident sends a form of the case's page."""
        token = CSRF.findall((await self.resident.get("/track")).text)[-1]
        sent = {"csrf": token, "number": number, "form_key": "form-key-9", **fields}
        return await self.resident.post(f"/track/{command}", data=sent)

    async def ring(self) -> KeyRing:
        """The keys of the ledger."""
        return await self.house.station.keys.catch_up()


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a register and staff."""
    return make_home(tmp_path_factory.mktemp("made"))


@pytest.fixture
async def front(made_home: Path, tmp_path: Path) -> AsyncIterator[Front]:
    """An opened copy of the home."""
    async with opened_house(made_home, tmp_path) as house:
        tree = Tree()
        house.app = make_app(house.station, house.kit, _routers(house, tree))
        transport = httpx.ASGITransport(house.app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://house.test", headers=BROWSER) as resident,
            house.visitor("clerk") as clerk,
        ):
            yield Front(house, tree, resident, clerk)


def _routers(house: House, tree: Tree) -> list[Any]:
    station = house.station
    submitter: Submitter = station.submitter
    desk = Desk(submitter, station.register, Verdicts(station, house.model, house.projector), wall_clock)
    issuer = Issuer(station.log, station.keys, submitter, tree)
    tries = TokenBuckets(Rate(burst=TRIES, seconds=3600.0))

    files = Attachments(desk, BlobFolder(station.home.blobs))
    return [
        IntakePages(house.kit, desk, house.pages.show_unsent, files).router(),
        intake_api(desk, house.kit),
        ReceiptPages(house.kit, desk, issuer).router(),
        TrackPages(
            house.kit,
            desk,
            issuer,
            ReadTracking(house.model, station.vault, PeopleDesk(submitter, station.register)),
            tries=tries,
            name_of=partial(staff.display_name, station),
        ).router(),
    ]
