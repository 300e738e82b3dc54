"""Keys of fictional ledgers: one for each role, the same in every run, and a ledger topic made with them."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.evidence import KeyRetiredV1, KeyRole, KeyRotatedV1, TopicAddedV1
from contracts.genesis import Genesis, encode_genesis
from ledger.keys import KeyRing
from ledger.log import Record
from ledger.signing import FixedSigner, SigningKey, sign_ledger_record, unsigned

AT = 1_790_000_000_000


def key_of(role: KeyRole, name: str = "first") -> SigningKey:
    """The key of this role and name."""
    return SigningKey.of_seed(role, f"{role} {name}".encode().ljust(32, b"."))


INTAKE, NOTARY = key_of("intake"), key_of("notary")
KEYS: dict[str, str] = {"intake": INTAKE.public_text, "notary": NOTARY.public_text}
"""What a genesis says of these keys."""

SIGNER = FixedSigner(INTAKE)


def rotation(
    ledger: str, old: SigningKey, new: SigningKey, *, signed_by: tuple[SigningKey, SigningKey] | None = None
) -> bytes:
    """The record of a rotation; `signed_by` where others signed it than should have."""
    record = KeyRotatedV1(
        ledger=ledger,
        at=AT,
        role=new.role,
        old=old.id,
        new=new.id,
        public=new.public_text,
        signatures=unsigned(2),
    )
    return sign_ledger_record(record, *(signed_by or (old, new)))


def retirement(ledger: str, old: SigningKey, new: SigningKey, ends: dict[str, tuple[int, ...]]) -> bytes:
    """The record by which the new key retires the old one at these ends."""
    record = KeyRetiredV1(
        ledger=ledger, at=AT, role=new.role, key=old.id, ends=ends, signer=new.id, signatures=unsigned(1)
    )
    return sign_ledger_record(record, new)


def topic_added(ledger: str, key: SigningKey, topic: str = "patrol.submissions") -> bytes:
    """The record by which this key adds a topic."""
    record = TopicAddedV1(
        ledger=ledger, at=AT, topic=topic, partitions=12, signer=key.id, signatures=unsigned(1)
    )
    return sign_ledger_record(record, key)


def ends_of(ring: KeyRing, role: KeyRole, end: int) -> dict[str, tuple[int, ...]]:
    """The same end offset on every partition that a retirement must name."""
    return {topic: (end,) * count for topic, count in ring.pinned_topics(role).items()}


def ledger_topic(genesis: Genesis, values: Iterable[bytes] = ()) -> list[Record]:
    """The records of a ledger topic: the genesis, then these values."""
    return [
        Record(offset, AT, None, value) for offset, value in enumerate((encode_genesis(genesis), *values))
    ]
