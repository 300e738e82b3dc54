"""Joint petitions, grievances for somebody else and in confidence: at the forms, and who sees whom."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.projections.pages_house import ADDRESS, NAME, TELEPHONE, UNIT
from tests.receipts.conftest import CSRF, Front
from tests.receipts.doors import fill, numbers, open_door

SIX = "\n".join(f"虚构代表{number}" for number in range(1, 7))
CONCERNED = "虚构老人乙"
CHOOSE = "please ask them to choose 5"


@pytest.fixture(autouse=True)
def _door(front: Front) -> None:
    open_door(front)


async def at_the_counter(front: Front, **entries: str) -> httpx.Response:
    """The clerk fills in the desk's form; the answer is the receipt's page, or the form again."""
    page = (await front.clerk.get("/intake/grievances/new")).text
    key = re.findall(r'name="form_key" value="([^"]+)"', page)[0]
    told = {"unit": UNIT, "channel": "counter", "occurred_at": "", "story": "楼道灯不亮。（虚构）", **entries}
    sent = {**told, "form_key": key, "csrf": CSRF.findall(page)[-1]}
    answer = await front.clerk.post("/intake/grievances", data=sent)
    await front.house.settle()
    return await front.clerk.get(answer.headers["location"]) if answer.is_redirect else answer


async def case_of(front: Front) -> str:
    """The path of the only case."""
    return str(re.findall(r"/cases/grv_[0-9a-f]{32}", await seen(front, "clerk", "/cases?view=all"))[0])


async def seen(front: Front, who: str, path: str) -> str:
    """A page as somebody sees it."""
    return (await front.house.visit(who, path)).text


async def test_a_sixth_representative_in_person_is_asked_about(front: Front) -> None:
    """The receipt and the case say that five are to be chosen; nobody was turned away."""
    receipt = await at_the_counter(front, petitioners="30", representative_names=SIX)
    assert receipt.status_code == 200
    assert CHOOSE in receipt.text
    assert "30 persons, one case" in receipt.text
    page = await seen(front, "clerk", await case_of(front))
    assert CHOOSE in page
    assert "虚构代表6" in page


async def test_once_five_are_chosen_nobody_is_asked(front: Front) -> None:
    """Those whom the petitioners choose stand in the case in place of the first named."""
    await at_the_counter(front, petitioners="30", representative_names=SIX)
    case = await case_of(front)
    five = SIX.rpartition("\n")[0]
    path = f"/intake/communities/{UNIT}/grievances/{case.removeprefix('/cases/')}/name_representatives"
    async with front.house.visitor("clerk") as clerk:
        await clerk.fill(path, {"representative_names": five, "form_key": "form-key-9"}, case)
    await front.house.settle()
    page = await seen(front, "clerk", case)
    assert CHOOSE not in page
    assert "虚构代表5" in page
    assert "虚构代表6" not in page


async def test_any_number_signs_on_the_web(front: Front) -> None:
    """On the residents' form six are taken without a word."""
    page = await fill(front, petitioners="30", representative_names=SIX)
    assert len(numbers(page)) == 1
    assert CHOOSE not in await seen(front, "clerk", await case_of(front))


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ({"petitioners": "1"}, "petitioners"),
        ({"petitioners": "many"}, "petitioners"),
        ({"petitioners": "99999999"}, "petitioners"),
        ({"representative_names": SIX}, "petitioners"),
        ({"petitioners": "2", "representative_names": SIX}, "representative_names"),
        ({"person_concerned": CONCERNED}, "on_behalf_of"),
        ({"on_behalf_of": "boss"}, "on_behalf_of"),
        ({"petitioners": "9", "representative_names": SIX, "anonymous": "yes"}, "representative_names"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(front: Front, entries: dict[str, str], field: str) -> None:
    """Each of these comes back with everything entered, the fold open, and an error at the field."""
    page = await fill(front, **entries)
    assert page.status_code == 422
    assert f'id="field-{field}-error"' in page.text
    assert re.search(r"<details[^>]* open", page.text)


CONFIDENTIAL = {
    "confidential": "yes",
    "reporter_name": NAME,
    "telephone": TELEPHONE,
    "address": ADDRESS,
    "petitioners": "9",
    "representative_names": SIX,
    "on_behalf_of": "family",
    "person_concerned": CONCERNED,
}
PEOPLE = (NAME, TELEPHONE, ADDRESS, "虚构代表1", CONCERNED)


async def test_the_handler_does_not_learn_who_asked_for_confidence(front: Front) -> None:
    """No page of the handler's shows anybody of a confidential case: its own, the worklist, nor a search."""
    receipt = await fill(front, **CONFIDENTIAL)
    case = await case_of(front)
    name = case.removeprefix("/cases/")
    await front.house.command(name, "accept")
    await front.house.command(name, "assign", handler=front.house.people["handler"])
    for path in (case, "/cases?view=all", "/cases?view=mine", f"{case}/people"):
        page = await seen(front, "handler", path)
        assert not any(person in page for person in PEOPLE)
    assert "Kept from those who handle the case" in await seen(front, "handler", case)
    async with front.house.visitor("handler") as handler:
        found = await handler.fill("/cases/find", {"number": numbers(receipt)[0]}, "/cases")
        assert not any(person in found.text for person in PEOPLE)


async def test_the_handler_does_not_learn_it_from_the_receipt(front: Front) -> None:
    """The receipt's page and file name nobody, whoever looks."""
    await fill(front, **CONFIDENTIAL)
    records = await front.house.station.log.read("grievance.submissions", front.house.place().partition, 0)
    place = f"/intake/receipts/{front.house.place().partition}/{records[-1].offset}"
    for path in (place, f"{place}.json"):
        page = await seen(front, "handler", path)
        assert not any(person in page for person in PEOPLE)


async def test_the_counter_and_the_supervisor_know_whom_to_answer(front: Front) -> None:
    """The clerk and the supervisor see who asked for confidence, and that they did."""
    await fill(front, **CONFIDENTIAL)
    case = await case_of(front)
    for who in ("clerk", "supervisor"):
        page = await seen(front, who, case)
        assert all(person in page for person in PEOPLE)
        assert "Identity kept confidential" in page


async def test_a_handler_sees_who_did_not_ask_for_confidence(front: Front) -> None:
    """Without the flag the handler sees whom to answer, and whom it concerns."""
    await fill(front, **{key: text for key, text in CONFIDENTIAL.items() if key != "confidential"})
    page = await seen(front, "handler", await case_of(front))
    assert all(person in page for person in PEOPLE)


async def test_nobody_is_named_on_the_log(front: Front) -> None:
    """No record of the log holds a name in plain (invariant 14)."""
    await fill(front, **CONFIDENTIAL)
    place = front.house.place().partition
    for topic in ("grievance.submissions", "grievance.events"):
        for record in await front.house.station.log.read(topic, place, 0):
            assert not any(person.encode() in (record.value or b"") for person in PEOPLE)


async def test_the_person_concerned_can_be_erased(front: Front) -> None:
    """Whom a case concerns, and the representatives, are data subjects of their own on the case's page."""
    await fill(front, **CONFIDENTIAL)
    page = await seen(front, "supervisor", f"{await case_of(front)}/people")
    assert "The person whom it concerns" in page
    assert "Who speaks for the petitioners" in page


async def test_what_is_too_long_together_is_said_and_kept(front: Front) -> None:
    """The longest story in the rarest characters with many names fits no record: the form says which to shorten."""
    wide = dict.fromkeys(("title", "reporter_name", "address", "person_concerned"), "𠀀" * 200)
    told = {"story": "𠀀" * 10_000, "petitioners": "99", "on_behalf_of": "family", **wide}
    page = await fill(front, **told, representative_names="𠀀" * 500)
    assert page.status_code == 413
    assert 'id="field-story-error"' in page.text
    assert 'value="99"' in page.text
