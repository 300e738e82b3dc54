"""Mediation (调解): commands and events of the family, version 1, from its start to its sessions.

What comes of it is in contracts.mediation_outcome. Names and telephone numbers are sealed under the keys of whom they
are about, so that rules compare subjects, never names; whatever is said in a session is sealed under the case's.
Sums are in fen, the hundredth part of a yuan.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts import grievance as g
from contracts import mediation_outcome as out
from contracts.base import Code, Identifier, Line, Message, Milliseconds, Telephone, sha256_hex
from contracts.casework import MaybeSealedText, SealedText
from contracts.mediation_outcome import PartyNumber
from contracts.money import Fen
from contracts.personal import Personal, Sealed
from contracts.risk import RiskFact

MOST_PARTIES, MOST_MEDIATORS, MOST_SESSIONS = 20, 5, 100

Origin = Literal["grievance", "written", "oral", "initiative"]
"""Grown from a grievance, applied for in writing or by word of mouth, or begun by a mediator unasked."""

DisputeType = Literal[
    "marriage_family",
    "neighbours",
    "housing_land",
    "contract",
    "injury",
    "labour",
    "property_management",
    "demolition",
    "environment",
    "medical",
    "traffic",
    "consumer",
    "other",
]

Side = Literal["a", "b", "third"]
"""甲方, 乙方, 第三人. Whoever applied, or is named first, is on side a."""

PartyKind = Literal["person", "organisation"]
Authority = Literal["entrusted", "guardian", "organisation"]
"""Why somebody speaks for a party: entrusted by it, its guardian, or its head."""

Choice = Literal["panel", "chosen", "assigned"]
"""How a mediator came to the case: drawn from the panel, chosen by the parties, or assigned."""

RecusalReason = Literal["interest", "kin", "partial", "asked", "other"]
Sitting = Literal["joint", "separate"]
NoticeManner = Literal["in_person", "read_out", "post", "electronic"]

Paper = Literal[
    "application",
    "rights_notice",
    "identity",
    "evidence",
    "record",
    "agreement",
    "receipt",
    "follow_up",
    "confirmation",
    "other",
]
"""Where in the dossier a file belongs."""

Deadline = Literal["mediate", "confirm", "perform", "follow_up"]
"""What a clock can say of: the term of mediating, of asking the court, of an obligation, of the follow-up visit."""

_PartyNumbers = Annotated[tuple[PartyNumber, ...], Field(strict=False, max_length=MOST_PARTIES)]
_SomeParties = Annotated[tuple[PartyNumber, ...], Field(strict=False, min_length=1, max_length=MOST_PARTIES)]
_SessionNumber = Annotated[int, Field(ge=1, le=MOST_SESSIONS)]


class StartV1(Message):
    """Start a mediation between the first two parties, a and b, over a dispute told in `story`.

    `grievance`: the case that it grows from, at most one mediation each. `amount`: what is in dispute. `staff_a`,
    `staff_b`: the member of staff that a party is. Only inside an import may a name be missing.
    """

    origin: Origin
    dispute: DisputeType
    story: SealedText
    grievance: Identifier | None = None
    zone: Code | None = None
    amount: Fen | None = None
    source_id: Annotated[str, Field(max_length=64)] | None = None
    kind_a: PartyKind = "person"
    name_a: Annotated[Sealed | None, Personal(Line, subject="party_a")] = None
    telephone_a: Annotated[Sealed | None, Personal(Telephone, subject="party_a")] = None
    staff_a: Identifier | None = None
    kind_b: PartyKind = "person"
    name_b: Annotated[Sealed | None, Personal(Line, subject="party_b")] = None
    telephone_b: Annotated[Sealed | None, Personal(Telephone, subject="party_b")] = None
    staff_b: Identifier | None = None


class StartedV1(StartV1):
    """It was started; its parties are numbered 1 and 2. `mediator`: who began it unasked, and mediates it."""

    mediator: Identifier | None = None


class AddPartyV1(Message):
    """Add a further party. `staff`: the member of staff that it is."""

    side: Side
    kind: PartyKind = "person"
    name: Annotated[Sealed, Personal(Line, subject="party")]
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="party")] = None
    staff: Identifier | None = None


class PartyAddedV1(AddPartyV1):
    """It was added, under this number."""

    number: PartyNumber


class NameRepresentativeV1(Message):
    """Name who speaks for a party, and why they may."""

    party: PartyNumber
    authority: Authority
    name: Annotated[Sealed, Personal(Line, subject="representatives")]
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="representatives")] = None


class RepresentativeNamedV1(NameRepresentativeV1):
    """This person speaks for the party."""


class ServeRightsNoticeV1(Message):
    """Record that a party was told its rights and duties (权利义务告知), and how."""

    party: PartyNumber
    manner: NoticeManner


class RightsNoticeServedV1(ServeRightsNoticeV1):
    """The party was told."""


class RecordConsentV1(Message):
    """Record whether a party agrees to be mediated. A refusal ends it; `remedies`: those that were named then."""

    party: PartyNumber
    consents: bool
    remedies: MaybeSealedText = None


class ConsentRecordedV1(RecordConsentV1):
    """It was recorded. `mediate_by`: when the term ends, which began as the last party consented; None: not yet."""

    mediate_by: Milliseconds | None = None


class NameMediatorV1(Message):
    """Name a mediator, the first of whom leads."""

    mediator: Identifier
    choice: Choice


class MediatorNamedV1(NameMediatorV1):
    """This person mediates."""


class RecuseMediatorV1(Message):
    """Recuse a mediator (回避), and say why."""

    mediator: Identifier
    reason: RecusalReason
    note: SealedText


class MediatorRecusedV1(RecuseMediatorV1):
    """This person does not mediate the case any more, and cannot be named again."""


class NameInterpreterV1(Message):
    """Name an interpreter, and between which languages."""

    name: Annotated[Sealed, Personal(Line, subject="interpreter")]
    languages: Annotated[Sealed, Personal(Line, subject="case")]


class InterpreterNamedV1(NameInterpreterV1):
    """This person interprets."""


class PlanSessionV1(Message):
    """Plan a session with these parties, together or apart."""

    planned_at: Milliseconds
    sitting: Sitting
    parties: _SomeParties
    place: Annotated[Sealed | None, Personal(Line, subject="case")] = None


class SessionPlannedV1(PlanSessionV1):
    """It was planned, under this number."""

    number: _SessionNumber


class HoldSessionV1(Message):
    """Record a session that was held: the planned one of this number, or another (None); who was there; what was said."""

    session: _SessionNumber | None = None
    sitting: Sitting
    present: _SomeParties
    note: SealedText


class SessionHeldV1(HoldSessionV1):
    """It was held, under this number. `absent`: parties that were expected and did not come."""

    number: _SessionNumber
    absent: _PartyNumbers = ()


class AdjournSessionV1(Message):
    """Put a planned session off to another time, and say why. `absent`: parties that did not come."""

    session: _SessionNumber
    planned_at: Milliseconds
    absent: _PartyNumbers = ()
    note: SealedText


class SessionAdjournedV1(AdjournSessionV1):
    """It was put off to this time."""


class ReportRiskV1(Message):
    """Report to the police duty desk that the dispute may turn to harm: the fact that was seen or heard."""

    fact: RiskFact
    to: Code
    note: SealedText


class RiskReportedV1(ReportRiskV1):
    """It was reported by this person, who cannot acknowledge it."""

    reported_by: Identifier


class AcknowledgeRiskV1(Message):
    """Acknowledge the report for the duty desk, and say what is done."""

    note: SealedText


class RiskAcknowledgedV1(AcknowledgeRiskV1):
    """The duty desk has it."""


class AttachV1(g.AttachV1):
    """Attach a file to the dossier, as to a grievance. `paper`: where it belongs."""

    paper: Paper


class AttachedV1(AttachV1):
    """It was attached."""


class AddNoteV1(Message):
    """Add a note for those who work on it."""

    note: SealedText


class NoteAddedV1(AddNoteV1):
    """A note was added."""


class DeadlineDueV1(Message):
    """A clock says that a deadline has passed: an early, stale or repeated one changes nothing."""

    deadline: Deadline
    due_at: Milliseconds


class DeadlinePassedV1(DeadlineDueV1):
    """It passed. `obligations`: those that were due by then and are not performed."""

    obligations: Annotated[
        tuple[out.ObligationNumber, ...], Field(strict=False, max_length=out.MOST_OBLIGATIONS)
    ] = ()


Command = (
    StartV1
    | AddPartyV1
    | NameRepresentativeV1
    | ServeRightsNoticeV1
    | RecordConsentV1
    | NameMediatorV1
    | RecuseMediatorV1
    | NameInterpreterV1
    | PlanSessionV1
    | HoldSessionV1
    | AdjournSessionV1
    | ReportRiskV1
    | AcknowledgeRiskV1
    | AttachV1
    | AddNoteV1
    | DeadlineDueV1
    | out.Command
)
Event = (
    StartedV1
    | PartyAddedV1
    | RepresentativeNamedV1
    | RightsNoticeServedV1
    | ConsentRecordedV1
    | MediatorNamedV1
    | MediatorRecusedV1
    | InterpreterNamedV1
    | SessionPlannedV1
    | SessionHeldV1
    | SessionAdjournedV1
    | RiskReportedV1
    | RiskAcknowledgedV1
    | AttachedV1
    | NoteAddedV1
    | DeadlinePassedV1
    | out.Event
)


def stream_of_grievance(unit: str, grievance: str) -> str:
    """The mediation that a grievance leads to, whoever starts it and how often."""
    told = f"mediation\0{unit}\0{grievance}"
    return f"med_{sha256_hex(told.encode())[:32]}"
