"""What is said of pairs and employment cases, submitted: in which role, and under whose keys the names go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from contracts import entitled
from contracts.catalogue import COMMANDS
from contracts.people import telephone_handle
from contracts.personal import SubjectRole, personal_fields
from contracts.reference import Register
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from services.aid.desk import FAMILY, roles_of

HelpKind = Literal["pai", "emp"]


class Wish(NamedTuple):
    """What an actor wants recorded, in plain. `subject` is None where it begins a stream of this kind."""

    kind: HelpKind
    actor: str
    unit: str
    command: str
    body: Mapping[str, Any]
    key: str
    subject: str | None = None


class HelpingDesk:
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

    async def say(self, wish: Wish) -> Receipt:
        """Give a command. Raises as Submitter.submit."""
        register = await self._register.catch_up()
        roles = roles_of(register, wish.command)
        said = Said(
            family=FAMILY,
            type=f"aid.{wish.command}.v1",
            body=wish.body,
            actor=wish.actor,
            role=entitled.speaking_role(register, wish.actor, wish.unit, roles, self._clock()),
            unit=wish.unit,
            key=wish.key,
            subject=wish.subject,
            kind=wish.kind,
            basis=register.basis,
        )
        own = f"{self._submitter.subject_of(said)}:{wish.key}"
        return await self._submitter.submit(replace(said, handles=_handles(said.type, wish, own)))


_NAMED: Mapping[SubjectRole, tuple[str, str]] = {
    "helper": ("helper_name", "helper_telephone"),
    "applicant": ("name", "telephone"),
}
"""Whose a name is → the fields of name and telephone."""


def _handles(kind: str, wish: Wish, own: str) -> dict[SubjectRole, str]:
    """Whose the names are: of who has the telephone where one is told, else of this entry alone.

    Where helper and helped are reached by one telephone, it tells who is helped, and the helper is whoever this entry names.
    """
    body = wish.body
    shared = body.get("helper_telephone") and body.get("helper_telephone") == body.get("telephone")
    apart = {"helper"} if shared and body.get("helper_name") != body.get("name") else set()
    roles = {mark.subject for mark in personal_fields(COMMANDS[kind]).values()}
    return {
        role: (role not in apart and telephone_handle(wish.unit, str(body.get(telephone) or "")))
        or f"{role}-of:{own}"
        for role, (name, telephone) in _NAMED.items()
        if role in roles and body.get(name)
    }
