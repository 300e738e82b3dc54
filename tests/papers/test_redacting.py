"""Redacting and correcting through the pages: what is read afterwards, by whom it was done, and what is gone."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from ledger.texts import text_key
from ledger.vault import Vault
from runtime.home import Home
from tests.papers.desk import STORY, Running, Visitor, base_of

REDACT = re.compile(r"/intake/communities/demo/grievances/grv_[0-9a-f]{32}/redact\?text=(txt_[0-9a-f]{8})")
COPY = "路灯坏了，一位邻居也这样说。（虚构）"
NAMED = "邻居张某"
TEXT = ("张某的信.txt", "虚构的信".encode(), "text/plain")


def redact(visitor: Visitor, case: str, text: str, **fields: str) -> None:
    """Redact a text of a case."""
    path = f"{base_of(case)}/redact"
    answer = visitor.fill(f"{path}?text={text}", path, {"text": text, "reason": "third_party", **fields})
    assert answer.status_code == 303, answer.text


async def opens(running: Running, text: str) -> bool:
    """Whether the vault still gives the key of this text, which is on the log."""
    log = b"".join(path.read_bytes() for path in running.home.glob("log.sqlite*"))
    found = re.search(rb'"subject":"(sub_[0-9a-f]{32})","text":"%s"' % text.encode(), log)
    assert found
    async with Vault(running.home / "vault.sqlite", Home(running.home).key("vault")) as vault:
        keys = vault.known(found[1].decode())
        return keys is not None and text_key(keys.nodes, text) is not None


def wait_gone(running: Running, text: str) -> None:
    """Wait until the key of this text is destroyed."""
    until = time.monotonic() + 30
    while asyncio.run(opens(running, text)):
        assert time.monotonic() < until, "the key is still there"
        time.sleep(0.05)


def test_the_copy_is_read_and_the_original_is_gone(running: Running) -> None:
    """After a redaction the copy is shown with who did it and why; the original's key is destroyed."""
    handler = running.visitor("handler")
    case = running.visitor("clerk").lodge()
    (text,) = set(REDACT.findall(handler.get(case).text))
    redact(handler, case, text, readable=COPY)
    page = handler.get(case).text
    assert COPY in page
    assert NAMED not in page
    assert "Redacted by 乙承办（虚构） on 20" in page
    assert "It names somebody else" in page
    wait_gone(running, text)


def test_the_worklist_shows_no_redacted_text(running: Running) -> None:
    """A worklist that would show how the story begins says that it was redacted."""
    handler = running.visitor("handler")
    case = running.visitor("clerk").lodge({"story": "仅此一件的虚构开头"})
    assert "仅此一件的虚构开头" in handler.get("/cases?view=all").text
    (text,) = set(REDACT.findall(handler.get(case).text))
    redact(handler, case, text)
    page = handler.get("/cases?view=all").text
    assert "仅此一件的虚构开头" not in page
    assert "redacted" in page


def test_the_copy_can_be_redacted_again(running: Running) -> None:
    """The copy has a key of its own: what was overlooked is redacted in turn."""
    handler = running.visitor("handler")
    case = running.visitor("clerk").lodge()
    for copy in (STORY["story"], COPY):
        (text,) = set(REDACT.findall(handler.get(case).text))
        redact(handler, case, text, readable=copy)
    page = handler.get(case).text
    assert COPY in page
    assert NAMED not in page


def test_a_redacted_file_is_gone(running: Running) -> None:
    """Neither the file nor its name can be read, and its address says why."""
    handler = running.visitor("handler")
    case = running.visitor("clerk").lodge(files=[TEXT])
    page = handler.get(case).text
    (blob,) = re.findall(r"/attachments/([0-9a-f]{64})", page)
    files = page.split('id="files-title"')[1]
    redact(handler, case, REDACT.findall(files)[0])
    page = handler.get(case).text
    assert "张某的信" not in page
    assert f"/attachments/{blob}" not in page
    answer = handler.get(f"{case}/attachments/{blob}")
    assert answer.status_code == 404
    assert "erased or redacted" in answer.text


def test_a_text_that_is_gone_cannot_be_redacted(running: Running) -> None:
    """The form for a text that was redacted already is not found, and shows nothing of it."""
    handler = running.visitor("handler")
    case = running.visitor("clerk").lodge()
    (text,) = set(REDACT.findall(handler.get(case).text))
    redact(handler, case, text)
    answer = handler.get(f"{base_of(case)}/redact?text={text}")
    assert answer.status_code == 404
    assert NAMED not in answer.text


@pytest.mark.parametrize("who", ["clerk", "auditor", "neighbour"])
def test_who_may_not_redact_sees_no_text(running: Running, who: str) -> None:
    """The form shows the text only to those whom the policy lets redact, in their own community."""
    case = running.visitor("clerk").lodge()
    (text,) = set(REDACT.findall(running.visitor("handler").get(case).text))
    answer = running.visitor(who).get(f"{base_of(case)}/redact?text={text}")
    assert answer.status_code == 403
    assert NAMED not in answer.text


@pytest.mark.parametrize("text", ["", "x", "txt_" + "0" * 8, "txt_' OR 1=1"])
def test_a_text_that_is_none_is_told(running: Running, text: str) -> None:
    """An address with no text, or a malformed one, is answered, and not by a failure."""
    case = running.visitor("clerk").lodge()
    answer = running.visitor("handler").http.get(f"{base_of(case)}/redact", params={"text": text})
    assert answer.status_code in {404, 422}


def test_a_missing_reason_is_told_at_the_field(running: Running) -> None:
    """Without a reason nothing is redacted; the copy that was written stays in the form."""
    handler = running.visitor("handler")
    case = running.visitor("clerk").lodge()
    (text,) = set(REDACT.findall(handler.get(case).text))
    path = f"{base_of(case)}/redact"
    answer = handler.fill(f"{path}?text={text}", path, {"text": text, "readable": COPY})
    assert answer.status_code == 422
    assert 'id="field-reason-error"' in answer.text
    assert COPY in answer.text
    assert NAMED in handler.get(case).text


def test_a_correction_replaces_what_is_shown(running: Running) -> None:
    """The corrected value is shown; the history says which field was corrected, and keeps both values."""
    clerk = running.visitor("clerk")
    case = clerk.lodge({"reporter_name": "虚构甲", "telephone": "000-0000-0001"})
    path = f"{base_of(case)}/correct"
    assert clerk.fill(case, path, {"telephone": "000-0000-0002"}).status_code == 303
    page = clerk.get(case).text
    told, history = page.split('id="history-title"')
    assert "000-0000-0002" in told
    assert "000-0000-0001" not in told
    assert "虚构甲" in told
    assert "Telephone: 000-0000-0001 → 000-0000-0002" in history


def test_a_correction_may_be_the_first_that_is_told(running: Running) -> None:
    """Where nothing was told at first, a correction adds it, and another one replaces that."""
    clerk = running.visitor("clerk")
    case = clerk.lodge()
    path = f"{base_of(case)}/correct"
    for address in ("虚构路1号", "虚构路2号"):
        assert clerk.fill(case, path, {"address": address}).status_code == 303
    told, history = clerk.get(case).text.split('id="history-title"')
    assert "虚构路2号" in told
    assert "虚构路1号" not in told
    assert "Address: 虚构路1号 → 虚构路2号" in history


def test_an_empty_correction_is_refused(running: Running) -> None:
    """A correction that says nothing is refused, and the refusal says what to do."""
    clerk = running.visitor("clerk")
    case = clerk.lodge()
    path = f"{base_of(case)}/correct"
    clerk.fill(case, path, {})
    assert "Nothing was entered" in clerk.get(case).text
