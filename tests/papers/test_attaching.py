"""Attaching files through the pages: what is taken, what is refused at the field, and what is given back."""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
import zipfile
from contextlib import closing

import pytest
from PIL import Image

from tests.papers.desk import KEY, NEW, STORY, File, Running, base_of, jpeg

LINK = re.compile(r"/cases/grv_[0-9a-f]{32}/attachments/([0-9a-f]{64})")
TEXT: File = ("备注.txt", "虚构的备注".encode(), "text/plain")
HTML: File = ("page.jpg", b"<html><script>alert(1)</script></html>\x00", "image/jpeg")


def office(*parts: str) -> bytes:
    """An office document with these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "x")
    return written.getvalue()


def test_files_come_with_the_lodging(running: Running) -> None:
    """A lodging with two files makes a case that lists both, and each is given back as it was sent."""
    clerk = running.visitor("clerk")
    second: File = ("plan.pdf", b"%PDF-1.4 fictional", "application/pdf")
    case = clerk.lodge(files=[TEXT, second])
    page = clerk.get(case).text
    assert "备注.txt" in page
    assert "plan.pdf" in page
    blobs = LINK.findall(page)
    assert len(blobs) == 2
    given = [clerk.get(f"{case}/attachments/{blob}") for blob in blobs]
    assert [answer.content for answer in given] == [TEXT[1], second[1]]


def test_a_file_is_saved_and_never_shown(running: Running) -> None:
    """A file is answered as an attachment under its name, unsniffed, in a sandbox, and kept by no cache."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[TEXT])
    (blob,) = LINK.findall(clerk.get(case).text)
    headers = clerk.get(f"{case}/attachments/{blob}").headers
    assert headers["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%E5%A4%87%E6%B3%A8.txt" in headers["content-disposition"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox")
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"].startswith("text/plain")


def test_a_file_is_attached_to_a_case(running: Running) -> None:
    """A file that comes later is listed too; the history says who attached it."""
    clerk = running.visitor("clerk")
    case = clerk.lodge()
    assert clerk.attach(case, TEXT).status_code == 303
    page = clerk.get(case).text
    assert "File attached" in page
    assert len(LINK.findall(page)) == 1


def test_location_data_are_taken_out(running: Running) -> None:
    """A picture loses its position, camera and comment where that is ticked, and stands upright."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[("home.jpg", jpeg(), "image/jpeg")], fields={"strip": "yes"})
    page = clerk.get(case).text
    (blob,) = LINK.findall(page)
    content = clerk.get(f"{case}/attachments/{blob}").content
    assert "location data removed" in page
    assert not [word for word in (b"FictionalCamera", b"taken at home", b"Exif") if word in content]
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (20, 40)
        assert not image.getexif()


def test_a_picture_stays_as_it_is_where_that_is_asked(running: Running) -> None:
    """Without the tick a picture is given back byte for byte."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[("home.jpg", jpeg(), "image/jpeg")])
    (blob,) = LINK.findall(clerk.get(case).text)
    assert clerk.get(f"{case}/attachments/{blob}").content == jpeg()


REFUSED: dict[str, tuple[File, int, str]] = {
    "a page that says it is a picture": (HTML, 415, "Files of this kind are not taken"),
    "a program": (("a.pdf", b"MZ\x90\x00\x03", "application/pdf"), 415, "Files of this kind"),
    "an archive": (("a.docx", office("evil.txt"), ""), 415, "Files of this kind"),
    "macros": (("a.docx", office("word/vbaProject.bin"), ""), 415, "Files of this kind"),
    "nothing in it": (("a.txt", b"", "text/plain"), 422, "This file is empty"),
    "too large": (("a.txt", b"a" * (10 * 1024 * 1024 + 1), "text/plain"), 413, "larger than 10 MB"),
    "a broken picture": (("a.png", b"\x89PNG\r\n\x1a\n broken", "image/png"), 415, "cannot be opened"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("form", ["lodging", "attaching"])
def test_a_file_is_refused_at_its_field(running: Running, name: str, form: str) -> None:
    """What is too large or of another kind is told at the field with its status, and nothing is recorded."""
    file, status, sentence = REFUSED[name]
    clerk = running.visitor("clerk")
    if form == "attaching":
        case = clerk.lodge()
        answer = clerk.attach(case, file)
        assert not LINK.findall(clerk.get(case).text)
    else:
        answer = clerk.fill(NEW, "/intake/grievances", STORY, [file])
        assert STORY["story"] in answer.text
    assert answer.status_code == status
    error = re.search(r'id="field-file-error">(.*?)</div>', answer.text, re.DOTALL)
    assert error
    assert sentence in error[1]


def test_a_picture_that_would_fill_the_memory_is_refused(running: Running) -> None:
    """A small file that unpacks to a huge picture is refused before it is unpacked."""
    written = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(written, "PNG")
    clerk = running.visitor("clerk")
    answer = clerk.attach(clerk.lodge(), ("a.png", written.getvalue(), "image/png"), strip="yes")
    assert answer.status_code == 413
    assert "too many pixels" in answer.text


def test_far_too_large_a_request_is_a_page(running: Running) -> None:
    """A request longer than all files of a form may be is 413, whatever it holds."""
    clerk = running.visitor("clerk")
    answer = clerk.fill(
        NEW, "/intake/grievances", STORY, [("a.txt", b"a" * (32 * 1024 * 1024), "text/plain")]
    )
    assert answer.status_code == 413


def test_other_pages_take_no_more_than_before(running: Running) -> None:
    """The larger limit holds for the forms with files only."""
    answer = running.visitor("clerk").send("/sign-out", {}, [("a.txt", b"a" * (2 * 1024 * 1024), "")])
    assert answer.status_code == 413


def test_a_form_that_is_sent_again_attaches_nothing_twice(running: Running) -> None:
    """The same form with the same file is one case with one file, and one blob is kept for it."""
    clerk = running.visitor("clerk")
    text = clerk.get(NEW).text
    csrf = re.findall(r'name="csrf" value="([0-9a-f]{64})"', text)[-1]
    fields = {**STORY, "csrf": csrf, "form_key": KEY.findall(text)[-1]}
    before = blobs(running)
    answers = [clerk.send("/intake/grievances", fields, [TEXT]) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(blobs(running) - before) == 1


def blobs(running: Running) -> set[str]:
    """The blobs that are kept."""
    return {path.name for path in (running.home / "blobs").glob("??/*")}


def test_the_store_holds_no_plain_byte(running: Running) -> None:
    """Neither the file nor its name stands in any file of the home, and each blob bears its own hash."""
    clerk = running.visitor("clerk")
    content = "只此一处的虚构内容".encode()
    clerk.lodge(files=[("独一无二.txt", content, "text/plain")])
    files = [path for path in running.home.rglob("*") if path.is_file()]
    assert not [path for path in files if content in path.read_bytes()]
    assert not [path for path in files if "独一无二".encode() in path.read_bytes()]
    kept = list((running.home / "blobs").glob("??/*"))
    assert all(path.name == hashlib.sha256(path.read_bytes()).hexdigest() for path in kept)


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("neighbour", 403), ("admin", 403)])
def test_who_may_not_read_a_case_gets_no_file(running: Running, who: str, status: int) -> None:
    """Auditors, administrators and other communities get no file, and no name of one."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[TEXT])
    (blob,) = LINK.findall(clerk.get(case).text)
    other = running.visitor(who)
    assert other.get(f"{case}/attachments/{blob}").status_code == status
    assert "备注" not in other.get(case).text


def test_who_may_not_attach_keeps_nothing(running: Running) -> None:
    """An auditor who sends a file gets 403, and no blob is kept."""
    case = running.visitor("clerk").lodge()
    before = blobs(running)
    auditor = running.visitor("auditor")
    path = f"{base_of(case)}/attach"
    assert auditor.fill(path, path, {"whose": "office"}, [TEXT]).status_code == 403
    assert blobs(running) == before


def test_a_file_of_another_case_is_not_given(running: Running) -> None:
    """A blob is given out only under the case that it is attached to."""
    clerk = running.visitor("clerk")
    case, other = clerk.lodge(files=[TEXT]), clerk.lodge()
    (blob,) = LINK.findall(clerk.get(case).text)
    assert clerk.get(f"{other}/attachments/{blob}").status_code == 404
    assert clerk.get(f"{case}/attachments/{'0' * 64}").status_code == 404
    assert clerk.get(f"{case}/attachments/..%2f..%2fetc").status_code == 404


def test_a_damaged_blob_is_told(running: Running) -> None:
    """A blob that was changed on the disk is not given out; the page says what to do."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[TEXT])
    (blob,) = LINK.findall(clerk.get(case).text)
    path = running.home / "blobs" / blob[:2] / blob
    path.write_bytes(path.read_bytes()[:-1])
    answer = clerk.get(f"{case}/attachments/{blob}")
    assert answer.status_code == 404
    assert "missing or damaged" in answer.text
    path.unlink()


def readings(running: Running) -> int:
    """How many readings of personal data are on the log."""
    query = """
        SELECT count(*) FROM records JOIN partitions ON partitions.id = partition_id
        WHERE topic = 'people.submissions' AND CAST(value AS TEXT) LIKE '%"people.record_reading.v1"%'
    """
    with closing(sqlite3.connect(running.home / "log.sqlite")) as log:
        return int(log.execute(query).fetchone()[0])


def test_a_download_is_a_reading_on_record(running: Running) -> None:
    """Who takes a file away has read it: one reading is on the log before the file is given."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[("photo.jpg", jpeg(), "image/jpeg")])
    blob = LINK.findall(clerk.get(case).text)[0]
    before = readings(running)
    assert clerk.get(f"{case}/attachments/{blob}").status_code == 200
    assert readings(running) == before + 1
