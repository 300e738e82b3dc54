"""What a receipt that a resident brings is worth: one test for each answer."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.evidence import MAX_MERGE_DELAY_MS, Promise, SignedReceipt, origin_of
from ledger.entry import entry_of, leaf_hash
from ledger.judging import Judgement, judge_receipt
from ledger.keys import KeyRing, ring_of
from ledger.log import Record
from ledger.receipts import sign_promise
from ledger.signing import SigningKey, sign_submission
from tests.golden.examples import submission
from tests.support.keys import INTAKE, NOTARY, ends_of, key_of, ledger_topic, retirement, rotation
from tests.support.partitions import GENESIS

TOPIC, PARTITION, OFFSET, AT = "grievance.submissions", 7, 41, 1_790_000_000_000
DUE = AT + MAX_MERGE_DELAY_MS
SECOND = key_of("intake", "second")


def recorded(**changes: object) -> Record:
    """The record of a signed submission, at its place."""
    said = submission().model_copy(update={"signature": None, "signer": INTAKE.id, **changes})
    return Record(OFFSET, AT, said.unit.encode(), sign_submission(said, INTAKE))


def receipt_of(record: Record, key: SigningKey = INTAKE, **changes: Any) -> SignedReceipt:
    """The receipt that this key signed for a record."""
    told = {
        "origin": origin_of(GENESIS.ledger, TOPIC, PARTITION),
        "topic": TOPIC,
        "partition": PARTITION,
        "offset": record.offset,
        "recorded_at": record.timestamp,
        "submission_id": submission().id,
        "leaf_hash": leaf_hash(entry_of(record)).hex(),
        "max_merge_delay_ms": MAX_MERGE_DELAY_MS,
        "key_id": key.id,
        **changes,
    }
    return sign_promise(Promise.model_validate(told), key)


def ring(*values: bytes) -> KeyRing:
    """The ring with these records after the genesis."""
    return ring_of(ledger_topic(GENESIS, values))


def rotated(end: int) -> KeyRing:
    """The ring after intake's key was retired at this end of every partition."""
    ends = ends_of(ring(), "intake", end)
    values = (rotation(GENESIS.ledger, INTAKE, SECOND), retirement(GENESIS.ledger, INTAKE, SECOND, ends))
    return ring(*values)


RECORD = recorded()
RECEIPT = receipt_of(RECORD)


def judged(
    receipt: SignedReceipt = RECEIPT,
    keys: KeyRing | None = None,
    record: Record | None = RECORD,
    size: int = OFFSET + 1,
    as_of: int = DUE,
) -> Judgement:
    """The judgement, in the ring of the genesis and with a tree that reaches the record if not told otherwise."""
    return judge_receipt(receipt, keys or ring(), record, size, as_of)


def test_a_promise_is_kept() -> None:
    """The record stands at its place, and the tree reaches it: kept, before and after it was due."""
    assert judged().standing == judged(as_of=AT).standing == "kept"
    assert not judged().is_against_the_operator


def test_a_promise_is_not_yet_due() -> None:
    """The tree does not reach the record, and the merge delay has not passed."""
    assert judged(size=OFFSET, as_of=DUE - 1).standing == "not_yet_due"
    assert judged(record=None, size=0, as_of=DUE - 1).standing == "not_yet_due"


@pytest.mark.parametrize("record", [RECORD, None])
def test_a_promise_is_broken(record: Record | None) -> None:
    """Past the merge delay the tree does not reach the place, whether or not the log has the record."""
    found = judged(record=record, size=OFFSET)
    assert (found.standing, found.is_against_the_operator) == ("broken_promise", True)


def test_a_promise_is_broken_by_its_number() -> None:
    """The sentence names the place of the record that is missing."""
    assert str(judged(size=0)).startswith("grievance.submissions/7/41: ")


def test_a_record_that_was_removed_is_a_broken_promise() -> None:
    """The tree is long enough and the log has nothing at the place."""
    assert judged(record=None).standing == "broken_promise"


@pytest.mark.parametrize(
    "other",
    [
        recorded(actor="act_somebodyelse"),
        RECORD._replace(timestamp=AT + 1),
        RECORD._replace(key=b"next"),
        RECORD._replace(value=None),
    ],
)
@pytest.mark.parametrize("as_of", [AT, DUE])
def test_another_leaf_is_proof_against_the_operator(other: Record, as_of: int) -> None:
    """Another actor, time, key or value at the place is reported at once, however long the tree."""
    found = judged(record=other, size=0, as_of=as_of)
    assert (found.standing, found.is_against_the_operator) == ("other_leaf", True)


@pytest.mark.parametrize(
    "changes",
    [{"recorded_at": AT - 1}, {"submission_id": "0f5c2f9e-4d54-8a2b-9c61-000000000000"}],
)
def test_a_receipt_that_contradicts_its_leaf_is_proof_too(changes: dict[str, Any]) -> None:
    """Intake signed another time or another submission for this very leaf."""
    assert judged(receipt_of(RECORD, **changes)).standing == "other_leaf"


def test_a_bad_signature() -> None:
    """A receipt that was altered proves nothing, even where the log differs from it."""
    altered = RECEIPT.model_copy(update={"leaf_hash": "00" * 32})
    found = judged(altered)
    assert (found.standing, found.is_against_the_operator) == ("bad_signature", False)


@pytest.mark.parametrize("key", [SECOND, NOTARY])
def test_an_unknown_key(key: SigningKey) -> None:
    """A key that intake never had, or the notary's, signs no receipt."""
    assert judged(receipt_of(RECORD, key)).standing == "unknown_key"


def test_a_retired_key_after_its_end() -> None:
    """Whoever holds the old key cannot make a promise for a place past the rotation's end."""
    assert judged(keys=rotated(OFFSET), record=None, size=0).standing == "retired_key"


def test_a_retired_key_before_its_end() -> None:
    """What the old key promised before its end is held against the operator for ever."""
    assert judged(keys=rotated(OFFSET + 1)).standing == "kept"
    assert judged(keys=rotated(OFFSET + 1), record=None).standing == "broken_promise"
    assert judged(receipt_of(RECORD, SECOND), keys=rotated(OFFSET)).standing == "kept"


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": origin_of("led_another00", TOPIC, PARTITION)},
        {"origin": origin_of(GENESIS.ledger, TOPIC, 12), "partition": 12},
        {"origin": origin_of(GENESIS.ledger, "patrol.submissions", 7), "topic": "patrol.submissions"},
    ],
)
def test_another_ledger(changes: dict[str, Any]) -> None:
    """A receipt of another ledger, or of a partition that there is none of, is refused as such."""
    assert judged(receipt_of(RECORD, **changes)).standing == "wrong_ledger"
