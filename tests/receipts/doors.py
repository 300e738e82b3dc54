"""A resident at the public form, of a house that decides at once."""

from __future__ import annotations

import re
from typing import Any

import httpx

from barograph.station import wall_clock
from services.intake.desk import Desk
from services.intake.promises import Issuer
from services.intake.public import PublicForm
from tests.projections.pages_house import UNIT, Verdicts
from tests.receipts.conftest import CSRF, Front
from web.throttle import Rate, TokenBuckets

RECORDED = 3
"""How many grievances one address may lodge at once in these tests."""

NUMBER = re.compile(r"<code>((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})</code>")
KEY = re.compile(r'name="form_key" value="([^"]+)"')
FORM = f"/lodge?unit={UNIT}"
POSTER = f"/lodge?unit={UNIT}&zone=east&by=poster"


def open_door(front: Front) -> None:
    """Let the house's application answer the public form, and the pages of the read side."""
    house = front.house
    verdicts = Verdicts(house.station, house.model, house.projector)
    desk = Desk(house.station.submitter, house.station.register, verdicts, wall_clock)
    issuer = Issuer(house.station.log, house.station.keys, house.station.submitter, front.tree)
    tries = TokenBuckets(Rate(burst=RECORDED, seconds=3600.0))
    house.app.include_router(house.pages.router())
    house.app.include_router(PublicForm(house.kit, desk, issuer, tries=tries).router())


async def fill(front: Front, at: str = FORM, key: str = "", **entries: str) -> httpx.Response:
    """Open the form at this address, fill it in and send it, as a browser does with its hidden fields."""
    page = (await front.resident.get(at)).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    sent: dict[str, Any] = {"zone": chosen(page), **hidden, "story": "楼道灯不亮。（虚构）", **entries}
    sent["csrf"] = CSRF.findall(page)[-1]
    if key:
        sent["form_key"] = key
    return await front.resident.post("/lodge/receipt", data=sent)


def chosen(page: str) -> str:
    """The zone that the form shows as chosen; empty for none."""
    found = re.search(r'<option value="(\w+)" selected', page)
    return found.group(1) if found else ""


def numbers(page: httpx.Response) -> list[str]:
    """The tracking numbers on a page."""
    return NUMBER.findall(page.text)
