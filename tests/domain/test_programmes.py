"""Funds and aid programmes in the register: what an administrator enters, in versions."""

from __future__ import annotations

import pytest

from contracts import register as r
from contracts.programmes import Benefit, Document
from tests.support.given import CLERK, COMMUNITY, STREET, Past, World, day, given
from tests.support.helping import HARDSHIP, MUTUAL, QUICK, programme

FUND = r.DefineFundV1.model_validate(HARDSHIP.model_dump())


def define(**fields: object) -> r.DefineProgrammeV1:
    """Enter the quick programme, or another."""
    told = {name: getattr(QUICK, name) for name in r.DefineProgrammeV1.model_fields}
    return r.DefineProgrammeV1.model_validate(told | fields)


def world(*events: Past) -> World:
    """The two funds are entered."""
    return given(HARDSHIP, MUTUAL, *events)


def test_a_fund_keeps_its_unit_and_kind() -> None:
    """Its name may change; a unit that is not there has none."""
    given().when(FUND).then(HARDSHIP)
    renamed = FUND.model_copy(update={"name": "Another name"})
    world().when(renamed).accepted()
    world().when(FUND.model_copy(update={"kind": "donations"})).refused("fund_fixed", "kind")
    world().when(FUND.model_copy(update={"unit": STREET})).refused("fund_fixed", "unit")
    given().when(FUND.model_copy(update={"unit": "nowhere"})).refused("unknown_unit", "unit")


def test_versions_of_a_programme_are_numbered() -> None:
    """Each entry is the next version, and holds from its day on; a request stands under that of its day."""
    world().when(define()).then(QUICK)
    later = define(since=day(10), notice_days=3)
    second = r.ProgrammeDefinedV1(**later.__dict__, version=2)
    after = world(Past(QUICK, day(0)), Past(second, day(1)))
    register = after.register.at(after.register.end)
    assert [register.programme("quick", day(at)).version for at in (5, 11)] == [1, 2]  # type: ignore[union-attr]
    after.when(define(unit=STREET)).refused("programme_fixed", "unit")


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (define(fund="none"), "unknown_fund", "fund"),
        (define(unit=STREET), "fund_elsewhere", "fund"),
        (
            define(documents=(Document(document="a", name="A"), Document(document="a", name="B"))),
            "named_twice",
            "documents",
        ),
        (define(benefit=Benefit(method="share", amount=1)), "percent_of_share", "benefit"),
        (define(benefit=Benefit(method="fixed", amount=1, percent=5)), "percent_of_share", "benefit"),
        (define(benefit=Benefit(method="top_up", amount=1)), "means_test_missing", "income_limit"),
    ],
)
def test_what_is_no_programme(body: r.DefineProgrammeV1, reason: str, field: str) -> None:
    """A fund at or above its unit, documents named once, and a benefit that can be worked out."""
    world().when(body).refused(reason, field)


def test_a_programme_of_a_community_is_paid_by_the_streets_fund() -> None:
    """A fund above serves below."""
    world().when(define(fund="mutual")).accepted()
    world().when(FUND, by=CLERK).refused("not_entitled")
    assert programme("any").unit == COMMUNITY


def test_a_programme_opens_on_its_day() -> None:
    """A first version with a day does not hold before it; one without a day holds from ever on."""
    after = world(Past(QUICK, day(5)), Past(programme("opening", since=day(20)), day(5)))
    register = after.register.at(after.register.end)
    assert register.programme("opening", day(19)) is None
    assert register.programme("opening", day(20)) is not None
    assert register.programme("quick", day(0)) is not None
