"""What is said of accusations, submitted: to whom one is entrusted is found here, and checked by the workflow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from contracts import accusation as a
from contracts.catalogue import COMMANDS
from contracts.envelope import Role
from contracts.grievance import RESIDENT
from contracts.grievance import policy_in as grievance_policy
from contracts.personal import plain_model
from contracts.reference import Register
from contracts.tracking import digest_of
from runtime.last_seen import last_seen
from runtime.register_reader import RegisterReader
from runtime.submit import Receipt, Said, Submitter
from services.accusation.views import Item
from web.forms import new_form_key

FAMILY = "accusation"
NameOf = Callable[[Register, str], str]
_ASIDE = re.compile(r"[（(].*?[）)]|\s")


class Lodging(NamedTuple):
    """What is lodged: by whom (None: without an account), and the plain body without what is found here.

    `tracking`: the digest of the number that its accuser has already; None: it gets one.
    """

    actor: str | None
    body: Mapping[str, Any]
    key: str
    tracking: str | None = None


class Lodged(NamedTuple):
    """A lodged accusation: its receipt, and the number by which it is followed."""

    receipt: Receipt
    tracking_number: str


class NobodyReceivesError(Exception):
    """Nobody holds an office that could receive it without being concerned by it."""


class AccusationDesk:
    """Turns what somebody wants recorded into submissions of the accusation family."""

    def __init__(
        self, submitter: Submitter, register: RegisterReader, name_of: NameOf, clock: Callable[[], int]
    ) -> None:
        """`clock`: milliseconds since the epoch; `name_of`: the name on display of a member of staff."""
        self._submitter = submitter
        self._register = register
        self._name_of = name_of
        self._clock = clock

    async def register(self) -> Register:
        """The register as of now; while the log is away, as last seen."""
        return await last_seen(self._register)

    def now(self) -> int:
        """This machine's time, in milliseconds since the epoch."""
        return self._clock()

    async def lodge(self, lodging: Lodging) -> Lodged:
        """Submit it to whoever may receive it. Raises NobodyReceivesError, and as Submitter.submit."""
        register = await self._register.catch_up()
        actor, body = lodging.actor, dict(lodging.body)
        check(body)
        unit, entrusted, excluded = self._receivers(register, body)
        said = Said(
            family=FAMILY,
            type="accusation.lodge.v1",
            body={},
            actor=actor or RESIDENT,
            role=_own_role(register, actor, self._clock()) if actor else "resident",
            unit=unit,
            key=lodging.key,
            kind="acc",
            basis=register.basis,
        )
        number = self._submitter.tracking_number(self._submitter.submission_id(said))
        full = {**body, "entrusted": entrusted, "tracking": lodging.tracking or digest_of(number)}
        if excluded:
            full["excluded"] = " ".join(excluded)
        # A subject of its own: what one person lodged elsewhere leads neither here nor from here.
        own = {"reporter": f"accuser-of:{self._submitter.subject_of(said)}"}
        receipt = await self._submitter.submit(replace(said, body=full, handles=own))  # type: ignore[arg-type]
        return Lodged(receipt, number)

    async def hand_over(self, actor: str, unit: str, case: str) -> Receipt:
        """End a grievance that went on as an accusation. Raises as Submitter.submit."""
        register = await self._register.catch_up()
        policy = grievance_policy(register)
        allowed = policy.permissions.get("hand_to_inspection", ()) if policy else ()
        held = [post.role for post in register.roles(actor, self._clock()) if post.role in allowed]
        said = Said(
            family="grievance",
            type="grievance.hand_to_inspection.v1",
            body={},
            actor=actor,
            role=next((role for role in held if register.holds(actor, role, unit)), "resident"),
            unit=unit,
            key=f"hand-to-inspection/{case}",
            subject=case,
            basis=register.basis,
        )
        return await self._submitter.submit(said)

    async def say(self, actor: str, item: Item, command: str, body: Mapping[str, Any], key: str) -> Receipt:
        """Give a command on an accusation. Raises as Submitter.submit."""
        register, now = await self._register.catch_up(), self._clock()
        roles: list[Role] = ["inspector", "auditor"]
        held = (role for role in roles if register.holds(actor, role, item.unit, now))
        said = Said(
            family=FAMILY,
            type=f"accusation.{command}.v1",
            body=body,
            actor=actor,
            role=next(held, "inspector"),
            unit=item.unit,
            key=key or new_form_key(),
            subject=item.accusation,
            basis=register.basis,
        )
        return await self._submitter.submit(said)

    def may_be_entrusted(self, register: Register, item: Item, texts: str) -> list[str]:
        """Who else can be entrusted with it: in office, outside the accused's chain, in none of these texts."""
        now = self._clock()
        return [
            person
            for person in a.candidates(register, item.unit, now)
            if person not in (*item.entrusted, *item.excluded)
            and not (item.against and a.is_concerned(register, person, item.against, now))
            and not self._is_named(register, person, texts)
        ]

    def _receivers(self, register: Register, body: Mapping[str, Any]) -> tuple[str, list[str], list[str]]:
        """The nearest unit above with somebody in office who is neither named nor concerned; who; who is named."""
        now, against = self._clock(), str(body["against"])
        texts = f"{body.get('named') or ''}\n{body['story']}"
        for unit in a.homes(register, against, body["about"], now):
            able = [
                person
                for person in a.candidates(register, unit, now)
                if not a.is_concerned(register, person, against, now)
            ]
            named = [person for person in able if self._is_named(register, person, texts)]
            clear = [person for person in able if person not in named]
            if any(self._sits_in(register, person, unit) for person in clear):
                return unit, clear[: a.MOST_ENTRUSTED], named[: a.MOST_ENTRUSTED]
        raise NobodyReceivesError

    def _sits_in(self, register: Register, person: str, unit: str) -> bool:
        posts = register.roles(person, self._clock())
        return any(held.unit == unit and held.role in a.offices(unit) for held in posts)

    def _is_named(self, register: Register, person: str, texts: str) -> bool:
        """Whether somebody's name stands in what was said: who is mentioned receives nothing of it."""
        name = _ASIDE.sub("", self._name_of(register, person))
        return len(name) > 1 and name.casefold() in re.sub(r"\s", "", texts).casefold()


def check(body: Mapping[str, Any]) -> None:
    """Raise pydantic.ValidationError where what was entered is not of the form of a lodging."""
    found = {"tracking": "0" * 64, "entrusted": ("act_00000000",)}
    plain_model(COMMANDS["accusation.lodge.v1"]).model_validate({**body, **found})


def _own_role(register: Register, actor: str, now: int) -> Role:
    held = register.roles(actor, now)
    return held[0].role if held else "administrator"
