"""The page that anybody may read: no sign-in, no small count, no name."""

from __future__ import annotations

import httpx
import pytest

from barograph.station import wall_clock
from barograph.web_app import make_app
from contracts.base import DAY_MS
from contracts.figures import Stability, StabilityFigure
from contracts.public_figures import Asked, Group, PublicClaim, Standing, public_figures
from services.people.desk import PeopleDesk
from services.projections.public import read_public
from services.projections.public_pages import PublicPages
from services.projections.sources import Sources
from tests.projections.pages_house import (
    BROWSER,
    SECRETS,
    STAFF,
    House,
    open_case,
)

LATER = 40 * DAY_MS
"""The page shows whole months only: it is read in a later one."""


async def read(house: House, path: str = "/public/figures", later: int = LATER) -> httpx.Response:
    """Read an address without signing in, so much later."""
    station = house.station
    sources = Sources(
        house.model,
        house.projector,
        station.register,
        station.vault,
        lambda _register, actor: actor,
        lambda: wall_clock() + later,
        PeopleDesk(station.submitter, station.register),
    )
    app = make_app(station, house.kit, [PublicPages(house.kit, sources).router()])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://house.test", headers=BROWSER
    ) as visitor:
        return await visitor.get(path)


async def test_small_counts_are_withheld_and_large_ones_shown(house: House) -> None:
    """Six cases of one zone are a count; the one of another zone is not, and cannot be had by subtraction."""
    for number in range(7):
        await open_case(house, zone="west" if number == 0 else "east")
    data = (await read(house, "/public/figures.json")).json()
    assert data["zones"] == ["east", "west", "-"]
    assert data["total"] == 7
    assert data["by_zone"] == [None, None, None]
    assert data["minimum"] == 5
    page = await read(house)
    assert page.status_code == 200
    assert "withheld" in page.text


async def test_nobody_is_named(house: House) -> None:
    """Neither a text of a case nor a member of staff is on the page."""
    await open_case(house)
    page = (await read(house)).text
    assert not [word for word in (*SECRETS, *(name for _, _, name in STAFF.values())) if word in page]


async def test_the_running_month_is_not_public(house: House) -> None:
    """Cases of the month that has not ended are in no count: nobody can watch single ones come in."""
    for _ in range(6):
        await open_case(house)
    assert (await read(house, "/public/figures.json", later=0)).json()["total"] is None
    assert (await read(house, "/public/figures.json")).json()["total"] == 6


async def test_a_claim_that_nobody_watched_is_unknown(house: House) -> None:
    """An uncertified zero is no number, on the page and in the data."""
    data = (await read(house, "/public/figures.json")).json()
    assert data["stability"]["mass_incident"] == {"state": "unknown", "count": None}
    assert "Unknown" in (await read(house)).text


def claims(state: str, count: int) -> dict[str, PublicClaim]:
    """What is published of claims in this state with this count."""
    figure = StabilityFigure.model_validate({"count": count, "state": state})
    stability = Stability(collective_petition=figure, mass_incident=figure, heinous_crime=figure)
    groups = [Group("z", "2026-01", 6, 0)]
    figures = public_figures(Asked("demo", 0, 5), ["z"], ["2026-01"], groups, stability, Standing({}, 0))
    return {str(kind): claim for kind, claim in figures.stability.items()}


@pytest.mark.parametrize(
    ("state", "count", "public"),
    [
        ("certified", 0, 0),
        ("certified", 1, None),
        ("certified", 4, None),
        ("certified", 5, 5),
        ("unknown", 0, None),
        ("unknown", 9, None),
        ("provisional", 0, None),
    ],
)
def test_only_a_certified_zero_is_a_zero(state: str, count: int, public: int | None) -> None:
    """A claim's count is public where it is certified, and zero or not small."""
    assert claims(state, count)["mass_incident"].count == public


@pytest.mark.parametrize(
    ("community", "status"), [("next", 200), ("nowhere", 404), ("a b", 422), ("x" * 65, 422), ("", 200)]
)
async def test_a_community_is_chosen(house: House, community: str, status: int) -> None:
    """Each community has its own figures; what is none is told."""
    answer = await read(house, f"/public/figures?community={community}")
    assert answer.status_code == status


async def test_a_ledger_without_cases_has_no_count(house: House) -> None:
    """Where nothing was lodged, one month is shown, and nought is not said: it is withheld as any small count."""
    asked = Asked("demo", wall_clock() + LATER, 5)
    figures = read_public(house.model, asked, ["east"], "Asia/Shanghai")
    assert figures.received == ((None,), (None,))
    assert len(figures.months) == 1
