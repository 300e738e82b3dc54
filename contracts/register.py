"""The structural register: units, zones, people in their posts, categories, policies.

Structure is one topic with one partition (invariant 7): its offsets are the `basis` that every
submission names.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.base import Code, Identifier, Line, Message
from contracts.envelope import Role
from contracts.personal import Personal, Sealed

Tier = Literal["city", "district", "street", "community"]


class DefineUnitV1(Message):
    """Enter a unit of one of the four tiers (city, district or company, street or section, community)."""

    unit: Code
    name: Line
    tier: Tier
    parent: Code | None = None
    time_zone: Annotated[str, Field(max_length=40)] = "Asia/Shanghai"


class DefineZoneV1(Message):
    """Enter a zone of a community."""

    zone: Code
    unit: Code
    name: Line


class DefinePersonV1(Message):
    """Enter a member of staff: an id that means nothing, and a sealed name."""

    person: Identifier
    name: Annotated[Sealed, Personal(Line, subject="person")]


class AppointV1(Message):
    """Give a person a role in a unit and everything below it, or in one zone of it."""

    person: Identifier
    role: Role
    unit: Code
    zone: Code | None = None


class EndAppointmentV1(Message):
    """End a person's role in a unit."""

    person: Identifier
    role: Role
    unit: Code


class Category(Message):
    """One node of the category tree; `parent` is the code above it, None at the top."""

    code: Code
    name: Line
    parent: Code | None = None


class DefineCategoriesV1(Message):
    """Enter a version of the category tree, whole."""

    version: Code
    categories: Annotated[tuple[Category, ...], Field(strict=False, min_length=1, max_length=600)]


class DefinePolicyV1(Message):
    """Enter a family's policy. `terms` is read by that family's policy model; `source` is the norm."""

    policy: Code
    version: Code
    source: Line
    terms: dict[str, Any]


class UnitDefinedV1(DefineUnitV1):
    """A unit was entered or changed."""


class ZoneDefinedV1(DefineZoneV1):
    """A zone was entered or changed."""


class PersonDefinedV1(DefinePersonV1):
    """A member of staff was entered or renamed."""


class AppointedV1(AppointV1):
    """A person holds a role from here on."""


class AppointmentEndedV1(EndAppointmentV1):
    """A person no longer holds a role."""


class CategoriesDefinedV1(DefineCategoriesV1):
    """This version of the category tree holds from here on."""


class PolicyDefinedV1(DefinePolicyV1):
    """This policy holds from here on."""


Command = (
    DefineUnitV1
    | DefineZoneV1
    | DefinePersonV1
    | AppointV1
    | EndAppointmentV1
    | DefineCategoriesV1
    | DefinePolicyV1
)
Event = (
    UnitDefinedV1
    | ZoneDefinedV1
    | PersonDefinedV1
    | AppointedV1
    | AppointmentEndedV1
    | CategoriesDefinedV1
    | PolicyDefinedV1
)
