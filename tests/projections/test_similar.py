"""Repeats: what is suggested to whom, from tags that tell nothing without the vault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.personal import SubjectRole
from contracts.tracking import digest_of
from services.projections import queries
from services.projections.pages import ProjectionPages
from services.projections.signature import normal, tags_of
from services.projections.similar import SimilarCases, Suggestion
from services.projections.similar_index import SimilarIndex
from tests.projections.pages_house import NEIGHBOUR, UNIT, House

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
LIFT = "三单元电梯一周停了两次，老人上下楼很不方便，请尽快联系维修单位上门检修。（虚构）"
LIFT_AGAIN = "您好！三单元电梯一周停了三次，老人上下楼很不方便，请尽快联系维修单位上门检修！（虚构）"
LIGHT = "河边步道有四盏路灯不亮，晚上散步看不清路，希望安排更换灯泡。（虚构）"


@given(st.text(max_size=300), st.sampled_from([" ", "\n", "，", "!", "\u3000"]))
def test_tags_are_of_the_letters_alone(text: str, between: str) -> None:
    """White space and punctuation between, or another case of letters, change no tag."""
    spread = between.join(normal(text))
    assert tags_of(spread, KEY) == tags_of(normal(text), KEY)


@given(st.text(alphabet=st.characters(categories=["Lo", "Ll"]), min_size=3, max_size=200))
def test_another_key_gives_other_tags(text: str) -> None:
    """The same text under two communities' keys shares no tag."""
    assert not set(tags_of(text, KEY)) & set(tags_of(text, OTHER_KEY))


def test_near_texts_share_tags_and_others_none() -> None:
    """A greeting and a changed number leave tags in common; another matter has none."""
    assert set(tags_of(LIFT, KEY)) & set(tags_of(LIFT_AGAIN, KEY))
    assert not set(tags_of(LIFT, KEY)) & set(tags_of(LIGHT, KEY))
    assert tags_of("ab", KEY) == ()


@pytest.fixture
def similar(house: House, tmp_path: Path) -> Iterator[SimilarCases]:
    """What finds repeats in the house, shown on its pages too."""
    index = SimilarIndex(tmp_path / "similar.sqlite", "ledger")
    found = SimilarCases(house.model, house.station.vault, index)
    pages: ProjectionPages = house.pages
    pages._sources = replace(pages._sources, similar=found)
    yield found
    index.close()


async def lodge(house: House, story: str, person: str, unit: str = UNIT) -> str:
    """A case of this person."""
    handles: dict[SubjectRole, str] = {"reporter": f"test:{person}"}
    submitter = house.station.submitter
    by = "clerk" if unit == UNIT else "neighbour"
    said = house._said("lodge", {}, unit, by, kind="grv")
    body = {
        "tracking": digest_of(submitter.tracking_number(submitter.submission_id(said))),
        "channel": "counter",
        "story": story,
        "reporter_name": person,
    }
    receipt = await submitter.submit(replace(said, body=body, handles=handles))
    await house.settle()
    return receipt.subject


def found(house: House, similar: SimilarCases, case: str) -> list[Suggestion]:
    """What is suggested at a case, once the index is up."""
    while similar.catch_up():
        pass
    view = queries.case_by_id(house.model, case)
    assert view is not None
    return list(similar.find(view.case))


async def test_a_repeat_of_anybody_is_suggested(house: House, similar: SimilarCases) -> None:
    """Nearly the same words of two people: each is suggested at the other, another matter at neither."""
    first, _, second = [
        await lodge(house, story, person)
        for story, person in ((LIFT, "甲（虚构）"), (LIGHT, "甲（虚构）"), (LIFT_AGAIN, "乙（虚构）"))
    ]
    for case, other in ((first, second), (second, first)):
        (one,) = found(house, similar, case)
        assert (one.case.case_id, one.same_person) == (other, False)
        assert 80 <= one.percent < 100


async def test_the_same_person_needs_less(house: House, similar: SimilarCases) -> None:
    """Told again in other words by the same person: suggested as such; by another person: not."""
    retold = "电梯又停了，一周两次！老人上下楼不方便，请联系单位检修三单元的电梯。（虚构）"
    first = await lodge(house, LIFT, "甲（虚构）")
    await lodge(house, retold, "乙（虚构）")
    mine = await lodge(house, retold, "甲（虚构）")
    (one,) = found(house, similar, first)
    assert (one.case.case_id, one.same_person) == (mine, True)


async def test_other_communities_stay_apart(house: House, similar: SimilarCases) -> None:
    """The same words in another community are not suggested."""
    first = await lodge(house, LIFT, "甲（虚构）")
    await lodge(house, LIFT, "甲（虚构）", NEIGHBOUR)
    assert found(house, similar, first) == []


async def test_what_was_erased_is_not_suggested(house: House, similar: SimilarCases, tmp_path: Path) -> None:
    """A text whose keys are destroyed is not suggested, its tags are dropped, and a new index has none."""
    first, second = [await lodge(house, LIFT, person) for person in ("甲（虚构）", "乙（虚构）")]
    assert len(found(house, similar, first)) == 1
    view = queries.case_by_id(house.model, second)
    assert view is not None
    with sqlite3.connect(house.station.home.vault) as vault:
        subject = view.case.story.split('"')[3]
        assert vault.execute("DELETE FROM subjects WHERE subject = ?", (subject,)).rowcount == 1
    assert found(house, similar, first) == []
    with sqlite3.connect(tmp_path / "similar.sqlite") as index:
        numbers = {number for (number,) in index.execute("SELECT DISTINCT number FROM tags")}
        kept = dict(index.execute("SELECT case_id, number FROM cases"))
    assert kept[first] in numbers
    assert kept[second] not in numbers


async def test_the_page_suggests_to_who_may_read(house: House, similar: SimilarCases) -> None:
    """A handler sees the suggestion with its reason; an auditor, who opens no story, sees none."""
    first = await lodge(house, LIFT, "甲（虚构）")
    second = await lodge(house, LIFT, "甲（虚构）")
    found(house, similar, first)
    page = (await house.visit("handler", f"/cases/{first}")).text
    assert "the same person, 100 % of the wording" in page
    assert f'href="/cases/{second}"' in page
    page = (await house.visit("auditor", f"/cases/{first}")).text
    assert "wording" not in page
    assert second not in page


async def test_a_damaged_index_is_made_again(house: House, tmp_path: Path) -> None:
    """A file that is no index, or another ledger's, is made anew from the log."""
    (tmp_path / "other.sqlite").write_bytes(b"no database" * 1000)
    index = SimilarIndex(tmp_path / "other.sqlite", "ledger")
    again = SimilarCases(house.model, house.station.vault, index)
    first, second = [await lodge(house, LIFT, "甲（虚构）") for _ in range(2)]
    page = await house.visit("handler", f"/cases/{first}")
    assert page.status_code == 200
    with pytest.raises(Exception, match="not a database"):
        again.catch_up()
    assert [one.case.case_id for one in found(house, again, first)] == [second]
    index.close()
    stranger = SimilarIndex(tmp_path / "other.sqlite", "another ledger")
    assert stranger.position(0) == 0
    stranger.close()
