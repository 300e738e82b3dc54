"""What the read model holds for a member of staff to know, and how far they have read it. Every function blocks.

Each may raise ReadModelUnavailableError.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from contracts.figures import HIDDEN
from services.projections.keyset import Order, part_of
from services.projections.notice_rows import NoticeRow
from services.projections.rows import CaseRow
from services.projections.schema import READ_UNTIL, Tables
from services.projections.store import ReadModel, read_positions
from web.paging import Cursor, Kinds, Page

MOST_UNREAD = 99
"""How far those that were not read are counted."""

BY_EVENT: Kinds = (int, int, int, int, str)
"""Of what kind the places of `notices` are."""


class Wanted(NamedTuple):
    """Whose notices: of this person, as any of the receivers, about cases of these units, recorded since then."""

    actor: str
    receivers: tuple[str, ...]
    units: tuple[str, ...]
    since: int


class Notices(NamedTuple):
    """One page of notices with their cases, where its neighbours begin, and how far each partition was read.

    `through`: how far each partition is decided now.
    """

    rows: tuple[NoticeRow, ...]
    cases: Mapping[str, CaseRow]
    total: int
    before: Cursor | None
    after: Cursor | None
    read: Mapping[int, int]
    through: Mapping[int, int]


def notices(model: ReadModel, wanted: Wanted, page: Page) -> Notices:
    """What the person must know, the newest first; of an event that reaches them twice, each time."""
    return model.read(partial(_notices, wanted=wanted, page=page))


def _notices(connection: Connection, tables: Tables, wanted: Wanted, page: Page) -> Notices:
    at, case = tables.notices.c, tables.cases.c
    keys = (at.recorded_at, at.partition, at.submission_offset, at.number, at.receiver)
    part = part_of(connection, tables.notices, _meets(tables, wanted), Order(keys, descending=True), page)
    rows = tuple(NoticeRow._make(row) for row in part.rows)
    ids = {row.case_id for row in rows}
    found = connection.execute(select(tables.cases).where(case.case_id.in_(ids)))
    cases = {row.case_id: row for row in (CaseRow._make(one) for one in found)}
    through = {
        place.partition: position.decided_through
        for place, position in read_positions(connection, tables).at.items()
        if place.family == "grievance"
    }
    read = _read_until(connection, wanted.actor)
    return Notices(rows, cases, part.total, part.before, part.after, read, through)


def unread(model: ReadModel, wanted: Wanted) -> int:
    """How many events the person has not read of, MOST_UNREAD + 1 where there are more."""

    def query(connection: Connection, tables: Tables) -> int:
        at = tables.notices.c
        read = _read_until(connection, wanted.actor)
        later = [
            and_(at.partition == partition, at.submission_offset >= end) for partition, end in read.items()
        ]
        where = (*_meets(tables, wanted), or_(at.partition.not_in(read), *later))
        events = select(at.partition, at.submission_offset, at.number).where(*where).distinct()
        some = events.limit(MOST_UNREAD + 1).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    return model.read(query) if wanted.receivers and wanted.units else 0


def _meets(tables: Tables, wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    at, case = tables.notices.c, tables.cases.c
    # Of a case that went on as an accusation nobody here is told anything (ADR 0035).
    is_shown = exists().where(
        case.case_id == at.case_id, case.partition == at.partition, case.status != HIDDEN
    )
    return (
        is_shown,
        at.receiver.in_(wanted.receivers),
        at.recorded_at >= wanted.since,
        at.unit.in_(wanted.units),
        # What one did oneself one knows.
        or_(at.actor.is_(None), at.actor != wanted.actor),
    )


def _read_until(connection: Connection, actor: str) -> dict[int, int]:
    mark = READ_UNTIL.c
    found = connection.execute(select(mark.partition, mark.submission_offset).where(mark.actor == actor))
    return {int(partition): int(offset) for partition, offset in found}
