"""A decided ledger: cases that go their whole way, decided by the real kernel, in records of about 500 bytes."""

from __future__ import annotations

import base64
import random

from contracts import grievance as g
from contracts.base import HOUR_MS, Message
from contracts.personal import Sealed
from tests.support.ledger import CATEGORIES, HANDLER, NEIGHBOUR, UNIT, DemoLedger

STEP_MS = 1_000


def decided_ledger(submissions: int) -> DemoLedger:
    """At least so many submissions of two communities, each decided; the same every time.

    Some 200 cases run at a time, so that the steps of one stand apart on the log.
    """
    demo, chance = DemoLedger(), random.Random(500)
    cases: list[tuple[str, str, list[Message]]] = []
    said = 0
    while said < submissions:
        demo.now += STEP_MS
        said += 1
        if demo.now % HOUR_MS == 0:
            demo.heartbeat()
        elif len(cases) < 200 or chance.random() < 1 / 6:
            unit, zone = chance.choice([(UNIT, "z1"), (NEIGHBOUR, "n1")])
            case = demo.lodge(unit=unit, zone=zone, category=chance.choice(CATEGORIES), story=sealed(140))
            cases.append((case, unit, steps()))
        else:
            at = chance.randrange(len(cases))
            case, unit, left = cases[at]
            demo.submit(left.pop(0), subject=case, unit=unit)
            if not left:
                cases[at] = cases[-1]
                cases.pop()
    return demo


def steps() -> list[Message]:
    """What follows a lodging: accepted, assigned, worked on, answered, closed."""
    return [
        g.AcceptV1(),
        g.AssignV1(handler=HANDLER.actor),
        g.RecordProgressV1(note=sealed(120)),
        g.ReplyV1(reply=sealed(160)),
        g.CloseV1(outcome="answered"),
    ]


def sealed(length: int) -> Sealed:
    """A sealed text of so many bytes."""
    return Sealed(subject=f"sub_{'0' * 32}", sealed=base64.b64encode(bytes(length)).decode())
