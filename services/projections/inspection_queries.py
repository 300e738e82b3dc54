"""What the read model knows of inspections. Every function blocks; each answers from one snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, select

from services.projections.place_rows import FindingRow, InspectionRow
from services.projections.schema import Tables
from services.projections.store import ReadModel

OPEN_SHOWN = 100
LATELY_SHOWN = 20


def inspected(
    model: ReadModel, unit: str, periods: Collection[str]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """(Kind, period) → the zones of a community that were inspected in it (blank: the whole)."""

    def query(connection: Connection, tables: Tables) -> Mapping[tuple[str, str], frozenset[str]]:
        at = tables.inspections.c
        rows = (
            select(at.inspection, at.period, at.zone)
            .where(at.unit == unit, at.period.in_(periods))
            .distinct()
        )
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for row in connection.execute(rows):
            found[row.inspection, row.period].add(row.zone)
        return {key: frozenset(zones) for key, zones in found.items()}

    return model.read(query)


def finding_counts(model: ReadModel, unit: str) -> tuple[int, int]:
    """How many findings of a community there are, and how many of them were put right."""

    def query(connection: Connection, tables: Tables) -> tuple[int, int]:
        at = tables.findings.c
        row = connection.execute(
            select(func.count(), func.count(at.put_right_at)).where(at.unit == unit)
        ).one()
        return int(row[0]), int(row[1])

    return model.read(query)


def open_findings(model: ReadModel, unit: str, zones: Sequence[str]) -> tuple[FindingRow, ...]:
    """The findings of these zones (blank: of the whole) that wait to be put right, the oldest first."""

    def query(connection: Connection, tables: Tables) -> tuple[FindingRow, ...]:
        at = tables.findings.c
        where = (at.unit == unit, at.put_right_at.is_(None), at.zone.in_(zones))
        rows = (
            select(tables.findings)
            .where(*where)
            .order_by(at.at, at.inspection_id, at.number)
            .limit(OPEN_SHOWN)
        )
        return tuple(FindingRow(*row) for row in connection.execute(rows))

    return model.read(query)


def inspection_by_id(model: ReadModel, inspection: str) -> InspectionRow | None:
    """The inspection of this id."""

    def query(connection: Connection, tables: Tables) -> InspectionRow | None:
        at = tables.inspections.c
        rows = select(tables.inspections).where(at.inspection_id == inspection).limit(1)
        row = connection.execute(rows).one_or_none()
        return None if row is None else InspectionRow(*row)

    return model.read(query)


def carried_out_lately(model: ReadModel, unit: str) -> tuple[InspectionRow, ...]:
    """The inspections of a community that were carried out last, the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[InspectionRow, ...]:
        at = tables.inspections.c
        rows = select(tables.inspections).where(at.unit == unit)
        rows = rows.order_by(at.at.desc(), at.inspection_id).limit(LATELY_SHOWN)
        return tuple(InspectionRow(*row) for row in connection.execute(rows))

    return model.read(query)
