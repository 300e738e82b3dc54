"""Records as bytes: CloudEvents 1.0 in structured JSON, read back to what was written."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.base import Message
from contracts.catalogue import COMMANDS, EVENTS, TYPE_OF, current_event, type_name
from contracts.envelope import (
    Decision,
    Submission,
    UnreadableError,
    decode_decision,
    decode_submission,
    encode,
)
from contracts.genesis import Genesis, decode_genesis, encode_genesis, genesis_hash
from ledger.log import Record
from tests.support.histories import histories
from tests.support.partitions import GENESIS, decide_all, partition
from tests.support.strategies import messages

REQUIRED = {"specversion", "id", "source", "type"}
RFC_3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
URI_REFERENCE = r"/[A-Za-z0-9._~/%-]+"
INT_32 = range(-(2**31), 2**31)


def assert_is_cloudevent(value: bytes) -> None:
    """The bytes are one event of CloudEvents 1.0.2 in JSON: attributes, their names and their types."""
    raw: dict[str, Any] = orjson.loads(value)
    data = raw.pop("data")
    assert isinstance(data, dict)
    assert raw.keys() >= REQUIRED
    assert raw["specversion"] == "1.0"
    assert raw["datacontenttype"] == "application/json"
    assert re.fullmatch(URI_REFERENCE, raw["source"])
    assert re.fullmatch(RFC_3339, raw["time"])
    for name, attribute in raw.items():
        assert re.fullmatch(r"[a-z0-9]{1,20}", name), name
        if isinstance(attribute, int):
            assert attribute in INT_32
        else:
            assert isinstance(attribute, str)
            assert attribute, name


@given(histories(max_size=12))
def test_every_record_is_a_cloudevent(records: list[Record]) -> None:
    """Each submission that we write, and each decision whatever its outcome, is a CloudEvent."""
    values = [*decide_all(partition(), records), *(encode(said) for said in _readable(records))]
    for value in values:
        assert_is_cloudevent(value)


def _readable(records: list[Record]) -> list[Submission]:
    found = []
    for record in records:
        try:
            found.append(decode_submission(record.value, record.key))
        except UnreadableError:
            continue
    return found


@given(histories(max_size=12))
def test_source_and_id_are_unique_together(records: list[Record]) -> None:
    """No two decisions of a partition have the same source and id."""
    raw = [orjson.loads(value) for value in decide_all(partition(), records)]
    assert len({(event["source"], event["id"]) for event in raw}) == len(records)


@given(messages(Submission))
def test_a_submission_is_read_back_as_it_was_written(said: Submission) -> None:
    """Decoding what was encoded gives an equal submission, and encoding that gives the same bytes."""
    said = said.model_copy(update={"time": "2026-01-01T00:00:00.000Z"})
    value = encode(said)
    assume(len(value) < 50_000)
    read = decode_submission(value, said.unit.encode())
    assert read == said
    assert encode(read) == value


@pytest.mark.parametrize("name", [*COMMANDS, *EVENTS])
@settings(max_examples=30)
@given(data=st.data())
def test_a_message_is_read_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    """Every command and event survives JSON: what is read back is equal."""
    model = TYPES[name]
    message = data.draw(messages(model))
    assert model.model_validate(orjson.loads(encode(message))) == message


@given(messages(Decision))
def test_a_decision_is_read_back_as_it_was_written(decision: Decision) -> None:
    """Decoding an encoded decision gives an equal one."""
    assert decode_decision(encode(decision)) == decision


@given(histories(max_size=12))
def test_the_kernels_decisions_are_written_as_their_models_say(records: list[Record]) -> None:
    """The bytes that the kernel makes hold what the decision model holds, and nothing beside it."""
    for value in decide_all(partition(), records):
        decision = decode_decision(value)
        assert decision is not None
        assert orjson.loads(value) == orjson.loads(encode(decision)) | {"data": orjson.loads(value)["data"]}
        body = decision.data.model_dump(exclude_unset=True)
        assert orjson.loads(value)["data"] == orjson.loads(orjson.dumps(body))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_submission_or_unreadable(value: bytes) -> None:
    """Reading any bytes gives a submission or UnreadableError with a reason, and no other error."""
    with pytest.raises(UnreadableError):
        decode_submission(value, b"demo")
    assert decode_decision(value) is None


TYPES: dict[str, type[Message]] = {**COMMANDS, **EVENTS}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(JSON, st.sampled_from(sorted(Submission.model_fields)), messages(Submission))
def test_any_json_in_any_attribute_is_read_or_unreadable(value: Any, name: str, said: Submission) -> None:
    """Whatever JSON stands in an attribute, reading raises UnreadableError at most."""
    try:
        raw = orjson.dumps({**said.model_dump(exclude_none=True), name: value})
    except TypeError:
        return
    with contextlib.suppress(UnreadableError):
        assert isinstance(decode_submission(raw, said.unit.encode()), Submission)


def test_deep_nesting_is_not_json() -> None:
    """A record that is nested beyond measure is unreadable like any other garbage."""
    with pytest.raises(UnreadableError, match="not_json"):
        decode_submission(b"[" * 20_000, b"demo")


def test_the_genesis_is_read_back() -> None:
    """The genesis record gives back the ledger, and its hash is SHA-256 of its bytes."""
    value = encode_genesis(GENESIS)
    assert decode_genesis(value) == GENESIS
    assert len(genesis_hash(value)) == 64


@pytest.mark.parametrize("value", [None, b"", b"{}", b"[]", b"\xff", encode_genesis(GENESIS)[:-1]])
def test_what_is_no_genesis_is_refused(value: bytes | None) -> None:
    """Record 0 must be a genesis, else a sentence says that it is none."""
    with pytest.raises(ValueError, match="not a genesis record"):
        decode_genesis(value)


def test_a_genesis_of_another_version_is_refused() -> None:
    """A genesis that this software is too old for says so."""
    newer = Genesis.model_validate(GENESIS.model_dump() | {"type": "ledger.genesis.v2"})
    with pytest.raises(ValueError, match="unknown version"):
        decode_genesis(encode_genesis(newer))


def test_types_are_named_after_their_models() -> None:
    """A type's name is its family, its model in snake case, and its version."""
    assert COMMANDS["grievance.record_occurrence.v1"].__name__ == "RecordOccurrenceV1"
    assert TYPE_OF[EVENTS["control.heartbeat_recorded.v1"]] == "control.heartbeat_recorded.v1"
    assert not COMMANDS.keys() & EVENTS.keys()
    with pytest.raises(ValueError, match="version"):
        type_name("grievance", Genesis)


def test_an_unknown_event_is_not_guessed() -> None:
    """Reading an event of an unknown type raises KeyError."""
    with pytest.raises(KeyError):
        current_event("grievance.shouted.v1", {})
