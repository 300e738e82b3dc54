"""The structural register: units, zones, people in their posts, calendars, categories, policies.

Structure is one topic with one partition (invariant 7): its offsets are the `basis` that every
submission names. Places and people have modules of their own; all types are named here.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from contracts.base import Code, Line, Message
from contracts.inspection_kinds import DefineInspectionV1, InspectionDefinedV1
from contracts.places import (
    DefineUnitV1,
    DefineZoneV1,
    NameResponsibleV1,
    OrganisationKind,
    Place,
    ResponsibleNamedV1,
    SucceedUnitsV1,
    SucceedZonesV1,
    Tier,
    UnitDefinedV1,
    UnitsSucceededV1,
    ZoneDefinedV1,
    ZonesSucceededV1,
)
from contracts.posts import (
    AcceptHandoverV1,
    AppointedV1,
    AppointmentEndedV1,
    AppointV1,
    DefinePersonV1,
    DefinePostV1,
    EndAppointmentV1,
    EndLeaveV1,
    EndMembershipV1,
    EnterMembershipV1,
    HandoverAcceptedV1,
    HandoverOfferedV1,
    LeaveEndedV1,
    LeaveRecordedV1,
    MembershipEndedV1,
    MembershipEnteredV1,
    OfferHandoverV1,
    PersonDefinedV1,
    PostDefinedV1,
    RecordLeaveV1,
)
from contracts.programmes import (
    DefineFundV1,
    DefineProgrammeV1,
    FundDefinedV1,
    ProgrammeDefinedV1,
)
from contracts.working_days import CalendarDefinedV1, DefineCalendarV1


class Category(Message):
    """One node of the category tree; `parent` is the code above it, None at the top."""

    code: Code
    name: Line
    parent: Code | None = None


class DefineCategoriesV1(Message):
    """Enter a version of the category tree, whole."""

    version: Code
    categories: Annotated[tuple[Category, ...], Field(strict=False, min_length=1, max_length=1_000)]


class DefinePolicyV1(Message):
    """Enter a family's policy. `terms` is read by that family's policy model; `source` is the norm."""

    policy: Code
    version: Code
    source: Line
    terms: dict[str, Any]


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
    | NameResponsibleV1
    | SucceedUnitsV1
    | SucceedZonesV1
    | DefinePostV1
    | EnterMembershipV1
    | EndMembershipV1
    | RecordLeaveV1
    | EndLeaveV1
    | OfferHandoverV1
    | AcceptHandoverV1
    | DefineCalendarV1
    | DefineInspectionV1
    | DefineFundV1
    | DefineProgrammeV1
)
Event = (
    UnitDefinedV1
    | ZoneDefinedV1
    | PersonDefinedV1
    | AppointedV1
    | AppointmentEndedV1
    | CategoriesDefinedV1
    | PolicyDefinedV1
    | ResponsibleNamedV1
    | UnitsSucceededV1
    | ZonesSucceededV1
    | PostDefinedV1
    | MembershipEnteredV1
    | MembershipEndedV1
    | LeaveRecordedV1
    | LeaveEndedV1
    | HandoverOfferedV1
    | HandoverAcceptedV1
    | CalendarDefinedV1
    | InspectionDefinedV1
    | FundDefinedV1
    | ProgrammeDefinedV1
)

__all__ = [
    "AcceptHandoverV1",
    "AppointV1",
    "AppointedV1",
    "AppointmentEndedV1",
    "CalendarDefinedV1",
    "CategoriesDefinedV1",
    "Category",
    "Command",
    "DefineCalendarV1",
    "DefineCategoriesV1",
    "DefineFundV1",
    "DefineInspectionV1",
    "DefinePersonV1",
    "DefinePolicyV1",
    "DefinePostV1",
    "DefineProgrammeV1",
    "DefineUnitV1",
    "DefineZoneV1",
    "EndAppointmentV1",
    "EndLeaveV1",
    "EndMembershipV1",
    "EnterMembershipV1",
    "Event",
    "FundDefinedV1",
    "HandoverAcceptedV1",
    "HandoverOfferedV1",
    "InspectionDefinedV1",
    "LeaveEndedV1",
    "LeaveRecordedV1",
    "MembershipEndedV1",
    "MembershipEnteredV1",
    "NameResponsibleV1",
    "OfferHandoverV1",
    "OrganisationKind",
    "PersonDefinedV1",
    "Place",
    "PolicyDefinedV1",
    "PostDefinedV1",
    "ProgrammeDefinedV1",
    "RecordLeaveV1",
    "ResponsibleNamedV1",
    "SucceedUnitsV1",
    "SucceedZonesV1",
    "Tier",
    "UnitDefinedV1",
    "UnitsSucceededV1",
    "ZoneDefinedV1",
    "ZonesSucceededV1",
]
