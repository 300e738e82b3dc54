"""The structural register's rules: who may enter units, zones, people, posts, categories, policies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts import register as r
from contracts.base import Message
from contracts.control import RULES_POLICY, AnnouncedRules
from contracts.grievance import GrievancePolicy
from contracts.people import PeoplePolicy, RetentionPolicy
from contracts.reference import LEDGER_UNIT, Register
from contracts.workflow import Accepted, Answer, Command, Reference, Refused

RULES = "register-1"


def decide(_state: None, command: Command, reference: Reference) -> Answer:
    """Answer one command on the register. Its state is the register itself, as of this record."""
    register = reference.register
    submission = command.submission
    if submission.role != "administrator":
        return Refused("not_entitled")
    units = _units_touched(command.body, register)
    if not all(register.holds(submission.actor, "administrator", unit) for unit in units):
        return Refused("not_entitled")
    return _decide_body(command.body, register)


def evolve(_state: None, _event: Message, _unit: str, _effective_at: int, _batch: str | None) -> None:
    """Nothing beside the register itself, which the kernel folds."""


def _units_touched(body: Message, register: Register) -> set[str]:
    """The units whose administrator must be the one who asks: ledger-wide entries touch the ledger."""
    if isinstance(body, r.DefineUnitV1):
        existing = register.unit(body.unit)
        above = {body.parent or LEDGER_UNIT}
        return above | {existing.parent or LEDGER_UNIT} if existing else above
    if isinstance(body, r.DefineZoneV1 | r.AppointV1 | r.EndAppointmentV1):
        return {body.unit}
    return {LEDGER_UNIT}


def _decide_body(body: Message, register: Register) -> Answer:
    match body:
        case r.DefineUnitV1():
            return _define_unit(body, register)
        case r.DefineZoneV1():
            known = register.unit(body.unit) is not None
            return _accept(r.ZoneDefinedV1, body) if known else Refused("unknown_unit", "unit")
        case r.DefinePersonV1():
            return _accept(r.PersonDefinedV1, body)
        case r.AppointV1():
            return _appoint(body, register)
        case r.EndAppointmentV1():
            held = any((a.role, a.unit) == (body.role, body.unit) for a in register.roles(body.person))
            return _accept(r.AppointmentEndedV1, body) if held else Refused("no_appointment", "role")
        case r.DefineCategoriesV1():
            return _define_categories(body)
        case r.DefinePolicyV1():
            return _define_policy(body)
        case _:
            return Refused("not_entitled")


def _accept(event: type[Message], body: Message) -> Accepted:
    return Accepted((event.model_construct(**body.__dict__),))


def _define_unit(body: r.DefineUnitV1, register: Register) -> Answer:
    if body.unit == LEDGER_UNIT:
        return Refused("already_exists", "unit")
    if body.parent is not None and body.parent != body.unit and register.unit(body.parent) is None:
        return Refused("unknown_parent", "parent")
    at: str | None = body.parent
    for _ in range(len(register.units()) + 1):
        if at == body.unit:
            return Refused("cycle", "parent")
        above = register.unit(at) if at is not None else None
        at = above.parent if above else None
    return _accept(r.UnitDefinedV1, body)


def _appoint(body: r.AppointV1, register: Register) -> Answer:
    if register.person(body.person) is None:
        return Refused("unknown_person", "person")
    if body.unit != LEDGER_UNIT and register.unit(body.unit) is None:
        return Refused("unknown_unit", "unit")
    if body.zone is not None and register.zone(body.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    return _accept(r.AppointedV1, body)


def _define_categories(body: r.DefineCategoriesV1) -> Answer:
    codes = {category.code for category in body.categories}
    orphans = any(c.parent is not None and c.parent not in codes for c in body.categories)
    if orphans or len(codes) != len(body.categories):
        return Refused("unknown_category", "categories")
    return _accept(r.CategoriesDefinedV1, body)


def _define_policy(body: r.DefinePolicyV1) -> Answer:
    model = _POLICIES.get(body.policy)
    if model is None:
        return Refused("bad_policy", "policy")
    try:
        model.model_validate(body.terms)
    except ValueError:
        return Refused("bad_policy", "terms")
    return _accept(r.PolicyDefinedV1, body)


_POLICIES: Mapping[str, type[Message]] = MappingProxyType(
    {
        "grievance": GrievancePolicy,
        "people": PeoplePolicy,
        "retention": RetentionPolicy,
        RULES_POLICY: AnnouncedRules,
    }
)
"""What the terms of each policy are read by."""
