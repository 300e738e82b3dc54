"""`barograph blobs`: what was uploaded for nothing is swept, and what is missing is told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ledger.blobs import BlobFolder
from tests.papers.desk import TEXT_FILE, Running

LINK = re.compile(r"/attachments/([0-9a-f]{64})")


def blobs(home: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a command."""
    command = [sys.executable, "-m", "barograph", "--home", str(home), "blobs", *words, "--json"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return found.returncode, json.loads(found.stdout)


def test_what_was_never_submitted_is_swept(running: Running) -> None:
    """An old blob that no submission names goes; a young one, and those that are attached, stay."""
    clerk = running.visitor("clerk")
    case = clerk.lodge(files=[TEXT_FILE])
    (kept,) = LINK.findall(clerk.get(case).text)
    store = BlobFolder(running.home / "blobs")
    old, young = store.put([b"old"], b"k" * 32).name, store.put([b"young"], b"k" * 32).name
    for name in (old, kept):
        os.utime(running.home / "blobs" / name[:2] / name, (0, 0))
    code, report = blobs(running.home, "sweep")
    assert (code, report["orphans"], report["removed"]) == (0, [old], 1)
    assert {kept, young} <= set(store.names())
    assert old not in set(store.names())
    assert clerk.get(f"{case}/attachments/{kept}").content == TEXT_FILE[1]


def test_missing_and_damaged_files_are_told(running: Running) -> None:
    """A check names each attached file that is not there or was changed, and ends with 1."""
    clerk = running.visitor("clerk")
    lost, changed = (LINK.findall(clerk.get(clerk.lodge(files=[TEXT_FILE])).text)[0] for _ in range(2))
    folder = running.home / "blobs"
    (folder / lost[:2] / lost).unlink()
    (folder / changed[:2] / changed).write_bytes(b"changed")
    code, report = blobs(running.home, "check")
    assert (code, report["missing"], report["damaged"]) == (1, [lost], [changed])
