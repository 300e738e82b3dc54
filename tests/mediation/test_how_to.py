"""The how-to pages of mediation name things as the screens do."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PAGES = ("mediate", "mediation-dossier")
TEXT = " ".join(" ".join((ROOT / f"docs/how-to/{name}.md").read_text().split()) for name in PAGES)
WORDS = re.findall(r"\*\*([^*]+)\*\* \((.*?[^（])\)", TEXT)
CATALOGUES = [ROOT / f"{name}/locale" for name in ("web", "services/mediation", "services/projections")]


def translations() -> dict[str, str]:
    """Message id → its Chinese, of the kit and both services."""
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
    """The pages name the steps."""
    assert len(WORDS) > 25
