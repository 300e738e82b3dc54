"""A ledger to work on: the community's register, seeded submissions of grievances, and the check.

`check` is what every race must come to: all is decided, once, as a single worker decides it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from contracts import control as c
from contracts import grievance as g
from contracts.base import HOUR_MS
from contracts.partition import partition_of
from contracts.topics import events_topic, submissions_topic
from ledger.log import Draft, EventLog, Record
from runtime.chain import Chain
from runtime.genesis import Ledger, make_ledger
from runtime.kernel import FamilyRules, Rules
from services.grievance import domain
from services.grievance.case import is_open
from tests.support.community import command_of
from tests.support.given import (
    ADMINISTRATOR,
    BEGINNING,
    CLOCK,
    HANDLER,
    NEIGHBOUR,
    SEALED,
    community,
    lodge,
)
from tests.support.partitions import (
    GENESIS,
    HERE,
    case_of,
    chain,
    decide_all,
    numbered,
    partition,
    register_partition,
    say,
)

SUBMISSIONS, EVENTS = submissions_topic("grievance"), events_topic("grievance")
THERE = partition_of(NEIGHBOUR, GENESIS.partitions)
RULES = FamilyRules("grievance", {"grievance-1": Rules("grievance-1", domain.decide, domain.evolve, is_open)})


class Put(NamedTuple):
    """A submission record, and the partition that it goes to."""

    partition: int
    draft: Draft


class Chains(NamedTuple):
    """What stands on the events partitions: the hashes of the admitted decisions, and how much else."""

    hashes: dict[int, list[str]]
    ignored: int


async def found_ledger(log: EventLog) -> Ledger:
    """Make the ledger, with the community in its register."""
    ledger = await make_ledger(log, GENESIS)
    drafts = [Draft(BEGINNING, b"-", value) for value in register_decisions()]
    await log.append(events_topic("register"), 0, drafts)
    return ledger


@cache
def register_decisions() -> tuple[bytes, ...]:
    """The register's decisions that make the community."""
    return tuple(decide_all(register_partition(), register_submissions()))


def register_submissions() -> list[Record]:
    """What the administrator submits to make the community."""
    return numbered(
        say(f"{n}", command_of(entry), by=ADMINISTRATOR, unit="-") for n, entry in enumerate(community())
    )


def submissions(count: int, seed: int) -> list[Put]:
    """Lodgings and what follows them, with retries, conflicts, heartbeats and garbage among them."""
    chance = random.Random(seed)
    puts: list[Put] = []
    for number in range(count):
        put = _submission(number, chance)
        puts.append(chance.choice(puts) if puts and chance.random() < 0.05 else put)
    return puts


def _submission(number: int, chance: random.Random) -> Put:
    at = BEGINNING + 1000 * number
    kind = chance.random()
    case = f"case {chance.randrange(number // 4 + 1)}"
    if kind < 0.02:
        value = chance.choice([b"garbage", b"[]", b"{}", None])
        return Put(chance.choice([HERE, THERE]), Draft(at, b"?", value))
    if kind < 0.04:
        beat = c.HeartbeatV1(hour=at // HOUR_MS)
        return _put(HERE, say(f"beat {number}", beat, at, by=CLOCK, subject="clock", unit="-"))
    if kind < 0.06:
        return _put(THERE, say(f"next {number}", lodge(zone="n1"), at, unit=NEIGHBOUR))
    if kind < 0.3:
        return _put(HERE, say(f"case {number // 4}", lodge(), at))
    steps = [
        g.AcceptV1(),
        g.AssignV1(handler=HANDLER.actor),
        g.ReplyV1(reply=SEALED),
        g.CloseV1(outcome="answered"),
        g.ReopenV1(note=SEALED),
    ]
    body = chance.choices(steps, [4, 2, 3, 3, 1])[0]
    tag = "other" if chance.random() < 0.02 else "tag"
    name = f"{case} {chance.randrange(_count_of_keys(number))}"
    return _put(HERE, say(name, body, at, by=HANDLER, subject=case_of(case), bodytag=tag))


def _count_of_keys(number: int) -> int:
    """How many keys people draw from at this point: few enough that some meet."""
    return 20 + number // 10


def _put(number: int, record: Record) -> Put:
    return Put(number, Draft(*record[1:]))


async def append(log: EventLog, puts: Iterable[Put]) -> None:
    """Append the submissions, in order within each partition."""
    by_partition: dict[int, list[Draft]] = {}
    for put in puts:
        by_partition.setdefault(put.partition, []).append(put.draft)
    for number, drafts in by_partition.items():
        await log.append(SUBMISSIONS, number, drafts)


async def read_all(log: EventLog, topic: str, number: int) -> list[Record]:
    """Every record of a partition."""
    records: list[Record] = []
    while more := await log.read(topic, number, len(records), 5000):
        records += more
    return records


def admitted(events: Sequence[Record]) -> list[bytes]:
    """The values of the decisions that a reader of an events partition takes in."""
    reader = chain()
    return [record.value or b"" for record in events if reader.take(record.value)]


async def undecided(log: EventLog, reader: dict[int, tuple[Chain, int]]) -> int:
    """How many submissions have no admitted decision; `reader` remembers how far it has read."""
    missing = 0
    for at, end in (await log.end_offsets([SUBMISSIONS])).items():
        known, position = reader.get(at.partition) or (chain(), 0)
        while records := await log.read(EVENTS, at.partition, position, 5000):
            for record in records:
                known.take(record.value)
            position = records[-1].offset + 1
        reader[at.partition] = (known, position)
        missing += end - known.next_offset
    return missing


async def check(log: EventLog) -> Chains:
    """Assert that all is decided, and by the bytes of a single fresh worker; return the chains."""
    hashes: dict[int, list[str]] = {}
    ignored = 0
    for at in await log.end_offsets([SUBMISSIONS]):
        said = await read_all(log, SUBMISSIONS, at.partition)
        events = await read_all(log, EVENTS, at.partition)
        stands = admitted(events)
        assert stands == decide_all(partition(number=at.partition), said)
        hashes[at.partition] = [hashlib.sha256(value).hexdigest() for value in stands]
        ignored += len(events) - len(stands)
    return Chains(hashes, ignored)
