"""How a fold's changes get into the tables, and what it has to read first. Runs inside a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, literal, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.projections.aid_rows import BalanceRow, FundRow, RunningRow
from services.projections.filed import Filed
from services.projections.fold import Fold, Needs
from services.projections.place_rows import (
    FindingRow,
    HouseholdRow,
    OpinionRow,
    PlaceRow,
    ResidentRow,
    VisitRow,
)
from services.projections.rows import AccusationRow, BatchRow, CaseEventRow, CaseRow, Position, Row
from services.projections.schema import CHANGING, KEYS, Tables

_KEYS_PER_QUERY = 1000


def move(connection: Connection, tables: Tables, before: Position, after: Position, end: int) -> bool:
    """Move a position on, if it still stands where it was; False where somebody else moved it.

    `end`: where the partition's submissions ended when last looked at.
    """
    at = tables.positions.c
    statement = (
        update(tables.positions)
        .where(
            at.family == before.family,
            at.partition == before.partition,
            at.events_offset == before.events_offset,
            at.decided_through == before.decided_through,
            at.previous == before.previous,
        )
        .values(**after._asdict(), submissions_end=max(end, after.decided_through))
    )
    return connection.execute(statement).rowcount == 1


def load(connection: Connection, tables: Tables, position: Position, wanted: Needs) -> Fold:
    """A fold that holds what is wanted, and every import batch of the partition.

    The title and story of a loaded case are left out: no event changes them.
    """
    fold = Fold(position.family, position.partition)
    batches = tables.batches
    of_partition = (batches.c.family == position.family, batches.c.partition == position.partition)
    for row in connection.execute(select(batches).where(*of_partition)):
        batch = BatchRow(*row)
        fold.batches[batch.batch_id] = batch
    if position.family == "grievance":
        fold.hold(_cases(connection, tables, position.partition, wanted))
    if position.family == "accusation":
        at = tables.accusations
        for keys in _chunks(wanted.cases):
            found = select(at).where(at.c.partition == position.partition, at.c.accusation_id.in_(keys))
            held = (AccusationRow(*row) for row in connection.execute(found))
            fold.accusations.update({row.accusation_id: row for row in held})
    if position.family == "mediation":
        of_mediations = (tables.mediations, tables.mediation_events, tables.mediation_people)
        _hold_filed(connection, of_mediations, position.partition, wanted, fold.mediations)
    if position.family == "aid":
        of_requests = (tables.aid_requests, tables.aid_events, tables.aid_people)
        _hold_filed(connection, of_requests, position.partition, wanted, fold.requests)
        of_pairs = (tables.pairs, tables.pair_events, tables.pair_people)
        _hold_filed(connection, of_pairs, position.partition, wanted, fold.pairs)
        of_seekers = (tables.seekers, tables.seeker_events, tables.seeker_people)
        _hold_filed(connection, of_seekers, position.partition, wanted, fold.seekers)
    if position.family == "fund":
        _hold_funds(connection, tables, position.partition, wanted, fold)
    if position.family == "people":
        fold.places.hold(_places(connection, tables, position.partition, wanted))
    return fold


def _cases(connection: Connection, tables: Tables, partition: int, wanted: Needs) -> Iterable[CaseRow]:
    cases = tables.cases
    left_out: dict[str, ColumnElement[Any]] = {"title": null(), "story": literal("")}
    columns = [left_out.get(column.name, column) for column in cases.columns]
    query = select(*columns).where(cases.c.partition == partition)
    for keys in _chunks(wanted.cases):
        for row in connection.execute(query.where(cases.c.case_id.in_(keys))):
            yield CaseRow(*row)
    for keys in _chunks(wanted.imports):
        open_ones = query.where(cases.c.batch.in_(keys), cases.c.due_deadline.is_not(None))
        for row in connection.execute(open_ones):
            yield CaseRow(*row)


def _places(connection: Connection, tables: Tables, partition: int, wanted: Needs) -> Iterable[PlaceRow]:
    households, residents, findings = tables.households.c, tables.residents.c, tables.findings.c
    for keys in _chunks(wanted.cases):
        where = (households.partition == partition, households.household_id.in_(keys))
        for row in connection.execute(select(tables.households).where(*where)):
            yield HouseholdRow(*row)
        of = (findings.partition == partition, findings.inspection_id.in_(keys))
        for row in connection.execute(select(tables.findings).where(*of)):
            yield FindingRow(*row)
        yield from _visits(connection, tables, partition, keys)
    for keys in _chunks(wanted.residents):
        where = (residents.partition == partition, residents.resident_id.in_(keys))
        for row in connection.execute(select(tables.residents).where(*where)):
            yield ResidentRow(*row)


def _visits(
    connection: Connection, tables: Tables, partition: int, keys: Sequence[str]
) -> Iterable[PlaceRow]:
    visits, opinions = tables.visits, tables.opinions
    where = (visits.c.partition == partition, visits.c.visit_id.in_(keys))
    for row in connection.execute(select(visits).where(*where)):
        yield VisitRow(*row)
    of = (opinions.c.partition == partition, opinions.c.visit_id.in_(keys))
    for row in connection.execute(select(opinions).where(*of)):
        yield OpinionRow(*row)


def _hold_filed(
    connection: Connection,
    tables: tuple[Table, Table, Table],
    partition: int,
    wanted: Needs,
    filed: Filed[Any, Any, Any],
) -> None:
    """Hold the streams that are wanted: their rows, all that happened to them, and who is named in them."""
    row, event, person = tables
    key = row.c[2]
    for keys in _chunks(wanted.cases):
        rows = select(row).where(row.c.partition == partition, key.in_(keys))
        events = select(event).where(event.c.partition == partition, event.c.case_id.in_(keys))
        in_order = events.order_by(*event.primary_key)
        people = select(person).where(person.c.partition == partition, person.c[2].in_(keys))
        filed.hold(
            {one[2]: filed.kind.row(*one) for one in connection.execute(rows)},
            [CaseEventRow(*one) for one in connection.execute(in_order)],
            [filed.kind.person(*one) for one in connection.execute(people)],
        )


def _hold_funds(connection: Connection, tables: Tables, partition: int, wanted: Needs, fold: Fold) -> None:
    for keys in _chunks(wanted.cases):

        def found(table: Table, keys: Sequence[str] = keys) -> Iterable[Any]:
            where = (table.c.partition == partition, table.c.fund_id.in_(keys))
            return connection.execute(select(table).where(*where))

        fold.funds.hold(
            [FundRow(*row) for row in found(tables.funds)],
            [BalanceRow(*row) for row in found(tables.fund_balances)],
            [RunningRow(*row) for row in found(tables.fund_running)],
        )


def _chunks(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[at : at + _KEYS_PER_QUERY] for at in range(0, len(keys), _KEYS_PER_QUERY))


def save(connection: Connection, tables: Tables, fold: Fold) -> None:
    """Write what the fold changed."""
    _insert(connection, tables.decisions, fold.decisions)
    _insert(connection, tables.case_events, fold.events)
    _insert(connection, tables.occurrences, fold.occurrences)
    _insert(connection, tables.disappearances, fold.disappearances)
    _insert(connection, tables.notices, fold.notices)
    _insert(connection, tables.heartbeats, fold.heartbeats)
    _insert(connection, tables.people_events, fold.people)
    _insert(connection, tables.readings, fold.readings)
    _insert(connection, tables.accusation_events, fold.accusation_events)
    changed = [fold.accusations[key] for key in fold.changed_accusations]
    _upsert(connection, tables.accusations, KEYS["accusations"], changed)
    _insert(connection, tables.mediation_events, fold.mediations.events)
    _insert(connection, tables.mediation_people, fold.mediations.new_people)
    _upsert(connection, tables.mediations, KEYS["mediations"], fold.mediations.moved())
    _save_aid(connection, tables, fold)
    _save_helping(connection, tables, fold)
    for name, rows in fold.places.rows(changed=True).items():
        _upsert(connection, tables.named(name), KEYS[name], rows)
    _upsert(connection, tables.batches, KEYS["batches"], [fold.batches[key] for key in fold.changed_batches])
    _upsert(connection, tables.cases, KEYS["cases"], [fold.cases[key] for key in fold.new])
    _update_cases(connection, tables.cases, [fold.cases[key] for key in fold.changed - fold.new])


def _save_aid(connection: Connection, tables: Tables, fold: Fold) -> None:
    requests, funds = fold.requests, fold.funds
    _insert(connection, tables.aid_events, requests.events)
    _insert(connection, tables.aid_people, requests.new_people)
    _insert(connection, tables.grants, requests.grants)
    _insert(connection, tables.fund_moves, requests.moves)
    _upsert(connection, tables.aid_requests, KEYS["aid_requests"], requests.moved())
    _insert(connection, tables.fund_events, funds.events)
    _insert(connection, tables.fund_entries, funds.entries)
    _insert(connection, tables.statement_lines, funds.lines)
    _upsert(connection, tables.funds, KEYS["funds"], [funds.rows[key] for key in funds.changed])
    balances = [funds.balances[key] for key in funds.changed_balances]
    _upsert(connection, tables.fund_balances, KEYS["fund_balances"], balances)
    running = [funds.running[key] for key in funds.changed_running]
    _upsert(connection, tables.fund_running, KEYS["fund_running"], running)


def _save_helping(connection: Connection, tables: Tables, fold: Fold) -> None:
    pairs, seekers = fold.pairs, fold.seekers
    _insert(connection, tables.pair_events, pairs.events)
    _insert(connection, tables.pair_people, pairs.new_people)
    _insert(connection, tables.pair_visits, pairs.visits)
    _upsert(connection, tables.pairs, KEYS["pairs"], pairs.moved())
    plans = [pairs.plans[key] for key in pairs.changed_plans]
    _upsert(connection, tables.pair_plans, KEYS["pair_plans"], plans)
    _insert(connection, tables.seeker_events, seekers.events)
    _insert(connection, tables.seeker_people, seekers.new_people)
    _upsert(connection, tables.seekers, KEYS["seekers"], seekers.moved())
    placements = [seekers.placements[key] for key in seekers.changed_placements]
    _upsert(connection, tables.placements, KEYS["placements"], placements)


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(table.insert(), [row._asdict() for row in rows])


def dialect_of(name: str) -> Any:
    """SQLAlchemy's module for a database: each has its own statement that inserts or updates."""
    return postgresql if name == "postgresql" else sqlite


def _upsert(connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = dialect_of(connection.dialect.name).insert(table)
    others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key}
    statement = statement.on_conflict_do_update(index_elements=key, set_=others)
    connection.execute(statement, [row._asdict() for row in rows])


def _update_cases(connection: Connection, cases: Table, rows: Sequence[CaseRow]) -> None:
    if not rows:
        return
    same = [cases.c[name] == bindparam(f"key_{name}") for name in KEYS["cases"]]
    statement = update(cases).where(*same).values({name: bindparam(name) for name in CHANGING})
    connection.execute(statement, [_changes(row) for row in rows])


def _changes(row: CaseRow) -> dict[str, Any]:
    changes = {name: getattr(row, name) for name in CHANGING}
    return changes | {f"key_{name}": getattr(row, name) for name in KEYS["cases"]}
