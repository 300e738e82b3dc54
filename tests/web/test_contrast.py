"""Colours can be told apart: WCAG 2.2, level AA."""

from __future__ import annotations

import re

import pytest

from web.assets import STATIC_DIR

TEXT, SHAPE = 4.5, 3.0
GROUNDS = ("paper", "sheet", "sunk")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "soft", "accent", "good", "warn", "bad") for ground in GROUNDS),
    ("on-accent", "accent", TEXT),
    *((tone, f"{tone}-soft", TEXT) for tone in ("good", "warn", "bad", "accent")),
    *(("ink", f"{tone}-soft", TEXT) for tone in ("good", "warn", "bad", "accent")),
    *(("edge", ground, SHAPE) for ground in GROUNDS[:2]),
]


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme, by name."""
    style = (STATIC_DIR / "style.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    block = blocks[0] if scheme == "light" else blocks[1]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition of the same name)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast_is_enough(scheme: str, front: str, back: str, least: float) -> None:
    """Text stands out from its ground by 4.5 to 1, the outline of fields by 3 to 1."""
    palette = colours(scheme)
    bright, dark = sorted((luminance(palette[front]), luminance(palette[back])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= least
