"""What a file is, told by its content; and pictures without what cameras write into them."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.intake.attachments import file_name, prepare
from services.intake.files import FileRefusedError, media_type_of
from services.intake.pictures import without_metadata
from tests.papers.desk import jpeg
from web.downloads import disposition


def office(part: str) -> bytes:
    """An office document whose parts lie in this folder."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr(f"{part}document.xml", "x")
    return written.getvalue()


def picture(kind: str, **options: object) -> bytes:
    """A small picture with a position, an XMP packet and a text in it."""
    tags = Image.Exif()
    tags[0x010F] = "FictionalCamera"
    tags.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 20.0)})
    written = io.BytesIO()
    image = Image.new("RGB", (30, 20), "teal")
    image.save(written, kind, exif=tags, **options)
    return written.getvalue()


KINDS = {
    "image/jpeg": jpeg(),
    "image/png": picture("PNG"),
    "image/webp": picture("WEBP"),
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3",
    "text/plain": "虚构的文字\r\n第二行\t".encode(),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office("word/"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": office("xl/"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": office("ppt/"),
    "audio/mpeg": b"ID3\x04\x00rest",
    "audio/mp4": b"\x00\x00\x00\x20ftypM4A \x00",
    "video/mp4": b"\x00\x00\x00\x20ftypisom\x00",
}


@pytest.mark.parametrize("media_type", KINDS)
def test_each_kind_is_known_by_its_content(media_type: str) -> None:
    """Every kind that is taken is recognised, whatever the file is called."""
    assert media_type_of(KINDS[media_type]) == media_type


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_text_as_chinese_systems_write_it_is_text(encoding: str) -> None:
    """A note in any of the usual encodings is plain text."""
    assert media_type_of("虚构的文字，第二行。".encode(encoding)) == "text/plain"


REFUSED = {
    "a program": b"\x7fELF\x02\x01\x01\x00",
    "an old office document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00",
    "an archive of something": office("evil/"),
    "a cut archive": office("word/")[:40],
    "a gif": b"GIF89a\x01\x00\x01\x00",
    "bytes": bytes(range(256)),
    "a frame that is none": b"\xff\xff\xff\xff",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_on_no_list_is_refused(name: str) -> None:
    """Anything else is 415, with a sentence that says what is taken."""
    with pytest.raises(FileRefusedError) as refused:
        media_type_of(REFUSED[name])
    assert refused.value.fault.status == 415


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400), head=st.sampled_from([b"", *(kind[:12] for kind in KINDS.values())]))
def test_any_bytes_are_taken_or_refused(content: bytes, head: bytes) -> None:
    """Whatever somebody sends is prepared, or refused with a sentence; nothing else is raised."""
    assert status_of(head + content) in {200, 413, 415, 422}


def status_of(content: bytes) -> int:
    """The status with which a file is refused; 200 where it is taken."""
    try:
        prepare("x", content, strip=True)
    except FileRefusedError as error:
        return error.fault.status
    return 200


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(jpeg()) - 1), byte=st.integers(0, 255))
def test_a_damaged_picture_is_taken_or_refused(at: int, byte: int) -> None:
    """A picture with any byte changed is taken or refused; no reader's fault comes through."""
    content = bytearray(jpeg())
    content[at] = byte
    assert status_of(bytes(content)) in {200, 413, 415}


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp"])
def test_no_trace_of_the_camera_is_left(media_type: str) -> None:
    """Of every kind of picture position, camera and other notes are gone, and the picture is the same size."""
    content = KINDS[media_type]
    assert b"FictionalCamera" in content
    clean = without_metadata(content, media_type)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(clean)) as image, Image.open(io.BytesIO(content)) as before:
        assert sorted(image.size) == sorted(before.size)
        assert not image.getexif()
    assert not [word for word in (b"FictionalCamera", b"Exif", b"exif", b"http") if word in clean]


def test_the_original_is_told_by_its_hash() -> None:
    """Where something was taken out the hash of what was brought is kept; elsewhere there is none."""
    assert prepare("a", jpeg(), strip=True).original is not None
    assert prepare("a", jpeg(), strip=False).original is None
    assert prepare("a", b"text", strip=True).original is None


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("C:\\Users\\someone\\a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("", "file"),
        ("/", "file"),
        ("x" * 300 + ".jpeg", "x" * 190 + ".jpeg"),
        ("图片\ud800.jpg", "图片.jpg"),
    ],
)
def test_a_file_name_is_made_safe(told: str, name: str) -> None:
    """Folders and control characters go, and the name has at most 200 characters."""
    assert file_name(told) == name


@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_name_breaks_the_header(name: str) -> None:
    """Whatever a file is called, its header is one line of ASCII with two quoted names."""
    header = disposition(file_name(name))
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
