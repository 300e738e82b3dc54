"""Decisions that no worker made, on a chain that every reader takes them from."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from contracts.base import to_rfc3339
from contracts.topics import events_topic
from tests.support.ledger import DemoLedger


def forge(demo: DemoLedger, events: list[dict[str, Any]], **told: Any) -> int:
    """Put the decision that comes next on unit demo's events partition; return its offset.

    `told` replaces what the decision says beside its events. The kernel of `demo` does not see it.
    """
    records = demo.events("grievance")
    last = records[-1].value if records else None
    previous = hashlib.sha256(last).hexdigest() if last else demo.ledger.hash
    body = {
        "submission_offset": len(records),
        "previous": previous,
        "rules": "grievance-1",
        "outcome": "accepted",
        "now": demo.now,
        "basis": 0,
        "recorded_at": demo.now,
        "effective_at": demo.now,
        "events": events,
    }
    decision = {
        "specversion": "1.0",
        "id": str(len(records)),
        "source": "/forged",
        "type": "grievance.decision.v1",
        "subject": "grv_forged00",
        "time": to_rfc3339(demo.now),
        "datacontenttype": "application/json",
        "data": body | told,
    }
    place = demo.place_of("grievance")
    return demo.put(events_topic("grievance"), place, orjson.dumps(decision))
