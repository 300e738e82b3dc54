"""What the read model knows of households and residents. Every function blocks.

Each answers from one snapshot and may raise ReadModelUnavailableError.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from services.projections.keyset import Order, part_of
from services.projections.place_rows import HouseholdRow, ResidentRow
from services.projections.rows import CaseRow
from services.projections.schema import Tables
from services.projections.store import ReadModel
from web.paging import Cursor, Kinds, Page

_ENDED = ("closed", "not_accepted")
CASES_SHOWN = 50


class Households(NamedTuple):
    """One page of households, and how many there are; `residents`: of all of them, the erased too.

    `before` and `after`: where the neighbouring pages begin.
    """

    rows: tuple[HouseholdRow, ...]
    total: int
    residents: int
    before: Cursor | None
    after: Cursor | None


BY_ENTRY: Kinds = (int, str)
"""Of what kind the places of `households_of` are."""


class HouseholdView(NamedTuple):
    """A household, who lives in it, and who lived in it last before they moved."""

    household: HouseholdRow
    residents: tuple[ResidentRow, ...]
    former: tuple[ResidentRow, ...]
    cases: tuple[CaseRow, ...]


def households_of(model: ReadModel, unit: str, zones: Collection[str], page: Page) -> Households:
    """The households of these zones of a community that have not ended, the first entered first."""

    def query(connection: Connection, tables: Tables) -> Households:
        at = tables.households.c
        where = (at.unit == unit, at.zone.in_(zones), at.ended_at.is_(None))
        counted = select(func.count(), func.coalesce(func.sum(at.residents), 0)).where(*where)
        total, residents = connection.execute(counted).one()
        order = Order((at.entered_at, at.household_id))
        part = part_of(connection, tables.households, where, order, page)
        found = tuple(HouseholdRow._make(row) for row in part.rows)
        return Households(found, int(total), int(residents), part.before, part.after)

    return model.read(query)


def household_by_id(model: ReadModel, household: str) -> HouseholdView | None:
    """The household of this id; `cases`: those of its residents that are not over, the newest first."""

    def query(connection: Connection, tables: Tables) -> HouseholdView | None:
        at, case = tables.residents.c, tables.cases.c
        where = tables.households.c.household_id == household
        found = connection.execute(select(tables.households).where(where).limit(1)).one_or_none()
        if found is None:
            return None
        rows = (
            select(tables.residents).where(at.household == household).order_by(at.entered_at, at.resident_id)
        )
        people = [ResidentRow(*row) for row in connection.execute(rows)]
        here = tuple(one for one in people if one.state == "here")
        theirs = (case.reporter.in_([one.subject for one in here]), case.status.not_in(_ENDED))
        cases = select(tables.cases).where(*theirs).order_by(case.lodged_at.desc()).limit(CASES_SHOWN)
        open_ones = tuple(CaseRow(*row) for row in connection.execute(cases))
        gone = tuple(one for one in people if one.state != "here")
        return HouseholdView(HouseholdRow(*found), here, gone, open_ones)

    return model.read(query)


def on_the_way(model: ReadModel, unit: str) -> tuple[ResidentRow, ...]:
    """Who moved out of a household of this community to another that has not received them."""

    def query(connection: Connection, tables: Tables) -> tuple[ResidentRow, ...]:
        at = tables.residents.c
        where = (at.unit == unit, at.state == "on_the_way")
        rows = (
            select(tables.residents).where(*where).order_by(at.entered_at, at.resident_id).limit(CASES_SHOWN)
        )
        return tuple(ResidentRow(*row) for row in connection.execute(rows))

    return model.read(query)


def residents_of(model: ReadModel, subject: str) -> tuple[ResidentRow, ...]:
    """Every resident whose data are this subject's."""

    def query(connection: Connection, tables: Tables) -> tuple[ResidentRow, ...]:
        at = tables.residents.c
        rows = select(tables.residents).where(at.subject == subject).order_by(at.entered_at, at.resident_id)
        return tuple(ResidentRow(*row) for row in connection.execute(rows))

    return model.read(query)


def living_subjects(model: ReadModel, unit: str) -> frozenset[str]:
    """The subjects of everybody who lives in a household of this community, or is on the way to one."""

    def query(connection: Connection, tables: Tables) -> frozenset[str]:
        at = tables.residents.c
        where = (at.unit == unit, at.state != "away")
        return frozenset(row.subject for row in connection.execute(select(at.subject).where(*where)))

    return model.read(query)


def resident_by_id(model: ReadModel, resident: str) -> ResidentRow | None:
    """The resident of this id."""

    def query(connection: Connection, tables: Tables) -> ResidentRow | None:
        at = tables.residents.c
        row = connection.execute(
            select(tables.residents).where(at.resident_id == resident).limit(1)
        ).one_or_none()
        return None if row is None else ResidentRow(*row)

    return model.read(query)


def households_by_prefix(model: ReadModel, unit: str, prefix: str) -> tuple[str, ...]:
    """The ids of the households of a community that begin so: one, but for a chance in billions."""

    def query(connection: Connection, tables: Tables) -> tuple[str, ...]:
        at = tables.households.c
        where = (at.household_id >= prefix, at.household_id < f"{prefix}g", at.unit == unit)
        return tuple(
            row.household_id for row in connection.execute(select(at.household_id).where(*where).limit(2))
        )

    return model.read(query)


class CommunityHomes(NamedTuple):
    """The households of a community that have not ended, each with everybody who ever lived in it as last known.

    `ended`: how many have ended.
    """

    homes: tuple[tuple[HouseholdRow, tuple[ResidentRow, ...]], ...]
    ended: int


def community_homes(model: ReadModel, unit: str) -> CommunityHomes:
    """All households of a community, by zone and as they were entered: for lists."""

    def query(connection: Connection, tables: Tables) -> CommunityHomes:
        home, at = tables.households.c, tables.residents.c
        people: dict[str, list[ResidentRow]] = {}
        theirs = select(tables.residents).where(at.unit == unit).order_by(at.entered_at, at.resident_id)
        for row in connection.execute(theirs):
            one = ResidentRow(*row)
            people.setdefault(one.household, []).append(one)
        order = (home.zone, home.entered_at, home.household_id)
        every = select(tables.households).where(home.unit == unit).order_by(*order)
        found = [HouseholdRow(*row) for row in connection.execute(every)]
        standing = [row for row in found if row.ended_at is None]
        homes = tuple((row, tuple(people.get(row.household_id, ()))) for row in standing)
        return CommunityHomes(homes, len(found) - len(standing))

    return model.read(query)
