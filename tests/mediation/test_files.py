"""Files of a mediation's dossier: attached, shown as a signature, saved, and kept from others."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.mediation.conftest import Mediating

NAME, CONTENT = "身份证明.txt", "虚构的身份证明，仅供测试。".encode()
TOLD = {"paper": "identity", "whose": "third_party"}
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


async def attach(
    mediating: Mediating, who: str, at: str, file: tuple[str, bytes] | None = (NAME, CONTENT), **fields: str
) -> httpx.Response:
    """Send the form that attaches a file."""
    async with mediating.house.visitor(who) as visitor:
        token = _CSRF.findall((await visitor.get(at)).text)[-1]
        data = {"csrf": token, "form_key": "file-1", **TOLD, **fields}
        sent = {"file": file} if file else {"file": ("", b"")}
        return await visitor.post(f"{at}/attach", data=data, files=sent)


async def test_a_file_comes_back_as_it_was_brought(mediating: Mediating) -> None:
    """Attached with its place in the dossier, listed by name, and saved byte by byte."""
    at = await mediating.start()
    assert (await attach(mediating, "clerk", at)).status_code == 303
    page = (await mediating.house.visit("clerk", at)).text
    assert NAME in page
    assert "Proof of identity" in page
    link = re.findall(rf'href="({at}/files/[0-9a-f]{{64}})"', page)[0]
    saved = await mediating.house.visit("clerk", link)
    assert saved.content == CONTENT
    assert saved.headers["content-disposition"].startswith("attachment")
    assert (await mediating.house.visit("auditor", link)).status_code == 403
    assert NAME not in (await mediating.house.visit("other", at)).text
    assert (await mediating.house.visit("clerk", f"{at}/files/{'0' * 64}")).status_code == 404


async def test_a_scanned_page_shows_a_signature(mediating: Mediating) -> None:
    """A scanned signature names its file; without one it is refused at its field."""
    at = await mediating.start()
    fingerprint = await mediating.draw_up(at)
    told = {"signer": "party:1", "manner": "scanned", "fingerprint": fingerprint}
    assert "Attach the signed page or the drawing first" in await mediating.say("clerk", at, "sign", **told)
    await attach(mediating, "clerk", at, paper="agreement")
    blob = re.findall(rf"{at}/files/([0-9a-f]{{64}})", (await mediating.house.visit("clerk", at)).text)[0]
    page = await mediating.say("clerk", at, "sign", **told, blob=blob)
    assert "Signed" in page
    assert "On a scanned page" in page
    assert re.search(rf"The file that shows it</p><div class=\"prose\">\s*{NAME}", page)


async def test_a_file_is_told_by_its_name(mediating: Mediating) -> None:
    """In what happened, a file's name is called that, and is no person's."""
    at = await mediating.start()
    await attach(mediating, "clerk", at)
    page = (await mediating.house.visit("clerk", at)).text
    assert re.search(rf"File name</p><div class=\"prose\">\s*{NAME}", page)


@pytest.mark.parametrize(
    ("file", "fields", "status", "sentence"),
    [
        (None, {}, 422, "Choose a file."),
        (("a.txt", b""), {}, 422, "This file is empty."),
        (("a.exe", b"MZ\x00\x01\x02"), {}, 415, "Files of this kind are not taken."),
        ((NAME, CONTENT), {"paper": "secret"}, 422, "Choose one of the options in the list."),
        ((NAME, CONTENT), {"whose": ""}, 422, "Fill in this field."),
    ],
)
async def test_a_file_that_cannot_be_taken(
    mediating: Mediating,
    file: tuple[str, bytes] | None,
    fields: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    """The form comes back and says what to do, and nothing is attached."""
    at = await mediating.start()
    page = await attach(mediating, "clerk", at, file, **fields)
    assert page.status_code == status
    assert sentence in page.text
    assert "No file is attached." in (await mediating.house.visit("clerk", at)).text


@pytest.mark.parametrize("who", ["auditor", "handler"])
async def test_who_may_not_attach_is_refused(mediating: Mediating, who: str) -> None:
    """Neither the form nor what it sends is for who does not work on mediations."""
    at = await mediating.start()
    assert (await mediating.house.visit(who, f"{at}/attach")).status_code == 403
