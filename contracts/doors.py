"""By which door a grievance comes in: for how many, for whom, in confidence. Family `grievance`, version 1.

contracts.grievance lists these commands and events among its own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Line, Message, Names
from contracts.personal import Personal, Sealed

IN_PERSON: frozenset[str] = frozenset({"counter", "visit"})
"""The channels by which people come themselves; by letter and on the web any number may sign."""

OnBehalf = Literal["family", "ward", "neighbour", "client", "other"]
"""Who the person concerned is to whoever lodges it: kin, a child or somebody cared for, a neighbour, a client."""

Persons = Annotated[int, Field(ge=1, le=1_000_000)]


class Doors(Message):
    """What a lodging may say of how it came. All of it may be left out.

    `petitioners`: of how many persons a joint petition is, two or more; `representatives`: how many speak for
    them, with `representative_names`, one a line. `on_behalf_of`: for somebody else, who may be named as
    `person_concerned`. `confidential`: whoever lodged it asks that those who handle it do not learn who they are.

    Beside a story at its longest, all in characters of four bytes, the names do not fit one record: intake says so.
    """

    petitioners: Annotated[int, Field(ge=2, le=1_000_000)] | None = None
    representatives: Persons | None = None
    representative_names: Annotated[Sealed | None, Personal(Names, subject="representatives")] = None
    on_behalf_of: OnBehalf | None = None
    person_concerned: Annotated[Sealed | None, Personal(Line, subject="concerned")] = None
    confidential: bool | None = None


class NameRepresentativesV1(Message):
    """Name those whom the petitioners have chosen to speak for them, one name a line."""

    representatives: Persons
    representative_names: Annotated[Sealed | None, Personal(Names, subject="representatives")] = None


class RepresentativesNamedV1(NameRepresentativesV1):
    """They were named, in place of those named before."""


Command = NameRepresentativesV1
Event = RepresentativesNamedV1
