"""Inspections of any kind and period: kinds as data of the register, and what was done, a stream each.

Kinds are entries of the register; inspections are streams (`isp_`) of the family `people`, by community. What
is due is never planned by hand: it follows from the kinds and zones in force. Version 1 of every type.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from contracts.base import Code, Identifier, Message, Milliseconds, Remark
from contracts.inspection_kinds import Cycle, InspectionDefinedV1
from contracts.lineage import lineage, standing_zones
from contracts.months import months_between
from contracts.personal import Personal, Sealed

if TYPE_CHECKING:
    from contracts.posts import AppointedV1, MembershipEnteredV1
    from contracts.reference import Register

MOST_FINDINGS = 4
MOST_INSPECTORS = 4
WHOLE = ""
"""Stands for the zone where a community is inspected as a whole."""


_Finding = Annotated[Sealed | None, Personal(Remark, subject="case", apart="text")]


class Inspector(Message):
    """Who took part in an inspection, and the unit for which they did."""

    person: Identifier
    unit: Code


class CarryOutInspectionV1(Message):
    """Record an inspection that was carried out, with up to four findings; none is a finding too.

    It counts for the period in which it was carried out as told. Findings are sealed: they may name people.
    `inspectors`: who carried it out, the one who led it first; None: whoever records it did, alone.
    """

    inspection: Code
    zone: Code | None = None
    inspectors: (
        Annotated[tuple[Inspector, ...], Field(strict=False, min_length=1, max_length=MOST_INSPECTORS)] | None
    ) = None
    finding_1: _Finding = None
    finding_2: _Finding = None
    finding_3: _Finding = None
    finding_4: _Finding = None


class PutRightV1(Message):
    """Record that a finding, by its number, was put right, and how."""

    finding: Annotated[int, Field(ge=1, le=MOST_FINDINGS)]
    how: Annotated[Sealed, Personal(Remark, subject="case", apart="text")]


class MakeFindingGrievanceV1(Message):
    """Make a grievance of a finding, by its number: it is lodged as a case of its own, and stays to be put right."""

    finding: Annotated[int, Field(ge=1, le=MOST_FINDINGS)]


class InspectionCarriedOutV1(CarryOutInspectionV1):
    """It was carried out at this time, and so in this period (`2026-11`, `2026-Q4`, `2026`)."""

    at: Milliseconds
    period: Code


class FindingPutRightV1(PutRightV1):
    """The finding was put right at this time."""

    at: Milliseconds


class FindingGrievanceMadeV1(MakeFindingGrievanceV1):
    """It is to be lodged, as the case of this id."""

    case: Identifier
    at: Milliseconds


Command = CarryOutInspectionV1 | PutRightV1 | MakeFindingGrievanceV1
Event = InspectionCarriedOutV1 | FindingPutRightV1 | FindingGrievanceMadeV1


def findings_in(body: CarryOutInspectionV1) -> dict[int, Sealed]:
    """The findings of an inspection by their numbers."""
    told = {number: getattr(body, f"finding_{number}") for number in range(1, MOST_FINDINGS + 1)}
    return {number: text for number, text in told.items() if text is not None}


class Period(NamedTuple):
    """A period of a cycle: its name, and its first and last millisecond."""

    name: str
    start: int
    end: int


def period_of(at: int, cycle: Cycle, time_zone: str) -> str:
    """The period of a cycle that holds this time."""
    return _period_of(months_between(at, at, time_zone)[0].name, cycle)


def _period_of(month: str, cycle: Cycle) -> str:
    year, number = month[:4], int(month[5:])
    return {"month": month, "quarter": f"{year}-Q{(number + 2) // 3}", "year": year}[cycle]


def periods_between(first: int, last: int, cycle: Cycle, time_zone: str) -> list[Period]:
    """The periods from the one that holds `first` to the one that holds `last`, each whole."""
    year = 370 * 86_400_000
    months = months_between(max(first - year, 0), last + year, time_zone)
    names = (period_of(first, cycle, time_zone), period_of(last, cycle, time_zone))
    found: dict[str, Period] = {}
    for month, following in pairwise(months):
        name = _period_of(month.name, cycle)
        start = found[name].start if name in found else month.start
        found[name] = Period(name, start, following.start - 1)
    return [period for name, period in found.items() if names[0] <= name <= names[1]]


def kind_at(register: Register, unit: str, inspection: str, at: int) -> InspectionDefinedV1 | None:
    """The kind of this code as it is in force for a community at a time: its own, or that of a unit above."""
    for above in lineage(register, unit, at):
        found = register.said(at, "inspection", above, inspection)
        if found is not None:
            return None if found.retired else found
    return None


def is_in_post(register: Register, inspector: Inspector, at: int) -> bool:
    """Whether the person holds a post in the unit itself, or belongs to it."""
    held = (one.unit for one in register.own_appointments(inspector.person, at))
    member = register.spells("membership", inspector.person, inspector.unit)
    return inspector.unit in held or any(spell.holds(at) for spell in member)


def inspectors_at_hand(register: Register, unit: str, at: int) -> list[Inspector]:
    """Who may be named: those in post in the community, above it, or in a unit right below one of these."""
    line = set(lineage(register, unit, at))
    near = {one.unit for one in register.units(at) if one.unit in line or one.parent in line}
    serving: list[AppointedV1 | MembershipEnteredV1] = [*register.appointments(at), *register.memberships(at)]
    found = dict.fromkeys((one.person, one.unit) for one in serving if one.unit in near)
    return [Inspector(person=person, unit=of) for person, of in found]


def kinds_of(register: Register, unit: str, at: int) -> list[InspectionDefinedV1]:
    """Every kind in force for a community at a time, in the order of their codes."""
    above = set(lineage(register, unit, at))
    codes = {key[2] for key, _ in register.all_spells("inspection") if key[1] in above}
    found = (kind_at(register, unit, code, at) for code in sorted(codes))
    return [kind for kind in found if kind is not None]


def due_places(register: Register, unit: str, kind: InspectionDefinedV1, at: int) -> tuple[str, ...]:
    """What of a community is due: the zones that stand at this time, or the community as a whole."""
    if kind.each == "unit":
        return (WHOLE,)
    return tuple(zone.zone for zone in standing_zones(register, unit, at))


class Coverage(NamedTuple):
    """How far a kind was carried out in a period: `done` and `missing` together are what was due."""

    period: Period
    running: bool
    done: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def due(self) -> int:
        """How many were due."""
        return len(self.done) + len(self.missing)


def coverage_of(
    register: Register, unit: str, inspection: str, period: Period, inspected: frozenset[str], now: int
) -> Coverage | None:
    """The coverage of a period; None where the kind was not in force at its end: no data is not zero.

    What is due is what stands at the period's end, or now while it runs.
    """
    running = now <= period.end
    at = now if running else period.end
    kind = kind_at(register, unit, inspection, at)
    if kind is None:
        return None
    due = due_places(register, unit, kind, at)
    done = tuple(place for place in due if place in inspected)
    return Coverage(period, running, done, tuple(place for place in due if place not in inspected))
