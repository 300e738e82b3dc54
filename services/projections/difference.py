"""The read model in force, row by row, against a fresh fold of the log: what an audit asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from contracts.figures import UNWATCHED, Figures, Scope
from contracts.topics import events_topic
from ledger.log import EventLog
from services.projections.database import snapshot
from services.projections.figures import by_sql, one_by_one
from services.projections.rebuild import Report, build, no_report
from services.projections.rows import TableName
from services.projections.schema import KEYS, ROWS, Tables, tables_of
from services.projections.source import LogSource
from services.projections.store import ReadModel, explained, read_positions

_PORTION = 2000

ORDER: tuple[TableName, ...] = (
    "decisions",
    "case_events",
    "occurrences",
    "disappearances",
    "notices",
    "heartbeats",
    "people_events",
    "readings",
    "accusation_events",
    "mediation_events",
    "mediation_people",
    "aid_events",
    "aid_people",
    "grants",
    "fund_moves",
    "fund_events",
    "fund_entries",
    "fund_balances",
    "fund_running",
    "statement_lines",
    "pair_events",
    "pair_people",
    "pair_plans",
    "pair_visits",
    "seeker_events",
    "seeker_people",
    "placements",
    "households",
    "residents",
    "inspections",
    "findings",
    "visits",
    "opinions",
    "batches",
    "cases",
    "accusations",
    "mediations",
    "aid_requests",
    "funds",
    "pairs",
    "seekers",
    "positions",
)
"""Compared in this order: what is derived from less comes first."""


class Difference(NamedTuple):
    """Where two read models differ first.

    `key` names the row; `column` is None where one side has no such row. `live` and `fresh` say what
    stands there, at most 60 characters of it. The decision concerned stands at `topic`, `partition` and
    `offset` of the log, where that is known.
    """

    table: TableName
    key: dict[str, Any]
    column: str | None
    live: str | None
    fresh: str | None
    topic: str
    partition: int
    offset: int | None


class Compared(NamedTuple):
    """A read model held against the log: rows compared, the first difference, and the figures of both.

    `figures` are the live ones by SQL; `recomputed` come from the fresh fold, case by case, and name the
    same position.
    """

    rows: int
    difference: Difference | None
    figures: Figures
    recomputed: Figures


class Side(NamedTuple):
    """One of two read models, inside a transaction."""

    connection: Connection
    tables: Tables


async def compare_with_log(
    log: EventLog,
    live: ReadModel,
    scratch: ReadModel,
    scope: Scope | None = None,
    report: Report = no_report,
) -> Compared:
    """Fold the log afresh into `scratch`, up to where `live` stands, and compare the two.

    `scratch` must be a read model of the same ledger, new and of nobody else's. Raises
    LogUnavailableError, ReadModelUnavailableError.
    """
    source = LogSource(log, asyncio.get_running_loop())
    try:
        return await asyncio.to_thread(_compare, source, live, scratch, scope or Scope(), report)
    finally:
        source.stop()


def _compare(
    source: LogSource, live: ReadModel, scratch: ReadModel, scope: Scope, report: Report
) -> Compared:
    def query(connection: Connection, tables: Tables) -> Compared:
        _hold(connection, tables)
        positions = read_positions(connection, tables)
        until = {place: position.events_offset for place, position in positions.at.items()}
        fresh = tables_of(scratch.positions().generation)
        build(source, scratch, fresh, report, until)
        with snapshot(scratch.engine).begin() as other:
            return _held_against(Side(connection, tables), Side(other, fresh), scope)

    with explained():
        return live.read(query)


def _held_against(live: Side, fresh: Side, scope: Scope) -> Compared:
    counter = _Counter()
    difference = next(differences(live, fresh, counter), None)
    figures = by_sql(*live, scope, UNWATCHED)
    told = {"as_of": figures.as_of, "undecided": figures.undecided}
    recomputed = one_by_one(*fresh, scope, UNWATCHED).model_copy(update=told)
    return Compared(counter.rows, difference, figures, recomputed)


def _hold(connection: Connection, tables: Tables) -> None:
    """Touch every table, so that PostgreSQL lets nobody drop one before this transaction ends."""
    for name in ROWS:
        connection.execute(select(tables.named(name)).limit(1)).all()


class _Counter:
    """Counts the rows compared."""

    def __init__(self) -> None:
        self.rows = 0


def differences(live: Side, fresh: Side, counter: _Counter | None = None) -> Iterator[Difference]:
    """Every difference between two read models, at most one for each row; streams both.

    Where submissions ended when last looked at is not compared: no decision tells it.
    """
    counter = counter or _Counter()
    for name in ORDER:
        for key, ours, theirs in _paired(name, live, fresh):
            counter.rows += 1
            if ours != theirs:
                yield _difference(name, key, ours, theirs, fresh if ours is None else live)


_Values = tuple[Any, ...]


def _paired(
    name: TableName, live: Side, fresh: Side
) -> Iterator[tuple[_Values, _Values | None, _Values | None]]:
    """The rows of both sides under their keys, in the order of the keys."""
    places = [ROWS[name]._fields.index(field) for field in KEYS[name]]
    left, right = _rows(name, live), _rows(name, fresh)
    ours, theirs = next(left, None), next(right, None)
    while ours is not None or theirs is not None:
        our_key = None if ours is None else tuple(ours[place] for place in places)
        their_key = None if theirs is None else tuple(theirs[place] for place in places)
        if their_key is None or (our_key is not None and our_key < their_key):
            yield our_key or (), ours, None
            ours = next(left, None)
        elif our_key is None or their_key < our_key:
            yield their_key, None, theirs
            theirs = next(right, None)
        else:
            yield our_key, ours, theirs
            ours, theirs = next(left, None), next(right, None)


def _rows(name: TableName, side: Side) -> Iterator[_Values]:
    table = side.tables.named(name)
    columns = [table.c[field] for field in ROWS[name]._fields]
    query = select(*columns).order_by(*(table.c[field] for field in KEYS[name]))
    result = side.connection.execute(query.execution_options(yield_per=_PORTION))
    return (tuple(row) for row in result)


def _difference(
    name: TableName, key: _Values, ours: _Values | None, theirs: _Values | None, side: Side
) -> Difference:
    fields = ROWS[name]._fields
    column, live, fresh = None, None, None
    if ours is not None and theirs is not None:
        place = next(at for at, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
        column, live, fresh = fields[place], _shown(ours[place]), _shown(theirs[place])
    row = dict(zip(fields, ours or theirs or (), strict=True))
    family = _family(name, row)
    offset = _offset(name, row, side)
    named = dict(zip(KEYS[name], key, strict=True))
    return Difference(name, named, column, live, fresh, events_topic(family), row["partition"], offset)


def _shown(value: object) -> str | None:
    return None if value is None else str(value)[:60]


_STREAMS: Mapping[TableName, str] = {
    "batches": "batch_id",
    "accusations": "accusation_id",
    "mediations": "mediation_id",
    "aid_requests": "request_id",
    "funds": "fund_id",
    "pairs": "pair_id",
    "seekers": "seeker_id",
}
"""Table → the column that names a row's stream, where that is not `case_id`."""


_FAMILIES: Mapping[TableName, str] = {
    "mediation_events": "mediation",
    **dict.fromkeys(("aid_events", "grants", "fund_moves"), "aid"),
    **dict.fromkeys(("pair_events", "pair_plans", "pair_visits", "seeker_events", "placements"), "aid"),
    **dict.fromkeys(
        ("fund_events", "fund_entries", "fund_balances", "fund_running", "statement_lines"), "fund"
    ),
}
"""Table → the family whose decisions its rows come from, where they do not say it and it is not grievance."""


def _family(name: TableName, row: Mapping[str, Any]) -> str:
    """The family whose decisions this row comes from."""
    return str(row.get("family", _FAMILIES.get(name, "grievance")))


def _offset(name: TableName, row: Mapping[str, Any], side: Side) -> int | None:
    """Where the last decision about this row stands on the events partition."""
    if "events_offset" in row:
        return int(row["events_offset"])
    decisions = side.tables.decisions
    at = decisions.c
    family = _family(name, row)
    of_partition = (at.family == family, at.partition == row["partition"])
    if "submission_offset" in row and name not in _STREAMS:
        about = at.submission_offset == row["submission_offset"]
    else:
        about = at.subject == row[_STREAMS.get(name, "case_id")]
    query = select(func.max(at.events_offset)).where(*of_partition, about, at.outcome == "accepted")
    found = side.connection.execute(query).scalar_one()
    return None if found is None else int(found)
