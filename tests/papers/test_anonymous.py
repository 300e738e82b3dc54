"""An anonymous lodging leaves nothing of the visitor behind: no address, user agent or device."""

from __future__ import annotations

import re
from pathlib import Path

from tests.papers.desk import TEXT_FILE, Running

MARKS = {
    "User-Agent": "MarkedAgent/7391",
    "X-Forwarded-For": "198.51.100.73",
    "X-Real-IP": "198.51.100.74",
    "Forwarded": "for=198.51.100.75",
    "Referer": "http://marked-referer.example/7392",
    "X-Device-Id": "marked-device-7393",
    "Sec-CH-UA-Model": "MarkedModel7394",
    "traceparent": "00-7395aaaabbbbccccddddeeeeffff0000-7395aaaabbbbcccc-01",
    "X-Request-Id": "marked-request-7396",
    "Via": "1.1 marked-proxy-7397",
    "Cookie2": "marked-cookie-7398",
}
PARTS = (
    *(value.encode() for value in MARKS.values()),
    b"7395aaaabbbbccccddddeeeeffff0000",
    b"198.51.100.7",
    b"127.0.0.1",
)


def test_nothing_of_the_visitor_is_kept(running: Running) -> None:
    """Neither the log, the vault, the read model, the blobs nor what the program writes hold a header's value."""
    clerk = running.visitor("clerk", MARKS)
    case = clerk.lodge({"anonymous": "yes", "story": "匿名的虚构诉求"}, files=[TEXT_FILE])
    clerk.get(case)
    clerk.get("/nowhere")
    clerk.send("/intake/grievances", {"csrf": "wrong"})
    assert found_in(running.home) == []
    said = running.output.read_bytes()
    without_greeting = re.sub(rb"http://127\.0\.0\.1:\d+", b"", said)
    assert not [part for part in PARTS if part in without_greeting]


def found_in(home: Path) -> list[tuple[str, bytes]]:
    """The files of the home that hold a part of the marks, with the part."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name.startswith("log.sqlite") for path in files)
    return [(path.name, part) for path in files for part in PARTS if part in path.read_bytes()]


def test_a_mark_would_be_found(running: Running) -> None:
    """The search is not blind: what a lodging does keep, its channel and its community, it finds."""
    running.visitor("clerk").lodge({"anonymous": "yes"})
    content = b"".join(path.read_bytes() for path in running.home.glob("log.sqlite*"))
    assert b'"channel":"counter"' in content
    assert b'"anonymous":true' in content
