"""The list of words that may tell of danger: what it finds, and what it leaves alone."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.danger import PATH, danger_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我不想活了，请帮帮我。（虚构）", "life"),
        ("楼上有煤气泄漏的味道。（虚构）", "life"),
        ("隔壁经常打孩子，哭声很大。（虚构）", "child"),
        ("丈夫打我，已经三次。（虚构）", "home"),
        ("楼下有家 暴的声音。（虚构）", "home"),
        ("My husband beats me. (fictional)", "home"),
        ("I want to  DIE. (fictional)", "life"),
        ("There is a missing child in our block. (fictional)", "child"),
        ("Ｄｏｍｅｓｔｉｃ violence next door. (fictional)", "home"),
    ],
)
def test_words_that_may_tell_of_danger(text: str, kind: str) -> None:
    """Each of these is shown to somebody on duty, in either language, however it is spaced or written."""
    assert danger_in(None, text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了三天，晚上看不清。（虚构）",
        "孩子上学的公交站被挪走了。（虚构）",
        "The lift stops twice a week. (fictional)",
        "A knifemaker asks for a stall. (fictional)",
        "",
    ],
)
def test_words_that_tell_of_none(text: str) -> None:
    """What people usually write about calls nobody."""
    assert danger_in(text) is None


def test_the_gravest_is_told() -> None:
    """Where there are words of several kinds, danger to life comes first, then harm to a child."""
    assert danger_in("家暴，还打孩子。（虚构）", "有人要跳楼。（虚构）") == "life"
    assert danger_in("家暴，还打孩子。（虚构）") == "child"


def test_the_list_names_its_source() -> None:
    """The file says whose list it is and what it follows."""
    assert "反家庭暴力法" in orjson.loads(PATH.read_bytes())["source"]


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    """Whatever is written, the answer is a kind or none."""
    assert danger_in(text) in (None, "life", "child", "home")
