"""The fictional communities of the tests: who is in them, and what the administrator says to make one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from contracts import grievance as g
from contracts import register as r
from contracts.base import Message
from contracts.envelope import Role
from contracts.personal import Sealed
from contracts.reference import LEDGER_UNIT
from services.accusation.policy import default_policy as accusation_policy
from services.aid.policy import default_fund_policy
from services.aid.policy import default_policy as aid_policy
from services.grievance.policy import default_policy
from services.mediation.policy import default_policy as mediation_policy
from services.people.policy import default_policies

BEGINNING = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

UNIT, NEIGHBOUR = "demo", "next"
SEALED = Sealed(subject="sub_fictional0000", sealed="QUJDRA==")


class Who(NamedTuple):
    """Somebody in a role."""

    actor: str
    role: Role


ADMINISTRATOR = Who("act_administrator", "administrator")
"""Holds this role over the whole ledger since the genesis."""

CLERK = Who("act_clerk0000", "clerk")
HANDLER = Who("act_handler000", "handler")
SUPERVISOR = Who("act_supervisor", "supervisor")
CLOCK = Who("act_clock0000", "clock")
AUDITOR = Who("act_auditor000", "auditor")
OFFICER = Who("act_officer000", "data_protection_officer")
RESIDENT = Who(g.RESIDENT, "resident")
"""Whoever speaks through a public page; in no register."""

STRANGER = Who("act_stranger00", "handler")
"""Holds no role in the community."""

POST_OF_CLOCK = (CLOCK, LEDGER_UNIT)
"""Clocks speak for the whole ledger."""

COMMANDS: dict[type[Message], type[Message]] = dict(zip(get_args(r.Event), get_args(r.Command), strict=True))
"""Register event → the command that it answers."""

EVENTS = {command: event for event, command in COMMANDS.items()}


def command_of(event: Message) -> Message:
    """The command that a register event answers."""
    return COMMANDS[type(event)].model_validate(event.model_dump())


@dataclass(frozen=True, slots=True)
class Community:
    """What the register holds at first: places, categories by code, the default policies, and people.

    `posts`: who holds their role in which unit; `people` is everybody in the register; `left`: posts that
    were given up.
    """

    units: Sequence[r.DefineUnitV1]
    zones: Sequence[r.DefineZoneV1]
    categories: Sequence[str]
    people: Sequence[Who]
    posts: Sequence[tuple[Who, str]]
    left: Sequence[tuple[Who, str]] = ()

    def commands(self) -> tuple[Message, ...]:
        """What the administrator says, in order."""
        tree = tuple(r.Category(code=code, name=code.title()) for code in self.categories)
        return (
            *self.units,
            *self.zones,
            r.DefineCategoriesV1(version="1", categories=tree),
            default_policy(),
            *default_policies(),
            accusation_policy(),
            mediation_policy(),
            aid_policy(),
            default_fund_policy(),
            *(r.DefinePersonV1(person=who.actor, name=SEALED) for who in self.people),
            *(r.AppointV1(person=who.actor, role=who.role, unit=unit) for who, unit in self.posts),
            *(r.EndAppointmentV1(person=who.actor, role=who.role, unit=unit) for who, unit in self.left),
        )

    def events(self) -> tuple[Message, ...]:
        """What comes of it."""
        return tuple(EVENTS[type(said)].model_validate(said.model_dump()) for said in self.commands())
