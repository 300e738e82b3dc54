"""The ledger of disappearances as the read model has it; see contracts.disappearances."""

from __future__ import annotations

from functools import partial
from typing import get_args

from sqlalchemy import Connection, func, select

from contracts.disappearances import Disappearance, Ledger, Line
from contracts.figures import Scope
from services.projections.figures import standing
from services.projections.rows import DisappearanceRow
from services.projections.schema import Tables
from services.projections.scoping import conditions
from services.projections.store import ReadModel


def ledger(model: ReadModel, scope: Scope, most: int | None = None) -> Ledger:
    """What disappeared in the scope's units, recorded between its times: all that is counted, and the newest `most` lines.

    Blocks. Raises ReadModelUnavailableError.
    """
    return model.read(partial(_ledger, scope=scope, most=most))


def _ledger(connection: Connection, tables: Tables, scope: Scope, most: int | None) -> Ledger:
    row = tables.disappearances.c
    where = conditions(scope, row.unit, row.unit, row.recorded_at)
    per_kind = select(row.what, func.count()).where(*where).group_by(row.what)
    counted: dict[str, int] = dict(connection.execute(per_kind).all())
    newest = (row.recorded_at.desc(), row.partition, row.submission_offset.desc(), row.number.desc())
    query = select(tables.disappearances).where(*where).order_by(*newest).limit(most)
    return Ledger(
        unit=scope.unit or "",
        since=scope.since or 0,
        until=scope.until,
        counts={what: counted.get(what, 0) for what in get_args(Disappearance)},
        lines=tuple(_line(DisappearanceRow(*found)) for found in connection.execute(query)),
        **standing(connection, tables)._asdict(),
    )


def _line(row: DisappearanceRow) -> Line:
    return Line(
        what=row.what,
        case=row.case_id,
        unit=row.unit,
        at=row.recorded_at,
        partition=row.partition,
        offset=row.events_offset,
        actor=row.actor,
        role=row.role,
        goes_on=row.goes_on,
        reason=row.reason,
        was=None if row.was_kind is None or row.was_severity is None else (row.was_kind, row.was_severity),
        became=None if row.kind is None or row.severity is None else (row.kind, row.severity),
    )
