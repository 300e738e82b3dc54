"""The longest that people may write still makes records that a log takes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial

import pytest

from contracts import grievance as g
from contracts import register as r
from contracts.base import LAST_MS, Message
from contracts.envelope import MAX_SUBMISSION_BYTES, encode
from contracts.partition import partition_of
from contracts.personal import Sealed, personal_fields
from contracts.workflow import stream_id
from ledger.log import MAX_RECORD_BYTES, Record
from tests.support.given import (
    ADMINISTRATOR,
    HANDLER,
    SEALED,
    TRACKING,
    Who,
    day,
    lodge,
    open_import,
    policy,
    staff,
)
from tests.support.partitions import (
    altered,
    as_record,
    bodies,
    body_of,
    case_of,
    decide_all,
    intent,
    numbered,
    partition,
    register,
    register_partition,
    say,
    submission,
)

NONCE_AND_TAG = 12 + 16
LONGEST = {"story": 10_000, "reply": 10_000, "note": 10_000, "remedy": 10_000, "title": 200,
           "reporter_name": 200, "address": 200, "representative_names": 500, "person_concerned": 200}  # fmt: skip
"""Characters; a telephone number has at most 20 of one byte each."""

OVERHEAD = 1024
"""Bytes by which a decision may be longer than the submission whose data it repeats."""

BATCH = stream_id("imp", intent("open"))
OPENED = say("open", open_import(), subject=BATCH)
LODGED = say("lodge", lodge())
ACCEPTED = say("accept", g.AcceptV1(), subject=case_of("lodge"))


def sealed(plain: str) -> Sealed:
    """As long as what the vault makes of this text."""
    ciphertext = b"\0" * (len(plain.encode()) + NONCE_AND_TAG)
    return Sealed(subject="sub_" + "0" * 32, sealed=base64.b64encode(ciphertext).decode())


def longest(model: type[Message], character: str, **fields: object) -> Message:
    """A message whose personal fields are all there and as long as they may be."""
    texts = {name: sealed(character * LONGEST.get(name, 0) or "1" * 20) for name in personal_fields(model)}
    return model.model_validate(texts | fields)


RARE = "𠀀"
"""A character of four bytes."""

BESIDE = ("representative_names", "person_concerned")
"""Fields of a lodging that do not fit beside a story at its longest in such characters: intake says so at the field."""


def fitting(model: type[Message], character: str, **fields: object) -> Message:
    """The longest message that fits one record."""
    found = longest(model, character, **fields)
    return found.model_copy(update=dict.fromkeys(BESIDE)) if character == RARE else found


def lodging(character: str) -> list[Record]:
    """A lodging with everything in it."""
    plain = {
        "tracking": TRACKING,
        "channel": "message_board",
        "zone": "z1",
        "zone_told": "永" * 64,
        "category": "roads",
        "duplicate_of": "grv_" + "0" * 40,
        "source_id": "永" * 64,
        "target_at": LAST_MS,
        "petitioners": 1_000_000,
        "representatives": 1_000_000,
        "on_behalf_of": "neighbour",
        "confidential": True,
        "danger": "child",
        "split_note": None,
    }
    said = fitting(g.LodgeV1, character, **plain)
    return [OPENED, say("lodge", said, told=day(-500), batch=BATCH, bodytag="0" * 32)]


def late_reply(character: str) -> list[Record]:
    """A reply that closes an imported case and finds it overdue: three events."""
    lodged = say("lodge", lodge(), told=day(-500), batch=BATCH)
    reply = longest(g.ReplyV1, character, closes=True)
    return [OPENED, lodged, say("r", reply, subject=case_of("lodge"), told=day(-400), batch=BATCH)]


def step(character: str, model: type[Message], **fields: str) -> list[Record]:
    """A step in a case, with the longest note."""
    said = say("x", longest(model, character, **fields), subject=case_of("lodge"), by=HANDLER)
    return [LODGED, said] if model is g.NotAcceptV1 else [LODGED, ACCEPTED, said]


CASES: dict[str, Callable[[str], list[Record]]] = {
    "lodging": lodging,
    "late reply": late_reply,
    "not accepting": partial(step, model=g.NotAcceptV1, reason="outside_remit"),
    "referring": partial(step, model=g.ReferV1, zone="z2"),
    "progress": partial(step, model=g.RecordProgressV1),
    "resolution": partial(step, model=g.ResolveV1),
    "occurrence": partial(step, model=g.RecordOccurrenceV1, kind="collective_petition"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("character", ["a", "永"])
def test_the_longest_text_has_its_decision(name: str, character: str) -> None:
    """A body with every text at its longest, in Chinese too, is accepted, and its decision fits a record."""
    records = CASES[name](character)
    *_, value = decide_all(partition(), records)
    assert bodies(partition(), *records)[-1].outcome == "accepted"
    assert len(value) <= MAX_RECORD_BYTES
    assert len(value) <= len(records[-1].value or b"") + OVERHEAD


@pytest.mark.parametrize("name", CASES)
def test_the_longest_text_of_rare_characters_has_its_decision(name: str) -> None:
    """So is one whose characters take four bytes each: rare ideographs, emoji."""
    test_the_longest_text_has_its_decision(name, "𠀀")


SIGNATURE = 300
"""Bytes kept free in a submission for its signature and who signed: twice what they take."""


def test_the_longest_lodging_of_all_has_its_decision() -> None:
    """With each field and attribute at its longest, all in characters of four bytes, a lodging is accepted."""
    widest, who = "𠀀" * 64, Who("act_" + "0" * 40, "block_leader")
    entries = (
        r.UnitDefinedV1(unit=widest, name="Demo", tier="community"),
        r.ZoneDefinedV1(zone=widest, unit=widest, name="Zone"),
        r.CategoriesDefinedV1(version="1", categories=(r.Category(code=widest, name="Roads"),)),
        policy(),
        *staff(who, widest),
    )
    fields = {
        "tracking": TRACKING,
        "channel": "message_board",
        "zone": widest,
        "zone_told": widest,
        "category": widest,
        "source_id": "\1" * 64,
        "target_at": LAST_MS,
        "petitioners": 1_000_000,
        "representatives": 1_000_000,
        "on_behalf_of": "neighbour",
        "confidential": True,
        "danger": "child",
        "split_note": None,
    }
    body = fitting(g.LodgeV1, RARE, **fields)
    said = say("lodge", body, by=who, unit=widest, bodytag="0" * 32, basis=len(entries))
    state = partition(register(entries), number=partition_of(widest, 12))
    (value,) = decide_all(state, [said])
    assert body_of(value).outcome == "accepted"
    # An imported one names its batch, and the first of its repeats.
    imported = len(said.value or b"") + len('"batch":"","duplicate_of":"",') + 2 * len("imp_") + 32 + 40
    assert imported + SIGNATURE <= MAX_SUBMISSION_BYTES
    assert imported + OVERHEAD <= MAX_RECORD_BYTES


def test_a_submission_at_the_limit_has_its_decision() -> None:
    """A submission of exactly the longest length is decided on its merits, and the decision fits."""
    categories = tuple(r.Category(code=f"c{n:03}", name="永" * 23) for n in range(500))
    command = r.DefineCategoriesV1(version="1", categories=categories)
    room = MAX_SUBMISSION_BYTES - len(encode(submission("x", command, by=ADMINISTRATOR, unit="-")))
    fitted = [
        c.model_copy(update={"name": c.name + "a" * (room // 500 + (n < room % 500))})
        for n, c in enumerate(categories)
    ]
    command = r.DefineCategoriesV1(version="1", categories=tuple(fitted))
    record = as_record(submission("x", command, by=ADMINISTRATOR, unit="-"))
    assert len(record.value or b"") == MAX_SUBMISSION_BYTES
    (value,) = decide_all(register_partition(), numbered([record]))
    assert len(value) <= MAX_RECORD_BYTES


def test_a_foreign_submission_has_its_decision() -> None:
    """One that leaves out all that its decision fills in, and gets the longest answer, has it too."""
    lodged = say("lodge", lodge(), told=day(-500), batch=BATCH)
    reply = g.ReplyV1(reply=SEALED, closes=True)
    replied = say("r", reply, subject=case_of("lodge"), told=day(-400), batch=BATCH)
    left_out = dict.fromkeys(("specversion", "datacontenttype", "bodytag", "causationid"))
    bare = altered(replied, **left_out, source="", time="2025-06-01T00Z", basis=0)
    longest_sealed = {"subject": SEALED.subject, "sealed": "A" * 60_000}
    record = altered(bare, data={"reply": longest_sealed, "closes": True})
    *_, value = decide_all(partition(), [OPENED, lodged, record])
    assert len(body_of(value).events) == 3
    # Neither the ledger's name nor the offsets are at their longest here.
    assert len(value) - len(record.value or b"") + 200 <= OVERHEAD


def test_a_decision_adds_little_to_its_submission() -> None:
    """With every attribute at its longest a decision is at most a kibibyte longer than its submission."""
    said = submission("x", g.ReplyV1(reply=sealed("a"), closes=True), bodytag="0" * 64)
    widest = {
        "subject": "永" * 64,
        "actor": "act_" + "0" * 40,
        "role": "administrator",
        "batch": "imp_" + "0" * 40,
    }
    said = said.model_copy(update=widest)
    (value,) = decide_all(partition(), [as_record(said)])
    # An accepted late reply adds three events: their names and one due time.
    assert len(value) + 3 * 70 <= len(encode(said)) + OVERHEAD
