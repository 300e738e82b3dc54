"""Holding the read model against a fresh fold: what is changed by hand is found and named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from contracts import grievance as g
from contracts import people as p
from ledger.sqlite import SqliteLog
from services.projections.difference import Compared, Difference, compare_with_log
from services.projections.rows import HeartbeatRow, TableName
from services.projections.schema import ROWS, Tables, tables_of
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow, rows
from tests.support.ledger import SEALED, UNIT, DemoLedger


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    """An open log."""
    async with SqliteLog(tmp_path / "log.sqlite") as opened:
        yield opened


def worked() -> DemoLedger:
    """A ledger with something in every table."""
    demo = DemoLedger()
    for _ in range(3):
        case = demo.lodge(title=SEALED)
        demo.submit(g.AcceptV1(), subject=case)
        demo.submit(g.RecordOccurrenceV1(kind="mass_incident", note=SEALED), subject=case)
    demo.submit(p.PlaceHoldV1(matter="1", reason="court_case"), subject=p.subject_id(UNIT, bytes(10)))
    demo.submit(p.RecordReadingV1(purpose="casework", cases=(case,)))
    demo.heartbeat()
    demo.close_import(demo.open_import())
    return demo


async def compared(log: SqliteLog, model: ReadModel, folder: Path) -> Compared:
    """The read model held against the log, folded into a new file."""
    scratch = ReadModel.open(f"sqlite:///{folder}/scratch.sqlite", model.ledger)
    try:
        return await compare_with_log(log, model, scratch)
    finally:
        scratch.close()


async def test_an_honest_read_model_differs_in_nothing(
    log: SqliteLog, open_model: OpenModel, tmp_path: Path
) -> None:
    """Every row is compared, none differs, and the figures of both agree in every number and position."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo, portion=2)
    found = await compared(log, model, tmp_path)
    assert found.difference is None
    assert found.rows == sum(len(rows(model, name)) for name in ROWS)
    assert found.figures == found.recomputed
    assert found.figures.received == 3


async def test_a_read_model_that_lags_is_compared_where_it_stands(
    log: SqliteLog, open_model: OpenModel, tmp_path: Path
) -> None:
    """What is on the log beyond the read model's position is no difference."""
    demo = worked()
    model = open_model(demo.ledger)
    follow(model, demo)
    demo.lodge()
    await demo.pour(log)
    found = await compared(log, model, tmp_path)
    assert (found.difference, found.recomputed.received) == (None, 3)


CHANGES: list[tuple[TableName, dict[str, Any], int]] = [
    ("decisions", {"outcome": "refused"}, 0),
    ("case_events", {"data": "{}"}, 0),
    ("occurrences", {"kind": "heinous_crime"}, 2),
    ("heartbeats", {"hour": 7}, 9),
    ("batches", {"rows": 12}, 11),
    ("cases", {"status": "closed"}, 2),
    ("positions", {"ignored": 7}, 12),
]


@pytest.mark.parametrize(("name", "change", "offset"), CHANGES)
async def test_a_changed_row_is_named(
    log: SqliteLog,
    open_model: OpenModel,
    tmp_path: Path,
    name: TableName,
    change: dict[str, Any],
    offset: int,
) -> None:
    """The first difference names table, key and column, and where on the log the decision stands."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo)
    place = demo.place_of("grievance")
    with model.engine.begin() as connection:
        table = tables_of(1).named(name)
        chosen = [table.c.partition == place]
        if name == "positions":
            chosen.append(table.c.family == "grievance")
        connection.execute(update(table).where(*chosen).values(**change))
    difference = (await compared(log, model, tmp_path)).difference
    assert difference is not None
    assert (difference.table, {difference.column}) == (name, set(change))
    assert difference.live == str(next(iter(change.values())))
    assert (difference.topic, difference.partition) == ("grievance.events", place)
    assert difference.offset == offset


async def difference_after(log: SqliteLog, model: ReadModel, folder: Path, statement: Any) -> Difference:
    """The first difference after a statement that takes the tables."""
    with model.engine.begin() as connection:
        connection.execute(statement(tables_of(1)))
    found = (await compared(log, model, folder)).difference
    assert found is not None
    return found


async def test_a_missing_row_is_named(log: SqliteLog, open_model: OpenModel, tmp_path: Path) -> None:
    """A case that was deleted is named, with the last decision about it, as missing on the live side."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo)
    case = rows(model, "cases")[1]["case_id"]

    def taken_away(tables: Tables) -> Any:
        return delete(tables.cases).where(tables.cases.c.case_id == case)

    found = await difference_after(log, model, tmp_path, taken_away)
    assert (found.table, found.key["case_id"], found.column, found.offset) == ("cases", case, None, 5)


async def test_an_added_row_is_named(log: SqliteLog, open_model: OpenModel, tmp_path: Path) -> None:
    """A heartbeat that nobody gave is named: an hour of watching cannot be put in by hand."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo)
    invented = HeartbeatRow("grievance", 5, 99, 490_000)

    def put_in(tables: Tables) -> Any:
        return insert(tables.heartbeats).values(**invented._asdict())

    found = await difference_after(log, model, tmp_path, put_in)
    assert (found.table, found.partition, found.key["submission_offset"]) == ("heartbeats", 5, 99)
    assert (found.column, found.offset) == (None, None)
