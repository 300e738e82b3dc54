"""What the read model holds of accusations. Who may see one is not decided here: ask before showing any.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Connection, select

from contracts.tracking import digest_of
from services.projections.rows import AccusationEventRow, AccusationRow
from services.projections.schema import Tables
from services.projections.store import ReadModel

MOST_SHOWN = 500
_Which = Callable[[Tables], ColumnElement[bool]]


def of_units(model: ReadModel, units: Sequence[str]) -> tuple[AccusationRow, ...]:
    """Those received in these units, open ones first, then the newest; at most 500."""

    def query(connection: Connection, tables: Tables) -> tuple[AccusationRow, ...]:
        at = tables.accusations
        closed = at.c.status == "closed"
        order = (closed, at.c.lodged_at.desc(), at.c.accusation_id)
        found = select(at).where(at.c.unit.in_(units)).order_by(*order).limit(MOST_SHOWN)
        return tuple(AccusationRow(*row) for row in connection.execute(found))

    return model.read(query)


def by_id(model: ReadModel, accusation: str) -> AccusationRow | None:
    """The accusation of this id."""
    return _one(model, lambda tables: tables.accusations.c.accusation_id == accusation)


def by_tracking_number(model: ReadModel, number: str) -> AccusationRow | None:
    """The accusation of this tracking number."""
    return _one(model, lambda tables: tables.accusations.c.tracking == digest_of(number))


def _one(model: ReadModel, which: _Which) -> AccusationRow | None:
    def query(connection: Connection, tables: Tables) -> AccusationRow | None:
        found = connection.execute(select(tables.accusations).where(which(tables)).limit(1)).one_or_none()
        return AccusationRow(*found) if found else None

    return model.read(query)


def events_of(model: ReadModel, accusation: str) -> tuple[AccusationEventRow, ...]:
    """What happened to it, in the order of the log, readings too."""

    def query(connection: Connection, tables: Tables) -> tuple[AccusationEventRow, ...]:
        at = tables.accusation_events
        found = select(at).where(at.c.accusation_id == accusation).order_by(*at.primary_key)
        return tuple(AccusationEventRow(*row) for row in connection.execute(found))

    return model.read(query)
