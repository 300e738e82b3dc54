"""What cannot be read is decided so, whatever it is, and the partition goes on (invariant 1)."""

from __future__ import annotations

import hashlib

import pytest

from contracts import grievance as g
from contracts.base import LAST_MS
from contracts.envelope import MAX_SUBMISSION_BYTES
from contracts.personal import Sealed
from contracts.reasons import UNREADABLE
from contracts.workflow import Accepted, Answer, Command, Reference
from ledger.log import Record
from runtime.kernel import FamilyRules
from tests.support.given import NEIGHBOUR, SEALED, day, lodge
from tests.support.partitions import (
    RULES,
    WHOLE,
    altered,
    bodies,
    body_of,
    look,
    partition,
    say,
)

LODGED = say("lodge", lodge())
UNREADABLES: dict[str, Record] = {
    "empty": LODGED._replace(value=None),
    "oversized": altered(LODGED, bodytag="x" * MAX_SUBMISSION_BYTES),
    "not_json": LODGED._replace(value=b"\xff{"),
    "not_an_object": LODGED._replace(value=b"[1]"),
    "bad_envelope": altered(LODGED, actor=None),
    "bad_time": altered(LODGED, time="2026-01-01T00:00:00"),
    "key_mismatch": LODGED._replace(key=b"other"),
    "wrong_partition": say("lodge", lodge(), unit=NEIGHBOUR),
    "basis_ahead": say("lodge", lodge(), basis=WHOLE + 1),
    "bad_data": altered(LODGED, data={"channel": "pigeon"}),
}


@pytest.mark.parametrize("reason", UNREADABLE)
def test_what_cannot_be_read_is_decided_so(reason: str) -> None:
    """An unreadable record gets a decision with its offset, hash and reason, and the next one is decided."""
    state, record = partition(), UNREADABLES[reason]
    body = body_of(state.decide(record, register_is_whole=True))
    digest = hashlib.sha256(record.value or b"").hexdigest()
    assert (body.submission_offset, body.outcome, body.reason, body.sha256) == (
        0,
        "unreadable",
        reason,
        digest,
    )
    assert bodies(state, LODGED)[0].outcome == "accepted"


@pytest.mark.parametrize("reason", UNREADABLE)
def test_what_cannot_be_read_moves_only_the_offset(reason: str) -> None:
    """An unreadable record moves neither the clock nor the basis nor any stream, and names nobody."""
    state = partition()
    before = look(state)[:4]
    late = UNREADABLES[reason]._replace(timestamp=day(9))
    body = body_of(state.decide(late, register_is_whole=True))
    assert look(state)[:4] == before
    assert (body.now, body.basis, body.recorded_at) == (0, 0, day(9))
    assert body.submission_id is body.actor is body.unit is None


def test_a_record_of_59_kib_is_not_oversized() -> None:
    """The limit is the last length that is read."""
    at_limit = LODGED._replace(value=(LODGED.value or b"").ljust(MAX_SUBMISSION_BYTES))
    too_long = LODGED._replace(value=(LODGED.value or b"").ljust(MAX_SUBMISSION_BYTES + 1))
    assert bodies(partition(), at_limit)[0].outcome == "accepted"
    assert bodies(partition(), too_long)[0].reason == "oversized"


def _verbose(_state: object, _command: Command, _reference: Reference) -> Answer:
    """Rules whose answer is far longer than what they were asked."""
    note = Sealed(subject=SEALED.subject, sealed="A" * 50_000)
    return Accepted((g.ProgressRecordedV1(note=note), g.ProgressRecordedV1(note=note)))


def test_a_decision_that_no_record_could_hold_is_unreadable() -> None:
    """Rules that answer with more than a record holds stop nothing: the submission is decided oversized."""
    verbose = FamilyRules("grievance", {"grievance-1": RULES._replace(decide=_verbose)})
    state = partition(rules=verbose)
    before = look(state)[:4]
    body = body_of(state.decide(LODGED))
    assert (body.outcome, body.reason, body.events) == ("unreadable", "oversized", ())
    assert look(state)[:4] == before


@pytest.mark.parametrize("timestamp", [-1, -(2**63), LAST_MS + 1, 2**63 - 1])
def test_an_impossible_timestamp_does_not_stop_the_partition(timestamp: int) -> None:
    """A record whose timestamp is no time is unreadable, and its decision can be read by everybody."""
    state = partition()
    value = state.decide(LODGED._replace(timestamp=timestamp))
    assert (body_of(value).outcome, body_of(value).reason, state.now) == ("unreadable", "bad_time", 0)
    assert partition().admit(value) is not None


@pytest.mark.parametrize(
    "time",
    ["yesterday", "2026-01-01", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01", "2026-13-01T00:00:00Z"],
)
def test_a_told_time_is_a_time_with_its_offset(time: str) -> None:
    """What is no time, has no offset, or lies outside 1970 to 9999 in UTC, is unreadable."""
    assert bodies(partition(), altered(LODGED, time=time))[0].reason == "bad_time"


@pytest.mark.parametrize(
    "alteration",
    [{"extra": 1}, {"basis": "1"}, {"basis": -1}, {"role": "king"}, {"type": "Lodge"}, {"specversion": "2.0"},
     {"data": []}, {"basis": 1.0}],
    ids=str,
)  # fmt: skip
def test_an_envelope_of_another_form_is_unreadable(alteration: dict[str, object]) -> None:
    """An attribute that is unknown, of the wrong type or out of bounds makes a record unreadable."""
    assert bodies(partition(), altered(LODGED, **alteration))[0].reason == "bad_envelope"
