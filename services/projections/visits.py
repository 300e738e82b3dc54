"""What the read model knows of three-level visits. Every function blocks; each answers from one snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from sqlalchemy import ColumnElement, Connection, exists, func, select

from contracts.figures import Scope
from contracts.visits import End, Rank, VisitFigures
from services.projections.place_rows import OpinionRow, VisitRow
from services.projections.schema import Tables
from services.projections.scoping import conditions
from services.projections.store import ReadModel

SHOWN = 200
"""How many visits of a month are listed."""


class Visit(NamedTuple):
    """A visit and its opinions, by their numbers."""

    row: VisitRow
    opinions: tuple[OpinionRow, ...]


def visit_by_id(model: ReadModel, visit: str) -> Visit | None:
    """The visit of this id."""

    def query(connection: Connection, tables: Tables) -> Visit | None:
        row = connection.execute(
            select(tables.visits).where(tables.visits.c.visit_id == visit).limit(1)
        ).one_or_none()
        if row is None:
            return None
        of, at = tables.opinions, tables.opinions.c
        found = connection.execute(select(of).where(at.visit_id == visit).order_by(at.number))
        return Visit(VisitRow(*row), tuple(OpinionRow(*one) for one in found))

    return model.read(query)


def visits_in(
    model: ReadModel, scope: Scope, rank: Rank | None = None, end: End | None = None
) -> tuple[VisitRow, ...]:
    """The visits of a scope, the newest first; `end`: those with an opinion that has it."""

    def query(connection: Connection, tables: Tables) -> tuple[VisitRow, ...]:
        at = tables.visits.c
        order = (at.at.desc(), at.visit_id)
        rows = select(tables.visits).where(*_of(at, scope, rank)).order_by(*order).limit(SHOWN)
        if end is not None:
            of = tables.opinions.c
            rows = rows.where(exists().where(of.visit_id == at.visit_id, of.ended == end))
        return tuple(VisitRow(*row) for row in connection.execute(rows))

    return model.read(query)


def figures_in(model: ReadModel, scope: Scope, rank: Rank | None = None) -> Mapping[Rank, VisitFigures]:
    """The figures of a scope for each rank, by the time of the visit."""

    def query(connection: Connection, tables: Tables) -> Mapping[Rank, VisitFigures]:
        visit, opinion = tables.visits.c, tables.opinions.c
        told: defaultdict[str, dict[str, int]] = defaultdict(dict)
        counts = select(visit.rank, func.count(), func.sum(visit.persons)).where(*_of(visit, scope, rank))
        for key, visits, persons in connection.execute(counts.group_by(visit.rank)):
            told[key] |= {"visits": int(visits), "persons": int(persons)}
        ends = select(opinion.rank, opinion.ended, func.count()).where(*_of(opinion, scope, rank))
        for key, end, number in connection.execute(ends.group_by(opinion.rank, opinion.ended)):
            told[key][end] = int(number)
        return {key: VisitFigures(**told[key]) for key in get_args(Rank)}

    return model.read(query)


def total(figures: Mapping[Rank, VisitFigures]) -> VisitFigures:
    """All ranks together."""
    names = VisitFigures.model_fields
    return VisitFigures(**{name: sum(getattr(one, name) for one in figures.values()) for name in names})


def _of(at: Any, scope: Scope, rank: Rank | None) -> list[ColumnElement[bool]]:
    return [*conditions(scope, at.unit, at.zone, at.at), *([] if rank is None else [at.rank == rank])]
