"""An intake process: a submitter over a real log and a real vault, with a clock that a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from barograph.families import family_rules
from contracts import register as r
from contracts.base import Message
from contracts.catalogue import TYPE_OF
from contracts.envelope import DecisionBody, decode_decision
from ledger.log import Record
from ledger.sqlite import SqliteLog
from ledger.vault import Vault
from runtime.embedded import catch_up, make_workers
from runtime.genesis import make_ledger
from runtime.submit import Receipt, Said, Submitter
from tests.support.community import command_of
from tests.support.given import ADMINISTRATOR, BEGINNING, CLERK, COMMUNITY, TRACKING, community
from tests.support.keys import SIGNER
from tests.support.partitions import GENESIS, HERE, WHOLE

INTAKE_KEY, MASTER = b"i" * 32, b"m" * 32
STORY = {"tracking": TRACKING, "channel": "counter", "zone": "z1", "story": "路灯坏了三天"}


@dataclass
class Clock:
    """Milliseconds since the epoch, until told otherwise."""

    now: int = BEGINNING

    def __call__(self) -> int:
        """The time."""
        return self.now


@dataclass(frozen=True)
class Intake:
    """One intake process of a home; `open_intake` makes it."""

    log: SqliteLog
    vault: Vault
    submitter: Submitter
    clock: Clock

    async def records(self, topic: str = "grievance.submissions", partition: int = HERE) -> list[Record]:
        """What stands on a partition."""
        return await self.log.read(topic, partition, 0)

    async def decide(self) -> list[DecisionBody]:
        """Have the workers decide all there is; return the decisions on the community's cases."""
        ledger = await make_ledger(self.log, GENESIS)
        for rules in family_rules().values():
            await catch_up(make_workers(self.log, ledger, rules, self.clock))
        decisions = [decode_decision(record.value) for record in await self.records("grievance.events")]
        return [decision.data for decision in decisions if decision is not None]

    async def enter_community(self) -> None:
        """Put the community of the other tests in the register."""
        for number, entry in enumerate(community()):
            await self.submitter.submit(_entry(entry, f"entry {number}"))


@asynccontextmanager
async def open_intake(
    home: Path, clock: Clock | None = None, key: bytes = INTAKE_KEY
) -> AsyncIterator[Intake]:
    """An intake process of this home; another one of the same home shares its log and vault."""
    clock = clock or Clock()
    async with SqliteLog(home / "log.sqlite") as log, Vault(home / "vault.sqlite", MASTER) as vault:
        ledger = await make_ledger(log, GENESIS)
        yield Intake(log, vault, Submitter(log, ledger, vault, key, clock, SIGNER), clock)


def lodging(key: str = "form-1", body: Mapping[str, Any] | None = None, **changes: Any) -> Said:
    """The clerk lodges a grievance."""
    said = Said(
        family="grievance",
        type="grievance.lodge.v1",
        body=STORY if body is None else body,
        actor=CLERK.actor,
        role=CLERK.role,
        unit=COMMUNITY,
        key=key,
        kind="grv",
        basis=WHOLE,
    )
    return replace(said, **changes)


def said_of(body: Message, key: str, **changes: Any) -> Said:
    """The clerk gives a command."""
    fields = body.model_dump(exclude_none=True)
    return replace(lodging(key), type=TYPE_OF[type(body)], body=fields, **changes)


def entry_of(body: Message, key: str) -> Said:
    """The administrator gives a command to the register."""
    who = {"family": "register", "actor": ADMINISTRATOR.actor, "role": ADMINISTRATOR.role, "unit": "-"}
    return said_of(body, key, kind="reg", basis=0, **who)


def _entry(event: Message, key: str) -> Said:
    """What the administrator says for this event to come about."""
    said = entry_of(command_of(event), key)
    if isinstance(event, r.PersonDefinedV1):
        return replace(said, body={"person": event.person, "name": "Fictional Person"})
    return said


def all_bytes(home: Path) -> bytes:
    """Everything that stands in the log's files."""
    return b"".join(path.read_bytes() for path in home.iterdir() if path.name.startswith("log"))


def same(receipts: list[Receipt]) -> bool:
    """Whether all of these are one receipt."""
    return len(set(receipts)) == 1
