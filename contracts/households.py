"""Households and residents: streams of the family `people`, one for each household, by community (invariant 7).

No more is recorded than casework needs: where a household lives, and of each resident a name and, if they
wish, a telephone and a year of birth. Version 1 of every type; contracts.people lists them among its own.
"""

from __future__ import annotations

from typing import Annotated

from contracts.base import BirthYear, Code, Identifier, Line, Message, Telephone
from contracts.personal import Personal, Sealed

MOST_RESIDENTS = 200
"""Residents of one household: more than a dormitory has."""

Address = Annotated[Sealed, Personal(Line, subject="case")]
"""Under the household's own keys: it is nobody's alone."""

ResidentName = Annotated[Sealed, Personal(Line, subject="subject")]
"""Under the keys of whoever has the resident's telephone in this community, be it as a reporter."""


class EnterHouseholdV1(Message):
    """Enter a household of a zone."""

    zone: Code
    address: Address


class CorrectHouseholdV1(Message):
    """Correct a household's address, or put it in another zone of the community."""

    zone: Code | None = None
    address: Annotated[Sealed | None, Personal(Line, subject="case")] = None


class EndHouseholdV1(Message):
    """End a household in which nobody lives any more."""


class EnterResidentV1(Message):
    """Enter a resident of the household."""

    resident_name: ResidentName
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="subject")] = None
    birth_year: Annotated[Sealed | None, Personal(BirthYear, subject="subject")] = None


class CorrectResidentV1(Message):
    """Correct a resident's name or year of birth. With another telephone they are entered anew."""

    resident: Identifier
    resident_name: Annotated[Sealed | None, Personal(Line, subject="subject")] = None
    birth_year: Annotated[Sealed | None, Personal(BirthYear, subject="subject")] = None


class MoveResidentV1(Message):
    """Record that a resident moves out: to another household of the community, or (None) away."""

    resident: Identifier
    household: Identifier | None = None


class ReceiveResidentV1(Message):
    """Record that a resident who moved out of another household lives in this one now."""

    resident: Identifier


class HouseholdEnteredV1(EnterHouseholdV1):
    """A household was entered."""


class HouseholdCorrectedV1(CorrectHouseholdV1):
    """Its address or zone is another; what is not told stays."""


class HouseholdEndedV1(EndHouseholdV1):
    """The household is no more."""


class ResidentEnteredV1(EnterResidentV1):
    """This resident lives in the household."""

    resident: Identifier


class ResidentCorrectedV1(CorrectResidentV1):
    """What is told is so; what is not stays."""


class ResidentMovedV1(MoveResidentV1):
    """The resident lives here no more; on the way to another household until it has received them."""


class ResidentReceivedV1(ReceiveResidentV1):
    """The resident lives here now."""


Command = (
    EnterHouseholdV1
    | CorrectHouseholdV1
    | EndHouseholdV1
    | EnterResidentV1
    | CorrectResidentV1
    | MoveResidentV1
    | ReceiveResidentV1
)
Event = (
    HouseholdEnteredV1
    | HouseholdCorrectedV1
    | HouseholdEndedV1
    | ResidentEnteredV1
    | ResidentCorrectedV1
    | ResidentMovedV1
    | ResidentReceivedV1
)


def household_code(household: str) -> str:
    """A household's number, short enough to be typed: `3F2A-9C1D`. Two of a community seldom share one."""
    digits = household.removeprefix("hsh_")[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def household_prefix(code: str) -> str | None:
    """How the id of the household of this number begins; None where it is no such number."""
    digits = "".join(code.split()).replace("-", "").lower()
    is_number = len(digits) == 8 and all(digit in "0123456789abcdef" for digit in digits)  # noqa: PLR2004
    return f"hsh_{digits}" if is_number else None
