"""People (invariant 7): erasure, legal holds, retention, who has read what, and disclosure to auditors.

A data subject is known by a random id (ledger.vault) and belongs to one community. Version 1 of every type.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts import households, inspections, visits
from contracts.base import Code, Hash, Identifier, Line, Message, Milliseconds, Text, sha256_hex
from contracts.personal import Personal, Sealed

ErasureReason = Literal["purpose_achieved", "retention_ended", "consent_withdrawn", "unlawful", "other_law"]
"""个人信息保护法 (2021), article 47, items 1 to 5."""

HoldReason = Literal["court_case", "administrative_review", "criminal_investigation", "supervision"]
"""What keeps data that would otherwise be erased."""

CorrectedField = Literal["reporter_name", "telephone", "address", "title", "story"]
ReadingPurpose = Literal[
    "casework",
    "worklist",
    "receipt",
    "supervision",
    "disclosure",
    "subject_search",
    "subject_report",
    "tracking",
    "household",
]
"""Why personal data were opened: the page or command that showed them."""

DisclosurePurpose = Literal["verify_case", "complaint", "court_order"]

MOST_READ = 100
"""Cases or subjects that one reading may name: more than any page shows."""

MOST_ERASED = 100_000
"""Subjects of one retention run."""

MOST_HOLDS = 20
"""Matters for which one subject's data can be held at once."""

Read = Annotated[tuple[Identifier, ...], Field(strict=False, max_length=MOST_READ)]


class EraseV1(Message):
    """Erase a subject: destroy the keys under which all its data are sealed. `run`: the retention run."""

    reason: ErasureReason
    run: Identifier | None = None


class PlaceHoldV1(Message):
    """Hold a subject's data for a matter, by its file number: it is not erased until the hold is lifted."""

    matter: Code
    reason: HoldReason


class LiftHoldV1(Message):
    """Lift the hold for a matter."""

    matter: Code


class RequestCorrectionV1(Message):
    """Ask for a correction (更正) of what is on record about a subject, in a case or everywhere."""

    field: CorrectedField
    case: Identifier | None = None
    text: Annotated[Sealed, Personal(Text, subject="subject")]


class ProposeRetentionV1(Message):
    """Propose to erase those whose data have been kept long enough.

    `schedule`: the family; `until`: cases that ended before this time; `count` and `listed`: how many
    subjects, and the hash of their list (`list_hash`), so that the event stays small however many they are.
    """

    schedule: Code
    until: Milliseconds
    count: Annotated[int, Field(ge=1, le=MOST_ERASED)]
    listed: Hash


class ConfirmRetentionV1(Message):
    """Confirm a retention run, as a second person. `listed`: the hash of the list that this person saw."""

    listed: Hash


class RecordReadingV1(Message):
    """Record that a member of staff is shown personal data: of these cases, or of these subjects."""

    purpose: ReadingPurpose
    cases: Read = ()
    subjects: Read = ()
    disclosure: Identifier | None = None

    @model_validator(mode="after")
    def _something_was_read(self) -> RecordReadingV1:
        if not self.cases and not self.subjects:
            raise ValueError("nothing_read")
        return self


class RequestDisclosureV1(Message):
    """Ask, as an auditor, to see the personal data of one case, for a purpose."""

    case: Identifier
    purpose: DisclosurePurpose


class GrantDisclosureV1(Message):
    """Grant it, as another auditor or a data protection officer, until a time."""

    until: Milliseconds


class EndDisclosureV1(Message):
    """End a disclosure before its time, or decline it."""


class ErasedV1(EraseV1):
    """The subject is erased from here on. `law`: the basis in law, as the policy in force states it."""

    law: Line


class HoldPlacedV1(PlaceHoldV1):
    """The subject's data are held."""


class HoldLiftedV1(LiftHoldV1):
    """The hold for this matter ended."""


class CorrectionRequestedV1(RequestCorrectionV1):
    """A correction was asked for."""


class RetentionProposedV1(ProposeRetentionV1):
    """A retention run was proposed by this person."""

    proposed_by: Identifier


class RetentionConfirmedV1(ConfirmRetentionV1):
    """The run was confirmed by another person: its subjects may be erased, one event each."""


class ReadingRecordedV1(RecordReadingV1):
    """Personal data were shown to the actor."""


class DisclosureRequestedV1(RequestDisclosureV1):
    """This auditor asked for a disclosure."""

    asked_by: Identifier


class DisclosureGrantedV1(GrantDisclosureV1):
    """The asker may see the case's personal data until this time."""


class DisclosureEndedV1(EndDisclosureV1):
    """The disclosure is over, or was declined."""


Command = (
    EraseV1
    | PlaceHoldV1
    | LiftHoldV1
    | RequestCorrectionV1
    | ProposeRetentionV1
    | ConfirmRetentionV1
    | RecordReadingV1
    | RequestDisclosureV1
    | GrantDisclosureV1
    | EndDisclosureV1
    | households.Command
    | inspections.Command
    | visits.Command
)
Event = (
    ErasedV1
    | HoldPlacedV1
    | HoldLiftedV1
    | CorrectionRequestedV1
    | RetentionProposedV1
    | RetentionConfirmedV1
    | ReadingRecordedV1
    | DisclosureRequestedV1
    | DisclosureGrantedV1
    | DisclosureEndedV1
    | households.Event
    | inspections.Event
    | visits.Event
)


class PeoplePolicy(Message):
    """The rules about personal data, as data in the register.

    `permissions`: command name → roles that may give it; `laws`: reason of an erasure → its basis in law;
    `disclosure_days`: how long a disclosure may last at most, in days of 24 hours.
    """

    permissions: dict[str, list[str]]
    laws: dict[ErasureReason, Line]
    disclosure_days: Annotated[int, Field(ge=1, le=3650)]


class Schedule(Message):
    """How long a family's personal data are kept once a case has ended, in days of 24 hours.

    `reporter_days`: who lodged it; `case_days`: what was said and written in it; `source`: the norm.
    """

    reporter_days: Annotated[int, Field(ge=0, le=36_500)]
    case_days: Annotated[int, Field(ge=0, le=36_500)]
    source: Line


class RetentionPolicy(Message):
    """Family → its schedule."""

    schedules: dict[str, Schedule]


def list_hash(subjects: frozenset[str]) -> str:
    """The hash of a list of subjects: SHA-256 of their ids in order, each with a line feed after it."""
    return sha256_hex("".join(f"{subject}\n" for subject in sorted(subjects)).encode())


def telephone_handle(unit: str, telephone: str) -> str | None:
    """The vault's handle of whoever has this telephone in a community; None where it has no digits.

    One person is one subject in each community: what one community holds is not another's to erase.
    """
    digits = "".join(character for character in telephone if character.isdecimal())
    return f"telephone:{unit}:{digits}" if digits else None


_RANDOM, _UNIT = 20, 12
"""Hexadecimal digits of a subject's id that are random (80 bits), and that say which community it is of."""


def subject_id(unit: str, random: bytes) -> str:
    """The id of a new subject of a community: random, and bound to the community so that rules can tell.

    `random`: at least 10 bytes.
    """
    digits = random.hex()[:_RANDOM]
    return f"sub_{digits}{_of_unit(unit, digits)}"


def is_of_unit(subject: str, unit: str) -> bool:
    """Whether a subject was made for this community: nobody acts on another community's subjects."""
    digits = subject.removeprefix("sub_")
    return len(digits) == _RANDOM + _UNIT and digits[_RANDOM:] == _of_unit(unit, digits[:_RANDOM])


def _of_unit(unit: str, digits: str) -> str:
    return sha256_hex(f"subject\0{unit}\0{digits}".encode())[:_UNIT]
