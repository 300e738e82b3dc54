"""What the read model holds of aid requests. Who may read what was said is not decided here.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select, true

from services.projections.aid_rows import AidPersonRow, AidRow, GrantRow, MoveRow
from services.projections.keyset import Order, part_of
from services.projections.queries import Due
from services.projections.rows import CaseEventRow
from services.projections.schema import Tables, due_order
from services.projections.store import ReadModel
from web.paging import Cursor, Page

_MOST = 200

ENDED = ("rejected", "stopped", "withdrawn", "closed")


class Wanted(NamedTuple):
    """Which requests a list shows: of this community, in one of these states, under this programme (any where there is none)."""

    unit: str
    states: tuple[str, ...] = ()
    programme: str | None = None


class Listed(NamedTuple):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    rows: tuple[AidRow, ...]
    total: int
    before: Cursor | None
    after: Cursor | None


def listed(model: ReadModel, wanted: Wanted, page: Page) -> Listed:
    """The wanted requests: those with a term first that ends first, then the newest."""

    def query(connection: Connection, tables: Tables) -> Listed:
        at = tables.aid_requests.c
        where = (
            at.unit == wanted.unit,
            at.status.in_(wanted.states) if wanted.states else true(),
            true() if wanted.programme is None else at.programme == wanted.programme,
        )
        order = Order((due_order(tables.aid_requests), -at.applied_at, at.request_id))
        part = part_of(connection, tables.aid_requests, where, order, page)
        return Listed(tuple(AidRow._make(row) for row in part.rows), part.total, part.before, part.after)

    return model.read(query)


def by_id(model: ReadModel, request: str) -> AidRow | None:
    """The request of this id."""

    def query(connection: Connection, tables: Tables) -> AidRow | None:
        found = select(tables.aid_requests).where(tables.aid_requests.c.request_id == request)
        row = connection.execute(found.limit(1)).one_or_none()
        return None if row is None else AidRow(*row)

    return model.read(query)


def by_tracking(model: ReadModel, digest: str) -> AidRow | None:
    """The request that is followed by the number of this digest."""

    def query(connection: Connection, tables: Tables) -> AidRow | None:
        found = select(tables.aid_requests).where(tables.aid_requests.c.tracking == digest)
        row = connection.execute(found.limit(1)).one_or_none()
        return None if row is None else AidRow(*row)

    return model.read(query)


def events_of(model: ReadModel, request: str) -> tuple[CaseEventRow, ...]:
    """What happened to it, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseEventRow, ...]:
        at = tables.aid_events
        found = select(at).where(at.c.case_id == request).order_by(*at.primary_key)
        return tuple(CaseEventRow(*row) for row in connection.execute(found))

    return model.read(query)


def people_of(model: ReadModel, subject: str) -> tuple[AidPersonRow, ...]:
    """The requests that hold somebody's name, and what part they had in each."""

    def query(connection: Connection, tables: Tables) -> tuple[AidPersonRow, ...]:
        at = tables.aid_people
        found = select(at).where(at.c.subject == subject).order_by(at.c.request_id)
        return tuple(AidPersonRow(*row) for row in connection.execute(found))

    return model.read(query)


def alike(model: ReadModel, row: AidRow, since: int) -> tuple[AidRow, ...]:
    """Other requests of the same person or household since a time, in whatever community and programme, the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[AidRow, ...]:
        at = tables.aid_requests.c
        same = [
            column == value
            for column, value in ((at.applicant, row.applicant), (at.household, row.household))
            if value is not None
        ]
        if not same:
            return ()
        where = (or_(*same), at.request_id != row.request_id, at.applied_at >= since)
        found = select(tables.aid_requests).where(*where).order_by(at.applied_at.desc(), at.request_id)
        return tuple(AidRow(*one) for one in connection.execute(found.limit(_MOST)))

    return model.read(query)


def of_household(model: ReadModel, household: str, subjects: Sequence[str]) -> tuple[AidRow, ...]:
    """The requests of a household, or of people who live there, that have not ended, the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[AidRow, ...]:
        at = tables.aid_requests.c
        theirs = or_(at.household == household, at.applicant.in_(subjects))
        found = select(tables.aid_requests).where(theirs, at.status.not_in(ENDED))
        ordered = found.order_by(at.applied_at.desc(), at.request_id).limit(_MOST)
        return tuple(AidRow(*one) for one in connection.execute(ordered))

    return model.read(query)


def grown_from(model: ReadModel, origin: str) -> tuple[AidRow, ...]:
    """The requests that grew from a grievance or a mediation."""

    def query(connection: Connection, tables: Tables) -> tuple[AidRow, ...]:
        at = tables.aid_requests.c
        found = select(tables.aid_requests).where(at.grown_from == origin).order_by(at.applied_at)
        return tuple(AidRow(*one) for one in connection.execute(found.limit(_MOST)))

    return model.read(query)


def on_notice(model: ReadModel, now: int, unit: str | None = None) -> tuple[AidRow, ...]:
    """The requests that stand on public notice, those first whose notice ends first."""

    def query(connection: Connection, tables: Tables) -> tuple[AidRow, ...]:
        at = tables.aid_requests.c
        where = (at.notice_until >= now, true() if unit is None else at.unit == unit)
        found = select(tables.aid_requests).where(*where).order_by(at.notice_until, at.request_id)
        return tuple(AidRow(*one) for one in connection.execute(found.limit(_MOST)))

    return model.read(query)


def grants_of(model: ReadModel, request: str) -> tuple[GrantRow, ...]:
    """What was given on a request, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[GrantRow, ...]:
        at = tables.grants
        found = select(at).where(at.c.request_id == request).order_by(*at.primary_key)
        return tuple(GrantRow(*row) for row in connection.execute(found))

    return model.read(query)


def due(model: ReadModel, now: int, limit: int = 200) -> tuple[Due, ...]:
    """Terms that have passed by `now` (milliseconds) and are not on record as passed, oldest first."""

    def query(connection: Connection, tables: Tables) -> tuple[Due, ...]:
        at = tables.aid_requests.c
        found = (
            select(at.unit, at.request_id, at.deadline, at.due_at)
            .where(at.due_at <= now)
            .order_by(at.due_at, at.request_id)
            .limit(limit)
        )
        return tuple(Due(*row) for row in connection.execute(found))

    return model.read(query)


class Answered(NamedTuple):
    """What a fund has answered and a request does not know yet. `available` where it is not reserved."""

    unit: str
    request: str
    round: int
    reserved: bool
    available: int


def unasked(model: ReadModel, limit: int) -> tuple[MoveRow, ...]:
    """What funds have not been asked, or have not answered: of each request the earliest only, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[MoveRow, ...]:
        move, entry = tables.fund_moves.c, tables.fund_entries.c
        kinds = {"reserve": ("reserved", "insufficient"), "spend": ("spent",), "take_back": ("taken_back",)}
        answered = or_(
            *(
                and_(
                    move.kind == kind,
                    entry.kind.in_(answers),
                    move.round == entry.round,
                    true() if kind == "reserve" else move.nth == entry.nth,
                )
                for kind, answers in kinds.items()
            ),
            # What was given back answers its round, whatever had been asked in it, and all before.
            and_(move.kind.in_(("reserve", "release")), entry.kind == "released", entry.round >= move.round),
            # So does a later round that was answered: it took the place of the earlier.
            and_(
                move.kind == "release", entry.kind.in_(("reserved", "insufficient")), entry.round > move.round
            ),
        )
        open_ = ~exists().where(entry.request == move.request_id, answered)
        first = select(
            tables.fund_moves,
            func.row_number()
            .over(
                partition_by=move.request_id, order_by=(move.partition, move.submission_offset, move.number)
            )
            .label("rank"),
        ).where(open_)
        ranked = first.subquery()
        found = (
            select(*(ranked.c[name] for name in MoveRow._fields))
            .where(ranked.c.rank == 1)
            .order_by(ranked.c.partition, ranked.c.submission_offset, ranked.c.number)
            .limit(limit)
        )
        return tuple(MoveRow(*row) for row in connection.execute(found))

    return model.read(query)


def untold(model: ReadModel, limit: int) -> tuple[Answered, ...]:
    """What funds have answered and requests wait for, in the order of requests."""

    def query(connection: Connection, tables: Tables) -> tuple[Answered, ...]:
        at, entry = tables.aid_requests.c, tables.fund_entries.c
        found = (
            select(at.unit, at.request_id, at.asked_round, entry.kind, func.sum(entry.amount))
            .join(
                tables.fund_entries,
                and_(entry.request == at.request_id, entry.round == at.asked_round),
            )
            .where(at.asked_round.is_not(None), entry.kind.in_(("reserved", "insufficient")))
            .group_by(at.unit, at.request_id, at.asked_round, entry.kind)
            .order_by(at.request_id)
            .limit(limit)
        )
        return tuple(
            Answered(unit, request, round_, kind == "reserved", 0 if kind == "reserved" else int(amount))
            for unit, request, round_, kind, amount in connection.execute(found)
        )

    return model.read(query)


def states(model: ReadModel, unit: str) -> dict[str, int]:
    """State → how many requests of a community are in it."""

    def query(connection: Connection, tables: Tables) -> dict[str, int]:
        at = tables.aid_requests.c
        found = select(at.status, func.count()).where(at.unit == unit).group_by(at.status)
        return {status: int(count) for status, count in connection.execute(found)}

    return model.read(query)
