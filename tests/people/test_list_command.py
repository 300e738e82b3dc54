"""`barograph households`: a list tried, imported, exported, and imported again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.people.household_sheet import read_rows
from tests.commands.test_command_line import barograph

ZONES = "unit,zone,name,boundary,responsible\ndemo,z1,一区,虚构,\n"
GOOD = "zone,address,name,telephone,birth_year\nz1,虚构路一号,虚构居民甲,000-0000-0001,1958\n一区,虚构路二号,,,\n"
WRONG = GOOD + "z9,虚构路三号,虚构居民乙,none,\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a ledger whose community `demo` has one zone."""
    folder = tmp_path_factory.mktemp("lists")
    assert barograph(folder / "home", "init").returncode == 0
    (folder / "zones.csv").write_text(ZONES, "utf-8")
    assert barograph(folder / "home", "register", "import", str(folder / "zones.csv")).returncode == 0
    return folder / "home"


def imports(home: Path, file: Path, content: str, *words: str) -> tuple[int, dict[str, Any]]:
    """Import a list as JSON: the exit code and the report."""
    file.write_text(content, "utf-8")
    done = barograph(home, "households", "import", str(file), "--community", "demo", "--json", *words)
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


def test_a_list_comes_in_once_and_goes_out_whole(home: Path, tmp_path: Path) -> None:
    """Tried, wrong, right, again, exported, and the export again: only the right list enters anything."""
    file = tmp_path / "list.csv"
    code, tried = imports(home, file, GOOD, "--dry-run")
    assert (code, tried["households"], tried["residents"], tried["entered"]) == (0, 2, 1, 0)
    code, wrong = imports(home, file, WRONG)
    assert (code, wrong["entered"]) == (1, 0)
    assert [(one["row"], one["column"]) for one in wrong["problems"]] == [(4, "zone"), (4, "telephone")]
    code, done = imports(home, file, GOOD)
    assert (code, done["entered"], done["standing"]) == (0, 3, 0)
    code, again = imports(home, file, GOOD)
    assert (code, again["entered"], again["standing"]) == (0, 0, 3)
    out = tmp_path / "out.xlsx"
    assert barograph(home, "households", "export", str(out), "--community", "demo").returncode == 0
    assert out.stat().st_mode & 0o077 == 0
    assert [row.cells["address"] for row in read_rows(out.name, out.read_bytes())] == [
        "虚构路一号",
        "虚构路二号",
    ]
    found = barograph(home, "households", "import", str(out), "--community", "demo")
    assert "0 entered, 3 stand already" in " ".join(found.stdout.split())
    audit = barograph(home, "audit", "--json")
    assert audit.returncode == 0, audit.stdout


def test_a_template_is_an_empty_list(home: Path, tmp_path: Path) -> None:
    """With headings that an import reads, in either language, and over no file that exists."""
    for name, words in (("a.xlsx", ()), ("b.csv", ("--chinese",))):
        file = tmp_path / name
        assert barograph(home, "households", "template", str(file), *words).returncode == 0
        assert read_rows(name, file.read_bytes()) == []
        assert barograph(home, "households", "template", str(file)).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ("import", "nothing.csv", "--community", "demo"),
        ("export", "list.txt", "--community", "demo"),
        ("export", "list.csv", "--community", "nowhere"),
    ],
)
def test_wrong_use_is_a_sentence(home: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A file that is not there, another kind of file and another community end with code 2, and no file."""
    verb, name, *rest = words
    done = barograph(home, "households", verb, str(tmp_path / name), *rest)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert list(tmp_path.iterdir()) == []
