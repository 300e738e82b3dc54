"""Rules of employment help: offers, placements one after another, and asking whether they are still in work. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts import employment as e
from contracts import employment_file
from contracts.aid_policy import AidPolicy
from contracts.base import DAY_MS, Message
from contracts.employment_file import Seeker
from contracts.lineage import is_gone
from contracts.workflow import Accepted, Answer, Command, Reference, Refused, stream_id
from contracts.working_days import local_day
from services.aid.terms import end_of_months, zone_of

evolve = employment_file.evolve


def decide(state: Any, command: Command, reference: Reference, policy: AidPolicy) -> Answer:
    """Answer one command about one employment case; who may say it was asked before."""
    if isinstance(command.body, e.RegisterSeekerV1):
        return _register(state, command, command.body, reference)
    if not isinstance(state, Seeker):
        return Refused("no_such_seeker")
    if state.ended is not None:
        return Refused("help_ended")
    imported = command.submission.batch
    if imported is not None and imported != state.batch:
        return Refused("not_by_import")
    if isinstance(command.body, e.PlaceV1):
        return _place(state, command, command.body, reference, policy)
    return _HANDLERS[type(command.body)](state, command.body, reference, policy)


def _register(state: Any, command: Command, body: e.RegisterSeekerV1, reference: Reference) -> Answer:
    submission, live = command.submission, command.submission.batch is None
    if submission.subject != stream_id("emp", submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    if live and is_gone(reference.register, submission.unit, reference.now):
        return Refused("unit_gone", "unit")
    if live and body.name is None:
        return Refused("applicant_missing", "name")
    return Accepted((e.SeekerRegisteredV1(**body.__dict__),))


def _offer(state: Seeker, body: e.OfferPostV1, _reference: Reference, _policy: AidPolicy) -> Answer:
    if len(state.offers) >= e.MOST_OFFERS:
        return Refused("too_many_offers")
    return Accepted((e.PostOfferedV1(**body.__dict__, number=len(state.offers) + 1),))


def _decline(state: Seeker, body: e.DeclinePostV1, _reference: Reference, _policy: AidPolicy) -> Answer:
    offer = state.offer(body.offer)
    if offer is None or not offer.open:
        return Refused("no_such_offer", "offer")
    return Accepted((e.PostDeclinedV1(**body.__dict__),))


def _place(
    state: Seeker, command: Command, body: e.PlaceV1, reference: Reference, policy: AidPolicy
) -> Answer:
    refused = _refuse_placing(state, body, reference, policy)
    if refused is not None:
        return refused
    due = [
        (months, end_of_months(body.began_at, months, policy))
        for months in sorted(set(policy.follow_up_months))
    ]
    if command.submission.batch is not None:
        # What an import tells is past; nobody can be asked who has no name.
        due = [one for one in due if one[1] > reference.now] if state.person is not None else []
    placed = e.PlacedV1(
        **body.__dict__,
        number=len(state.placements) + 1,
        asked_at=tuple(at for _, at in due),
        asked_months=tuple(months for months, _ in due),
    )
    return Accepted((placed,))


def _refuse_placing(
    state: Seeker, body: e.PlaceV1, reference: Reference, policy: AidPolicy
) -> Refused | None:
    if state.placement is not None:
        return Refused("in_work_already")
    if len(state.placements) >= e.MOST_OFFERS:
        return Refused("too_many_offers")
    if body.began_at > reference.now:
        return Refused("occurred_in_future", "began_at")
    zone = zone_of(policy)
    if local_day(body.began_at, zone) < local_day(state.registered_at, zone):
        return Refused("placed_before_registered", "began_at")
    if state.placements and body.began_at < state.placements[-1].began_at:
        return Refused("placed_before_last", "began_at")
    if body.offer is None:
        return None
    offer = state.offer(body.offer)
    if offer is None or not offer.open:
        return Refused("no_such_offer", "offer")
    return Refused("offer_of_other_kind", "kind") if offer.kind != body.kind else None


def _ask_after(state: Seeker, body: e.AskAfterWorkV1, reference: Reference, policy: AidPolicy) -> Answer:
    placement = state.placement
    if placement is None:
        return Refused("not_in_work")
    if any(months >= body.months for months, _ in placement.still):
        return Refused("asked_after_already", "months")
    # Work that is lost is lost within a month that has begun; who keeps it has kept it for whole months.
    over = body.months if body.in_work else body.months - 1
    if reference.effective_at < end_of_months(placement.began_at, over, policy) - DAY_MS:
        return Refused("asked_too_soon", "months")
    return Accepted((e.WorkAskedAfterV1(**body.__dict__),))


def _end(state: Seeker, body: e.EndHelpV1, _reference: Reference, _policy: AidPolicy) -> Answer:
    if body.reason == "in_work":
        if state.placement is None:
            return Refused("not_in_work", "reason")
        if state.placement.follow_up is not None:
            return Refused("follow_up_open", "reason")
    return Accepted((e.HelpEndedV1(**body.__dict__),))


_HANDLERS: Mapping[type[Message], Callable[[Seeker, Any, Reference, AidPolicy], Answer]] = {
    e.OfferPostV1: _offer,
    e.DeclinePostV1: _decline,
    e.AskAfterWorkV1: _ask_after,
    e.EndHelpV1: _end,
}
