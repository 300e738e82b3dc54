"""A running installation, and somebody who fills in its forms."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from PIL import Image

from tests.projections.pages_house import UNIT

CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
KEY = re.compile(r'name="form_key" value="([^"]+)"')
NEW = "/intake/grievances/new"
STORY = {"unit": UNIT, "channel": "counter", "story": "路灯坏了，邻居张某也这样说。（虚构）"}
TEXT_FILE = ("note.txt", "虚构的附件".encode(), "text/plain")
File = tuple[str, bytes, str]
"""A file's name, its bytes, and the type that the browser claims."""


def jpeg(**exif: str) -> bytes:
    """A picture with a GPS position, a camera and a comment in it."""
    image = Image.new("RGB", (40, 20), "navy")
    tags = Image.Exif()
    tags[0x010F] = exif.get("maker", "FictionalCamera")
    tags[0x0112] = 6
    tags.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 20.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    written = io.BytesIO()
    image.save(written, "JPEG", exif=tags, comment=b"taken at home")
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Running:
    """A running installation: where it answers, its home, and what it writes to the terminal."""

    url: str
    home: Path
    output: Path
    process: subprocess.Popen[bytes]
    clients: list[httpx.Client] = field(default_factory=list)

    def visitor(self, who: str, headers: Mapping[str, str] | None = None) -> Visitor:
        """This member of staff, signed in, with these headers on every request."""
        usual = {"Accept": "text/html", "Accept-Language": "en"}
        client = httpx.Client(base_url=self.url, headers={**usual, **(headers or {})}, timeout=30)
        self.clients.append(client)
        visitor = Visitor(client)
        visitor.sign_in(who)
        return visitor


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser."""

    http: httpx.Client

    def sign_in(self, who: str) -> None:
        """Sign in with the password of the tests."""
        answer = self.fill("/sign-in", "/sign-in", {"name": who, "password": f"{who}-demo"})
        assert answer.status_code == 303, answer.text

    def get(self, path: str) -> httpx.Response:
        """A page or a file."""
        return self.http.get(path)

    def fill(
        self,
        page: str,
        path: str,
        fields: Mapping[str, str],
        files: Sequence[File] = (),
    ) -> httpx.Response:
        """Open a page and send its form with the hidden fields that it holds."""
        text = self.get(page).text
        keys = KEY.findall(text)
        hidden = {"csrf": CSRF.findall(text)[-1]} | ({"form_key": keys[-1]} if keys else {})
        return self.send(path, {**hidden, **fields}, files)

    def send(self, path: str, fields: Mapping[str, str], files: Sequence[File] = ()) -> httpx.Response:
        """Send a form as it is."""
        if not files:
            return self.http.post(path, data=dict(fields))
        return self.http.post(path, data=dict(fields), files=[("file", one) for one in files])

    def lodge(self, fields: Mapping[str, str] | None = None, files: Sequence[File] = ()) -> str:
        """Lodge a grievance; return the case's path."""
        answer = self.fill(NEW, "/intake/grievances", {**STORY, **(fields or {})}, files)
        assert answer.status_code == 303, answer.text
        receipt = self.get(answer.headers["location"]).text
        found = re.search(r"/cases/grv_[0-9a-f]{32}", receipt)
        assert found, receipt
        return found[0]

    def attach(self, case: str, file: File, **fields: str) -> httpx.Response:
        """Attach a file to a case."""
        path = f"{base_of(case)}/attach"
        return self.fill(path, path, {"whose": "reporter", **fields}, [file])


def base_of(case: str) -> str:
    """Where commands on a case are sent."""
    return f"/intake/communities/{UNIT}/grievances/{case.removeprefix('/cases/')}"
