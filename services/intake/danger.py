"""Whether a text may tell of danger: compared with a list of words in Chinese and English (data/danger-words.json)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

import orjson

from contracts.danger import Danger

PATH = Path(__file__).parent / "data" / "danger-words.json"
"""The list; its `source` says whose it is."""

_SPACE = re.compile(r"\s+")


class _Words(NamedTuple):
    """Words of one kind: Chinese ones stand anywhere, English ones between the borders of words."""

    kind: Danger
    pattern: re.Pattern[str]


def danger_in(*texts: object) -> Danger | None:
    """The gravest kind of danger that one of these texts has a word of; None where there is none.

    A word proves nothing: it shows a person where to look first.
    """
    told = " \n ".join(_plain(text) for text in texts if isinstance(text, str))
    return next((words.kind for words in _list() if words.pattern.search(told)), None)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SPACE.sub(" ", folded)


@cache
def _list() -> tuple[_Words, ...]:
    """The list, the gravest kind first."""
    held = orjson.loads(PATH.read_bytes())
    return tuple(_Words(kind, _pattern(held[kind])) for kind in get_args(Danger))


def _pattern(words: dict[str, list[str]]) -> re.Pattern[str]:
    chinese = [r"\s?".join(map(re.escape, word)) for word in words["zh"]]
    english = [rf"\b{re.escape(word)}\b" for word in words["en"]]
    return re.compile("|".join(chinese + english))
