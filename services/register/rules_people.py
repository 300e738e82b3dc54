"""Rules of memberships, leave with a deputy, and the handing over of open work. Pure."""

from __future__ import annotations

from contracts import register as r
from contracts.envelope import Submission
from contracts.reference import Register
from contracts.spells import SKEW_MS
from contracts.workflow import Answer, Reference, Refused
from services.register.answers import accept
from services.register.rules_posts import period


def decide(
    body: r.EnterMembershipV1 | r.EndMembershipV1 | r.RecordLeaveV1 | r.EndLeaveV1,
    register: Register,
    now: int,
) -> Answer:
    """Answer a command about where a person belongs, or about their leave."""
    match body:
        case r.EnterMembershipV1():
            return _enter(body, register, now)
        case r.EndMembershipV1():
            return _end_membership(body, register, now)
        case r.RecordLeaveV1():
            return _record_leave(body, register)
        case r.EndLeaveV1():
            at = now - SKEW_MS if body.until is None else body.until
            running = any(spell.until > at for spell in register.spells("leave", body.person))
            return accept(r.LeaveEndedV1, body) if running else Refused("no_leave", "person")


def _enter(body: r.EnterMembershipV1, register: Register, now: int) -> Answer:
    if register.person(body.person) is None:
        return Refused("unknown_person", "person")
    if register.unit(body.unit) is None:
        return Refused("unknown_unit", "unit")
    post = None if body.post is None else register.post(body.unit, body.post)
    if body.post is not None and post is None:
        return Refused("unknown_post", "post")
    if post is not None and post.role is not None:
        return Refused("post_has_role", "post")
    since, until = period(body.since, body.until, now)
    if since >= until:
        return Refused("ends_before_it_begins", "until")
    held = register.spells("membership", body.person, body.unit)
    if any(s.said.post == body.post and max(s.since, since) < min(s.until, until) for s in held):
        return Refused("overlapping_membership", "since")
    return accept(r.MembershipEnteredV1, body)


def _end_membership(body: r.EndMembershipV1, register: Register, now: int) -> Answer:
    at = now - SKEW_MS if body.until is None else body.until
    held = register.spells("membership", body.person, body.unit)
    if not any(body.post in (None, spell.said.post) and spell.until > at for spell in held):
        return Refused("no_membership", "unit")
    return accept(r.MembershipEndedV1, body)


def _record_leave(body: r.RecordLeaveV1, register: Register) -> Answer:
    for name in ("person", "deputy"):
        if register.person(getattr(body, name)) is None:
            return Refused("unknown_person", name)
    if body.person == body.deputy:
        return Refused("same_person", "deputy")
    if body.since >= body.until:
        return Refused("ends_before_it_begins", "until")
    if any(
        max(s.since, body.since) < min(s.until, body.until) for s in register.spells("leave", body.person)
    ):
        return Refused("overlapping_leave", "since")
    away = register.spells("leave", body.deputy)
    if any(max(spell.since, body.since) < min(spell.until, body.until) for spell in away):
        return Refused("deputy_away", "deputy")
    return accept(r.LeaveRecordedV1, body)


def hand_over(
    submission: Submission, body: r.OfferHandoverV1 | r.AcceptHandoverV1, reference: Reference
) -> Answer:
    """Answer who offers or accepts open work: each speaks for themself, in the role that is handed over."""
    register, now = reference.register, reference.now
    actor = submission.actor
    name, other = ("taker", body.taker) if isinstance(body, r.OfferHandoverV1) else ("giver", body.giver)
    if submission.role != body.role or not register.holds(actor, body.role, body.unit, now):
        return Refused("not_entitled")
    if other == actor:
        return Refused("same_person", name)
    if isinstance(body, r.OfferHandoverV1):
        if not register.holds(other, body.role, body.unit, now):
            return Refused("out_of_scope", name)
        return accept(r.HandoverOfferedV1, body, giver=actor)
    offer = register.handover(body.giver, body.role, body.unit)
    if not isinstance(offer, r.HandoverOfferedV1) or offer.taker != actor:
        return Refused("no_handover", name)
    if offer.digest != body.digest:
        return Refused("handover_changed", "digest")
    return accept(r.HandoverAcceptedV1, body, taker=actor)
