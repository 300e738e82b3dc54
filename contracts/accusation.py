"""Accusations against a person or office (检举控告): a family apart, which no model of grievances holds.

Whom it is against, who is named in it and the case that it grew from are sealed. In plain stands only to whom
it is entrusted: decisions ask that list, so nobody who is not on it can act. Version 1 of every type.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import LEDGER_UNIT, Code, Hash, Identifier, Line, Message, Telephone, Text
from contracts.casework import Verdict
from contracts.personal import Personal, Sealed
from contracts.reference import Register

MOST_ENTRUSTED = 20
"""How many persons one accusation can be entrusted to."""

INSPECTION, AUDIT = "inspector", "auditor"

About = Literal["conduct", "pressure"]
"""What somebody in office did; or that somebody was pressured or punished for having complained."""

Channel = Literal["web", "counter", "telephone", "letter", "visit"]
Reason = Literal["not_specific", "already_examined", "outside_remit", "no_ground"]
"""Why it is not pursued."""

SealedText = Annotated[Sealed, Personal(Text, subject="case")]
SealedLine = Annotated[Sealed, Personal(Line, subject="case")]
SealedCode = Annotated[Sealed, Personal(Code, subject="case")]
Entrusted = Annotated[tuple[Identifier, ...], Field(strict=False, min_length=1, max_length=MOST_ENTRUSTED)]


class LodgeV1(Message):
    """Accuse a person or office, of this unit (`against`), in words (`named`).

    `entrusted`: who may see it and act on it; `excluded`: ids of those passed over because they are named,
    parted by spaces; `case`: the grievance that it grew from.
    """

    tracking: Hash
    channel: Channel
    about: About
    entrusted: Entrusted
    against: SealedCode
    story: SealedText
    named: Annotated[Sealed | None, Personal(Line, subject="case")] = None
    excluded: Annotated[Sealed | None, Personal(Text, subject="case")] = None
    case: Annotated[Sealed | None, Personal(Code, subject="case")] = None
    reporter_name: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="reporter")] = None


class TakeUpV1(Message):
    """Take it up, and say how it will be examined."""

    note: SealedText


class PassOnV1(Message):
    """Pass it to the competent authority, by its name, and say why."""

    authority: SealedLine
    note: SealedText


class ProposeNotPursuingV1(Message):
    """Propose that it not be pursued, for this reason, and say why."""

    reason: Reason
    note: SealedText


class DecideNotPursuingV1(Message):
    """Approve or refuse that it not be pursued, as a second person."""

    verdict: Verdict
    note: SealedText


class AnswerV1(Message):
    """Answer whoever lodged it, with what was found or decided."""

    answer: SealedText


class CloseV1(Message):
    """Close it, once it was answered."""


class EntrustV1(Message):
    """Entrust it to a further person, who holds the office in its unit."""

    person: Identifier


class RecordReadingV1(Message):
    """Record that the actor is shown what it says."""


class LodgedV1(LodgeV1):
    """It was lodged, and entrusted to these persons."""


class TakenUpV1(TakeUpV1):
    """It was taken up."""


class PassedOnV1(PassOnV1):
    """It was passed to this authority."""


class NotPursuingProposedV1(ProposeNotPursuingV1):
    """It was proposed by this person, who cannot decide on it."""

    proposed_by: Identifier


class NotPursuingDecidedV1(DecideNotPursuingV1):
    """It was decided on: where approved, it is not pursued."""


class AnsweredV1(AnswerV1):
    """It was answered."""


class ClosedV1(CloseV1):
    """It is closed."""


class EntrustedV1(EntrustV1):
    """It was entrusted to this person as well."""


class ReadingRecordedV1(RecordReadingV1):
    """It was shown to the actor."""


Command = (
    LodgeV1
    | TakeUpV1
    | PassOnV1
    | ProposeNotPursuingV1
    | DecideNotPursuingV1
    | AnswerV1
    | CloseV1
    | EntrustV1
    | RecordReadingV1
)
Event = (
    LodgedV1
    | TakenUpV1
    | PassedOnV1
    | NotPursuingProposedV1
    | NotPursuingDecidedV1
    | AnsweredV1
    | ClosedV1
    | EntrustedV1
    | ReadingRecordedV1
)


class AccusationPolicy(Message):
    """The rules about accusations, as data in the register. `permissions`: command name → roles."""

    permissions: dict[str, list[str]]


def policy_in(register: Register) -> AccusationPolicy | None:
    """The policy in force, read once for each register."""
    return register.derived(_maybe)[0]


def _maybe(register: Register) -> tuple[AccusationPolicy | None]:
    entry = register.policy("accusation")
    return (AccusationPolicy.model_validate(entry.terms) if entry else None,)


def offices(unit: str) -> tuple[str, ...]:
    """The roles that receive accusations in this unit: over the whole ledger auditors do, too."""
    return (INSPECTION, AUDIT) if unit == LEDGER_UNIT else (INSPECTION,)


def is_concerned(register: Register, person: str, unit: str, at: int) -> bool:
    """Whether somebody belongs to the accused's unit, or to the chain of those who direct its work.

    That is: any post or membership in the unit itself, and in the units above it any role but inspector and
    auditor. Whoever runs the register is concerned everywhere.
    """
    if person == register.history.administrator:
        return True
    line = register.lineage(unit, at)
    posts = register.roles(person, at)
    if any(a.unit == unit or (a.unit in line and a.role not in (INSPECTION, AUDIT)) for a in posts):
        return True
    return any(spell.holds(at) for spell in register.spells("membership", person, unit))


def candidates(register: Register, home: str, at: int) -> list[str]:
    """Who holds an office that receives accusations in this unit or above it, in the order of entry."""
    line, roles = register.lineage(home, at), offices(home)
    found = (a.person for a in register.appointments(at) if a.role in roles and a.unit in line)
    return list(dict.fromkeys(found))


def homes(register: Register, unit: str, about: About, at: int) -> list[str]:
    """The units that may receive what is said against this one, the first to be asked first.

    Never the unit itself. Pressure for having complained goes to the office of the whole ledger alone.
    """
    return [LEDGER_UNIT] if about == "pressure" or unit == LEDGER_UNIT else register.lineage(unit, at)[1:]
