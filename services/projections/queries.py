"""What pages, intake and clocks ask of the read model.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, literal, or_, select, union_all

from contracts.envelope import Outcome
from contracts.figures import DONE, HIDDEN, OPEN, CaseStatus, Scope, zone_order
from contracts.months import months_between
from contracts.tracking import digest_of
from services.projections.keyset import Order, Part, part_of
from services.projections.rows import BatchRow, CaseEventRow, CaseRow, DecisionRow
from services.projections.schema import Tables, due_order, open_now
from services.projections.scoping import conditions, month_place, place_of
from services.projections.store import ReadModel
from web.paging import Cursor, Kinds, Page

TURNED_DOWN: tuple[Outcome, ...] = ("refused", "conflict", "unsupported")
"""What became of a submission that somebody has to be told about."""


_RELATIVES = 100
"""How many relatives of a case are listed."""


class WorklistFilter(NamedTuple):
    """Which cases a worklist shows; None: whichever. `zone` is a zone of ours.

    `soon`: those whose term ends between these times (milliseconds), the first of which is now; see `due_soon`.
    """

    unit: str | None = None
    statuses: Sequence[CaseStatus] = OPEN
    zone: str | None = None
    handler: str | None = None
    overdue: bool | None = None
    unserved: bool = False
    unsettled: Sequence[str] = ()
    owed: bool = False
    soon: tuple[int, int] | None = None


class Worklist(NamedTuple):
    """One page of cases, how many there are on all pages, and where its neighbours begin."""

    cases: tuple[CaseRow, ...]
    total: int
    before: Cursor | None = None
    after: Cursor | None = None


BY_DEADLINE: Kinds = (int, int, str)
"""Of what kind the places of `worklist` are."""


class CaseView(NamedTuple):
    """A case and everything that happened to it, in the order of the log."""

    case: CaseRow
    events: tuple[CaseEventRow, ...]


class Due(NamedTuple):
    """A deadline that has passed at `due_at` and has no overdue event yet."""

    unit: str
    case_id: str
    deadline: str
    due_at: int


class MonthFlow(NamedTuple):
    """Cases received and cases closed in one month (`2026-11`)."""

    month: str
    received: int
    closed: int


class ZoneFlow(NamedTuple):
    """Cases of one zone, or of one place code told; None: neither is known."""

    zone: str | None
    received: int
    closed: int


class BatchView(NamedTuple):
    """An import batch and how many cases came by it."""

    batch: BatchRow
    cases: int


def worklist(model: ReadModel, wanted: WorklistFilter | None = None, page: Page | None = None) -> Worklist:
    """Cases in the order of their deadlines, those without one last."""
    return model.read(partial(_worklist, wanted=wanted or WorklistFilter(), page=page or Page()))


def _worklist(connection: Connection, tables: Tables, wanted: WorklistFilter, page: Page) -> Worklist:
    row = tables.cases.c
    order = Order((due_order(tables.cases), row.lodged_at, row.case_id))
    return worklist_of(part_of(connection, tables.cases, meets(tables, wanted), order, page))


def meets(tables: Tables, wanted: WorklistFilter) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a filter."""
    row = tables.cases.c
    is_open = tuple(wanted.statuses) == OPEN
    where = [open_now(tables.cases) if is_open else row.status.in_(wanted.statuses)]
    for column, value in ((row.unit, wanted.unit), (row.zone, wanted.zone), (row.handler, wanted.handler)):
        if value is not None:
            where.append(column == value)
    if wanted.unserved:
        where.append(row.unserved)
    if wanted.unsettled:
        where.append(row.unsettled.in_(wanted.unsettled))
    if wanted.owed:
        where.append(row.result_owed)
    if wanted.soon is not None:
        where.append(due_soon(tables, *wanted.soon))
    if wanted.overdue is not None:
        where.append(row.overdue == wanted.overdue)
    return tuple(where)


def worklist_of(part: Part) -> Worklist:
    """A page of the table of cases as a worklist."""
    return Worklist(tuple(CaseRow._make(row) for row in part.rows), part.total, part.before, part.after)


def due_soon(tables: Tables, now: int, until: int) -> ColumnElement[bool]:
    """Cases whose term ends by `until` and is more than half over: a short one is not due soon from its beginning."""
    row = tables.cases.c
    half = (row.due_at - now) * 2 <= row.due_end - row.due_start
    return and_(row.due_at >= now, row.due_at <= until, half)


def due_soon_count(model: ReadModel, unit: str, now: int, until: int) -> int:
    """How many cases of a community are due soon."""

    def query(connection: Connection, tables: Tables) -> int:
        where = (tables.cases.c.unit == unit, due_soon(tables, now, until))
        return int(
            connection.execute(select(func.count()).select_from(tables.cases).where(*where)).scalar_one()
        )

    return model.read(query)


def pressing(model: ReadModel, handler: str, soon: tuple[int, int], most: int) -> tuple[CaseRow, ...]:
    """Open cases of a handler that are overdue, or due soon between these times, the first due first."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseRow, ...]:
        row = tables.cases.c
        late = or_(row.overdue, due_soon(tables, *soon))
        found = select(tables.cases).where(row.handler == handler, open_now(tables.cases), late)
        rows = connection.execute(found.order_by(row.due_at, row.case_id).limit(most))
        return tuple(CaseRow(*one) for one in rows)

    return model.read(query)


def case_by_id(model: ReadModel, case_id: str) -> CaseView | None:
    """The case of this id with its events; None where there is none."""
    return model.read(lambda connection, tables: _case(connection, tables, tables.cases.c.case_id == case_id))


def case_by_tracking_number(model: ReadModel, tracking_number: str) -> CaseView | None:
    """The case of this tracking number with its events; None where there is none."""
    return model.read(
        lambda connection, tables: _case(
            connection, tables, tables.cases.c.tracking == digest_of(tracking_number)
        )
    )


def _case(connection: Connection, tables: Tables, which: ColumnElement[bool]) -> CaseView | None:
    # Two could bear one number only by forgery: the one that was there first is meant.
    order = (tables.cases.c.recorded_at, tables.cases.c.case_id, tables.cases.c.partition)
    found = connection.execute(select(tables.cases).where(which).order_by(*order).limit(1)).one_or_none()
    if found is None:
        return None
    row = CaseRow(*found)
    event = tables.case_events.c
    query = (
        select(tables.case_events)
        .where(event.case_id == row.case_id, event.partition == row.partition)
        .order_by(event.submission_offset, event.number)
    )
    return CaseView(row, tuple(CaseEventRow(*one) for one in connection.execute(query)))


def decision(model: ReadModel, family: str, partition: int, submission_offset: int) -> DecisionRow | None:
    """What became of the submission at this offset; None while it is undecided or not read yet."""
    found = _decisions(
        model,
        lambda at: and_(
            at.c.family == family, at.c.partition == partition, at.c.submission_offset == submission_offset
        ),
    )
    return found[0] if found else None


def decisions_of(model: ReadModel, submission_id: str) -> tuple[DecisionRow, ...]:
    """Every decision on submissions of this id, in the order of the log: the first one counts."""
    return _decisions(model, lambda at: at.c.submission_id == submission_id)


def refusals(model: ReadModel, case_id: str) -> tuple[DecisionRow, ...]:
    """What was asked about a case and turned down, in the order of the log."""
    return _decisions(model, lambda at: and_(at.c.subject == case_id, at.c.outcome.in_(TURNED_DOWN)))


def unreadable(model: ReadModel, most: int = 50) -> tuple[DecisionRow, ...]:
    """The newest of the records that are no submissions, the newest first: the dead-letter list."""

    def query(connection: Connection, tables: Tables) -> tuple[DecisionRow, ...]:
        at = tables.decisions
        newest = (at.c.recorded_at.desc(), *(column.desc() for column in at.primary_key))
        found = select(at).where(at.c.outcome == "unreadable").order_by(*newest)
        return tuple(DecisionRow(*row) for row in connection.execute(found.limit(most)))

    return model.read(query)


def _decisions(model: ReadModel, which: Callable[[Table], ColumnElement[bool]]) -> tuple[DecisionRow, ...]:
    def query(connection: Connection, tables: Tables) -> tuple[DecisionRow, ...]:
        at = tables.decisions
        found = select(at).where(which(at)).order_by(*at.primary_key)
        return tuple(DecisionRow(*row) for row in connection.execute(found))

    return model.read(query)


def due_deadlines(model: ReadModel, now: int, limit: int = 200) -> tuple[Due, ...]:
    """Deadlines that have passed by `now` (milliseconds) and are not on record as passed, oldest first.

    Among them the times at which an overdue case is passed up the chain, and by when danger is seen to.
    """

    def query(connection: Connection, tables: Tables) -> tuple[Due, ...]:
        row = tables.cases.c
        terms = (
            select(row.unit, row.case_id, row.due_deadline, row.due_at)
            .where(row.due_at <= now, row.overdue.is_(False))
            .order_by(row.due_at, row.case_id)
            .limit(limit)
        ).subquery()
        escalate = literal("escalate").label("due_deadline")
        passed_up = (
            select(row.unit, row.case_id, escalate, row.escalate_at.label("due_at"))
            .where(row.escalate_at <= now)
            .order_by(row.escalate_at, row.case_id)
            .limit(limit)
        ).subquery()
        seen = literal("danger_seen").label("due_deadline")
        danger = (
            select(row.unit, row.case_id, seen, row.danger_due_at.label("due_at"))
            .where(row.danger_due_at <= now, row.danger_overdue.is_(False))
            .order_by(row.danger_due_at, row.case_id)
            .limit(limit)
        ).subquery()
        both = union_all(select(terms), select(passed_up), select(danger)).subquery()
        found = select(both).order_by(both.c.due_at, both.c.case_id).limit(limit)
        return tuple(Due(*one) for one in connection.execute(found))

    return model.read(query)


def last_heartbeat(model: ReadModel, family: str, partition: int) -> int:
    """The last hour (counted from the epoch) in which a clock watched the partition; -1 for none."""

    def query(connection: Connection, tables: Tables) -> int:
        at = tables.heartbeats.c
        hours = select(func.max(at.hour)).where(at.family == family, at.partition == partition)
        last = connection.execute(hours).scalar_one()
        return -1 if last is None else int(last)

    return model.read(query)


def flow_by_month(model: ReadModel, scope: Scope | None = None) -> tuple[MonthFlow, ...]:
    """Cases received and closed in each month of the scope's time zone in which there were any.

    The times of the scope bound lodging for the one, closing for the other.
    """
    return model.read(partial(_flow_by_month, scope=scope or Scope()))


def _flow_by_month(connection: Connection, tables: Tables, scope: Scope) -> tuple[MonthFlow, ...]:
    row = tables.cases.c
    received = _by_month(connection, tables, scope, row.lodged_at, row.transferred_from.is_(None))
    closed = _by_month(connection, tables, scope, row.closed_at)
    months = sorted(received.keys() | closed.keys())
    return tuple(MonthFlow(month, received.get(month, 0), closed.get(month, 0)) for month in months)


def _by_month(
    connection: Connection,
    tables: Tables,
    scope: Scope,
    at: ColumnElement[int],
    *which: ColumnElement[bool],
) -> dict[str, int]:
    where = [at.is_not(None), *which, *conditions(scope, tables.cases.c.unit, place_of(tables), at)]
    first, last = connection.execute(select(func.min(at), func.max(at)).where(*where)).one()
    if first is None:
        return {}
    months = months_between(first, last, scope.time_zone)
    placed = select(month_place(at, months).label("month")).where(*where).subquery()
    counts = select(placed.c.month, func.count()).group_by(placed.c.month)
    return {months[place].name: int(number) for place, number in connection.execute(counts)}


def flow_by_zone(model: ReadModel, scope: Scope | None = None) -> tuple[ZoneFlow, ...]:
    """Cases received in the scope, and those of them that are closed, by zone; the unknown zone last."""
    return model.read(partial(_flow_by_zone, scope=scope or Scope()))


def _flow_by_zone(connection: Connection, tables: Tables, scope: Scope) -> tuple[ZoneFlow, ...]:
    row = tables.cases.c
    where = conditions(scope, row.unit, place_of(tables), row.lodged_at)
    lodged = row.transferred_from.is_(None).label("lodged")
    placed = select(place_of(tables).label("zone"), row.status, lodged).where(*where).subquery()
    closed = func.sum(case((placed.c.status.in_(DONE), 1), else_=0))
    received = func.sum(case((placed.c.lodged, 1), else_=0))
    counts = select(placed.c.zone, received, closed).group_by(placed.c.zone)
    flows = [ZoneFlow(zone, int(n), int(done)) for zone, n, done in connection.execute(counts)]
    return tuple(sorted(flows, key=lambda flow: zone_order(flow.zone)))


def batches(model: ReadModel, unit: str | None = None) -> tuple[BatchView, ...]:
    """The import batches, the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[BatchView, ...]:
        at, row = tables.batches, tables.cases.c
        came = (
            select(row.partition, row.batch, func.count().label("cases"))
            .where(row.batch.is_not(None))
            .group_by(row.partition, row.batch)
            .subquery()
        )
        same = and_(came.c.partition == at.c.partition, came.c.batch == at.c.batch_id)
        found = (
            select(at, func.coalesce(came.c.cases, 0))
            .select_from(at.outerjoin(came, same))
            .order_by(at.c.opened_at.desc(), at.c.batch_id)
        )
        chosen = found if unit is None else found.where(at.c.unit == unit)
        return tuple(BatchView(BatchRow(*one[:-1]), int(one[-1])) for one in connection.execute(chosen))

    return model.read(query)


def in_transit(model: ReadModel, limit: int) -> tuple[str, ...]:
    """Cases that left for another unit, while nobody has said what became of them; by their id."""

    def query(connection: Connection, tables: Tables) -> tuple[str, ...]:
        row = tables.cases.c
        found = select(row.case_id).where(row.in_transit).order_by(row.case_id).limit(limit)
        return tuple(connection.execute(found).scalars())

    return model.read(query)


def open_cases_of(model: ReadModel, handler: str, unit: str) -> tuple[str, ...]:
    """The ids of the open cases of a unit that are assigned to this handler."""

    def query(connection: Connection, tables: Tables) -> tuple[str, ...]:
        row = tables.cases.c
        where = (row.handler == handler, row.status.in_(OPEN), row.unit == unit)
        return tuple(connection.execute(select(row.case_id).where(*where).order_by(row.case_id)).scalars())

    return model.read(query)


def shown_case(model: ReadModel, case_id: str) -> CaseView | None:
    """The case of this id for whoever works on grievances; None where there is none that they may know of."""
    view = case_by_id(model, case_id)
    return None if view is None or view.case.status == HIDDEN else view


class Relatives(NamedTuple):
    """Cases that were split off from one, and those that were merged into it."""

    parts: tuple[CaseRow, ...]
    merged: tuple[CaseRow, ...]


def relatives(model: ReadModel, case_id: str) -> Relatives:
    """What was split off from this case, and merged into it, the oldest first."""

    def query(connection: Connection, tables: Tables) -> Relatives:
        def of(column: ColumnElement[Any]) -> tuple[CaseRow, ...]:
            order = (tables.cases.c.recorded_at, tables.cases.c.case_id)
            found = select(tables.cases).where(column == case_id, tables.cases.c.status != HIDDEN)
            found = found.order_by(*order).limit(_RELATIVES)
            return tuple(CaseRow(*row) for row in connection.execute(found))

        return Relatives(of(tables.cases.c.split_from), of(tables.cases.c.merged_into))

    return model.read(query)


def followed(model: ReadModel, view: CaseView) -> tuple[CaseView, ...]:
    """The case and what it became by transfers, one after another."""
    found = [view]
    seen = {view.case.case_id}
    while (became := found[-1].case.became) is not None and found[-1].case.status == "transferred":
        following = case_by_id(model, became)
        if following is None or following.case.case_id in seen:
            break
        seen.add(following.case.case_id)
        found.append(following)
    return tuple(found)
