"""An aid request as its events make it: what rules ask of it, and what its readers are shown. Pure and total."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from contracts import aid as a
from contracts.base import Message

Status = Literal[
    "applied",
    "incomplete",
    "complete",
    "inquired",
    "proposed",
    "noticed",
    "reserving",
    "unfunded",
    "approved",
    "rejected",
    "stopped",
    "withdrawn",
    "closed",
]
"""`complete`: to be inquired into; `reserving`: approved, and its fund has not answered yet; `unfunded`: its fund has not
enough; `approved`: to be paid and looked at again."""

UNDECIDED: frozenset[Status] = frozenset(
    {"applied", "incomplete", "complete", "inquired", "proposed", "noticed", "unfunded"}
)
ENDED: frozenset[Status] = frozenset({"rejected", "stopped", "withdrawn", "closed"})


class Objection(NamedTuple):
    """An objection to the proposal on notice; `upheld` is None until it is handled."""

    number: int
    upheld: bool | None = None


class Payment(NamedTuple):
    """A tranche of what is set aside in a round; `confirmed`: its receipt."""

    number: int
    round: int
    fund: str
    amount: int
    due_at: int
    paid: bool = False
    confirmed: bool = False


class Asked(NamedTuple):
    """What the fund was asked and has not answered."""

    round: int
    fund: str
    amount: int
    granted: int
    asked_by: str
    answer_by: int
    emergency: bool
    justify_by: int | None


class Request(NamedTuple):
    """An aid request. Times in milliseconds since the epoch, sums in fen.

    `consents`: scope → until when; `inquirers` of this proposal; `entitled`: the most that the programme gives;
    `asked`: what the fund has not answered; `round`: the last that it was asked in; `tranches`: every one that money was
    set aside for, numbered from 1; `granted`: what the grant comes to; `decided_by`: who approved, refused or stopped it;
    `emergency_by`: who took the emergency path; `justify_by`: until when that is to be justified; `passed`: deadlines that
    a clock has said.
    """

    unit: str
    status: Status
    programme: str
    version: int
    origin: a.Origin
    persons: int
    applied_at: int
    batch: str | None = None
    applicant: str | None = None
    household: str | None = None
    zone: str | None = None
    decide_by: int | None = None
    missing: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    consents: Mapping[str, int] = {}
    inquirers: frozenset[str] = frozenset()
    inquired: bool = False
    within_limit: bool = False
    entitled: int = 0
    proposal: a.ProposedV1 | None = None
    notice_until: int | None = None
    objections: tuple[Objection, ...] = ()
    round: int = 0
    asked: Asked | None = None
    tranches: tuple[Payment, ...] = ()
    granted: int = 0
    decided_by: str | None = None
    decided_at: int | None = None
    emergency_by: str | None = None
    emergency: bool = False
    justify_by: int | None = None
    review_by: int | None = None
    appeal_until: int | None = None
    answer_by: int | None = None
    demanded: int = 0
    repaid: int = 0
    repayments: int = 0
    in_kind: int = 0
    blobs: frozenset[str] = frozenset()
    told: bool = False
    passed: frozenset[tuple[str, int]] = frozenset()

    @property
    def paid(self) -> int:
        """What was paid out in all."""
        return sum(one.amount for one in self.tranches if one.paid)

    @property
    def to_pay(self) -> tuple[Payment, ...]:
        """Tranches that are set aside and not paid."""
        return tuple(one for one in self.tranches if not one.paid and one.round == self.round)

    @property
    def owed_back(self) -> int:
        """What was demanded back and has not come."""
        return max(self.demanded - self.repaid, 0)

    @property
    def open_objections(self) -> tuple[Objection, ...]:
        """Those that nobody has handled."""
        return tuple(one for one in self.objections if one.upheld is None)

    def tranche(self, number: int) -> Payment | None:
        """The tranche of this number."""
        return next((one for one in self.tranches if one.number == number), None)

    @property
    def terms(self) -> frozenset[tuple[str, int]]:
        """The deadlines that run and have not been said to have passed, with their times."""
        found: set[tuple[str, int | None]] = set()
        if self.status in UNDECIDED:
            found.add(("decide", self.decide_by))
        if self.asked is not None:
            found.add(("reserve", self.asked.answer_by))
        if self.status not in ("withdrawn", "closed"):
            found |= {("justify", self.justify_by), ("answer", self.answer_by)}
        if self.status == "approved":
            found.add(("review", self.review_by))
        return frozenset((name, at) for name, at in found if at is not None) - self.passed


def evolve(
    state: Request | None, event: Message, unit: str, effective_at: int, batch: str | None
) -> Request | None:
    """The request after an event, which happened at `effective_at` in this unit and import batch."""
    if isinstance(event, a.AppliedV1):
        return _begin(event, unit, effective_at, batch)
    step = _STEPS.get(type(event))
    return state if state is None or step is None else step(state, event, effective_at)


def _begin(event: a.AppliedV1, unit: str, at: int, batch: str | None) -> Request:
    return Request(
        unit,
        "applied",
        event.programme,
        event.version,
        event.origin,
        event.persons,
        at,
        batch,
        applicant=None if event.name is None else event.name.subject,
        household=event.household,
        zone=event.zone,
        decide_by=event.decide_by,
    )


def _attached(state: Request, event: a.AttachedV1, _at: int) -> Request:
    documents = state.documents | {event.document} if event.document else state.documents
    return state._replace(blobs=state.blobs | {event.blob}, documents=documents)


def _again(state: Request, **changes: Any) -> Request:
    """Taken up again: to be inquired into and proposed anew."""
    anew = state._replace(
        status="complete",
        inquirers=frozenset(),
        inquired=False,
        proposal=None,
        notice_until=None,
        objections=(),
        appeal_until=None,
        answer_by=None,
        tranches=_kept(state),
    )
    return anew._replace(**changes)


def _checked(state: Request, event: a.CompletenessCheckedV1, _at: int) -> Request:
    return state._replace(status="incomplete" if event.missing else "complete", missing=event.missing)


def _inquired(state: Request, event: a.InquiredV1, _at: int) -> Request:
    by = {event.inquirer, event.with_whom} - {None}
    return state._replace(
        status="inquired",
        inquired=True,
        inquirers=state.inquirers | frozenset(one for one in by if one is not None),
        within_limit=event.within_limit,
        entitled=event.entitled,
    )


def _objected(state: Request, event: a.ObjectionRaisedV1, _at: int) -> Request:
    return state._replace(objections=(*state.objections, Objection(event.number)))


def _objection_handled(state: Request, event: a.ObjectionHandledV1, _at: int) -> Request:
    objections = tuple(
        one._replace(upheld=event.upheld) if one.number == event.number else one for one in state.objections
    )
    after = state._replace(objections=objections)
    return _again(after) if event.upheld else after


def _fund_asked(state: Request, event: a.FundAskedV1, _at: int) -> Request:
    asked = Asked(
        event.round,
        event.fund,
        event.amount,
        event.granted,
        event.asked_by,
        event.answer_by,
        event.emergency,
        event.justify_by,
    )
    status = state.status if event.emergency else "reserving"
    return state._replace(asked=asked, round=event.round, status=status)


def _approved(state: Request, event: a.ApprovedV1, at: int) -> Request:
    return state._replace(
        status="approved",
        granted=event.granted,
        decided_by=event.approved_by,
        decided_at=at,
        review_by=event.review_by,
    )


def _answered(state: Request, event: a.ReservationAnsweredV1, at: int) -> Request:
    asked = state.asked
    if asked is None:
        return state
    held = state._replace(asked=None)
    if not event.reserved:
        return held if asked.emergency else held._replace(status="unfunded")
    if asked.emergency:
        tranches = (*_kept(state), _tranche(state, asked, 1, asked.amount, at))
        return held._replace(
            tranches=tranches, emergency=True, emergency_by=asked.asked_by, justify_by=asked.justify_by
        )
    planned = state.proposal.tranches if state.proposal else ()
    new = tuple(_tranche(state, asked, n, one.amount, one.due_at) for n, one in enumerate(planned, 1))
    return held._replace(
        status="approved",
        tranches=(*_kept(state), *new),
        granted=asked.granted,
        decided_by=asked.asked_by,
        decided_at=at,
        review_by=event.review_by,
    )


def _kept(state: Request) -> tuple[Payment, ...]:
    """The tranches that were paid: what an earlier round left unpaid is set aside no more."""
    return tuple(one for one in state.tranches if one.paid)


def _tranche(state: Request, asked: Asked, nth: int, amount: int, due_at: int) -> Payment:
    last = max((one.number for one in state.tranches), default=0)
    return Payment(last + nth, asked.round, asked.fund, amount, due_at)


def _with_tranche(state: Request, number: int, **changes: Any) -> Request:
    tranches = tuple(one._replace(**changes) if one.number == number else one for one in state.tranches)
    return state._replace(tranches=tranches)


def _rejected(state: Request, event: a.RejectedV1, at: int) -> Request:
    return state._replace(
        status="rejected", decided_by=event.rejected_by, decided_at=at, appeal_until=event.appeal_until
    )


def _reviewed(state: Request, event: a.NeedReviewedV1, _at: int) -> Request:
    match event.outcome:
        case "go_on":
            return state._replace(review_by=event.review_by)
        case "change":
            return _again(state, review_by=None)
        case "stop":
            return state._replace(
                status="stopped", review_by=None, appeal_until=event.appeal_until, tranches=_kept(state)
            )


def _repaid(state: Request, event: a.RepaidV1, _at: int) -> Request:
    return state._replace(repaid=state.repaid + event.amount, repayments=event.number)


def _appeal_decided(state: Request, event: a.AppealDecidedV1, _at: int) -> Request:
    if event.verdict == "refuse":
        return state._replace(answer_by=None)
    return _again(state, answer_by=None)


def _ended(status: Status) -> Callable[[Request, Message, int], Request]:
    def step(state: Request, _event: Message, _at: int) -> Request:
        return state._replace(status=status, tranches=_kept(state), asked=None)

    return step


def _told(state: Request, event: a.GrantToldV1, at: int) -> Request:
    granted = event.amount if event.granted else 0
    return state._replace(status="closed", told=True, granted=granted, decided_at=at)


def _deadline_passed(state: Request, event: a.DeadlinePassedV1, _at: int) -> Request:
    passed = state._replace(passed=state.passed | {(event.deadline, event.due_at)})
    if event.deadline != "reserve" or state.asked is None:
        return passed
    # Nobody waits for the fund any more: the proposal can be approved, and the fund asked, again.
    before = state.status if state.asked.emergency else "unfunded"
    return passed._replace(asked=None, status=before)


_STEPS: Mapping[type[Message], Callable[[Request, Any, int], Request]] = {
    a.AttachedV1: _attached,
    a.ConsentRecordedV1: lambda state, event, _: state._replace(
        consents=dict.fromkeys(event.scopes, event.until)
    ),
    a.CompletenessCheckedV1: _checked,
    a.InquiredV1: _inquired,
    a.ProposedV1: lambda state, event, _: state._replace(status="proposed", proposal=event),
    a.NoticePublishedV1: lambda state, event, _: state._replace(status="noticed", notice_until=event.until),
    a.ObjectionRaisedV1: _objected,
    a.ObjectionHandledV1: _objection_handled,
    a.SentBackV1: lambda state, _event, _: _again(state),
    a.FundAskedV1: _fund_asked,
    a.ApprovedV1: _approved,
    a.RejectedV1: _rejected,
    a.ReservationAnsweredV1: _answered,
    a.JustifiedV1: lambda state, _event, _: state._replace(justify_by=None),
    a.TranchePaidV1: lambda state, event, _: _with_tranche(state, event.tranche, paid=True),
    a.InKindGivenV1: lambda state, _event, _: state._replace(in_kind=state.in_kind + 1),
    a.ReceiptConfirmedV1: lambda state, event, _: _with_tranche(state, event.tranche, confirmed=True),
    a.NeedReviewedV1: _reviewed,
    a.RepaymentDemandedV1: lambda state, event, _: state._replace(demanded=state.demanded + event.amount),
    a.RepaidV1: _repaid,
    a.AppealedV1: lambda state, event, _: state._replace(answer_by=event.answer_by, appeal_until=None),
    a.AppealDecidedV1: _appeal_decided,
    a.WithdrawnV1: _ended("withdrawn"),
    a.ClosedV1: _ended("closed"),
    a.GrantToldV1: _told,
    a.DeadlinePassedV1: _deadline_passed,
}
