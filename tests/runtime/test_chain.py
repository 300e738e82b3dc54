"""Admission: of all that stands on an events partition, every reader takes in the same chain."""

from __future__ import annotations

import hashlib

import orjson
import pytest

from contracts import grievance as g
from runtime.chain import Chain, ChainPosition, UnknownVersionError
from tests.support.given import SEALED, lodge
from tests.support.partitions import GENESIS_HASH, case_of, chain, decide_all, look, partition, say

RECORDS = [
    say("lodge", lodge()),
    say("close", g.CloseV1(outcome="answered"), subject=case_of("lodge")),
    say("reply", g.ReplyV1(reply=SEALED), subject=case_of("lodge")),
]
VALUES = decide_all(partition(), RECORDS)


def altered(value: bytes, **body: object) -> bytes:
    """A decision with another body."""
    raw = orjson.loads(value)
    return orjson.dumps(raw | {"data": raw["data"] | body})


def of_type(value: bytes, kind: str) -> bytes:
    """A decision of another type."""
    return orjson.dumps(orjson.loads(value) | {"type": kind})


def of_subject(value: bytes, subject: str | None) -> bytes:
    """A decision about another stream."""
    return orjson.dumps(orjson.loads(value) | {"subject": subject})


SHOUTED = {"type": "grievance.shouted.v1", "data": {}}

IGNORED: dict[str, bytes | None] = {
    "no value": None,
    "no bytes": b"",
    "not JSON": b"\xff",
    "no object": b"7",
    "a submission": RECORDS[0].value,
    "a later decision": VALUES[1],
    "another offset": altered(VALUES[0], submission_offset=1),
    "a negative offset": altered(VALUES[0], submission_offset=-1),
    "another previous": altered(VALUES[0], previous="0" * 64),
    "no previous": altered(VALUES[0], previous=None),
    "another family": of_type(VALUES[0], "register.decision.v1"),
    "a later one of another version": of_type(VALUES[1], "grievance.decision.v2"),
    "a type that is no version": of_type(VALUES[0], "grievance.decision.vx"),
    "other rules": altered(VALUES[0], rules="grievance-2"),
    "an unknown event under other rules": altered(VALUES[0], rules="grievance-2", events=[SHOUTED]),
    "an event of another family": altered(
        VALUES[0],
        events=[{"type": "register.zone_defined.v1", "data": {"zone": "z", "unit": "u", "name": "n"}}],
    ),
    "an event of nothing": of_subject(VALUES[0], None),
    "an event of a refusal": altered(VALUES[0], outcome="refused", reason="no_policy"),
    "an event of another form": altered(VALUES[0], events=[{"type": "grievance.lodged.v1", "data": {}}]),
    "an unknown outcome": altered(VALUES[0], outcome="perhaps"),
    "an unknown attribute": altered(VALUES[0], worker="w1"),
}


def test_decisions_are_admitted_in_order() -> None:
    """Each decision that names the next offset and the hash of the one before it is admitted."""
    reader = chain()
    assert [reader.take(value) is not None for value in VALUES] == [True, True, True]
    assert reader.next_offset == 3


@pytest.mark.parametrize("name", IGNORED)
def test_what_does_not_come_next_is_ignored(name: str) -> None:
    """Whatever is not the decision that comes next is ignored, moves nothing, and does not stop a reader."""
    reader, state = chain(), partition()
    before = reader.position(), look(state)
    assert reader.take(IGNORED[name]) is None
    assert state.admit(IGNORED[name]) is None
    assert (reader.position(), look(state)) == before
    assert reader.take(VALUES[0]) is not None
    assert state.admit(VALUES[0]) is not None


UNKNOWN = {
    "a decision": of_type(VALUES[0], "grievance.decision.v2"),
    "a decision of another form": orjson.dumps(
        {
            "type": "grievance.decision.v12",
            "data": {"submission_offset": 0, "previous": GENESIS_HASH, "votes": {"for": 3}},
        }
    ),
    "an event": altered(VALUES[0], events=[SHOUTED]),
    "an event beside known ones": altered(
        VALUES[0], events=[*orjson.loads(VALUES[0])["data"]["events"], SHOUTED]
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_version_to_come_stops_every_reader(name: str) -> None:
    """The decision that comes next, in a version that is not known, is no foreign record: a reader stops there."""
    reader, state = chain(), partition()
    before = reader.position(), look(state)
    for take in (reader.match, reader.take, state.admit):
        with pytest.raises(UnknownVersionError, match="update"):
            take(UNKNOWN[name])
    assert (reader.position(), look(state)) == before


def test_rules_in_force_follow_from_the_chain() -> None:
    """After an activation a decision under the old rules is ignored, and one under the new is admitted."""
    activated = altered(
        VALUES[0],
        events=[{"type": "control.rules_activated.v1", "data": {"rules": "grievance-2"}}],
    )
    heir = altered(VALUES[1], previous=hashlib.sha256(activated).hexdigest())
    reader = chain()
    assert reader.take(activated) is not None
    assert reader.take(heir) is None
    assert reader.take(altered(heir, rules="grievance-2")) is not None


def test_equal_bytes_are_admitted_once() -> None:
    """A decision that stands twice on the partition is admitted the first time and ignored the second."""
    reader = chain()
    taken = [
        reader.take(value) is not None for value in (VALUES[0], VALUES[0], VALUES[1], VALUES[0], VALUES[1])
    ]
    assert taken == [True, False, True, False, False]


def test_the_first_of_two_that_fit_is_admitted() -> None:
    """Of two decisions for one place the first on the log stands; the heirs of the other are ignored."""
    other = altered(VALUES[0], outcome="refused", reason="no_policy", events=[])
    reader = chain()
    assert [reader.take(value) is not None for value in (other, VALUES[0], VALUES[1])] == [True, False, False]


def test_the_chain_starts_at_the_genesis() -> None:
    """A decision of another ledger is ignored: its first `previous` is another genesis."""
    assert Chain("grievance", ChainPosition(0, "f" * 64, "grievance-1")).take(VALUES[0]) is None


def test_matching_does_not_move() -> None:
    """Asking whether a decision comes next leaves the chain where it is."""
    reader = chain()
    assert reader.match(VALUES[0]) == reader.match(VALUES[0]) is not None
    assert reader.position() == chain().position()


def test_a_reader_sees_the_events_of_what_it_admits() -> None:
    """An admitted decision comes with its events as the models that readers fold."""
    admitted = chain().take(VALUES[0])
    assert admitted is not None
    assert [type(event) for event in admitted.events] == [g.LodgedV1]


def test_white_space_counts() -> None:
    """The bytes are hashed as written: a decision re-serialised is another decision to its heirs."""
    spaced = orjson.dumps(orjson.loads(VALUES[0]), option=orjson.OPT_INDENT_2)
    reader = chain()
    assert reader.take(spaced) is not None
    assert reader.take(VALUES[1]) is None
