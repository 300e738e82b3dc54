"""A mediation as its events make it: what rules ask of it, and what its readers are shown. Pure and total.

Folded in one place for both (ADR 0040): the rules of one version and a page cannot differ about what is owed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import Message

Status = Literal["open", "agreed", "closed"]
Standing = Literal["owed", "performed", "breached", "followed_up"]
Confirmation = Literal["applied", "confirmed", "rejected", "lapsed"]


class Party(NamedTuple):
    """A party. `subject`: whose data its name is; `staff`: the member of staff that it is."""

    number: int
    side: m.Side
    subject: str | None = None
    staff: str | None = None
    notified: bool = False
    consents: bool = False
    represented: bool = False


class Session(NamedTuple):
    """A session, planned for a time or held without a plan."""

    number: int
    parties: tuple[int, ...]
    planned_at: int | None = None
    held: bool = False


class Duty(NamedTuple):
    """An obligation in force: how much was paid of it, and how it stands."""

    number: int
    obligation: out.Obligation
    paid: int = 0
    standing: Standing = "owed"

    @property
    def settled(self) -> bool:
        """Whether nothing more has to be seen to."""
        return self.standing in ("performed", "followed_up")


class Agreement(NamedTuple):
    """A version of the agreement, with those who signed it: parties by number, mediators by id, the committee."""

    version: int
    fingerprint: str
    obligations: tuple[out.Obligation, ...]
    written: bool = True
    parties: frozenset[int] = frozenset()
    mediators: frozenset[str] = frozenset()
    sealed: bool = False


class Mediation(NamedTuple):
    """A mediation. Times in milliseconds since the epoch.

    `ended_at` is None where an import does not tell it.
    `mediate_by`: the term that began with the last consent; `draft`: a version that waits for signatures;
    `agreement`: the one in force since `agreed_at`; `versions`: how many there were; `risk_by`: who reported a risk
    that nobody has acknowledged; `passed`: deadlines that a clock has said.
    """

    unit: str
    status: Status
    started_at: int
    batch: str | None = None
    dispute: m.DisputeType = "other"
    parties: tuple[Party, ...] = ()
    mediators: tuple[str, ...] = ()
    recused: frozenset[str] = frozenset()
    sessions: tuple[Session, ...] = ()
    blobs: frozenset[str] = frozenset()
    mediate_by: int | None = None
    draft: Agreement | None = None
    agreement: Agreement | None = None
    versions: int = 0
    agreed_at: int | None = None
    duties: tuple[Duty, ...] = ()
    confirm_by: int | None = None
    confirmation: Confirmation | None = None
    visit_by: int | None = None
    visited: bool = False
    outcome: out.Outcome | None = None
    ended_at: int | None = None
    risk_by: str | None = None
    passed: frozenset[tuple[str, int]] = frozenset()

    def party(self, number: int) -> Party | None:
        """The party of this number."""
        return next((one for one in self.parties if one.number == number), None)

    def duty(self, number: int) -> Duty | None:
        """The obligation of this number in the agreement in force."""
        return next((one for one in self.duties if one.number == number), None)

    @property
    def all_consent(self) -> bool:
        """Whether every party, of two sides at least, agrees to be mediated."""
        sides = {one.side for one in self.parties}
        return len(sides) > 1 and all(one.consents for one in self.parties)

    @property
    def terms(self) -> frozenset[tuple[str, int]]:
        """The deadlines that run and have not been said to have passed, with their times."""
        found: set[tuple[str, int | None]] = set()
        if self.status == "open":
            found.add(("mediate", self.mediate_by))
        elif self.status == "agreed":
            found |= {("perform", duty.obligation.due_at) for duty in self.duties if duty.standing == "owed"}
            if self.confirmation is None:
                found.add(("confirm", self.confirm_by))
            if not self.visited:
                found.add(("follow_up", self.visit_by))
        return frozenset((name, at) for name, at in found if at is not None) - self.passed


def evolve(
    state: Mediation | None, event: Message, unit: str, effective_at: int, batch: str | None
) -> Mediation | None:
    """The mediation after an event, which happened at `effective_at` in this unit and import batch."""
    if isinstance(event, m.StartedV1):
        return _begin(event, unit, effective_at, batch)
    step = _STEPS.get(type(event))
    return state if state is None or step is None else step(state, event, effective_at)


def _begin(event: m.StartedV1, unit: str, at: int, batch: str | None) -> Mediation:
    named = ((event.name_a, event.staff_a), (event.name_b, event.staff_b))
    sides: tuple[m.Side, m.Side] = ("a", "b")
    parties = tuple(
        Party(number, side, name.subject, staff)
        for number, (side, (name, staff)) in enumerate(zip(sides, named, strict=True), 1)
        if name is not None
    )
    mediators = () if event.mediator is None else (event.mediator,)
    return Mediation(unit, "open", at, batch, event.dispute, parties, mediators)


def _with_party(state: Mediation, number: int, **changes: Any) -> Mediation:
    parties = tuple(one._replace(**changes) if one.number == number else one for one in state.parties)
    return state._replace(parties=parties)


def _with_duty(state: Mediation, number: int, **changes: Any) -> Mediation:
    duties = tuple(one._replace(**changes) if one.number == number else one for one in state.duties)
    return state._replace(duties=duties)


def _with_session(state: Mediation, session: Session) -> Mediation:
    others = tuple(one for one in state.sessions if one.number != session.number)
    return state._replace(sessions=tuple(sorted((*others, session))))


def _party_added(state: Mediation, event: m.PartyAddedV1, _at: int) -> Mediation:
    added = Party(event.number, event.side, event.name.subject, event.staff)
    return state._replace(parties=(*state.parties, added), draft=None)


def _consent(state: Mediation, event: m.ConsentRecordedV1, at: int) -> Mediation:
    after = _with_party(state, event.party, consents=event.consents)
    if not event.consents:
        return _ended(after, "refused", at)
    by = after.mediate_by if event.mediate_by is None else event.mediate_by
    return after._replace(mediate_by=by)


def _mediator_named(state: Mediation, event: m.MediatorNamedV1, _at: int) -> Mediation:
    return state._replace(mediators=(*state.mediators, event.mediator), draft=None)


def _mediator_recused(state: Mediation, event: m.MediatorRecusedV1, _at: int) -> Mediation:
    left = tuple(one for one in state.mediators if one != event.mediator)
    return state._replace(mediators=left, recused=state.recused | {event.mediator}, draft=None)


def _session_planned(state: Mediation, event: m.SessionPlannedV1, _at: int) -> Mediation:
    return _with_session(state, Session(event.number, event.parties, event.planned_at))


def _session_held(state: Mediation, event: m.SessionHeldV1, _at: int) -> Mediation:
    planned = next((one for one in state.sessions if one.number == event.number), None)
    session = planned or Session(event.number, event.present)
    return _with_session(state, session._replace(held=True))


def _session_adjourned(state: Mediation, event: m.SessionAdjournedV1, _at: int) -> Mediation:
    found = next((one for one in state.sessions if one.number == event.session), None)
    return state if found is None else _with_session(state, found._replace(planned_at=event.planned_at))


def _drawn_up(state: Mediation, event: out.DrawnUpV1, _at: int) -> Mediation:
    draft = Agreement(event.version, event.fingerprint, event.obligations)
    return state._replace(draft=draft, versions=event.version)


def _signed(state: Mediation, event: out.SignedV1, _at: int) -> Mediation:
    draft = state.draft
    if draft is None:
        return state
    if event.party is not None:
        draft = draft._replace(parties=draft.parties | {event.party})
    elif event.mediator is not None:
        draft = draft._replace(mediators=draft.mediators | {event.mediator})
    else:
        draft = draft._replace(sealed=True)
    return state._replace(draft=draft)


def _agreed(state: Mediation, agreement: Agreement, at: int, **more: Any) -> Mediation:
    duties = tuple(Duty(number, one) for number, one in enumerate(agreement.obligations, 1))
    return state._replace(
        status="agreed",
        outcome="agreed",
        draft=None,
        agreement=agreement,
        agreed_at=at,
        ended_at=state.ended_at or at,
        duties=duties,
        confirmation=None,
        visited=False,
        **more,
    )


def _in_force(state: Mediation, event: out.InForceV1, at: int) -> Mediation:
    if state.draft is None:
        return state
    return _agreed(state, state.draft, at, confirm_by=event.confirm_by, visit_by=event.visit_by)


def _agreed_orally(state: Mediation, event: out.AgreedOrallyV1, at: int) -> Mediation:
    agreement = Agreement(event.version, event.fingerprint, event.obligations, written=False)
    return _agreed(state, agreement, at, versions=event.version, confirm_by=None, visit_by=event.visit_by)


def _ended(state: Mediation, outcome: out.Outcome, at: int | None) -> Mediation:
    return state._replace(status="closed", outcome=outcome, ended_at=at, draft=None)


def _performed(state: Mediation, event: out.PerformanceRecordedV1, _at: int) -> Mediation:
    duty = state.duty(event.obligation)
    if duty is None:
        return state
    standing: Standing = "performed" if event.settled else duty.standing
    return _with_duty(state, duty.number, paid=duty.paid + (event.amount or 0), standing=standing)


def _deadline_passed(state: Mediation, event: m.DeadlinePassedV1, _at: int) -> Mediation:
    passed = state._replace(passed=state.passed | {(event.deadline, event.due_at)})
    return passed._replace(confirmation="lapsed") if event.deadline == "confirm" else passed


_STEPS: Mapping[type[Message], Callable[[Mediation, Any, int], Mediation]] = {
    m.PartyAddedV1: _party_added,
    m.RepresentativeNamedV1: lambda state, event, _: _with_party(state, event.party, represented=True),
    m.RightsNoticeServedV1: lambda state, event, _: _with_party(state, event.party, notified=True),
    m.ConsentRecordedV1: _consent,
    m.MediatorNamedV1: _mediator_named,
    m.MediatorRecusedV1: _mediator_recused,
    m.SessionPlannedV1: _session_planned,
    m.SessionHeldV1: _session_held,
    m.SessionAdjournedV1: _session_adjourned,
    m.RiskReportedV1: lambda state, event, _: state._replace(risk_by=event.reported_by),
    m.RiskAcknowledgedV1: lambda state, _event, _: state._replace(risk_by=None),
    m.AttachedV1: lambda state, event, _: state._replace(blobs=state.blobs | {event.blob}),
    m.DeadlinePassedV1: _deadline_passed,
    out.DrawnUpV1: _drawn_up,
    out.SignedV1: _signed,
    out.InForceV1: _in_force,
    out.AgreedOrallyV1: _agreed_orally,
    out.FailedV1: lambda state, _event, at: _ended(state, "failed", at),
    out.WithdrawnV1: lambda state, _event, at: _ended(state, "withdrawn", at),
    out.ReferredV1: lambda state, _event, at: _ended(state, "referred", at),
    out.OutcomeToldV1: lambda state, event, _: _ended(state, event.outcome, event.ended_at),
    out.ConfirmationAppliedForV1: lambda state, _event, _: state._replace(confirmation="applied"),
    out.RulingRecordedV1: lambda state, event, _: state._replace(confirmation=event.ruling),
    out.PerformanceRecordedV1: _performed,
    out.BreachRecordedV1: lambda state, event, _: _with_duty(state, event.obligation, standing="breached"),
    out.BreachFollowedUpV1: lambda state, event, _: _with_duty(
        state, event.obligation, standing="followed_up"
    ),
    out.VisitRecordedV1: lambda state, event, _: state._replace(visited=state.visited or event.met),
    out.ClosedV1: lambda state, _event, _: state._replace(status="closed"),
}
