"""Intake's API: what is taken, and how each kind of bad input is answered."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from barograph.station import wall_clock
from contracts.base import DAY_MS, to_rfc3339
from tests.intake.conftest import TakeLog
from tests.projections.pages_house import NEIGHBOUR, STORY, UNIT, House, open_case

LODGE = f"/api/v1/communities/{UNIT}/grievances"
BODY: dict[str, Any] = {"channel": "counter", "story": STORY, "zone": "east", "category": "lift"}
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
KEY = "test-key-0001"
JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"


@asynccontextmanager
async def caller(house: House, who: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program that speaks for this member of staff, with the token that their pages show."""
    async with house.visitor(who) as visitor:
        token = CSRF.findall((await visitor.get("/dashboard")).text)[-1]
        visitor.headers.update({"Accept": "application/json", "X-CSRF-Token": token, "Idempotency-Key": KEY})
        yield visitor


@pytest.fixture
async def clerk(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A program that speaks for the clerk."""
    async with caller(house, "clerk") as client:
        yield client


def faults(answer: httpx.Response) -> dict[str, str]:
    """Field → sentence, of a problem that says what to do."""
    assert answer.headers["content-type"] == PROBLEM
    return {entry["field"]: entry["message"] for entry in answer.json()["errors"]}


async def recorded(house: House) -> int:
    """How many grievance submissions the community's partition holds."""
    return await house.station.log.end_offset("grievance.submissions", house.place().partition)


async def test_a_lodging_gets_its_receipt(house: House, clerk: httpx.AsyncClient) -> None:
    """The answer names the record's place, and with Prefer: wait its verdict."""
    answer = await clerk.post(LODGE, json=BODY, headers={"Prefer": "wait=5"})
    receipt = answer.json()
    assert (answer.status_code, receipt["outcome"]) == (200, "accepted")
    assert (receipt["topic"], receipt["offset"]) == ("grievance.submissions", 0)
    assert re.fullmatch(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", receipt["tracking_number"])
    assert await recorded(house) == 1


async def test_nobody_waits_without_asking(clerk: httpx.AsyncClient) -> None:
    """Without Prefer: wait the answer is 202 and holds no verdict."""
    answer = await clerk.post(LODGE, json=BODY)
    assert (answer.status_code, "outcome" in answer.json()) == (202, False)


async def test_a_retry_makes_one_grievance(house: House, clerk: httpx.AsyncClient) -> None:
    """The same key with the same body gets the same receipt."""
    first, again = [(await clerk.post(LODGE, json=BODY)).json() for _ in range(2)]
    assert first == again
    assert await recorded(house) == 1


async def test_a_key_is_for_one_body(house: House, clerk: httpx.AsyncClient) -> None:
    """The same key with another body: 422 at the key, and nothing recorded."""
    await clerk.post(LODGE, json=BODY)
    answer = await clerk.post(LODGE, json={**BODY, "story": "另一件事（虚构）"})
    assert (answer.status_code, list(faults(answer))) == (422, ["Idempotency-Key"])
    assert await recorded(house) == 1


NO_OBJECTS = (
    b"",
    b"{",
    b"not json",
    b"\xff\xfe",
    b"[1]",
    b'"x"',
    b"null",
    b"[" * 100_000,
    b"1" * 5000,
    b"NaN",
)


async def test_what_is_no_json_object_is_refused(house: House, clerk: httpx.AsyncClient) -> None:
    """A body that is not JSON, or no object: 400 or 422 with a sentence, and nothing recorded."""
    for content in NO_OBJECTS:
        answer = await clerk.post(LODGE, content=content, headers=JSON)
        assert answer.status_code in {400, 422}, content[:8]
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["detail"]
    assert await recorded(house) == 0


BAD_FIELDS: dict[str, tuple[tuple[str, Any], ...]] = {
    "wrong types": (
        ("story", 5),
        ("story", None),
        ("story", ["text"]),
        ("zone", 7),
        ("category", {}),
        ("anonymous", "yes"),
        ("telephone", 12345678),
        ("occurred_at", 1_700_000_000),
    ),
    "texts that cannot be": (
        ("story", "   "),
        ("story", "x" * 10_001),
        ("story", "x" * 1_000_000),
        ("title", "x" * 201),
        ("telephone", "call me"),
        ("channel", "pigeon"),
        ("unknown", "field"),
    ),
    "characters that cannot be": (
        ("story", "a\x00b"),
        ("story", "a\x1bb"),
        ("story", "a\ud800b"),
        ("title", "\udfff"),
        ("channel", "counter\ud800"),
        ("zone", "\ud800"),
        ("source_id", "\ud800"),
        ("occurred_at", "2026-\ud800"),
    ),
    "names that are not in the register": (("zone", "nowhere"), ("zone", "n1"), ("category", "nothing")),
    "times that cannot be": (
        ("occurred_at", "yesterday"),
        ("occurred_at", "2026-02-30T00:00:00Z"),
        ("occurred_at", "2026-01-01T00:00:00"),
        ("occurred_at", "9999-12-31T23:59:59-12:00"),
        ("occurred_at", "0001-01-01T00:00:00+14:00"),
    ),
}


@pytest.mark.parametrize("kind", BAD_FIELDS)
async def test_a_bad_field_is_named(house: House, clerk: httpx.AsyncClient, kind: str) -> None:
    """Each field at fault is named with a sentence, and nothing is recorded."""
    for field, value in BAD_FIELDS[kind]:
        # Escapes stand for what is not ASCII, so that lone surrogates can be sent.
        content = json.dumps({**BODY, field: value}).encode()
        answer = await clerk.post(LODGE, content=content, headers=JSON)
        assert answer.status_code == 422, (field, str(value)[:20])
        assert faults(answer)[field]
    assert await recorded(house) == 0


async def test_a_name_that_cannot_be_is_refused(clerk: httpx.AsyncClient) -> None:
    """A field whose name holds a lone surrogate: 422, and an answer that can be encoded."""
    content = json.dumps({**BODY, "bad\ud800name": "x"}).encode()
    assert (await clerk.post(LODGE, content=content, headers=JSON)).status_code == 422


async def test_a_time_to_come_is_refused(clerk: httpx.AsyncClient) -> None:
    """Tomorrow has not occurred."""
    answer = await clerk.post(LODGE, json={**BODY, "occurred_at": to_rfc3339(wall_clock() + DAY_MS)})
    assert "future" in faults(answer)["occurred_at"]


async def test_all_faults_are_told_at_once(clerk: httpx.AsyncClient) -> None:
    """What the form shows and what only the register shows are told together."""
    body = {**BODY, "story": "", "zone": "nowhere", "anonymous": True, "reporter_name": "虚构居民"}
    assert set(faults(await clerk.post(LODGE, json=body))) == {"story", "zone", "reporter_name"}


async def test_what_fits_no_record_is_too_large(
    house: House, clerk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that are each short enough, but not together: 413 at the longest."""
    monkeypatch.setattr("runtime.submit.MAX_SUBMISSION_BYTES", 20_000)
    answer = await clerk.post(LODGE, json={**BODY, "story": "长" * 10_000, "title": "虚构"})
    assert (answer.status_code, list(faults(answer))) == (413, ["story"])
    assert await recorded(house) == 0


async def test_a_body_of_megabytes_is_not_read(clerk: httpx.AsyncClient) -> None:
    """More than a request may hold: 413."""
    assert (await clerk.post(LODGE, json={**BODY, "story": "x" * 2_000_000})).status_code == 413


async def test_a_key_is_needed(clerk: httpx.AsyncClient) -> None:
    """Without a sound Idempotency-Key: 422."""
    del clerk.headers["Idempotency-Key"]
    for headers in ({}, *({"Idempotency-Key": key} for key in ("short", "x" * 101, "has a space"))):
        assert (await clerk.post(LODGE, json=BODY, headers=headers)).status_code == 422


async def test_an_unknown_community_is_named(clerk: httpx.AsyncClient) -> None:
    """A community that is not in the register: 422 at the unit."""
    answer = await clerk.post("/api/v1/communities/nowhere/grievances", json=BODY)
    assert "unit" in faults(answer)


async def test_a_log_that_is_away_is_503(clerk: httpx.AsyncClient, take_log: TakeLog) -> None:
    """No receipt for what is not durable: 503 with Retry-After."""
    take_log()
    answer = await clerk.post(LODGE, json=BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert int(answer.headers["Retry-After"]) > 0


async def test_the_token_is_needed(house: House, clerk: httpx.AsyncClient) -> None:
    """Without the CSRF token, or with another one: 403, and nothing recorded."""
    for token in ("", "0" * 64, "\xff"):
        answer = await clerk.post(LODGE, json=BODY, headers={b"X-CSRF-Token": token.encode("latin-1")})
        assert answer.status_code == 403
    assert await recorded(house) == 0


async def test_nobody_lodges_before_signing_in(house: House) -> None:
    """Without a session: 401 or 403, as JSON."""
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as nobody:
        answer = await nobody.post(LODGE, json=BODY, headers={"Idempotency-Key": KEY})
    assert answer.status_code in {401, 403}
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(("who", "unit"), [("auditor", UNIT), ("clerk", NEIGHBOUR)])
async def test_who_may_not_is_refused_on_record(house: House, who: str, unit: str) -> None:
    """A role that may not lodge, or holds nothing here: 409 with the reason, and it is on record."""
    async with caller(house, who) as client:
        path = f"/api/v1/communities/{unit}/grievances"
        answer = await client.post(
            path, json={"channel": "web", "story": STORY}, headers={"Prefer": "wait=5"}
        )
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_entitled")
    assert answer.json()["detail"]


async def test_a_broken_rule_is_refused_on_record(house: House) -> None:
    """Closing what is not accepted: 409 with the reason in words."""
    case = await open_case(house)
    async with caller(house, "handler") as client:
        answer = await client.post(
            f"{LODGE}/{case}/close", json={"outcome": "resolved"}, headers={"Prefer": "wait=5"}
        )
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_accepted_yet")


async def test_an_unknown_command_is_not_found(house: House) -> None:
    """What is no command on a case: 404."""
    case = await open_case(house)
    async with caller(house, "handler") as client:
        for command in ("nonsense", "lodge", "heartbeat"):
            assert (await client.post(f"{LODGE}/{case}/{command}", json={})).status_code == 404


async def test_a_command_names_its_faults(house: House) -> None:
    """An empty reply told for tomorrow: both at their fields."""
    case = await open_case(house)
    async with caller(house, "handler") as client:
        body = {"reply": "", "occurred_at": to_rfc3339(wall_clock() + DAY_MS)}
        assert set(faults(await client.post(f"{LODGE}/{case}/reply", json=body))) == {"reply", "occurred_at"}
