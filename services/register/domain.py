"""The structural register's rules: who may enter what. Places, people and posts have modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts import register as r
from contracts.accusation import AccusationPolicy
from contracts.aid_policy import AidPolicy, FundPolicy
from contracts.base import Message
from contracts.control import RULES_POLICY, AnnouncedRules
from contracts.desk import REPLIES_POLICY, ReplyTemplates
from contracts.grievance import GrievancePolicy
from contracts.letters import LETTERS_POLICY, LettersPolicy
from contracts.mediation_policy import MediationPolicy
from contracts.people import PeoplePolicy, RetentionPolicy
from contracts.places import TIERS_POLICY, TierNames
from contracts.reference import LEDGER_UNIT, WHOLE_UNIT, Register
from contracts.workflow import Answer, Command, Reference, Refused
from services.register import rules_aid, rules_people, rules_places, rules_posts
from services.register.answers import accept

RULES = "register-1"


def decide(_state: None, command: Command, reference: Reference) -> Answer:
    """Answer one command on the register. Its state is the register itself, as of this record."""
    body = command.body
    if isinstance(body, r.OfferHandoverV1 | r.AcceptHandoverV1):
        return rules_people.hand_over(command.submission, body, reference)
    if command.submission.role != "administrator":
        return Refused("not_entitled")
    register, now, actor = reference.register, reference.now, command.submission.actor
    units = _units_touched(body, register, now)
    if not all(register.holds(actor, "administrator", unit, now, WHOLE_UNIT) for unit in units):
        return Refused("not_entitled")
    return _decide_body(body, register, now)


def evolve(_state: None, _event: Message, _unit: str, _effective_at: int, _batch: str | None) -> None:
    """Nothing beside the register itself, which the kernel folds."""


def _units_touched(body: Message, register: Register, now: int) -> set[str]:
    """The units whose administrator must be the one who asks: ledger-wide entries touch the ledger."""
    match body:
        case r.DefineUnitV1():
            held = (spell.said for spell in register.spells("unit", body.unit) if spell.until > now)
            return {body.parent or LEDGER_UNIT, *(version.parent or LEDGER_UNIT for version in held)}
        case r.DefinePostV1():
            return {body.unit}
        case r.SucceedUnitsV1():
            return {above for unit in (*body.of, *body.into) for above in _right_above(unit, register, now)}
        case r.SucceedZonesV1():
            return {place.unit for place in (*body.of, *body.into)}
        case r.RecordLeaveV1() | r.EndLeaveV1():
            posts = register.own_appointments(body.person, now)
            return {appointment.unit for appointment in posts} or {LEDGER_UNIT}
        case (
            r.DefineZoneV1()
            | r.DefineInspectionV1()
            | r.DefineFundV1()
            | r.DefineProgrammeV1()
            | r.NameResponsibleV1()
            | r.AppointV1()
            | r.EndAppointmentV1()
            | r.EnterMembershipV1()
            | r.EndMembershipV1()
        ):
            return {body.unit}
        case _:
            return {LEDGER_UNIT}


def _right_above(unit: str, register: Register, now: int) -> set[str]:
    found = register.unit(unit, now)
    return {(found.parent if found else None) or LEDGER_UNIT}


def _decide_body(body: Message, register: Register, now: int) -> Answer:
    match body:
        case r.DefineUnitV1() | r.DefineZoneV1() | r.NameResponsibleV1() | r.DefineInspectionV1():
            return rules_places.decide(body, register, now)
        case r.SucceedUnitsV1() | r.SucceedZonesV1():
            return rules_places.succeed(body, register)
        case r.DefinePostV1() | r.AppointV1() | r.EndAppointmentV1():
            return rules_posts.decide(body, register, now)
        case r.DefineFundV1() | r.DefineProgrammeV1():
            return rules_aid.decide(body, register, now)
        case r.DefinePersonV1():
            return accept(r.PersonDefinedV1, body)
        case r.EnterMembershipV1() | r.EndMembershipV1() | r.RecordLeaveV1() | r.EndLeaveV1():
            return rules_people.decide(body, register, now)
        case r.DefineCategoriesV1():
            return _define_categories(body)
        case r.DefinePolicyV1():
            return _define_policy(body)
        case r.DefineCalendarV1():
            return accept(r.CalendarDefinedV1, body)
        case _:
            return Refused("not_entitled")


def _define_categories(body: r.DefineCategoriesV1) -> Answer:
    codes = {category.code for category in body.categories}
    orphans = any(c.parent is not None and c.parent not in codes for c in body.categories)
    if orphans or len(codes) != len(body.categories):
        return Refused("unknown_category", "categories")
    return accept(r.CategoriesDefinedV1, body)


def _define_policy(body: r.DefinePolicyV1) -> Answer:
    model = _POLICIES.get(body.policy)
    if model is None:
        return Refused("bad_policy", "policy")
    try:
        model.model_validate(body.terms)
    except ValueError:
        return Refused("bad_policy", "terms")
    return accept(r.PolicyDefinedV1, body)


_POLICIES: Mapping[str, type[Message]] = MappingProxyType(
    {
        "grievance": GrievancePolicy,
        LETTERS_POLICY: LettersPolicy,
        REPLIES_POLICY: ReplyTemplates,
        "people": PeoplePolicy,
        "accusation": AccusationPolicy,
        "mediation": MediationPolicy,
        "aid": AidPolicy,
        "fund": FundPolicy,
        "retention": RetentionPolicy,
        RULES_POLICY: AnnouncedRules,
        TIERS_POLICY: TierNames,
    }
)
"""What the terms of each policy are read by."""
