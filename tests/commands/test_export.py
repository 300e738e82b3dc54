"""`barograph export bundle`: what it writes, and how it refuses."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from barograph.export_cli import Wanted, scope_of
from contracts import register as r
from contracts.reference import Register, RegisterHistory
from services.audit.bundle_zip import BundleError
from services.audit.verify import record_of
from tests.commands.test_command_line import ROWS, barograph, workbook

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "export-evidence.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a ledger with three imported cases; a test leaves it as it is."""
    folder = tmp_path_factory.mktemp("export")
    assert barograph(folder / "home", "init").returncode == 0
    file = workbook(folder / "board.xlsx", ROWS)
    done = barograph(folder / "home", "import", "grievances", str(file), "--community", "demo")
    assert done.returncode == 0, done.stderr
    return folder / "home"


def test_the_guide_says_what_is_true(home: Path, tmp_path: Path) -> None:
    """Each command of the how-to page runs, and those that verify say that everything holds."""
    blocks = re.findall(r"^    (.+)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert len(blocks) >= 5
    for line in blocks:
        name, *words = shlex.split(line)
        command = {
            "barograph": [sys.executable, "-m", "barograph", "--home", str(home)],
            "python3": [sys.executable],
            "unzip": [sys.executable, "-m", "zipfile", "-e"],
        }[name]
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [*command, *words],
            cwd=tmp_path,
            env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        if name == "python3":
            assert "Everything that was checked holds." in done.stdout or json.loads(done.stdout)["ok"]


def test_times_are_local_to_the_register(home: Path, tmp_path: Path) -> None:
    """--from takes a day of the communities' time zone: nothing was recorded from a later day on."""
    done = barograph(home, "export", "bundle", "--output", str(tmp_path / "b.zip"), "--from", "2999-01-01")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "b.zip") as file:
        scope = json.loads(file.read("manifest.json"))["scope"]
        found = [name for name in file.namelist() if name.startswith("records/grievance") and file.read(name)]
        register = file.read("records/register.events/0.jsonl").splitlines()
    assert scope == {"from": 32_472_115_200_000}
    assert found == []
    assert record_of(register[0], "a record").offset == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scope", "nowhere"], "no unit nowhere"),
        (["--from", "yesterday"], "yesterday"),
    ],
)
def test_a_scope_that_cannot_be_is_wrong_use(home: Path, tmp_path: Path, words: list[str], said: str) -> None:
    """An unknown unit, times that leave nothing, or no time: exit code 2, and no file."""
    done = barograph(home, "export", "bundle", "--output", str(tmp_path / "b.zip"), *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_output_that_is_there_stays(home: Path, tmp_path: Path) -> None:
    """Exit code 2 and a sentence."""
    (tmp_path / "there.zip").write_bytes(b"something dear")
    done = barograph(home, "export", "bundle", "--output", str(tmp_path / "there.zip"))
    assert done.returncode == 2
    assert done.stderr.startswith("barograph: ")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "there.zip").read_bytes() == b"something dear"


def test_without_a_ledger_there_is_nothing_to_export(tmp_path: Path) -> None:
    """A folder without a ledger: exit code 3, and what to do."""
    done = barograph(tmp_path, "export", "bundle", "--output", str(tmp_path / "b.zip"))
    assert done.returncode == 3
    assert "barograph init" in done.stderr
    assert not (tmp_path / "b.zip").exists()


def test_a_log_that_was_changed_gives_no_bundle(tmp_path: Path) -> None:
    """A record changed after it was signed: exit code 1, the place is named, and there is no file."""
    home = tmp_path / "home"
    assert barograph(home, "init").returncode == 0
    assert barograph(home, "export", "bundle", "--output", str(tmp_path / "one.zip")).returncode == 0
    (log,) = [path for path in home.rglob("*.sqlite") if path.name == "log.sqlite"]
    with closing(sqlite3.connect(log)) as connection, connection:
        connection.execute(
            "UPDATE records SET timestamp = timestamp + 1 WHERE offset = 2 AND partition_id ="
            " (SELECT id FROM partitions WHERE topic = 'register.events')"
        )
    done = barograph(home, "export", "bundle", "--output", str(tmp_path / "two.zip"))
    assert done.returncode == 1
    assert "register.events/0" in done.stderr
    assert "record 2" in done.stderr
    assert not (tmp_path / "two.zip").exists()


def register() -> Register:
    """A street with two communities, and a street beside it."""
    history = RegisterHistory("act_administrator")
    for unit, tier, parent in (
        ("street", "street", None),
        ("east", "community", "street"),
        ("west", "community", "street"),
        ("other", "street", None),
    ):
        entry = r.UnitDefinedV1.model_validate(
            {"unit": unit, "name": unit.title(), "tier": tier, "parent": parent}
        )
        history.fold(0, [entry])
    return history.at(history.end)


def test_a_scope_has_the_units_below_it() -> None:
    """A street's scope holds its communities; a community's itself alone."""
    assert scope_of(register(), Wanted("street", None, None)).units == ("street", "east", "west")
    assert scope_of(register(), Wanted("west", None, None)).units == ("west",)


def test_times_that_leave_nothing_are_refused() -> None:
    """The end must lie after the beginning."""
    day = datetime(2026, 1, 1)  # noqa: DTZ001 - as told on the command line: local
    with pytest.raises(BundleError, match="must lie before"):
        scope_of(register(), Wanted(None, day, day))


def test_no_bounds_are_everything() -> None:
    """Without a unit or a time the bundle is whole."""
    assert scope_of(register(), Wanted(None, None, None)).is_whole
    day = datetime(2026, 1, 1)  # noqa: DTZ001 - as told on the command line: local
    assert scope_of(register(), Wanted(None, day, None)).since == 1_767_196_800_000
