"""What was asked for and given in a period, by programme. Persons, person-times and households are different figures.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, case, distinct, func, select

from contracts.aid_figures import Asked, Given, Helped
from services.projections.schema import Tables
from services.projections.store import ReadModel


def asked(model: ReadModel, units: Sequence[str], since: int, until: int) -> tuple[Asked, ...]:
    """The requests of these communities that were made in a period, by programme."""

    def query(connection: Connection, tables: Tables) -> tuple[Asked, ...]:
        at = tables.aid_requests.c
        given = (at.granted > 0) | (at.paid > 0) | (at.in_kind > 0)
        found = (
            select(
                at.programme,
                func.count(),
                func.sum(case((given, 1), else_=0)),
                func.sum(case((at.status == "rejected", 1), else_=0)),
                func.sum(case((at.emergency, 1), else_=0)),
                func.sum(at.objected),
            )
            .where(at.unit.in_(units), at.applied_at >= since, at.applied_at < until)
            .group_by(at.programme)
            .order_by(at.programme)
        )
        return tuple(Asked(row[0], *(int(one or 0) for one in row[1:])) for row in connection.execute(found))

    return model.read(query)


def given(model: ReadModel, units: Sequence[str], since: int, until: int) -> tuple[Given, ...]:
    """What was given in these communities in a period, by programme, fund, zone and kind."""

    def query(connection: Connection, tables: Tables) -> tuple[Given, ...]:
        at = tables.grants.c
        by = (at.programme, at.fund, at.zone, at.kind)
        found = (
            select(*by, func.count(), *(func.sum(one) for one in (at.person_times, at.amount, at.quantity)))
            .where(at.unit.in_(units), at.given_at >= since, at.given_at < until)
            .group_by(*by)
            .order_by(*by)
        )
        return tuple(
            Given(row[0], row[1], row[2], row[3], *(int(one or 0) for one in row[4:]))
            for row in connection.execute(found)
        )

    return model.read(query)


def helped(model: ReadModel, units: Sequence[str], since: int, until: int) -> tuple[Helped, ...]:
    """Who was helped in these communities in a period, by programme and, under "", in all: nobody is counted twice there."""

    def query(connection: Connection, tables: Tables) -> tuple[Helped, ...]:
        at = tables.grants.c
        counts = (
            func.count(distinct(at.recipient)),
            func.count(distinct(at.household)),
            func.sum(case((at.recipient.is_(None), 1), else_=0)),
        )
        where = (at.unit.in_(units), at.given_at >= since, at.given_at < until)
        by = select(at.programme, *counts).where(*where).group_by(at.programme).order_by(at.programme)
        whole = connection.execute(select(*counts).where(*where)).one()
        rows = [Helped(row[0], *(int(one or 0) for one in row[1:])) for row in connection.execute(by)]
        return (Helped("", *(int(one or 0) for one in whole)), *rows)

    return model.read(query)


def months(model: ReadModel, units: Sequence[str], since: int, until: int) -> tuple[tuple[int, int], ...]:
    """When money was given, and how much, in the order of time: for a table by month."""

    def query(connection: Connection, tables: Tables) -> tuple[tuple[int, int], ...]:
        at = tables.grants.c
        where = (at.unit.in_(units), at.given_at >= since, at.given_at < until, at.amount > 0)
        found = select(at.given_at, at.amount).where(*where).order_by(at.given_at)
        return tuple((int(row[0]), int(row[1])) for row in connection.execute(found))

    return model.read(query)


def days_to_money(model: ReadModel, units: Sequence[str], since: int, until: int) -> tuple[int, ...]:
    """Of each request that was made and paid in a period: milliseconds from the application to the first payment, sorted."""

    def query(connection: Connection, tables: Tables) -> tuple[int, ...]:
        request, grant = tables.aid_requests.c, tables.grants.c
        first = (
            select(grant.request_id, func.min(grant.given_at).label("at"))
            .where(grant.amount > 0, grant.imported.is_(False))
            .group_by(grant.request_id)
            .subquery()
        )
        found = (
            select(first.c.at - request.applied_at)
            .select_from(tables.aid_requests)
            .join(first, first.c.request_id == request.request_id)
            .where(request.unit.in_(units), request.applied_at >= since, request.applied_at < until)
        )
        return tuple(sorted(int(row[0]) for row in connection.execute(found)))

    return model.read(query)
