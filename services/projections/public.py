"""The figures for anybody, as the read model has them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, case, func, select

from contracts import figures as f
from contracts.months import Month, months_between
from contracts.public_figures import (
    EARLIER,
    ELSEWHERE,
    Asked,
    Group,
    PublicFigures,
    Standing,
    public_figures,
)
from services.projections.figures import by_sql
from services.projections.schema import Tables
from services.projections.scoping import conditions, month_place, place_of
from services.projections.store import ReadModel

MONTHS = 12
"""Months that are listed one by one; what is older is one group."""


def month_start(now: int, time_zone: str) -> int:
    """When the month of this time began: what is public is of whole months."""
    return months_between(now, now, time_zone)[0].start


def read_public(model: ReadModel, asked: Asked, zones: Sequence[str], time_zone: str) -> PublicFigures:
    """The public figures of a community with these zones. Blocks.

    Raises ReadModelUnavailableError, and ZoneInfoNotFoundError for an unknown time zone.
    """
    return model.read(partial(_public, asked=asked, zones=zones, time_zone=time_zone))


def _public(
    connection: Connection, tables: Tables, asked: Asked, zones: Sequence[str], time_zone: str
) -> PublicFigures:
    scope = f.Scope(unit=asked.unit, until=asked.until, time_zone=time_zone)
    figures = by_sql(connection, tables, scope, f.UNWATCHED)
    row = tables.cases.c
    where = conditions(scope, row.unit, place_of(tables), row.lodged_at)
    first, last = connection.execute(
        select(func.min(row.lodged_at), func.max(row.lodged_at)).where(*where)
    ).one()
    # Where there is no case yet, the last month is shown all the same.
    quiet = asked.until - 1
    months = months_between(quiet if first is None else first, quiet if last is None else last, time_zone)
    listed = [month.name for month in months[-MONTHS:]]
    names = ([EARLIER] if len(months) > MONTHS else []) + listed
    groups = [
        Group(
            zone if zone is not None and zone in zones else ELSEWHERE,
            month if month in listed else EARLIER,
            opened,
            closed,
        )
        for zone, month, opened, closed in _groups(connection, tables, where, months)
    ]
    standing = Standing(figures.as_of, figures.undecided)
    return public_figures(asked, [*zones, ELSEWHERE], names, groups, figures.stability, standing)


def _groups(
    connection: Connection, tables: Tables, where: Sequence[Any], months: Sequence[Month]
) -> list[tuple[str | None, str, int, int]]:
    """Zone, month, open cases, closed cases."""
    row = tables.cases.c
    done = case((row.status.in_(f.DONE), 1), else_=0).label("done")
    placed = (
        select(place_of(tables).label("zone"), month_place(row.lodged_at, months).label("month"), done)
        .where(*where)
        .subquery()
    )
    closed = func.sum(placed.c.done)
    counts = select(placed.c.zone, placed.c.month, func.count(), closed).group_by(
        placed.c.zone, placed.c.month
    )
    return [
        (zone, months[month].name, int(number) - int(ended), int(ended))
        for zone, month, number, ended in connection.execute(counts)
    ]
