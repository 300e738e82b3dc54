"""The how-to of dossiers, its commands run from first to last, and what they refuse."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import orjson
import pytest

from tests.mediation.conftest import PARTY_A, Mediating
from tests.mediation.test_dossier import bookmarks

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/how-to/mediation-dossier.md"


def run(home: Path, folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a command as it stands in the guide."""
    name, *words = shlex.split(line)
    command = {
        "barograph": [sys.executable, "-m", "barograph", "--home", str(home)],
        "python3": [sys.executable],
        "unzip": [sys.executable, "-m", "zipfile", "-e"],
    }[name]
    return subprocess.run(
        [*command, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def left(folder: Path) -> list[Path]:
    """What a command that failed has left there."""
    return list(folder.glob("new*"))


async def test_the_guide_says_what_is_true(mediating: Mediating, tmp_path: Path) -> None:
    """Its commands run; the manifest leads to the very events in the evidence; the reading is on record."""
    at = await mediating.start()
    await mediating.sign(at, await mediating.draw_up(at))
    mediation = at.rsplit("/", 1)[1]
    home = mediating.house.station.home.path
    lines = re.findall(r"^    (.+)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert len(lines) == 6
    for line in lines:
        done = run(home, tmp_path, line.replace("MEDIATION", mediation))
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert PARTY_A not in done.stdout
    assert "3. 身份证明" in bookmarks((tmp_path / "dossier.pdf").read_bytes())
    assert "3. Proof of identity" in bookmarks((tmp_path / "english.pdf").read_bytes())
    assert (tmp_path / "dossier.zip").stat().st_mode & 0o077 == 0
    manifest = orjson.loads(zipfile.ZipFile(tmp_path / "dossier.zip").read("manifest.json"))
    events = [event for paper in manifest["papers"] for event in paper["events"]]
    assert len(events) > 10
    for event in events:
        told = (tmp_path / f"evidence/records/mediation.events/{event['partition']}.jsonl").read_bytes()
        (record,) = [one for one in map(orjson.loads, told.splitlines()) if one["offset"] == event["offset"]]
        assert orjson.loads(record["value"])["data"]["events"][event["number"]]["type"] == event["type"]
    await mediating.house.settle()
    with mediating.house.model.engine.connect() as connection:
        query = "select actor from g1_readings where about = ?"
        found = connection.exec_driver_sql(query, (mediation,)).scalars().all()
    assert mediating.house.station.ledger.genesis.administrator in found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ID dossier.docx", "has to end in .pdf or .zip"),
        ("ID there.pdf", "is there already"),
        ("ID new.pdf --language fr", "languages are zh-CN, en"),
        ("med_00000000 new.pdf", "no such mediation"),
        ("ID nowhere/new.zip", "cannot be written"),
    ],
)
async def test_what_cannot_be_is_said(mediating: Mediating, tmp_path: Path, words: str, said: str) -> None:
    """A sentence, exit code 2, and nothing is left on the disk."""
    at = await mediating.start()
    (tmp_path / "there.pdf").write_bytes(b"mine")
    line = f"barograph export dossier {words}".replace("ID", at.rsplit("/", 1)[1])
    done = run(mediating.house.station.home.path, tmp_path, line)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert (tmp_path / "there.pdf").read_bytes() == b"mine"
    assert not left(tmp_path)
