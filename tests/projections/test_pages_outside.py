"""Orders from outside, through the form: entered once, with their deadline, and listed until the result is back."""

from __future__ import annotations

import re

from tests.projections.pages_house import STORY, House

NEW = "/intake/grievances/new"
FIELDS = {
    "unit": "demo",
    "channel": "hotline",
    "occurred_at": "2026-07-01T09:00",
    "story": STORY,
    "source": "12345",
    "source_id": "GD-2026-0001",
    "target_at": "2027-01-15T18:00",
}
CASES = re.compile(r"/cases/(grv_[0-9a-f]{32})")


async def entered(house: House, who: str, key: str, **changed: str) -> int:
    """Enter an order; return the answer's status."""
    async with house.visitor(who) as visitor:
        sent = await visitor.fill("/intake/grievances", {**FIELDS, "form_key": key, **changed}, NEW)
        if sent.status_code == 422:
            assert "is on record already, and is not counted twice" in sent.text
        return sent.status_code


async def listed(house: House, view: str) -> set[str]:
    """The cases of a view of the worklist."""
    return set(CASES.findall((await house.visit("clerk", f"/cases?unit=demo&view={view}")).text))


async def test_an_order_that_is_entered_twice_is_one_case(house: House) -> None:
    """A colleague who enters the same order is told at its number, and nothing is counted twice."""
    assert await entered(house, "clerk", "outside-form-key-1") == 303
    assert await entered(house, "handler", "outside-form-key-2", source_id="gd-2026-0001 ") == 422
    assert len(await listed(house, "all")) == 1


async def test_an_orders_result_is_listed_until_it_is_sent_back(house: House) -> None:
    """The list of results to be sent back holds the case, with the outside deadline, until that is recorded."""
    await entered(house, "clerk", "outside-form-key-3")
    (case,) = await listed(house, "owed")
    page = (await house.visit("clerk", "/cases?unit=demo&view=owed")).text
    assert "Outside deadline" in page
    assert "2027-01-15 18:00" in page
    await house.command(case, "accept")
    await house.command(case, "reply", reply="已答复。（虚构）")
    await house.command(case, "record_result_returned", by="clerk", manner="system", note="已回填。（虚构）")
    assert not await listed(house, "owed")
    page = (await house.visit("clerk", f"/cases/{case}")).text
    assert "Result sent back" in page
    assert "Hotline 12345" in page


async def test_an_order_without_its_number_is_asked_for_it(house: House) -> None:
    """The field that lacks the number says so, and what was typed stays."""
    async with house.visitor("clerk") as visitor:
        fields = {**FIELDS, "source_id": "", "form_key": "outside-form-key-4"}
        sent = await visitor.fill("/intake/grievances", fields, NEW)
    assert sent.status_code == 422
    assert "Enter it as the other office wrote it" in sent.text
    assert "2027-01-15T18:00" in sent.text
