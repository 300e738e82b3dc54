"""The catalogue: each forgery, and a finding that it must lead to. More may be found beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from contracts.evidence import KeyRotatedV1, Promise, SignedReceipt, origin_of
from ledger.log import Record
from ledger.merkle import root
from ledger.notes import Checkpoint, sign_note
from ledger.receipts import sign_promise
from ledger.signing import SigningKey, sign_ledger_record, split_submission, unsigned
from ledger.tree_file import trees_path
from services.audit.evidence import Brought
from tests.tampering.house import (
    EVENTS,
    PLACE,
    SUBMISSIONS,
    Finding,
    Installation,
    rechained,
    renumbered,
    stranger,
    with_json,
)

Forge = Callable[[Installation], None]


def flip_a_bit(topic: str, offset: int) -> Forge:
    """One bit of one value, in what is sealed where anything is: elsewhere it might no longer be JSON."""

    def forge(at: Installation) -> None:
        value = bytearray(at.records(topic)[offset].value or b"")
        sealed = value.find(b'"sealed":"')
        value[len(value) // 2 if sealed < 0 else sealed + 20] ^= 1
        at.change(topic, offset, value=bytes(value))

    return forge


def drop(topic: str, offset: int, partition: int = PLACE, *, mend: bool = True) -> Forge:
    """One record gone; the others move up, unless the gap is left."""

    def forge(at: Installation) -> None:
        records = at.records(topic, partition)
        del records[offset]
        at.rewrite(topic, renumbered(records) if mend else records, partition)

    return forge


def swap(topic: str, one: int, other: int) -> Forge:
    """Two records in each other's place."""

    def forge(at: Installation) -> None:
        records = at.records(topic)
        records[one], records[other] = records[other], records[one]
        at.rewrite(topic, renumbered(records))

    return forge


def insert(topic: str, offset: int, make: Callable[[Record], Record]) -> Forge:
    """One record more, made after the one that stands there."""

    def forge(at: Installation) -> None:
        records = at.records(topic)
        records.insert(offset, make(records[offset]))
        at.rewrite(topic, renumbered(records))

    return forge


def append(topic: str, make: Callable[[Installation, Record], Record], partition: int = PLACE) -> Forge:
    """One record more at the end, made after the last."""

    def forge(at: Installation) -> None:
        records = at.records(topic, partition)
        at.rewrite(topic, renumbered([*records, make(at, records[-1])]), partition)

    return forge


def change(topic: str, offset: int, partition: int = PLACE, **changes: Any) -> Forge:
    """Fields of one record."""
    return lambda at: at.change(topic, offset, partition, **changes)


def shift_time(topic: str, offset: int, milliseconds: int) -> Forge:
    """One record at another time."""
    return lambda at: at.change(topic, offset, timestamp=at.records(topic)[offset].timestamp + milliseconds)


def edit(topic: str, offset: int, partition: int = PLACE, **changes: Any) -> Forge:
    """Members of a submission, or of a decision's data, whose chain is then mended."""

    def forge(at: Installation) -> None:
        records = at.records(topic, partition)
        is_decision = topic.endswith(".events")

        def put(raw: dict[str, Any]) -> None:
            (raw["data"] if is_decision else raw).update(changes)

        records[offset] = records[offset]._replace(value=with_json(records[offset].value, put))
        at.rewrite(topic, rechained(records) if is_decision else records, partition)

    return forge


def signed_by(key: Callable[[Installation], SigningKey]) -> Callable[[Installation, Record], Record]:
    """A submission like the last one, under another id, signed by some key."""

    def make(at: Installation, record: Record) -> Record:
        split = split_submission(record.value or b"")
        assert split is not None
        used = key(at)

        def put(raw: dict[str, Any]) -> None:
            raw.update(id="00000000-0000-8000-8000-000000000000", signer=used.id)

        body = with_json(split.body, put)
        value = body[:-1] + b',"signature":"' + used.sign(body).encode() + b'"}'
        return record._replace(value=value)

    return make


def decision_of_nothing(_: Installation, record: Record) -> Record:
    """A decision that goes on from the last one, about a submission that is not there."""
    chained = hashlib.sha256(record.value or b"").hexdigest()

    def put(raw: dict[str, Any]) -> None:
        offset = raw["data"]["submission_offset"] + 1
        raw.update(id=str(offset))
        raw["data"].update(submission_offset=offset, previous=chained)

    return record._replace(value=with_json(record.value, put))


def rotation_by_a_stranger(at: Installation, record: Record) -> Record:
    """A new intake key, introduced by its holder alone."""
    new = stranger()
    told = KeyRotatedV1(
        ledger=at.ledger,
        at=record.timestamp,
        role="intake",
        old=at.key("intake").id,
        new=new.id,
        public=new.public_text,
        signatures=unsigned(2),
    )
    return Record(1, record.timestamp, None, sign_ledger_record(told, new, new))


def sql(file: str, statement: str, *values: Any) -> Forge:
    """A statement on the file of the log, of the notary or of the read model."""

    def forge(at: Installation) -> None:
        with {"log": at.log, "trees": at.trees, "read_model": at.read_model}[file]() as connection:
            assert connection.execute(statement, values).rowcount

    return forge


def tile(statement: str, level: int, number: int) -> Forge:
    """A statement on a tile of the submissions' tree; `{}` stands for which."""

    def forge(at: Installation) -> None:
        where = f"tree = {at.tree(SUBMISSIONS)} AND level = {level} AND number = {number}"
        with at.trees() as trees:
            assert trees.execute(statement.format(where)).rowcount == 1

    return forge


def forked_tree(at: Installation) -> None:
    """The last checkpoint is over another tree, and the notary's own key signed it."""
    origin, tree = origin_of(at.ledger, SUBMISSIONS, PLACE), at.tree(SUBMISSIONS)
    with at.trees() as trees:
        (size,) = trees.execute("SELECT max(size) FROM checkpoints WHERE tree = ?", [tree]).fetchone()
        other = root([hashlib.sha256(b"another leaf").digest()] * size)
        note = sign_note(Checkpoint(origin, size, other).encode(), origin, at.key("notary").private)
        query = "UPDATE checkpoints SET root = ?, note = ? WHERE tree = ? AND size = ?"
        trees.execute(query, [other, note, tree, size])


def signed_by_a_stranger(at: Installation) -> None:
    """The last checkpoint is over the right tree, and somebody else signed it."""
    origin, tree = origin_of(at.ledger, SUBMISSIONS, PLACE), at.tree(SUBMISSIONS)
    with at.trees() as trees:
        query = "SELECT size, root FROM checkpoints WHERE tree = ? ORDER BY size DESC LIMIT 1"
        size, found = trees.execute(query, [tree]).fetchone()
        note = sign_note(Checkpoint(origin, size, found).encode(), origin, stranger("notary").private)
        trees.execute("UPDATE checkpoints SET note = ? WHERE tree = ? AND size = ?", [note, tree, size])


def without_trees(at: Installation) -> None:
    """All that the notary ever published is gone."""
    for file in trees_path(at.home).parent.iterdir():
        file.unlink()


def cut_the_tree(at: Installation) -> None:
    """The notary's last checkpoints over the submissions are gone: the second half was never signed."""
    with at.trees() as trees:
        query = "DELETE FROM checkpoints WHERE tree = ? AND size > 200"
        trees.execute(query, [at.tree(SUBMISSIONS)])


def receipt(make: Callable[[Installation, SignedReceipt], SignedReceipt]) -> Forge:
    """Somebody brings one receipt more."""

    def forge(at: Installation) -> None:
        at.brought = at.brought._replace(receipts=(make(at, at.receipts[7]),))

    return forge


def promise(
    at: Installation, said: SignedReceipt, key: SigningKey | None = None, **changes: Any
) -> SignedReceipt:
    """The promise with something changed in it, signed anew, by intake's own key if by no other."""
    key = key or at.key("intake")
    told = {**said.model_dump(exclude={"signature"}), **changes, "key_id": key.id}
    return sign_promise(Promise.model_validate(told), key)


def held(make: Callable[[Installation, str], str]) -> Forge:
    """The auditor holds another checkpoint than was handed out."""

    def forge(at: Installation) -> None:
        at.brought = Brought((make(at, at.brought.checkpoints[-1]),))

    return forge


def of_another_ledger(at: Installation, _: str) -> str:
    """The checkpoint of a ledger that this is not."""
    origin = origin_of("led_00000000000000", SUBMISSIONS, PLACE)
    return sign_note(Checkpoint(origin, 1, bytes(32)).encode(), origin, at.key("notary").private)


def scribbled_over(_: Installation, note: str) -> str:
    """The checkpoint with another root, under the old signature."""
    lines = note.split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    return "\n".join(lines)


UNCHANGED_LENGTH = """
    UPDATE tiles SET content = CAST(substr(content, 1, 32) || randomblob(32) || substr(content, 65) AS BLOB)
    WHERE {}
"""
CUT = "UPDATE tiles SET content = substr(content, 1, length(content) - 32) WHERE {}"

FORGERIES: Mapping[str, tuple[Forge, Finding]] = MappingProxyType(
    {
        # The records of a partition.
        "a bit of a submission": (flip_a_bit(SUBMISSIONS, 40), Finding("integrity", "tile/0")),
        "a bit of a signed value": (flip_a_bit(SUBMISSIONS, 41), Finding("signatures", "bad_signature")),
        "a bit of a decision": (flip_a_bit(EVENTS, 40), Finding("integrity", "tile/0")),
        "a bit of the last decision": (flip_a_bit(EVENTS, -1), Finding("integrity", "tile/0")),
        "the first submission dropped": (drop(SUBMISSIONS, 0), Finding("integrity", "tile/0")),
        "a middle submission dropped": (drop(SUBMISSIONS, 150), Finding("integrity", "tile/0")),
        "the last submission dropped": (drop(SUBMISSIONS, -1), Finding("integrity", "signed_record")),
        "the first decision dropped": (drop(EVENTS, 0), Finding("integrity", "tile/0")),
        "a middle decision dropped": (drop(EVENTS, 150), Finding("integrity", "tile/0")),
        "the last decision dropped": (drop(EVENTS, -1), Finding("integrity", "signed_record")),
        "a gap left": (drop(SUBMISSIONS, 150, mend=False), Finding("log", "missing_record")),
        "two submissions swapped": (swap(SUBMISSIONS, 20, 21), Finding("integrity", "tile/0")),
        "two far submissions swapped": (swap(SUBMISSIONS, 3, 280), Finding("determinism", "subject")),
        "two decisions swapped": (swap(EVENTS, 20, 21), Finding("integrity", "tile/0")),
        "a submission inserted": (
            insert(SUBMISSIONS, 30, lambda record: record._replace(value=b"{}")),
            Finding("integrity", "tile/0"),
        ),
        "a submission doubled": (
            insert(SUBMISSIONS, 30, lambda record: record),
            Finding("integrity", "tile/0"),
        ),
        "a decision doubled": (insert(EVENTS, 30, lambda record: record), Finding("integrity", "tile/0")),
        "a value removed": (change(SUBMISSIONS, 9, value=None), Finding("integrity", "tile/0")),
        "a value emptied": (change(SUBMISSIONS, 9, value=b""), Finding("integrity", "tile/0")),
        "a key removed": (change(SUBMISSIONS, 9, key=None), Finding("integrity", "tile/0")),
        "a decision's key changed": (change(EVENTS, 9, key=b"other"), Finding("integrity", "tile/0")),
        "a submission backdated": (shift_time(SUBMISSIONS, 50, -86_400_000), Finding("integrity", "tile/0")),
        "a submission postdated": (shift_time(SUBMISSIONS, 50, 86_400_000), Finding("integrity", "tile/0")),
        "a decision backdated": (shift_time(EVENTS, 50, -86_400_000), Finding("log", "timestamp")),
        # What a careful forger mends along the way.
        "an actor forged": (
            edit(SUBMISSIONS, 5, actor="act_somebodyelse"),
            Finding("signatures", "bad_signature"),
        ),
        "a role forged": (edit(SUBMISSIONS, 5, role="supervisor"), Finding("integrity", "tile/0")),
        "a time told forged": (
            edit(SUBMISSIONS, 5, time="2020-01-01T00:00:00.000Z"),
            Finding("integrity", "tile/0"),
        ),
        "a decision's reason edited": (
            edit(EVENTS, 1, reason="no_such_reason"),
            Finding("determinism", "data.reason"),
        ),
        "a refusal turned": (
            edit(EVENTS, 1, outcome="accepted", reason=None),
            Finding("determinism", "data.outcome"),
        ),
        "a decision's actor edited": (
            edit(EVENTS, 8, actor="act_somebodyelse"),
            Finding("determinism", "data.actor"),
        ),
        "a decision's time edited": (
            edit(EVENTS, 8, recorded_at=1),
            Finding("determinism", "data.recorded_at"),
        ),
        "a decision of nothing": (
            append(EVENTS, decision_of_nothing),
            Finding("completeness", "decision_without_submission"),
        ),
        "an appended submission of nobody": (
            append(
                SUBMISSIONS,
                lambda _, record: record._replace(
                    value=with_json(record.value, lambda raw: raw.pop("signature"))
                ),
            ),
            Finding("signatures", "unsigned"),
        ),
        "an appended submission of a stranger": (
            append(SUBMISSIONS, signed_by(lambda _: stranger())),
            Finding("signatures", "unknown_key"),
        ),
        "an appended submission, signed by the notary": (
            append(SUBMISSIONS, signed_by(lambda at: at.key("notary"))),
            Finding("signatures", "unknown_key"),
        ),
        # What everything rests on.
        "a policy edited": (
            edit("register.submissions", 0, 0, data={}),
            Finding("signatures", "bad_signature"),
        ),
        "a register decision edited": (
            edit("register.events", 3, 0, outcome="refused", events=[]),
            Finding("determinism", "data.outcome"),
        ),
        "a register entry dropped": (drop("register.submissions", 4, 0), Finding("integrity", "tile/0")),
        "a stranger's key rotated in": (
            append("ledger", rotation_by_a_stranger, 0),
            Finding("signatures", "bad_signature"),
        ),
        "the genesis backdated": (change("ledger", 0, 0, timestamp=1), Finding("integrity", "tile/0")),
        "a partition emptied": (lambda at: at.rewrite(EVENTS, []), Finding("integrity", "signed_record")),
        # What the notary published.
        "a hash of a tile changed": (tile(UNCHANGED_LENGTH, 0, 0), Finding("integrity", "tile/0")),
        "a tile truncated": (tile(CUT, 0, 0), Finding("integrity", "tile/0")),
        "an upper tile changed": (
            tile("UPDATE tiles SET content = randomblob(32) WHERE {}", 1, 0),
            Finding("integrity", "tile/1"),
        ),
        "a tile removed": (tile("DELETE FROM tiles WHERE {}", 0, 1), Finding("integrity", "tile/0")),
        "entries truncated": (tile(CUT, -1, 0), Finding("integrity", "tile/entries")),
        "an entry changed": (tile(UNCHANGED_LENGTH, -1, 0), Finding("integrity", "tile/entries")),
        "a forked tree": (forked_tree, Finding("integrity", "root")),
        "a checkpoint signed by a stranger": (
            signed_by_a_stranger,
            Finding("integrity", "checkpoint_signature"),
        ),
        "the trees removed": (without_trees, Finding("receipts", "broken_promise")),
        "the tree cut short": (cut_the_tree, Finding("receipts", "broken_promise")),
        # What people bring.
        "a receipt altered": (
            receipt(lambda _, said: said.model_copy(update={"recorded_at": 1})),
            Finding("receipts", "bad_signature"),
        ),
        "an old receipt for another record": (
            receipt(lambda at, said: promise(at, said, offset=said.offset + 1)),
            Finding("receipts", "other_leaf"),
        ),
        "a receipt for what was never recorded": (
            receipt(lambda at, said: promise(at, said, offset=10_000)),
            Finding("receipts", "broken_promise"),
        ),
        "a receipt of a stranger": (
            receipt(lambda at, said: promise(at, said, stranger())),
            Finding("receipts", "unknown_key"),
        ),
        "a receipt of another ledger": (
            receipt(
                lambda at, said: promise(at, said, origin=origin_of("led_00000000000000", SUBMISSIONS, PLACE))
            ),
            Finding("receipts", "wrong_ledger"),
        ),
        "a held checkpoint of another ledger": (
            held(of_another_ledger),
            Finding("checkpoints", "other_origin"),
        ),
        "a held checkpoint altered": (held(scribbled_over), Finding("checkpoints", "held_not_signed")),
        # The read model.
        "a figure's case edited": (
            sql("read_model", "UPDATE g1_cases SET status = 'closed' WHERE rowid = 1"),
            Finding("read_model", "cases.status"),
        ),
        "a case hidden": (
            sql("read_model", "DELETE FROM g1_cases WHERE rowid = 1"),
            Finding("read_model", "cases.row"),
        ),
        "a refusal hidden": (
            sql("read_model", "DELETE FROM g1_decisions WHERE outcome = 'refused'"),
            Finding("read_model", "decisions.row"),
        ),
    }
)
