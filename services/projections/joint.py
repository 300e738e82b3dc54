"""Joint handling as a case's page shows it: who leads, who takes part, and whose part is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.lineage import is_gone
from contracts.reference import Register
from services.projections.rows import CaseRow
from web.i18n import N_

JOINT = ("joint_handling_started", "joint_part_recorded", "joint_handling_ended")
"""The names of the events of joint handling."""

_LABELS: Mapping[str, str] = {
    "lead": N_("Lead"),
    "units": N_("Units that take part"),
    "unit": N_("Unit"),
    "missing": N_("Gave no part"),
}


class Part(NamedTuple):
    """One unit's part: the unit and its name, whether it leads, and whether its part is recorded."""

    unit: str
    name: str
    leads: bool
    done: bool


def parts_of(case: CaseRow, register: Register) -> list[Part]:
    """The parts of the last joint handling of a case, the lead's first; empty where there was none."""
    told = [part.rsplit(":", 1) for part in case.joint.split()]
    return [
        Part(unit, _name(register, unit), leads=at == 0, done=state == "done")
        for at, (unit, state) in enumerate(told)
    ]


def joint_facts(register: Register, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The details of an event of joint handling: labels (message ids) and names of units."""
    facts = []
    for field, label in _LABELS.items():
        named = data.get(field) or ()
        units = [named] if isinstance(named, str) else named
        if units:
            facts.append((label, "; ".join(_name(register, str(unit)) for unit in units)))
    return facts


def unit_choices(register: Register, now: int) -> list[tuple[str, str]]:
    """The units of the register that stand, organisations too, with their names."""
    return [(unit.unit, unit.name) for unit in register.units(now) if not is_gone(register, unit.unit, now)]


def _name(register: Register, unit: str) -> str:
    found = register.unit(unit)
    return found.name if found else unit
