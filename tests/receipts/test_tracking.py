"""The tracking page: what a resident sees with a number, and what nobody sees without one."""

from __future__ import annotations

import pytest

from barograph.init import decide_register, enter
from contracts.evidence import ProvenReceipt, SignedReceipt
from contracts.register import NameResponsibleV1
from contracts.tracking import as_printed
from ledger.receipts import read_receipt
from services.intake.promises import Proof, qr_picture
from tests.projections.pages_house import ADDRESS, NAME, NOTE, REPLY, STORY, TELEPHONE, TITLE, UNIT
from tests.receipts.conftest import CSRF, TRIES, Front

UNKNOWN = "0000-0000-0000-0000-0000"
TOLD = {"story": STORY, "title": TITLE, "reporter_name": NAME, "telephone": TELEPHONE, "address": ADDRESS}


async def test_a_number_leads_to_the_state_and_the_receipt(front: Front) -> None:
    """Without signing in, the number shows the case's state and the receipt's code."""
    told = await front.lodged()
    await front.house.command(told["case_id"], "accept")
    page = await front.track(told["tracking_number"])
    assert page.status_code == 200
    assert "Accepted" in page.text
    assert qr_picture(SignedReceipt.model_validate(told["receipt"])) in page.text


async def test_nothing_but_letters_is_shown(front: Front) -> None:
    """The reply is on the page; neither the story nor the reporter, a note, the handler or the case's id is."""
    told = await front.lodged(**TOLD)
    await front.house.command(told["case_id"], "accept")
    await front.house.command(told["case_id"], "assign", handler=front.house.people["handler"])
    await front.house.command(told["case_id"], "record_progress", note=NOTE)
    await front.house.command(told["case_id"], "reply", reply=REPLY)
    page = (await front.track(told["tracking_number"])).text
    people = ("乙承办", *front.house.people.values())
    for secret in (STORY[:6], TITLE, NAME, TELEPHONE, ADDRESS, NOTE, told["case_id"], *people):
        assert secret not in page
    assert REPLY in page


async def test_the_number_is_in_no_address(front: Front) -> None:
    """The page's own address and every link and form target on it are without the number."""
    told = await front.lodged()
    page = await front.track(told["tracking_number"])
    assert str(page.url) == "http://house.test/track"
    targets = [
        part.split('"')[0] for name in ('href="', 'action="', 'src="') for part in page.text.split(name)[1:]
    ]
    assert not any(told["tracking_number"] in target for target in targets)
    assert page.headers["cache-control"] == "no-store"


async def test_a_number_in_the_address_is_not_read(front: Front) -> None:
    """A number that somebody puts into the address shows the empty form."""
    told = await front.lodged()
    page = await front.resident.get("/track", params={"number": told["tracking_number"]})
    assert 'value=""' in page.text
    assert 'class="qr"' not in page.text


async def test_a_number_is_found_however_it_is_written(front: Front) -> None:
    """Small letters, spaces in place of hyphens and look-alikes lead to the same case."""
    told = await front.lodged()
    written = told["tracking_number"].lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert (await front.track(written)).status_code == 200


async def test_who_answers_for_the_zone_is_named(front: Front) -> None:
    """A case of a zone shows that nobody is named yet, and once somebody is, who."""
    told = await front.lodged(zone="east")
    assert "Nobody is named yet" in (await front.track(told["tracking_number"])).text
    station, clerk = front.house.station, front.house.people["clerk"]
    await enter(station, NameResponsibleV1(unit=UNIT, zone="east", person=clerk))
    await decide_register(station)
    page = (await front.track(told["tracking_number"])).text
    assert "甲窗口（虚构）" in page
    assert clerk not in page


@pytest.mark.parametrize("text", ["", "0000", "0" * 21, "u" * 20, "０" * 20, "\x00", "虚构", "0" * 5000])
def test_what_is_no_number(text: str) -> None:
    """Anything else than twenty digits of the alphabet is no number."""
    assert as_printed(text) is None


@pytest.mark.parametrize(("number", "status"), [("0000", 422), (UNKNOWN, 404), ("", 422)])
async def test_a_number_that_leads_nowhere_is_said_at_the_field(
    front: Front, number: str, status: int
) -> None:
    """The form comes back with a sentence at its field, and what was entered stays."""
    page = await front.track(number)
    assert page.status_code == status
    assert 'aria-invalid="true"' in page.text
    assert f'value="{number}"' in page.text


async def test_guessing_is_slowed_down(front: Front) -> None:
    """After so many numbers that lead nowhere the next is not looked up, even one that leads somewhere."""
    told = await front.lodged()
    for _ in range(TRIES):
        assert (await front.track(UNKNOWN)).status_code == 404
    page = await front.track(told["tracking_number"])
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0


async def test_following_ones_case_is_not_slowed_down(front: Front) -> None:
    """A number that leads somewhere may be looked up again and again."""
    told = await front.lodged()
    for _ in range(TRIES + 2):
        assert (await front.track(told["tracking_number"])).status_code == 200


async def test_the_form_must_come_from_our_page(front: Front) -> None:
    """Without its token the form is refused."""
    assert (await front.resident.post("/track", data={"number": UNKNOWN})).status_code == 403


async def test_the_receipt_is_handed_out_as_a_file(front: Front) -> None:
    """The resident gets the receipt of the API's answer."""
    told = await front.lodged()
    file = await front.track(told["tracking_number"], "/track/receipt")
    assert read_receipt(file.content) == SignedReceipt.model_validate(told["receipt"])
    assert (await front.track(UNKNOWN, "/track/receipt")).status_code == 404


async def test_the_receipt_is_upgraded_when_the_proof_is_there(front: Front) -> None:
    """Before, the page says until when to wait; after, that the promise was kept, and the file has the proof."""
    told = await front.lodged()
    assert "In the signed tree by" in (await front.track(told["tracking_number"])).text
    proof = Proof("fictional checkpoint\n", ("ab" * 32,))
    front.tree.proofs[told["topic"], told["partition"], told["offset"]] = proof
    assert "Kept" in (await front.track(told["tracking_number"])).text
    file = read_receipt((await front.track(told["tracking_number"], "/track/receipt")).content)
    assert isinstance(file, ProvenReceipt)
    assert (file.checkpoint, file.inclusion) == proof
    assert file.receipt == SignedReceipt.model_validate(told["receipt"])


async def test_the_page_speaks_both_languages(front: Front) -> None:
    """The form is Chinese for who prefers Chinese."""
    page = await front.resident.get("/track", headers={"Accept-Language": "zh-CN"})
    assert "查询编号" in page.text
    assert CSRF.search(page.text)


async def test_the_number_is_not_logged(front: Front, capfd: pytest.CaptureFixture[str]) -> None:
    """No try, good or bad, leaves the number in the process's output."""
    told = await front.lodged()
    for number in (told["tracking_number"], UNKNOWN):
        await front.track(number)
    written = "".join(capfd.readouterr())
    assert told["tracking_number"] not in written
    assert UNKNOWN not in written
