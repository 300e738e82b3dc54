"""Keys as the ledger topic tells of them: what counts, what is flagged, and what a signature is worth."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import encode
from contracts.evidence import key_id
from ledger.keys import KeyRing, NoKeysError, ring_of, verify_submission
from ledger.log import Record, TopicPartition
from ledger.signing import SigningKey, sign_submission, split_submission
from tests.golden.examples import submission
from tests.support.keys import (
    AT,
    INTAKE,
    NOTARY,
    ends_of,
    key_of,
    ledger_topic,
    retirement,
    rotation,
    topic_added,
)
from tests.support.partitions import GENESIS

LEDGER = GENESIS.ledger
SECOND, THIRD = key_of("intake", "second"), key_of("intake", "third")
ENDS = ends_of(KeyRing.of_genesis(GENESIS), "intake", 5)
ROTATED = rotation(LEDGER, INTAKE, SECOND)
RETIRED = retirement(LEDGER, INTAKE, SECOND, ENDS)
PLACE = TopicPartition("grievance.submissions", 7)


def ring(*values: bytes) -> KeyRing:
    """The ring of a ledger topic with these records after its genesis."""
    return ring_of(ledger_topic(GENESIS, values))


def flaws(found: KeyRing) -> list[tuple[int, str]]:
    """What did not count, and why."""
    return [(flaw.offset, flaw.reason) for flaw in found.flaws]


def signed(key: SigningKey = INTAKE, **changes: object) -> bytes:
    """A submission's value that this key signed."""
    unsigned = submission().model_copy(update={"signature": None, "signer": key.id, **changes})
    return sign_submission(unsigned, key)


def test_the_genesis_puts_one_key_of_each_role_in_force() -> None:
    """Intake's and the notary's key are known from record 0 on."""
    found = ring()
    assert (found.in_force("intake").id, found.in_force("notary").id) == (INTAKE.id, NOTARY.id)
    assert found.flaws == []


def test_a_key_has_another_id_in_another_role() -> None:
    """The same public key in two roles is two keys, so that neither stands for the other."""
    assert key_id("intake", INTAKE.public) == INTAKE.id != key_id("notary", INTAKE.public)
    assert ring().find("notary", INTAKE.id) is None


def test_a_rotation_puts_the_new_key_in_force() -> None:
    """After a rotation the new key signs, and the old one is leaving."""
    found = ring(ROTATED)
    assert found.in_force("intake").id == SECOND.id
    assert found.leaving("intake") == found.keys[INTAKE.id]
    assert found.keys[SECOND.id].since == 1
    assert found.in_force("notary").id == NOTARY.id


def test_a_retirement_pins_how_far_the_old_key_counts() -> None:
    """A retired key counts below the end of each partition and not from it on."""
    old = ring(ROTATED, RETIRED).keys[INTAKE.id]
    assert [old.counts_at(PLACE, offset) for offset in (0, 4, 5, 6)] == [True, True, False, False]
    assert not old.counts_at(TopicPartition("patrol.submissions", 0), 0)
    assert not old.counts_at(TopicPartition("grievance.submissions", 12), 0)


def test_a_key_is_rotated_again_after_its_predecessor_is_retired() -> None:
    """Two rotations one after the other leave the third key in force, without a flaw."""
    again = rotation(LEDGER, SECOND, THIRD)
    assert ring(ROTATED, RETIRED, again).in_force("intake").id == THIRD.id
    assert flaws(ring(ROTATED, again)) == [(2, "not_retired")]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (rotation(LEDGER, INTAKE, SECOND, signed_by=(INTAKE, INTAKE)), "bad_signature"),
        (rotation(LEDGER, INTAKE, SECOND, signed_by=(SECOND, SECOND)), "bad_signature"),
        (rotation(LEDGER, INTAKE, SECOND, signed_by=(SECOND, INTAKE)), "bad_signature"),
        (rotation("led_another00", INTAKE, SECOND), "other_ledger"),
        (rotation(LEDGER, SECOND, THIRD), "not_in_force"),
        (rotation(LEDGER, INTAKE, INTAKE), "key_known"),
        (RETIRED, "not_rotated"),
        (topic_added(LEDGER, NOTARY), "bad_signature"),
        (topic_added(LEDGER, INTAKE, "grievance.events"), "topic_known"),
        (ledger_topic(GENESIS)[0].value, "second_genesis"),
        (b"not json", "not_readable"),
        (b"[]", "not_readable"),
        (b'{"type":"ledger.key_rotated.v9"}', "not_readable"),
        (orjson.dumps(orjson.loads(ROTATED), option=orjson.OPT_INDENT_2), "bad_signature"),
        (orjson.dumps({**orjson.loads(ROTATED), "at": AT + 1}), "bad_signature"),
    ],
)
def test_a_record_that_does_not_verify_changes_nothing(value: bytes, reason: str) -> None:
    """Each such record is flagged with its offset and its reason, and the ring stays as it was."""
    found = ring(value)
    assert flaws(found) == [(1, reason)]
    assert (found.in_force("intake").id, found.topics) == (INTAKE.id, GENESIS.topics)


@pytest.mark.parametrize(
    "value",
    [
        retirement(LEDGER, INTAKE, SECOND, {**ENDS, "grievance.submissions": (5,) * 11}),
        retirement(LEDGER, INTAKE, SECOND, {"grievance.submissions": (5,) * 12}),
        retirement(LEDGER, INTAKE, SECOND, {**ENDS, "patrol.submissions": (5,)}),
    ],
)
def test_a_retirement_names_every_partition(value: bytes) -> None:
    """A retirement that leaves a partition out, or names another, does not count."""
    found = ring(ROTATED, value)
    assert flaws(found) == [(2, "wrong_topics")]
    assert found.leaving("intake") is not None


def test_the_old_key_cannot_retire_itself() -> None:
    """Only the key in force says how far its predecessor counts."""
    assert flaws(ring(ROTATED, retirement(LEDGER, INTAKE, INTAKE, ENDS))) == [(2, "bad_signature")]


def test_a_repeated_record_is_no_flaw() -> None:
    """A record that a retry put on the log twice counts once, and nothing is flagged."""
    found = ring(ROTATED, ROTATED, RETIRED, RETIRED)
    assert (found.flaws, found.end) == ([], 5)


def test_the_notarys_retirement_names_every_topic() -> None:
    """For the notary the trees of all topics count, of later ones too."""
    new = key_of("notary", "second")
    late = ring(topic_added(LEDGER, INTAKE), rotation(LEDGER, NOTARY, new))
    assert late.pinned_topics("notary") == {**GENESIS.topics, "patrol.submissions": 12}
    late.fold(Record(3, AT, None, retirement(LEDGER, NOTARY, new, ends_of(late, "notary", 9))))
    assert (late.flaws, late.leaving("notary")) == ([], None)


@pytest.mark.parametrize("records", [[], [Record(0, AT, None, b"{}")], [Record(0, AT, None, None)]])
def test_no_genesis_means_no_keys(records: list[Record]) -> None:
    """A topic that does not begin with a genesis gives a refusal."""
    with pytest.raises(NoKeysError):
        ring_of(records)


@given(st.binary(max_size=400))
def test_any_bytes_on_the_ledger_topic_are_flagged(value: bytes) -> None:
    """Whatever stands there, the ring takes it and keeps its keys."""
    assert ring(value).in_force("intake").id == INTAKE.id


def test_a_signed_submission_is_ok() -> None:
    """The signature is the last member, over the text without it; the encoder writes the same bytes."""
    value = signed()
    assert verify_submission(value, ring()) == ("ok", INTAKE.id)
    told = submission().model_copy(
        update={"signer": INTAKE.id, "signature": orjson.loads(value)["signature"]}
    )
    assert encode(told) == value


def test_an_old_signature_stays_verifiable() -> None:
    """After a rotation and a retirement, what the old key signed before the end still verifies."""
    found = ring(ROTATED, RETIRED)
    assert verify_submission(signed(), found, PLACE, 4) == ("ok", INTAKE.id)
    assert verify_submission(signed(), found, PLACE, 5) == ("retired", INTAKE.id)
    assert verify_submission(signed(), found) == ("retired", INTAKE.id)
    assert verify_submission(signed(SECOND), found, PLACE, 9) == ("ok", SECOND.id)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (None, "unsigned"),
        (b"", "unsigned"),
        (b"{}", "unsigned"),
        (encode(submission().model_copy(update={"signature": None})), "unsigned"),
        (signed(SECOND), "unknown_key"),
        (signed(NOTARY), "unknown_key"),
        (signed(SECOND, signer=INTAKE.id), "bad_signature"),
        (signed().replace(b'"role":"clerk"', b'"role":"owner"'), "bad_signature"),
        (signed() + b"\n", "unsigned"),
        (b'["' + b"x" * 200 + signed()[-103:], "unsigned"),
    ],
)
def test_what_a_signature_is_worth(value: bytes | None, verdict: str) -> None:
    """Every other value has its verdict."""
    assert verify_submission(value, ring()).verdict == verdict


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    """No byte of a signed submission can be changed so that it still verifies."""
    value = bytearray(signed())
    at = data.draw(st.integers(0, len(value) - 1))
    value[at] ^= data.draw(st.integers(1, 255))
    assert verify_submission(bytes(value), ring()).verdict != "ok"


def test_a_signature_is_written_in_one_way() -> None:
    """Bits that base64 leaves over at its end cannot be changed unseen."""
    value = signed()
    last = value[-5:-4]
    others = [
        value[:-5] + bytes([code]) + value[-4:] for code in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ" if code != last[0]
    ]
    assert {verify_submission(other, ring()).verdict for other in others} == {"bad_signature"}


def test_the_actor_is_inside_the_signature() -> None:
    """What is signed names the actor and the role."""
    split = split_submission(signed())
    assert split is not None
    assert orjson.loads(split.body)["actor"] == submission().actor
