"""Grievances (诉求): commands that staff and residents give, and events that the workflow records.

Version 1 of every type. Field-level personal data is declared with `Personal`: see contracts.personal.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts import aftercare as a
from contracts import casework as w
from contracts import danger, doors, joint, pausing
from contracts import desk as d
from contracts import ending as e
from contracts import letters as ltr
from contracts import outside as o
from contracts import related as rel
from contracts import risk as k
from contracts import transfer as t
from contracts.base import Code, Hash, Identifier, Line, Message, Milliseconds, Telephone, Text
from contracts.casework import SealedText
from contracts.danger import Danger
from contracts.grown import Seed
from contracts.personal import Personal, Sealed
from contracts.reference import Register

Channel = Literal[
    "counter",
    "telephone",
    "letter",
    "visit",
    "hotline",
    "web",
    "poster",
    "message_board",
    "officer_visit",
    "inspection",
]
"""How a grievance reached us. `visit`: its people came; `poster`: by the web form that the code on a zone's poster leads to;
`officer_visit`, `inspection`: heard or found by staff who went there."""
CloseOutcome = Literal["resolved", "partly_resolved", "unresolved", "answered", "duplicate", "not_told"]
ONLY_IMPORTED: frozenset[CloseOutcome] = frozenset({"duplicate", "not_told"})
"""Outcomes that only another system tells: closed as a repeat of another case; closed, and no more is known."""
NotAcceptedReason = Literal["outside_remit", "before_court", "already_decided", "not_specific"]
OccurrenceKind = Literal["collective_petition", "mass_incident", "heinous_crime"]
"""What the three stability claims speak of. A lawful petition is the use of a right (invariant 18)."""
Deadline = Literal["accept", "handle", "review", "escalate", "pause", "danger_seen"]
"""What a clock can say of: a term or a pause that ends, when an overdue case is passed up, by when danger is seen to."""

RESIDENT = "act_resident"
"""Who speaks through public pages without an account: no person, and holder of no appointment.

Intake vouches that it was said there, never for who said it. Members of staff who accuse somebody for
themselves speak so too.
"""

MediaType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "audio/mpeg",
    "audio/mp4",
    "video/mp4",
]
"""What a file may be: told by its content, never by its name."""

Whose = Literal["reporter", "third_party", "office"]
"""Whose data a file is: of who lodged the case, of somebody else, or the office's own."""

RedactionReason = Literal["third_party", "accidental", "unlawful", "mistaken"]
"""Somebody else is named in it; personal data that were not asked for; no ground to hold it; the wrong file."""

_SealedOfFile = Annotated[Sealed, Personal(Line, subject="case", apart="file")]


class _Lodging(doors.Doors):
    tracking: Hash
    channel: Channel
    zone: Code | None = None
    zone_told: Code | None = None
    category: Code | None = None
    anonymous: bool = False
    title: Annotated[Sealed | None, Personal(Line, subject="case", apart="title")] = None
    story: Annotated[Sealed, Personal(Text, subject="case", apart="story")]
    reporter_name: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="reporter")] = None
    address: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None
    duplicate_of: Identifier | None = None
    source_id: Annotated[str, Field(max_length=64)] | None = None
    target_at: Milliseconds | None = None
    danger: Danger | None = None
    source: Code | None = None
    split_from: Identifier | None = None
    grown_from: Seed | None = None
    split_note: Annotated[Sealed | None, Personal(Line, subject="case", apart="note")] = None


class LodgeV1(_Lodging):
    """Lodge a grievance. `zone_told` is a place code from another system that is no zone of ours.

    An anonymous one carries nothing about who lodged it. `duplicate_of` names the first of repeats
    that an import found; `source` the outside office whose order it is, `source_id` the
    record's number in the system it came from; `target_at` by when
    that system meant to have it done, which binds nobody here. `danger`: what its words may tell of, by intake's list.
    `split_from`: the open case of the same unit that this matter is split off from, with `split_note` why; it then has that
    case's tracking number, and no more time than that case had.
    `grown_from`: the opinion or finding that it was made of.
    """

    @model_validator(mode="after")
    def _anonymous_says_nothing(self) -> LodgeV1:
        told = self.reporter_name or self.telephone or self.address
        if self.anonymous and told is not None:
            raise ValueError("anonymous")
        return self


class AcceptV1(Message):
    """Accept the grievance as ours to handle; the handling clock starts."""


class NotAcceptV1(Message):
    """Do not accept it, with the reason, and another remedy named to the complainant."""

    reason: NotAcceptedReason
    remedy: SealedText


class AssignV1(Message):
    """Give it to a handler."""

    handler: Identifier


class ReferV1(Message):
    """Refer it within the community (转办) to another zone, and say why."""

    zone: Code
    note: SealedText


class RecordProgressV1(Message):
    """Record a step of the handling."""

    note: SealedText


class ReplyV1(Message):
    """Reply to the complainant. `closes` is for imports, whose source knows a reply but no closing."""

    reply: SealedText
    closes: bool = False


class ResolveV1(Message):
    """Say that the matter itself has been settled, and how."""

    note: SealedText


class CloseV1(Message):
    """Close the case with its outcome. Inside the import that brought it, as its source tells."""

    outcome: CloseOutcome


class ReopenV1(Message):
    """Open a closed case again, and say why."""

    note: SealedText


class RecordOccurrenceV1(Message):
    """Record that the matter came to what a stability claim speaks of."""

    kind: OccurrenceKind
    note: SealedText


class AttachV1(Message):
    """Attach a file, which is kept apart as a blob.

    `blob`: SHA-256 of its ciphertext, `size` of the same in bytes; `key` opens it (ledger.blobs); `original`:
    SHA-256 of the file as it was brought, where data about the picture were taken out of it.
    """

    blob: Hash
    size: Annotated[int, Field(ge=1, le=2**40)]
    media_type: MediaType
    whose: Whose
    name: _SealedOfFile
    key: _SealedOfFile
    original: Annotated[Sealed | None, Personal(Line, subject="case", apart="file")] = None


class RedactV1(Message):
    """Redact a text or a file of the case: its text key is destroyed, its ciphertext and its proof stay.

    `text` names the text key; `readable` is the copy that is shown in place of a text from then on.
    """

    text: Identifier
    reason: RedactionReason
    readable: Annotated[Sealed | None, Personal(Text, subject="case", apart="text")] = None


class CorrectV1(Message):
    """Correct what is recorded about who lodged the case (更正); what is left out stays as it is."""

    reporter_name: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="reporter")] = None
    address: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None


class DeadlineDueV1(Message):
    """A clock says that a deadline has passed: an early, stale or repeated one changes nothing."""

    deadline: Deadline
    due_at: Milliseconds


class LodgedV1(_Lodging):
    """A grievance was lodged. `accept_due_at`: by when it must be accepted or not.

    `danger_due_at`: by when somebody on duty must have looked; None where nothing tells of danger.
    """

    accept_due_at: Milliseconds
    danger_due_at: Milliseconds | None = None


class AcceptedV1(Message):
    """It was accepted. `handle_due_at`: by when it must be handled."""

    handle_due_at: Milliseconds


class NotAcceptedV1(NotAcceptV1):
    """It was not accepted, for this reason."""


class AssignedV1(AssignV1):
    """It was given to this handler."""


class ReferredV1(ReferV1):
    """It was referred to this zone."""


class ProgressRecordedV1(RecordProgressV1):
    """A step was recorded."""


class RepliedV1(Message):
    """A reply was given."""

    reply: SealedText


class ResolvedV1(ResolveV1):
    """The matter was settled."""


class ClosedV1(CloseV1):
    """The case was closed."""


class ReopenedV1(ReopenV1):
    """The case was opened again; the handling clock starts anew."""

    handle_due_at: Milliseconds


class OccurrenceRecordedV1(RecordOccurrenceV1):
    """What a stability claim speaks of has occurred."""


class AttachedV1(AttachV1):
    """A file was attached."""


class RedactedV1(RedactV1):
    """A text or a file was redacted."""


class CorrectedV1(CorrectV1):
    """What is recorded about who lodged the case was corrected."""


class OverdueV1(Message):
    """A deadline passed. `historical`: found inside an import, so nobody was called upon then.

    `escalate_at`: when the rule passes the case up the chain, if it is still overdue; None: never.
    """

    deadline: Deadline
    due_at: Milliseconds
    historical: bool = False
    escalate_at: Milliseconds | None = None


Command = (
    LodgeV1
    | AcceptV1
    | NotAcceptV1
    | AssignV1
    | ReferV1
    | RecordProgressV1
    | ReplyV1
    | ResolveV1
    | CloseV1
    | ReopenV1
    | RecordOccurrenceV1
    | AttachV1
    | RedactV1
    | CorrectV1
    | DeadlineDueV1
    | w.Command
    | d.Command
    | rel.Command
    | o.Command
    | k.Command
    | a.Command
    | t.Command
    | pausing.Command
    | doors.Command
    | danger.Command
    | joint.Command
    | e.Command
)
Event = (
    LodgedV1
    | AcceptedV1
    | NotAcceptedV1
    | AssignedV1
    | ReferredV1
    | ProgressRecordedV1
    | RepliedV1
    | ResolvedV1
    | ClosedV1
    | ReopenedV1
    | OccurrenceRecordedV1
    | AttachedV1
    | RedactedV1
    | CorrectedV1
    | OverdueV1
    | w.Event
    | d.Event
    | rel.Event
    | o.Event
    | k.Event
    | a.Event
    | t.Event
    | ltr.Event
    | pausing.Event
    | doors.Event
    | danger.Event
    | joint.Event
    | e.Event
)


class GrievancePolicy(Message):
    """The grievance rules that a community may set, as data in the register (invariant 2).

    Terms in calendar days of 24 hours; `permissions`: command name → roles that may give it. `extension_days`: by
    how much a handling term is extended, once; `return_working_days`: how long a referral can be objected to;
    `ends_on_working_day`: a term that would end on a day off ends with the next working day instead;
    `utc_offset_minutes`: where a day begins, for both (a decision reads no table of time zones); `escalate_days`: how
    long a case stays overdue before it is passed up, and again before the next step (0: never by rule);
    `review_request_days`: how long after service a review can be asked for, `review_days`: by when it is answered;
    `warn_days`: how long before its end a term is called due soon, and never for more than half of it (0: never);
    `pause_days`: how long a handling term can be paused, all pauses together (0: never); `sources`: where a term comes
    from, by the name of its field. `attachments`: how many files a case may have, of at most `attachment_bytes` each;
    `attach_when_closed`: a file may come after the case was closed.
    `risk_days`: for how long at most a dispute is flagged as a risk. `public_minimum`: public figures show no count
    below it. `reopen_days`: how long after its closing a case can be opened again; `additions`: how many texts a
    complainant may add to a case. `representatives_in_person`: how many speak for all where petitioners come in
    person. `danger_minutes`: how long a case that may tell of danger waits for somebody on duty, who holds the post
    `duty_post` where anybody does. `withdrawal_cooling_days`: how long a complainant has to think
    a withdrawal over before confirming it, `undo_days`: how long after they can take it back.
    """

    accept_days: Annotated[int, Field(ge=1, le=3650)]
    handle_days: Annotated[int, Field(ge=1, le=3650)]
    permissions: dict[str, list[str]]
    extension_days: Annotated[int, Field(ge=1, le=3650)] = 30
    return_working_days: Annotated[int, Field(ge=1, le=3650)] = 5
    ends_on_working_day: bool = False
    utc_offset_minutes: Annotated[int, Field(ge=-720, le=840)] = 480
    escalate_days: Annotated[int, Field(ge=0, le=3650)] = 0
    review_request_days: Annotated[int, Field(ge=1, le=3650)] = 30
    review_days: Annotated[int, Field(ge=1, le=3650)] = 30
    pause_days: Annotated[int, Field(ge=0, le=365)] = 60
    warn_days: Annotated[int, Field(ge=0, le=365)] = 5
    sources: dict[str, str] = Field(default_factory=dict)
    attachments: Annotated[int, Field(ge=0, le=1000)] = 20
    attachment_bytes: Annotated[int, Field(ge=1, le=2**30)] = 10 * 1024 * 1024
    attach_when_closed: bool = False
    risk_days: Annotated[int, Field(ge=1, le=3650)] = 30
    public_minimum: Annotated[int, Field(ge=1, le=1000)] = 5
    representatives_in_person: Annotated[int, Field(ge=1, le=1000)] = 5
    danger_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    duty_post: Code = "duty"
    reopen_days: Annotated[int, Field(ge=1, le=3650)] = 365
    additions: Annotated[int, Field(ge=0, le=1000)] = 20
    withdrawal_cooling_days: Annotated[int, Field(ge=1, le=365)] = 3
    undo_days: Annotated[int, Field(ge=1, le=3650)] = 30


def policy_in(register: Register) -> GrievancePolicy | None:
    """The policy in force, read once for each state of the register; None where there is none."""
    return register.derived(_read_policy)


def _read_policy(register: Register) -> GrievancePolicy | None:
    entry = register.policy("grievance")
    return GrievancePolicy.model_validate(entry.terms) if entry else None
