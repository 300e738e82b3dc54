"""What is said of aid requests, submitted: in which role, and under whose keys the names go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from contracts import entitled
from contracts.aid import stream_of_origin
from contracts.aid_policy import aid_policy
from contracts.catalogue import COMMANDS
from contracts.grievance import RESIDENT
from contracts.lineage import lineage
from contracts.people import telephone_handle
from contracts.personal import SubjectRole, personal_fields
from contracts.programmes import ProgrammeDefinedV1
from contracts.reference import Register
from contracts.tracking import digest_of
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter

FAMILY = "aid"


class Wish(NamedTuple):
    """What an actor wants recorded, in plain. `subject` is None for an application."""

    actor: str
    unit: str
    command: str
    body: Mapping[str, Any]
    key: str
    subject: str | None = None


class AidDesk:
    """Turns what somebody wants recorded into submissions of the family."""

    def __init__(self, submitter: Submitter, register: RegisterReader, clock: Callable[[], int]) -> None:
        """`clock`: milliseconds since the epoch."""
        self._submitter = submitter
        self._register = register
        self._clock = clock

    async def register(self) -> Register:
        """The register as of now; while the log is away, as last seen."""
        return await last_seen(self._register)

    def now(self) -> int:
        """This machine's time, in milliseconds since the epoch."""
        return self._clock()

    def tracking_number(self, submission: str) -> str:
        """The number by which whoever applied follows the request of this submission."""
        return self._submitter.tracking_number(submission)

    async def apply(self, wish: Wish) -> Receipt:
        """Apply for aid; the log keeps a digest of the number by which it is followed. Raises as Submitter.submit."""
        origin, programme = wish.body.get("grown_from"), str(wish.body.get("programme") or "")
        if origin:
            wish = wish._replace(subject=stream_of_origin(wish.unit, str(origin), programme))
        said = self._said(wish, await self._register.catch_up())
        number = self.tracking_number(self._submitter.submission_id(said))
        return await self.say(wish._replace(body={**wish.body, "tracking": digest_of(number)}))

    async def file_key(self, wish: Wish, content: str) -> bytes:
        """The key for a file of this content (a hash) that this wish attaches."""
        return await self._submitter.derived_key(self._said(wish, await self.register()), content.encode())

    async def say(self, wish: Wish) -> Receipt:
        """Give a command on a request. Raises as Submitter.submit."""
        said = self._said(wish, await self._register.catch_up())
        own = f"{self._submitter.subject_of(said)}:{wish.key}"
        return await self._submitter.submit(replace(said, handles=_handles(said.type, wish, own)))

    def _said(self, wish: Wish, register: Register) -> Said:
        now = self._clock()
        roles = roles_of(register, wish.command)
        resident = wish.actor == RESIDENT
        role = "resident" if resident else entitled.speaking_role(register, wish.actor, wish.unit, roles, now)
        return Said(
            family=FAMILY,
            type=f"aid.{wish.command}.v1",
            body=wish.body,
            actor=wish.actor,
            role=role,
            unit=wish.unit,
            key=wish.key,
            subject=wish.subject,
            kind="aid",
            basis=register.basis,
        )


def roles_of(register: Register, command: str) -> Collection[str]:
    """The roles that the policy lets give a command."""
    policy = aid_policy(register)
    return policy.permissions.get(command, ()) if policy else ()


def may(register: Register, actor: str, unit: str, command: str, now: int) -> bool:
    """Whether the policy lets this actor give the command here. A courtesy: the workflow decides."""
    return entitled.may(register, actor, unit, roles_of(register, command), now)


def programmes_at(register: Register, unit: str, now: int) -> list[ProgrammeDefinedV1]:
    """The programmes under which aid can be applied for in a community, in the order of entry."""
    above = lineage(register, unit, now)
    return [one for one in register.programmes(now) if one.unit in above and not one.retired]


_NAMED: Mapping[SubjectRole, tuple[str, str]] = {
    "applicant": ("name", "telephone"),
    "proxy": ("proxy_name", "proxy_telephone"),
    "objector": ("name", "telephone"),
}
"""Whose a name is → the fields of name and telephone."""


def _handles(kind: str, wish: Wish, own: str) -> dict[SubjectRole, str]:
    """Whose the names are: of who has the telephone where one is told, else of this entry alone."""
    roles = {mark.subject for mark in personal_fields(COMMANDS[kind]).values()}
    return {
        role: telephone_handle(wish.unit, str(wish.body.get(telephone) or "")) or f"{role}-of:{own}"
        for role, (name, telephone) in _NAMED.items()
        if role in roles and wish.body.get(name)
    }
