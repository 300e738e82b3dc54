"""Staff: people in the register with their posts, and the accounts with which they sign in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from barograph.init import appoint, decide_register, enter_person
from barograph.station import Station, wall_clock
from contracts.envelope import Role
from contracts.grievance import RESIDENT
from contracts.personal import Sealed
from contracts.reference import Register
from contracts.register import AppointV1
from runtime.last_seen import last_seen
from web.actor import Actor, Directory
from web.i18n import N_
from web.identity import Accounts


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A member of staff to enter: sign-in name, name on display, roles, and the unit they hold them in."""

    sign_in: str
    password: str
    name: str
    roles: tuple[Role, ...]
    unit: str


async def add_staff(station: Station, accounts: Accounts, people: list[NewStaff]) -> None:
    """Enter people, appoint them, and give them accounts. Raises AccountError, LogError."""
    register = await station.register.catch_up()
    appointments = []
    for one in people:
        person = f"act_{secrets.token_hex(12)}"
        accounts.add(one.sign_in, person, one.password)
        await enter_person(station, register, person, one.name)
        appointments += [AppointV1(person=person, role=role, unit=one.unit) for role in one.roles]
    register = await decide_register(station)
    for appointment in appointments:
        await appoint(station, register, appointment)
    await decide_register(station)


def directory(station: Station) -> Directory:
    """Finds who is behind a session: name from the vault, roles from the register (`last_seen`)."""

    async def find(actor: str) -> Actor | None:
        register = await last_seen(station.register)
        held = register.roles(actor, wall_clock())
        if not held:
            return None
        return Actor(actor, display_name(station, register, actor), frozenset(a.role for a in held))

    return find


def display_name(station: Station, register: Register, actor: str) -> str:
    """The name of a member of staff, for those who may see it; the id where it is erased or unknown.

    For residents without an account it is a message id.
    """
    if actor == RESIDENT:
        return N_("Through the public form")
    person = register.person(actor)
    return _opened(station, person.name) if person else actor


def _opened(station: Station, name: Sealed) -> str:
    return station.vault.read(name, "name") or "—"
