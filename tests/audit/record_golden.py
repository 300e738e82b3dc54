"""Records golden decisions: a small ledger that takes every path of the kernel, with its decisions' bytes.

`python -m tests.audit.record_golden` writes `golden/decisions.jsonl`. A released version of the rules keeps
its file for ever: it is recorded anew only to add lines, never to change one.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from contracts import aftercare as a
from contracts import casework as w
from contracts import control as c
from contracts import ending as e
from contracts import grievance as g
from contracts import joint as j
from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts import pausing as z
from contracts import register as r
from contracts import transfer as t
from contracts.base import DAY_MS, HOUR_MS
from contracts.envelope import Submission, encode
from contracts.grievance import GrievancePolicy
from contracts.reference import LEDGER_UNIT
from contracts.topics import events_topic, submissions_topic
from contracts.workflow import stream_id
from ledger.log import Record, TopicPartition
from services.grievance.policy import default_policy
from tests.support.community import RESIDENT
from tests.support.ledger import (
    ADMINISTRATOR,
    CLERK,
    CLOCK,
    HANDLER,
    NEIGHBOUR,
    OTHER_HANDLER,
    SEALED,
    STRANGER,
    SUPERVISOR,
    UNIT,
    DemoLedger,
)
from tests.support.mediating import HOLD, MEDIATOR, start

PATH = Path(__file__).parent / "golden" / "decisions.jsonl"
TOPIC = submissions_topic("grievance")


class WholeLedger(DemoLedger):
    """Decides as an audit does: what the register does not hold will not come."""

    def decide(self, family: str, number: int) -> None:
        """Decide every submission of the partition that has no decision yet."""
        partition = self.partitions[family, number]
        submissions = self.records[TopicPartition(submissions_topic(family), number)]
        for record in submissions[partition.next_offset :]:
            value = partition.decide(record, register_is_whole=True)
            self._append(TopicPartition(events_topic(family), number), None, value, record.timestamp)


def build() -> DemoLedger:
    """The ledger that is recorded."""
    demo = WholeLedger()
    case = _handled_case(demo)
    _refused(demo, case)
    _repeated(demo, case)
    _transferred(demo)
    _imported(demo)
    _clocks(demo)
    _register(demo)
    _rules(demo)
    _unreadable(demo)
    _after_the_reply(demo)
    _mediated(demo)
    return demo


def _handled_case(demo: DemoLedger) -> str:
    told = demo.now - 3 * DAY_MS
    case = demo.lodge(
        category="roads", title=SEALED, reporter_name=SEALED, telephone=SEALED, address=SEALED, told=told
    )
    for step in (
        w.TriageV1(kind="request", severity="serious", category="roads"),
        g.AcceptV1(),
        g.AssignV1(handler=HANDLER.actor),
        g.ReferV1(zone="z2", note=SEALED),
        w.ProposeReclassificationV1(kind="suggestion", severity="ordinary", note=SEALED),
        w.DecideReclassificationV1(verdict="approve", note=SEALED),
        w.RecuseV1(handler=OTHER_HANDLER.actor, note=SEALED),
        g.AssignV1(handler=OTHER_HANDLER.actor),
        w.ReturnV1(note=SEALED),
        w.ReturnV1(note=SEALED),
        w.EscalateV1(note=SEALED),
        w.AskExtensionV1(note=SEALED),
        w.AskExtensionV1(note=SEALED),
        w.DecideExtensionV1(verdict="approve", note=SEALED),
        z.PauseV1(reason="appraisal", days=5, note=SEALED),
        z.ResumeV1(note=SEALED),
        j.StartJointHandlingV1(units=("demo", "next"), lead="demo", note=SEALED),
        j.RecordJointPartV1(unit="demo", note=SEALED),
        j.EndJointHandlingV1(note=SEALED),
        g.RecordProgressV1(note=SEALED),
        g.RecordOccurrenceV1(kind="mass_incident", note=SEALED),
        g.ReplyV1(reply=SEALED),
        w.RecordServiceV1(result="served", manner="post", recipient="complainant"),
        g.ResolveV1(note=SEALED),
        g.CloseV1(outcome="resolved"),
        w.RequestReviewV1(note=SEALED),
        w.AnswerReviewV1(result="changed", note=SEALED),
        g.ReopenV1(note=SEALED),
    ):
        demo.now += HOUR_MS + 17
        by = (
            SUPERVISOR
            if isinstance(
                step,
                z.PauseV1 | z.ResumeV1 | w.DecideExtensionV1 | w.AnswerReviewV1 | w.DecideReclassificationV1,
            )
            else HANDLER
        )
        demo.submit(step, subject=case, by=by)
    _ended_otherwise(demo, case)
    other = demo.lodge(anonymous=True, zone=None, zone_told="3-12", source_id="虚构-7")
    demo.submit(g.NotAcceptV1(reason="before_court", remedy=SEALED), subject=other)
    demo.submit(g.AcceptV1(), subject=other)
    return case


def _after_the_reply(demo: DemoLedger) -> None:
    case = demo.lodge()
    demo.submit(a.AddInformationV1(note=SEALED), subject=case, by=RESIDENT)
    demo.submit(a.RateV1(satisfaction="satisfied"), subject=case, by=RESIDENT)
    demo.submit(g.AcceptV1(), subject=case)
    demo.submit(g.AssignV1(handler=HANDLER.actor), subject=case)
    demo.submit(g.ReplyV1(reply=SEALED), subject=case)
    demo.submit(a.RateV1(satisfaction="not_satisfied", note=SEALED), subject=case, by=RESIDENT)
    demo.submit(a.RateV1(satisfaction="satisfied"), subject=case, by=CLERK)
    demo.submit(a.RecordFollowUpV1(reached="reached", note=SEALED, remains=SEALED), subject=case, by=CLERK)
    demo.submit(a.RecordFollowUpV1(reached="not_reached", note=SEALED), subject=case, by=HANDLER)
    demo.submit(g.CloseV1(outcome="answered"), subject=case)
    demo.submit(a.AddInformationV1(note=SEALED), subject=case, by=RESIDENT)


def _ended_otherwise(demo: DemoLedger, case: str) -> None:
    """Merging and unmerging, and a withdrawal up to its undoing."""
    survivor = demo.lodge()
    demo.submit(e.MergeV1(target=case, note=SEALED), subject=case, by=HANDLER)
    demo.submit(
        e.MergeV1(target="grv_00000000000080008000000000000099", note=SEALED), subject=case, by=HANDLER
    )
    demo.submit(e.MergeV1(target=survivor, note=SEALED), subject=case, by=HANDLER)
    demo.submit(e.MergeV1(target=case, note=SEALED), subject=survivor, by=HANDLER)
    demo.submit(e.UnmergeV1(note=SEALED), subject=case, by=RESIDENT)
    demo.submit(e.HandToInspectionV1(), subject=demo.lodge(), by=CLERK)
    demo.submit(e.AskWithdrawalV1(note=SEALED), subject=case, by=CLERK)
    demo.submit(e.AskWithdrawalV1(note=SEALED), subject=case, by=RESIDENT)
    for days in (1, 3):
        demo.now += days * DAY_MS
        demo.submit(e.ConfirmWithdrawalV1(), subject=case, by=HANDLER)
        demo.submit(e.ConfirmWithdrawalV1(), subject=case, by=RESIDENT)
    demo.submit(e.UndoWithdrawalV1(), subject=case, by=RESIDENT)


def _transferred(demo: DemoLedger) -> None:
    """A case that goes next door, and one that comes back."""
    for number, settled in enumerate(("received", "released")):
        case = demo.lodge()
        left = demo.submit(t.TransferV1(to=NEIGHBOUR, note=SEALED), subject=case, by=HANDLER)
        event = left.decision.events[0].data
        request = t.ReceiveTransferV1.model_validate(
            {
                "transfer": event["transfer"],
                "origin": case,
                "origin_unit": UNIT,
                "receive_by": event["receive_by"],
                "standing": event["standing"],
                "tracking": _number(7),
                "channel": "counter",
                "story": SEALED,
            }
        )
        transfer = event["transfer"]
        demo.now += HOUR_MS + DAY_MS * (settled == "released")
        identity = f"00000000-0000-8000-8000-00000000770{number}"
        there = stream_id("grv", identity)
        demo.submit(request, unit=NEIGHBOUR, by=CLOCK, subject=there, id=identity, causationid=transfer)
        confirm = t.ConfirmTransferV1(transfer=transfer, case=there)
        release = t.ReleaseTransferV1(transfer=transfer, reason="transfer_too_late")
        for body in (confirm, release) if settled == "received" else (release, confirm):
            demo.submit(body, subject=case, by=CLOCK, causationid=transfer)


def _refused(demo: DemoLedger, case: str) -> None:
    demo.lodge(zone="z9")
    demo.lodge(category="none")
    demo.lodge(duplicate_of=case)
    demo.lodge(by=STRANGER)
    demo.lodge(unit="nowhere")
    demo.lodge(told=demo.now + DAY_MS)
    demo.submit(g.LodgeV1(tracking=_number(1), channel="web", story=SEALED), subject="grv_otherstream")
    demo.submit(g.LodgeV1(tracking=_number(2), channel="web", story=SEALED), subject=case)
    demo.submit(g.AcceptV1(), subject="grv_00000000")
    demo.submit(g.AcceptV1(), subject=case)
    demo.submit(g.AcceptV1(), subject=case, unit=NEIGHBOUR)
    demo.submit(g.AssignV1(handler=STRANGER.actor), subject=case)
    demo.submit(g.ReferV1(zone="z2", note=SEALED), subject=case)
    demo.submit(g.ReferV1(zone="z9", note=SEALED), subject=case)
    demo.submit(g.CloseV1(outcome="answered"), subject=case)
    demo.submit(g.ReplyV1(reply=SEALED, closes=True), subject=case)
    demo.submit(g.ResolveV1(note=SEALED), subject=case)
    demo.submit(g.ResolveV1(note=SEALED), subject=case)
    demo.submit(g.CloseV1(outcome="partly_resolved"), subject=case)
    demo.submit(g.CloseV1(outcome="unresolved"), subject=case)
    demo.submit(g.AcceptV1(), subject=case, batch="imp_notthere0")
    demo.submit(g.ReopenV1(note=SEALED), subject=case, by=OTHER_HANDLER, causationid="because")


def _repeated(demo: DemoLedger, case: str) -> None:
    first = demo.submit(g.RecordProgressV1(note=SEALED), subject=case, bodytag="one")
    again = first.submission.id
    demo.submit(g.RecordProgressV1(note=SEALED), subject=case, bodytag="one", id=again)
    demo.submit(g.RecordProgressV1(note=SEALED), subject=case, bodytag="two", id=again)
    demo.submit(g.AcceptV1(), subject=case, bodytag="one", id=again)


def _imported(demo: DemoLedger) -> None:
    batch = demo.open_import()
    demo.open_import(unit="nowhere")
    day = demo.now - 400 * DAY_MS
    first = demo.lodge(batch=batch, told=day, channel="message_board", zone=None, zone_told="AH-001")
    second = demo.lodge(batch=batch, told=day + 5, duplicate_of=first)
    third = demo.lodge(batch=batch, told=day + DAY_MS)
    fourth = demo.lodge(batch=batch, told=day + 2 * DAY_MS)
    demo.lodge(batch=batch, by=HANDLER)
    demo.lodge(batch=batch, unit=NEIGHBOUR)
    demo.now += 1000
    reply = g.ReplyV1(reply=SEALED, closes=True)
    demo.submit(reply, subject=first, by=CLERK, batch=batch, told=day - 1)
    demo.submit(reply, subject=first, by=CLERK, batch=batch, told=day + 9 * DAY_MS)
    demo.submit(reply, subject=first, by=CLERK, batch=batch, told=day + 10 * DAY_MS)
    demo.submit(reply, subject=second, by=CLERK, batch=batch, told=day + 90 * DAY_MS)
    demo.submit(g.AcceptV1(), subject=third, by=CLERK, batch=batch, told=day + 3 * DAY_MS)
    demo.submit(reply, subject=third, by=CLERK, batch=batch, told=day + 64 * DAY_MS)
    demo.close_import(batch, rows=5)
    demo.close_import(batch, rows=5)
    demo.submit(reply, subject=fourth, by=CLERK, batch=batch, told=day + 9 * DAY_MS)
    demo.submit(g.AcceptV1(), subject=fourth)
    due = demo.now + 60 * DAY_MS
    demo.submit(g.DeadlineDueV1(deadline="handle", due_at=due), subject=fourth)
    demo.now = due + 1
    demo.submit(g.DeadlineDueV1(deadline="handle", due_at=due - 1), subject=fourth)
    demo.submit(g.DeadlineDueV1(deadline="handle", due_at=due), subject=fourth)
    demo.submit(g.DeadlineDueV1(deadline="handle", due_at=due), subject=fourth)


def _clocks(demo: DemoLedger) -> None:
    demo.heartbeat()
    demo.heartbeat()
    demo.submit(c.HeartbeatV1(hour=10**7), subject="clock")
    demo.submit(c.HeartbeatV1(hour=demo.now // HOUR_MS), subject="clock", by=CLERK)
    demo.now -= DAY_MS
    demo.lodge()
    demo.now += 2 * DAY_MS


def _register(demo: DemoLedger) -> None:
    basis = demo.register.end
    terms = default_policy().terms
    slower = GrievancePolicy.model_validate({**terms, "accept_days": 20, "handle_days": 90})
    for entry in (
        r.DefineUnitV1(unit="street", name="Street", tier="street"),
        r.DefineUnitV1(unit=UNIT, name="Demo", tier="community", parent="street"),
        r.DefineUnitV1(unit="street", name="Street", tier="street", parent=UNIT),
        r.DefineUnitV1(unit="orphan", name="Orphan", tier="community", parent="nobody"),
        r.DefinePersonV1(person="act_newhandler", name=SEALED),
        r.AppointV1(person="act_newhandler", role="handler", unit="street"),
        r.AppointV1(person="act_nobody0000", role="handler", unit="street"),
        r.EndAppointmentV1(person=HANDLER.actor, role="handler", unit=UNIT),
        r.EndAppointmentV1(person=HANDLER.actor, role="handler", unit=UNIT),
        r.DefineCategoriesV1(version="2", categories=(r.Category(code="noise", name="Noise"),)),
        r.DefineCategoriesV1(version="3", categories=(r.Category(code="x", name="X", parent="y"),)),
        default_policy().model_copy(update={"version": "2", "terms": slower.model_dump()}),
        default_policy().model_copy(update={"terms": {"accept_days": 0}}),
        default_policy().model_copy(update={"policy": "weather"}),
    ):
        demo.now += 1
        demo.submit(entry)
    demo.submit(r.DefineZoneV1(zone="z4", unit=UNIT, name="Zone"), by=HANDLER)
    demo.lodge(category="roads")
    demo.lodge(category="noise")
    case = demo.lodge()
    demo.submit(g.AcceptV1(), subject=case)
    demo.submit(g.AcceptV1(), subject=case, by=OTHER_HANDLER)
    late = _submission(demo, basis=basis, id="late")
    demo.put(TOPIC, demo.place_of("grievance"), encode(late), UNIT.encode())


def _rules(demo: DemoLedger) -> None:
    for rules in ("grievance-1", "grievance-99"):
        demo.submit(c.ActivateRulesV1(rules=rules), unit=LEDGER_UNIT, by=ADMINISTRATOR)
    demo.submit(c.ActivateRulesV1(rules="grievance-1"), by=ADMINISTRATOR)


def _unreadable(demo: DemoLedger) -> None:
    place = demo.place_of("grievance")
    key = UNIT.encode()
    plain = orjson.loads(encode(_submission(demo)))
    for value in (None, b"", b"{", b"[]", b"7", b'{"specversion":"1.0"}', b" " * 61_000, b"\xff", b"NaN"):
        demo.put(TOPIC, place, value, key)
    changes: tuple[dict[str, Any], ...] = (
        {"time": "yesterday"},
        {"time": "2026-01-01T00:00:00"},
        {"time": "1960-01-01T00:00:00Z"},
        {"time": "2026-01-01T08:00:00.5+08:00"},
        {"time": "20260101T000000Z"},
        {"unit": "elsewhere"},
        {"basis": 10**6},
        {"basis": 10**30},
        {"basis": -1},
        {"basis": True},
        {"basis": 1.0},
        {"actor": "Somebody"},
        {"role": "king"},
        {"subject": "x" * 65},
        {"subject": ""},
        {"subject": "诉求/一.号-1_"},
        {"more": 1},
        {"batch": None},
        {"batch": "imp_unknown00"},
        {"bodytag": "x" * 65},
        {"type": "grievance.wish.v1"},
        {"type": "grievance.lodge.v2"},
        {"type": "register.define_zone.v1"},
        {"type": "Wish"},
        {"data": {}},
        {"data": {**plain["data"], "more": 1}},
        {"data": {**plain["data"], "zone": "x" * 65}},
        {"data": {**plain["data"], "anonymous": 1}},
        {"data": {**plain["data"], "category": None}},
        {"data": {**plain["data"], "anonymous": True, "telephone": SEALED.model_dump()}},
        {"data": {**plain["data"], "story": "in plain"}},
        {"data": {**plain["data"], "story": {"subject": "sub_fictional0000", "sealed": "not base 64"}}},
        {"data": []},
    )
    for change in changes:
        demo.put(TOPIC, place, _json({**_anew(demo, plain), **change}), key)
    demo.put(TOPIC, place, _json(_anew(demo, plain)), b"other key")
    demo.put(TOPIC, place, _json(_anew(demo, plain)), None)
    twice = _json(_anew(demo, plain)).replace(b'"role":"clerk"', b'"role":"king","role":"clerk"')
    demo.put(TOPIC, place, twice, key)
    demo.put(TOPIC, place, twice.replace(b'"zone":"z1"', b'"zone":"\\ud800"'), key)
    demo.put(TOPIC, place, b"\n " + _json(_anew(demo, plain)) + b"\t", key)
    demo.put(TOPIC, (place + 1) % 12, _json(_anew(demo, plain)), key)
    demo.put(submissions_topic("register"), 0, b"garbage", b"-")
    for partition in (place, (place + 1) % 12):
        demo.decide("grievance", partition)
    demo.decide("register", 0)


def _submission(demo: DemoLedger, **changes: Any) -> Submission:
    submission_id = _id(demo)
    body = {"tracking": _number(9), "channel": "counter", "zone": "z1", "story": SEALED.model_dump()}
    attributes = {
        "source": "/intake",
        "type": "grievance.lodge.v1",
        "time": "2026-01-01T00:00:00.000Z",
        "actor": CLERK.actor,
        "role": "clerk",
        "unit": UNIT,
        "basis": demo.register.end,
        "data": body,
        **changes,
        "id": submission_id,
        "subject": stream_id("grv", submission_id),
    }
    return Submission.model_validate(attributes)


def _id(demo: DemoLedger) -> str:
    return demo._next_id()


def _anew(demo: DemoLedger, plain: dict[str, Any]) -> dict[str, Any]:
    """The same lodging, with an identity of its own."""
    submission_id = _id(demo)
    return {**plain, "id": submission_id, "subject": stream_id("grv", submission_id)}


def _json(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _number(number: int) -> str:
    return f"{number:064x}"


def _mediated(demo: DemoLedger) -> None:
    """One mediation to its agreement and a payment, one refused command, one refusal to be mediated."""
    for entry in (
        r.DefinePersonV1(person=MEDIATOR.actor, name=SEALED),
        r.AppointV1(person=MEDIATOR.actor, role="mediator", unit=UNIT),
    ):
        demo.submit(entry, by=ADMINISTRATOR)
    mediation = demo.submit(start(origin="initiative"), by=MEDIATOR).submission.subject
    steps = (
        HOLD,
        *(m.ServeRightsNoticeV1(party=party, manner="post") for party in (1, 2)),
        *(m.RecordConsentV1(party=party, consents=True) for party in (1, 2)),
        HOLD,
        _terms(demo),
        *_signatures(_terms(demo).own_fingerprint),
        out.RecordPerformanceV1(obligation=1, amount=100_000, note=SEALED),
    )
    for step in steps:
        demo.submit(step, subject=mediation, by=MEDIATOR)
    refused = demo.submit(start(), by=CLERK).submission.subject
    refusal = m.RecordConsentV1(party=2, consents=False, remedies=SEALED)
    demo.submit(refusal, subject=refused, by=CLERK)


def _terms(demo: DemoLedger) -> out.DrawUpV1:
    owed = {"kind": "pay", "debtor": 2, "creditor": 1, "amount": 300_000, "due_at": demo.now + 10 * DAY_MS}
    return out.DrawUpV1.model_validate({"terms": SEALED, "obligations": [owed], "total": 300_000})


def _signatures(fingerprint: str) -> Iterator[out.SignV1]:
    for signer in ({"party": 1}, {"party": 2}, {"mediator": MEDIATOR.actor}, {}):
        yield out.SignV1.model_validate({"fingerprint": fingerprint, "manner": "on_paper", **signer})


def lines(demo: DemoLedger) -> Iterator[bytes]:
    """The genesis, then every submission with its decision, partition by partition."""
    genesis = demo.records[TopicPartition("ledger", 0)][0]
    yield orjson.dumps({"genesis": _text(genesis.value)})
    for family, number in demo.partitions:
        submissions = demo.records[TopicPartition(submissions_topic(family), number)]
        events = demo.records[TopicPartition(events_topic(family), number)]
        for submission, decision in zip(submissions, events, strict=True):
            yield orjson.dumps(_line(family, number, submission, decision))


def _line(family: str, partition: int, submission: Record, decision: Record) -> dict[str, Any]:
    return {
        "family": family,
        "partition": partition,
        "timestamp": submission.timestamp,
        "key": _text(submission.key),
        "submission": _text(submission.value),
        "decision": _text(decision.value),
    }


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b85encode(zlib.compress(data, 9)).decode()


if __name__ == "__main__":
    PATH.write_bytes(b"".join(line + b"\n" for line in lines(build())))
