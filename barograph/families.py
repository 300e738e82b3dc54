"""The families of this version and every version of their rules that can still be executed."""

from __future__ import annotations

from collections.abc import Mapping

from barograph.version import VERSION
from contracts.control import RULES_POLICY, AnnouncedRules
from contracts.reference import Register
from contracts.register import DefinePolicyV1
from runtime.control import announced_rules
from runtime.kernel import FamilyRules, Rules
from services.grievance import domain as grievance
from services.register import domain as register


def family_rules() -> Mapping[str, FamilyRules]:
    """Family → its rules, by version."""
    return {
        "register": FamilyRules(
            "register", {register.RULES: Rules(register.RULES, register.decide, register.evolve)}
        ),
        "grievance": FamilyRules(
            "grievance",
            {grievance.RULES: Rules(grievance.RULES, grievance.decide, grievance.evolve, grievance.is_open)},
        ),
    }


def announcement(register: Register) -> DefinePolicyV1 | None:
    """What the register must be told before the rules of this version can be put in force, if anything."""
    known = announced_rules(register)
    versions = {
        family: [
            *known.get(family, ()),
            *(name for name in rules.versions if name not in known.get(family, ())),
        ]
        for family, rules in family_rules().items()
    }
    terms = AnnouncedRules(versions={**known, **versions})
    if terms.versions == known:
        return None
    source = f"Barograph {VERSION}"
    return DefinePolicyV1(policy=RULES_POLICY, version=VERSION, source=source, terms=terms.model_dump())


def first_rules() -> dict[str, str]:
    """Family → the rules version that a new ledger starts under."""
    return {"register": register.RULES, "grievance": grievance.RULES}
