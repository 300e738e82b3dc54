"""Visits and the opinions heard on them, folded from the events of their streams. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from contracts import visits as v
from contracts.base import Message
from services.projections.case_fold import Told, sealed_json
from services.projections.place_rows import OpinionRow, PlaceRow, VisitRow

OF_VISITS = frozenset(get_args(v.Event))
_OPINION_FIELDS = [f"opinion_{place}" for place in range(1, v.AT_ONCE + 1)]


def visit_rows(
    event: Message, told: Told, visits: Mapping[str, VisitRow], opinions: Mapping[str, OpinionRow]
) -> list[PlaceRow]:
    """The rows that an event of a visit makes or changes; none where its visit is not held."""
    offset = told.decision.events_offset
    if isinstance(event, v.VisitRecordedV1):
        return _visit(event, told)
    visit = visits.get(told.subject)
    if visit is None:
        return []
    if isinstance(event, v.OpinionAddedV1):
        counted = visit._replace(opinions=visit.opinions + 1, events_offset=offset)
        return [counted, _opinion(visit, event.number, "opinion", sealed_json(event.opinion), offset)]
    opinion = opinions.get(f"{told.subject}/{getattr(event, 'number', 0)}")
    return [] if opinion is None else [_ended(opinion, event)._replace(events_offset=offset)]


def _visit(event: v.VisitRecordedV1, told: Told) -> list[PlaceRow]:
    decision, texts = told.decision, v.opinions_in(event)
    visit = VisitRow(
        decision.family,
        decision.partition,
        told.subject,
        decision.unit or "",
        event.zone,
        event.rank,
        event.visitor,
        event.visitor_unit,
        event.persons,
        event.at,
        len(texts),
        decision.actor or "",
        decision.events_offset,
    )
    fields = [name for name in _OPINION_FIELDS if getattr(event, name) is not None]
    found = [
        _opinion(visit, number, name, sealed_json(texts[number]), decision.events_offset)
        for number, name in enumerate(fields, 1)
    ]
    return [visit, *found]


def _opinion(visit: VisitRow, number: int, field: str, text: str, offset: int) -> OpinionRow:
    return OpinionRow(
        visit.family,
        visit.partition,
        visit.visit_id,
        number,
        visit.unit,
        visit.zone,
        visit.rank,
        visit.at,
        field,
        text,
        ended="open",
        ended_at=None,
        note=None,
        with_unit=None,
        grievance=None,
        events_offset=offset,
    )


def _ended(row: OpinionRow, event: Message) -> OpinionRow:
    end, note = v.ENDS.get(type(event)), getattr(event, "note", None)
    if end is None:
        return row
    return row._replace(
        ended=end,
        ended_at=getattr(event, "at", None),
        note=sealed_json(note) if note is not None else None,
        with_unit=getattr(event, "to", None),
        grievance=getattr(event, "case", None),
    )
