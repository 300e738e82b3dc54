"""Which communities a reader may see in a list, and which of them a page is of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.reasons import REASONS
from web.problems import ProblemError

if TYPE_CHECKING:
    from contracts.reference import Register
    from contracts.register import UnitDefinedV1


def places_of(register: Register, actor: str, roles: Sequence[str], now: int) -> list[UnitDefinedV1]:
    """The communities in which a person holds one of these roles now (ms)."""
    return [
        unit
        for unit in register.units(now)
        if unit.tier == "community" and any(register.holds(actor, role, unit.unit, now) for role in roles)
    ]


def place_of(places: Sequence[UnitDefinedV1], unit: str) -> UnitDefinedV1:
    """The community that is asked for, the first where none is. Raises ProblemError 403 for another."""
    here = next((place for place in places if unit in ("", place.unit)), None)
    if here is None:
        raise ProblemError(403, REASONS["other_unit"])
    return here
