"""The list of what was not recorded as asked."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.projections.pages_house import (
    NEIGHBOUR,
    STAFF,
    UNIT,
    House,
    open_case,
    worked_case,
)

BADGE = re.compile(r'<span class="badge badge-\w+">.*?<span>([^<]*)</span>', re.DOTALL)


async def everything(house: House) -> str:
    """Bring about one of each outcome; return the case that was refused something."""
    case = await open_case(house)
    await house.command(case, "close", outcome="answered")
    await house.command(case, "accept")
    await house.command(case, "record_progress", key="same-key", note="first")
    await house.said_by(house.intake(), case, "record_progress", "handler", UNIT, "same-key", note="second")
    await house.put(b"not json")
    return case


async def test_refusals_and_broken_records_are_listed(house: House) -> None:
    """Every refused, conflicting and unreadable submission is listed, the newest first."""
    await everything(house)
    page = (await house.visit("supervisor", "/decisions")).text
    assert BADGE.findall(page) == ["Unreadable", "Conflict", "Refused"]


async def test_entry_says_why_and_leads_to_its_case(house: House) -> None:
    """A refusal tells its reason, who asked, and where the case is."""
    case = await everything(house)
    page = (await house.visit("supervisor", "/decisions?outcome=refused")).text
    assert "The case has not been accepted. Accept it first." in page
    assert STAFF["handler"][2] in page
    assert f'href="/cases/{case}"' in page


async def test_unreadable_record_is_told_by_reason_and_hash(house: House) -> None:
    """Of an unreadable record the page has the reason and the SHA-256, and none of its bytes."""
    value = "虚构姓名，000-0000-0009, no JSON".encode()
    await house.put(value)
    page = (await house.visit("auditor", "/decisions?outcome=unreadable")).text
    assert "The record is not JSON." in page
    assert hashlib.sha256(value).hexdigest() in page
    assert "000-0000-0009" not in page


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ("refused", ["Refused"]),
        ("conflict", ["Conflict"]),
        ("unreadable", ["Unreadable"]),
        ("unsupported", []),
        ("accepted", ["Unreadable", "Conflict", "Refused"]),
    ],
)
async def test_outcome_filter(house: House, outcome: str, shown: list[str]) -> None:
    """One outcome at a time can be looked through; one that does not belong here shows all."""
    await everything(house)
    assert BADGE.findall((await house.visit("auditor", f"/decisions?outcome={outcome}")).text) == shown


async def test_empty_list_says_so(house: House) -> None:
    """Where nothing was turned down the page says what would stand here."""
    assert "Nothing of this kind." in (await house.visit("supervisor", "/decisions")).text


async def test_other_communities_refusals_are_not_shown(house: House) -> None:
    """A refusal in another community is none of this supervisor's business."""
    case = await house.lodge(unit=NEIGHBOUR, by="neighbour", story="虚构")
    await house.command(case, "close", by="neighbour", unit=NEIGHBOUR, outcome="answered")
    assert case not in (await house.visit("supervisor", "/decisions")).text


async def test_refused_lodging_leads_nowhere(house: House) -> None:
    """A lodging that was refused made no case, so there is no link to one."""
    case = await house.lodge(story="虚构", zone="nowhere")
    page = (await house.visit("supervisor", "/decisions")).text
    assert "This zone is not in the register of the community." in page
    assert case not in page


async def test_auditor_sees_no_names(house: House) -> None:
    """An auditor's list has actor ids in place of names."""
    await everything(house)
    page = (await house.visit("auditor", "/decisions")).text
    assert STAFF["handler"][2] not in page
    assert house.people["handler"] in page


async def test_list_follows_the_case(house: House) -> None:
    """What is accepted is not on this list."""
    await worked_case(house)
    assert BADGE.findall((await house.visit("supervisor", "/decisions")).text) == []
