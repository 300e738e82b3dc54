"""Aid (救助): commands and events of the family, version 1: requests, pairs and employment cases.

Names and telephone numbers are sealed under the keys of whom they are about; what a household has and how its people are is
sealed under the request's. What a rule needs of a means test is on the log as its result only: how much the programme gives.
Sums are in fen.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts import employment, pairing
from contracts import grievance as g
from contracts.base import Code, Hash, Identifier, Line, Message, Milliseconds, Telephone, sha256_hex
from contracts.casework import MaybeSealedText, SealedText, Verdict
from contracts.fund import MOST_TRANCHES, Round, Voucher
from contracts.money import Fen, PaidFen
from contracts.personal import Personal, Sealed
from contracts.programmes import MOST_DOCUMENTS

MOST_OBJECTIONS, MOST_PERSONS, MOST_KINDS = 100, 200, 10

Origin = Literal["self", "proxy", "found"]
"""Applied for by the person, by somebody for them, or found by the community."""

Scope = Literal["income", "property", "health", "family"]
"""What sensitive data a household consents to have looked at, each for itself (个人信息保护法, article 29)."""

InKind = Literal["goods", "trip", "service", "hours"]
"""What is given beside money: goods, vehicle trips, services, volunteers' hours. Each is counted in its own unit."""

ProposalVerdict = Literal["grant", "refuse"]
PayManner = Literal["bank", "cash", "other"]
ReviewOutcome = Literal["go_on", "change", "stop"]
Deadline = Literal["decide", "reserve", "justify", "review", "answer"]
"""What a clock can say of: the term of deciding, of a fund's answer, of justifying what was paid first, of looking at the
need again, of answering an appeal."""

_Documents = Annotated[tuple[Code, ...], Field(strict=False, max_length=MOST_DOCUMENTS)]
_Persons = Annotated[int, Field(ge=1, le=MOST_PERSONS)]
TrancheNumber = Annotated[int, Field(ge=1, le=MOST_TRANCHES)]
ObjectionNumber = Annotated[int, Field(ge=1, le=MOST_OBJECTIONS)]


class Tranche(Message):
    """A part of a grant, and when it is to be paid."""

    amount: PaidFen
    due_at: Milliseconds


class Given(Message):
    """What was given in kind: so many of a kind."""

    kind: InKind
    count: Annotated[int, Field(ge=1, le=10**6)]


_Tranches = Annotated[tuple[Tranche, ...], Field(strict=False, max_length=MOST_TRANCHES)]
_Kinds = Annotated[tuple[Given, ...], Field(strict=False, max_length=MOST_KINDS)]


class ApplyV1(Message):
    """Apply for aid under a programme, for so many persons of a household.

    `household`: the stream of the household, where it is known. `asked`: the sum that is asked for; `cost`: what the need costs, of
    which some programmes give a share. `grown_from`: the grievance or mediation that it grew from. `tracking`: digest of the
    number by which the applicant follows it. Only inside an import may a name be missing.
    """

    programme: Code
    origin: Origin
    persons: _Persons
    story: SealedText
    household: Identifier | None = None
    zone: Code | None = None
    asked: PaidFen | None = None
    cost: Fen | None = None
    name: Annotated[Sealed | None, Personal(Line, subject="applicant")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="applicant")] = None
    proxy_name: Annotated[Sealed | None, Personal(Line, subject="proxy")] = None
    proxy_telephone: Annotated[Sealed | None, Personal(Telephone, subject="proxy")] = None
    grown_from: Identifier | None = None
    tracking: Hash | None = None
    source_id: Annotated[str, Field(max_length=64)] | None = None


class AppliedV1(ApplyV1):
    """It was applied for, and stands under this version of the programme, by whose documents it is checked."""

    version: Annotated[int, Field(ge=1)]
    decide_by: Milliseconds | None = None


class AttachV1(g.AttachV1):
    """Attach a file, as to a grievance. `document`: which of the programme's documents it is."""

    document: Code | None = None


class AttachedV1(AttachV1):
    """It was attached."""


class RecordConsentV1(Message):
    """Record that the household consents to have these sensitive data looked at, until a time; none: it takes its consent back."""

    scopes: Annotated[tuple[Scope, ...], Field(strict=False, max_length=4)]
    until: Milliseconds


class ConsentRecordedV1(RecordConsentV1):
    """Its consent is this."""


class CheckCompletenessV1(Message):
    """Check the application: which of the programme's documents are missing; none: it is complete."""

    missing: _Documents = ()
    note: MaybeSealedText = None


class CompletenessCheckedV1(CheckCompletenessV1):
    """It was checked."""


class InquireV1(Message):
    """Record an inquiry into the household and a visit: what it declares, and what the programme gives for that.

    `income`, `property`, `health`: sealed, and only with its consent to each. `entitled`: the most that the programme gives by the
    declared data, in fen; `within_limit`: whether its income is within
    the programme's limit. `with_whom`: who visited together with the actor.
    """

    visited: bool
    within_limit: bool
    entitled: Fen
    note: SealedText
    with_whom: Identifier | None = None
    income: MaybeSealedText = None
    property: MaybeSealedText = None
    health: MaybeSealedText = None


class InquiredV1(InquireV1):
    """It was inquired into by this person."""

    inquirer: Identifier


class ProposeV1(Message):
    """Propose to grant a sum in tranches and help in kind, or to refuse. Tranches and what was paid already come to `amount`."""

    verdict: ProposalVerdict
    amount: Fen = 0
    tranches: _Tranches = ()
    in_kind: _Kinds = ()
    note: SealedText


class ProposedV1(ProposeV1):
    """It was proposed by this person, who does not approve it."""

    proposer: Identifier


class PublishNoticeV1(Message):
    """Put the proposal on public notice (公示): the number, the zone, the programme and the sum, and no name."""


class NoticePublishedV1(PublishNoticeV1):
    """It stands in public until then."""

    until: Milliseconds


class RaiseObjectionV1(Message):
    """Object to a proposal on public notice."""

    note: SealedText
    name: Annotated[Sealed | None, Personal(Line, subject="objector")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="objector")] = None


class ObjectionRaisedV1(RaiseObjectionV1):
    """It was raised, under this number."""

    number: ObjectionNumber


class HandleObjectionV1(Message):
    """Say what came of an objection: upheld, the household is inquired into again; or not, and why."""

    number: ObjectionNumber
    upheld: bool
    note: SealedText


class ObjectionHandledV1(HandleObjectionV1):
    """It was handled."""


class ApproveV1(Message):
    """Approve the proposal, as another person than who proposed and who inquired. The fund is asked for the money."""

    note: MaybeSealedText = None


class RejectV1(Message):
    """Refuse the request, as another person than who proposed and who inquired."""

    note: SealedText


class RejectedV1(RejectV1):
    """It was refused by this person; it may be appealed against until then."""

    rejected_by: Identifier
    appeal_until: Milliseconds


class SendBackV1(Message):
    """Send the proposal back to be inquired into again."""

    note: SealedText


class SentBackV1(SendBackV1):
    """It was sent back."""


class PayFirstV1(Message):
    """Take the emergency path: ask the fund for a sum before anything is approved, to be justified after."""

    amount: PaidFen
    note: SealedText


class FundAskedV1(Message):
    """The fund is asked to set this sum aside; its answer is waited for until then.

    `granted`: what the whole grant comes to once it answers; `emergency`: before any approval, to be justified by `justify_by`.
    """

    fund: Code
    round: Round
    amount: PaidFen
    granted: Fen
    asked_by: Identifier
    answer_by: Milliseconds
    emergency: bool = False
    justify_by: Milliseconds | None = None


class ApprovedV1(Message):
    """It was approved by this person without more money: in kind alone, or all of it had been paid before."""

    approved_by: Identifier
    granted: Fen
    review_by: Milliseconds | None = None


class AnswerReservationV1(Message):
    """The fund's own stream has answered: the sum is set aside, or no more than `available` may be spent."""

    round: Round
    reserved: bool
    available: Fen = 0


class ReservationAnsweredV1(AnswerReservationV1):
    """The request has its answer. `review_by`: when the need is looked at again."""

    review_by: Milliseconds | None = None


class JustifyV1(Message):
    """Justify, as a second person, what was paid before approval."""

    note: SealedText


class JustifiedV1(JustifyV1):
    """It was justified."""


class PayTrancheV1(Message):
    """Record that a tranche was paid out."""

    tranche: TrancheNumber
    amount: PaidFen
    manner: PayManner
    voucher: Voucher | None = None


class TranchePaidV1(PayTrancheV1):
    """It was paid out of what is set aside in this round."""

    fund: Code
    round: Round


class GiveInKindV1(Message):
    """Record help in kind: goods, a trip, a service or volunteers' hours, to so many persons."""

    kind: InKind
    count: Annotated[int, Field(ge=1, le=10**6)]
    persons: _Persons
    note: MaybeSealedText = None


class InKindGivenV1(GiveInKindV1):
    """It was given."""


class ConfirmReceiptV1(Message):
    """Confirm that a tranche was received: the recipient says so, or signs before whoever records it."""

    tranche: TrancheNumber


class ReceiptConfirmedV1(ConfirmReceiptV1):
    """Its receipt is confirmed."""


class ReviewNeedV1(Message):
    """Look at the need again: it goes on, or is to be proposed anew, or it stops."""

    outcome: ReviewOutcome
    note: SealedText


class NeedReviewedV1(ReviewNeedV1):
    """It was looked at; again by then."""

    review_by: Milliseconds | None = None
    appeal_until: Milliseconds | None = None


class DemandRepaymentV1(Message):
    """Demand back what was paid too much."""

    amount: PaidFen
    note: SealedText


class RepaymentDemandedV1(DemandRepaymentV1):
    """It was demanded."""


class RecordRepaymentV1(Message):
    """Record that the recipient paid back."""

    amount: PaidFen
    voucher: Voucher | None = None


class RepaidV1(RecordRepaymentV1):
    """It was paid back, as this repayment, to this fund."""

    number: Annotated[int, Field(ge=1, le=1_000)]
    fund: Code


class AppealV1(Message):
    """Appeal against a refusal or a stop."""

    note: SealedText


class AppealedV1(AppealV1):
    """It was appealed against; it is answered by then."""

    answer_by: Milliseconds


class DecideAppealV1(Message):
    """Decide on the appeal, as another person than who decided before: the refusal stands, or the request is taken up again."""

    verdict: Verdict
    note: SealedText


class AppealDecidedV1(DecideAppealV1):
    """It was decided on."""


class WithdrawV1(Message):
    """The applicant withdraws the request."""

    note: SealedText


class WithdrawnV1(WithdrawV1):
    """It was withdrawn."""


class AddNoteV1(Message):
    """Add a note for those who work on it."""

    note: SealedText


class NoteAddedV1(AddNoteV1):
    """A note was added."""


class CloseV1(Message):
    """Close the request: all of it is paid, confirmed and reviewed, or it ended otherwise."""

    note: MaybeSealedText = None


class ClosedV1(CloseV1):
    """It is closed."""


class TellGrantV1(Message):
    """Inside an import: what was given, as its source tells.

    Person-times are how often help was given, not how many people there are. `granted`: None where the source does
    not say whether anything was.
    """

    granted: bool | None = None
    amount: Fen = 0
    in_kind: _Kinds = ()
    person_times: Annotated[int, Field(ge=0, le=10**6)] = 1


class GrantToldV1(TellGrantV1):
    """That is what its source tells; it is closed. `fund`: what paid for it."""

    fund: Code


class DeadlineDueV1(Message):
    """A clock says that a deadline has passed: an early, stale or repeated one changes nothing."""

    deadline: Deadline
    due_at: Milliseconds


class DeadlinePassedV1(DeadlineDueV1):
    """It passed. `round`: what the fund was asked in it and did not answer is given up."""

    round: Round | None = None


def stream_of_origin(unit: str, origin: str, programme: str) -> str:
    """The one request under a programme that grows from a grievance or a mediation, whoever applies and how often."""
    told = f"aid\0{unit}\0{origin}\0{programme}"
    return f"aid_{sha256_hex(told.encode())[:32]}"


Command = (
    ApplyV1
    | AttachV1
    | RecordConsentV1
    | CheckCompletenessV1
    | InquireV1
    | ProposeV1
    | PublishNoticeV1
    | RaiseObjectionV1
    | HandleObjectionV1
    | ApproveV1
    | RejectV1
    | SendBackV1
    | PayFirstV1
    | AnswerReservationV1
    | JustifyV1
    | PayTrancheV1
    | GiveInKindV1
    | ConfirmReceiptV1
    | ReviewNeedV1
    | DemandRepaymentV1
    | RecordRepaymentV1
    | AppealV1
    | DecideAppealV1
    | WithdrawV1
    | AddNoteV1
    | CloseV1
    | TellGrantV1
    | DeadlineDueV1
    | pairing.Command
    | employment.Command
)
Event = (
    AppliedV1
    | AttachedV1
    | ConsentRecordedV1
    | CompletenessCheckedV1
    | InquiredV1
    | ProposedV1
    | NoticePublishedV1
    | ObjectionRaisedV1
    | ObjectionHandledV1
    | RejectedV1
    | SentBackV1
    | FundAskedV1
    | ApprovedV1
    | ReservationAnsweredV1
    | JustifiedV1
    | TranchePaidV1
    | InKindGivenV1
    | ReceiptConfirmedV1
    | NeedReviewedV1
    | RepaymentDemandedV1
    | RepaidV1
    | AppealedV1
    | AppealDecidedV1
    | WithdrawnV1
    | NoteAddedV1
    | ClosedV1
    | GrantToldV1
    | DeadlinePassedV1
    | pairing.Event
    | employment.Event
)
