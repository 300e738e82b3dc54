"""Receipts: how they are signed, written and read. How one is judged is in ledger.judging."""

from __future__ import annotations

from contracts.evidence import MAX_MERGE_DELAY_MS, Promise, SignedReceipt, origin_of
from ledger.entry import entry_of, leaf_hash
from ledger.log import Record, TopicPartition
from ledger.signing import SigningKey


def promise_of(ledger: str, place: TopicPartition, record: Record, submission_id: str, key: str) -> Promise:
    """What intake promises of a durable record, under the key of this id."""
    return Promise(
        origin=origin_of(ledger, place.topic, place.partition),
        topic=place.topic,
        partition=place.partition,
        offset=record.offset,
        recorded_at=record.timestamp,
        submission_id=submission_id,
        leaf_hash=leaf_hash(entry_of(record)).hex(),
        max_merge_delay_ms=MAX_MERGE_DELAY_MS,
        key_id=key,
    )


def sign_promise(promise: Promise, key: SigningKey) -> SignedReceipt:
    """The receipt: the same bytes each time, for the same record and key."""
    return SignedReceipt(**promise.model_dump(), signature=key.sign(promise.signed_text()))
