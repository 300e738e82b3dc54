"""A handler's worklist and a case's page among a million cases, against the same among ten thousand.

The rows are written straight into the read model's tables by COPY: a history, 40 handlers, and 60 open cases of
each, however long the history. What is measured is what the pages ask of the database: the list with its count,
and a case with its events, what was turned down, its import, and the other cases of who lodged it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from statistics import median

from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier

from benchmarks.measure import Bench, Result
from contracts.base import DAY_MS
from runtime.genesis import Ledger
from services.projections import queries
from services.projections.page_queries import batch_of
from services.projections.queries import WorklistFilter
from services.projections.rows import CaseEventRow, CaseRow, DecisionRow
from services.projections.schema import tables_of
from services.projections.similar import candidates
from services.projections.store import ReadModel, make_indices
from tests.support.partitions import GENESIS, GENESIS_HASH
from web.paging import Page

MANY, FEW = 1_000_000, 10_000
HANDLERS, OPEN = 40, 60
STEPS = 3
"""Events and decisions of each case."""

VISITS = 200
"""Lists and pages asked for in each round."""

_BEGIN = GENESIS.created_at
_UNIT = "demo"
_SEALED = '{"subject":"sub_%s","sealed":"%s"}' % ("0" * 32, "A" * 240)  # noqa: UP031 - braces are its text


def worklist_scale(bench: Bench) -> Result:
    """Pages a second among many cases; the yardstick among few. The goal 0.67 is 1.5 times as long."""
    few, many = min(FEW, bench.count(MANY)), bench.count(MANY)
    sides = [(_filled(bench.postgresql(), count), count) for count in (few, many)]
    times: dict[tuple[int, str], list[float]] = {}
    for _ in range(bench.rounds):
        for side, (model, count) in enumerate(sides):
            for name, seconds in _visits(model, count).items():
                times.setdefault((side, name), []).append(seconds)
    for model, _ in sides:
        model.close()
    ms = {key: 1000 * median(values) for key, values in times.items()}
    both = [ms[side, "list"] + ms[side, "page"] for side in (0, 1)]
    parts = ", ".join(
        f"{name} {ms[1, name]:.2f} ms against {ms[0, name]:.2f} ({ms[1, name] / ms[0, name]:.2f} times)"
        for name in ("list", "page")
    )
    note = (
        f"a list and a page of {many:,} cases against {few:,}, of which {HANDLERS * OPEN} are open; {parts}; "
        "rows written into the tables by COPY; the database's share of a page, without sealing and HTML"
    )
    return Result(1000 / both[1], "visits/s", 1000 / both[0], note)


def _visits(model: ReadModel, count: int) -> dict[str, float]:
    """Median seconds of a list and of a page."""
    chance = random.Random(1)
    lists, pages = [], []
    for handler, number in zip(cycle(range(HANDLERS)), chance.choices(range(count), k=VISITS), strict=False):
        wanted = WorklistFilter(unit=_UNIT, handler=_handler(handler))
        began = time.perf_counter()
        found = queries.worklist(model, wanted, Page(size=50))
        lists.append(time.perf_counter() - began)
        assert found.total == OPEN, found.total
        began = time.perf_counter()
        view = queries.case_by_id(model, _case_id(number))
        assert view is not None
        assert len(view.events) == STEPS
        queries.refusals(model, view.case.case_id)
        batch_of(model, view.case)
        model.read(partial(candidates, case=view.case, sharing=()))
        pages.append(time.perf_counter() - began)
    return {"list": median(lists), "page": median(pages)}


def _filled(database: str, count: int) -> ReadModel:
    model = ReadModel.open(database, Ledger(GENESIS, GENESIS_HASH))
    tables = tables_of(1)
    with connect(database.replace("+psycopg", "", 1)) as connection:
        for table in tables.metadata.sorted_tables:
            for index in table.indexes:
                connection.execute(SQL("DROP INDEX {}").format(Identifier(str(index.name))))
        _copy(connection, tables.cases.name, (_case(number, count) for number in range(count)))
        steps = range(count * STEPS)
        _copy(connection, tables.case_events.name, (_event(*divmod(step, STEPS)) for step in steps))
        _copy(connection, tables.decisions.name, (_decision(*divmod(step, STEPS)) for step in steps))
    with model.engine.begin() as other:
        make_indices(other, tables)
    with connect(database.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return model


def _copy(connection: Connection, table: str, rows: Iterator[Sequence[object]]) -> None:
    with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
        for row in rows:
            copy.write_row(row)


def _case_id(number: int) -> str:
    return f"grv_{number:032x}"


def _handler(number: int) -> str:
    return f"act_handler{number:05d}"


def _case(number: int, count: int) -> CaseRow:
    at = _BEGIN + number * 60_000
    is_open = number >= count - HANDLERS * OPEN
    end = at + 60 * DAY_MS
    return CaseRow(
        case_id=_case_id(number),
        partition=0,
        unit=_UNIT,
        tracking=f"{number:064d}",
        channel="counter",
        anonymous=False,
        zone_told=None,
        source_id=None,
        duplicate_of=None,
        batch=None,
        reporter=f"sub_{number // 3:032x}",
        submission_id=f"{number:032x}",
        lodged_by="act_clerk0001",
        lodged_at=at,
        occurred_at=at,
        recorded_at=at,
        title=None,
        story=_SEALED,
        status="accepted" if is_open else "closed",
        zone=f"z{number % 20}",
        category=f"category{number % 50}",
        changed_at=at if is_open else end,
        handler=_handler(number % HANDLERS),
        accepted_at=at,
        replied_at=None if is_open else end,
        reply_delay=None if is_open else end - at,
        closed_at=None if is_open else end,
        outcome=None if is_open else "answered",
        due_deadline="handle" if is_open else None,
        due_start=at if is_open else None,
        due_end=end if is_open else None,
        due_at=end if is_open else None,
    )


def _event(number: int, step: int) -> CaseEventRow:
    at, offset = _BEGIN + number * 60_000, number * STEPS + step
    kind = ("lodged", "accepted", "replied")[step]
    return CaseEventRow(
        0, offset, 0, offset, _case_id(number), f"grievance.{kind}.v1", "act_clerk0001", "clerk", None,
        f"{offset:032x}", at, at, at, _SEALED,
    )  # fmt: skip


def _decision(number: int, step: int) -> DecisionRow:
    at, offset = _BEGIN + number * 60_000, number * STEPS + step
    kind = ("lodge", "accept", "reply")[step]
    return DecisionRow(
        "grievance", 0, offset, offset, "accepted", None, None, f"{offset:032x}", f"grievance.{kind}.v1",
        _case_id(number), _UNIT, "act_clerk0001", "clerk", None, at, at, None, None,
    )  # fmt: skip
