"""What the holder of a tracking number reads and says without an account."""

from __future__ import annotations

import pytest

from ledger.log import LogUnavailableError
from services.people.desk import PeopleDesk
from services.projections import queries
from services.projections.people_queries import readings_of
from tests.projections.pages_house import REPLY
from tests.receipts.conftest import Front

WORD = "补充：二单元也停了。（虚构）"


async def replied(front: Front) -> tuple[str, str]:
    """A case with a reply: its number and its id."""
    told = await front.lodged()
    await front.house.command(told["case_id"], "accept")
    await front.house.command(told["case_id"], "reply", reply=REPLY)
    return told["tracking_number"], told["case_id"]


def kinds(front: Front, case: str) -> list[tuple[str, str | None]]:
    """The case's events, by name, and in which role each was said."""
    view = queries.case_by_id(front.house.model, case)
    assert view is not None
    return [(row.type.split(".")[1], row.role) for row in view.events]


async def test_reading_a_reply_is_on_record(front: Front) -> None:
    """Who opens the replies by the number is on record as the public page, once within the hour."""
    number, case = await replied(front)
    for _ in range(3):
        assert REPLY in (await front.track(number)).text
    await front.house.settle()
    found = readings_of(front.house.model, [case], 10).rows
    assert [(row.actor, row.purpose) for row in found if row.purpose == "tracking"] == [
        ("act_resident", "tracking")
    ]


async def test_what_cannot_be_put_on_record_is_not_shown(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the log does not take the reading, the page shows the state and says why the reply is not there."""
    number, _ = await replied(front)

    async def away(*_: object, **__: object) -> None:
        raise LogUnavailableError("away")

    monkeypatch.setattr(PeopleDesk, "record_reading", away)
    page = await front.track(number)
    assert page.status_code == 200
    assert REPLY not in page.text
    assert "The letters are not shown" in page.text


async def test_the_holder_adds_information(front: Front) -> None:
    """A text sent from the page becomes an event of the case, said as a resident."""
    number, case = await replied(front)
    page = await front.say(number, "add_information", note=WORD)
    assert page.status_code == 200
    assert "You added information 1 time." in page.text
    assert kinds(front, case)[-1] == ("information_added", "resident")


async def test_the_holder_rates(front: Front) -> None:
    """A rating is recorded, shown again, and can be changed; both stay in the case's history."""
    number, case = await replied(front)
    assert "Satisfied" in (await front.say(number, "rate", satisfaction="satisfied")).text
    page = await front.say(number, "rate", satisfaction="not_satisfied", note=WORD, form_key="other-key")
    assert "Your last rating: Not satisfied." in page.text
    assert kinds(front, case)[-2:] == [("rated", "resident"), ("rated", "resident")]


@pytest.mark.parametrize(
    ("command", "fields", "status"),
    [
        ("add_information", {"note": "  "}, 422),
        ("add_information", {"note": "长" * 10_001}, 422),
        ("rate", {"satisfaction": "", "note": WORD}, 422),
        ("rate", {"satisfaction": "delighted", "note": WORD}, 422),
    ],
)
async def test_mistakes_are_said_at_the_field(
    front: Front, command: str, fields: dict[str, str], status: int
) -> None:
    """What is empty, too long or no choice comes back at its field with all that was typed."""
    number, _ = await replied(front)
    page = await front.say(number, command, **fields)
    assert page.status_code == status
    assert 'aria-invalid="true"' in page.text
    assert f'id="offer-{command}" open' in page.text
    assert fields.get("note", "").strip() in page.text


async def test_the_wrong_state_is_said_at_the_field(front: Front) -> None:
    """What the rules refuse comes back with the reason and with what was typed."""
    number, case = await replied(front)
    await front.house.command(case, "close", outcome="answered")
    page = await front.say(number, "add_information", note=WORD)
    assert page.status_code == 409
    assert "The case is closed." in page.text
    assert WORD in page.text


async def test_a_review_that_cannot_be_asked_for_is_refused_at_the_field(front: Front) -> None:
    """A reply that was never served starts no time for a review; the reason stands at the field."""
    number, _ = await replied(front)
    page = await front.say(number, "request_review", note=WORD)
    assert page.status_code == 409
    assert WORD in page.text


async def test_without_the_number_nothing_is_said(front: Front) -> None:
    """A command with a number that leads nowhere is not recorded; one that is not the holder's is unknown."""
    number, case = await replied(front)
    assert (await front.say("0000-0000-0000-0000-0000", "rate", satisfaction="satisfied")).status_code == 404
    assert (await front.say(number, "close", outcome="resolved")).status_code == 404
    assert not {"closed", "rated"} & {kind for kind, _ in kinds(front, case)}
