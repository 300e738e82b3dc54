"""People of the register: posts, appointments, memberships, leave with a deputy, and handovers.

Times are milliseconds since the epoch; a period holds from `since` on and before `until`. Without `since` it
holds from the record on, without `until` to no set end.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import Code, Hash, Identifier, Line, Message, Milliseconds
from contracts.envelope import Role
from contracts.personal import Personal, Sealed


class DefinePersonV1(Message):
    """Enter a member of staff: an id that means nothing, and a sealed name."""

    person: Identifier
    name: Annotated[Sealed, Personal(Line, subject="person")]


class DefinePostV1(Message):
    """Enter a post of a unit, or of one zone of it: a place in the chain that named persons hold.

    `role` is what its holders may do in the software, None where it gives no such right; `above` the post
    that is asked next, in `above_unit` or else in the same unit; `seats` how many may hold it at once.
    """

    unit: Code
    post: Code
    name: Line
    role: Role | None = None
    zone: Code | None = None
    above: Code | None = None
    above_unit: Code | None = None
    seats: Annotated[int, Field(ge=1, le=10_000)] | None = None
    scheme: Code | None = None


class AppointV1(Message):
    """Give a person a role in a unit and everything below it, or in one zone of it, in a post or without."""

    person: Identifier
    role: Role
    unit: Code
    zone: Code | None = None
    post: Code | None = None
    since: Milliseconds | None = None
    until: Milliseconds | None = None


class EndAppointmentV1(Message):
    """End a person's role in a unit, or only in this zone of it, at a time or from here on."""

    person: Identifier
    role: Role
    unit: Code
    zone: Code | None = None
    until: Milliseconds | None = None


class EnterMembershipV1(Message):
    """Record that a person belongs to a unit, perhaps in a post that gives no role there."""

    person: Identifier
    unit: Code
    post: Code | None = None
    since: Milliseconds | None = None
    until: Milliseconds | None = None


class EndMembershipV1(Message):
    """Record that a person belongs to a unit no longer."""

    person: Identifier
    unit: Code
    post: Code | None = None
    until: Milliseconds | None = None


class RecordLeaveV1(Message):
    """Record that a person is away, and who holds all their roles beside them meanwhile."""

    person: Identifier
    deputy: Identifier
    since: Milliseconds
    until: Milliseconds


class EndLeaveV1(Message):
    """End a person's leave at a time, or from here on."""

    person: Identifier
    until: Milliseconds | None = None


class OfferHandoverV1(Message):
    """Offer all open work of one's role in a unit to another holder of that role.

    `open_work` is how many cases there are, `digest` the SHA-256 of their ids, sorted, one a line. What is
    said counts as the giver's signature: intake vouches for who spoke.
    """

    taker: Identifier
    role: Role
    unit: Code
    open_work: Annotated[int, Field(ge=0)]
    digest: Hash


class AcceptHandoverV1(Message):
    """Accept what another offered to hand over, as the digest names it: the taker's signature."""

    giver: Identifier
    role: Role
    unit: Code
    digest: Hash


class PersonDefinedV1(DefinePersonV1):
    """A member of staff was entered or renamed."""


class PostDefinedV1(DefinePostV1):
    """A post was entered or changed."""


class AppointedV1(AppointV1):
    """A person holds a role from here on, or in this period."""


class AppointmentEndedV1(EndAppointmentV1):
    """A person no longer holds a role."""


class MembershipEnteredV1(EnterMembershipV1):
    """A person belongs to a unit."""


class MembershipEndedV1(EndMembershipV1):
    """A person belongs to a unit no longer."""


class LeaveRecordedV1(RecordLeaveV1):
    """A person is away in this period, and this deputy holds their roles beside them."""


class LeaveEndedV1(EndLeaveV1):
    """A person is back."""


class HandoverOfferedV1(OfferHandoverV1):
    """The giver signed the list of their open work."""

    giver: Identifier


class HandoverAcceptedV1(AcceptHandoverV1):
    """The taker signed it too: the work is theirs."""

    taker: Identifier
