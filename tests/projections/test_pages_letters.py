"""Letters on the case's page, printed, and on the worklist until they are served."""

from __future__ import annotations

import re

import pytest

from services.projections import letter_pages
from tests.projections.pages_house import (
    ADDRESS,
    NAME,
    REPLY,
    TELEPHONE,
    TITLE,
    House,
    open_case,
    worked_case,
)
from web.pdf import PdfUnavailableError

LINK = re.compile(r'href="(/cases/grv_[0-9a-f]{32}/letters/([A-Z]{2}-[0-9A-Z-]+))"')


async def letters(house: House, case: str) -> list[tuple[str, str]]:
    """The address and the number of each letter that the case's page lists."""
    return LINK.findall((await house.visit("clerk", f"/cases/{case}")).text)


async def test_a_letter_is_printed_with_what_was_said(house: House) -> None:
    """The reply's letter names the complainant, the subject and the reply, its number, and a place for the seal."""
    found = await letters(house, await worked_case(house))
    assert [number[:3] for _, number in found] == ["SL-", "CL-"]
    page = (await house.visit("clerk", found[1][0])).text
    for part in (NAME, TITLE, REPLY, "信访事项处理意见书", "处意〔", "（印章）", "云溪社区"):
        assert part in page
    assert TELEPHONE not in page
    assert ADDRESS not in page


async def test_a_letter_can_be_read_in_english(house: House) -> None:
    """The English rendering says that the Chinese letter is the letter."""
    found = await letters(house, await worked_case(house))
    page = (await house.visit("clerk", f"{found[0][0]}?in=en")).text
    assert "Notice of acceptance" in page
    assert "the Chinese letter is the letter" in page


async def test_a_letter_is_a_file_too(house: House) -> None:
    """As a PDF of one page, for who may read the case, and for nobody else; the number that there is not is not found."""
    path, number = (await letters(house, await worked_case(house)))[1]
    answer = await house.visit("clerk", f"{path}/pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert number in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF-")
    assert (await house.visit("auditor", f"{path}/pdf")).status_code == 403
    assert (await house.visit("clerk", f"{path}9/pdf")).status_code == 404


async def test_without_fonts_the_page_says_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this machine cannot draw, the answer names Debian's packages, and the letter's page is still there."""

    def away(_: str) -> bytes:
        raise PdfUnavailableError

    path, _ = (await letters(house, await worked_case(house)))[1]
    monkeypatch.setattr(letter_pages, "pdf", away)
    answer = await house.visit("clerk", f"{path}/pdf")
    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.text
    assert (await house.visit("clerk", path)).status_code == 200


async def test_a_letter_keeps_the_version_that_it_was_made_with(house: House) -> None:
    """New templates change no letter that was made before."""
    from barograph.init import decide_register, enter
    from services.grievance.letter_templates import default_letters

    old = await worked_case(house)
    norm = default_letters()
    terms = {"templates": {"acceptance": {"title": "新版受理告知书", "body": "{name}"}}}
    await enter(house.station, norm.model_copy(update={"version": "2027-1", "terms": terms}))
    await decide_register(house.station)
    new = await open_case(house)
    await house.command(new, "accept")
    assert "信访事项受理告知书" in (await house.visit("clerk", (await letters(house, old))[0][0])).text
    assert "新版受理告知书" in (await house.visit("clerk", (await letters(house, new))[0][0])).text


async def test_a_letter_is_closed_to_who_may_not_read_the_case(house: House) -> None:
    """A neighbour's handler, an auditor and an administrator are shown no letter."""
    address, _ = (await letters(house, await worked_case(house)))[0]
    for who in ("neighbour", "auditor", "admin"):
        answer = await house.visit(who, address)
        assert answer.status_code == 403
        assert NAME not in answer.text


async def test_a_letter_that_there_is_not_is_not_found(house: House) -> None:
    """A number that is not the case's answers 404 with a sentence."""
    case = await worked_case(house)
    answer = await house.visit("clerk", f"/cases/{case}/letters/CL-2026-000000000000-9")
    assert answer.status_code == 404
    assert "lists its letters" in answer.text


async def test_a_letter_waits_on_the_worklist_until_it_is_served(house: House) -> None:
    """A service that fails is shown; the case leaves the list when its last letter has been served."""
    case = await worked_case(house)
    numbers = [number for _, number in await letters(house, case)]
    service = {"manner": "post", "recipient": "complainant", "acknowledged": "thumbprint"}
    listed = "/cases?unit=demo&view=unserved"
    await house.command(case, "record_service", by="clerk", result="failed", letter=numbers[0], **service)
    assert "Could not be served" in (await house.visit("clerk", listed)).text
    await house.command(case, "record_service", by="clerk", result="served", letter=numbers[0], **service)
    assert case in (await house.visit("clerk", listed)).text
    await house.command(case, "record_service", by="clerk", result="served", letter=numbers[1], **service)
    assert case not in (await house.visit("clerk", listed)).text
    assert "Thumbprint" in (await house.visit("clerk", f"/cases/{case}")).text


async def test_service_is_recorded_at_the_form_for_the_letter_that_is_chosen(house: House) -> None:
    """The form offers the letters that wait, and records the service of the chosen one."""
    case = await worked_case(house)
    number = (await letters(house, case))[0][1]
    fields = {
        "result": "served",
        "manner": "in_person",
        "recipient": "complainant",
        "acknowledged": "signature",
        "letter": number,
        "form_key": "letters-form-key-1",
    }
    path = f"/intake/communities/demo/grievances/{case}/record_service"
    async with house.visitor("clerk") as visitor:
        page = await visitor.get(f"/cases/{case}")
        assert f'<option value="{number}">' in page.text
        sent = await visitor.fill(path, fields, f"/cases/{case}")
    assert sent.status_code == 303
    page = await house.visit("clerk", f"/cases/{case}")
    assert f'<option value="{number}">' not in page.text


async def test_the_handler_prints_a_letter_without_the_name_that_is_kept_from_them(house: House) -> None:
    """The letter of a confidential case names the complainant for the counter, and addresses them in general else."""
    case = await open_case(house, confidential=True)
    await house.command(case, "accept")
    address = (await letters(house, case))[0][0]
    assert NAME in (await house.visit("clerk", address)).text
    page = (await house.visit("handler", address)).text
    assert NAME not in page
    assert "来访（信）人" in page
