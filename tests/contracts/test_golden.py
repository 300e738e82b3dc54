"""The golden files of every released type still load, unchanged."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from contracts.base import Message, sha256_hex
from contracts.catalogue import COMMANDS, EVENTS, current_event
from contracts.envelope import decode_decision, decode_submission, encode
from contracts.evidence import LEDGER_RECORDS, ProvenReceipt, SignedReceipt
from contracts.genesis import decode_genesis, encode_genesis, genesis_hash
from ledger.keys import ring_of
from ledger.log import Record
from tests.golden.examples import golden_bytes
from tests.golden.write_missing import FOLDER, SUMS, write_missing

TYPES = {**COMMANDS, **EVENTS}
RECEIPTS = {"barograph.receipt.v1": SignedReceipt, "barograph.proven_receipt.v1": ProvenReceipt}
RELEASED = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in SUMS.read_text().splitlines()}
"""File name → SHA-256 of the file as it was released."""

EVENT_NAMES = {name.rsplit(".v", 1)[0] for name in EVENTS}
OTHERS = ("submission.v1", "ledger.genesis.v1", *LEDGER_RECORDS, *RECEIPTS)
DECISIONS = sorted(name for name in RELEASED if ".decision.v" in name)


def golden(name: str) -> bytes:
    """A golden file's bytes."""
    return (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_a_released_file_never_changes(name: str) -> None:
    """A golden file has the bytes with which it was released."""
    assert sha256_hex(golden(name)) == RELEASED[name]


@pytest.mark.parametrize("name", [*sorted(TYPES), *OTHERS])
def test_every_type_has_a_golden_file(name: str) -> None:
    """Every type of the catalogue has a golden file: run tests.golden.write_missing for a new one."""
    assert f"{name}.json" in RELEASED


@pytest.mark.parametrize("name", sorted(name for name in TYPES if f"{name}.json" in RELEASED))
def test_a_message_loads_with_all_its_fields(name: str) -> None:
    """A golden message loads to a model that holds every field of the file and writes it again alike."""
    value = golden(f"{name}.json")
    message = TYPES[name].model_validate(orjson.loads(value))
    assert orjson.loads(message.model_dump_json(exclude_unset=True)) == orjson.loads(value)
    assert TYPES[name].model_validate(orjson.loads(encode(message))) == message


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_golden_file_holds_every_field(name: str) -> None:
    """A new golden file is written with every field of its type, the optional ones too."""
    assert orjson.loads(golden_bytes()[f"{name}.json"]).keys() == TYPES[name].model_fields.keys()


@pytest.mark.parametrize("name", sorted(name for name in RELEASED if name.rsplit(".v", 1)[0] in EVENT_NAMES))
def test_an_event_of_any_version_reads_as_the_newest(name: str) -> None:
    """A released event is read, through its upcasters if need be, as a message of the newest version."""
    event = current_event(name.removesuffix(".json"), orjson.loads(golden(name)))
    assert type(event) in EVENTS.values()


def test_a_submission_loads() -> None:
    """A golden submission is read, and written again in the same bytes."""
    value = golden("submission.v1.json")
    said = decode_submission(value, b"demo")
    assert encode(said) == value


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_loads(name: str) -> None:
    """A golden decision of each outcome is read, and written again in the same bytes."""
    decision = decode_decision(golden(name))
    assert decision is not None
    assert decision.data.outcome == name.split(".")[-2]
    assert encode(decision) == golden(name)


def test_the_genesis_loads_and_keeps_its_hash() -> None:
    """A golden genesis is read, and its hash, the root of every chain, stays."""
    value = golden("ledger.genesis.v1.json")
    assert encode_genesis(decode_genesis(value)) == value
    assert genesis_hash(value) == RELEASED["ledger.genesis.v1.json"]


def test_the_ledger_records_load_and_count() -> None:
    """The golden records that follow the genesis are read, verify, and count in their order."""
    values = [golden(f"{name}.json") for name in ("ledger.genesis.v1", *LEDGER_RECORDS)]
    ring = ring_of(Record(offset, 0, None, value) for offset, value in enumerate(values))
    assert (ring.flaws, ring.end) == ([], 4)
    assert ring.topics["patrol.submissions"] == 12


@pytest.mark.parametrize(("name", "model"), RECEIPTS.items())
def test_a_receipt_loads(name: str, model: type[Message]) -> None:
    """A golden receipt is read, and written again in the same bytes."""
    value = golden(f"{name}.json")
    assert encode(model.model_validate(orjson.loads(value))) == value


def test_nothing_else_is_there() -> None:
    """Every golden file is listed with its hash, and none is missing."""
    assert {path.name for path in FOLDER.glob("*.json")} == RELEASED.keys()


def test_writing_missing_files_changes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script writes what is missing, lists its hash, and leaves what is there alone."""
    monkeypatch.setattr("tests.golden.write_missing.FOLDER", tmp_path)
    monkeypatch.setattr("tests.golden.write_missing.SUMS", tmp_path / "SHA256SUMS")
    (tmp_path / "submission.v1.json").write_bytes(b"as it was")
    assert set(write_missing()) == golden_bytes().keys() - {"submission.v1.json"}
    assert (tmp_path / "submission.v1.json").read_bytes() == b"as it was"
    assert write_missing() == []
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == len(golden_bytes()) - 1
