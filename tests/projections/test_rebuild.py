"""Rebuilding beside: the same rows as following, switched at once, and nothing lost when it fails."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import inspect, text, update

from contracts import grievance as g
from ledger.log import LogUnavailableError, Record
from ledger.sqlite import SqliteLog
from services.projections import rebuild as rebuilding
from services.projections.difference import Side, differences
from services.projections.rebuild import Progress, RebuildOvertakenError, build, rebuild
from services.projections.schema import PROJECTION_VERSION, READ_MODEL, READ_UNTIL, ROWS, tables_of
from services.projections.source import LogSource
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow, rows, sqlite_model
from tests.projections.histories import STEPS, Step, live
from tests.support.ledger import SEALED, DemoLedger


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    """An open log."""
    async with SqliteLog(tmp_path / "log.sqlite") as opened:
        yield opened


def worked(count: int = 5) -> DemoLedger:
    """A ledger with some accepted cases, a heartbeat, an import, an occurrence and a record that is none."""
    demo = DemoLedger()
    for _ in range(count):
        case = demo.lodge(title=SEALED)
        demo.submit(g.AcceptV1(), subject=case)
        demo.submit(g.RecordOccurrenceV1(kind="mass_incident", note=SEALED), subject=case)
    demo.heartbeat()
    demo.close_import(demo.open_import())
    demo.put("grievance.submissions", 0, b"junk")
    demo.decide("grievance", 0)
    return demo


def generations(model: ReadModel) -> set[str]:
    """The prefixes of the tables that are there."""
    names = inspect(model.engine).get_table_names()
    return {name.split("_")[0] for name in names if name not in (READ_MODEL.name, READ_UNTIL.name)}


async def rebuilt_differs(demo: DemoLedger, model: ReadModel) -> bool:
    """Whether following record by record and building at once leave different rows."""
    follow(model, demo, portion=3)
    with tempfile.TemporaryDirectory() as folder:
        async with SqliteLog(Path(folder, "log.sqlite")) as log:
            await demo.pour(log)
            source = LogSource(log, asyncio.get_running_loop())
            tables = await asyncio.to_thread(rebuilding.begin_generation, model)
            await asyncio.to_thread(build, source, model, tables)
    with model.engine.connect() as one, model.engine.connect() as other:
        sides = Side(one, tables_of(model.positions().generation)), Side(other, tables)
        return any(True for _ in differences(*sides))


@settings(max_examples=25)
@given(steps=STEPS)
async def test_rebuilding_gives_what_following_gave(steps: list[Step]) -> None:
    """Whatever happened, the rows folded at once are those folded three records at a time."""
    demo = live(steps)
    with sqlite_model(demo.ledger) as model:
        assert not await rebuilt_differs(demo, model)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_rebuilding_gives_what_following_gave_on_postgresql(
    steps: list[Step], postgres_url: str
) -> None:
    """The same on PostgreSQL, where rows are copied in bulk."""
    demo = live(steps)
    model = ReadModel.open(postgres_url, demo.ledger)
    try:
        assert not await rebuilt_differs(demo, model)
    finally:
        with model.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        model.close()


async def test_a_rebuild_is_switched_to_and_the_old_dropped(log: SqliteLog, open_model: OpenModel) -> None:
    """Afterwards the new generation is in force with the same rows, and the old one's tables are gone."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo)
    stand = {name: rows(model, name) for name in ROWS}
    built = await rebuild(log, model)
    assert (model.positions().generation, generations(model)) == (2, {"g2"})
    assert stand == {name: rows(model, name) for name in ROWS}
    assert built.rows == sum(len(found) for name, found in stand.items() if name != "positions")


def indices(model: ReadModel) -> list[str]:
    """Each index that is there as the database states it, without its generation."""
    stated = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    }
    with model.engine.connect() as connection:
        found = connection.execute(text(stated[connection.dialect.name])).scalars().all()
    return sorted(re.sub(r"\bg\d+_", "", index) for index in found)


async def test_a_rebuilt_generation_has_every_index(log: SqliteLog, open_model: OpenModel) -> None:
    """They are made after the rows, and are those that a new read model has."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    first = indices(model)
    await rebuild(log, model)
    assert len(first) >= sum(len(table.indexes) for table in tables_of(2).metadata.tables.values())
    assert first == indices(model)


async def test_a_damaged_row_is_made_good(log: SqliteLog, open_model: OpenModel) -> None:
    """What somebody changed in the tables by hand is as the log says again."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo)
    stand = rows(model, "cases")
    with model.engine.begin() as connection:
        connection.execute(update(tables_of(1).cases).values(status="closed"))
    await rebuild(log, model)
    assert rows(model, "cases") == stand


async def test_progress_is_told(log: SqliteLog, open_model: OpenModel) -> None:
    """Progress counts up to the number of records on the events partitions."""
    demo = worked()
    await demo.pour(log)
    told: list[Progress] = []
    built = await rebuild(log, open_model(demo.ledger), told.append)
    total = sum(len(demo.events(*place)) for place in demo.partitions)
    assert told[-1] == Progress(total, total)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert built.records == total


class FailingLog(SqliteLog):
    """A log of which one topic cannot be read."""

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        if topic == "grievance.events":
            raise LogUnavailableError("away")
        return await super().read(topic, partition, offset, limit)


async def test_a_rebuild_that_fails_leaves_the_old(tmp_path: Path, open_model: OpenModel) -> None:
    """Where the log goes away in the middle, the generation in force stays, and nothing is left over."""
    demo = worked()
    async with FailingLog(tmp_path / "failing.sqlite") as log:
        await demo.pour(log)
        model = open_model(demo.ledger)
        follow(model, demo)
        stand = rows(model, "cases")
        with pytest.raises(LogUnavailableError):
            await rebuild(log, model)
    assert (model.positions().generation, generations(model)) == (1, {"g1"})
    assert rows(model, "cases") == stand


async def test_a_rebuild_that_was_killed_is_cleared_away(log: SqliteLog, open_model: OpenModel) -> None:
    """Tables that a killed rebuild left beside are dropped by the next one."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    await asyncio.to_thread(rebuilding.begin_generation, model)
    await rebuild(log, model)
    assert generations(model) == {"g3"}


async def test_the_slower_of_two_rebuilds_gives_way(log: SqliteLog, open_model: OpenModel) -> None:
    """A rebuild that began before one already in force is not switched to."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    slow = await asyncio.to_thread(rebuilding.begin_generation, model)
    await rebuild(log, model)
    source = LogSource(log, asyncio.get_running_loop())
    with pytest.raises(RebuildOvertakenError):
        await asyncio.to_thread(rebuilding.switch, source, model, slow)
    assert model.positions().generation == 3


async def test_a_rebuild_is_never_behind_the_one_it_replaces(log: SqliteLog, open_model: OpenModel) -> None:
    """What was folded into the old generation after the new one was built is in the new one at the switch."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    source = LogSource(log, asyncio.get_running_loop())
    tables = await asyncio.to_thread(rebuilding.begin_generation, model)
    await asyncio.to_thread(build, source, model, tables)
    demo.submit(g.AcceptV1(), subject=demo.lodge(title=SEALED))
    await demo.pour(log)
    follow(model, demo)
    stand = {name: rows(model, name) for name in ROWS}
    await asyncio.to_thread(rebuilding.switch, source, model, tables)
    assert model.positions().generation == 2
    assert stand == {name: rows(model, name) for name in ROWS}


async def test_a_read_model_of_other_software_is_brought_up_to_date(
    log: SqliteLog, open_model: OpenModel
) -> None:
    """A rebuild takes the place of tables of another version, whatever those look like."""
    demo = worked()
    await demo.pour(log)
    model = open_model(demo.ledger)
    follow(model, demo)
    with model.engine.begin() as connection:
        connection.execute(update(READ_MODEL).values(projection_version=PROJECTION_VERSION + 1))
        connection.execute(text("DROP TABLE g1_positions"))
    await rebuild(log, open_model(demo.ledger, outdated=True))
    assert len(rows(open_model(demo.ledger), "cases")) == 5
