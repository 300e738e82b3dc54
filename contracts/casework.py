"""Casework on grievances beside their handling, from triage to re-review.

Commands and events of the family `grievance`, version 1; contracts.grievance lists them among its own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from contracts.base import Code, Identifier, Message, Milliseconds, Text
from contracts.letters import LetterNumber
from contracts.personal import Personal, Sealed

SealedText = Annotated[Sealed, Personal(Text, subject="case", apart="text")]

CaseKind = Literal["suggestion", "request"]
"""A suggestion (建议意见), or a request for something owed or a wrong put right (申诉求决)."""

Severity = Literal["ordinary", "serious", "urgent"]


class TriageV1(Message):
    """Say what kind of matter it is, of which category, and how grave; whether it is ours is said after."""

    kind: CaseKind
    severity: Severity
    category: Code | None = None


class TriagedV1(TriageV1):
    """It was triaged. Without a category it keeps the one that it was lodged under."""


Verdict = Literal["approve", "refuse"]


class AskExtensionV1(Message):
    """Ask that the handling term be extended (延期), once, and say why."""

    note: SealedText


class ExtensionAskedV1(AskExtensionV1):
    """An extension was asked for by this person, who cannot decide on it."""

    asked_by: Identifier


class DecideExtensionV1(Message):
    """Approve or refuse the extension that was asked for, as a second person."""

    verdict: Verdict
    note: SealedText


class ExtensionDecidedV1(DecideExtensionV1):
    """It was decided on. `handle_due_at`: when the handling term ends now; None: when it did before."""

    handle_due_at: Milliseconds | None = None


class ReturnV1(Message):
    """Object to a referral (退回): the case goes back to the zone that it came from, and why."""

    note: SealedText


class ReturnedV1(ReturnV1):
    """It went back to this zone; None: to no zone, as it was lodged."""

    zone: Code | None = None


class UrgeV1(Message):
    """Urge the handling (督办) as a supervisor, and say what is expected."""

    note: SealedText


class UrgedV1(UrgeV1):
    """The handling was urged."""


class EscalateV1(Message):
    """Pass the case one step up the chain (逐级上报), and say why."""

    note: SealedText


class EscalatedV1(Message):
    """The unit `to` above was called upon. `by_rule`: because the case stayed overdue.

    `next_at`: when the rule calls upon the unit above that, unless the case is no longer overdue; None: never.
    """

    to: Code
    by_rule: bool = False
    next_at: Milliseconds | None = None
    note: Annotated[Sealed | None, Personal(Text, subject="case", apart="text")] = None


ServiceResult = Literal["served", "failed"]
ServiceManner = Literal["in_person", "left", "entrusted", "post", "electronic", "notice"]
Recipient = Literal["complainant", "household", "agent"]
Acknowledgement = Literal["signature", "thumbprint", "none"]
ReviewStage = Literal["review", "re_review"]
ReviewResult = Literal["upheld", "changed", "revoked"]


class RecordServiceV1(Message):
    """Record that a letter was served (送达), how and to whom, or that this failed.

    `letter`: its number; None: the last one. `acknowledged`: how its receipt was confirmed; None: not told.
    """

    result: ServiceResult
    manner: ServiceManner
    recipient: Recipient
    letter: LetterNumber | None = None
    acknowledged: Acknowledgement | None = None


class ServiceRecordedV1(RecordServiceV1):
    """Service was recorded. `review_until`: until when a review can be asked for; None: it cannot by this."""

    review_until: Milliseconds | None = None


class RequestReviewV1(Message):
    """Ask for a review (复查) of the reply, or a re-review (复核) of the review's opinion, and say why."""

    note: SealedText


class ReviewRequestedV1(RequestReviewV1):
    """It was asked for. `answer_due_at`: by when it must be answered."""

    stage: ReviewStage
    answer_due_at: Milliseconds


class AnswerReviewV1(Message):
    """Answer the review with its result and the opinion (复查意见, 复核意见), which is to be served."""

    result: ReviewResult
    note: SealedText


class ReviewAnsweredV1(AnswerReviewV1):
    """It was answered; the case is closed."""


class ProposeReclassificationV1(Message):
    """Propose that a triaged case be of another kind, severity or category (a downgrade too), and say why."""

    kind: CaseKind
    severity: Severity
    category: Code | None = None
    note: SealedText


class ReclassificationProposedV1(ProposeReclassificationV1):
    """It was proposed by this person, who cannot decide on it."""

    proposed_by: Identifier


class DecideReclassificationV1(Message):
    """Approve or refuse the reclassification that was proposed, as a second person."""

    verdict: Verdict
    note: SealedText


class ReclassificationDecidedV1(DecideReclassificationV1):
    """It was decided on. What it is now is told where it was approved; without a category it keeps its own."""

    kind: CaseKind | None = None
    severity: Severity | None = None
    category: Code | None = None


class RecuseV1(Message):
    """Recuse a handler (回避) who has an interest in the case, and say why."""

    handler: Identifier
    note: SealedText


class RecusedV1(RecuseV1):
    """This handler was recused: the case cannot be given to them any more."""


Command = (
    TriageV1
    | AskExtensionV1
    | DecideExtensionV1
    | ReturnV1
    | UrgeV1
    | EscalateV1
    | RecordServiceV1
    | RequestReviewV1
    | AnswerReviewV1
    | ProposeReclassificationV1
    | DecideReclassificationV1
    | RecuseV1
)
Event = (
    TriagedV1
    | ExtensionAskedV1
    | ExtensionDecidedV1
    | ReturnedV1
    | UrgedV1
    | EscalatedV1
    | ServiceRecordedV1
    | ReviewRequestedV1
    | ReviewAnsweredV1
    | ReclassificationProposedV1
    | ReclassificationDecidedV1
    | RecusedV1
)
