"""A whole ledger in memory, decided by the real kernel: submissions in, decisions out, ready to be poured.

    demo = DemoLedger()
    case = demo.lodge(title=SEALED)
    demo.submit(g.AcceptV1(), subject=case, by=HANDLER)
    async with demo.poured_into(SqliteLog(path)) as log: …

The register holds community `demo` with zones z1 to z3, a neighbour `next`, two categories, the default
policy, and somebody in each post. Time stands still until `demo.now` is set; all of it is milliseconds.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from barograph.families import family_rules, first_rules
from contracts import accusation as a
from contracts import control as c
from contracts import employment, pairing
from contracts import grievance as g
from contracts import mediation as m
from contracts import people as p
from contracts import register as r
from contracts.base import Message, to_rfc3339
from contracts.catalogue import TYPE_OF
from contracts.envelope import DecisionBody, Submission, decode_decision
from contracts.genesis import Genesis, encode_genesis, genesis_hash
from contracts.partition import partition_of
from contracts.reference import LEDGER_UNIT, RegisterHistory
from contracts.topics import (
    FAMILIES,
    LEDGER_TOPIC,
    events_topic,
    ledger_topics,
    partitions_of,
    submissions_topic,
)
from contracts.tracking import digest_of
from contracts.workflow import stream_id
from ledger.log import Draft, EventLog, Record, TopicPartition
from ledger.signing import sign_submission
from runtime.genesis import Ledger
from runtime.kernel import Partition
from runtime.streams import CLOCK_STREAM
from tests.support.community import (
    ADMINISTRATOR,
    AUDITOR,
    BEGINNING,
    CLERK,
    CLOCK,
    HANDLER,
    NEIGHBOUR,
    OFFICER,
    POST_OF_CLOCK,
    SEALED,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Community,
    Who,
)
from tests.support.keys import INTAKE, KEYS

ZONES = ("z1", "z2", "z3")
CATEGORIES = ("roads", "noise")
OTHER_HANDLER = Who("act_handler001", "handler")

_STAFF = (CLERK, HANDLER, OTHER_HANDLER, SUPERVISOR, AUDITOR, OFFICER)
_COMMUNITY = Community(
    units=(
        r.DefineUnitV1(unit=UNIT, name="Demo", tier="community"),
        r.DefineUnitV1(unit=NEIGHBOUR, name="Next Door", tier="community"),
    ),
    zones=(
        *(r.DefineZoneV1(zone=zone, unit=UNIT, name=f"Zone {zone}") for zone in ZONES),
        r.DefineZoneV1(zone="n1", unit=NEIGHBOUR, name="Zone next door"),
    ),
    categories=CATEGORIES,
    people=(*_STAFF, CLOCK, STRANGER),
    posts=(*((who, unit) for who in _STAFF for unit in (UNIT, NEIGHBOUR)), POST_OF_CLOCK),
)


class Submitted(NamedTuple):
    """A submission record, where it stands, and what became of it."""

    family: str
    partition: int
    offset: int
    submission: Submission
    decision: DecisionBody


class DemoLedger:
    """The records of every topic partition, as a log would hold them, and the folded partitions."""

    def __init__(self, partitions: int = 12, *, name: str = "led_demo0000") -> None:
        self.genesis = Genesis(
            ledger=name,
            created_at=BEGINNING,
            partitions=partitions,
            topics=ledger_topics(partitions),
            rules=first_rules(),
            administrator=ADMINISTRATOR.actor,
            keys=KEYS,
            simulated=True,
        )
        self.now = BEGINNING
        self.records: defaultdict[TopicPartition, list[Record]] = defaultdict(list)
        genesis = encode_genesis(self.genesis)
        self.ledger = Ledger(self.genesis, genesis_hash(genesis))
        self._append(TopicPartition(LEDGER_TOPIC, 0), None, genesis)
        self._poured: defaultdict[TopicPartition, int] = defaultdict(int)
        self._ids = 0
        self.register = RegisterHistory(ADMINISTRATOR.actor)
        self.partitions: dict[tuple[str, int], Partition] = {
            (family, number): Partition(
                family_rules()[family], self.genesis, self.ledger.hash, number, self.register
            )
            for family in FAMILIES
            for number in range(partitions_of(family, partitions))
        }
        for entry in community():
            self.submit(entry, by=ADMINISTRATOR)

    def submit(
        self,
        body: Message,
        *,
        by: Who | None = None,
        unit: str | None = None,
        subject: str | None = None,
        told: int | None = None,
        batch: str | None = None,
        family: str | None = None,
        **attributes: Any,
    ) -> Submitted:
        """Put a submission on its topic at `now`, and decide it and whatever stands before it.

        `told` is when it happened as told; `family`: the one whose partition is meant, for what every family has;
        `attributes` replace others of the envelope's.
        """
        family = family or _family_of(body)
        unit = unit or (LEDGER_UNIT if family == "register" else UNIT)
        submission_id = attributes.pop("id", None) or self._next_id()
        submission = Submission(
            id=submission_id,
            source="/intake",
            type=TYPE_OF[type(body)],
            subject=subject or stream_id(_kind_of(body), submission_id),
            time=to_rfc3339(self.now if told is None else told),
            actor=(by or _usually(body)).actor,
            role=(by or _usually(body)).role,
            unit=unit,
            basis=0 if family == "register" else self.register.end,
            batch=batch,
            data=body.model_dump(exclude_none=True),
            signer=INTAKE.id,
            **attributes,
        )
        at = TopicPartition(submissions_topic(family), self.place_of(family, unit))
        offset = self._append(at, unit.encode(), sign_submission(submission, INTAKE))
        self.decide(family, at.partition)
        decision = self._decision(family, at.partition, offset)
        return Submitted(family, at.partition, offset, submission, decision)

    def lodge(self, **fields: Any) -> str:
        """Lodge a grievance; return its case id. Fields of `LodgeV1`, and `submit`'s own arguments."""
        own = {name: fields.pop(name) for name in ("by", "unit", "told", "batch") if name in fields}
        usual = {"tracking": self._tracking(), "channel": "counter", "zone": "z1"}
        body = g.LodgeV1.model_validate({**usual, "story": SEALED, **fields})
        return self.submit(body, **own).submission.subject

    def open_import(self, unit: str = UNIT, family: str = "grievance") -> str:
        """The clerk opens an import batch; return its id."""
        body = c.OpenImportV1(source="fictional.xlsx", content="0" * 64)
        return self.submit(body, unit=unit, family=family).submission.subject

    def close_import(self, batch: str, rows: int = 0, unit: str = UNIT) -> Submitted:
        """The clerk closes it."""
        return self.submit(c.CloseImportV1(rows=rows, bad_rows=0), subject=batch, unit=unit)

    def heartbeat(self, unit: str = UNIT) -> Submitted:
        """A clock watches the partition of this unit."""
        body = c.HeartbeatV1(hour=self.now // 3_600_000)
        return self.submit(body, unit=unit, subject=CLOCK_STREAM)

    def put(self, topic: str, partition: int, value: bytes | None, key: bytes | None = None) -> int:
        """Put any record on any topic, undecided; return its offset."""
        return self._append(TopicPartition(topic, partition), key, value)

    def decide(self, family: str, number: int) -> None:
        """Decide every submission of the partition that has no decision yet."""
        partition = self.partitions[family, number]
        submissions = self.records[TopicPartition(submissions_topic(family), number)]
        for record in submissions[partition.next_offset :]:
            value = partition.decide(record)
            self._append(TopicPartition(events_topic(family), number), None, value, record.timestamp)

    def place_of(self, family: str, unit: str = UNIT) -> int:
        """The partition of a unit in a family."""
        count = partitions_of(family, self.genesis.partitions)
        return 0 if unit == LEDGER_UNIT else partition_of(unit, count)

    def events(self, family: str, partition: int | None = None) -> list[Record]:
        """The records of an events partition; of unit `demo` where none is named."""
        number = self.place_of(family) if partition is None else partition
        return self.records[TopicPartition(events_topic(family), number)]

    async def pour(self, log: EventLog) -> None:
        """Append what the log does not have yet, creating its topics."""
        await log.create_topics(self.genesis.topics)
        for at, records in list(self.records.items()):
            drafts = [Draft(*record[1:]) for record in records[self._poured[at] :]]
            if drafts:
                await log.append(at.topic, at.partition, drafts)
                self._poured[at] = len(records)

    @asynccontextmanager
    async def poured_into(self, log: EventLog) -> AsyncIterator[EventLog]:
        """The opened log, with everything so far in it."""
        async with log:
            await self.pour(log)
            yield log

    def decisions(self) -> Iterator[tuple[str, DecisionBody]]:
        """Every decision with its family, partition by partition."""
        for (family, number), partition in self.partitions.items():
            for offset in range(partition.next_offset):
                yield family, self._decision(family, number, offset)

    def _decision(self, family: str, number: int, offset: int) -> DecisionBody:
        for record in self.events(family, number)[offset:]:
            decision = decode_decision(record.value)
            if decision is not None and decision.data.submission_offset == offset:
                return decision.data
        raise LookupError(offset)

    def _append(
        self, at: TopicPartition, key: bytes | None, value: bytes | None, timestamp: int | None = None
    ) -> int:
        records = self.records[at]
        records.append(Record(len(records), self.now if timestamp is None else timestamp, key, value))
        return len(records) - 1

    def _next_id(self) -> str:
        self._ids += 1
        return str(uuid.UUID(int=(8 << 76) | (2 << 62) | self._ids))

    def _tracking(self) -> str:
        return digest_of(f"{self._ids:020d}")


def community() -> tuple[Message, ...]:
    """What the administrator enters first."""
    return _COMMUNITY.commands()


def _family_of(body: Message) -> str:
    family = TYPE_OF[type(body)].split(".")[0]
    return "grievance" if family == "control" else family


_KIND_OF_FAMILY = {"register": "reg", "grievance": "grv", "mediation": "med", "aid": "aid"}


def _kind_of(body: Message) -> str:
    if isinstance(body, c.OpenImportV1):
        return "imp"
    kinds: dict[type[Message], str] = {
        a.LodgeV1: "acc",
        pairing.PairV1: "pai",
        employment.RegisterSeekerV1: "emp",
        p.RecordReadingV1: "rdg",
        p.ProposeRetentionV1: "ret",
        p.RequestDisclosureV1: "dsc",
    }
    return kinds.get(type(body)) or _KIND_OF_FAMILY[_family_of(body)]


def _usually(body: Message) -> Who:
    match body:
        case g.LodgeV1() | c.OpenImportV1() | c.CloseImportV1():
            return CLERK
        case g.DeadlineDueV1() | m.DeadlineDueV1() | c.HeartbeatV1():
            return CLOCK
        case c.ActivateRulesV1():
            return ADMINISTRATOR
        case p.RequestDisclosureV1():
            return AUDITOR
        case p.RecordReadingV1() | p.RequestCorrectionV1():
            return CLERK
        case _:
            return {"register": ADMINISTRATOR, "people": OFFICER}.get(_family_of(body), HANDLER)
