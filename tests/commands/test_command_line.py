"""The command line's contract: what it prints, and its exit codes."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from barograph.cli import app
from barograph.ending import run
from runtime.kernel import RulesMissingError

HEADS = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
ROWS = [
    [1, "A1", "反映A2区路灯不亮", "2019/4/25 9:32:09", "路灯不亮。", "已修。", "2019/5/10 9:32:09"],
    [2, "A1", "反映A2区路灯不亮", "2019/4/26 9:32:09", " 路灯不亮。", "已修。", "2019/5/27 0:00"],
    [3, "A2", "积水", "2019/4/26", "门口积水。", None, None],
]


def barograph(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command on this home."""
    command = [sys.executable, "-m", "barograph", "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def workbook(path: Path, rows: list[list[object]], heads: list[str] = HEADS) -> Path:
    """Write an export of a message board."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    table: list[list[Any]] = [heads, *rows]
    for row in table:
        sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of a new ledger with community `demo`."""
    assert barograph(tmp_path / "home", "init").returncode == 0
    return tmp_path / "home"


def test_an_import_gives_its_figures_and_stands_the_audit(home: Path, tmp_path: Path) -> None:
    """An imported file's figures follow from its rows, and the audit reproduces them."""
    file = workbook(tmp_path / "board.xlsx", ROWS)
    imported = barograph(home, "import", "grievances", str(file), "--community", "demo", "--json")
    assert imported.returncode == 0, imported.stderr
    found = json.loads(barograph(home, "figures", "--json").stdout)
    assert (found["received"], found["open"], found["closed"], found["duplicates"]) == (3, 1, 2, 1)
    assert found["replied_after_days"] == {"15": 1, "30": 1, "60": 0}
    assert {claim["state"] for claim in found["stability"].values()} == {"unknown"}
    audit = barograph(home, "audit", "--json")
    assert audit.returncode == 0, audit.stderr
    assert json.loads(audit.stdout)["ok"] is True


def test_public_figures_withhold_small_counts(home: Path, tmp_path: Path) -> None:
    """`figures --public` gives no count below the minimum, and asks which community where that is not one."""
    file = workbook(tmp_path / "board.xlsx", ROWS)
    assert barograph(home, "import", "grievances", str(file), "--community", "demo").returncode == 0
    found = json.loads(barograph(home, "figures", "--public", "--json").stdout)
    assert (found["unit"], found["total"], found["closed"], found["by_month"]) == ("demo", None, None, [None])
    assert {claim["count"] for claim in found["stability"].values()} == {None}
    shown = barograph(home, "figures", "--public")
    assert shown.returncode == 0
    assert "below 5" in shown.stdout
    wrong = barograph(home, "figures", "--public", "--community", "nowhere")
    assert wrong.returncode == 2
    assert "--community (demo)" in wrong.stderr


def test_importing_again_adds_nothing(home: Path, tmp_path: Path) -> None:
    """The second import of a file appends no record."""
    file = workbook(tmp_path / "board.xlsx", ROWS)
    command = ("import", "grievances", str(file), "--community", "demo", "--json")
    barograph(home, *command)
    before = barograph(home, "topics", "--json").stdout
    assert barograph(home, *command).returncode == 0
    assert barograph(home, "topics", "--json").stdout == before


def test_a_bad_row_is_named_and_the_rest_goes_on(home: Path, tmp_path: Path) -> None:
    """A row with a bad date is reported by row and column; the others are imported."""
    bad = [4, "A3", "噪声", "2019/13/40 9:00", "夜间施工。", None, None]
    file = workbook(tmp_path / "board.xlsx", [bad, *ROWS])
    imported = barograph(home, "import", "grievances", str(file), "--community", "demo", "--json")
    report = json.loads(imported.stdout)
    assert imported.returncode == 1
    assert [(cell["row"], cell["column"]) for cell in report["bad"]] == [(2, "留言时间")]
    assert report["lodged"] == 3


@pytest.mark.parametrize("kind", ["text", "column", "absent"])
def test_a_file_that_cannot_be_imported_is_wrong_use(home: Path, tmp_path: Path, kind: str) -> None:
    """No workbook, a missing column or no file: a sentence, and exit code 2."""
    file = tmp_path / "board.xlsx"
    if kind == "text":
        file.write_text("not a workbook")
    elif kind == "column":
        workbook(file, [], HEADS[:-1])
    found = barograph(home, "import", "grievances", str(file), "--community", "demo")
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


def test_a_broker_that_is_away_is_said_in_a_sentence(tmp_path: Path) -> None:
    """Where nothing answers at the log's address the exit code is 3, without a traceback."""
    found = barograph(tmp_path / "home", "--log", "kafka://127.0.0.1:9", "init")
    assert found.returncode == 3
    assert "Traceback" not in found.stderr


def test_a_folder_without_a_ledger_is_said_in_a_sentence(tmp_path: Path) -> None:
    """Figures of no ledger: exit code 3, and what to do."""
    found = barograph(tmp_path / "home", "figures")
    assert found.returncode == 3
    assert "barograph init" in found.stderr


def test_a_service_that_ends_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """What one of several services in a process ends for is told in its sentence, with exit code 3."""

    async def service() -> None:
        raise RulesMissingError("grievance partition 3 is under grievance-9")

    async def all_services() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(service())

    with pytest.raises(typer.Exit) as ended:
        run(all_services())
    assert ended.value.exit_code == 3
    assert capsys.readouterr().err == "barograph: grievance partition 3 is under grievance-9\n"


def _paths(command: Any, *above: str) -> list[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    return [above, *(path for name, one in below.items() for path in _paths(one, *above, name))]


@pytest.mark.parametrize("path", _paths(typer.main.get_command(app)), ids=" ".join)
def test_every_command_says_what_it_does(path: tuple[str, ...]) -> None:
    """`--help` answers for the program and each of its commands."""
    answer = CliRunner().invoke(app, [*path, "--help"], prog_name="barograph")
    assert answer.exit_code == 0
    assert " ".join(("barograph", *path)) in answer.stdout
