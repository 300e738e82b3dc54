"""What the read model holds of pairs and of employment help. Who may read what was said is not decided here.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select, union

from services.projections.helping_rows import HelpingPersonRow, PairRow, SeekerRow
from services.projections.keyset import Order, part_of
from services.projections.rows import CaseEventRow
from services.projections.schema import Tables, due_order
from services.projections.store import ReadModel
from web.paging import Cursor, Page

_MOST = 100

SeekerView = Literal["looking", "in_work", "asking_due", "ended"]


class ListedPairs(NamedTuple):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    rows: tuple[PairRow, ...]
    total: int
    before: Cursor | None
    after: Cursor | None


class ListedSeekers(NamedTuple):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    rows: tuple[SeekerRow, ...]
    total: int
    before: Cursor | None
    after: Cursor | None


def pairs_listed(model: ReadModel, unit: str, page: Page, *, ended: bool) -> ListedPairs:
    """The pairs of a community that stand, or that ended: those with a plan that is due first, then the newest."""

    def query(connection: Connection, tables: Tables) -> ListedPairs:
        at = tables.pairs.c
        where = (at.unit == unit, at.ended.is_not(None) if ended else at.ended.is_(None))
        order = Order((due_order(tables.pairs), -at.began_at, at.pair_id))
        part = part_of(connection, tables.pairs, where, order, page)
        rows = tuple(PairRow._make(row) for row in part.rows)
        return ListedPairs(rows, part.total, part.before, part.after)

    return model.read(query)


def seekers_listed(model: ReadModel, unit: str, view: SeekerView, page: Page, now: int) -> ListedSeekers:
    """Who looks for work, is in work, is to be asked after, or whose help has ended: who is due first, then the newest.

    `now` in milliseconds. Who is to be asked is asked from the beginning of the day at whose end the term is over.
    """

    def query(connection: Connection, tables: Tables) -> ListedSeekers:
        at = tables.seekers.c
        views: dict[SeekerView, tuple[ColumnElement[bool], ...]] = {
            "looking": (at.ended.is_(None), at.kind.is_(None)),
            "in_work": (at.ended.is_(None), at.kind.is_not(None)),
            "asking_due": (at.ended.is_(None), at.due_at <= now),
            "ended": (at.ended.is_not(None),),
        }
        order = Order((due_order(tables.seekers), -at.registered_at, at.seeker_id))
        part = part_of(connection, tables.seekers, (at.unit == unit, *views[view]), order, page)
        rows = tuple(SeekerRow._make(row) for row in part.rows)
        return ListedSeekers(rows, part.total, part.before, part.after)

    return model.read(query)


def pair_by_id(model: ReadModel, pair: str) -> PairRow | None:
    """The pair of this id."""

    def query(connection: Connection, tables: Tables) -> PairRow | None:
        found = select(tables.pairs).where(tables.pairs.c.pair_id == pair)
        row = connection.execute(found.limit(1)).one_or_none()
        return None if row is None else PairRow(*row)

    return model.read(query)


def seeker_by_id(model: ReadModel, seeker: str) -> SeekerRow | None:
    """The employment case of this id."""

    def query(connection: Connection, tables: Tables) -> SeekerRow | None:
        found = select(tables.seekers).where(tables.seekers.c.seeker_id == seeker)
        row = connection.execute(found.limit(1)).one_or_none()
        return None if row is None else SeekerRow(*row)

    return model.read(query)


def events_of(model: ReadModel, stream: str) -> tuple[CaseEventRow, ...]:
    """What happened to a pair or an employment case, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseEventRow, ...]:
        at = tables.pair_events if stream.startswith("pai_") else tables.seeker_events
        found = select(at).where(at.c.case_id == stream).order_by(*at.primary_key)
        return tuple(CaseEventRow(*row) for row in connection.execute(found))

    return model.read(query)


def people_of(model: ReadModel, subject: str) -> tuple[HelpingPersonRow, ...]:
    """The pairs and employment cases that hold somebody's name, and what part they had in each."""

    def query(connection: Connection, tables: Tables) -> tuple[HelpingPersonRow, ...]:
        at, other = tables.pair_people, tables.seeker_people
        both = union(*(select(one).where(one.c.subject == subject) for one in (at, other)))
        return tuple(HelpingPersonRow(*row) for row in connection.execute(both.order_by("stream_id")))

    return model.read(query)


def pairs_of(model: ReadModel, household: str, subjects: Sequence[str]) -> tuple[PairRow, ...]:
    """The standing pairs in which this household, or one of these people, is helped; the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[PairRow, ...]:
        at = tables.pairs.c
        where = (at.ended.is_(None), or_(at.household == household, at.helped.in_(subjects)))
        found = select(tables.pairs).where(*where).order_by(at.began_at.desc(), at.pair_id).limit(_MOST)
        return tuple(PairRow(*row) for row in connection.execute(found))

    return model.read(query)


def seekers_of(model: ReadModel, household: str, subjects: Sequence[str]) -> tuple[SeekerRow, ...]:
    """The open employment cases of this household, or of one of these people; the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[SeekerRow, ...]:
        at = tables.seekers.c
        where = (at.ended.is_(None), or_(at.household == household, at.person.in_(subjects)))
        found = select(tables.seekers).where(*where).order_by(at.registered_at.desc(), at.seeker_id)
        return tuple(SeekerRow(*row) for row in connection.execute(found.limit(_MOST)))

    return model.read(query)
