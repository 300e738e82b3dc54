"""The auditor's tutorial, done from its first line to its last."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from barograph.demo import hints

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/tutorials/auditor.md").read_text("utf-8")
UP = "barograph up --demo"


def test_every_command_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    """Lodged, received, verified off line, tampered with, caught, erased, verified again."""
    environment = _environment(tmp_path)
    first, *commands = re.findall(r"^    (.+)$", TUTORIAL, re.MULTILINE)
    assert first == UP
    with _running(tmp_path, environment) as address:
        (tmp_path / "receipt.json").write_bytes(_lodged(address))
    shutil.copy(ROOT / "services/audit/verify.py", tmp_path)
    # In one shell, since one command keeps what it finds for the next; a line that must fail begins with `!`.
    lines = [f"if {line[2:]}; then exit 9; fi" if line.startswith("! ") else line for line in commands]
    script = "\n".join(["set -euo pipefail", *lines])
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Everything that was checked holds.") == 2
    assert done.stdout.count("no difference found") == 2
    assert done.stdout.count("differences found") == 1


def _environment(folder: Path) -> Mapping[str, str]:
    """Where `barograph` is a program on the path, and nothing is set."""
    program = folder / "bin/barograph"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m barograph "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "BAROGRAPH_PORT": "0",
        "HOME": str(folder),
    }


@contextmanager
def _running(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    with subprocess.Popen(
        UP.split(), cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            found = next(filter(None, (re.search(r"http://[\d.:]+", line) for line in program.stdout)))
            yield found[0]
        finally:
            program.send_signal(signal.SIGINT)
            program.communicate(timeout=60)


def _lodged(address: str) -> bytes:
    """Lodge a grievance as the clerk does in a browser; return the file that the receipt's page offers."""
    clerk = next(hint for hint in hints() if hint.role == "clerk")
    with httpx.Client(base_url=address, follow_redirects=True, timeout=30) as visitor:
        _send(visitor, "/sign-in", "/sign-in", name=clerk.name, password=clerk.password)
        told = {
            "unit": "demo",
            "channel": "counter",
            "telephone": "000-0000-0077",
            "reporter_name": "虚构居民",
        }
        page = _send(
            visitor, "/intake/grievances/new", "/intake/grievances", story="路灯不亮。（虚构）", **told
        )
        link = re.search(r"/intake/receipts/\d+/\d+\.json", page.text)
        assert link, page.text
        return visitor.get(link[0]).content


def _send(visitor: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', visitor.get(page).text))
    return visitor.post(action, data={**hidden, **fields})
