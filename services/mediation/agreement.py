"""How mediating ends: an agreement, written and signed by all or by word of mouth, or none. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts import mediation_outcome as out
from contracts.base import Message
from contracts.mediation_file import Agreement, Mediation, evolve
from contracts.mediation_policy import policy_in
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from contracts.working_days import local_day
from services.mediation.terms import end_of_days, refuse_settled, zone_of


def _refuse_agreeing(state: Mediation) -> Refused | None:
    """Why no agreement can be recorded, nor one amended."""
    if state.status == "closed":
        return Refused("mediation_ended")
    if not state.mediators:
        return Refused("no_mediator")
    if not state.all_consent:
        return Refused("consent_missing")
    if not any(session.held for session in state.sessions):
        return Refused("no_session_held")
    return Refused("too_many_versions") if state.versions >= out.MOST_VERSIONS else None


def _refuse_terms(
    state: Mediation, body: out.DrawUpV1 | out.AgreeOrallyV1, reference: Reference
) -> Refused | None:
    """Why these terms cannot stand: who owes whom, how much, and by when."""
    for one in body.obligations:
        if state.party(one.debtor) is None or state.party(one.creditor) is None:
            return Refused("no_such_party", "obligations")
        if one.debtor == one.creditor:
            return Refused("owes_itself", "obligations")
        if (one.kind == "pay") != (one.amount is not None):
            return Refused("amount_of_payment", "obligations")
    sums = [one.amount for one in body.obligations if one.amount is not None]
    if (body.total or 0) != sum(sums) and (sums or body.total):
        return Refused("does_not_add_up", "total")
    return _refuse_due_before(body.obligations, reference)


def _refuse_due_before(obligations: tuple[out.Obligation, ...], reference: Reference) -> Refused | None:
    if any(one.due_at < reference.effective_at for one in obligations):
        return Refused("due_before_agreement", "obligations")
    return None


def _draw_up(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, _refuse_agreeing(state)
    if refused is not None or not isinstance(body, out.DrawUpV1):
        return refused or Refused("wrong_state")
    refused = _refuse_terms(state, body, reference)
    if refused is not None:
        return refused
    version, fingerprint = state.versions + 1, body.own_fingerprint
    return Accepted((out.DrawnUpV1(**body.__dict__, version=version, fingerprint=fingerprint),))


def _sign(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, draft = command.body, state.draft
    if state.status == "closed":
        return Refused("mediation_ended")
    if draft is None or not isinstance(body, out.SignV1):
        return Refused("nothing_to_sign")
    if body.fingerprint != draft.fingerprint:
        return Refused("other_version", "fingerprint")
    refused = _refuse_signature(state, draft, command, body)
    if refused is None:
        refused = _refuse_due_before(draft.obligations, reference)
    if refused is not None:
        return refused
    signed = out.SignedV1(**body.__dict__)
    return Accepted((signed, *_in_force(state, signed, reference)))


def _refuse_signature(
    state: Mediation, draft: Agreement, command: Command, body: out.SignV1
) -> Refused | None:
    if body.party is not None and body.mediator is not None:
        return Refused("one_signer", "party")
    if body.party is not None and state.party(body.party) is None:
        return Refused("no_such_party", "party")
    if body.mediator is not None and body.mediator not in state.mediators:
        return Refused("does_not_mediate", "mediator")
    if body.mediator is not None and body.mediator != command.submission.actor:
        return Refused("signs_for_another", "mediator")
    if body.party in draft.parties or body.mediator in draft.mediators:
        return Refused("signed_already")
    if body.party is None and body.mediator is None and draft.sealed:
        return Refused("signed_already")
    shown = body.blob is not None and body.blob in state.blobs
    return None if body.manner == "on_paper" or shown else Refused("signature_not_attached", "blob")


def _in_force(state: Mediation, signed: out.SignedV1, reference: Reference) -> tuple[Message, ...]:
    """That the version is in force, where this was the last signature that it waited for."""
    after, policy = (
        evolve(state, signed, state.unit, reference.effective_at, None),
        policy_in(reference.register),
    )
    draft = after.draft if after is not None else None
    if draft is None or policy is None:
        return ()
    parties = {party.number for party in state.parties}
    if not (draft.sealed and draft.parties >= parties and draft.mediators >= set(state.mediators)):
        return ()
    at = reference.effective_at
    confirm_by = end_of_days(at, policy.confirm_days, policy, reference)
    visit_by = end_of_days(at, policy.follow_up_days, policy, reference)
    return (out.InForceV1(version=draft.version, confirm_by=confirm_by, visit_by=visit_by),)


def _agree_orally(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state) or _refuse_agreeing(state)
    policy = policy_in(reference.register)
    if refused is not None or policy is None or not isinstance(body, out.AgreeOrallyV1):
        return refused or Refused("wrong_state")
    refused = _refuse_terms(state, body, reference)
    if refused is not None:
        return refused
    version, at = state.versions + 1, reference.effective_at
    year = local_day(at, zone_of(policy)).year
    agreed = out.AgreedOrallyV1(
        **body.__dict__,
        version=version,
        fingerprint=body.own_fingerprint,
        register_number=f"KT-{year:04}-{command.submission.subject[-8:]}-{version}",
        visit_by=end_of_days(at, policy.follow_up_days, policy, reference),
    )
    return Accepted((agreed,))


def _fail(state: Mediation, command: Command, _reference: Reference) -> Answer:
    return refuse_settled(state) or Accepted((out.FailedV1(**command.body.__dict__),))


def _withdraw(state: Mediation, command: Command, _reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state)
    if refused is not None or not isinstance(body, out.WithdrawV1):
        return refused or Refused("wrong_state")
    party = state.party(body.party)
    if party is None:
        return Refused("no_such_party", "party")
    if party.side != "a":
        return Refused("did_not_apply", "party")
    return Accepted((out.WithdrawnV1(**body.__dict__),))


def _refer(state: Mediation, command: Command, _reference: Reference) -> Answer:
    return refuse_settled(state) or Accepted((out.ReferredV1(**command.body.__dict__),))


def _tell_outcome(state: Mediation, command: Command, _reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state)
    if refused is not None or not isinstance(body, out.TellOutcomeV1):
        return refused or Refused("wrong_state")
    if body.ended_at is not None and body.ended_at < state.started_at:
        return Refused("occurred_before_case", "ended_at")
    return Accepted((out.OutcomeToldV1(**body.__dict__),))


HANDLERS: Mapping[type[Message], Callable[[Mediation, Command, Reference], Answer]] = {
    out.DrawUpV1: _draw_up,
    out.SignV1: _sign,
    out.AgreeOrallyV1: _agree_orally,
    out.FailV1: _fail,
    out.WithdrawV1: _withdraw,
    out.ReferV1: _refer,
    out.TellOutcomeV1: _tell_outcome,
}
"""Command → its rule."""
