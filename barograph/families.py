"""The families of this version and every version of their rules that can still be executed."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.kernel import FamilyRules, Rules
from services.grievance import domain as grievance
from services.people import domain as people
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
        "people": FamilyRules(
            "people", {people.RULES: Rules(people.RULES, people.decide, people.evolve, people.is_open)}
        ),
    }


def first_rules() -> dict[str, str]:
    """Family → the rules version that a new ledger starts under."""
    return {"register": register.RULES, "grievance": grievance.RULES, "people": people.RULES}
