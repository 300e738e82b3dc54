"""Personal data on pages: who is shown them, that it is on record before, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import httpx
import pytest

from barograph import retention
from barograph.people_side import lists_folder
from contracts.base import DAY_MS
from ledger.log import LogUnavailableError
from services.people.desk import PeopleDesk
from services.projections import people_queries as people
from services.projections.queries import case_by_id
from services.projections.rows import ReadingRow
from tests.projections.pages_house import (
    NAME,
    SECRETS,
    STORY,
    UNIT,
    House,
    open_case,
    worked_case,
)

_SUBJECT = re.compile(r"<code>(sub_[0-9a-f]{32})</code>")


async def readings(house: House, about: str) -> Sequence[ReadingRow]:
    """Who was shown a case or a subject, the newest first."""
    await house.settle()
    return people.readings_of(house.model, [about], 100).rows


async def reporter_of(house: House, case: str) -> str:
    """The subject who lodged a case."""
    view = case_by_id(house.model, case)
    assert view is not None
    assert view.case.reporter is not None
    return view.case.reporter


async def say(house: House, who: str, stream: str, command: str, page: str, **fields: str) -> httpx.Response:
    """Send a form of the people service; `page` is where it stands."""
    async with house.visitor(who) as visitor:
        path = f"/people/communities/{UNIT}/{stream}/{command}"
        return await visitor.fill(path, {"back": page, **fields}, page)


def shown(text: str) -> list[str]:
    """What of the case's secrets stands on a page."""
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("who", ["clerk", "handler", "supervisor"])
async def test_whoever_opens_a_case_is_on_record(house: House, who: str) -> None:
    """A case page records who was shown which case, in which role and why; once for each view."""
    case = await worked_case(house)
    assert shown((await house.visit(who, f"/cases/{case}")).text) == list(SECRETS)
    await house.visit(who, f"/cases/{case}")
    found = await readings(house, case)
    assert [(row.actor, row.role, row.purpose, row.unit) for row in found] == [
        (house.people[who], who, "casework", UNIT)
    ] * 2


async def test_a_worklist_is_one_reading(house: House) -> None:
    """A view of the worklist records every case on it, in one submission."""
    cases = [await open_case(house) for _ in range(3)]
    await house.visit("clerk", "/cases?view=all")
    found = [(await readings(house, case))[0] for case in cases]
    assert {row.purpose for row in found} == {"worklist"}
    assert len({(row.partition, row.submission_offset) for row in found}) == 1


async def test_an_empty_worklist_is_no_reading(house: House) -> None:
    """Where nothing is shown nothing is recorded."""
    await house.visit("clerk", "/cases")
    await house.settle()
    assert await house.station.log.end_offset("people.submissions", house.place().partition) == 0


async def test_who_is_shown_nothing_is_not_on_record(house: House) -> None:
    """An auditor or administrator, who sees structure only, makes no reading."""
    case = await worked_case(house)
    for who in ("auditor", "admin", "dpo"):
        assert shown((await house.visit(who, f"/cases/{case}")).text) == []
    assert await readings(house, case) == ()


@pytest.mark.parametrize("page", ["case", "list"])
async def test_without_the_access_log_nothing_is_shown(
    house: House, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a reading cannot be put on record the page shows no personal data, and says so."""

    async def away(*_: object, **__: object) -> None:
        raise LogUnavailableError("away")

    case = await worked_case(house)
    monkeypatch.setattr(PeopleDesk, "record_reading", away)
    answer = await house.visit("handler", f"/cases/{case}" if page == "case" else "/cases?view=all")
    assert answer.status_code == 200
    assert shown(answer.text) == []
    assert "Personal data are not shown" in answer.text


@pytest.mark.parametrize("who", ["supervisor", "dpo"])
async def test_guards_see_who_has_read_a_case(house: House, who: str) -> None:
    """Supervisors and data protection officers see by name who has read a case; nobody else does."""
    case = await open_case(house)
    await house.visit("idle", f"/cases/{case}")
    await house.settle()
    assert "丙承办" in (await house.visit(who, f"/cases/{case}/people")).text
    assert "Who has read it" in (await house.visit(who, f"/cases/{case}")).text
    assert "Who has read it" not in (await house.visit("clerk", f"/cases/{case}")).text


@pytest.mark.parametrize("who", ["clerk", "handler", "auditor", "admin", "neighbour"])
async def test_the_page_of_subjects_is_for_guards(house: House, who: str) -> None:
    """Nobody else sees whose data a case holds."""
    case = await open_case(house)
    assert (await house.visit(who, f"/cases/{case}/people")).status_code == 403


async def test_the_page_of_subjects_shows_no_words(house: House) -> None:
    """Whose data a case holds is told by ids and counts, without what was said; so it is no reading."""
    case = await worked_case(house)
    answer = await house.visit("dpo", f"/cases/{case}/people")
    view = case_by_id(house.model, case)
    assert view is not None
    assert _SUBJECT.findall(answer.text) == [view.case.reporter, people.case_subject(view.case)]
    assert shown(answer.text) == []
    assert await readings(house, case) == ()


async def test_a_case_that_there_is_not_has_no_subjects(house: House) -> None:
    """The page of a case that does not exist is not found."""
    assert (await house.visit("dpo", "/cases/grv_0/people")).status_code == 404
    assert (await house.visit("dpo", f"/cases/grv_{'0' * 32}/people")).status_code == 404


async def test_a_subject_is_erased_by_form(house: House) -> None:
    """After an erasure every page says so in place of the person's data, and the case's texts stay."""
    case = await worked_case(house)
    page, subject = f"/cases/{case}/people", await reporter_of(house, case)
    answer = await say(house, "supervisor", subject, "erase", page, reason="consent_withdrawn")
    assert answer.status_code == 303
    text = (await house.visit("handler", f"/cases/{case}")).text
    assert NAME not in text
    assert text.count("erased") == 3
    assert STORY.split("，", maxsplit=1)[0] in text
    overview = (await house.visit("dpo", "/personal-data")).text
    assert subject in overview
    assert "第四十七条第一款第（三）项" in overview
    assert "第四十七条" in (await house.visit("dpo", page)).text


async def test_a_case_text_is_erased_by_form(house: House) -> None:
    """Erasing the texts of a case leaves the reporter, and the worklist says so where the text stood."""
    case = await open_case(house)
    view = case_by_id(house.model, case)
    assert view is not None
    texts = people.case_subject(view.case) or ""
    await say(house, "dpo", texts, "erase", f"/cases/{case}/people", reason="unlawful")
    text = (await house.visit("handler", f"/cases/{case}")).text
    assert NAME in text
    assert STORY not in text
    assert "erased" in (await house.visit("handler", "/cases?view=all")).text


async def test_who_is_held_is_not_erased_by_form(house: House) -> None:
    """A hold is placed and lifted by form, and meanwhile an erasure is refused with its reason."""
    case = await open_case(house)
    page, subject = f"/cases/{case}/people", await reporter_of(house, case)
    await say(house, "dpo", subject, "place_hold", page, matter="2026/42", reason="court_case")
    assert "2026/42" in (await house.visit("supervisor", page)).text
    assert "2026/42" in (await house.visit("supervisor", "/personal-data")).text
    async with house.visitor("supervisor") as visitor:
        path = f"/people/communities/{UNIT}/{subject}/erase"
        answer = await visitor.fill(path, {"back": page, "reason": "unlawful"}, page)
        told = (await visitor.get(page, headers={"Cookie": "; ".join(cookies(visitor, answer))})).text
    assert "A legal hold keeps" in told
    await say(house, "dpo", subject, "lift_hold", page, matter="2026/42")
    await say(house, "dpo", subject, "erase", page, reason="unlawful")
    assert house.station.vault.is_destroyed(subject)


def cookies(visitor: httpx.AsyncClient, answer: httpx.Response) -> list[str]:
    """The visitor's session and what the answer sets beside it."""
    return [visitor.headers["Cookie"], *(f"{name}={value}" for name, value in answer.cookies.items())]


@pytest.mark.parametrize(
    ("command", "fields", "sentence"),
    [
        ("erase", {}, "required"),
        ("erase", {"reason": "whim"}, "Choose"),
        ("place_hold", {"matter": "a b", "reason": "court_case"}, "File number"),
        ("place_hold", {"reason": "court_case"}, "File number"),
    ],
)
async def test_a_bad_form_is_shown_again(
    house: House, command: str, fields: dict[str, str], sentence: str
) -> None:
    """What is missing or malformed is said at its field, with 422, and nothing is recorded."""
    case = await open_case(house)
    page, subject = f"/cases/{case}/people", await reporter_of(house, case)
    answer = await say(house, "dpo", subject, command, page, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await house.station.log.end_offset("people.submissions", house.place().partition) == 0


async def test_a_form_without_its_token_is_refused(house: House) -> None:
    """Nothing is erased by a request from elsewhere."""
    async with house.visitor("dpo") as visitor:
        path = f"/people/communities/{UNIT}/sub_{'0' * 32}/erase"
        assert (await visitor.post(path, data={"reason": "unlawful"})).status_code == 403


@pytest.mark.parametrize("path", ["erase/more", "fly", "record_reading", "propose_retention"])
async def test_there_are_no_other_commands(house: House, path: str) -> None:
    """A command that has no form is not found."""
    answer = await house.visit("dpo", f"/people/communities/{UNIT}/sub_{'0' * 32}/{path}")
    assert answer.status_code == 404


async def test_a_form_leads_back_to_our_pages_only(house: House) -> None:
    """Where a form leads back to is one of our pages, whatever it sends."""
    case = await open_case(house)
    page, subject = f"/cases/{case}/people", await reporter_of(house, case)
    async with house.visitor("dpo") as visitor:
        path = f"/people/communities/{UNIT}/{subject}/place_hold"
        fields = {"back": "https://elsewhere.test/", "matter": "1", "reason": "court_case"}
        answer = await visitor.fill(path, fields, page)
    assert answer.headers["location"] == "/personal-data"


async def test_a_correction_is_sealed_for_its_subject(house: House) -> None:
    """What a person says is right is on record under that person's own key."""
    case = await open_case(house)
    page, subject = f"/cases/{case}/people", await reporter_of(house, case)
    fields = {"case": case, "field": "telephone", "text": "虚构更正"}
    assert (await say(house, "dpo", subject, "request_correction", page, **fields)).status_code == 303
    value = (await house.station.log.read("people.events", house.place().partition, 0))[0].value or b""
    assert "虚构更正".encode() not in value
    assert value.count(subject.encode()) == 2


async def asked(house: House, case: str) -> str:
    """An auditor asks for a disclosure of the case; return it."""
    page = f"/cases/{case}"
    answer = await say(house, "auditor", case, "request_disclosure", page, purpose="complaint")
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    (found,) = people.disclosures_about(house.model, case)
    return found.disclosure


async def test_an_auditor_sees_a_case_while_a_disclosure_lasts(house: House) -> None:
    """Asked for, granted by another, read on record under the disclosure, and sealed again once ended."""
    case = await worked_case(house)
    disclosure = await asked(house, case)
    assert shown((await house.visit("auditor", f"/cases/{case}")).text) == []
    granted = await say(house, "dpo", disclosure, "grant_disclosure", "/personal-data", days="7")
    assert granted.status_code == 303
    assert shown((await house.visit("auditor", f"/cases/{case}")).text) == list(SECRETS)
    (row,) = await readings(house, case)
    assert (row.actor, row.purpose, row.disclosure) == (house.people["auditor"], "disclosure", disclosure)
    await say(house, "auditor2", disclosure, "end_disclosure", "/personal-data")
    text = (await house.visit("auditor", f"/cases/{case}")).text
    assert shown(text) == []
    assert "is over" in text


async def test_a_disclosure_is_for_one_auditor_and_one_case(house: House) -> None:
    """What was disclosed to one auditor is sealed for another, and so is every other case."""
    case, other = await worked_case(house), await worked_case(house)
    disclosure = await asked(house, case)
    await say(house, "auditor2", disclosure, "grant_disclosure", "/personal-data", days="1")
    assert shown((await house.visit("auditor2", f"/cases/{case}")).text) == []
    assert shown((await house.visit("auditor", f"/cases/{other}")).text) == []


async def test_a_disclosure_ends_with_its_term(house: House) -> None:
    """Once the term is over the disclosure is in force no more."""
    disclosure = await asked(house, await worked_case(house))
    await say(house, "dpo", disclosure, "grant_disclosure", "/personal-data", days="1")
    (found,) = people.disclosures_of(house.model, [UNIT])
    assert found.until is not None
    assert found.in_force(found.until - 1)
    assert not found.in_force(found.until)
    assert found.until - found.asked_at < 2 * DAY_MS


async def test_the_asker_is_offered_no_grant(house: House) -> None:
    """The page offers the asker no form for granting, and the rules refuse one that is sent."""
    disclosure = await asked(house, await worked_case(house))
    assert "grant_disclosure" not in (await house.visit("auditor", "/personal-data")).text
    assert "grant_disclosure" in (await house.visit("auditor2", "/personal-data")).text
    await say(house, "auditor", disclosure, "grant_disclosure", "/personal-data", days="1")
    (found,) = people.disclosures_of(house.model, [UNIT])
    assert found.until is None


async def test_a_grant_needs_a_term(house: House) -> None:
    """A grant without one of the terms offered is shown again with 422, at the term."""
    disclosure = await asked(house, await worked_case(house))
    answer = await say(house, "dpo", disclosure, "grant_disclosure", "/personal-data", days="9999")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


async def test_a_retention_run_is_confirmed_by_form(house: House) -> None:
    """A second person confirms the list that was proposed; then each subject on it is erased by an event."""
    case = await worked_case(house)
    await house.command(case, "close", outcome="resolved")
    subject = await reporter_of(house, case)
    desk = PeopleDesk(house.station.submitter, house.station.register)
    found = retention.Due(UNIT, 0, frozenset({subject}))
    receipt = await retention.propose(desk, found, house.people["supervisor"], lists_folder(house.station))
    await house.settle()
    assert "confirm_retention" not in (await house.visit("supervisor", "/personal-data")).text
    listed = (people.run_of(house.model, receipt.subject) or pytest.fail("no run")).listed
    await say(house, "dpo", receipt.subject, "confirm_retention", "/personal-data", listed=listed)
    await house.aftermath.finished()
    await house.settle()
    state = people.subject_states(house.model, [subject])[subject]
    assert (state.reason, state.erased_at is not None) == ("retention_ended", True)
