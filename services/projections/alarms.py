"""Cases that may tell of danger and wait for somebody on duty: what stands at the top of their worklist."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from services.projections.reading import Opener, Words
from services.projections.rows import CaseRow
from services.projections.schema import Tables
from services.projections.store import ReadModel
from services.projections.worklist import title_of
from web.case_forms.danger import DANGERS

MOST = 20
"""How many are shown at once, those that wait longest first."""


class AlarmLine(NamedTuple):
    """One of them: the case, what stands for it, what it may tell of (a message id), and the minutes left."""

    case: CaseRow
    title: Words | None
    danger: str
    minutes_left: int


def waiting(model: ReadModel, unit: str) -> tuple[CaseRow, ...]:
    """The cases of a community that nobody on duty has looked at yet. Blocks."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseRow, ...]:
        row = tables.cases.c
        where = (row.danger_due_at.is_not(None), row.unit == unit)
        found = select(tables.cases).where(*where).order_by(row.danger_due_at, row.case_id).limit(MOST)
        return tuple(CaseRow(*one) for one in connection.execute(found))

    return model.read(query)


def alarm_line(case: CaseRow, opener: Opener, now: int) -> AlarmLine:
    """One of them as the list shows it."""
    left = 0 if case.danger_due_at is None else (case.danger_due_at - now) // 60_000
    return AlarmLine(case, title_of(case, opener), dict(DANGERS).get(case.danger or "", ""), left)
