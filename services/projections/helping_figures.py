"""What was done in pairs and for employment in a period. Persons and placements are different figures.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, distinct, exists, func, or_, select

from contracts.helping_figures import EmploymentFigures, Kept, PairFigures, Placed, Registered
from services.projections.schema import Tables
from services.projections.store import ReadModel


def pairs(model: ReadModel, units: Sequence[str], since: int, until: int, now: int) -> PairFigures:
    """What was done in pairs of these communities between two times; `now` tells which plans are due."""

    def query(connection: Connection, tables: Tables) -> PairFigures:
        pair, plan, visit = tables.pairs.c, tables.pair_plans.c, tables.pair_visits.c

        def sums(table: Table, *columns: ColumnElement[Any], where: tuple[ColumnElement[bool], ...]) -> Any:
            found = select(*columns).where(table.c.unit.in_(units), *where)
            return (int(one or 0) for one in connection.execute(found).one())

        (begun,) = sums(tables.pairs, func.count(), where=_within(pair.began_at, since, until))
        (ended,) = sums(tables.pairs, func.count(), where=_within(pair.ended_at, since, until))
        (standing,) = sums(tables.pairs, func.count(), where=(pair.ended.is_(None),))
        visits, met = sums(
            tables.pair_visits, func.count(), _number_of(visit.met), where=_within(visit.at, since, until)
        )
        due, done = sums(
            tables.pair_plans,
            func.count(),
            _number_of(plan.done.is_(True)),
            where=(*_within(plan.due_at, since, until), plan.due_at <= now),
        )
        return PairFigures(begun, ended, standing, visits, met, due, done)

    return model.read(query)


def employment(
    model: ReadModel, units: Sequence[str], since: int, until: int, passed: Sequence[tuple[int, int]]
) -> EmploymentFigures:
    """The employment help of these communities between two times.

    `passed`: after how many months it is asked whether they are still in work, and before which time (milliseconds) work began
    of which these months have passed.
    """

    def query(connection: Connection, tables: Tables) -> EmploymentFigures:
        seeker, placement = tables.seekers.c, tables.placements.c
        registered = (seeker.unit.in_(units), *_within(seeker.registered_at, since, until))
        began = (placement.unit.in_(units), *_within(placement.began_at, since, until))
        rows = (
            select(seeker.need, seeker.imported, func.count(), *_persons(seeker), _placed(tables))
            .where(*registered)
            .group_by(seeker.need, seeker.imported)
            .order_by(seeker.need, seeker.imported)
        )
        places = (
            select(placement.kind, placement.imported, func.count(), *_persons(placement))
            .where(*began)
            .group_by(placement.kind, placement.imported)
            .order_by(placement.kind, placement.imported)
        )
        return EmploymentFigures(
            tuple(Registered(*row) for row in connection.execute(rows)),
            tuple(Placed(*row) for row in connection.execute(places)),
            _by_import(connection, seeker, registered),
            _by_import(connection, placement, began),
            tuple(
                Kept(months, *_kept(connection, placement, months, (*began, placement.began_at < before)))
                for months, before in passed
            ),
        )

    return model.read(query)


def _within(at: ColumnElement[Any], since: int, until: int) -> tuple[ColumnElement[bool], ...]:
    return at >= since, at < until


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _persons(of: Any) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many persons: who is known once, who is not once for each case; and how many are known."""
    return func.count(distinct(_who(of))), func.count(distinct(of.person))


def _who(of: Any) -> ColumnElement[str]:
    return func.coalesce(of.person, of.seeker_id)


def _placed(tables: Tables) -> ColumnElement[int]:
    """How many of the persons have been placed since they were registered, in this case of theirs."""
    seeker, placement = tables.seekers.c, tables.placements.c
    has = exists().where(placement.seeker_id == seeker.seeker_id, placement.partition == seeker.partition)
    return func.count(distinct(case((has.correlate(tables.seekers), _who(seeker)))))


def _by_import(
    connection: Connection, of: Any, where: tuple[ColumnElement[bool], ...]
) -> dict[bool, tuple[int, int]]:
    found = select(of.imported, *_persons(of)).where(*where).group_by(of.imported)
    return {bool(row[0]): (int(row[1]), int(row[2])) for row in connection.execute(found)}


def _kept(
    connection: Connection, placement: Any, months: int, where: tuple[ColumnElement[bool], ...]
) -> tuple[int, int, int]:
    """Placements of which so many months have passed; of how many it is known; how many were still in work then.

    Who lost the work before is known not to be in it: were they left out, the rest would look better than they are. An import
    tells nothing of it, so what it told is left out.
    """
    still = placement.kept >= months
    lost = placement.lost <= months
    counts = (func.count(), _number_of(or_(still, lost)), _number_of(still))
    found = connection.execute(select(*counts).where(*where, placement.imported.is_(False))).one()
    return int(found[0]), int(found[1]), int(found[2])
