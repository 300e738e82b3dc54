"""The how-to of pairs and employment help names things as the screens do, and its commands do what it says."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.commands.test_command_line import barograph

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/pair-and-place.md").read_text("utf-8")
WORDS = re.findall(r"\*\*([^*]+)\*\* \((.*?[^（])\)", " ".join(PAGE.split()))
COMMANDS = re.findall(r"^    barograph (.+)$", PAGE, re.MULTILINE)
EXAMPLE = ROOT / "examples/maps/employment"
CATALOGUES = [ROOT / f"{name}/locale" for name in ("web", "services/aid", "barograph")]


def translations() -> dict[str, str]:
    """Message id → its Chinese, of the kit, the service and the menu."""
    found: dict[str, str] = {}
    for folder in CATALOGUES:
        catalogue = read_po(BytesIO((folder / "zh_CN/LC_MESSAGES/messages.po").read_bytes()))
        found |= {str(one.id): str(one.string) for one in catalogue if one.id}
    return found


@pytest.mark.parametrize(("english", "chinese"), WORDS)
def test_a_word_is_the_screens(english: str, chinese: str) -> None:
    """Every word in bold with its Chinese beside it is a text of the pages, and its translation."""
    assert translations()[english] == chinese


def test_there_are_words() -> None:
    """The page names the steps."""
    assert len(WORDS) > 15


def test_its_commands_bring_in_the_example(tmp_path: Path) -> None:
    """The dry run submits nothing; the import takes six placements of seven people, two of them named."""
    home = tmp_path / "home"
    assert barograph(home, "init").returncode == 0
    told = {"FILE": f"{EXAMPLE}.csv", "MAP.yaml": f"{EXAMPLE}.yaml", "ID": "demo"}
    tried, done = ([told.get(word, word) for word in line.split()] for line in COMMANDS)
    before = barograph(home, "topics", "--json").stdout
    assert barograph(home, *tried).returncode == 0
    assert barograph(home, "topics", "--json").stdout == before
    report = json.loads(barograph(home, *done, "--json").stdout)
    assert (report["lodged"], report["closed"], report["bad"]) == (7, 6, [])
