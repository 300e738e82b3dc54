"""Three-level visits (三级干部下访): officers of three ranks visit residents, and every opinion they hear has an end.

Streams (`vst_`) of the family `people`, one for each visit, by community. Version 1 of every type; contracts.people
lists them among its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import Field

from contracts.base import Code, Identifier, Message, Milliseconds, Remark
from contracts.personal import Personal, Sealed

MOST_OPINIONS = 50
AT_ONCE = 4
"""Opinions that a visit is recorded with; more are added to it one by one."""

Rank = Literal["district", "section", "community"]
"""What the visitor is an officer of: a city, district or company; a street or section; a community."""

End = Literal["open", "solved", "grievance", "passed_up"]
"""What became of an opinion. Each has one end at a time, so that the figures add up."""

_Opinion = Annotated[Sealed | None, Personal(Remark, subject="case", apart="text")]
_Note = Annotated[Sealed, Personal(Remark, subject="case", apart="text")]
OpinionNumber = Annotated[int, Field(ge=1, le=MOST_OPINIONS)]


class RecordVisitV1(Message):
    """Record a visit: by whom, of which rank and unit, to how many persons of which zone, and what these said.

    No opinion is a result too.
    """

    zone: Code
    rank: Rank
    visitor: Identifier
    visitor_unit: Code
    persons: Annotated[int, Field(ge=1, le=10_000)]
    opinion_1: _Opinion = None
    opinion_2: _Opinion = None
    opinion_3: _Opinion = None
    opinion_4: _Opinion = None


class VisitRecordedV1(RecordVisitV1):
    """The visit took place at this time."""

    at: Milliseconds


class AddOpinionV1(Message):
    """Add an opinion that was heard on the visit."""

    opinion: _Note


class OpinionAddedV1(AddOpinionV1):
    """It was added, under this number."""

    number: OpinionNumber


class SolveOpinionV1(Message):
    """Record that an opinion was solved, and how."""

    number: OpinionNumber
    note: _Note


class OpinionSolvedV1(SolveOpinionV1):
    """It was solved at this time."""

    at: Milliseconds


class MakeGrievanceV1(Message):
    """Make a grievance of an opinion: it is lodged as a case of its own, and ends there."""

    number: OpinionNumber


class GrievanceMadeV1(MakeGrievanceV1):
    """It is to be lodged, as the case of this id."""

    case: Identifier
    at: Milliseconds


class PassUpOpinionV1(Message):
    """Pass an opinion up to a unit above, and say why. That unit alone solves it, passes it up further, or makes it a grievance."""

    number: OpinionNumber
    to: Code
    note: _Note


class OpinionPassedUpV1(PassUpOpinionV1):
    """It was passed up at this time."""

    at: Milliseconds


Command = RecordVisitV1 | AddOpinionV1 | SolveOpinionV1 | MakeGrievanceV1 | PassUpOpinionV1
Event = VisitRecordedV1 | OpinionAddedV1 | OpinionSolvedV1 | GrievanceMadeV1 | OpinionPassedUpV1

ENDS: Mapping[type[Message], End] = MappingProxyType(
    {OpinionSolvedV1: "solved", GrievanceMadeV1: "grievance", OpinionPassedUpV1: "passed_up"}
)
"""Event → the end that it gives an opinion."""


def opinions_in(body: RecordVisitV1) -> dict[int, Sealed]:
    """The opinions that a visit is recorded with, numbered from 1 without a gap."""
    told = (getattr(body, f"opinion_{place}") for place in range(1, AT_ONCE + 1))
    return dict(enumerate((text for text in told if text is not None), 1))


class VisitFigures(Message):
    """Of one scope: visits, persons met, and opinions, each in one of four ends.

    `collected` is the sum of the four by construction.
    """

    visits: int = 0
    persons: int = 0
    solved: int = 0
    grievance: int = 0
    passed_up: int = 0
    open: int = 0

    @property
    def collected(self) -> int:
        """Opinions collected: solved, made a grievance, passed up, or still open."""
        return sum(getattr(self, end) for end in get_args(End))
