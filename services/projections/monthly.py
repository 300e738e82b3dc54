"""The monthly report, computed by SQL on the read model; equal to contracts.monthly on the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, not_, or_, select

from contracts import monthly as m
from contracts.figures import HIDDEN, Scope, definition_ref
from services.projections.figures import standing
from services.projections.keyset import Order, part_of
from services.projections.queries import Worklist, worklist_of
from services.projections.schema import Tables
from services.projections.store import ReadModel
from web.paging import Kinds, Page

Part = Literal["met", "rest"]
BY_LODGING: Kinds = (int, str)
"""Of what kind the places of `cases_behind` are."""


class _Figure(NamedTuple):
    """Which cases count, and which of them are in the numerator."""

    counts: ColumnElement[bool]
    met: ColumnElement[bool]


def monthly(model: ReadModel, scope: Scope, month: str) -> m.MonthlyReport:
    """The report of the scope's unit, between its times, as of where the read model stands. Blocks.

    Raises ReadModelUnavailableError.
    """
    return model.read(partial(_monthly, scope=scope, month=month))


def _monthly(connection: Connection, tables: Tables, scope: Scope, month: str) -> m.MonthlyReport:
    told: dict[str, Any] = {
        name: _ratio(connection, tables, one) for name, one in _figures(tables, scope).items()
    }
    told |= standing(connection, tables)._asdict()
    return m.MonthlyReport(definition=definition_ref(m.MONTHLY), unit=scope.unit or "", month=month, **told)


def _ratio(connection: Connection, tables: Tables, figure: _Figure) -> m.Ratio:
    met = func.coalesce(func.sum(case((figure.met, 1), else_=0)), 0)
    counted, reached = connection.execute(
        select(func.count(), met).select_from(tables.cases).where(figure.counts)
    ).one()
    return m.Ratio(numerator=int(reached), denominator=int(counted))


def cases_behind(model: ReadModel, scope: Scope, name: m.Figure, part: Part, page: Page) -> Worklist:
    """One page of the cases in a figure's numerator, or of the rest of its denominator, as they were lodged."""
    return model.read(partial(_cases_behind, scope=scope, name=name, part=part, page=page))


def _cases_behind(
    connection: Connection, tables: Tables, scope: Scope, name: m.Figure, part: Part, page: Page
) -> Worklist:
    row, figure = tables.cases.c, _figures(tables, scope)[name]
    shown = tables.cases.c.status != HIDDEN
    where = (figure.counts, figure.met if part == "met" else not_(figure.met), shown)
    order = Order((row.lodged_at, row.case_id))
    return worklist_of(part_of(connection, tables.cases, where, order, page))


def recomputed(model: ReadModel, scope: Scope) -> Mapping[m.Figure, m.Members]:
    """The cases behind each figure by contracts.monthly, from every case of the read model. Blocks."""
    return model.read(lambda connection, tables: m.compute(_facts(connection, tables), scope))


def _facts(connection: Connection, tables: Tables) -> list[m.MonthFacts]:
    row = tables.cases.c
    query = select(
        row.case_id,
        row.unit,
        row.reporter,
        row.lodged_at,
        row.duplicate_of.is_not(None),
        row.accept_due,
        row.accept_met,
        row.handle_due,
        row.handle_met,
        row.handle_missed,
        row.concluded_at,
        row.satisfaction,
        row.transferred_from.is_not(None),
    )
    return [m.MonthFacts(*found) for found in connection.execute(query)]


def repeats_among(model: ReadModel, case_ids: Sequence[str]) -> frozenset[str]:
    """Which of these cases repeat another, as the report counts it. Blocks."""

    def query(connection: Connection, tables: Tables) -> frozenset[str]:
        row = tables.cases.c
        found = select(row.case_id).where(row.case_id.in_(case_ids), _repeats(tables))
        return frozenset(connection.execute(found).scalars())

    return model.read(query) if case_ids else frozenset()


def _figures(tables: Tables, scope: Scope) -> Mapping[m.Figure, _Figure]:
    row = tables.cases.c
    concluded = _within(tables, scope, row.concluded_at)
    rated = row.satisfaction.is_not(None)
    in_time = and_(row.handle_met.is_not(None), row.handle_met <= row.handle_due, not_(row.handle_missed))
    return {
        "accepted_in_time": _Figure(
            _within(tables, scope, row.accept_due),
            and_(row.accept_met.is_not(None), row.accept_met <= row.accept_due),
        ),
        "handled_in_time": _Figure(_within(tables, scope, row.handle_due), in_time),
        "satisfied": _Figure(and_(concluded, rated), row.satisfaction.in_(m.PLEASED)),
        "rated": _Figure(concluded, rated),
        "repeated": _Figure(
            and_(_within(tables, scope, row.lodged_at), row.transferred_from.is_(None)), _repeats(tables)
        ),
    }


def _within(tables: Tables, scope: Scope, at: ColumnElement[int]) -> ColumnElement[bool]:
    bounds: list[ColumnElement[bool]] = [tables.cases.c.unit.in_(scope.units), at.is_not(None)]
    bounds += [] if scope.since is None else [at >= scope.since]
    bounds += [] if scope.until is None else [at < scope.until]
    return and_(*bounds)


def _repeats(tables: Tables) -> ColumnElement[bool]:
    """Marked by an import, or the same person had lodged another case not too long before."""
    row, earlier = tables.cases.c, tables.cases.alias("earlier")
    before = exists().where(
        earlier.c.reporter == row.reporter,
        earlier.c.lodged_at < row.lodged_at,
        earlier.c.lodged_at >= row.lodged_at - m.REPEAT_MS,
    )
    return or_(row.duplicate_of.is_not(None), before)
