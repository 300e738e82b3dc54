"""Aid through its pages: what is wrong stands at its field, names stand nowhere in public, and money adds up."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from contracts.reasons import REASONS
from tests.aid.conftest import INQUIRE, NAME, NEW, STORY, Helping
from tests.projections.pages_house import UNIT

GIFT = {"source": "donation", "amount": "1000", "purpose": "tuition", "voucher": "G-1", "donor": "虚构捐赠人"}


async def stranger(helping: Helping, path: str) -> httpx.Response:
    """A page as somebody sees it who has not signed in."""
    transport = httpx.ASGITransport(helping.house.app)
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://house.test", headers=headers
    ) as visitor:
        return await visitor.get(path)


async def test_an_application_keeps_what_was_entered(helping: Helping) -> None:
    """A missing name and a negative sum are told at their fields; the rest stays."""
    fields = {**NEW, "name": "", "asked": "-5", "form_key": "k1"}
    async with helping.house.visitor("clerk") as visitor:
        page = await visitor.fill("/aid/new", fields, f"/aid/new?unit={UNIT}")
    assert page.status_code == 422
    assert 'id="field-name-error"' in page.text
    assert "A sum cannot be negative" in page.text
    assert STORY in page.text


async def test_the_number_is_for_the_applicant_alone(helping: Helping) -> None:
    """The slip shows it to who recorded the application; others are led to the request."""
    at, number = await helping.apply()
    other = await helping.house.visit("officer", f"{at}/slip")
    assert other.status_code == 303
    for page in (await helping.house.visit("officer", at), await helping.house.visit("clerk", at)):
        assert number not in page.text


async def test_a_request_is_read_by_its_community_alone(helping: Helping) -> None:
    """Who holds no role there sees nothing, and an unknown number is not found; an auditor reads no words."""
    at, _ = await helping.apply()
    assert (await helping.house.visit("officer", "/aid/aid_" + "0" * 32)).status_code == 404
    assert (await helping.house.visit("handler", at)).status_code == 403
    assert STORY in (await helping.house.visit("officer", at)).text
    audited = (await helping.house.visit("auditor", at)).text
    assert STORY not in audited
    assert NAME not in audited


async def test_a_grant_is_approved_once_its_fund_has_answered(helping: Helping) -> None:
    """Without money the request says so; with money, it is approved again and paid."""
    at, _ = await helping.apply()
    await helping.propose(at)
    await helping.say("approver", at, "approve")
    assert (await helping.row(at)).status == "reserving"
    await helping.answer()
    assert (await helping.row(at)).status == "unfunded"
    fund = "/funds/hardship"
    await helping.send("clerk", f"{fund}/receive", fund, source="allocation", amount="5000", voucher="A-1")
    await helping.say("approver", at, "approve", note="款已到。（虚构）")
    await helping.answer()
    row = await helping.row(at)
    assert (row.status, row.granted, row.rest) == ("approved", 300_000, 300_000)
    beyond = await helping.say("officer", at, "pay_tranche", tranche="1", amount="3000.01", manner="bank")
    assert "more than is set aside" in beyond
    await helping.say("officer", at, "pay_tranche", tranche="1", amount="3000", manner="bank", voucher="B-1")
    await helping.answer()
    assert (await helping.row(at)).paid == 300_000
    page = (await helping.house.visit("officer", fund)).text
    assert "2,000.00" in page


async def test_a_proposal_of_too_much_is_told_at_its_field(helping: Helping) -> None:
    """More than the programme gives, and tranches that do not add up."""
    at, _ = await helping.apply()
    page = await helping.propose(at, amount="6000", amount_1="6000")
    assert 'id="propose-amount-error"' in page
    page = await helping.say(
        "officer",
        at,
        "propose",
        verdict="grant",
        amount="3000",
        amount_1="1000",
        day_1="2099-01-01",
        note="x",
    )
    assert "must come to the whole sum" in page
    page = await helping.say(
        "officer", at, "propose", verdict="grant", amount="3000", amount_1="3000", note="x"
    )
    assert "Tranche 1 is incomplete" in page


async def test_a_notice_names_nobody_and_takes_objections(helping: Helping) -> None:
    """The public page has number, programme, persons and sum; an objection stands on the request's page."""
    at, _ = await helping.apply(programme="winter")
    await helping.say("clerk", at, "check_completeness")
    await helping.say("clerk", at, "record_consent", scopes=["income"], until="2099-12-31")
    no_income = await helping.say("officer", at, "inquire", **INQUIRE)
    assert "This programme asks for the income" in no_income
    await helping.say("officer", at, "inquire", **INQUIRE, income="1500")
    await helping.say(
        "officer", at, "propose", verdict="grant", amount="800", amount_1="800", day_1="2099-01-01", note="x"
    )
    await helping.say("officer", at, "publish_notice")
    notice = await stranger(helping, f"/aid/notice?unit={UNIT}")
    assert notice.status_code == 200
    assert "800.00" in notice.text
    assert NAME not in notice.text
    key = at.rsplit("/", 1)[1]
    form = f"/aid/notice/{key}/object"
    empty = await helping.send("auditor", form, form)
    assert "Fill in this field" in empty
    done = await helping.send("auditor", form, form, note="他家收入不止这些。（虚构）")
    assert "Done. It is on record." in done
    page = (await helping.house.visit("officer", at)).text
    assert "他家收入不止这些" in page
    assert (await helping.row(at)).objections == 1
    early = await helping.say("approver", at, "approve")
    assert "action-approve" not in early or "has not ended" in early


async def test_a_statement_is_held_against_the_books(helping: Helping) -> None:
    """A line that cannot be read enters none; differences are listed until they are explained."""
    fund = "/funds/hardship"
    await helping.send("clerk", f"{fund}/receive", fund, source="allocation", amount="5000", voucher="A-1")
    await helping.send("clerk", f"{fund}/receive", fund, source="allocation", amount="70", voucher="A-2")
    bad = await helping.send(
        "clerk", f"{fund}/statement", fund, statement="2026-01", lines="2026-01-03,in,much,A-1"
    )
    assert "Line 1 cannot be read" in bad
    today = "2026-01-03,in,5000,A-1\n2026-01-03,in,80,A-2\n2026-01-03,out,9,Z-9"
    page = await helping.send("clerk", f"{fund}/statement", fund, statement="2026-01", lines=today)
    assert "Another sum" in page or "In the bank, not in the books" in page
    assert "Z-9" in page
    again = await helping.send("clerk", f"{fund}/explain_line", fund, voucher="Z-9", note="手续费。（虚构）")
    assert "Z-9" in again


async def test_a_donor_follows_a_gift(helping: Helping) -> None:
    """The slip is for who recorded it; by its number the page tells where the gift went, and no name."""
    fund = "/funds/hardship"
    await helping.send("clerk", f"{fund}/receive", fund, **GIFT)
    slip = await helping.house.visit("clerk", f"{fund}/gifts/1")
    assert (await helping.house.visit("officer", f"{fund}/gifts/1")).status_code == 403
    number = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}", slip.text)
    assert number is not None
    page = await helping.send("auditor", "/gift", "/gift", number=number[0])
    assert "1,000.00" in page
    assert GIFT["donor"] not in page
    wrong = await helping.send("auditor", "/gift", "/gift", number="nothing")
    assert "twenty letters and digits" in wrong


@pytest.mark.parametrize("path", ["/aid", "/aid/new", "/aid/figures", "/funds"])
async def test_pages_of_aid_are_the_staffs(helping: Helping, path: str) -> None:
    """Somebody who has not signed in is asked to; in Chinese and English they answer."""
    assert (await stranger(helping, path)).status_code in (303, 401)
    for language in ("zh-CN", "en"):
        page = await helping.house.visit("clerk", path, **{"Accept-Language": language})
        assert page.status_code == 200


async def upload(helping: Helping, name: str, content: bytes, **fields: str) -> httpx.Response:
    """Send a bank statement as a file."""
    fund = "/funds/hardship"
    async with helping.house.visitor("clerk") as visitor:
        token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', (await visitor.get(fund)).text)[-1]
        told = {"statement": "2026-01", "form_key": name, **fields, "csrf": token}
        return await visitor.post(f"{fund}/statement", data=told, files={"file": (name, content)})


async def test_a_statement_comes_as_a_file_and_again_longer(helping: Helping) -> None:
    """Headings are passed over, lines on record too, and a line that says something else than on record is told."""
    first = "日期,方向,金额,凭证\n2026-01-03,收,5000.00,A-1\n".encode()
    assert (await upload(helping, "a.csv", first)).status_code == 303
    longer = first + "2026-01-04,支,9.00,Z-9\n".encode()
    assert (await upload(helping, "b.csv", longer)).status_code == 303
    page = (await helping.house.visit("clerk", "/funds/hardship")).text
    assert page.count("In the bank, not in the books") == 2
    other = await upload(helping, "c.csv", first.replace(b"5000", b"4000"))
    assert other.status_code == 422
    assert "Line 1 of this statement is on record with other entries" in other.text
    assert (await upload(helping, "d.pdf", b"%PDF")).status_code == 422


async def test_a_statement_that_was_refused_is_sent_again(helping: Helping) -> None:
    """A day to come is refused; with the day put right the same line of the same statement is entered."""
    fund, told = "/funds/hardship", {"statement": "2026-02"}
    refused = await helping.send(
        "clerk", f"{fund}/statement", fund, **told, lines="2099-01-03,in,50,B-1", form_key="k1"
    )
    assert html.escape(REASONS["occurred_in_future"], quote=True).replace("&#x27;", "&#39;") in refused
    assert "B-1" in refused
    page = await helping.send(
        "clerk", f"{fund}/statement", fund, **told, lines="2026-01-03,in,50,B-1", form_key="k2"
    )
    assert "In the bank, not in the books" in page


async def test_goods_are_listed_until_they_are_handed_out(helping: Helping) -> None:
    """What was given in goods stands with how many are left, and its donor sees on which day how many went."""
    fund = "/funds/gifts"
    goods = {"source": "donation", "item": "棉被（虚构）", "count": "20", "measure": "床"}
    page = await helping.send("clerk", f"{fund}/receive", fund, **goods)
    assert "20 床" in page
    page = await helping.send(
        "clerk", f"{fund}/allocate_item", fund, gift="1:1", count="8", note="发放。（虚构）"
    )
    assert "12 床" in page
    slip = (await helping.house.visit("clerk", f"{fund}/gifts/1")).text
    assert 'class="qr"' in slip
    number = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}", slip)
    assert number is not None
    given = await helping.send("auditor", "/gift", "/gift", number=number[0])
    assert re.search(r"\d{4}: 8 床", given)


async def test_numbers_that_lead_nowhere_are_slowed(helping: Helping) -> None:
    """After a dozen of them the page asks to wait, and says how long."""
    async with helping.house.visitor("auditor") as visitor:
        token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', (await visitor.get("/gift")).text)[-1]
        told = {"number": "0123-4567-89AB-CDEF-GHJK", "csrf": token}
        pages = [await visitor.post("/gift", data=told) for _ in range(13)]
    assert [page.status_code for page in pages] == [404] * 12 + [429]
    assert int(pages[-1].headers["retry-after"]) > 0
