"""The grievance figures, computed by SQL on the read model; equal to contracts.figures on the same cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
)

from contracts import figures as f
from contracts.base import DAY_MS
from contracts.doors import IN_PERSON
from contracts.grievance import OccurrenceKind
from contracts.months import Month, months_between
from contracts.topics import events_topic, submissions_topic
from services.projections.schema import Tables
from services.projections.scoping import conditions, month_place, place_of
from services.projections.store import ReadModel, read_positions

_FAMILY = "grievance"
_PORTION = 2000


def figures(model: ReadModel, scope: f.Scope | None = None, watching: f.Watching = f.UNWATCHED) -> f.Figures:
    """The figures of a scope as of where the read model stands. Blocks.

    Raises ReadModelUnavailableError, and ZoneInfoNotFoundError for an unknown time zone.
    """
    return model.read(partial(by_sql, scope=scope or f.Scope(), watching=watching))


def recomputed(
    model: ReadModel, scope: f.Scope | None = None, watching: f.Watching = f.UNWATCHED
) -> f.Figures:
    """The same figures computed from the cases one by one, for an audit. Blocks; raises as `figures`."""
    return model.read(partial(one_by_one, scope=scope or f.Scope(), watching=watching))


def by_sql(connection: Connection, tables: Tables, scope: f.Scope, watching: f.Watching) -> f.Figures:
    """The figures inside a transaction."""
    months = _months(connection, tables, scope)
    cases = _in_scope(tables, scope, months)
    imported = _grouped(connection, cases, cases.c.imported)
    late_entered = _grouped(connection, cases, cases.c.late_entered)
    total = _grouped(connection, cases, literal(0))
    by_zone = _grouped(connection, cases, cases.c.place)
    by_month = _grouped(connection, cases, cases.c.month)
    return f.Figures(
        **dict(total.get(0, f.count(()))),
        definition=f.definition_ref(),
        scope=scope,
        imported=imported.get(1, f.count(())),
        late_entered=late_entered.get(1, f.count(())),
        petitions=_petitions(connection, tables, scope),
        stability=f.stability(_occurred(connection, tables, scope), watching),
        by_zone=tuple(
            f.ZoneCounts(zone=zone, **dict(by_zone[zone])) for zone in sorted(by_zone, key=f.zone_order)
        ),
        by_month=tuple(
            f.MonthCounts(month=months[place].name, **dict(by_month[place])) for place in sorted(by_month)
        ),
        **standing(connection, tables)._asdict(),
    )


def one_by_one(connection: Connection, tables: Tables, scope: f.Scope, watching: f.Watching) -> f.Figures:
    """The figures by contracts.figures, from every case and occurrence of the read model."""
    now = standing(connection, tables)
    return f.compute(
        _facts(connection, tables),
        _occurrences(connection, tables),
        scope,
        watching=watching,
        as_of=now.as_of,
        undecided=now.undecided,
    )


class Standing(NamedTuple):
    """How far the figures rest on the log, and how many submissions are undecided."""

    as_of: f.AsOf
    undecided: int


def standing(connection: Connection, tables: Tables) -> Standing:
    """Where the read model stands."""
    positions = read_positions(connection, tables)
    places = sorted(place for place in positions.at if place.family == _FAMILY)
    at, ends = positions.at, positions.ends
    as_of = {
        events_topic(_FAMILY): {str(place.partition): at[place].events_offset for place in places},
        submissions_topic(_FAMILY): {str(place.partition): ends[place] for place in places},
    }
    return Standing(as_of, sum(ends[place] - at[place].decided_through for place in places))


def _months(connection: Connection, tables: Tables, scope: f.Scope) -> Sequence[Month]:
    at = tables.cases.c.lodged_at
    where = conditions(scope, tables.cases.c.unit, place_of(tables), at)
    first, last = connection.execute(select(func.min(at), func.max(at)).where(*where)).one()
    return () if first is None else months_between(first, last, scope.time_zone)


def _in_scope(tables: Tables, scope: f.Scope, months: Sequence[Month]) -> Subquery:
    """The cases in scope, with what the figures look at and the keys that they are grouped by."""
    row = tables.cases.c
    place = place_of(tables)
    return (
        select(
            row.status,
            row.overdue,
            row.overdue_historical,
            row.late,
            row.duplicate_of,
            case((row.status != "transferred", row.reply_delay)).label("reply_delay"),
            case((row.transferred_from.is_not(None), 1), else_=0).label("came"),
            place.label("place"),
            case((row.batch.is_not(None), 1), else_=0).label("imported"),
            case((_late_entered(tables), 1), else_=0).label("late_entered"),
            month_place(row.lodged_at, months).label("month"),
        )
        .where(*conditions(scope, row.unit, place, row.lodged_at))
        .subquery()
    )


def _late_entered(tables: Tables) -> ColumnElement[bool]:
    """See contracts.figures.is_late_entered."""
    row = tables.cases.c
    here = and_(row.batch.is_(None), row.transferred_from.is_(None))
    return and_(here, row.recorded_at - row.occurred_at > f.LATE_ENTRY_MS)


def _grouped(connection: Connection, cases: Subquery, key: ColumnElement[Any]) -> dict[Any, f.Counts]:
    delays = {row.key: row for row in connection.execute(_delays(cases, key))}
    counts = connection.execute(_counts(cases, key))
    return {row["key"]: _read(row, delays.get(row["key"])) for row in counts.mappings()}


def _counts(cases: Subquery, key: ColumnElement[Any]) -> Select[Any]:
    row = cases.c
    done = row.status.in_(f.DONE)
    sums = {
        "open": row.status.in_(f.OPEN),
        "closed": done,
        "not_accepted": row.status == "not_accepted",
        "withdrawn": row.status == "withdrawn",
        "merged": row.status == "merged",
        "late_aside": and_(row.status.in_(f.SET_ASIDE), row.late),
        "overdue": row.overdue,
        "overdue_historical": row.overdue_historical,
        "on_time": and_(done, ~row.late),
        "duplicates": row.duplicate_of.is_not(None),
        "replied": row.reply_delay.is_not(None),
        "received": row.came == 0,
        "transferred_in": row.came == 1,
        "transferred_out": row.status == "transferred",
    } | {f"after_{days}": row.reply_delay > days * DAY_MS for days in f.AFTER_DAYS}
    columns = [func.sum(case((which, 1), else_=0)).label(name) for name, which in sums.items()]
    keyed = key.label("key")
    return select(keyed, *columns).select_from(cases).group_by(keyed)


def _delays(cases: Subquery, key: ColumnElement[Any]) -> Select[Any]:
    """For each group, the delays at the ranks that `contracts.figures.delay_ranks` names."""
    delay = cases.c.reply_delay
    ranked = (
        select(
            key.label("key"),
            delay.label("delay"),
            (func.row_number().over(partition_by=key, order_by=delay) - 1).label("rank"),
            func.count().over(partition_by=key).label("n"),
        )
        .where(delay.is_not(None))
        .subquery()
    )
    n, rank = ranked.c.n, ranked.c.rank
    ranks = {"lower": (n - 1) // 2, "upper": n // 2, "p90": (9 * n + 9) // 10 - 1, "longest": n - 1}
    columns = [func.max(case((rank == at, ranked.c.delay))).label(name) for name, at in ranks.items()]
    return select(ranked.c.key, *columns).group_by(ranked.c.key)


def _read(row: RowMapping, delays: Any) -> f.Counts:
    number = {name: int(value) for name, value in row.items() if name != "key"}
    denominator = number["closed"] + number["overdue"] + number["late_aside"]
    named = ("lower", "upper", "p90", "longest")
    days = f.reply_days(*(int(getattr(delays, name)) for name in named)) if delays else f.ReplyDays()
    return f.Counts(
        received=number["received"],
        open=number["open"],
        closed=number["closed"],
        not_accepted=number["not_accepted"],
        withdrawn=number["withdrawn"],
        merged=number["merged"],
        overdue=number["overdue"],
        overdue_historical=number["overdue_historical"],
        on_time=f.OnTime(on_time=number["on_time"], denominator=denominator),
        duplicates=number["duplicates"],
        replied=number["replied"],
        transferred_in=number["transferred_in"],
        transferred_out=number["transferred_out"],
        reply_days=days,
        replied_after_days={str(days): number[f"after_{days}"] for days in f.AFTER_DAYS},
    )


def _petition(tables: Tables) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Of how many persons a petition that counts is, and how many representatives came; see CaseFacts."""
    row = tables.cases.c
    counts = and_(row.petitioners.is_not(None), row.transferred_from.is_(None), row.split_from.is_(None))
    came = and_(counts, row.channel.in_(sorted(IN_PERSON)))
    return case((counts, row.petitioners)), case((came, row.representatives))


def _petitions(connection: Connection, tables: Tables, scope: f.Scope) -> f.Petitions:
    persons, present = _petition(tables)
    row = tables.cases.c
    where = conditions(scope, row.unit, place_of(tables), row.lodged_at)
    sums = (func.count(persons), func.coalesce(func.sum(present), 0), func.coalesce(func.sum(persons), 0))
    found = connection.execute(select(*sums).where(*where, row.petitioners.is_not(None))).one()
    return f.Petitions(cases=int(found[0]), representatives_present=int(found[1]), persons=int(found[2]))


def _occurred(connection: Connection, tables: Tables, scope: f.Scope) -> Counter[OccurrenceKind]:
    occurrence = tables.occurrences.c
    where = conditions(scope, occurrence.unit, place_of(tables), occurrence.at)
    query = (
        select(occurrence.kind, func.count())
        .select_from(_with_case(tables))
        .where(*where)
        .group_by(occurrence.kind)
    )
    return Counter({kind: int(number) for kind, number in connection.execute(query)})


def _with_case(tables: Tables) -> Any:
    occurrence, row = tables.occurrences.c, tables.cases.c
    same = and_(row.case_id == occurrence.case_id, row.partition == occurrence.partition)
    return tables.occurrences.outerjoin(tables.cases, same)


def _facts(connection: Connection, tables: Tables) -> Iterator[f.CaseFacts]:
    row = tables.cases.c
    query = select(
        row.unit,
        place_of(tables),
        row.status,
        row.lodged_at,
        row.replied_at,
        row.closed_at,
        row.overdue,
        row.overdue_historical,
        row.late,
        row.duplicate_of,
        row.batch.is_not(None),
        _late_entered(tables),
        row.transferred_from.is_not(None),
        *_petition(tables),
    )
    streamed = connection.execute(query.execution_options(yield_per=_PORTION))
    return (f.CaseFacts(*found) for found in streamed)


def _occurrences(connection: Connection, tables: Tables) -> Iterator[f.OccurrenceFacts]:
    occurrence = tables.occurrences.c
    query = select(occurrence.kind, occurrence.unit, place_of(tables), occurrence.at)
    found = connection.execute(query.select_from(_with_case(tables)))
    return (f.OccurrenceFacts(*row) for row in found)
