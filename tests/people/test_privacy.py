"""A day's work leaves nobody's words behind: not in the logs, on a topic, in the read model or in the vault."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from barograph.demo import ACCOUNTS
from contracts.envelope import decode_submission
from contracts.topics import FAMILIES, submissions_topic
from ledger.sqlite import SqliteLog

TOLD = {
    "title": "虚构标题三号楼",
    "story": "虚构故事，讲的是一盏灯。",
    "reporter_name": "虚构人物赵钱孙",
    "telephone": "010-5550-1234",
    "address": "虚构路一号二零三室",
}
NOTE = "虚构记录，已经去过。"
SECRETS = (*TOLD.values(), NOTE, "01055501234", *(account.name for account in ACCOUNTS), "虚构居民1")
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_KEY = re.compile(r'name="form_key" value="([^"]+)"')


class Worked(NamedTuple):
    """What a day's work left: the home, and what the process wrote."""

    home: Path
    output: str


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    """A whole system over which a case was lodged, read, worked on, searched for, refused and erased."""
    folder = tmp_path_factory.mktemp("privacy")
    output = folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*barograph(folder / "home"), "up", "--demo", "--port", "0"], stdout=file, stderr=file
        )
        try:
            a_day(address(output, process), folder / "home")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    return Worked(folder / "home", output.read_text())


def barograph(home: Path) -> list[str]:
    """The command on this home."""
    return [sys.executable, "-u", "-m", "barograph", "--home", str(home)]


def address(output: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the system answers, once it does."""
    while process.poll() is None:
        found = re.search(r"answers at (http://\S+)", output.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(output.read_text())


def a_day(base: str, home: Path) -> None:
    """A clerk lodges and reads a case, bad requests are made about it, and its reporter is erased."""
    with signed_in(base, "clerk") as clerk:
        form = clerk.get("/intake/grievances/new").text
        fields = {"unit": "demo", "channel": "counter", **TOLD, "csrf": last(_TOKEN, form)}
        answer = clerk.post("/intake/grievances", data={**fields, "form_key": last(_KEY, form)})
        assert answer.status_code == 200, answer.text
        case = re.findall(r"/cases/(grv_[0-9a-f]{32})", answer.text)[0]
        assert TOLD["story"] in clerk.get(f"/cases/{case}").text
        assert TOLD["title"] in clerk.get("/cases?view=all").text
        clerk.post("/intake/grievances", data={**fields, "zone": TOLD["address"]})
        clerk.get("/cases", params={"zone": TOLD["address"]})
    with signed_in(base, "handler") as handler:
        form = handler.get(f"/cases/{case}").text
        path = f"/intake/communities/demo/grievances/{case}/record_progress"
        handler.post(path, data={"note": NOTE, "csrf": last(_TOKEN, form), "form_key": "k-0123456789abcdef"})
    command = [*barograph(home), "subject", "find", "--community", "demo"]
    found = subprocess.run(command, input=TOLD["telephone"], capture_output=True, text=True, check=True)
    erase = [*barograph(home), "erase", found.stdout.split()[0], "--reason", "consent_withdrawn"]
    subprocess.run(erase, capture_output=True, check=True)


@contextmanager
def signed_in(base: str, who: str) -> Iterator[httpx.Client]:
    """A browser in which somebody of the demo has signed in."""
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    with httpx.Client(base_url=base, follow_redirects=True, timeout=30, headers=headers) as client:
        form = client.get("/sign-in").text
        fields = {"name": who, "password": f"{who}-demo", "csrf": last(_TOKEN, form)}
        assert client.post("/sign-in", data=fields).status_code == 200
        yield client


def last(pattern: re.Pattern[str], text: str) -> str:
    """The last match on a page."""
    return str(pattern.findall(text)[-1])


def spellings(text: str) -> list[bytes]:
    """How a text could stand in a file without being encrypted."""
    utf_8 = text.encode()
    escaped = json.dumps(text).strip('"').encode()
    return [utf_8, text.encode("utf-16-le"), escaped, base64.b64encode(utf_8)[:-4], utf_8.hex().encode()]


def test_no_file_and_no_line_holds_a_persons_words(worked: Worked) -> None:
    """No log line, topic, read model, vault, index or other file of the home holds the words in plain."""
    files = [path for path in worked.home.rglob("*") if path.is_file()]
    assert {"log.sqlite", "read-model.sqlite", "vault.sqlite"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        found = [secret for secret in SECRETS for spelling in spellings(secret) if spelling in content]
        assert found == [], path.name
    assert [secret for secret in SECRETS if secret in worked.output] == []


async def test_every_attribute_on_the_log_is_an_id_of_ours(worked: Worked) -> None:
    """On every topic a submission's attributes and its key are ids that mean nothing, codes and times."""
    forms = {
        "id": r"[0-9a-f-]{36}",
        "source": r"/ledgers/led_[0-9a-f]{32}/intake",
        "subject": r"(grv|reg|imp|rdg|sub|ret|dsc|hsh|isp|med|vst|aid|fnd|pai|emp)_[0-9a-f]{32}|clock|act_\w+",
        "actor": r"act_([0-9a-f]{24}|ledgerclock)",
        "unit": r"demo|-",
        "bodytag": r"[0-9a-f]{32}",
    }
    seen = 0
    async with SqliteLog(worked.home / "log.sqlite") as log:
        for family in FAMILIES:
            topic = submissions_topic(family)
            for place, end in (await log.end_offsets([topic])).items():
                for record in await log.read(topic, place.partition, 0, end) if end else []:
                    said = decode_submission(record.value, record.key)
                    assert record.key == said.unit.encode()
                    for name, form in forms.items():
                        assert re.fullmatch(form, str(getattr(said, name))), name
                    seen += 1
    assert seen > 100
