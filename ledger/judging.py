"""What a receipt that somebody brings is worth against the log and the tree that the auditor holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from contracts.envelope import UnreadableError, decode_submission
from contracts.evidence import ProvenReceipt, SignedReceipt
from ledger.entry import entry_of, leaf_hash
from ledger.keys import KeyRing, KnownKey
from ledger.log import Record, TopicPartition
from ledger.merkle import ProofError, verify_inclusion
from ledger.notes import ED25519, NoteError, Verifier, open_checkpoint, parse_checkpoint, parse_note
from ledger.receipts import is_signed_by

Standing = Literal[
    "kept",
    "not_yet_due",
    "wrong_ledger",
    "unknown_key",
    "bad_signature",
    "retired_key",
    "other_leaf",
    "broken_promise",
]

AGAINST_THE_OPERATOR: frozenset[Standing] = frozenset({"other_leaf", "broken_promise"})
"""The receipt is genuine, and what it promised is not so."""

_SENTENCES: Mapping[Standing, str] = {
    "kept": "the promise was kept: the record is in the tree, as the receipt says",
    "not_yet_due": "the record is not in the tree yet, and it need not be",
    "wrong_ledger": "the receipt is of another ledger, or of a topic that this one does not have",
    "unknown_key": "the receipt names a key that intake never had in this ledger",
    "bad_signature": "the receipt does not bear the signature of the key that it names",
    "retired_key": "the key was retired before this place in the log: the receipt proves nothing",
    "other_leaf": "another record stands at the place that the receipt promises: proof against the operator",
    "broken_promise": "the record is not in the tree, and should be: proof against the operator",
}


class Judgement(NamedTuple):
    """What a receipt is worth. `place`: topic/partition/offset, its number."""

    standing: Standing
    place: str

    @property
    def is_against_the_operator(self) -> bool:
        """Whether the receipt proves that a promise was not kept."""
        return self.standing in AGAINST_THE_OPERATOR

    def __str__(self) -> str:
        return f"{self.place}: {_SENTENCES[self.standing]}"


def judge_receipt(
    receipt: SignedReceipt, ring: KeyRing, record: Record | None, tree_size: int, as_of: int
) -> Judgement:
    """Judge a receipt.

    `record` is what stands at the receipt's place on the log, None where nothing does; `tree_size` the size
    of the receipt's partition's tree in a checkpoint that the auditor trusts, and whose leaves are the
    log's; `as_of` the time at which that checkpoint was the newest, in milliseconds since the epoch.
    """
    place = f"{receipt.topic}/{receipt.partition}/{receipt.offset}"
    return Judgement(check_signature(receipt, ring) or _standing(receipt, record, tree_size, as_of), place)


def check_signature(receipt: SignedReceipt, ring: KeyRing) -> Standing | None:
    """What is wrong with the receipt itself, whatever is on the log; None where it is genuine."""
    if receipt.ledger != ring.genesis.ledger or receipt.partition >= ring.topics.get(receipt.topic, 0):
        return "wrong_ledger"
    key = ring.find("intake", receipt.key_id)
    if key is None:
        return "unknown_key"
    if not is_signed_by(receipt, key.public):
        return "bad_signature"
    if not key.counts_at(TopicPartition(receipt.topic, receipt.partition), receipt.offset):
        return "retired_key"
    return None


def check_proof(proven: ProvenReceipt, notaries: Sequence[KnownKey]) -> str | None:
    """What is wrong with a receipt's inclusion proof, in a sentence; None where nothing is.

    The signature of its checkpoint is checked only where notary keys are given.
    """
    receipt = proven.receipt
    try:
        checkpoint = parse_checkpoint(parse_note(proven.checkpoint).text)
        if checkpoint.origin != receipt.origin:
            return "its checkpoint is of another tree"
        path = [bytes.fromhex(step) for step in proven.inclusion]
        leaf = bytes.fromhex(receipt.leaf_hash)
        verify_inclusion(leaf, receipt.offset, checkpoint.size, path, checkpoint.root)
    except NoteError as error:
        return f"its checkpoint cannot be read: {error}"
    except ProofError:
        return "its proof does not lead to the root of its checkpoint"
    at = TopicPartition(receipt.topic, receipt.partition)
    if notaries and not is_notarised(proven.checkpoint, receipt.origin, at, notaries):
        return "no notary key of this ledger, in force at that size, signed its checkpoint"
    return None


def is_notarised(note: str, origin: str, at: TopicPartition, notaries: Iterable[KnownKey]) -> bool:
    """Whether one of these notary keys, whose word counts at its size, signed this checkpoint of a partition."""
    try:
        size = parse_checkpoint(parse_note(note).text).size
        counting = [key for key in notaries if key.role == "notary" and key.counts_at(at, size - 1)]
        verifiers = [Verifier(origin, ED25519, key.public) for key in counting]
        return open_checkpoint(note, verifiers).origin == origin
    except NoteError:
        return False


def is_of(receipt: SignedReceipt, record: Record) -> bool:
    """Whether a record is the one that the receipt promises, and says what the receipt says of it."""
    told = (receipt.offset, receipt.recorded_at, receipt.leaf_hash)
    if told != (record.offset, record.timestamp, leaf_hash(entry_of(record)).hex()):
        return False
    try:
        return decode_submission(record.value, record.key).id == receipt.submission_id
    except UnreadableError:
        # The leaf is of these very bytes: that they cannot be read does not make them others.
        return True


def _standing(receipt: SignedReceipt, record: Record | None, tree_size: int, as_of: int) -> Standing:
    if record is not None and not is_of(receipt, record):
        return "other_leaf"
    if record is not None and receipt.offset < tree_size:
        return "kept"
    return "broken_promise" if as_of >= receipt.due_at else "not_yet_due"
