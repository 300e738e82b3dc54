"""Rebuilding the read model beside the one in force, from offset 0, and switching to it (invariant 15)."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, MetaData, Table, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from ledger.log import EventLog, Record
from services.projections.bulk import BulkWriter
from services.projections.database import cause, lock_shape, writing
from services.projections.fold import Cursor, Fold, admit, first_position
from services.projections.rows import Position
from services.projections.schema import PROJECTION_VERSION, READ_MODEL, ROWS, Tables, tables_of
from services.projections.source import LogSource
from services.projections.store import (
    Place,
    Positions,
    ReadModel,
    explained,
    fold_into,
    make_indices,
    make_tables,
    read_positions,
)
from services.projections.writing import move

_PORTION = 4000
"""How many decisions are folded before their rows are handed to the database."""

_COLLECT_AFTER = 100_000

_DROP_MILLISECONDS = 10_000
"""How long to wait for whoever still reads a table that is to go."""


class Progress(NamedTuple):
    """How many records of the events partitions have been folded, of how many."""

    done: int
    total: int


Report = Callable[[Progress], None]
"""Called from the thread that builds."""


def no_report(_progress: Progress) -> None:
    """Tell nobody."""


class Rebuilt(NamedTuple):
    """A generation that was built: its number, and how many records were read and rows written."""

    generation: int
    records: int
    rows: int


class RebuildOvertakenError(Exception):
    """Another rebuild has been switched to meanwhile: its generation is in force."""


async def rebuild(log: EventLog, model: ReadModel, report: Report = no_report) -> Rebuilt:
    """Build a new generation from the log, put it in force, and drop the older ones.

    Whoever follows the log meanwhile finds the new generation in force and goes on from there. Raises
    LogUnavailableError, ReadModelUnavailableError, RebuildOvertakenError; then the old one stays in force.
    """
    source = LogSource(log, asyncio.get_running_loop())
    try:
        with _collecting_seldom():
            return await asyncio.to_thread(_rebuild, source, model, report)
    finally:
        source.stop()


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Rows are many and in no cycle: looking for cycles among them takes a sixth of a rebuild's time."""
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _rebuild(source: LogSource, model: ReadModel, report: Report) -> Rebuilt:
    with explained():
        tables = begin_generation(model)
        try:
            built = build(source, model, tables, report)
            with writing(model.engine).begin() as connection:
                make_indices(connection, tables)
            switch(source, model, tables)
        except BaseException:
            drop_generations(model, [tables.generation])
            raise
        drop_generations(model, _older(model, tables.generation))
        return built


def begin_generation(model: ReadModel) -> Tables:
    """Create the empty tables of a new generation, which is not in force and has no indices yet."""
    with writing(model.engine).begin() as connection:
        lock_shape(connection)
        number = int(connection.execute(select(READ_MODEL.c.last_generation)).scalar_one()) + 1
        connection.execute(update(READ_MODEL).values(last_generation=number))
        tables = tables_of(number)
        make_tables(connection, model.ledger, model.places(), tables)
    return tables


def build(
    source: LogSource,
    model: ReadModel,
    tables: Tables,
    report: Report = no_report,
    until: Mapping[Place, int] | None = None,
) -> Rebuilt:
    """Fold every events partition into these empty tables, up to its end or to offset `until`."""
    ends = {place: source.end(place) for place in model.places()} if until is None else dict(until)
    progress = Progress(0, sum(ends.values()))
    positions = []
    with BulkWriter(model.engine, tables) as writer:
        for place, end in ends.items():
            at = _PlaceBuild(first_position(*place, model.ledger), writer)
            for records in source.portions(place, 0, end):
                at.take(records)
                progress = progress._replace(done=progress.done + len(records))
                report(progress)
            positions.append(at.finish())
    with writing(model.engine).begin() as connection:
        for position in positions:
            start = first_position(position.family, position.partition, model.ledger)
            move(connection, tables, start, position, 0)
    return Rebuilt(tables.generation, progress.done, writer.rows)


class _PlaceBuild:
    """The fold of one partition from its start on, its rows handed to the writer as they come."""

    def __init__(self, start: Position, writer: BulkWriter) -> None:
        self._cursor = Cursor(start)
        self._fold = Fold(start.family, start.partition)
        self._writer = writer

    def take(self, records: Sequence[Record]) -> None:
        """Fold the next records. One by one, so that what was decoded is gone before the next."""
        cursor, fold = self._cursor, self._fold
        for record in records:
            taken = cursor.take(record)
            if taken is not None:
                fold.take(taken)
        if len(fold.decisions) >= _PORTION:
            self._flush()

    def finish(self) -> Position:
        """Hand over what is left, and the cases; return the position."""
        self._flush()
        fold = self._fold
        self._writer.write(
            {
                "batches": list(fold.batches.values()),
                "accusations": list(fold.accusations.values()),
                "mediations": list(fold.mediations.rows.values()),
                "mediation_people": list(fold.mediations.people.values()),
                "aid_requests": list(fold.requests.rows.values()),
                "aid_people": list(fold.requests.people.values()),
                "funds": list(fold.funds.rows.values()),
                "fund_balances": list(fold.funds.balances.values()),
                "fund_running": list(fold.funds.running.values()),
                "pairs": list(fold.pairs.rows.values()),
                "pair_people": list(fold.pairs.people.values()),
                "pair_plans": list(fold.pairs.plans.values()),
                "seekers": list(fold.seekers.rows.values()),
                "seeker_people": list(fold.seekers.people.values()),
                "placements": list(fold.seekers.placements.values()),
            }
        )
        self._writer.write(fold.places.rows())
        cases = iter(fold.cases.values())
        while portion := list(islice(cases, _PORTION)):
            self._writer.write({"cases": portion})
        return self._cursor.position

    def _flush(self) -> None:
        fold = self._fold
        self._writer.write(
            {
                "decisions": fold.decisions,
                "case_events": fold.events,
                "occurrences": fold.occurrences,
                "disappearances": fold.disappearances,
                "notices": fold.notices,
                "heartbeats": fold.heartbeats,
                "people_events": fold.people,
                "readings": fold.readings,
                "accusation_events": fold.accusation_events,
                "mediation_events": fold.mediations.events,
                "aid_events": fold.requests.events,
                "grants": fold.requests.grants,
                "fund_moves": fold.requests.moves,
                "fund_events": fold.funds.events,
                "fund_entries": fold.funds.entries,
                "statement_lines": fold.funds.lines,
                "pair_events": fold.pairs.events,
                "pair_visits": fold.pairs.visits,
                "seeker_events": fold.seekers.events,
            }
        )
        fold.drain()


def switch(source: LogSource, model: ReadModel, tables: Tables) -> None:
    """Put the generation in force, no less far than the one that it replaces.

    The lock keeps whoever follows the log from going on in the old one, so what that one is ahead by
    is folded here.
    """
    with writing(model.engine).begin() as connection:
        row = connection.execute(select(READ_MODEL).with_for_update()).one()
        if row.generation > tables.generation:
            raise RebuildOvertakenError
        if row.projection_version == PROJECTION_VERSION:
            old = read_positions(connection, tables_of(row.generation))
            _reach(source, connection, tables, old)
        values = {"generation": tables.generation, "projection_version": PROJECTION_VERSION}
        connection.execute(update(READ_MODEL).values(values))


def _reach(source: LogSource, connection: Connection, tables: Tables, old: Positions) -> None:
    for place, at in read_positions(connection, tables).at.items():
        start = at
        for records in source.portions(place, at.events_offset, old.at[place].events_offset):
            taken, after = admit(start, records)
            fold_into(connection, tables, start, taken)
            move(connection, tables, start, after, 0)
            start = after
        move(connection, tables, start, start, old.ends[place])


def drop_generations(model: ReadModel, numbers: Collection[int]) -> None:
    """Drop the tables of these generations; one that cannot be dropped is left to the next rebuild."""
    with model.engine.connect() as connection:
        names = inspect(connection).get_table_names()
    wanted = {f"g{number}_{name}" for number in numbers for name in ROWS}
    for name in sorted(wanted.intersection(names)):
        try:
            with writing(model.engine).begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"SET LOCAL lock_timeout = {_DROP_MILLISECONDS}"))
                Table(name, MetaData()).drop(connection)
        except DBAPIError as error:
            structlog.get_logger("rebuild").warning("table kept", table=name, reason=cause(error))


def _older(model: ReadModel, generation: int) -> list[int]:
    with model.engine.connect() as connection:
        names = inspect(connection).get_table_names()
    found = {int(match[1]) for name in names if (match := re.match(r"g(\d+)_", name))}
    return sorted(number for number in found if number < generation)
