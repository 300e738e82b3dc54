"""The families of this version and every version of their rules that can still be executed."""

from __future__ import annotations

from collections.abc import Mapping

from barograph.version import VERSION
from contracts.control import RULES_POLICY, AnnouncedRules
from contracts.reference import Register
from contracts.register import DefinePolicyV1
from runtime.control import announced_rules
from runtime.kernel import FamilyRules, Rules
from services.accusation import domain as accusation
from services.aid import domain as aid
from services.aid import funds as fund
from services.grievance import domain as grievance
from services.grievance.case import is_open
from services.mediation import domain as mediation
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
            {grievance.RULES: Rules(grievance.RULES, grievance.decide, grievance.evolve, is_open)},
        ),
        "people": FamilyRules(
            "people", {people.RULES: Rules(people.RULES, people.decide, people.evolve, people.is_open)}
        ),
        "accusation": FamilyRules(
            "accusation",
            {
                accusation.RULES: Rules(
                    accusation.RULES, accusation.decide, accusation.evolve, accusation.is_open
                )
            },
        ),
        "mediation": FamilyRules(
            "mediation",
            {mediation.RULES: Rules(mediation.RULES, mediation.decide, mediation.evolve, mediation.is_open)},
        ),
        "aid": FamilyRules("aid", {aid.RULES: Rules(aid.RULES, aid.decide, aid.evolve, aid.is_open)}),
        "fund": FamilyRules("fund", {fund.RULES: Rules(fund.RULES, fund.decide, fund.evolve, fund.is_open)}),
    }


def announcement(register: Register) -> DefinePolicyV1 | None:
    """What the register must be told before the rules of this version can be put in force, if anything."""
    known = {family: list(names) for family, names in announced_rules(register).items()}
    versions = dict(known)
    for family, rules in family_rules().items():
        before = known.get(family, [])
        versions[family] = [*before, *(name for name in rules.versions if name not in before)]
    if versions == known:
        return None
    terms = AnnouncedRules(versions=versions).model_dump()
    return DefinePolicyV1(policy=RULES_POLICY, version=VERSION, source=f"Barograph {VERSION}", terms=terms)


def first_rules() -> dict[str, str]:
    """Family → the rules version that a new ledger starts under."""
    return {
        "register": register.RULES,
        "grievance": grievance.RULES,
        "people": people.RULES,
        "accusation": accusation.RULES,
        "mediation": mediation.RULES,
        "aid": aid.RULES,
        "fund": fund.RULES,
    }
