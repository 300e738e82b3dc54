"""What the read model holds of mediations. Who may read what was said is not decided here.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from contracts.mediation_figures import Tally
from services.projections.keyset import Order, part_of
from services.projections.mediation_rows import MediationPersonRow, MediationRow
from services.projections.queries import Due
from services.projections.rows import CaseEventRow
from services.projections.schema import Tables, due_order
from services.projections.store import ReadModel
from web.paging import Cursor, Page

_MOST = 100


class Wanted(NamedTuple):
    """Which mediations a list shows: of this community, in this state, of this mediator (any where None)."""

    unit: str
    status: str | None = None
    mediator: str | None = None


class Listed(NamedTuple):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    rows: tuple[MediationRow, ...]
    total: int
    before: Cursor | None
    after: Cursor | None


def listed(model: ReadModel, wanted: Wanted, page: Page) -> Listed:
    """The wanted mediations: those with a term first that ends first, then the newest."""

    def query(connection: Connection, tables: Tables) -> Listed:
        at = tables.mediations.c
        where = (
            at.unit == wanted.unit,
            true() if wanted.status is None else at.status == wanted.status,
            _mediated_by(tables, wanted.mediator),
        )
        order = Order((due_order(tables.mediations), -at.started_at, at.mediation_id))
        part = part_of(connection, tables.mediations, where, order, page)
        return Listed(
            tuple(MediationRow._make(row) for row in part.rows), part.total, part.before, part.after
        )

    return model.read(query)


def _mediated_by(tables: Tables, mediator: str | None) -> ColumnElement[bool]:
    if mediator is None:
        return true()
    mediators = tables.mediations.c.mediators
    return or_(
        mediators == mediator,
        mediators.startswith(f"{mediator} ", autoescape=True),
        mediators.endswith(f" {mediator}", autoescape=True),
        mediators.contains(f" {mediator} ", autoescape=True),
    )


def by_id(model: ReadModel, mediation: str) -> MediationRow | None:
    """The mediation of this id."""

    def query(connection: Connection, tables: Tables) -> MediationRow | None:
        found = select(tables.mediations).where(tables.mediations.c.mediation_id == mediation)
        row = connection.execute(found.limit(1)).one_or_none()
        return None if row is None else MediationRow(*row)

    return model.read(query)


def events_of(model: ReadModel, mediation: str) -> tuple[CaseEventRow, ...]:
    """What happened to it, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseEventRow, ...]:
        at = tables.mediation_events
        found = select(at).where(at.c.case_id == mediation).order_by(*at.primary_key)
        return tuple(CaseEventRow(*row) for row in connection.execute(found))

    return model.read(query)


def people_of(model: ReadModel, subject: str) -> tuple[MediationPersonRow, ...]:
    """The mediations that hold somebody's name, and what part they had in each."""

    def query(connection: Connection, tables: Tables) -> tuple[MediationPersonRow, ...]:
        at = tables.mediation_people
        found = select(at).where(at.c.subject == subject).order_by(at.c.mediation_id)
        return tuple(MediationPersonRow(*row) for row in connection.execute(found))

    return model.read(query)


def open_of(model: ReadModel, subjects: Sequence[str]) -> tuple[MediationRow, ...]:
    """The mediations that are not closed and to which one of these people is a party, the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[MediationRow, ...]:
        row, person = tables.mediations, tables.mediation_people.c
        mine = select(person.mediation_id).where(person.subject.in_(subjects), person.part == "party")
        where = (row.c.mediation_id.in_(mine), row.c.status != "closed")
        found = select(row).where(*where).order_by(row.c.started_at.desc(), row.c.mediation_id).limit(_MOST)
        return tuple(MediationRow(*one) for one in connection.execute(found))

    return model.read(query) if subjects else ()


def load(model: ReadModel, unit: str) -> Counter[str]:
    """Mediator → how many mediations of the community they have that are not closed."""

    def query(connection: Connection, tables: Tables) -> Counter[str]:
        at = tables.mediations.c
        found = select(at.mediators).where(at.unit == unit, at.status.in_(("open", "agreed")))
        return Counter(one for row in connection.execute(found) for one in row.mediators.split())

    return model.read(query)


def due(model: ReadModel, now: int, limit: int = 200) -> tuple[Due, ...]:
    """Terms that have passed by `now` (milliseconds) and are not on record as passed, oldest first."""

    def query(connection: Connection, tables: Tables) -> tuple[Due, ...]:
        at = tables.mediations.c
        found = (
            select(at.unit, at.mediation_id, at.deadline, at.due_at)
            .where(at.due_at <= now)
            .order_by(at.due_at, at.mediation_id)
            .limit(limit)
        )
        return tuple(Due(*row) for row in connection.execute(found))

    return model.read(query)


def tallies(model: ReadModel, units: Sequence[str], since: int, until: int) -> tuple[Tally, ...]:
    """The mediations of these communities that began in a period, by type, by how they were told, and by outcome."""

    def query(connection: Connection, tables: Tables) -> tuple[Tally, ...]:
        at = tables.mediations.c
        group = (at.dispute, at.imported, at.outcome)
        sums = (at.ended_at - at.started_at, at.duties, at.settled, at.breached, at.owed, at.paid)
        found = (
            select(
                *group,
                func.count(),
                func.count(at.ended_at),
                *(func.coalesce(func.sum(one), 0) for one in sums),
            )
            .where(at.unit.in_(units), at.started_at >= since, at.started_at < until)
            .group_by(*group)
            .order_by(*group)
        )
        return tuple(
            Tally(row[0], row[1], row[2], *(int(value) for value in row[3:]))
            for row in connection.execute(found)
        )

    return model.read(query)
