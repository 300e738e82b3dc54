"""The intake desk: what a signed-in person or a resident says, checked at the field, then submitted.

Its checks are a courtesy: the workflow service decides again, from the log alone (invariant 7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel, ValidationError

from contracts.catalogue import COMMANDS
from contracts.envelope import Role
from contracts.grievance import GrievancePolicy
from contracts.people import telephone_handle
from contracts.personal import SubjectRole, plain_model
from contracts.reasons import REASONS
from contracts.reference import Register
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from web.i18n import N_

FUTURE_TOLERANCE_MS = 5 * 60_000
TOO_EARLY = N_("This time lies before 1970. Enter when it was last so, and tell of the rest in the story.")
ANONYMOUS = N_(
    "An anonymous grievance says nothing about who lodged it. Clear this field, or untick anonymous."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a submission: the decision's outcome, its reason code and the field at fault."""

    outcome: str
    reason: str | None = None
    field: str | None = None


class Decisions(Protocol):
    """Where decisions are read; the composition root supplies it."""

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Verdict | None:
        """The verdict on a submission; None where none is visible within `timeout` seconds."""
        ...


class Fault(NamedTuple):
    """A field at fault and the sentence (a message id) about it."""

    field: str
    sentence: str


class BadBodyError(Exception):
    """The body is not of its form. `details`: one mapping for each fault, as pydantic gives them."""

    def __init__(self, details: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(f"{len(details)} faults")
        self.details = details


class Desk:
    """Turns plain bodies into submissions of the grievance family."""

    def __init__(
        self, submitter: Submitter, register: RegisterReader, decisions: Decisions, clock: Callable[[], int]
    ) -> None:
        self.decisions = decisions
        self._submitter = submitter
        self._register = register
        self._clock = clock

    async def register(self) -> Register:
        """The register as of now."""
        return await self._register.catch_up()

    def now(self) -> int:
        """This machine's time, in milliseconds since the epoch."""
        return self._clock()

    async def lodge(
        self, actor: str, unit: str, body: Mapping[str, Any], told_at: int | None, key: str
    ) -> Receipt:
        """Lodge a grievance in a community. `key` is the Idempotency-Key, `told_at` milliseconds or None.

        Raises BadBodyError with each field at fault, OtherBodyError, LogError.
        """
        register = await self.register()
        said = self._said(register, actor, unit, "lodge", told_at, key, kind="grv")
        number = self._submitter.tracking_number(self._submitter.submission_id(said))
        full = {**body, "tracking_number": number}
        faults = [*_lodging_faults(body, unit, register), *self._time_faults(told_at)]
        checked = checked_body(said.type, full, faults)
        handles = reporter_handle(checked, unit, self._submitter.subject_of(said))
        return await self._submitter.submit(replace(said, body=checked, handles=handles))

    async def command(
        self,
        actor: str,
        unit: str,
        case: str,
        name: str,
        body: Mapping[str, Any],
        told_at: int | None,
        key: str,
    ) -> Receipt:
        """Give a command on a case of a community. Raises as `lodge`, and KeyError for an unknown command."""
        register = await self.register()
        said = self._said(register, actor, unit, name, told_at, key, subject=case)
        checked = checked_body(said.type, body, self._time_faults(told_at))
        return await self._submitter.submit(replace(said, body=checked))

    def tracking_number(self, submission_id: str) -> str:
        """The tracking number of the case that this submission lodged."""
        return self._submitter.tracking_number(submission_id)

    def _said(  # noqa: PLR0913, PLR0917 - who, where, what, when
        self,
        register: Register,
        actor: str,
        unit: str,
        name: str,
        told_at: int | None,
        key: str,
        subject: str | None = None,
        kind: str = "",
    ) -> Said:
        command = f"grievance.{name}.v1"
        if command not in COMMANDS:
            raise KeyError(name)
        return Said(
            family="grievance",
            type=command,
            body={},
            actor=actor,
            role=speaking_role(register, actor, unit, name),
            unit=unit,
            key=key,
            subject=subject,
            kind=kind,
            told_at=told_at,
            basis=register.basis,
        )

    def _time_faults(self, told_at: int | None) -> list[Fault]:
        if told_at is not None and told_at > self._clock() + FUTURE_TOLERANCE_MS:
            return [Fault("occurred_at", REASONS["occurred_in_future"])]
        if told_at is not None and told_at < 0:
            return [Fault("occurred_at", TOO_EARLY)]
        return []


def speaking_role(register: Register, actor: str, unit: str, command: str) -> Role:
    """The role in which an actor gives a command: one that the policy lets, else one that they hold.

    Who holds none speaks as a resident; the workflow then refuses, and that is on record.
    """
    held = [held.role for held in register.roles(actor) if register.holds(actor, held.role, unit)]
    policy = register.policy("grievance")
    allowed = GrievancePolicy.model_validate(policy.terms).permissions.get(command, []) if policy else []
    return next((role for role in held if role in allowed), held[0] if held else "resident")


@cache
def plain_form(command: str) -> type[BaseModel]:
    """A command's body as it is filled in: personal fields in plain. Raises KeyError."""
    return plain_model(COMMANDS[command])


def checked_body(command: str, body: Mapping[str, Any], faults: Sequence[Fault]) -> dict[str, Any]:
    """The body, checked against its plain form. Raises BadBodyError with every fault found."""
    try:
        checked = plain_form(command).model_validate(dict(body))
    except ValidationError as error:
        raise BadBodyError(
            [*error.errors(include_url=False, include_input=False), *map(_detail, faults)]
        ) from None
    if faults:
        raise BadBodyError([_detail(fault) for fault in faults])
    return {name: value for name, value in checked if value is not None}


def _lodging_faults(body: Mapping[str, Any], unit: str, register: Register) -> list[Fault]:
    faults = []
    if register.unit(unit) is None:
        faults.append(Fault("unit", REASONS["unknown_unit"]))
    zone, category = body.get("zone"), body.get("category")
    if isinstance(zone, str) and register.zone(unit, zone) is None:
        faults.append(Fault("zone", REASONS["unknown_zone"]))
    if isinstance(category, str) and register.category(category) is None:
        faults.append(Fault("category", REASONS["unknown_category"]))
    if body.get("anonymous"):
        told = [name for name in ("reporter_name", "telephone", "address") if body.get(name)]
        faults += [Fault(name, ANONYMOUS) for name in told]
    return faults


def reporter_handle(body: Mapping[str, Any], unit: str, subject: str) -> dict[SubjectRole, str]:
    """Whose the reporter's data are: of the telephone where one is told, else of this case's reporter alone.

    A name is not enough to say that two reporters are one person.
    """
    return {"reporter": telephone_handle(unit, body.get("telephone") or "") or f"reporter-of:{subject}"}


def _detail(fault: Fault) -> dict[str, Any]:
    return {"type": "value_error", "loc": (fault.field,), "ctx": {"error": fault.sentence}}
