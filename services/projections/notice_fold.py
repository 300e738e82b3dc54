"""Which events of a case somebody on the staff must know of, and who. Pure.

A receiver is a person by id, whoever may give a command in a unit (`may`), or whoever works in a zone (`works_in`):
the register of the day on which it is read says who that is. Nothing of an accusation is here: it is no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from contracts import aftercare as a
from contracts import casework as w
from contracts import danger as d
from contracts import grievance as g
from contracts import joint as j
from contracts import related as rel
from contracts import risk as k
from contracts.base import Message
from services.projections.case_fold import Told
from services.projections.notice_rows import NoticeKind, NoticeRow
from services.projections.rows import CaseRow

COMMANDS = (
    "acknowledge_danger",
    "urge",
    "assign",
    "refer",
    "decide_extension",
    "decide_reclassification",
    "decide_risk_flag",
    "answer_review",
    "record_joint_part",
)
"""The commands that whoever is told of something may give about it."""


def may(command: str, unit: str) -> str:
    """Whoever may give a command in a unit, as a receiver. Neither has a space in it, nor has a person's id."""
    return f"{unit} may {command}"


def works_in(zone: str, unit: str) -> str:
    """Whoever works in a zone of a unit, as a receiver."""
    return f"{unit} zone {zone}"


def notices_of(case: CaseRow, event: Message, told: Told, number: int) -> Iterator[NoticeRow]:
    """Who must know of an event of a case as it is after it, each once. What an import tells happened long ago: nobody must."""
    tell, decision = _TELL.get(type(event)), told.decision
    if tell is None or decision.batch is not None:
        return
    for kind, receiver in dict.fromkeys(tell(case, event)):
        yield NoticeRow(
            partition=decision.partition,
            submission_offset=decision.submission_offset,
            number=number,
            receiver=receiver,
            events_offset=decision.events_offset,
            case_id=told.subject,
            unit=case.unit,
            kind=kind,
            recorded_at=decision.recorded_at,
            actor=decision.actor,
        )


def _keeper(case: CaseRow) -> str:
    """Who handles it, or where nobody does whoever may assign it."""
    return case.handler or may("assign", case.unit)


_Told = list[tuple[NoticeKind, str]]


def _lodged(case: CaseRow, event: g.LodgedV1) -> _Told:
    return [] if event.danger_due_at is None else [("danger", may("acknowledge_danger", case.unit))]


def _decided(case: CaseRow, _event: w.ExtensionDecidedV1) -> _Told:
    return [("extension_decided", _keeper(case))]


def _review(case: CaseRow, _event: w.ReviewRequestedV1) -> _Told:
    return [("review_requested", one) for one in (may("answer_review", case.unit), case.handler) if one]


def _rated(case: CaseRow, event: a.RatedV1) -> _Told:
    return [("not_satisfied", _keeper(case))] if event.satisfaction == "not_satisfied" else []


def _joint(_case: CaseRow, event: j.JointHandlingStartedV1) -> _Told:
    return [("joint_handling", may("record_joint_part", unit)) for unit in (event.lead, *event.units)]


def _returned(case: CaseRow, event: w.ReturnedV1) -> _Told:
    back = may("refer", case.unit) if event.zone is None else works_in(event.zone, case.unit)
    return [("returned", back)]


_TELL: Mapping[type[Message], Callable[[CaseRow, Any], _Told]] = MappingProxyType(
    {
        g.LodgedV1: _lodged,
        d.DangerOverdueV1: lambda case, _event: [("danger_overdue", may("urge", case.unit))],
        g.AssignedV1: lambda _case, event: [("assigned", event.handler)],
        g.ReferredV1: lambda case, event: [("referred", works_in(event.zone, case.unit))],
        w.ReturnedV1: _returned,
        w.UrgedV1: lambda case, _event: [("urged", _keeper(case))],
        w.EscalatedV1: lambda _case, event: [("escalated", may("urge", event.to))],
        w.ExtensionAskedV1: lambda case, _event: [("extension_asked", may("decide_extension", case.unit))],
        w.ExtensionDecidedV1: _decided,
        w.ReclassificationProposedV1: lambda case, _event: [
            ("reclassification_proposed", may("decide_reclassification", case.unit))
        ],
        k.RiskFlagProposedV1: lambda case, _event: [("risk_proposed", may("decide_risk_flag", case.unit))],
        a.InformationAddedV1: lambda case, _event: [("information_added", _keeper(case))],
        w.ReviewRequestedV1: _review,
        a.RatedV1: _rated,
        j.JointHandlingStartedV1: _joint,
        rel.RelatedNotedV1: lambda case, _event: [("related_noted", _keeper(case))],
    }
)
"""Event → what it is told as, and to whom."""
