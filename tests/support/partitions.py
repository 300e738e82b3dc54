"""A ledger in memory: its register, partitions of the grievance family, and records to decide.

What `tests.support.given` is for the rules, this is for the kernel: the same community, as records.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

import orjson

from contracts.base import Message, to_rfc3339
from contracts.catalogue import TYPE_OF
from contracts.envelope import DecisionBody, Submission, decode_decision, encode
from contracts.genesis import Genesis, encode_genesis, genesis_hash
from contracts.partition import partition_of
from contracts.reference import RegisterHistory
from contracts.topics import ledger_topics
from contracts.workflow import stream_id
from ledger.log import Record
from runtime.chain import Chain, beginning
from runtime.kernel import FamilyRules, Partition, Rules
from services.grievance import domain as grievances
from services.register import domain as registers
from tests.support.given import ADMINISTRATOR, BEGINNING, CLERK, COMMUNITY, Who, community
from tests.support.keys import KEYS

GENESIS = Genesis(
    ledger="led_fictional0",
    created_at=BEGINNING,
    partitions=12,
    topics=ledger_topics(12),
    rules={
        "register": "register-1",
        "grievance": "grievance-1",
        "people": "people-1",
        "accusation": "accusation-1",
        "mediation": "mediation-1",
        "aid": "aid-1",
        "fund": "fund-1",
    },
    administrator=ADMINISTRATOR.actor,
    keys=KEYS,
    simulated=True,
)
GENESIS_HASH = genesis_hash(encode_genesis(GENESIS))
RULES = Rules("grievance-1", grievances.decide, grievances.evolve)
GRIEVANCES = FamilyRules("grievance", {"grievance-1": RULES})
REGISTERS = FamilyRules("register", {"register-1": Rules("register-1", registers.decide, registers.evolve)})
HERE = partition_of(COMMUNITY, 12)
WHOLE = len(community())
"""The basis at which the whole community is in the register."""


def register(entries: Iterable[Message] | None = None) -> RegisterHistory:
    """A folded register: the community, or these entries; one decision for each, at the beginning."""
    history = RegisterHistory(ADMINISTRATOR.actor)
    for entry in community() if entries is None else entries:
        history.fold(BEGINNING, [entry])
    return history


def partition(
    history: RegisterHistory | None = None, rules: FamilyRules = GRIEVANCES, number: int = HERE
) -> Partition:
    """A grievance partition, the community's own by default, before its first decision."""
    return Partition(rules, GENESIS, GENESIS_HASH, number, history or register())


def chain() -> Chain:
    """The chain of a grievance partition before its first decision."""
    return Chain("grievance", beginning("grievance", GENESIS, GENESIS_HASH))


def register_partition() -> Partition:
    """The register's partition, before its first decision."""
    return Partition(REGISTERS, GENESIS, GENESIS_HASH, 0, RegisterHistory(ADMINISTRATOR.actor))


def intent(name: str) -> str:
    """The id of a submission whose intent has this name."""
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16]))


def case_of(name: str) -> str:
    """The stream that the lodging of this intent creates."""
    return stream_id("grv", intent(name))


class Extras(TypedDict, total=False):
    """What a submission may say beside its body; see contracts.envelope."""

    by: Who
    unit: str
    subject: str
    told: int
    basis: int
    batch: str
    bodytag: str


def submission(name: str, body: Message, at: int = BEGINNING, **extras: Unpack[Extras]) -> Submission:
    """The submission of an intent: by the clerk of the community, about the intent's own case."""
    who = extras.get("by", CLERK)
    return Submission(
        id=intent(name),
        source="/ledgers/led_fictional0/intake",
        type=TYPE_OF[type(body)],
        subject=extras.get("subject", case_of(name)),
        time=to_rfc3339(extras.get("told", at)),
        actor=who.actor,
        role=who.role,
        unit=extras.get("unit", COMMUNITY),
        basis=extras.get("basis", WHOLE),
        bodytag=extras.get("bodytag", "tag"),
        batch=extras.get("batch"),
        data=body.model_dump(exclude_none=True),
    )


def as_record(said: Submission, at: int = BEGINNING, offset: int = 0) -> Record:
    """The record of a submission."""
    return Record(offset, at, said.unit.encode(), encode(said))


def say(name: str, body: Message, at: int = BEGINNING, **extras: Unpack[Extras]) -> Record:
    """The record of an intent's submission; `numbered` gives it its offset."""
    return as_record(submission(name, body, at, **extras), at)


def numbered(records: Iterable[Record], start: int = 0) -> list[Record]:
    """The records in the places that they have on a partition."""
    return [record._replace(offset=offset) for offset, record in enumerate(records, start)]


def altered(record: Record, **attributes: Any) -> Record:
    """The record with other attributes in its envelope; None takes one away."""
    raw = orjson.loads(record.value or b"{}") | attributes
    return record._replace(value=orjson.dumps({k: v for k, v in raw.items() if v is not None}))


def decide_all(state: Partition, records: Iterable[Record]) -> list[bytes]:
    """Decide records in the places that come next."""
    return [state.decide(record) for record in numbered(records, state.next_offset)]


def body_of(value: bytes) -> DecisionBody:
    """What a decision says."""
    decision = decode_decision(value)
    assert decision is not None
    return decision.data


def bodies(state: Partition, *records: Record) -> list[DecisionBody]:
    """Decide records in the places that come next; say what the decisions say."""
    return [body_of(value) for value in decide_all(state, records)]


def look(state: Partition) -> tuple[object, ...]:
    """All that a partition holds, for comparing two of them."""
    return (
        state.streams,
        state.control,
        state.now,
        state.basis,
        state.chain.position(),
        state.register.recorded_at,
        state.register.entries,
    )
