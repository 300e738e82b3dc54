"""Who must know of which event of a case, by id, by what they may do, or by where they work."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import aftercare as a
from contracts import casework as w
from contracts import danger as d
from contracts import grievance as g
from contracts import joint as j
from contracts import risk as k
from contracts.base import Message
from services.projections.case_fold import Told
from services.projections.notice_fold import may, notices_of, works_in
from services.projections.rows import DecisionRow
from tests.projections.following import folded
from tests.support.ledger import UNIT, DemoLedger

HANDLER = "act_handler000"
_DECISION = (
    *("grievance", 0, 7, 7, "accepted", None, None, "sub", "grievance.urge.v1", "grv", UNIT),
    *("act_somebody00", "supervisor", None, None, 1, None, None),
)


def said(kind: type[Message], **fields: Any) -> Message:
    """An event with these fields alone: the others tell nobody."""
    event: Message = kind.model_construct(None, **fields)
    return event


def receivers(
    event: Message, handler: str | None = HANDLER, batch: str | None = None
) -> list[tuple[str, str]]:
    """Kind and receiver of each notice of an event of a case that this person handles."""
    demo = DemoLedger()
    case = demo.lodge()
    row = folded(demo).cases[case]._replace(handler=handler)
    told = Told(DecisionRow(*_DECISION)._replace(batch=batch), case, demo.now)
    return [(one.kind, one.receiver) for one in notices_of(row, event, told, 0)]


@pytest.mark.parametrize(
    ("event", "kind", "receiver"),
    [
        (said(g.AssignedV1, handler="act_other00000"), "assigned", "act_other00000"),
        (said(g.ReferredV1, zone="z2"), "referred", works_in("z2", UNIT)),
        (said(w.ReturnedV1, zone="z1"), "returned", works_in("z1", UNIT)),
        (said(w.ReturnedV1, zone=None), "returned", may("refer", UNIT)),
        (said(w.UrgedV1), "urged", HANDLER),
        (said(w.EscalatedV1, to="street"), "escalated", may("urge", "street")),
        (said(w.ExtensionAskedV1), "extension_asked", may("decide_extension", UNIT)),
        (said(w.ExtensionDecidedV1), "extension_decided", HANDLER),
        (
            said(w.ReclassificationProposedV1),
            "reclassification_proposed",
            may("decide_reclassification", UNIT),
        ),
        (said(k.RiskFlagProposedV1), "risk_proposed", may("decide_risk_flag", UNIT)),
        (said(a.InformationAddedV1), "information_added", HANDLER),
        (said(a.RatedV1, satisfaction="not_satisfied"), "not_satisfied", HANDLER),
        (said(d.DangerOverdueV1), "danger_overdue", may("urge", UNIT)),
        (said(g.LodgedV1, danger_due_at=1), "danger", may("acknowledge_danger", UNIT)),
    ],
)
def test_event_is_told_to(event: Message, kind: str, receiver: str) -> None:
    """Each of these events is told to one receiver."""
    assert receivers(event) == [(kind, receiver)]


@pytest.mark.parametrize(
    "event",
    [
        said(g.LodgedV1, danger_due_at=None),
        said(a.RatedV1, satisfaction="fairly"),
        said(g.ProgressRecordedV1),
    ],
)
def test_other_events_are_told_to_nobody(event: Message) -> None:
    """What asks nothing of anybody is no notice."""
    assert receivers(event) == []


def test_review_is_told_to_who_answers_and_who_handled() -> None:
    """Whoever may answer a review must know of it, and whose answer is reviewed."""
    event = said(w.ReviewRequestedV1)
    assert receivers(event) == [
        ("review_requested", may("answer_review", UNIT)),
        ("review_requested", HANDLER),
    ]


def test_joint_handling_is_told_to_each_unit_once() -> None:
    """The lead is among the units, and is told once."""
    event = said(j.JointHandlingStartedV1, lead="hall", units=("hall", "office"))
    assert receivers(event) == [
        ("joint_handling", may("record_joint_part", "hall")),
        ("joint_handling", may("record_joint_part", "office")),
    ]


def test_nobody_handles_it() -> None:
    """What would be told to a case's handler is told to whoever may assign it, where it has none."""
    assert receivers(said(w.UrgedV1), handler=None) == [("urged", may("assign", UNIT))]


def test_imports_tell_nobody() -> None:
    """What an import says of the past is news to nobody."""
    assert receivers(said(w.UrgedV1), batch="imp_1") == []
