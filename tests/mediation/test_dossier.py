"""The dossier of a mediation: its page and its file, for who may read what was said."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import struct
import zipfile
import zlib
from typing import Any

import httpx
import orjson
import pytest

from barograph.people_side import find_subject
from services.mediation import dossier_file
from services.people.desk import PeopleDesk
from services.projections import mediations
from tests.mediation.conftest import PARTY_A, PARTY_B, TERMS, Mediating
from tests.mediation.test_files import CONTENT, NAME, attach
from tests.projections.pages_house import UNIT
from tests.web.test_pdf import objects
from web.pdf import PdfUnavailableError

TITLES = [
    "1. Application or intake",
    "2. Rights notice and consent",
    "3. Proof of identity",
    "4. Record of the mediation",
    "5. Agreement and confirmation",
    "6. Receipts and performance",
    "7. Follow-up",
]


def picture() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\x20\x40\x60")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def bookmarks(file: bytes) -> list[str]:
    """The titles in the outline of a PDF, in their order."""
    found = re.findall(rb"/Title (?:<([0-9a-f]+)>|\(((?:[^()\\]|\\.)*)\))", objects(file))
    return [
        bytes.fromhex(coded.decode()).decode("utf-16") if coded else plain.decode("latin-1")
        for coded, plain in found
    ]


def pages_in(file: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", objects(file)))


def lacking(page: str) -> list[str]:
    """What the page says is missing."""
    section = page.split('id="missing-title"')[1].split("</section>", maxsplit=1)[0]
    return [" ".join(line.split()) for line in re.findall(r"<li>(.*?)</li>", section, re.DOTALL)]


async def agreed(mediating: Mediating) -> str:
    """A mediation with an agreement in force."""
    at = await mediating.start()
    await mediating.sign(at, await mediating.draw_up(at))
    return at


async def pdf_of(mediating: Mediating, at: str, query: str = "") -> httpx.Response:
    """The dossier as a clerk saves it."""
    return await mediating.house.visit("clerk", f"{at}/dossier.pdf{query}")


async def test_the_papers_stand_in_the_order_of_the_norms(mediating: Mediating) -> None:
    """The page and the outline of the PDF have the seven papers in their order, and the mediation leads there."""
    at = await agreed(mediating)
    assert f'href="{at}/dossier"' in (await mediating.house.visit("clerk", at)).text
    page = (await mediating.house.visit("clerk", f"{at}/dossier")).text
    assert re.findall(r"<summary>(.*?) <span", page) == TITLES
    answer = await pdf_of(mediating, at, "?in=en")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")
    outline = bookmarks(answer.content)
    assert [title for title in outline if title in TITLES] == TITLES
    assert outline.index("Signed in force") > outline.index(TITLES[4])


async def test_the_file_is_in_chinese_unless_asked_otherwise(mediating: Mediating) -> None:
    """Whatever the language of the visitor; set in a font that has the characters."""
    file = (await pdf_of(mediating, await mediating.start())).content
    assert file.startswith(b"%PDF-")
    assert "3. 身份证明" in bookmarks(file)
    assert b"NotoSerifCJK" in objects(file).replace(b"-", b"")


async def test_what_is_missing_is_told_until_it_is_there(mediating: Mediating) -> None:
    """A file for each party takes the proof of identity off the list."""
    at = await agreed(mediating)
    line = "Proof of identity: A proof of identity for each party"
    assert line in lacking((await mediating.house.visit("clerk", f"{at}/dossier")).text)
    for number in (1, 2):
        await attach(
            mediating, "clerk", at, (f"{number}.txt", f"虚构 {number}".encode()), form_key=str(number)
        )
    page = (await mediating.house.visit("clerk", f"{at}/dossier")).text
    assert line not in lacking(page)
    assert "1.txt" in page


async def test_a_picture_is_printed(mediating: Mediating) -> None:
    """A scanned page stands in the file as a picture."""
    at = await mediating.start()
    assert b"/Subtype /Image" not in objects((await pdf_of(mediating, at)).content)
    await attach(mediating, "clerk", at, ("页.png", picture()))
    assert b"/Subtype /Image" in objects((await pdf_of(mediating, at)).content)


async def test_a_plain_text_is_printed(mediating: Mediating) -> None:
    """A text of two hundred lines takes pages of its own; what is no UTF-8 is left to the bundle."""
    at = await mediating.start()
    before = pages_in((await pdf_of(mediating, at)).content)
    await attach(mediating, "clerk", at, ("长.txt", "一行虚构的文字。\n".encode() * 200))
    after = pages_in((await pdf_of(mediating, at)).content)
    assert after > before + 2
    await attach(mediating, "clerk", at, ("旧.txt", "一行虚构的文字。\n".encode("gbk") * 200), form_key="2")
    assert pages_in((await pdf_of(mediating, at)).content) == after


async def test_the_same_gives_the_same_file(mediating: Mediating) -> None:
    """Made twice, print and bundle are the same byte by byte."""
    at = await agreed(mediating)
    for path in ("dossier.pdf", "dossier.zip"):
        once, again = [(await mediating.house.visit("clerk", f"{at}/{path}")).content for _ in range(2)]
        assert once == again


@pytest.mark.parametrize("who", ["auditor", "other", "handler"])
@pytest.mark.parametrize("path", ["dossier", "dossier.pdf", "dossier.zip"])
async def test_it_is_for_who_may_read_what_was_said(mediating: Mediating, who: str, path: str) -> None:
    """Whoever sees no more than that a mediation exists gets no dossier; one that there is not is not found."""
    at = await mediating.start()
    assert (await mediating.house.visit(who, f"{at}/{path}")).status_code == 403
    assert (await mediating.house.visit("clerk", f"/mediations/med_0/{path}")).status_code == 404


async def test_a_dossier_that_is_saved_is_a_reading_on_record(mediating: Mediating) -> None:
    """Whoever saves the file stands on the record of readings."""
    at = await mediating.start()
    await mediating.house.visit("supervisor", f"{at}/dossier.pdf")
    await mediating.house.settle()
    with mediating.house.model.engine.connect() as connection:
        query = "select actor from g1_readings where about = ?"
        found = connection.exec_driver_sql(query, (at.rsplit("/", 1)[1],)).scalars().all()
    assert mediating.house.people["supervisor"] in found


async def test_erased_is_not_missing(mediating: Mediating) -> None:
    """The name of an erased party is told as erased, and lacks nothing."""
    at = await mediating.start()
    house = mediating.house
    before = lacking((await house.visit("clerk", f"{at}/dossier")).text)
    subject = await asyncio.to_thread(find_subject, house.station, UNIT, "000-0000-0201")
    assert subject is not None
    desk = PeopleDesk(house.station.submitter, house.station.register)
    await desk.say(house.people["dpo"], UNIT, "erase", {"reason": "consent_withdrawn"}, subject=subject)
    await house.settle()
    await house.station.eraser.catch_up()
    after = (await house.visit("clerk", f"{at}/dossier")).text
    assert [line.replace(f" {PARTY_A}", "") for line in before] == lacking(after)
    assert PARTY_B in after


async def test_a_text_that_does_not_open_is_told_as_damaged(mediating: Mediating) -> None:
    """Ciphertext that its key does not open is no erasure: the page says damaged, and the dossier lacks it."""
    at = await agreed(mediating)
    await _spoil(mediating, "mediation.session_held.v1", "note")
    page = (await mediating.house.visit("clerk", at)).text
    assert "Damaged: it does not open with its key" in page
    assert "谈了两小时" not in page
    told = lacking((await mediating.house.visit("clerk", f"{at}/dossier")).text)
    line = "Record of the mediation: A text that does not open with its key · Session held: Note"
    assert line in told
    assert TERMS in page


async def bundle_of(mediating: Mediating, at: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of the bundle by name, and its manifest."""
    answer = await mediating.house.visit("clerk", f"{at}/dossier.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    return found, orjson.loads(found.pop("manifest.json"))


async def test_the_bundle_holds_everything(mediating: Mediating) -> None:
    """The print, each file as it was brought, the agreement as text, and a manifest with the hash of each."""
    at = await agreed(mediating)
    await attach(mediating, "clerk", at)
    files, manifest = await bundle_of(mediating, at)
    assert set(files) == {"dossier.pdf", "agreements/version-1.txt", f"files/3-identity/01-{NAME}"}
    assert files[f"files/3-identity/01-{NAME}"] == CONTENT
    assert files["dossier.pdf"].startswith(b"%PDF-")
    text = files["agreements/version-1.txt"].decode()
    (version,) = manifest["fingerprints"]["versions"]
    assert all(told in text for told in (TERMS, PARTY_A, PARTY_B, "3,000.00", version["recorded"]))
    assert version["computed_again"] == version["recorded"]
    assert "sealed" in manifest["fingerprints"]["cover"]
    for name, content in files.items():
        told = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert manifest["files"][name] == told


async def test_the_manifest_says_where_each_event_stands_in_the_log(mediating: Mediating) -> None:
    """Every event of the mediation, filed or not, is the one that stands at that place of that partition."""
    at = await agreed(mediating)
    await attach(mediating, "clerk", at)
    await mediating.say("clerk", at, "record_visit", met="yes", note="回访。（虚构）")
    _, manifest = await bundle_of(mediating, at)
    papers = [event for paper in manifest["papers"] for event in paper["events"]]
    events = [*papers, *manifest["not_filed"]]
    house = mediating.house
    for event in events:
        (record,) = await house.station.log.read(manifest["topic"], event["partition"], event["offset"], 1)
        decision = orjson.loads(record.value or b"")["data"]
        assert decision["events"][event["number"]]["type"] == event["type"]
        assert decision["recorded_at"] == event["recorded_at"]
    rows = await asyncio.to_thread(mediations.events_of, house.model, manifest["mediation"])
    places = {(event["partition"], event["offset"], event["number"]) for event in events}
    assert places == {(row.partition, row.events_offset, row.number) for row in rows}
    assert len(events) == len(rows)
    assert manifest["ledger"] == house.station.ledger.hash


async def test_names_in_the_bundle_lead_nowhere_else(mediating: Mediating) -> None:
    """What a file is called cannot put it elsewhere on the machine that unpacks it."""
    at = await mediating.start()
    for number, name in enumerate(("..", "C:\\a\\..\\b.txt", "../../etc/x.txt")):
        await attach(mediating, "clerk", at, (name, f"虚构 {number}".encode()), form_key=str(number))
    files, _ = await bundle_of(mediating, at)
    names = [name for name in files if name.startswith("files/")]
    assert len(names) == 3
    assert all(re.fullmatch(r"files/3-identity/0[1-3]-[^/\\:]+", name) for name in names)


async def test_a_damaged_file_is_named_and_left_out_of_the_bundle(mediating: Mediating) -> None:
    """Its event stands in its paper without a file, and the list of the missing names it."""
    at = await mediating.start()
    await attach(mediating, "clerk", at)
    for path in mediating.house.station.home.blobs.glob("??/*"):
        path.unlink()
    files, manifest = await bundle_of(mediating, at)
    assert set(files) == {"dossier.pdf"}
    (event,) = next(paper for paper in manifest["papers"] if paper["part"] == "identity")["events"]
    assert (event["state"], event["file"]) == ("damaged", None)
    assert NAME in [line["about"] for line in manifest["missing"]]


async def _spoil(mediating: Mediating, kind: str, field: str) -> None:
    """Turn one character of a sealed text in the read model."""
    await mediating.house.settle()
    with mediating.house.model.engine.begin() as connection:
        query = "select rowid, data from g1_mediation_events where type = ?"
        at, data = connection.exec_driver_sql(query, (kind,)).one()
        found = re.search(rf'"{field}":{{[^}}]*"sealed":"(.)', data)
        assert found is not None
        turned = "B" if found[1] != "B" else "C"
        spoilt = data[: found.start(1)] + turned + data[found.end(1) :]
        connection.exec_driver_sql("update g1_mediation_events set data = ? where rowid = ?", (spoilt, at))


async def test_a_file_that_is_gone_from_the_store_is_missing(mediating: Mediating) -> None:
    """The dossier is made all the same, and names the file."""
    at = await mediating.start()
    await attach(mediating, "clerk", at)
    for path in mediating.house.station.home.blobs.glob("??/*"):
        path.write_bytes(b"spoilt")
    told = lacking((await mediating.house.visit("clerk", f"{at}/dossier")).text)
    assert f"Proof of identity: A file that is missing or damaged in the store · {NAME}" in told
    assert (await pdf_of(mediating, at)).status_code == 200


async def test_without_fonts_it_says_what_to_install(
    mediating: Mediating, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this machine cannot draw, the answer names Debian's packages, and the page is still there."""

    def away(_: str) -> bytes:
        raise PdfUnavailableError

    at = await mediating.start()
    monkeypatch.setattr(dossier_file, "pdf", away)
    answer = await pdf_of(mediating, at)
    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.text
    assert (await mediating.house.visit("clerk", f"{at}/dossier")).status_code == 200


async def test_a_signature_names_its_version(mediating: Mediating) -> None:
    """A signature under a version that was drawn up anew is told as one under a superseded version."""
    at = await mediating.start()
    first = await mediating.draw_up(at)
    told = {"signer": "party:1", "manner": "on_paper", "fingerprint": first}
    await mediating.say("clerk", at, "sign", **told)
    await mediating.draw_up_again(at)
    outline = bookmarks((await pdf_of(mediating, at, "?in=en")).content)
    assert "Signed superseded" in outline
    assert "Agreement drawn up waits for signatures" in outline
