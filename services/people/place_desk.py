"""What is said about households, inspections and visits, submitted: whose data it is, and in which role.

Its checks are a courtesy: the workflow decides again, from the log alone (invariant 7).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from contracts.envelope import Role
from contracts.people import telephone_handle
from contracts.personal import SubjectRole
from contracts.reference import Register
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from services.people.desk import FAMILY, policy_of, speaking_role

BEGINNING: Mapping[str, str] = {
    "enter_household": "hsh",
    "carry_out_inspection": "isp",
    "record_visit": "vst",
}
"""Commands that begin a stream, and the kind of it."""

TOGETHER = 500
"""Submissions of an import that share the log's commits."""


class Home(NamedTuple):
    """A household, an inspection or a visit as the read model has it; `zone`: None for a community as a whole."""

    household: str
    unit: str
    zone: str | None


class Resident(NamedTuple):
    """Who lives in a household, in plain; blank what was not told or is erased."""

    name: str
    telephone: str = ""
    birth_year: str = ""


class Listed(NamedTuple):
    """A household that stands, in plain. `gone`: how many lived in it before.

    `subjects`: whose data its residents' are.
    """

    household: str
    zone: str
    address: str
    residents: tuple[Resident, ...] = ()
    subjects: tuple[str, ...] = ()
    gone: int = 0

    @property
    def lives(self) -> int:
        """How many live in it, the erased too."""
        return len(self.residents)


class Standing(NamedTuple):
    """What stands in a community, and how many households of it have ended."""

    homes: tuple[Listed, ...] = ()
    ended: int = 0


class Places(Protocol):
    """What is known of households; the composition root supplies it."""

    async def home(self, household: str) -> Home | None:
        """The household, inspection or visit of this id."""
        ...

    async def numbered(self, unit: str, prefix: str) -> str | None:
        """The household of this community whose id begins so; None where there is not exactly one."""
        ...

    async def subject_of(self, resident: str) -> str | None:
        """Whose data a resident's are."""
        ...

    async def standing(self, unit: str) -> Standing:
        """The households of this community with who lives in them. Their reading goes on record first."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """A command on a household, or on none yet; `zone`: that it is about; `told_at`: when it happened."""

    actor: str
    unit: str
    command: str
    body: Mapping[str, Any]
    key: str
    stream: str | None = None
    zone: str | None = None
    told_at: int | None = None
    causation: str | None = None


class PlaceDesk:
    """Turns wishes into submissions of the people family."""

    def __init__(self, submitter: Submitter, register: RegisterReader, places: Places) -> None:
        self.places = places
        self._submitter = submitter
        self._register = register

    async def register(self) -> Register:
        """The register as of now; while the log is away, as last seen."""
        return await last_seen(self._register)

    async def say(self, wish: Wish) -> Receipt:
        """Submit it. Raises as Submitter.submit."""
        register = await self._register.catch_up()
        return await self._submitter.submit(self._said(register, wish, await self._subjects(wish)))

    async def say_all(self, wishes: Sequence[Wish]) -> Receipt | None:
        """Submit many of one community, in order; the last one's receipt: what it waits for waits for all.

        A wish whose stream is the key of an earlier one, by which a household is entered, is about that
        household. Raises as Submitter.submit_many.
        """
        register = await self._register.catch_up()
        entered: dict[str, str] = {}
        said = []
        for wish in wishes:
            about = replace(wish, stream=entered.get(wish.stream or "", wish.stream))
            said.append(self._said(register, about, {}))
            if wish.stream is None:
                entered[wish.key] = self._submitter.subject_of(said[-1])
        for start in range(0, len(said) - 1, TOGETHER):
            await self._submitter.submit_many(said[start : min(start + TOGETHER, len(said) - 1)])
        return await self._submitter.submit(said[-1]) if said else None

    def _said(self, register: Register, wish: Wish, subjects: dict[SubjectRole, str]) -> Said:
        return Said(
            family=FAMILY,
            type=f"people.{wish.command}.v1",
            body=wish.body,
            actor=wish.actor,
            role=role_in(register, wish.actor, wish.unit, wish.command, wish.zone),
            unit=wish.unit,
            key=wish.key,
            subject=wish.stream,
            kind=BEGINNING.get(wish.command, ""),
            told_at=wish.told_at,
            basis=register.basis,
            causation=wish.causation,
            handles=_handles(wish),
            subjects=subjects,
        )

    async def _subjects(self, wish: Wish) -> dict[SubjectRole, str]:
        """A correction concerns whoever the resident has been so far."""
        if wish.command != "correct_resident":
            return {}
        subject = await self.places.subject_of(str(wish.body.get("resident")))
        return {"subject": subject} if subject else {}


def _handles(wish: Wish) -> dict[SubjectRole, str]:
    """A resident is whoever has their telephone in the community; without one, nobody else."""
    if wish.command != "enter_resident":
        return {}
    telephone = telephone_handle(wish.unit, str(wish.body.get("telephone") or ""))
    return {"subject": telephone or f"resident-of:{wish.stream}:{wish.key}"}


def role_in(register: Register, actor: str, unit: str, command: str, zone: str | None) -> Role:
    """The role in which an actor speaks of a zone: one that may, over that zone, where they hold one."""
    policy = policy_of(register)
    allowed: Collection[str] = policy.permissions.get(command, ()) if policy else ()
    held = (post.role for post in register.roles(actor) if post.role in allowed)
    found = (role for role in held if register.holds(actor, role, unit, zone=zone))
    return next(found, None) or speaking_role(register, actor, unit, command)
