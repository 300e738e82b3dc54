"""Clocks say of mediations, too, that a term has passed: once, and in the words of the family."""

from __future__ import annotations

from barograph.init import CLOCK
from barograph.read_side import ReadWatch
from barograph.station import wall_clock
from contracts.base import DAY_MS
from runtime.clock import Clock
from tests.mediation.conftest import Mediating


async def test_a_clock_says_once_that_the_usual_term_has_passed(mediating: Mediating) -> None:
    """A clock of forty days later says so, nothing more is due then, and the page tells it."""
    at = await mediating.start()
    await mediating.consent(at)
    assert (await mediating.row(at)).deadline == "mediate"
    house, ahead = mediating.house, 40 * DAY_MS
    watch = ReadWatch(house.model)
    later = house.intake(ahead)
    station = house.station
    clock = Clock(later, station.ledger, station.register, watch, CLOCK, lambda: wall_clock() + ahead)
    for _ in range(2):
        await clock.tick()
        await house.settle()
    row = await mediating.row(at)
    assert (row.deadline, row.due_at) == (None, None)
    page = (await house.visit("clerk", at)).text
    assert page.count("Term passed") == 1
    assert "Usual term of mediating" in page
