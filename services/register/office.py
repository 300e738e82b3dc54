"""The register's office: what an administrator's form says, turned into a submission of the register."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from contracts.base import EPOCH
from contracts.catalogue import COMMANDS as MODELS
from contracts.envelope import Role
from contracts.personal import plain_model
from contracts.reference import CALENDAR, LEDGER_UNIT, Register
from contracts.working_days import end_of_day
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from services.register import programmes
from services.register.commands import COMMANDS
from web.entries import fen
from web.forms import MESSAGES, Submitted

_YEARS = range(1970, 9999)


class Decided(Protocol):
    """What became of a submission: the decision's outcome, its reason code and the field at fault."""

    @property
    def outcome(self) -> str:
        """The decision's outcome."""

    @property
    def reason(self) -> str | None:
        """The code of the reason."""

    @property
    def field(self) -> str | None:
        """The field at fault."""


class Decisions(Protocol):
    """Where decisions are read; the composition root supplies it."""

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Decided | None:
        """The verdict on a submission; None where none is visible within `timeout` seconds."""
        ...


class Body(NamedTuple):
    """A command's body as a form told it; `faults`: field → what is wrong with it (message id)."""

    values: dict[str, Any]
    faults: dict[str, str]


class Office:
    """Turns forms into submissions of the register, and says what became of them."""

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

    def check(self, command: str, body: Mapping[str, Any]) -> None:
        """Raise pydantic.ValidationError where the body is not of its command's form."""
        plain_model(MODELS[f"register.{command}.v1"]).model_validate(dict(body))

    async def say(self, actor: str, command: str, body: Mapping[str, Any], key: str) -> Receipt:
        """Submit a command as this administrator.

        Raises pydantic.ValidationError, OtherBodyError, RecordTooLargeError, LogError, VaultError.
        """
        register = await self._register.catch_up()
        full = dict(body)
        if command == "define_person":
            full.setdefault("person", person_of(key))
        person = full.get("person")
        said = Said(
            family="register",
            type=f"register.{command}.v1",
            body=full,
            actor=actor,
            role="administrator",
            unit=LEDGER_UNIT,
            key=key,
            kind="reg",
            basis=register.basis,
            handles={"person": f"staff:{person}"} if command == "define_person" else {},
        )
        return await self._submitter.submit(said)

    async def sign(self, actor: str, role: Role, command: str, body: Mapping[str, Any], key: str) -> Receipt:
        """Submit what somebody signs for themself, in a role. Raises as `say`."""
        register = await self._register.catch_up()
        said = Said(
            family="register",
            type=f"register.{command}.v1",
            body=dict(body),
            actor=actor,
            role=role,
            unit=LEDGER_UNIT,
            key=key,
            kind="reg",
            basis=register.basis,
        )
        return await self._submitter.submit(said)


def person_of(key: str) -> str:
    """The id of a person who is entered under this key: the same however often it is sent."""
    return f"act_{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def body_of(command: str, sent: Submitted, here: str, zone: ZoneInfo) -> Body:
    """What a form says of a command: blank fields left out, days as times in this zone."""
    form = COMMANDS[command]
    values: dict[str, Any] = {} if form.here is None else {form.here: here}
    faults: dict[str, str] = {}
    for field in form.fields:
        text = sent.filled.get(field.name)
        if text is None:
            continue
        try:
            values[field.name] = _read(field.kind, text, zone)
        except (ValueError, OverflowError, RecursionError) as error:
            kind = _FAULTS.get(field.kind)
            faults[field.name] = MESSAGES[kind] if kind else str(error)
    if command == "define_calendar":
        values["calendar"] = CALENDAR
    return Body(programmes.nested(values) if command == "define_programme" else values, faults)


_FAULTS: Mapping[str, str] = {
    "number": "int_parsing",
    "first_day": "date_parsing",
    "last_day": "date_parsing",
    "json": "json_invalid",
}


def _read(kind: str, text: str, zone: ZoneInfo) -> Any:
    match kind:
        case "number":
            return int(text)
        case "first_day":
            return (datetime.combine(_day(text), time(), zone) - EPOCH) // timedelta(milliseconds=1)
        case "last_day":
            return end_of_day(_day(text), zone)
        case "json":
            found = json.loads(text)
            if not isinstance(found, dict):
                raise ValueError("no object")  # noqa: TRY004 - what json.loads raises for bad text
            return found
        case "money":
            return fen(text)
        case "yes_no":
            return text == "yes"
        case "documents":
            return programmes.documents(text)
        case "codes" | "days":
            return tuple(part for part in re.split(r"[\s,，、;；]+", text) if part)
        case _:
            return text


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.year not in _YEARS:
        raise ValueError("no such year")
    return day
