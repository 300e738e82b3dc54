"""What is said about personal data: readings, erasures, holds, retention runs and disclosures, submitted.

Its checks are a courtesy: the workflow decides again, from the log alone (invariant 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.envelope import Role
from contracts.people import MOST_READ, PeoplePolicy, ReadingPurpose
from contracts.reference import Register
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from web.forms import new_form_key

FAMILY = "people"
KINDS: Mapping[str, str] = {
    "propose_retention": "ret",
    "record_reading": "rdg",
    "request_disclosure": "dsc",
}
"""Commands that begin a stream, and the kind of it."""


class PeopleDesk:
    """Turns bodies into submissions of the people family."""

    def __init__(self, submitter: Submitter, register: RegisterReader) -> None:
        self._submitter = submitter
        self._register = register

    async def say(
        self,
        actor: str,
        unit: str,
        name: str,
        body: Mapping[str, Any],
        *,
        subject: str | None = None,
        key: str = "",
    ) -> Receipt:
        """Give a command in a community; `subject` is the stream unless the command begins one.

        Without a `key` it is said anew each time. Raises as Submitter.submit.
        """
        register = await self._register.catch_up()
        about = {} if subject is None or name != "request_correction" else {"subject": f"subject:{subject}"}
        said = Said(
            family=FAMILY,
            type=f"people.{name}.v1",
            body=body,
            actor=actor,
            role=speaking_role(register, actor, unit, name),
            unit=unit,
            key=key or new_form_key(),
            subject=subject,
            kind=KINDS.get(name, ""),
            basis=register.basis,
            handles=about,  # type: ignore[arg-type]
            tagged_by=about.get("subject") or f"people:{unit}",
        )
        return await self._submitter.submit(said)

    async def record_reading(
        self,
        actor: str,
        unit: str,
        purpose: ReadingPurpose,
        *,
        cases: Sequence[str] = (),
        subjects: Sequence[str] = (),
        disclosure: str | None = None,
        key: str = "",
    ) -> None:
        """Put on record that the actor is shown personal data; durable on return: call it before showing.

        Nothing is recorded where there is nothing to show. Readings of the same cases under the same `key` are
        one. Raises LogError.
        """
        while cases or subjects:
            body: dict[str, Any] = {"purpose": purpose}
            body |= {"cases": list(cases[:MOST_READ])} if cases else {}
            body |= {"subjects": list(subjects[:MOST_READ])} if subjects else {}
            body |= {"disclosure": disclosure} if disclosure else {}
            await self.say(actor, unit, "record_reading", body, key=key)
            cases, subjects = cases[MOST_READ:], subjects[MOST_READ:]


def speaking_role(register: Register, actor: str, unit: str, command: str) -> Role:
    """The role in which an actor gives a command: one that the policy lets, else one that they hold.

    Who holds none speaks as a resident; the workflow then refuses, and that is on record.
    """
    held: list[Role] = [a.role for a in register.roles(actor) if register.holds(actor, a.role, unit)]
    if register.history.administrator == actor:
        held.append("administrator")
    allowed = _permissions(register).get(command, ())
    return next((role for role in held if role in allowed), held[0] if held else "resident")


def may(register: Register, actor: str, unit: str, command: str) -> bool:
    """Whether the policy lets this actor give the command here. A courtesy: the workflow decides."""
    return any(register.holds(actor, role, unit) for role in _permissions(register).get(command, ()))


def policy_of(register: Register) -> PeoplePolicy | None:
    """The policy on personal data in force."""
    entry = register.policy(FAMILY)
    return PeoplePolicy.model_validate(entry.terms) if entry else None


def _permissions(register: Register) -> Mapping[str, Sequence[str]]:
    policy = register.derived(_maybe)[0]
    return policy.permissions if policy else {}


def _maybe(register: Register) -> tuple[PeoplePolicy | None]:
    return (policy_of(register),)
