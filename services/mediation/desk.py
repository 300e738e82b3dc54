"""What is said of mediations, submitted: in which role, and under whose keys the names go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from contracts import entitled
from contracts.catalogue import COMMANDS
from contracts.envelope import Role
from contracts.mediation import stream_of_grievance
from contracts.mediation_policy import policy_in
from contracts.people import telephone_handle
from contracts.personal import SubjectRole, personal_fields
from contracts.reference import Register
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter

FAMILY = "mediation"


class Wish(NamedTuple):
    """What an actor wants recorded, in plain. `mediates`: they are a mediator of this very case."""

    actor: str
    unit: str
    command: str
    body: Mapping[str, Any]
    key: str
    subject: str | None = None
    mediates: bool = False


class MediationDesk:
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

    async def start(self, actor: str, unit: str, body: Mapping[str, Any], key: str) -> Receipt:
        """Start a mediation; one that grows from a grievance is one, whoever starts it. Raises as Submitter.submit."""
        grievance = body.get("grievance")
        subject = stream_of_grievance(unit, grievance) if grievance else None
        return await self.say(Wish(actor, unit, "start", body, key, subject, mediates=True))

    async def file_key(self, wish: Wish, content: str) -> bytes:
        """The key for a file of this content (a hash) that this wish attaches."""
        return await self._submitter.derived_key(self._said(wish, await self.register()), content.encode())

    async def say(self, wish: Wish) -> Receipt:
        """Give a command on a mediation. Raises as Submitter.submit."""
        said = self._said(wish, await self._register.catch_up())
        own = f"{self._submitter.subject_of(said)}:{wish.key}"
        return await self._submitter.submit(replace(said, handles=_handles(said.type, wish, own)))

    def _said(self, wish: Wish, register: Register) -> Said:
        return Said(
            family=FAMILY,
            type=f"mediation.{wish.command}.v1",
            body=wish.body,
            actor=wish.actor,
            role=_speaking_role(register, wish, self._clock()),
            unit=wish.unit,
            key=wish.key,
            subject=wish.subject,
            kind="med",
            basis=register.basis,
        )


def may(register: Register, actor: str, unit: str, command: str, now: int) -> bool:
    """Whether the policy lets this actor give the command here. A courtesy: the workflow decides."""
    return entitled.may(register, actor, unit, _roles(register, command), now)


def _roles(register: Register, command: str) -> Collection[str]:
    policy = policy_in(register)
    return policy.permissions.get(command, ()) if policy else ()


def _speaking_role(register: Register, wish: Wish, now: int) -> Role:
    """The role in which an actor gives a command.

    Whoever mediates the case speaks as its mediator, and in another of their roles about other cases.
    """
    roles = _roles(register, wish.command)
    return entitled.speaking_role(
        register, wish.actor, wish.unit, roles, now, lambda role: (role == "mediator") != wish.mediates
    )


_NAMED: Mapping[SubjectRole, tuple[str, str]] = {
    "party_a": ("name_a", "telephone_a"),
    "party_b": ("name_b", "telephone_b"),
    "party": ("name", "telephone"),
    "representatives": ("name", "telephone"),
    "interpreter": ("name", ""),
}
"""Whose a name is → the fields of name and telephone."""


def _handles(kind: str, wish: Wish, own: str) -> dict[SubjectRole, str]:
    """Whose the names are: of who has the telephone where one is told, else of this entry alone.

    Of two parties with one telephone it tells who the first is, and the other is whoever this entry names.
    """
    shared = wish.body.get("telephone_a") and wish.body.get("telephone_a") == wish.body.get("telephone_b")
    apart = {"party_b"} if shared and wish.body.get("name_a") != wish.body.get("name_b") else set()
    roles = {mark.subject for mark in personal_fields(COMMANDS[kind]).values()}
    return {
        role: (role not in apart and telephone_handle(wish.unit, str(wish.body.get(telephone) or "")))
        or f"{role}-of:{own}"
        for role, (name, telephone) in _NAMED.items()
        if role in roles and wish.body.get(name)
    }
