"""The residents' own form: what comes of it, and what nobody must be able to do with it."""

from __future__ import annotations

import re

import pytest

from contracts.envelope import decode_submission
from contracts.evidence import SignedReceipt
from contracts.grievance import RESIDENT
from ledger.receipts import read_receipt
from tests.projections.pages_house import ADDRESS, NAME, NEIGHBOUR, STORY, TELEPHONE, TITLE, UNIT
from tests.receipts.conftest import Front
from tests.receipts.doors import FORM, POSTER, RECORDED, chosen, fill, numbers, open_door
from tests.receipts.doors import KEY as FORM_KEY


@pytest.fixture(autouse=True)
def _door(front: Front) -> None:
    open_door(front)


async def submitted(front: Front) -> list[dict[str, object]]:
    """The lodgings on the community's partition: actor, role, channel, zone."""
    place = front.house.place()
    records = await front.house.station.log.read("grievance.submissions", place.partition, 0)
    found = [decode_submission(record.value, record.key) for record in records]
    return [
        {"actor": one.actor, "role": one.role, "channel": one.data["channel"], "zone": one.data.get("zone")}
        for one in found
        if one.type == "grievance.lodge.v1"
    ]


async def test_a_resident_lodges_and_follows_the_case(front: Front) -> None:
    """Without an account the form leads to a receipt, whose number leads to the case."""
    page = await fill(front)
    assert page.status_code == 200
    assert "Your grievance is on record." in page.text
    assert 'class="qr"' in page.text
    found = await front.track(numbers(page)[0])
    assert "Lodged" in found.text


async def test_it_is_said_as_a_resident_on_the_web(front: Front) -> None:
    """The record names the public pages' actor in the role of a resident, and the channel."""
    await fill(front)
    assert await submitted(front) == [{"actor": RESIDENT, "role": "resident", "channel": "web", "zone": None}]


async def test_a_poster_chooses_the_zone(front: Front) -> None:
    """The address on a zone's poster shows that zone as chosen, and the record says how it came."""
    assert chosen((await front.resident.get(POSTER)).text) == "east"
    await fill(front, POSTER)
    assert await submitted(front) == [
        {"actor": RESIDENT, "role": "resident", "channel": "poster", "zone": "east"}
    ]


async def test_a_poster_of_a_zone_that_is_gone_still_leads_to_the_form(front: Front) -> None:
    """An unknown zone in the address is said, and the list of zones is there to choose from."""
    page = await front.resident.get(f"/lodge?unit={UNIT}&zone=gone&by=poster")
    assert page.status_code == 200
    assert "goes by another name" in page.text


async def test_without_a_community_the_communities_are_listed(front: Front) -> None:
    """Where there are several communities and none is named, or an unknown one is, each is a link."""
    for address in ("/lodge", "/lodge?unit=nowhere"):
        page = await front.resident.get(address)
        assert page.status_code == 200
        assert f'href="/lodge?unit={NEIGHBOUR}"' in page.text


async def test_a_mistake_loses_nothing(front: Front) -> None:
    """What is wrong is said at its field, and everything that was entered is still there."""
    told = {"story": STORY, "title": TITLE, "reporter_name": NAME, "address": ADDRESS}
    page = await fill(front, POSTER, telephone="call me", **told)
    assert page.status_code == 422
    assert 'id="field-telephone-error"' in page.text
    assert chosen(page.text) == "east"
    for entry in (STORY[:6], TITLE, NAME, ADDRESS, "call me", 'name="by" value="poster"'):
        assert entry in page.text
    assert await submitted(front) == []


@pytest.mark.parametrize(
    "entries",
    [
        {"story": " "},
        {"story": "长" * 10_001},
        {"story": "a\x00b"},
        {"zone": "n1"},
        {"zone": "../x"},
        {"anonymous": "yes", "reporter_name": NAME},
        {"telephone": "0" * 500},
    ],
)
async def test_bad_entries_are_said_at_their_fields(front: Front, entries: dict[str, str]) -> None:
    """Each of these comes back with the status 422 and an error at a field."""
    page = await fill(front, **entries)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize("unit", ["", "nowhere", "虚构", "../x", "-"])
async def test_a_community_that_is_not_there(front: Front, unit: str) -> None:
    """A form for no community of the register is answered with 404, and recorded nowhere."""
    assert (await fill(front, unit=unit)).status_code == 404


async def test_sending_twice_records_once(front: Front) -> None:
    """The same form sent again leads to the same number, and to one record."""
    first = await fill(front, key="form-key-1")
    again = await fill(front, key="form-key-1")
    assert numbers(first) == numbers(again)
    assert len(await submitted(front)) == 1


async def test_the_same_key_with_another_story(front: Front) -> None:
    """A form whose key stands for other entries comes back with a new key and says so."""
    await fill(front, key="form-key-1")
    page = await fill(front, key="form-key-1", story="另一件事。（虚构）")
    assert page.status_code == 422
    assert "sent before with other entries" in page.text
    assert FORM_KEY.findall(page.text) != ["form-key-1"]


async def test_one_address_is_slowed_down_and_loses_nothing(front: Front) -> None:
    """After so many records the next is not taken: the page says how long to wait and keeps what was typed."""
    for _ in range(RECORDED):
        assert (await fill(front)).status_code == 200
    page = await fill(front, story=STORY)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert STORY[:6] in page.text
    assert len(await submitted(front)) == RECORDED


async def test_mistakes_are_not_counted(front: Front) -> None:
    """Forms that were not recorded slow nobody down."""
    for _ in range(RECORDED + 1):
        assert (await fill(front, story=" ")).status_code == 422
    assert (await fill(front)).status_code == 200


async def test_nobody_says_through_it_that_they_were_at_the_counter(front: Front) -> None:
    """A channel that a form makes up is not taken."""
    await fill(front, channel="counter", by="counter")
    assert (await submitted(front))[0]["channel"] == "web"


async def test_the_number_is_in_no_address(front: Front) -> None:
    """The receipt's own address and every link on it are without the number, and no browser keeps it."""
    page = await fill(front)
    number = numbers(page)[0]
    targets = [part.split('"')[0] for name in ('href="', 'action="') for part in page.text.split(name)[1:]]
    assert not any(number in target for target in [str(page.url), *targets])
    assert page.headers["cache-control"] == "no-store"


async def test_nothing_that_was_written_is_on_the_receipt(front: Front) -> None:
    """The receipt shows neither the story nor who sent it."""
    told = {"story": STORY, "title": TITLE, "reporter_name": NAME, "telephone": TELEPHONE, "address": ADDRESS}
    page = (await fill(front, **told)).text
    for secret in (STORY[:6], TITLE, NAME, TELEPHONE, ADDRESS):
        assert secret not in page


async def test_the_receipt_is_a_valid_one(front: Front) -> None:
    """The file behind the receipt's number is intake's signed receipt."""
    page = await fill(front)
    file = await front.track(numbers(page)[0], "/track/receipt")
    assert isinstance(read_receipt(file.content), SignedReceipt)


async def test_the_form_must_come_from_our_page(front: Front) -> None:
    """Without its token the form is refused."""
    sent = {"unit": UNIT, "story": STORY, "form_key": "form-key-1"}
    assert (await front.resident.post("/lodge/receipt", data=sent)).status_code == 403


async def test_staff_see_that_it_came_through_the_form(front: Front) -> None:
    """The case's page names the public form in place of a member of staff, in either language."""
    await fill(front)
    listed = (await front.house.visit("clerk", "/cases?view=all")).text
    case = re.findall(r"/cases/grv_[0-9a-f]{32}", listed)[0]
    assert "Through the public form" in (await front.house.visit("clerk", case)).text
    chinese = await front.house.visit("clerk", case, **{"Accept-Language": "zh-CN"})
    assert "经公开表单提交" in chinese.text


async def test_the_form_speaks_both_languages(front: Front) -> None:
    """The form is Chinese for who prefers Chinese."""
    page = await front.resident.get(FORM, headers={"Accept-Language": "zh-CN"})
    assert "反映诉求" in page.text


async def test_both_forms_lead_to_the_one_for_accusations(front: Front) -> None:
    """Who came to accuse somebody is told where, at the residents' form and at the counter's."""
    for visitor, path in ((front.resident, FORM), (front.clerk, "/intake/grievances/new")):
        assert 'href="/accusations/new"' in (await visitor.get(path)).text
