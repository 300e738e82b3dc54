"""One message of each type with every field filled in, from which a missing golden file is written.

Changing anything here changes no golden file: what has been written stays (see write_missing).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import orjson

from contracts.base import Message, sha256_hex
from contracts.catalogue import COMMANDS, EVENTS
from contracts.envelope import Decision, Outcome, Submission, encode
from contracts.evidence import MAX_MERGE_DELAY_MS, Promise, ProvenReceipt
from contracts.genesis import Genesis
from contracts.topics import FAMILIES, ledger_topics
from ledger.keys import KeyRing
from ledger.receipts import sign_promise
from tests.golden.examples_of_aid import AID
from tests.golden.examples_of_mediation import MEDIATION
from tests.support.keys import INTAKE, KEYS, ends_of, key_of, retirement, rotation, topic_added

SEALED = {"subject": "sub_5f3a9c0e1d2b4a68", "sealed": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"}
APART = SEALED | {"text": "txt_0c1d2e3f"}
HASH = sha256_hex(b"golden")
AT = 1_790_000_000_000

FIELDS: Mapping[str, Any] = {
    "danger": "home",
    "danger_due_at": AT + 900_000,
    "petitioners": 30,
    "representatives": 5,
    "representative_names": SEALED,
    "on_behalf_of": "ward",
    "person_concerned": SEALED,
    "confidential": True,
    "about": "conduct",
    "above": "group-2",
    "against": SEALED,
    "answer": SEALED,
    "authority": SEALED,
    "above_unit": "street",
    "accept_due_at": AT + 15 * 86_400_000,
    "address": SEALED,
    "anonymous": False,
    "fact": "threat",
    "asked_by": "act_0123456789ab",
    "at": AT,
    "cycle": "quarter",
    "each": "zone",
    "finding": 1,
    "finding_1": APART,
    "finding_2": APART,
    "finding_3": APART,
    "finding_4": APART,
    "how": APART,
    "inspection": "zone-round",
    "inspectors": [
        {"person": "act_0123456789", "unit": "demo"},
        {"person": "act_9876543210", "unit": "demo"},
    ],
    "period": "2026-Q4",
    "retired": False,
    "bad_rows": 2,
    "birth_year": SEALED,
    "blob": HASH,
    "case": "grv_0123456789abcdef0123456789abcdef",
    "cases": ["grv_0123456789abcdef0123456789abcdef"],
    "area": {
        "type": "Polygon",
        "coordinates": [[[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]],
    },
    "boundary": "东至示例路，西至河边",
    "calendar": "cn",
    "confirm_from": AT + 3 * 86_400_000,
    "undo_until": AT + 33 * 86_400_000,
    "target": "grv_0123456789abcdef0123456789abcdef",
    "split_from": "grv_00000000000080008000000000000099",
    "split_note": SEALED,
    "grown_from": "vst_0123456789abcdef0123456789abcdef/2",
    "rank": "section",
    "related": "med_0123456789abcdef0123456789abcdef",
    "came_to": "agreed",
    "visitor": "act_0123456789abcdef0123456789abcdef",
    "visitor_unit": "street",
    "persons": 6,
    "opinion_1": SEALED,
    "opinion_2": SEALED,
    "opinion_3": SEALED,
    "opinion_4": SEALED,
    "opinion": SEALED,
    "categories": [{"code": "a", "name": "城乡建设"}, {"code": "a/b", "name": "道路", "parent": "a"}],
    "category": "a/b",
    "channel": "message_board",
    "closed_at": AT,
    "closes": True,
    "content": HASH,
    "count": 7,
    "deadline": "handle",
    "disclosure": "dsc_0123456789abcdef0123456789abcdef",
    "due_at": AT,
    "duplicate_of": "grv_0123456789abcdef0123456789abcdef",
    "by_rule": True,
    "escalate_at": AT + 5 * 86_400_000,
    "next_at": AT + 10 * 86_400_000,
    "to": "street",
    "answer_due_at": AT + 30 * 86_400_000,
    "manner": "in_person",
    "recipient": "household",
    "result": "changed",
    "lead": "demo",
    "missing": ["school"],
    "units": ["demo", "school"],
    "letter": "CL-2026-7Q2M0000AB3D-3",
    "acknowledged": "thumbprint",
    "number": "CL-2026-7Q2M0000AB3D-3",
    "template": "2022-1",
    "review_until": AT + 30 * 86_400_000,
    "stage": "re_review",
    "field": "telephone",
    "days": 20,
    "left": 30 * 86_400_000,
    "days_off": ["2026-01-01"],
    "days_worked": ["2026-01-04"],
    "deputy": "act_ba9876543210",
    "digest": HASH,
    "giver": "act_0123456789ab",
    "handle_due_at": AT + 60 * 86_400_000,
    "handler": "act_0123456789ab",
    "historical": True,
    "hour": AT // 3_600_000,
    "household": "hsh_0123456789abcdef0123456789abcdef",
    "resident": "res_0123456789abcdef0123456789abcdef",
    "resident_name": SEALED,
    "key": APART,
    "into": ["demo"],
    "kind": "collective_petition",
    "law": "个人信息保护法第四十七条第一款第（一）项",
    "listed": HASH,
    "matter": "2026/0042",
    "name": "示例社区",
    "media_type": "image/jpeg",
    "note": SEALED,
    "original": APART,
    "of": ["old-1", "old-2"],
    "open_work": 3,
    "outcome": "partly_resolved",
    "parent": "street",
    "person": "act_0123456789ab",
    "policy": "grievance",
    "readable": APART,
    "proposed_by": "act_0123456789ab",
    "purpose": "casework",
    "post": "building-3",
    "reason": "outside_remit",
    "remains": SEALED,
    "remedy": SEALED,
    "reached": "reached",
    "satisfaction": "fairly",
    "reply": SEALED,
    "reporter_name": SEALED,
    "role": "handler",
    "rows": 2816,
    "rules": "grievance-2",
    "size": 123_456,
    "run": "ret_0123456789abcdef0123456789abcdef",
    "schedule": "grievance",
    "entrusted": ["act_0123456789ab"],
    "excluded": SEALED,
    "named": SEALED,
    "severity": "serious",
    "source": "example.xlsx",
    "source_id": "No. 42",
    "story": SEALED,
    "subjects": ["sub_5f3a9c0e1d2b4a68"],
    "scheme": "five-posts",
    "seats": 2,
    "since": AT,
    "taker": "act_ba9876543210",
    "target_at": AT + 30 * 86_400_000,
    "telephone": SEALED,
    "text": SEALED,
    "terms": {"accept_days": 15, "handle_days": 60, "permissions": {"lodge": ["resident"]}},
    "tier": "community",
    "time_zone": "Asia/Shanghai",
    "title": SEALED,
    "transfer": "0f5c2f9e-4d54-8a2b-9c61-3d9a4b1e7f10",
    "receive_by": AT + 86_400_000,
    "origin": "grv_0123456789abcdef0123456789abcdef",
    "origin_unit": "next-door",
    "due_start": AT,
    "standing": {
        "deadline": "handle",
        "lodged_at": AT,
        "due_start": AT,
        "due_at": AT + 60 * 86_400_000,
        "overdue": True,
        "late": True,
        "extended": True,
        "replied_at": AT,
        "paused_days": 10,
    },
    "tracking": "9f" * 32,
    "unit": "demo",
    "until": AT,
    "version": "2026-1",
    "whose": "reporter",
    "year": 2026,
    "zone": "z1",
    "zone_told": "A7",
}
"""A value for each field name, in JSON; a type with a field of another kind has it in OTHERWISE."""

_ZONES = {"of": [{"unit": "old-1", "zone": "z1"}], "into": [{"unit": "demo", "zone": "z1"}]}
OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "grievance.acknowledge_danger.v1": {"finding": "help_called"},
    "grievance.danger_acknowledged.v1": {"finding": "help_called"},
    "grievance.rated.v1": {"reply": 2},
    "grievance.decide_extension.v1": {"verdict": "approve"},
    "grievance.extension_decided.v1": {"verdict": "approve"},
    "grievance.decide_risk_flag.v1": {"verdict": "approve"},
    "grievance.risk_flag_decided.v1": {"verdict": "approve"},
    "grievance.letter_made.v1": {"kind": "reply"},
    "grievance.record_result_returned.v1": {"manner": "system"},
    "grievance.result_returned.v1": {"manner": "system"},
    "grievance.record_service.v1": {"result": "served"},
    "grievance.service_recorded.v1": {"result": "served"},
    "grievance.propose_reclassification.v1": {"kind": "request", "verdict": "approve"},
    "grievance.reclassification_proposed.v1": {"kind": "request", "verdict": "approve"},
    "grievance.reclassification_decided.v1": {"kind": "request", "verdict": "approve"},
    "grievance.decide_reclassification.v1": {"verdict": "approve"},
    "grievance.receive_transfer.v1": {"kind": "request"},
    "grievance.transferred_in.v1": {"kind": "request"},
    "grievance.pause.v1": {"reason": "appraisal"},
    "grievance.paused.v1": {"reason": "appraisal"},
    "grievance.triage.v1": {"kind": "request"},
    "grievance.triaged.v1": {"kind": "request"},
    "register.define_person.v1": {"name": SEALED},
    "register.person_defined.v1": {"name": SEALED},
    "grievance.attach.v1": {"name": APART},
    "grievance.attached.v1": {"name": APART},
    "grievance.redact.v1": {"reason": "third_party", "text": APART["text"]},
    "grievance.redacted.v1": {"reason": "third_party", "text": APART["text"]},
    "accusation.lodge.v1": {"channel": "web", "case": SEALED},
    "accusation.lodged.v1": {"channel": "web", "case": SEALED},
    "accusation.propose_not_pursuing.v1": {"reason": "no_ground"},
    "accusation.not_pursuing_proposed.v1": {"reason": "no_ground"},
    "accusation.decide_not_pursuing.v1": {"verdict": "approve"},
    "accusation.not_pursuing_decided.v1": {"verdict": "approve"},
    "people.erase.v1": {"reason": "purpose_achieved"},
    "people.erased.v1": {"reason": "purpose_achieved"},
    "people.place_hold.v1": {"reason": "court_case"},
    "people.hold_placed.v1": {"reason": "court_case"},
    "people.request_disclosure.v1": {"purpose": "complaint"},
    "people.disclosure_requested.v1": {"purpose": "complaint"},
    **{
        f"people.{name}.v1": {"number": 2}
        for name in (
            "opinion_added",
            "solve_opinion",
            "opinion_solved",
            "make_grievance",
            "grievance_made",
            "pass_up_opinion",
            "opinion_passed_up",
        )
    },
    **MEDIATION,
    **AID,
    "register.define_unit.v1": {"tier": "organisation", "kind": "police_post"},
    "register.unit_defined.v1": {"tier": "organisation", "kind": "police_post"},
    "register.succeed_zones.v1": _ZONES,
    "register.zones_succeeded.v1": _ZONES,
}


def example(name: str, model: type[Message]) -> Message:
    """A message of this type; raises KeyError where a field has no value above."""
    values = {**FIELDS, **OTHERWISE.get(name, {})}
    return model.model_validate({field: values[field] for field in model.model_fields})


def submission() -> Submission:
    """A submission with every attribute."""
    return Submission(
        id="0f5c2f9e-4d54-8a2b-9c61-3d9a4b1e7f10",
        source="/ledgers/led_0123456789/intake",
        type="grievance.accept.v1",
        subject="grv_0123456789abcdef0123456789abcdef",
        time="2026-09-21T14:13:20.000Z",
        actor="act_0123456789ab",
        role="clerk",
        unit="demo",
        basis=12,
        bodytag="0123456789abcdef0123456789abcdef",
        batch="imp_0123456789abcdef0123456789abcdef",
        causationid="/ledgers/led_0123456789/grievance.events/7 41",
        data={},
        signer=INTAKE.id,
        signature="A" * 86 + "==",
    )


def decision(family: str, outcome: str) -> Decision:
    """A decision with every attribute, whatever the outcome: readers must take all of them."""
    said = submission()
    body = {
        "submission_offset": 41,
        "previous": HASH,
        "rules": f"{family}-1",
        "outcome": outcome,
        "now": AT,
        "basis": 12,
        "recorded_at": AT,
        "occurred_at": AT,
        "effective_at": AT,
        "submission_id": said.id,
        "submission_type": said.type,
        "actor": said.actor,
        "role": said.role,
        "unit": said.unit,
        "batch": said.batch,
        "bodytag": said.bodytag,
        "reason": "not_entitled",
        "field": "unit",
        "duplicate_of": 7,
        "sha256": HASH,
        "events": [{"type": "grievance.accepted.v1", "data": {"handle_due_at": AT}}],
    }
    return Decision.model_validate(
        {
            "id": "41",
            "source": f"/ledgers/led_0123456789/{family}.events/7",
            "type": f"{family}.decision.v1",
            "subject": said.subject,
            "time": said.time,
            "data": body,
        }
    )


def genesis() -> Genesis:
    """A genesis with every field."""
    return Genesis(
        ledger="led_0123456789",
        created_at=AT,
        partitions=12,
        topics=ledger_topics(12),
        rules={"register": "register-1", "grievance": "grievance-1"},
        administrator="act_0123456789ab",
        keys=KEYS,
        simulated=True,
    )


def ledger_records() -> dict[str, bytes]:
    """A record of each type that follows the genesis, really signed: each is admitted in this order."""
    first, second = INTAKE, key_of("intake", "second")
    ledger, ends = genesis().ledger, ends_of(KeyRing.of_genesis(genesis()), "intake", 41)
    return {
        "ledger.key_rotated.v1": rotation(ledger, first, second),
        "ledger.key_retired.v1": retirement(ledger, first, second, ends),
        "ledger.topic_added.v1": topic_added(ledger, second),
    }


def receipts() -> dict[str, Message]:
    """A receipt, and one with its proof."""
    promise = Promise(
        origin="barograph/led_0123456789/grievance.submissions/7",
        topic="grievance.submissions",
        partition=7,
        offset=41,
        recorded_at=AT,
        submission_id=submission().id,
        leaf_hash=HASH,
        max_merge_delay_ms=MAX_MERGE_DELAY_MS,
        key_id=INTAKE.id,
    )
    receipt = sign_promise(promise, INTAKE)
    proven = ProvenReceipt(receipt=receipt, checkpoint="fictional\n42\nAAAA\n\n", inclusion=(HASH,))
    return {"barograph.receipt.v1": receipt, "barograph.proven_receipt.v1": proven}


def golden_bytes() -> dict[str, bytes]:
    """File name → its bytes, for every type and envelope of this version."""
    files = {name: encode(example(name, model)) for name, model in {**COMMANDS, **EVENTS}.items()}
    files["submission.v1"] = encode(submission())
    files["ledger.genesis.v1"] = orjson.dumps(genesis().model_dump())
    files |= ledger_records()
    files |= {name: encode(message) for name, message in receipts().items()}
    for family in FAMILIES:
        for outcome in get_args(Outcome):
            files[f"{family}.decision.v1.{outcome}"] = encode(decision(family, outcome))
    return {f"{name}.json": value for name, value in files.items()}
