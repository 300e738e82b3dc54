"""Where a case's key is gone its page says so, its files too, and everything else stays as it was."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.papers.desk import TEXT_FILE, Running

SUBJECT = re.compile(rb'"story":\{"subject":"(sub_[0-9a-f]{32})"')
LINK = re.compile(r"/attachments/([0-9a-f]{64})")


def log_of(home: Path) -> bytes:
    """Everything that stands in the log's files."""
    return b"".join(path.read_bytes() for path in home.glob("log.sqlite*"))


def test_the_page_of_an_erased_case_says_so(running: Running) -> None:
    """Without the case's key story and file are shown as erased, and the file is given to nobody."""
    clerk = running.visitor("clerk")
    before = set(SUBJECT.findall(log_of(running.home)))
    case = clerk.lodge({"story": "将被删除的虚构故事"}, files=[TEXT_FILE])
    (blob,) = LINK.findall(clerk.get(case).text)
    (subject,) = set(SUBJECT.findall(log_of(running.home))) - before
    with closing(sqlite3.connect(running.home / "vault.sqlite")) as vault, vault:
        assert vault.execute("DELETE FROM subjects WHERE subject = ?", (subject.decode(),)).rowcount == 1
    page = clerk.get(case)
    assert page.status_code == 200
    assert "将被删除的虚构故事" not in page.text
    assert TEXT_FILE[0] not in page.text
    assert page.text.count(">erased<") >= 3
    assert clerk.get(f"{case}/attachments/{blob}").status_code == 404
