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
from contracts.evidence import SignedReceipt
from contracts.grievance import policy_in
from contracts.outside import order_stream
from contracts.people import telephone_handle
from contracts.personal import SubjectRole, plain_model
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.tracking import digest_of
from contracts.workflow import FUTURE_TOLERANCE_MS
from ledger.log import RecordTooLargeError
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, SubjectErasedError, Submitter
from services.intake.danger import danger_in
from services.intake.doors import counted, faults_of, owners_of
from web.i18n import N_

TOO_EARLY = N_("This time lies before 1970. Enter when it was last so, and tell of the rest in the story.")
TOO_LONG_TOGETHER = N_(
    "All entries together are too long for one record. Shorten this one, "
    "and tell the rest in the course of the case."
)
ERASED = N_("This person's data have been erased. Nothing more can be recorded about them here.")
ANONYMOUS = N_(
    "An anonymous grievance says nothing about who lodged it. Clear this field, or untick anonymous."
)
ABOUT_THE_REPORTER = ("reporter_name", "telephone", "address")
LODGE = "lodge"
CORRECT = "correct"
SPLIT = "split"


class Wish(NamedTuple):
    """What somebody wants recorded: the command's name, its plain body, and who says so where.

    `key` is the Idempotency-Key; `case` the case that it is about, None to lodge one; `told_at` when it
    happened, in milliseconds since the epoch, None for now.
    """

    actor: str
    unit: str
    command: str
    body: Mapping[str, Any]
    key: str
    case: str | None = None
    told_at: int | None = None


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

    async def reporter(self, case: str) -> str | None:
        """The subject that the data of a case's reporter are under; None where nothing was told."""
        ...

    async def origin(self, case: str) -> Origin | None:
        """What is split off from this case has from it; None where there is no such case."""
        ...


class Origin(NamedTuple):
    """What a matter that is split off has from its case. `carried`: the data of persons, as they are sealed there."""

    tracking: str
    plain: Mapping[str, Any]
    carried: Mapping[str, Any]


class Fault(NamedTuple):
    """A field at fault and the sentence (a message id) about it."""

    field: str
    sentence: str


class BadBodyError(Exception):
    """The body is not of its form. `details`: one mapping for each fault, as pydantic gives them."""

    def __init__(self, details: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(f"{len(details)} faults")
        self.details = details


class TooLongError(Exception):
    """The entries together do not fit one record. `field` is the longest of them."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Desk:
    """Turns what somebody wants recorded into submissions of the grievance family."""

    def __init__(
        self, submitter: Submitter, register: RegisterReader, decisions: Decisions, clock: Callable[[], int]
    ) -> None:
        self.decisions = decisions
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
        """Submit what is wished; the receipt says that it is durable.

        Raises BadBodyError with each field at fault, TooLongError, OtherBodyError, KeyError for an unknown
        command, LogError, VaultError.
        """
        said = await self._prepared(wish)
        try:
            return await self._submitter.submit(said)
        except ValidationError as error:
            raise BadBodyError(_details(error)) from None
        except RecordTooLargeError:
            raise TooLongError(_longest(wish.body)) from None
        except SubjectErasedError:
            fields = wish.body or ("address",)
            raise BadBodyError([_detail(Fault(field, ERASED)) for field in fields]) from None

    async def check(self, wish: Wish) -> None:
        """Find what `say` would find at fault, and submit nothing. Raises BadBodyError, KeyError, LogError."""
        if found := form_faults(await self._prepared(wish)):
            raise BadBodyError(found)

    async def file_key(self, wish: Wish, content: str) -> bytes:
        """The key for a file of this content (a hash) that this wish attaches."""
        return await self._submitter.derived_key(self._said(wish, await self.register()), content.encode())

    def tracking_number(self, submission_id: str) -> str:
        """The tracking number of the case that this submission lodged."""
        return self._submitter.tracking_number(submission_id)

    def promise(self, receipt: Receipt) -> SignedReceipt:
        """What intake promises of a durable submission, signed. Raises LogUnavailableError."""
        return self._submitter.promise(receipt)

    async def _prepared(self, wish: Wish) -> Said:
        """What is to be submitted. Its body's form is left to the submitter, unless something else is wrong."""
        register = await self._register.catch_up()
        if wish.command == SPLIT:
            return await self._split(wish, register)
        said = self._said(wish._replace(body=counted(wish.body)), register)
        if faults := self._faults(wish, register):
            raise BadBodyError([*form_faults(said), *map(_detail, faults)])
        return await self._of_reporter(said) if wish.command == CORRECT else said

    async def _split(self, wish: Wish, register: Register) -> Said:
        """The lodging of a matter that is split off from a case. Raises KeyError where there is no such case."""
        origin = await self.decisions.origin(wish.case or "")
        if origin is None:
            raise KeyError(wish.case)
        if not wish.body.get("split_note"):
            raise BadBodyError([_detail(Fault("split_note", REASONS["split_without_reason"]))])
        role = speaking_role(register, wish.actor, wish.unit, SPLIT, self._clock())
        body = {**origin.plain, **wish.body, "split_from": wish.case}
        said = self._said(wish._replace(command=LODGE, case=None, body=body), register)
        body = {**said.body, "tracking": origin.tracking}
        return replace(said, role=role, body=body, handles={}, carried=origin.carried)

    async def _of_reporter(self, said: Said) -> Said:
        """A correction concerns whoever the case's reporter has been so far."""
        case = said.subject or ""
        reporter = await self.decisions.reporter(case)
        known: dict[SubjectRole, str] = {"reporter": reporter} if reporter else {}
        return replace(said, handles=reporter_handle({}, said.unit, case), subjects=known)

    def _said(self, wish: Wish, register: Register) -> Said:
        command = f"grievance.{wish.command}.v1"
        if command not in COMMANDS or (wish.command == LODGE) is not (wish.case is None):
            raise KeyError(wish.command)
        said = Said(
            family="grievance",
            type=command,
            body={name: value for name, value in wish.body.items() if value is not None},
            actor=wish.actor,
            role=speaking_role(register, wish.actor, wish.unit, wish.command, self._clock()),
            unit=wish.unit,
            key=wish.key,
            subject=wish.case,
            kind="grv",
            told_at=wish.told_at,
            basis=register.basis,
        )
        if wish.case is not None:
            return replace(said, handles=owners_of(said.body, wish.case))
        return self._lodging(said)

    def _lodging(self, said: Said) -> Said:
        """With what only a lodging has: its tracking number, and whose the reporter's data are.

        An order from outside is one case, whoever enters it and how often.
        """
        source, order = said.body.get("source"), said.body.get("source_id")
        if isinstance(source, str) and isinstance(order, str):
            said = replace(said, subject=order_stream(said.unit, source, order))
        number = self._submitter.tracking_number(self._submitter.submission_id(said))
        case = self._submitter.subject_of(said)
        handles = reporter_handle(said.body, said.unit, case) | owners_of(said.body, case)
        body = {**said.body, "tracking": digest_of(number)}
        if (told := danger_in(body.get("title"), body.get("story"))) is not None:
            body["danger"] = told
        return replace(said, body=body, handles=handles)

    def _faults(self, wish: Wish, register: Register) -> list[Fault]:
        """What the body's form cannot show: times, and names that the register must have."""
        faults = [] if wish.case is not None else _lodging_faults(wish.body, wish.unit, register)
        if wish.command == "start_joint_handling":
            faults += _joint_faults(wish.body)
        if wish.told_at is not None and wish.told_at > self._clock() + FUTURE_TOLERANCE_MS:
            faults.append(Fault("occurred_at", REASONS["occurred_in_future"]))
        if wish.told_at is not None and wish.told_at < 0:
            faults.append(Fault("occurred_at", TOO_EARLY))
        return faults


def speaking_role(register: Register, actor: str, unit: str, command: str, now: int | None = None) -> Role:
    """The role in which an actor gives a command: one that the policy lets, else one that they hold.

    Who holds none speaks as a resident; the workflow then refuses, and that is on record.
    """
    posts = register.roles(actor, now)
    held = [post.role for post in posts if register.holds(actor, post.role, unit, now)]
    policy = policy_in(register)
    allowed = policy.permissions.get(command, []) if policy else []
    return next((role for role in held if role in allowed), held[0] if held else "resident")


@cache
def plain_form(command: str) -> type[BaseModel]:
    """A command's body as it is filled in: personal fields in plain. Raises KeyError."""
    return plain_model(COMMANDS[command])


def form_faults(said: Said) -> list[Mapping[str, Any]]:
    """What is wrong with a body as such, as pydantic gives it: what `submit` would raise."""
    try:
        plain_form(said.type).model_validate(dict(said.body))
    except ValidationError as error:
        return _details(error)
    return []


def _details(error: ValidationError) -> list[Mapping[str, Any]]:
    return [dict(detail) for detail in error.errors(include_url=False, include_input=False)]


def _lodging_faults(body: Mapping[str, Any], unit: str, register: Register) -> list[Fault]:
    faults = []
    if register.unit(unit) is None:
        faults.append(Fault("unit", REASONS["unknown_unit"]))
    zone, category = body.get("zone"), body.get("category")
    if isinstance(zone, str) and register.zone(unit, zone) is None:
        faults.append(Fault("zone", REASONS["unknown_zone"]))
    if isinstance(category, str) and register.category(category) is None:
        faults.append(Fault("category", REASONS["unknown_category"]))
    faults += [Fault(*fault) for fault in faults_of(counted(body))]
    if body.get("source") and not body.get("source_id"):
        faults.append(Fault("source_id", REASONS["source_without_number"]))
    if body.get("anonymous"):
        faults += [Fault(name, ANONYMOUS) for name in ABOUT_THE_REPORTER if body.get(name)]
    return faults


def _joint_faults(body: Mapping[str, Any]) -> list[Fault]:
    lead, units = body.get("lead"), body.get("units")
    astray = bool(lead) and isinstance(units, list) and lead not in units
    return [Fault("lead", REASONS["lead_takes_no_part"])] if astray else []


def reporter_handle(body: Mapping[str, Any], unit: str, subject: str) -> dict[SubjectRole, str]:
    """Whose the reporter's data are: of the telephone where one is told, else of this case's reporter alone.

    A name is not enough to say that two reporters are one person.
    """
    return {"reporter": telephone_handle(unit, str(body.get("telephone") or "")) or f"reporter-of:{subject}"}


def _detail(fault: Fault) -> dict[str, Any]:
    return {"type": "value_error", "loc": (fault.field,), "ctx": {"error": fault.sentence}}


def _longest(body: Mapping[str, Any]) -> str:
    """The field with the longest text."""
    return max(body, key=lambda name: len(str(body[name]).encode(errors="replace")), default="")
