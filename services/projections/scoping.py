"""The scope of figures as SQL: which rows count, where a case belongs, in which month a time lies."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, literal

from contracts.figures import Scope
from contracts.months import Month
from services.projections.schema import Tables


def place_of(tables: Tables) -> ColumnElement[str]:
    """The zone of a case, or else the place code that its source told."""
    return func.coalesce(tables.cases.c.zone, tables.cases.c.zone_told)


def conditions(
    scope: Scope, unit: ColumnElement[str], place: ColumnElement[str], at: ColumnElement[int]
) -> list[ColumnElement[bool]]:
    """What makes a row of this unit, place and time one that `scope.covers`."""
    bounds: list[ColumnElement[bool] | None] = [
        None if scope.unit is None else unit.in_(scope.units) if scope.origins else unit == scope.unit,
        None if scope.zone is None else place == scope.zone,
        None if scope.since is None else at >= scope.since,
        None if scope.until is None else at < scope.until,
    ]
    return [bound for bound in bounds if bound is not None]


def month_place(at: ColumnElement[int], months: Sequence[Month]) -> ColumnElement[int]:
    """Which of the months holds a time, from 0, by halving: a database knows no time zones of ours."""
    return _halved(at, months, 0, len(months))


def _halved(at: ColumnElement[int], months: Sequence[Month], low: int, high: int) -> ColumnElement[int]:
    if high - low <= 1:
        return literal(low)
    middle = (low + high) // 2
    before = _halved(at, months, low, middle)
    return case((at < months[middle].start, before), else_=_halved(at, months, middle, high))
