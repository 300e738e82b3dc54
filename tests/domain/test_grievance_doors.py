"""How a grievance comes in: who may say it for residents without an account."""

from __future__ import annotations

from contracts import grievance as g
from tests.support.given import HANDLER, SEALED, Who, accepted, community, day, given, lodge, lodged

RESIDENT = Who(g.RESIDENT, "resident")
"""Whoever speaks through the public pages."""


def test_a_resident_lodges_without_an_appointment() -> None:
    """The public pages' actor may lodge as a resident, though it holds no appointment."""
    given(*community()).when(lodge(channel="poster"), day(0), by=RESIDENT).then(lodged(channel="poster"))


def test_nobody_else_speaks_as_a_resident() -> None:
    """A member of staff who says that they are a resident is refused."""
    given(*community()).when(lodge(), day(0), by=Who(HANDLER.actor, "resident")).refused("not_entitled")


def test_a_resident_handles_nothing() -> None:
    """What the policy does not let residents do is refused to the public pages' actor."""
    case = given(*community(), lodged(), accepted())
    case.when(g.ReplyV1(reply=SEALED), day(1), by=RESIDENT).refused("not_entitled")


def test_the_public_pages_hold_no_other_role() -> None:
    """The public pages' actor is refused in any role but the resident's."""
    given(*community()).when(lodge(), day(0), by=Who(g.RESIDENT, "clerk")).refused("not_entitled")
