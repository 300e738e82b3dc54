"""A grievance as far as decisions need it, and what rules of every kind ask of it. Pure."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any, Literal, NamedTuple, TypeVar

from contracts import casework as w
from contracts import grievance as g
from contracts import risk as k
from contracts.base import DAY_MS, LAST_MS, Message
from contracts.workflow import Reference, Refused
from contracts.working_days import end_of_day, local_day, next_working_day
from services.grievance import papers as p

E = TypeVar("E", bound=Message)
Status = Literal[
    "lodged",
    "accepted",
    "in_review",
    "not_accepted",
    "closed",
    "transferred",
    "withdrawn",
    "merged",
    "to_inspection",
]


class Due(NamedTuple):
    """A running deadline: which, from when, until when."""

    deadline: g.Deadline
    start: int
    end: int


class Extension(NamedTuple):
    """An extension of the handling term that runs: who asked for it, and whether it has been decided on."""

    asked_by: str
    decided: bool = False


class Referral(NamedTuple):
    """The last referral, while it can be returned: the zone before it, and when it was made."""

    zone: str | None
    at: int


class Letter(NamedTuple):
    """The last answer to the complainant: the reply, or the opinion of a review.

    `review_until`: until when a review can be asked for; None before it was served, and where none can be.
    `number` of the letter that it was made into; None where the register had no template for it.
    """

    of: Literal["reply", "review", "re_review"] = "reply"
    served: bool = False
    review_until: int | None = None
    number: str | None = None


class Proposal(NamedTuple):
    """What somebody proposes that the case be of."""

    proposed_by: str
    kind: w.CaseKind
    severity: w.Severity
    category: str | None


class After(NamedTuple):
    """What came after the reply: `replies` given and `additions` made so far, and who ever handled the case.

    `closed_at`: when it was closed, in milliseconds; None while it is not.
    """

    replies: int = 0
    additions: int = 0
    handlers: frozenset[str] = frozenset()
    closed_at: int | None = None


class Moved(NamedTuple):
    """A transfer that has not been answered: the term that runs again should the target refuse it."""

    transfer: str
    due: Due
    escalate_at: int | None


class Pause(NamedTuple):
    """Pauses of the handling term that runs: what was left of it at the last, and how many days of all were given."""

    left: int = 0
    days: int = 0


class Petition(NamedTuple):
    """A joint petition: of how many persons, and whether they came in person."""

    petitioners: int
    in_person: bool


class Alarm(NamedTuple):
    """That the case may tell of danger: by when somebody on duty must have looked, and whether that has passed."""

    due_at: int
    overdue: bool = False


class Joint(NamedTuple):
    """A joint handling that goes on: which unit leads, which take part, and whose parts are recorded."""

    lead: str
    units: tuple[str, ...]
    done: frozenset[str] = frozenset()


class Risk(NamedTuple):
    """A risk flag on the dispute: what waits for a decision, and until when the approved one stands."""

    proposal: k.RiskFlagProposedV1 | None = None
    until: int | None = None


class Withdrawal(NamedTuple):
    """A withdrawal that was asked for: from when it can be confirmed, None where only staff said so."""

    confirm_from: int | None = None


class Ended(NamedTuple):
    """What a withdrawn or merged case gets back, and until when a withdrawal can be undone."""

    status: Status
    due: Due | None
    extension: Extension | None
    referral: Referral | None
    escalate_at: int | None
    proposal: Proposal | None
    undo_until: int


class Life(NamedTuple):
    """What became of a case beside its status.

    `triaged`: it has been triaged. `level`: how many steps up the chain it was passed; `escalate_at`: when
    the rule passes it up further, None where it does not. `handler`: to whom it was given last;
    `recused`: to whom it cannot be given. `proposal`: a reclassification that waits for a decision.
    `risk`: a flag on the dispute. `result_owed`: to the outside office whose order it is; None where it is none.
    `moved`: a transfer that waits for an answer; `replied_at`: the first reply; `late`: a term was missed.
    `letters`: the numbers of all letters that were made; `served`: of those that were served. `petition`: of a joint
    petition. `alarm`: it may tell of danger, and nobody has looked yet.
    """

    triaged: bool = False
    extension: Extension | None = None
    referral: Referral | None = None
    level: int = 0
    escalate_at: int | None = None
    handler: str | None = None
    letter: Letter | None = None
    proposal: Proposal | None = None
    recused: frozenset[str] = frozenset()
    after: After = After()
    moved: Moved | None = None
    replied_at: int | None = None
    late: bool = False
    letters: tuple[str, ...] = ()
    result_owed: bool | None = None
    risk: Risk = Risk()
    served: frozenset[str] = frozenset()
    pause: Pause = Pause()
    petition: Petition | None = None
    alarm: Alarm | None = None
    joint: Joint | None = None
    withdrawal: Withdrawal | None = None
    ended: Ended | None = None


class Case(NamedTuple):
    """A grievance as far as decisions need it. Times in milliseconds since the epoch."""

    unit: str
    status: Status
    lodged_at: int
    due: Due | None
    zone: str | None = None
    batch: str | None = None
    answered: bool = False
    resolved: bool = False
    overdue: frozenset[tuple[g.Deadline, int]] = frozenset()
    papers: p.Papers = p.Papers()
    life: Life = Life()


def is_open(state: Case | None) -> bool:
    """Whether more is expected of the case."""
    return state is not None and state.status in ("lodged", "accepted", "in_review")


def live_due(state: Case, reference: Reference) -> tuple[g.Deadline, int] | None:
    """The deadline that runs, and when it ends; None where none runs.

    For a case that came in by import the term starts when its batch is closed (invariant 10).
    """
    due = state.due
    if due is None or state.batch is None:
        return due and (due.deadline, due.end)
    batch = reference.batches.get(state.batch)
    if batch is None or batch.closed_at is None:
        return None
    return due.deadline, max(due.end, min(batch.closed_at + due.end - due.start, LAST_MS))


def end_of_term(deadline: g.Deadline, start: int, reference: Reference) -> int:
    """When a term that starts then ends: no later than times can be told, whatever a clock has said."""
    policy = g.policy_in(reference.register)
    if policy is None:
        return start
    days = policy.accept_days if deadline == "accept" else policy.handle_days
    return end_after(start, days, policy, reference)


def end_after(start: int, days: int, policy: g.GrievancePolicy, reference: Reference) -> int:
    """When so many days of 24 hours after a time have passed, moved off a day off where the policy says so."""
    end = min(start + days * DAY_MS, LAST_MS)
    if not policy.ends_on_working_day:
        return end
    zone, calendar = zone_of(policy), reference.register.calendar()
    day = local_day(end, zone)
    return end if calendar.is_working(day) else end_of_day(next_working_day(day, calendar), zone)


def zone_of(policy: g.GrievancePolicy) -> timezone:
    """Where a day begins."""
    return timezone(timedelta(minutes=policy.utc_offset_minutes))


def made(kind: type[E], body: Message, **more: Any) -> E:
    """The event with the command's fields, and more: not validated again, as the command has been."""
    event = kind.__new__(kind)
    fields = {**body.__dict__, **more}
    object.__setattr__(event, "__dict__", fields)
    object.__setattr__(event, "__pydantic_fields_set__", set(fields))
    object.__setattr__(event, "__pydantic_extra__", None)
    object.__setattr__(event, "__pydantic_private__", None)
    return event


def refused_by_status(state: Case, otherwise: str) -> Refused:
    """The refusal of what this case's status does not admit."""
    reasons = {
        "in_review": "in_review",
        "closed": "already_closed",
        "not_accepted": "was_not_accepted",
        "withdrawn": "was_withdrawn",
        "merged": "was_merged",
        "to_inspection": "handed_to_inspection",
        "transferred": "transferred_already",
    }
    return Refused(reasons.get(state.status, otherwise))


def with_life(state: Case, **changes: Any) -> Case:
    """The case with these fields of its life changed."""
    return state._replace(life=state.life._replace(**changes))


def in_open_import(state: Case, reference: Reference) -> bool:
    """Whether the import that brought the case is still open."""
    batch = reference.batches.get(state.batch or "")
    return batch is not None and batch.closed_at is None


def above(state: Case, reference: Reference) -> list[str]:
    """The units above the case's own, the nearest first."""
    return reference.register.lineage(state.unit)[1:-1]


def escalates_at(state: Case, since: int, level: int, reference: Reference) -> int | None:
    """When a case overdue since then is passed up by rule; None: never, or there is nobody further up.

    `level`: how many steps up the chain are behind it already.
    """
    policy = g.policy_in(reference.register)
    if policy is None or not policy.escalate_days:
        return None
    if max(level, state.life.level) >= len(above(state, reference)):
        return None
    return min(since + policy.escalate_days * DAY_MS, LAST_MS)
