"""What only the pages ask of the read model.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, and_, exists, not_, or_, select

from contracts.figures import HIDDEN
from contracts.reference import LEDGER_UNIT
from services.projections.keyset import Order, part_of
from services.projections.queries import Worklist, WorklistFilter, meets, worklist_of
from services.projections.rows import BatchRow, CaseRow, DecisionRow
from services.projections.schema import Tables, not_taken
from services.projections.store import ReadModel, read_positions
from web.paging import Cursor, Kinds, Page


class Decisions(NamedTuple):
    """One page of decisions, how many there are on all pages, and where its neighbours begin."""

    rows: tuple[DecisionRow, ...]
    total: int
    before: Cursor | None = None
    after: Cursor | None = None


BY_CHANGE: Kinds = (int, str)
"""Of what kind the places of `newest` are."""

BY_RECORD: Kinds = (int, str, int, int)
"""Of what kind the places of `not_recorded` are."""


def newest(model: ReadModel, wanted: WorklistFilter, page: Page) -> Worklist:
    """Cases like `queries.worklist`, but those first to which something happened last."""
    return model.read(partial(_newest, wanted=wanted, page=page))


def _newest(connection: Connection, tables: Tables, wanted: WorklistFilter, page: Page) -> Worklist:
    row = tables.cases.c
    order = Order((row.changed_at, row.case_id), descending=True)
    return worklist_of(part_of(connection, tables.cases, meets(tables, wanted), order, page))


def not_recorded(model: ReadModel, units: Sequence[str], outcomes: Sequence[str], page: Page) -> Decisions:
    """Decisions of these outcomes about these units, the newest first.

    With them those of the ledger itself, and those of records too broken to name a unit.
    """
    return model.read(partial(_not_recorded, units=units, outcomes=outcomes, page=page))


def _not_recorded(
    connection: Connection, tables: Tables, units: Sequence[str], outcomes: Sequence[str], page: Page
) -> Decisions:
    at = tables.decisions.c
    concerns = or_(at.unit.in_([*units, LEDGER_UNIT]), at.unit.is_(None))
    # What became of an accusation is nobody's to see but those to whom it is entrusted (ADR 0024).
    case = tables.cases.c
    became_one = exists().where(case.case_id == at.subject, case.status == HIDDEN)
    apart = or_(at.family == "accusation", and_(at.family == "grievance", became_one))
    where = (not_taken(tables.decisions), at.outcome.in_(outcomes), concerns, not_(apart))
    order = Order((at.recorded_at, at.family, at.partition, at.submission_offset), descending=True)
    part = part_of(connection, tables.decisions, where, order, page)
    return Decisions(tuple(DecisionRow._make(row) for row in part.rows), part.total, part.before, part.after)


def batch_of(model: ReadModel, case: CaseRow) -> BatchRow | None:
    """The import batch that a case came by; None for a case that was lodged here."""
    if case.batch is None:
        return None

    def query(connection: Connection, tables: Tables) -> BatchRow | None:
        at = tables.batches.c
        where = (at.family == "grievance", at.partition == case.partition, at.batch_id == case.batch)
        found = connection.execute(select(tables.batches).where(*where)).one_or_none()
        return BatchRow(*found) if found else None

    return model.read(query)


def _owner(connection: Connection, tables: Tables, partition: int, case_id: str, text: str) -> str | None:
    """The subject under whose keys a text of the case was sealed; None where no event holds it."""
    at = tables.case_events.c
    where = (at.case_id == case_id, at.partition == partition, at.data.contains(text, autoescape=True))
    for data in connection.execute(select(at.data).where(*where)).scalars():
        for value in orjson.loads(data).values():
            if isinstance(value, dict) and value.get("text") == text:
                return str(value["subject"])
    return None


class Redacted(NamedTuple):
    """Redactions as (subject of the case, text), and through where each partition was looked at."""

    texts: tuple[tuple[str, str], ...]
    through: Mapping[int, int]


def redacted_texts(model: ReadModel, since: Mapping[int, int]) -> Redacted:
    """The texts redacted from these submission offsets of each partition on (0 where none is given)."""

    def query(connection: Connection, tables: Tables) -> Redacted:
        at, row, found = tables.case_events.c, tables.cases.c, []
        positions = read_positions(connection, tables).at
        through = {
            place.partition: position.decided_through
            for place, position in positions.items()
            if place.family == "grievance"
        }
        for partition, end in through.items():
            if end <= since.get(partition, 0):
                continue
            same = and_(row.case_id == at.case_id, row.partition == at.partition)
            rows = connection.execute(
                select(at.data, at.case_id, row.story, row.came_from)
                .select_from(tables.case_events.join(tables.cases, same))
                .where(at.partition == partition, at.submission_offset >= since.get(partition, 0))
                .where(at.type == "grievance.redacted.v1")
            )
            for one in rows:
                text = str(orjson.loads(one.data)["text"])
                lodged = str(orjson.loads(one.story)["subject"])
                # What was lodged elsewhere is under the keys of the case that it was there.
                came = one.came_from is not None
                own = _owner(connection, tables, partition, one.case_id, text) if came else None
                found.append((own or lodged, text))
        return Redacted(tuple(found), through)

    return model.read(query)
