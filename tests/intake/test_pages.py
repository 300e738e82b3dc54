"""Intake's pages: the form, what it keeps when something is wrong, receipts, and the commands of a case."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from services.projections.database import ReadModelUnavailableError
from tests.intake.conftest import TakeLog
from tests.projections.pages_house import UNIT, House, Visitor, closed_case, open_case

FORM, SEND = "/intake/grievances/new", "/intake/grievances"
STORY = "楼道照明不亮 <b>虚构</b>"
KEPT = "楼道照明不亮 &lt;b&gt;虚构&lt;/b&gt;"
ENTRIES = {"unit": UNIT, "channel": "counter", "occurred_at": "2026-01-02T08:00", "story": STORY}
KEY = re.compile(r'name="form_key" value="([\w-]+)"')
ERROR = re.compile(r'id="(?:field|[a-z_]+)-(\w+)-error"')
OPENED = re.compile(r'id="action-(\w+)" open')


@pytest.fixture
async def clerk(house: House) -> AsyncIterator[Visitor]:
    """The clerk, signed in."""
    async with house.visitor("clerk") as visitor:
        yield visitor


async def recorded(house: House) -> int:
    """How many grievance submissions the community's partition holds."""
    return await house.station.log.end_offset("grievance.submissions", house.place().partition)


async def test_a_grievance_leads_to_its_receipt(house: House, clerk: Visitor) -> None:
    """What the form sends is recorded; the receipt shows tracking number and place in the log."""
    answer = await clerk.fill(SEND, ENTRIES, FORM)
    assert answer.status_code == 303
    receipt = (await clerk.get(answer.headers["location"])).text
    assert re.search(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", receipt)
    assert f"grievance.submissions/{house.place().partition}/0" in receipt
    assert await recorded(house) == 1


async def test_a_form_sent_twice_is_one_grievance(house: House, clerk: Visitor) -> None:
    """The same form again leads to the same receipt."""
    key = KEY.findall((await clerk.get(FORM)).text)[0]
    answers = [await clerk.fill(SEND, {**ENTRIES, "form_key": key}, FORM) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await recorded(house) == 1


async def test_a_form_can_be_gone_back_to(clerk: Visitor) -> None:
    """The browser may show the same form again, with the same key: it is no page that must not be kept."""
    assert "no-store" not in (await clerk.get(FORM)).headers["cache-control"]


async def test_the_address_that_a_form_was_sent_to_leads_to_the_form(clerk: Visitor) -> None:
    """Who loads that address gets a form."""
    assert (await clerk.get(SEND)).headers["location"] == FORM


async def test_a_changed_form_is_said_to_be_another(house: House, clerk: Visitor) -> None:
    """The same form with other entries: 422, a new key, and what was typed."""
    await clerk.fill(SEND, {**ENTRIES, "form_key": "form-key-0001"}, FORM)
    answer = await clerk.fill(SEND, {**ENTRIES, "form_key": "form-key-0001", "story": f"{STORY}!"}, FORM)
    assert (answer.status_code, f"{KEPT}!" in answer.text) == (422, True)
    assert "This form was sent before with other entries" in answer.text
    assert KEY.findall(answer.text)[0] != "form-key-0001"
    assert await recorded(house) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("story", ""),
        ("story", "x" * 10_001),
        ("story", "x" * 1_000_000),
        ("story", "bell\x07"),
        ("title", "x" * 201),
        ("zone", "nowhere"),
        ("category", "nothing"),
        ("channel", "pigeon"),
        ("telephone", "call me"),
        ("occurred_at", "yesterday"),
        ("occurred_at", "2026-02-30T08:00"),
        ("occurred_at", "0001-01-01T00:00"),
        ("occurred_at", "1969-12-31T08:00"),
        ("occurred_at", "9999-12-31T23:59"),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_an_error_is_shown_at_its_field(clerk: Visitor, field: str, value: str) -> None:
    """A bad entry: 422, the sentence at that field alone, and the other entries as they were typed."""
    answer = await clerk.fill(SEND, {**ENTRIES, "address": "虚构路9号", field: value}, FORM)
    assert (answer.status_code, ERROR.findall(answer.text)) == (422, [field])
    assert "虚构路9号" in answer.text
    assert field == "story" or KEPT in answer.text


async def test_all_errors_are_shown_at_once(clerk: Visitor) -> None:
    """What is no time is told together with what the form and the register miss."""
    entries = {**ENTRIES, "occurred_at": "yesterday", "story": "", "zone": "nowhere"}
    answer = await clerk.fill(SEND, entries, FORM)
    assert set(ERROR.findall(answer.text)) == {"occurred_at", "story", "zone"}


async def test_lone_surrogates_are_answered(clerk: Visitor) -> None:
    """Bytes that are no text: the form again with its error, or recorded as replacement characters."""
    form = await clerk.get(FORM)
    token = re.findall(r'name="csrf" value="(\w+)"', form.text)[0]
    content = f"csrf={token}&unit={UNIT}&channel=counter&story=a%ED%A0%80b".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await clerk.post(SEND, content=content, headers=headers)).status_code in {303, 422}


async def test_what_fits_no_record_is_said_at_the_longest_field(
    house: House, clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that are each short enough, but not together: 413 at the story, which is kept."""
    monkeypatch.setattr("runtime.submit.MAX_SUBMISSION_BYTES", 20_000)
    answer = await clerk.fill(SEND, {**ENTRIES, "title": "虚构", "story": "长" * 10_000}, FORM)
    assert (answer.status_code, ERROR.findall(answer.text)) == (413, ["story"])
    assert "长" * 10_000 in answer.text
    assert await recorded(house) == 0


async def test_nothing_is_lost_while_the_log_is_away(clerk: Visitor, take_log: TakeLog) -> None:
    """503 with Retry-After, and the form with everything that was typed and the same key."""
    token = re.findall(r'name="csrf" value="(\w+)"', (await clerk.get(FORM)).text)[0]
    take_log()
    answer = await clerk.post(SEND, data={**ENTRIES, "form_key": "form-key-0001", "csrf": token})
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    assert KEPT in answer.text
    assert KEY.findall(answer.text) == ["form-key-0001"]
    assert "Nothing was confirmed" in answer.text


async def test_a_receipt_needs_no_read_model(
    house: House, clerk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is durable is not called unconfirmed because the verdict cannot be read."""

    def away(*_told: object) -> None:
        raise ReadModelUnavailableError("the read model is away")

    monkeypatch.setattr("services.projections.queries.decision", away)
    answer = await clerk.fill(SEND, ENTRIES, FORM)
    assert (answer.status_code, await recorded(house)) == (303, 1)
    receipt = await clerk.get(answer.headers["location"])
    assert "Recorded, and not decided yet." in receipt.text


async def test_the_token_is_needed(house: House, clerk: Visitor) -> None:
    """A form that is not from our page: 403, and nothing recorded."""
    answer = await clerk.post(SEND, data={**ENTRIES, "csrf": "0" * 64})
    assert (answer.status_code, await recorded(house)) == (403, 0)


async def test_the_form_is_for_casework(house: House) -> None:
    """Auditor, administrator and patroller get 403."""
    found = {
        who: (await house.visit(who, FORM)).status_code for who in ("clerk", "auditor", "admin", "patroller")
    }
    assert found == {"clerk": 200, "auditor": 403, "admin": 403, "patroller": 403}


async def test_a_receipt_is_for_those_who_serve_there(house: House, clerk: Visitor) -> None:
    """Another community's staff get 403 for a receipt; a place without a submission is 404."""
    path = (await clerk.fill(SEND, ENTRIES, FORM)).headers["location"]
    assert (await house.visit("neighbour", path)).status_code == 403
    assert (await clerk.get("/intake/receipts/0/99")).status_code == 404


def command(case: str, name: str, unit: str = UNIT) -> str:
    """Where a command's form is sent."""
    return f"/intake/communities/{unit}/grievances/{case}/{name}"


async def send(house: House, who: str, case: str, name: str, **entries: str) -> httpx.Response:
    """Fill in a command's form in the page of a case."""
    async with house.visitor(who) as visitor:
        return await visitor.fill(command(case, name), entries, f"/cases/{case}")


async def test_an_empty_field_comes_back_in_the_case(house: House) -> None:
    """A command without its text: the case's page, 422, its form open with the error and what was chosen."""
    case = await open_case(house)
    answer = await send(house, "handler", case, "not_accept", reason="before_court", remedy=" ")
    assert (answer.status_code, OPENED.findall(answer.text)) == (422, ["not_accept"])
    assert ERROR.findall(answer.text) == ["remedy"]
    assert 'value="before_court" selected' in answer.text
    assert "What was said" in answer.text


async def test_a_command_is_kept_while_the_log_is_away(house: House, take_log: TakeLog) -> None:
    """503 with Retry-After, the case's page with the text as typed and the same key."""
    case = await open_case(house)
    await house.command(case, "accept")
    async with house.visitor("handler") as visitor:
        token = re.findall(r'name="csrf" value="(\w+)"', (await visitor.get(f"/cases/{case}")).text)[0]
        take_log()
        sent = {"csrf": token, "form_key": "form-key-0001", "reply": STORY}
        answer = await visitor.post(command(case, "reply"), data=sent)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert KEPT in answer.text
    assert "form-key-0001" in KEY.findall(answer.text)


async def test_a_refusal_is_told_with_its_reason(house: House) -> None:
    """A broken rule: back to the case with a notice, and the reason stands in its history."""
    case = await closed_case(house)
    async with house.visitor("handler") as visitor:
        answer = await visitor.fill(command(case, "close"), {"outcome": "resolved"}, f"/cases/{case}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")
        page = (await visitor.get(f"/cases/{case}")).text
    assert "barograph-notice=" in answer.headers["set-cookie"]
    assert page.count("The case is closed already.") == 1


async def test_the_address_of_a_form_leads_to_the_case(house: House) -> None:
    """Who loads the address that a form was sent to gets the case with that form."""
    case = await open_case(house)
    answer = await house.visit("handler", command(case, "accept"))
    assert answer.headers["location"] == f"/cases/{case}#action-accept"
    assert (await house.visit("handler", command(case, "lodge"))).status_code == 404


async def test_a_stranger_is_shown_no_case(house: House) -> None:
    """A bad command by who may not read the case: 403 and nothing of it."""
    case = await open_case(house)
    async with house.visitor("neighbour") as visitor:
        answer = await visitor.fill(command(case, "reply"), {"reply": ""}, "/dashboard")
    assert (answer.status_code, "三单元电梯" in answer.text) == (403, False)
