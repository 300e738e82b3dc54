"""The commands about personal data as they are typed: what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from barograph.cli import app
from tests.people.demo_home import TELEPHONE, copy_of, make


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled home."""
    return make(tmp_path_factory.mktemp("commands"))


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A copy of the home."""
    return copy_of(filled, tmp_path).home


def barograph(home: Path, *words: str, told: str = "") -> Result:
    """Run one command on this home; `told` is standard input."""
    return CliRunner().invoke(app, ["--home", str(home), *words], input=told)


def found(home: Path) -> str:
    """The subject of the demo's telephone."""
    result = barograph(home, "subject", "find", "--community", "demo", told=f"{TELEPHONE}\n")
    assert result.exit_code == 0, result.output
    return result.stdout.split()[0]


def test_a_person_is_found_erased_and_found_no_more(home: Path) -> None:
    """From a telephone on standard input to an erasure, which says what it did and which texts stay."""
    subject = found(home)
    erased = barograph(home, "erase", subject, "--reason", "consent_withdrawn")
    assert erased.exit_code == 0
    for said in (subject, "第四十七条第一款第（三）项", "audit are unchanged", "may be about others", "grv_"):
        assert said in erased.stdout
    again = barograph(home, "subject", "find", "--community", "demo", told=TELEPHONE)
    assert (again.exit_code, again.stdout) == (1, "")


def test_an_erasure_is_told_as_json(home: Path) -> None:
    """With --json an erasure is one object."""
    subject = found(home)
    told = json.loads(barograph(home, "erase", subject, "--reason", "unlawful", "--json").stdout)
    assert (told["subject"], told["outcome"]) == (subject, "accepted")


@pytest.mark.parametrize("telephone", ["", "\n", "none", "13800000000", "\x00", "é" * 500])
def test_nobody_is_found_by_what_nobody_told(home: Path, telephone: str) -> None:
    """A telephone that nobody told, and what is none, finds nobody: exit code 1 and a sentence."""
    result = barograph(home, "subject", "find", "--community", "demo", told=telephone)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nobody in this community" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("erase", "sub_0000", "--reason", "whim"),
        ("erase", "sub_0000"),
        ("erase", "sub_0000", "--reason", "unlawful"),
        ("erase", "grv_00000000", "--reason", "unlawful", "--community", "demo"),
        ("erase", "不是编号", "--reason", "unlawful", "--community", "demo"),
        ("erase", f"sub_{'0' * 32}", "--reason", "unlawful", "--community", "nowhere"),
        ("subject", "report", "sub_0000", "--output", "x"),
        ("subject", "find", "--community", "nowhere"),
        ("retention", "run", "--community", "nowhere"),
        ("retention", "confirm", "ret_00000000", "--sign-in", "dpo", "--password", "dpo-demo"),
        ("retention", "confirm", "ret_00000000", "--sign-in", "dpo", "--password", "wrong"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(home: Path, words: tuple[str, ...]) -> None:
    """What cannot be is refused with exit code 2 and a sentence on standard error, never a traceback."""
    result = barograph(home, *words)
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_a_report_is_written_for_its_reader_alone(home: Path, tmp_path: Path) -> None:
    """The report comes as a page and as JSON, readable for their owner only."""
    result = barograph(home, "subject", "report", found(home), "--output", str(tmp_path / "out"))
    files = [Path(line) for line in result.stdout.split()]
    assert {file.name for file in files} == {"report.html", "report.json"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert "个人信息报告" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("name", ["missing", "text"])
def test_what_is_no_copy_of_a_vault_is_told(home: Path, tmp_path: Path, name: str) -> None:
    """A file that is no copy of the vault ends with exit code 3 and a sentence."""
    (tmp_path / "text").write_text("something else")
    result = barograph(home, "vault", "restore", str(tmp_path / name))
    assert result.exit_code == 3
    assert str(tmp_path / name) in result.stderr


def test_a_vault_is_copied_and_restored(home: Path, tmp_path: Path) -> None:
    """A copy holds everybody's keys; restoring it where nothing is missing takes in none."""
    copied = barograph(home, "vault", "backup", str(tmp_path / "copy"))
    assert (copied.exit_code, int(copied.stdout.split()[0]) > 10) == (0, True)
    assert barograph(home, "vault", "restore", str(tmp_path / "copy")).stdout.startswith("0 ")


def test_nobody_is_due_under_the_norm(home: Path) -> None:
    """Under the default policy no demo case is old enough; --json says so too."""
    assert barograph(home, "retention", "run").stdout == "nobody is due\n"
    assert json.loads(barograph(home, "retention", "run", "--json").stdout) == {"proposals": []}
