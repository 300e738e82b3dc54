"""Pairs and employment help as the read model holds them: a row each, with plans, visits and placements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from contracts import employment as e
from contracts import employment_file, pairing_file
from contracts import pairing as p
from contracts.base import Message
from contracts.employment_file import Seeker
from contracts.pairing_file import Pair
from services.projections.case_fold import Told
from services.projections.filed import Filed, Kind
from services.projections.helping_rows import (
    HelpingPart,
    HelpingPersonRow,
    PairPlanRow,
    PairRow,
    PairVisitRow,
    PlacementRow,
    SeekerRow,
)
from services.projections.rows import CaseEventRow

OF_PAIRS = frozenset(get_args(p.Event))
OF_SEEKERS = frozenset(get_args(e.Event))
_PARTS: Mapping[str, HelpingPart] = {"helper": "helper", "applicant": "helped"}
"""Whose a sealed field is → the part that they had."""


def _paired(event: Message, told: Told) -> PairRow | None:
    if not isinstance(event, p.PairedV1):
        return None
    decision = told.decision
    return PairRow(
        family=decision.family,
        partition=decision.partition,
        pair_id=told.subject,
        unit=decision.unit or "",
        submission_offset=decision.submission_offset,
        need=event.need,
        helper=event.helper_name.subject,
        helped=event.name.subject,
        helper_staff=event.helper_staff,
        household=event.household,
        began_at=told.at,
        changed_at=decision.recorded_at,
        plans=0,
        done=0,
        undone=0,
        visits=0,
        met=0,
        last_visit_at=None,
        due_at=None,
        ended=None,
        ended_at=None,
    )


def _pair_moved(row: PairRow, state: Pair, at: int) -> PairRow:
    """The row after an event: what can change is what the state says."""
    waiting = [one.due_at for one in state.plans if one.done is None]
    return row._replace(
        changed_at=at,
        plans=len(state.plans),
        done=sum(one.done is True for one in state.plans),
        undone=sum(one.done is False for one in state.plans),
        visits=state.visits,
        met=state.met,
        last_visit_at=state.last_visit_at,
        due_at=min(waiting, default=None) if state.ended is None else None,
        ended=state.ended,
        ended_at=state.ended_at,
    )


def _registered(event: Message, told: Told) -> SeekerRow | None:
    if not isinstance(event, e.SeekerRegisteredV1):
        return None
    decision = told.decision
    return SeekerRow(
        family=decision.family,
        partition=decision.partition,
        seeker_id=told.subject,
        unit=decision.unit or "",
        submission_offset=decision.submission_offset,
        need=event.need,
        person=event.name.subject if event.name else None,
        household=event.household,
        imported=decision.batch is not None,
        registered_at=told.at,
        changed_at=decision.recorded_at,
        offers=0,
        placements=0,
        kind=None,
        due_months=None,
        due_at=None,
        ended=None,
        ended_at=None,
    )


def _seeker_moved(row: SeekerRow, state: Seeker, at: int) -> SeekerRow:
    """The row after an event: what can change is what the state says."""
    work = state.placement if state.ended is None else None
    due_months, due_at = (work.follow_up if work else None) or (None, None)
    return row._replace(
        changed_at=at,
        offers=len(state.offers),
        placements=len(state.placements),
        kind=work.kind if work else None,
        due_months=due_months,
        due_at=due_at,
        ended=state.ended,
        ended_at=state.ended_at,
    )


PAIRS = Kind(PairRow, pairing_file.evolve, _paired, _pair_moved, HelpingPersonRow, _PARTS)
SEEKERS = Kind(SeekerRow, employment_file.evolve, _registered, _seeker_moved, HelpingPersonRow, _PARTS)


@dataclass(slots=True)
class Pairs(Filed[Pair, PairRow, HelpingPersonRow]):
    """The pairs of one partition, with their plans and visits."""

    plans: dict[tuple[str, int], PairPlanRow] = field(default_factory=dict)
    changed_plans: set[tuple[str, int]] = field(default_factory=set)
    visits: list[PairVisitRow] = field(default_factory=list)

    def take(self, event: Message, told: Told, row: CaseEventRow) -> None:
        """Take in an event."""
        Filed.take(self, event, told, row)
        state = self.states.get(told.subject)
        if state is None:
            return
        at = (row.partition, row.submission_offset, row.number, row.events_offset)
        match event:
            case p.HelpPlannedV1():
                self._plan(row, state, event.number)
            case p.PairResultRecordedV1():
                self._plan(row, state, event.plan)
            case p.PairVisitRecordedV1():
                self.visits.append(PairVisitRow(*at, told.subject, state.unit, event.met, told.at))
            case _:
                return

    def _plan(self, row: CaseEventRow, state: Pair, number: int) -> None:
        plan = state.plan(number)
        if plan is None:
            return
        self.changed_plans.add((row.case_id, number))
        self.plans[row.case_id, number] = PairPlanRow(
            row.partition, row.case_id, number, row.events_offset, state.unit, plan.due_at, plan.done
        )

    def drain(self) -> None:
        """Start new lists of changes."""
        Filed.drain(self)
        self.changed_plans, self.visits = set(), []


@dataclass(slots=True)
class Seekers(Filed[Seeker, SeekerRow, HelpingPersonRow]):
    """The employment cases of one partition, with their placements."""

    placements: dict[tuple[str, int], PlacementRow] = field(default_factory=dict)
    changed_placements: set[tuple[str, int]] = field(default_factory=set)

    def take(self, event: Message, told: Told, row: CaseEventRow) -> None:
        """Take in an event."""
        Filed.take(self, event, told, row)
        state = self.states.get(told.subject)
        if state is None or not isinstance(event, e.PlacedV1 | e.WorkAskedAfterV1) or not state.placements:
            return
        last, line = state.placements[-1], self.rows[told.subject]
        self.changed_placements.add((told.subject, last.number))
        self.placements[told.subject, last.number] = PlacementRow(
            partition=row.partition,
            seeker_id=told.subject,
            number=last.number,
            events_offset=row.events_offset,
            unit=state.unit,
            need=state.need,
            person=state.person,
            kind=last.kind,
            imported=line.imported,
            began_at=last.began_at,
            kept=max((months for months, still in last.still if still), default=None),
            lost=min((months for months, still in last.still if not still), default=None),
        )

    def drain(self) -> None:
        """Start new lists of changes."""
        Filed.drain(self)
        self.changed_placements = set()
