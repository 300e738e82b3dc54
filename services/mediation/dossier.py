"""The dossier (卷宗) of a mediation: to which of its papers each event belongs, and what is missing. Pure.

The order of the papers is the one that the norms name (人民调解法 2010; DESIGN.md section 7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import Message
from contracts.mediation_file import Agreement, Duty, Mediation

Part = Literal[
    "application", "rights_notice", "identity", "record", "agreement", "receipt", "follow_up", "other"
]
PARTS: tuple[Part, ...] = get_args(Part)
"""The papers in their order; the norms name all but `other`, which holds files that are none of them."""

Item = Literal[
    "intake",
    "written_application",
    "parties",
    "told",
    "consent",
    "identity",
    "mediator",
    "session",
    "planned_session",
    "risk",
    "end",
    "signature",
    "seal",
    "signed_page",
    "fingerprint",
    "confirmation",
    "ruling_page",
    "performance",
    "receipt",
    "breach",
    "visit",
]
"""What a dossier is looked through for."""

Standing = Literal["present", "missing", "not_applicable"]
"""`not_applicable`: nothing of the kind belongs in this dossier, or not yet."""

VersionStanding = Literal["in_force", "waiting", "superseded"]

_EVENTS: Mapping[Part, tuple[type[Message], ...]] = {
    "application": (m.StartedV1, m.PartyAddedV1, m.RepresentativeNamedV1),
    "rights_notice": (m.RightsNoticeServedV1, m.ConsentRecordedV1),
    "record": (
        m.MediatorNamedV1,
        m.MediatorRecusedV1,
        m.InterpreterNamedV1,
        m.SessionPlannedV1,
        m.SessionHeldV1,
        m.SessionAdjournedV1,
        m.RiskReportedV1,
        m.RiskAcknowledgedV1,
        out.FailedV1,
        out.WithdrawnV1,
        out.ReferredV1,
    ),
    "agreement": (
        out.DrawnUpV1,
        out.SignedV1,
        out.InForceV1,
        out.AgreedOrallyV1,
        out.ConfirmationAppliedForV1,
        out.RulingRecordedV1,
    ),
    "receipt": (out.PerformanceRecordedV1,),
    "follow_up": (out.BreachRecordedV1, out.BreachFollowedUpV1, out.VisitRecordedV1),
}
PART_OF: Mapping[type[Message], Part] = MappingProxyType(
    {event: part for part, events in _EVENTS.items() for event in events}
)
"""Event → the paper that it belongs to. A file belongs where it says itself (PART_OF_PAPER)."""

NOT_FILED: frozenset[type[Message]] = frozenset(
    {m.NoteAddedV1, m.DeadlinePassedV1, out.ClosedV1, out.OutcomeToldV1}
)
"""Events that are of the office's own work, and of no paper."""

PART_OF_PAPER: Mapping[m.Paper, Part] = MappingProxyType(
    {
        "application": "application",
        "rights_notice": "rights_notice",
        "identity": "identity",
        "evidence": "record",
        "record": "record",
        "agreement": "agreement",
        "confirmation": "agreement",
        "receipt": "receipt",
        "follow_up": "follow_up",
        "other": "other",
    }
)
"""Where a file says that it belongs → the paper."""


class Entry(NamedTuple):
    """A line of the checklist: what of which paper, and how it stands.

    `about`: the number of a party, obligation, session or version, or a mediator's id, where it is of one.
    """

    part: Part
    item: Item
    standing: Standing
    about: int | str | None = None


def part_of(event: Message) -> Part | None:
    """The paper that an event belongs to; None: it is not filed."""
    return PART_OF_PAPER[event.paper] if isinstance(event, m.AttachedV1) else PART_OF.get(type(event))


def papers_of(events: Sequence[Message]) -> Mapping[Part, tuple[int, ...]]:
    """Paper → the places of its events in the log's order, in the order of the papers."""
    parts = [part_of(event) for event in events]
    return {part: tuple(at for at, found in enumerate(parts) if found == part) for part in PARTS}


def version_standing(state: Mediation, version: int) -> VersionStanding:
    """Whether a version of the agreement is in force, waits for signatures, or neither."""
    if state.agreement is not None and state.agreement.version == version:
        return "in_force"
    return "waiting" if state.draft is not None and state.draft.version == version else "superseded"


def checklist(events: Sequence[Message], state: Mediation, now: int) -> list[Entry]:
    """What a whole dossier has, in the order of the papers. `now`: milliseconds since the epoch."""
    look = _Look(events, state, now)
    return [
        *look.application(),
        *look.rights_notice(),
        *look.identity(),
        *look.record(),
        *look.agreement(),
        *look.receipt(),
        *look.follow_up(),
    ]


def _standing(*, there: bool, applies: bool = True) -> Standing:
    if there:
        return "present"
    return "missing" if applies else "not_applicable"


class _Look:
    """Goes through one mediation, paper by paper."""

    def __init__(self, events: Sequence[Message], state: Mediation, now: int) -> None:
        self._events = events
        self._state = state
        self._now = now
        self._files = Counter(event.paper for event in events if isinstance(event, m.AttachedV1))

    def application(self) -> Iterator[Entry]:
        state, began = self._state, self._events[0]
        written = isinstance(began, m.StartedV1) and began.origin == "written"
        yield Entry("application", "intake", "present")
        there = self._files["application"] > 0
        yield Entry("application", "written_application", _standing(there=there, applies=written))
        yield Entry("application", "parties", _standing(there=len({one.side for one in state.parties}) > 1))

    def rights_notice(self) -> Iterator[Entry]:
        asked = {event.party for event in self._events if isinstance(event, m.ConsentRecordedV1)}
        for party in self._state.parties:
            yield Entry("rights_notice", "told", _standing(there=party.notified), party.number)
            yield Entry("rights_notice", "consent", _standing(there=party.number in asked), party.number)

    def identity(self) -> Iterator[Entry]:
        there = self._files["identity"] >= max(1, len(self._state.parties))
        yield Entry("identity", "identity", _standing(there=there))

    def record(self) -> Iterator[Entry]:
        state = self._state
        yield Entry("record", "mediator", _standing(there=bool(state.mediators or state.recused)))
        held = any(one.held for one in state.sessions)
        stopped = state.outcome in ("refused", "withdrawn", "referred")
        yield Entry("record", "session", _standing(there=held, applies=not stopped))
        for one in state.sessions:
            is_past = one.planned_at is not None and one.planned_at < self._now
            if not one.held and is_past and state.status == "open":
                yield Entry("record", "planned_session", "missing", one.number)
        reported = any(isinstance(event, m.RiskReportedV1) for event in self._events)
        there = reported and state.risk_by is None
        yield Entry("record", "risk", _standing(there=there, applies=reported))

    def agreement(self) -> Iterator[Entry]:
        state = self._state
        yield Entry("agreement", "end", _standing(there=state.outcome not in (None, "not_told")))
        for event in self._events:
            if isinstance(event, out.DrawnUpV1 | out.AgreedOrallyV1):
                agrees = event.own_fingerprint == event.fingerprint
                yield Entry("agreement", "fingerprint", _standing(there=agrees), event.version)
        if state.draft is not None:
            yield from self._signatures(state.draft)
        written = state.agreement is not None and state.agreement.written
        signed = _standing(there=self._files["agreement"] > 0, applies=written)
        yield Entry("agreement", "signed_page", signed)
        ruled = state.confirmation in ("confirmed", "rejected")
        asked = state.confirmation == "applied"
        yield Entry("agreement", "confirmation", _standing(there=ruled, applies=asked))
        page = _standing(there=self._files["confirmation"] > 0, applies=ruled)
        yield Entry("agreement", "ruling_page", page)

    def _signatures(self, draft: Agreement) -> Iterator[Entry]:
        for party in self._state.parties:
            yield Entry(
                "agreement", "signature", _standing(there=party.number in draft.parties), party.number
            )
        for mediator in self._state.mediators:
            yield Entry("agreement", "signature", _standing(there=mediator in draft.mediators), mediator)
        yield Entry("agreement", "seal", _standing(there=draft.sealed))

    def receipt(self) -> Iterator[Entry]:
        for duty in self._state.duties:
            yield Entry("receipt", "performance", self._performance(duty), duty.number)
        performed = any(isinstance(event, out.PerformanceRecordedV1) for event in self._events)
        there = self._files["receipt"] > 0
        yield Entry("receipt", "receipt", _standing(there=there, applies=performed))

    def _performance(self, duty: Duty) -> Standing:
        is_due = duty.standing == "owed" and duty.obligation.due_at <= self._now
        return _standing(there=duty.standing == "performed", applies=is_due)

    def follow_up(self) -> Iterator[Entry]:
        state = self._state
        for duty in state.duties:
            if duty.standing in ("breached", "followed_up"):
                done = _standing(there=duty.standing == "followed_up")
                yield Entry("follow_up", "breach", done, duty.number)
        agreed = state.agreement is not None
        is_due = agreed and (state.status == "closed" or (state.visit_by or 0) <= self._now)
        yield Entry("follow_up", "visit", _standing(there=state.visited, applies=is_due))
