"""Whatever a forger changes in a bundle, the check that must catch it does.

Three forgers: one who changes files; one who mends the manifest after it; one who stole the notary's key, or
intake's, and signs everything anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.envelope import Submission
from contracts.evidence import Promise
from ledger.entry import ENTRY_BYTES, entry_of, leaf_hash
from ledger.log import Record, TopicPartition
from ledger.notes import COSIGNATURE, verifier_of
from ledger.receipts import sign_promise
from ledger.signing import SigningKey, sign_submission, split_submission
from tests.audit.bundles import (
    SECOND,
    WITNESS,
    WITNESS_NAME,
    Files,
    judge,
    put,
    records,
    rehashed,
    resigned,
    rich_ledger,
    told,
    zipped,
)
from tests.audit.house import forged, rechained, renumbered
from tests.support.keys import INTAKE, NOTARY, key_of, topic_added

HERE = rich_ledger().place_of("grievance")
SUBMISSIONS, EVENTS = f"grievance.submissions/{HERE}", f"grievance.events/{HERE}"
EMPTY = f"grievance.events/{next(n for n in range(3) if n not in {HERE, rich_ledger().place_of('grievance', 'next')})}"
PLACES = ["ledger/0", "register.submissions/0", "register.events/0", SUBMISSIONS, EVENTS]

Change = Callable[[Files], Files]
Reorder = Callable[[list[Record]], list[Record]]


def changed(value: bytes) -> bytes:
    """Another value of the same length."""
    return value[:-9] + bytes([value[-9] ^ 1]) + value[-8:]


REORDERINGS: dict[str, Reorder] = {
    "first changed": lambda all_: [all_[0]._replace(value=changed(all_[0].value or b"")), *all_[1:]],
    "last changed": lambda all_: [*all_[:-1], all_[-1]._replace(value=changed(all_[-1].value or b""))],
    "value gone": lambda all_: [*all_[:-1], all_[-1]._replace(value=None)],
    "time changed": lambda all_: [*all_[:1], all_[1]._replace(timestamp=all_[1].timestamp + 1), *all_[2:]],
    "key changed": lambda all_: [*all_[:1], all_[1]._replace(key=b"other"), *all_[2:]],
    "middle dropped": lambda all_: [*all_[:1], *all_[2:]],
    "middle dropped, renumbered": lambda all_: renumbered([*all_[:1], *all_[2:]]),
    "last dropped": lambda all_: all_[:-1],
    "two swapped": lambda all_: [all_[1], all_[0], *all_[2:]],
    "two swapped, renumbered": lambda all_: renumbered([all_[1], all_[0], *all_[2:]]),
    "one twice": lambda all_: [all_[0], *all_],
    "one inserted": lambda all_: renumbered([*all_[:1], Record(1, 0, None, b"{}"), *all_[1:]]),
    "one appended": lambda all_: [*all_, Record(len(all_), 0, None, b"{}")],
}


@pytest.mark.parametrize("name", REORDERINGS)
@pytest.mark.parametrize("place", PLACES)
def test_records_are_bound_by_the_checkpoint(whole: Files, tmp_path: Path, place: str, name: str) -> None:
    """A record changed, dropped, swapped or put in, and the manifest mended: the root is another."""
    files = rehashed(put(whole, place, REORDERINGS[name](records(whole, place))))
    verdict = judge(zipped(files, tmp_path / "b.zip"))
    if verdict.code == 1:
        assert {"integrity", "records"} & verdict.differing
    else:
        assert (verdict.code, place) == (2, "ledger/0")
        assert "genesis" in verdict.complaint


def _without(*parts: str) -> Change:
    def change(files: Files) -> Files:
        kept = {name: content for name, content in files.items() if not any(p in name for p in parts)}
        manifest = json.loads(kept["manifest.json"])
        for part in parts:
            topic, _, number = part.partition("/")
            del manifest["as_of"][topic][number.partition(".")[0]]
        return {**kept, "manifest.json": json.dumps(manifest).encode()}

    return change


def _topic_left_out(files: Files) -> Files:
    kept = {name: content for name, content in files.items() if "/patrol.submissions/" not in name}
    return told(kept, "manifest.json", lambda manifest: manifest["as_of"].pop("patrol.submissions"))


def _partition_put_in(files: Files) -> Files:
    more = {
        "records/weather.events/0.jsonl": b"",
        "checkpoints/weather.events/0.txt": files[f"checkpoints/{EMPTY}.txt"].replace(
            EMPTY.encode(), b"weather.events/0"
        ),
    }
    return told(
        {**files, **more},
        "manifest.json",
        lambda manifest: manifest["as_of"].update({"weather.events": {"0": 0}}),
    )


def _definition(files: Files) -> Files:
    name = next(name for name in files if name.startswith("definitions/grievance.figures"))
    return {**files, name: files[name].replace(b"Cases lodged.", b"Cases we like")}


def _policy_name(files: Files) -> str:
    return next(name for name in files if name.startswith("definitions/policy"))


def _resigned_checkpoint(key: SigningKey) -> Change:
    return lambda files: resigned(files, EVENTS, records(files, EVENTS), key)


def _bad_signature(files: Files) -> Files:
    name = f"checkpoints/{EVENTS}.txt"
    head, line, *rest = files[name].decode().split("\u2014 ")
    worse = line[:-8] + ("A" if line[-8] != "A" else "B") + line[-7:]
    return {**files, name: "\u2014 ".join([head, worse, *rest]).encode()}


def _stated(name: str, change: Callable[[Any], object]) -> Change:
    return lambda files: told(files, name, change)


STATEMENTS: dict[str, tuple[str, Change]] = {
    "received": ("figures", _stated("figures.json", lambda f: f.update(received=2))),
    "a claim": (
        "figures",
        _stated("figures.json", lambda f: f["stability"]["mass_incident"].update(count=0)),
    ),
    "persons": ("figures", _stated("figures.json", lambda f: f["petitions"].update(persons=7))),
    "reply days": ("figures", _stated("figures.json", lambda f: f["reply_days"].update(median=1.0))),
    "undecided": ("figures", _stated("figures.json", lambda f: f.update(undecided=1))),
    "as of": ("figures", _stated("figures.json", lambda f: f["as_of"].pop("grievance.events"))),
    "a figure left out": ("figures", _stated("figures.json", lambda f: f.pop("closed"))),
    "definition's hash": (
        "figures",
        _stated("figures.json", lambda f: f["definition"].update(hash="0" * 64)),
    ),
    "figures of no shape": ("figures", lambda files: {**files, "figures.json": b"[]"}),
    "claims of no shape": ("figures", _stated("figures.json", lambda f: f.update(stability=[1]))),
    "no figures": ("figures", lambda files: {k: v for k, v in files.items() if k != "figures.json"}),
    "the definition": ("statements", _definition),
    "a policy": (
        "statements",
        lambda files: told(files, _policy_name(files), lambda p: p["terms"].update(accept_days=99)),
    ),
    "no policy": ("statements", lambda files: {k: v for k, v in files.items() if k != _policy_name(files)}),
    "another policy": ("statements", lambda files: {**files, "definitions/policy.aid.1.json": b"{}"}),
    "a root in prov.json": (
        "statements",
        _stated("prov.json", lambda p: p["entity"][f"b:{EVENTS}"].update({"b:root": "0" * 64})),
    ),
    "figures in prov.json": (
        "statements",
        _stated("prov.json", lambda p: p["entity"]["b:figures"].update({"b:sha256": "0" * 64})),
    ),
    "a key": ("genesis", _stated("keys.json", lambda k: k["keys"][0].update(public=NOTARY.public_text))),
    "a key left out": ("genesis", _stated("keys.json", lambda k: k["keys"].pop())),
    "a key not retired": ("genesis", _stated("keys.json", lambda k: k["keys"][0].update(ends=None))),
    "another ledger": ("genesis", _stated("manifest.json", lambda m: m.update(ledger="led_other00000"))),
    "another tree's checkpoint": (
        "integrity",
        lambda files: {**files, f"checkpoints/{EVENTS}.txt": files[f"checkpoints/{SUBMISSIONS}.txt"]},
    ),
    "two checkpoints": (
        "integrity",
        lambda files: {**files, f"checkpoints/{EVENTS}.txt": files[f"checkpoints/{EVENTS}.txt"] * 2},
    ),
    "no checkpoint": ("integrity", lambda files: {**files, f"checkpoints/{EVENTS}.txt": b""}),
    "a signature": ("checkpoints", _bad_signature),
    "signed by intake": ("checkpoints", _resigned_checkpoint(INTAKE)),
    "signed by a stranger": ("checkpoints", _resigned_checkpoint(key_of("notary", "stranger"))),
    "a topic left out": ("completeness", _topic_left_out),
    "a partition left out": ("completeness", _without(EVENTS)),
    "an empty partition left out": ("completeness", _without(EMPTY)),
    "a partition put in": ("completeness", _partition_put_in),
    "a file more": ("files", lambda files: {**files, "records/notes.txt": b"trust us"}),
    "records of nothing": ("files", lambda files: {**files, "records/weather.events/0.jsonl": b""}),
    "entries in a whole bundle": ("files", lambda files: {**files, f"entries/{EVENTS}.bin": b""}),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_are_bound_by_the_records(whole: Files, tmp_path: Path, name: str) -> None:
    """What the bundle states beside its records is changed, and the manifest mended: the right check says so."""
    check, change = STATEMENTS[name]
    verdict = judge(zipped(rehashed(change(whole)), tmp_path / "b.zip"))
    assert verdict.code == 1
    assert check in verdict.differing


def test_without_the_manifest_mended_every_changed_file_is_named(whole: Files, tmp_path: Path) -> None:
    """One byte more at the end of any file, or the file gone: the manifest does not have it so."""
    for name in whole.keys() - {"manifest.json"}:
        verdict = judge(zipped({**whole, name: whole[name] + b"\n"}, tmp_path / "b.zip"))
        assert name in verdict.report["checks"]["files"]["first"]
        verdict = judge(zipped({k: v for k, v in whole.items() if k != name}, tmp_path / "b.zip"))
        assert verdict.code == 2 or "files" in verdict.differing


# --- with the notary's key --------------------------------------------------------------------------------


def _said(record: Record, key: SigningKey | None, **changes: object) -> Record:
    """A submission that says something else, signed by this key, or still by the old signature."""
    signed = split_submission(record.value or b"")
    assert signed is not None
    raw = orjson.loads(signed.body) | changes
    if key is None:
        tail = (record.value or b"")[len(signed.body) - 1 :]
        return record._replace(value=orjson.dumps(raw)[:-1] + tail)
    submission = Submission.model_validate(raw | {"signer": key.id})
    return record._replace(value=sign_submission(submission, key))


def _one(place: str, offset: int, change: Callable[[Record], Record], *, chained: bool = False) -> Change:
    def forge(files: Files) -> Files:
        found = records(files, place)
        found[offset] = change(found[offset])
        return resigned(files, place, rechained(found) if chained else found)

    return forge


def _decision(offset: int, **changes: Any) -> Change:
    return _one(EVENTS, offset, lambda record: forged(record, **changes), chained=True)


def _more_on_the_ledger(value: bytes) -> Change:
    return lambda files: resigned(files, "ledger/0", [*records(files, "ledger/0"), Record(4, 0, None, value)])


LEDGER = rich_ledger().genesis.ledger
STOLEN: dict[str, tuple[str, Change]] = {
    "actor forged": ("signatures", _one(SUBMISSIONS, 1, lambda r: _said(r, None, actor="act_other0000"))),
    "signed by a stranger": ("signatures", _one(SUBMISSIONS, 1, lambda r: _said(r, key_of("intake", "x")))),
    "signed by the notary": ("signatures", _one(SUBMISSIONS, 1, lambda r: _said(r, NOTARY))),
    "unsigned": ("signatures", _one(SUBMISSIONS, 1, lambda r: r._replace(value=b'{"id":"1"}'))),
    "a retired key": (
        "signatures",
        lambda files: resigned(
            files,
            SUBMISSIONS,
            [*(found := records(files, SUBMISSIONS)), found[0]._replace(offset=len(found))],
        ),
    ),
    "actor forged with intake's key": (
        "decisions",
        _one(SUBMISSIONS, 1, lambda r: _said(r, INTAKE, actor="act_other0000")),
    ),
    "submission backdated": ("decisions", _one(SUBMISSIONS, 1, lambda r: r._replace(timestamp=1))),
    "decision's actor": ("decisions", _decision(1, actor="act_other0000")),
    "decision's time": ("decisions", _decision(1, recorded_at=1)),
    "decision's clock": ("decisions", _decision(1, now=1)),
    "decision's basis": ("decisions", _decision(1, basis=1)),
    "decision's rules": ("decisions", _decision(1, rules="grievance-0")),
    "decision's effect": ("decisions", _decision(1, effective_at=1)),
    "decided unreadable": ("decisions", _decision(1, outcome="unreadable", events=[], sha256="0" * 64)),
    "accepted without an event": ("decisions", _decision(1, events=[])),
    "events of no shape": ("decisions", _decision(1, events=[1])),
    "events that are none": ("decisions", _decision(1, events=7)),
    "decision's key": ("decisions", _one(EVENTS, 1, lambda r: r._replace(key=b"next"))),
    "decisions cut off": ("figures", lambda files: resigned(files, EVENTS, records(files, EVENTS)[:3])),
    "not chained anew": ("figures", _one(EVENTS, 1, lambda r: forged(r, reason="forged"))),
    "an event struck out": ("figures", _decision(3, outcome="refused", events=[], reason="not_entitled")),
    "submissions cut off": (
        "decisions",
        lambda files: resigned(files, SUBMISSIONS, records(files, SUBMISSIONS)[:3]),
    ),
    "topic added by a stranger": (
        "genesis",
        _more_on_the_ledger(topic_added(LEDGER, key_of("intake", "x"), "weather.events")),
    ),
    "topic added by a retired key": (
        "genesis",
        _more_on_the_ledger(topic_added(LEDGER, INTAKE, "weather.events")),
    ),
    "topic added twice": (
        "genesis",
        _more_on_the_ledger(topic_added(LEDGER, SECOND, "grievance.events")),
    ),
    "topic of another ledger": (
        "genesis",
        _more_on_the_ledger(topic_added("led_other00000", SECOND, "weather.events")),
    ),
    "topic added and not shown": (
        "completeness",
        _more_on_the_ledger(topic_added(LEDGER, SECOND, "weather.events")),
    ),
    "nonsense on the ledger": ("genesis", _more_on_the_ledger(b"nonsense")),
    "a rotation's key": (
        "genesis",
        _one("ledger/0", 1, lambda r: r._replace(value=changed(r.value or b""))),
    ),
}


@pytest.mark.parametrize("name", STOLEN)
def test_the_notarys_key_alone_does_not_forge(whole: Files, tmp_path: Path, name: str) -> None:
    """Records are changed and the tree signed anew with the stolen key: what they say betrays them."""
    check, change = STOLEN[name]
    verdict = judge(zipped(rehashed(change(whole)), tmp_path / "b.zip"))
    assert verdict.code == 1
    assert check in verdict.differing
    assert not {"integrity", "checkpoints", "files"} & verdict.differing


def test_with_both_keys_a_held_checkpoint_convicts(whole: Files, tmp_path: Path) -> None:
    """A reason rewritten and all signed anew holds by itself, and not against a checkpoint held before."""
    held = tmp_path / "held.txt"
    held.write_bytes(whole[f"checkpoints/{EVENTS}.txt"] + b"\n" + whole[f"checkpoints/{SUBMISSIONS}.txt"])
    forgery = zipped(rehashed(_decision(6, reason="forged")(whole)), tmp_path / "b.zip")
    verdict = judge(forgery)
    assert (verdict.code, verdict.differing) == (0, set())
    verdict = judge(forgery, "--checkpoint", str(held))
    assert (verdict.code, verdict.differing) == (1, {"held"})


def test_a_roll_back_is_convicted_by_a_later_checkpoint(whole: Files, tmp_path: Path) -> None:
    """An older copy, truly signed, ends before the checkpoint that the auditor holds."""
    held = tmp_path / "held.txt"
    held.write_bytes(whole[f"checkpoints/{EVENTS}.txt"])
    older = resigned(whole, EVENTS, records(whole, EVENTS)[:-1])
    verdict = judge(zipped(rehashed(older), tmp_path / "b.zip"), "--checkpoint", str(held))
    assert "before the checkpoint that you hold" in verdict.report["checks"]["held"]["first"]


def test_an_honest_older_checkpoint_holds(whole: Files, whole_bundle: Path, tmp_path: Path) -> None:
    """A checkpoint of how the tree began agrees with the bundle."""
    earlier = resigned(whole, EVENTS, records(whole, EVENTS)[:4])[f"checkpoints/{EVENTS}.txt"]
    held = tmp_path / "held.txt"
    held.write_bytes(earlier)
    verdict = judge(whole_bundle, "--checkpoint", str(held))
    assert (verdict.code, verdict.report["checks"]["held"]["checked"]) == (0, 1)


# --- a partial bundle -------------------------------------------------------------------------------------


def _entries(files: Files, change: Callable[[bytes], bytes]) -> Files:
    name = f"entries/{SUBMISSIONS}.bin"
    return {**files, name: change(files[name])}


def _swapped(entries: bytes) -> bytes:
    return entries[ENTRY_BYTES : 2 * ENTRY_BYTES] + entries[:ENTRY_BYTES] + entries[2 * ENTRY_BYTES :]


PARTIAL: dict[str, tuple[str, Change]] = {
    "a record left out": (
        "completeness",
        lambda files: put(files, SUBMISSIONS, records(files, SUBMISSIONS)[:-1]),
    ),
    "the first left out": (
        "completeness",
        lambda files: put(files, SUBMISSIONS, records(files, SUBMISSIONS)[1:]),
    ),
    "all left out": ("completeness", lambda files: put(files, SUBMISSIONS, [])),
    "a record changed": (
        "integrity",
        lambda files: put(files, SUBMISSIONS, REORDERINGS["last changed"](records(files, SUBMISSIONS))),
    ),
    "two swapped": (
        "records",
        lambda files: put(files, SUBMISSIONS, REORDERINGS["two swapped"](records(files, SUBMISSIONS))),
    ),
    "one twice": (
        "records",
        lambda files: put(files, SUBMISSIONS, REORDERINGS["one twice"](records(files, SUBMISSIONS))),
    ),
    "an entry changed": ("integrity", lambda files: _entries(files, changed)),
    "entries swapped": ("integrity", lambda files: _entries(files, _swapped)),
    "entries cut": ("records", lambda files: _entries(files, lambda e: e[:-1])),
    "an entry dropped": ("records", lambda files: _entries(files, lambda e: e[:-ENTRY_BYTES])),
    "an entry more": ("records", lambda files: _entries(files, lambda e: e + e[-ENTRY_BYTES:])),
    "no entries": (
        "records",
        lambda files: {k: v for k, v in files.items() if k != f"entries/{SUBMISSIONS}.bin"},
    ),
    "the register in part": (
        "files",
        lambda files: {
            **put(files, "register.events/0", records(files, "register.events/0")[:-1]),
            "entries/register.events/0.bin": b"".join(map(entry_of, records(files, "register.events/0"))),
        },
    ),
    "a wider scope claimed": (
        "completeness",
        _stated("manifest.json", lambda manifest: manifest["scope"]["units"].append("next")),
    ),
    "the whole claimed": ("records", _stated("manifest.json", lambda m: m.update(scope={}))),
    "the register's decision": (
        "decisions",
        lambda files: resigned(
            files,
            "register.events/0",
            rechained(
                [
                    forged(record, actor="act_other0000") if record.offset == 1 else record
                    for record in records(files, "register.events/0")
                ]
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", PARTIAL)
def test_a_part_proves_that_nothing_in_it_was_left_out(part: Files, tmp_path: Path, name: str) -> None:
    """A partial bundle with something left out or changed, and the manifest mended: the right check says so."""
    check, change = PARTIAL[name]
    verdict = judge(zipped(rehashed(change(part)), tmp_path / "b.zip"))
    assert verdict.code == 1
    assert check in verdict.differing


# --- receipts, witnesses, genesis -------------------------------------------------------------------------


def receipt(files: Files, key: SigningKey = INTAKE, **changes: Any) -> dict[str, Any]:
    """A receipt for the second submission."""
    record = records(files, SUBMISSIONS)[1]
    promise: dict[str, Any] = {
        "origin": f"barograph/{LEDGER}/{SUBMISSIONS}",
        "topic": "grievance.submissions",
        "partition": HERE,
        "offset": 1,
        "recorded_at": record.timestamp,
        "submission_id": orjson.loads(record.value or b"")["id"],
        "leaf_hash": leaf_hash(entry_of(record)).hex(),
        "max_merge_delay_ms": 60_000,
        "key_id": key.id,
    }
    return sign_promise(Promise(**promise | changes), key).model_dump(mode="json")


RECEIPTS: dict[str, tuple[str | None, Callable[[Files], dict[str, Any]]]] = {
    "kept": (None, receipt),
    "kept, with a proof": (
        None,
        lambda files: {
            "receipt": receipt(files),
            "checkpoint": files[f"checkpoints/{SUBMISSIONS}.txt"].decode(),
        },
    ),
    "broken": ("another record stands", lambda files: receipt(files, leaf_hash="0" * 64)),
    "past the end": ("ends before it", lambda files: receipt(files, SECOND, offset=9999)),
    "under a retired key": ("retired", lambda files: receipt(files, offset=9999)),
    "of a stranger's key": ("no intake key", lambda files: receipt(files, key_of("intake", "x"))),
    "of the notary's key": ("no intake key", lambda files: receipt(files, NOTARY)),
    "forged": ("not valid", lambda files: receipt(files) | {"recorded_at": 1}),
    "of another ledger": (
        "another ledger",
        lambda files: receipt(files, origin=f"barograph/led_other00000/{SUBMISSIONS}"),
    ),
}


@pytest.mark.parametrize("name", RECEIPTS)
@pytest.mark.parametrize("kind", ["whole", "part"])
def test_receipts_are_held_against_the_records(
    name: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A kept receipt passes, in a part as in the whole; every other one is named with its reason."""
    said, make = RECEIPTS[name]
    file = tmp_path / "receipt.json"
    file.write_bytes(orjson.dumps(make(request.getfixturevalue(kind))))
    verdict = judge(request.getfixturevalue(f"{kind}_bundle"), "--receipt", str(file))
    found = verdict.report["checks"]["receipts"]
    assert (verdict.code, found["checked"]) == (0 if said is None else 1, 1)
    assert (said or "") in (found["first"] or "")


def _vkey(name: str = WITNESS_NAME, seed: SigningKey | None = None) -> str:
    return verifier_of(name, seed.private if seed else WITNESS, COSIGNATURE).vkey


def test_a_trusted_witness_has_cosigned_every_checkpoint(whole_bundle: Path, whole: Files) -> None:
    """The cosignature of a witness that the auditor names is verified on each partition's checkpoint."""
    verdict = judge(whole_bundle, "--witness", _vkey())
    checkpoints = [name for name in whole if name.startswith("checkpoints/")]
    assert verdict.code == 0
    assert verdict.report["checks"]["witnesses"]["checked"] == len(checkpoints)


def test_a_missing_or_bad_cosignature_is_a_difference(
    whole: Files, whole_bundle: Path, tmp_path: Path
) -> None:
    """Another witness has not cosigned; a tree signed anew has no cosignature; one over another text is bad."""
    verdict = judge(whole_bundle, "--witness", _vkey(seed=key_of("notary", "another")))
    assert verdict.differing == {"witnesses"}
    anew = resigned(whole, EVENTS, records(whole, EVENTS))
    verdict = judge(zipped(rehashed(anew), tmp_path / "anew.zip"), "--witness", _vkey())
    assert "has not cosigned" in verdict.report["checks"]["witnesses"]["first"]
    line = whole[f"checkpoints/{SUBMISSIONS}.txt"].decode().splitlines(keepends=True)[-1]
    anew[f"checkpoints/{EVENTS}.txt"] += line.encode()
    verdict = judge(zipped(rehashed(anew), tmp_path / "bad.zip"), "--witness", _vkey())
    assert "not valid" in verdict.report["checks"]["witnesses"]["first"]


def test_the_genesis_that_the_auditor_knows_is_asked_for(whole_bundle: Path) -> None:
    """The right hash passes, in capitals too; another one is a difference."""
    known = judge(whole_bundle).report["genesis"]
    assert judge(whole_bundle, "--genesis", known.upper()).code == 0
    assert judge(whole_bundle, "--genesis", "0" * 64).differing == {"genesis"}


def test_places_are_those_of_the_ledger() -> None:
    """The fixture has what the tests above count on: an empty partition, and a neighbour's cases elsewhere."""
    demo = rich_ledger()
    topic, _, number = EMPTY.partition("/")
    assert not demo.records[TopicPartition(topic, int(number))]
    assert demo.place_of("grievance", "next") != HERE
