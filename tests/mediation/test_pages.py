"""A mediation through its pages: from the form to the close, and what cannot be said on the way."""

from __future__ import annotations

import re

import pytest

from barograph.demo_places import enter_households
from contracts.mediation import stream_of_grievance
from services.projections.place_queries import households_of
from tests.mediation.conftest import AGREEMENT, DUE, MEDIATORS, NEW, PARTY_A, PARTY_B, STORY, TERMS, Mediating
from tests.projections.pages_house import UNIT
from web.paging import Page

SECRETS = (STORY, PARTY_A, PARTY_B, TERMS, "000-0000-0201")


async def test_it_is_mediated_to_its_close(mediating: Mediating) -> None:
    """Application, consent, session, agreement, signatures, performance in parts, visit, close."""
    at = await mediating.start()
    fingerprint = await mediating.draw_up(at)
    await mediating.sign(at, fingerprint)
    assert (await mediating.row(at)).status == "agreed"
    part = {"obligation": "1", "amount": "1000", "note": "第一笔。（虚构）"}
    await mediating.say("clerk", at, "record_performance", **part)
    rest = await mediating.say("clerk", at, "record_performance", **{**part, "amount": "2000.00"})
    assert "3,000.00" in rest
    await mediating.say(
        "clerk", at, "record_performance", obligation="2", whole="yes", note="修好了。（虚构）"
    )
    await mediating.say("clerk", at, "record_visit", met="yes", note="双方都说好。（虚构）")
    page = await mediating.say("mediator", at, "close")
    row = await mediating.row(at)
    assert (row.status, row.outcome, row.paid, row.settled) == ("closed", "agreed", 300_000, 2)
    for title in ("Agreement in force", "Performance", "Follow-up visit", "Closed"):
        assert title in page


async def test_the_page_tells_what_happened(mediating: Mediating) -> None:
    """Names, texts and sums stand on it for who may read them, and the list leads to it."""
    at = await mediating.start()
    page = (await mediating.house.visit("clerk", at)).text
    assert all(text in page for text in (STORY, PARTY_A, PARTY_B, "3,000.00 yuan", "Mediation started"))
    listed = (await mediating.house.visit("clerk", f"/mediations?unit={UNIT}")).text
    assert f'href="{at}"' in listed
    assert MEDIATORS["other"] in listed


async def test_other_is_said_of_what_it_is(mediating: Mediating) -> None:
    """A value that several fields share is shown in the words of its own field."""
    at = await mediating.start(dispute="other")
    page = (await mediating.house.visit("clerk", at)).text
    assert "Another dispute" in page
    assert "Another paper" not in page


@pytest.mark.parametrize("who", ["auditor", "other"])
async def test_who_does_not_work_on_it_reads_nothing_that_was_said(mediating: Mediating, who: str) -> None:
    """An auditor and a mediator of other cases see that it exists and how it stands, and no name or text."""
    at = await mediating.start()
    await mediating.draw_up(at)
    page = await mediating.house.visit(who, at)
    assert page.status_code == 200
    assert "Being mediated" in page.text
    assert not [text for text in SECRETS if text in page.text]
    assert (await mediating.house.visit(who, f"{at}/agreement")).status_code == 403


async def test_the_duty_desk_reads_the_report_alone(mediating: Mediating) -> None:
    """Whoever may acknowledge a risk reads what was reported, and no name; once it is acknowledged, nothing more."""
    at, told = await mediating.start(), "带了刀来。（虚构）"
    await mediating.say("clerk", at, "report_risk", fact="weapon", to=UNIT, note=told)
    page = (await mediating.house.visit("handler", at)).text
    assert told in page
    assert not [text for text in SECRETS if text in page]
    assert 'id="action-acknowledge_risk"' not in (await mediating.house.visit("clerk", at)).text
    done = await mediating.say("handler", at, "acknowledge_risk", note="已派人。（虚构）")
    assert "The duty desk has acknowledged the report" in done
    assert told not in (await mediating.house.visit("handler", at)).text


async def test_a_reading_is_on_record(mediating: Mediating) -> None:
    """Whoever is shown what was said stands on the record of readings."""
    at = await mediating.start()
    await mediating.house.visit("supervisor", at)
    await mediating.house.settle()
    with mediating.house.model.engine.connect() as connection:
        query = "select actor from g1_readings where about = ?"
        found = connection.exec_driver_sql(query, (at.rsplit("/", 1)[1],)).scalars().all()
    assert mediating.house.people["supervisor"] in found


async def test_the_sheet_has_places_for_signatures(mediating: Mediating) -> None:
    """The agreement is printed with terms, obligations, fingerprint, and a place for each signature."""
    at = await mediating.start()
    fingerprint = await mediating.draw_up(at)
    sheet = (await mediating.house.visit("mediator", f"{at}/agreement")).text
    assert all(text in sheet for text in (TERMS, fingerprint, PARTY_A, PARTY_B, "3,000.00 yuan"))
    assert sheet.count("(signature, seal or thumbprint)") == 2
    assert "Mediator (signature)" in sheet
    assert (await mediating.house.visit("mediator", f"{at}/agreement?version=9")).status_code == 404


async def test_two_people_start_one_from_a_grievance(mediating: Mediating) -> None:
    """Whoever comes second is led to the mediation that there is."""
    house = mediating.house
    case = await house.lodge(story="楼上漏水。（虚构）")
    at = await mediating.start(grievance=case, origin="")
    assert at == f"/mediations/{stream_of_grievance(UNIT, case)}"
    form = f"/mediations/new?unit={UNIT}&grievance={case}"
    assert (await house.visit("supervisor", form)).headers["location"] == at
    page = (await house.visit("clerk", at)).text
    assert f"/cases/{case}" in page
    assert re.search(r"</time> Lodged</span>", page)
    assert re.search(
        r"</time> Mediation started</span>", (await house.visit("handler", f"/cases/{case}")).text
    )
    assert f'href="{at}"' in (await house.visit("handler", f"/cases/{case}")).text
    nowhere = f"/mediations/new?unit={UNIT}&grievance=grv_00000000"
    assert (await house.visit("clerk", nowhere)).status_code == 404


async def test_a_grievance_offers_to_start_one(mediating: Mediating) -> None:
    """The page of an open case leads whoever may start a mediation to its form, and nobody else."""
    case = await mediating.house.lodge(story="楼上漏水。（虚构）")
    link = f'href="/mediations/new?unit={UNIT}&amp;grievance={case}"'
    assert link in (await mediating.house.visit("clerk", f"/cases/{case}")).text
    assert link not in (await mediating.house.visit("handler", f"/cases/{case}")).text
    assert link not in (await mediating.house.visit("auditor", f"/cases/{case}")).text


async def test_a_form_sent_twice_starts_one(mediating: Mediating) -> None:
    """The same form under the same key is the same mediation."""
    assert await mediating.start() == await mediating.start()


async def test_two_who_share_a_telephone_are_two_parties(mediating: Mediating) -> None:
    """Spouses with one telephone can be parties to one dispute; the same name with it is one person."""
    at = await mediating.start(telephone_b=NEW["telephone_a"])
    page = (await mediating.house.visit("clerk", at)).text
    assert PARTY_A in page
    assert PARTY_B in page
    told = {**NEW, "name_b": PARTY_A, "telephone_b": NEW["telephone_a"], "form_key": "form-key-2"}
    async with mediating.house.visitor("clerk") as visitor:
        answer = await visitor.fill("/mediations/new", told, f"/mediations/new?unit={UNIT}")
        await mediating.house.settle()
    assert "Nobody can be on both sides" in answer.text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"origin": ""}, "origin"),
        ({"dispute": "war"}, "dispute"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "five"}, "amount"),
        ({"amount": "99999999999999"}, "amount"),
        ({"story": " "}, "story"),
        ({"name_a": ""}, "name_a"),
        ({"name_b": ""}, "name_b"),
        ({"telephone_b": "call me"}, "telephone_b"),
        ({"name_b": PARTY_A, "telephone_b": "000-0000-0201"}, "name_b"),
        ({"name_a": "子调解"}, "staff_a"),
        ({"zone": "nowhere"}, "zone"),
    ],
)
async def test_a_start_that_cannot_be_is_said_at_its_field(
    mediating: Mediating, fields: dict[str, str], at: str
) -> None:
    """A bad entry comes back at its field with what was typed, and no mediation is started."""
    told = {**NEW, "form_key": "k", **fields}
    async with mediating.house.visitor("clerk") as visitor:
        page = await visitor.fill("/mediations/new", told, f"/mediations/new?unit={UNIT}")
    assert page.status_code in (409, 422)
    assert f'<a href="#field-{at}">' in page.text
    assert 'action="/mediations/new"' in page.text


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        (
            {"side": "b", "name": f"{PARTY_A}（代）", "telephone": "000 0000 0201"},
            "name",
            "Nobody can be on both sides",
        ),
        ({"side": "third", "name": "子调解"}, "staff", "Somebody on the staff has this name"),
    ],
)
async def test_a_party_that_is_added_is_asked_about(
    mediating: Mediating, fields: dict[str, str], at: str, sentence: str
) -> None:
    """A name of the other side with its telephone, or one of the staff, comes back at its field, and nobody is added."""
    page = await mediating.start()
    answer = await mediating.say("clerk", page, "add_party", kind="person", **fields)
    assert sentence in answer
    assert f'href="#add_party-{at}"' in answer
    assert fields["name"] in answer
    assert (await mediating.row(page)).parties == 2


async def test_somebody_else_of_the_same_name_is_added(mediating: Mediating) -> None:
    """With another telephone they are another person, and who is said to be nobody on the staff may be a party."""
    page = await mediating.start()
    namesake = {"name": PARTY_A, "telephone": "000-0000-0299"}
    await mediating.say("clerk", page, "add_party", side="b", kind="person", **namesake)
    await mediating.say("clerk", page, "add_party", side="third", kind="person", name="子调解", staff="-")
    assert (await mediating.row(page)).parties == 4


async def test_a_mediator_who_is_a_party_does_not_mediate(mediating: Mediating) -> None:
    """Named as the member of staff that a party is, a mediator is refused, and the form says so."""
    person = mediating.house.people["mediator"]
    at = await mediating.start(name_a="子调解", staff_a=person)
    page = await mediating.say("supervisor", at, "name_mediator", mediator=person, choice="panel")
    assert "A party cannot mediate its own dispute." in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"total": "2999.99"}, "The payments do not come to the total."),
        ({"amount_1": "-1"}, "A sum cannot be negative."),
        ({"due_1": "2001-01-01"}, "An obligation would be due before its agreement."),
        ({"creditor_1": "2"}, "debtor and creditor are the same party"),
        ({"amount_2": "5"}, "A payment has a sum, and an act has none."),
        ({"due_2": ""}, "Obligation 2 is incomplete."),
        ({"due_2": "tomorrow"}, "Enter a date such as 2026-07-03."),
        ({"terms": ""}, "Fill in this field."),
    ],
)
async def test_terms_that_cannot_stand_come_back_with_what_was_typed(
    mediating: Mediating, fields: dict[str, str], sentence: str
) -> None:
    """The sentence says what to do, the rows keep what was entered, and nothing waits for signatures."""
    at = await mediating.start()
    await mediating.consent(at)
    held = {"sitting": "joint", "present": ["1", "2"], "note": "谈过。（虚构）"}
    await mediating.say("mediator", at, "hold_session", **held)
    page = await mediating.say("mediator", at, "draw_up", **(AGREEMENT | fields))
    assert sentence in page
    assert f'name="due_1" value="{fields.get("due_1", DUE)}"' in page
    assert (await mediating.row(at)).status == "open"
    assert "waits for signatures" not in page


async def test_a_refusal_by_the_rules_keeps_what_was_typed(mediating: Mediating) -> None:
    """A session before consent is refused on record, and its note is still in the form."""
    at = await mediating.start()
    await mediating.say(
        "supervisor", at, "name_mediator", mediator=mediating.house.people["mediator"], choice="panel"
    )
    refused = {"party": "2", "consents": "no"}
    page = await mediating.say("mediator", at, "record_consent", **refused)
    assert "Say which other remedies were named" in page
    page = await mediating.say("mediator", at, "record_consent", **refused, remedies="可以起诉。（虚构）")
    assert "A party refused" in page


async def test_steps_are_offered_where_they_make_sense(mediating: Mediating) -> None:
    """No session before consent, nothing to sign before an agreement, and a clerk is not offered a mediator's steps."""
    at = await mediating.start()
    before = (await mediating.house.visit("clerk", at)).text
    assert 'id="action-serve_rights_notice"' in before
    for later in ("hold_session", "sign", "draw_up", "close"):
        assert f'id="action-{later}"' not in before
    await mediating.consent(at)
    assert 'id="action-hold_session"' in (await mediating.house.visit("mediator", at)).text
    assert 'id="action-hold_session"' not in (await mediating.house.visit("other", at)).text


async def test_the_figures_count_every_mediation(mediating: Mediating) -> None:
    """One agreed, one refused and one pending make a success rate of one in three."""
    agreed = await mediating.start()
    await mediating.sign(agreed, await mediating.draw_up(agreed))
    refused = await mediating.start(form_key="form-key-2")
    gone = {"party": "2", "consents": "no", "remedies": "可以起诉。（虚构）"}
    await mediating.say("clerk", refused, "record_consent", **gone)
    await mediating.start(form_key="form-key-3")
    page = (await mediating.house.visit("supervisor", f"/mediations/figures?unit={UNIT}")).text
    assert "33.3%" in page
    assert re.search(r"1 of 3", page)
    assert "Told by an import" not in page


@pytest.mark.parametrize("who", ["patroller", "dpo", "neighbour"])
async def test_others_are_kept_out(mediating: Mediating, who: str) -> None:
    """Whoever holds no role that mediates, or holds it elsewhere, sees neither the list nor the page."""
    at = await mediating.start()
    assert (await mediating.house.visit(who, at)).status_code == 403
    assert (await mediating.house.visit(who, f"/mediations?unit={UNIT}")).status_code == 403


async def test_what_there_is_not_is_not_found(mediating: Mediating) -> None:
    """An id that no mediation has, and a command that there is not, are answered 404."""
    assert (await mediating.house.visit("clerk", "/mediations/med_00000000")).status_code == 404
    at = await mediating.start()
    async with mediating.house.visitor("clerk") as visitor:
        assert (await visitor.fill(f"{at}/start", {}, at)).status_code == 404


async def test_a_household_shows_the_mediations_of_who_lives_there(mediating: Mediating) -> None:
    """While one of its residents is a party to it, its page leads to the mediation, for those who may know that."""
    house = mediating.house
    await enter_households(house.station, UNIT, ["east"])
    await house.settle()
    (home,) = households_of(house.model, UNIT, ["east"], Page()).rows
    at = await mediating.start(telephone_a="000-0000-0000")
    path = f"/households/{home.household_id}"
    assert f'href="{at}"' in (await house.visit("clerk", path)).text
    assert at not in (await house.visit("dpo", path)).text
