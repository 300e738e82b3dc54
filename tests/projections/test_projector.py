"""Following the log: rows appear as decisions do, whoever else follows, whatever goes away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from contracts import grievance as g
from ledger.log import LogUnavailableError, Record, TopicPartition
from ledger.sqlite import SqliteLog
from services.projections.database import ReadModelUnavailableError
from services.projections.projector import Projector
from services.projections.rebuild import rebuild
from services.projections.rows import Position
from services.projections.schema import ROWS
from services.projections.store import Place, Positions, ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import cases, follow, rows
from tests.support.ledger import SEALED, DemoLedger

GRIEVANCES = "grievance"


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    """An open log."""
    async with SqliteLog(tmp_path / "log.sqlite") as opened:
        yield opened


@asynccontextmanager
async def running(*projectors: Projector) -> AsyncIterator[None]:
    """These projectors follow the log meanwhile."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for projector in projectors:
            group.create_task(projector.run(stop))
        try:
            yield
        finally:
            stop.set()


def lodge_some(demo: DemoLedger, count: int = 5) -> Place:
    """Lodge and accept some cases; return where."""
    for _ in range(count):
        demo.submit(g.AcceptV1(), subject=demo.lodge(title=SEALED))
    return Place(GRIEVANCES, demo.place_of(GRIEVANCES))


async def test_catching_up_folds_all_there_is(log: SqliteLog, open_model: OpenModel) -> None:
    """After catching up once, every decision of every family is in the read model."""
    demo = DemoLedger()
    lodge_some(demo)
    await demo.pour(log)
    model = open_model(demo.ledger)
    projector = Projector(log, demo.ledger, model)
    assert await projector.catch_up() == sum(1 for _ in demo.decisions())
    assert await projector.catch_up() == 0
    assert len(rows(model, "decisions")) == sum(1 for _ in demo.decisions())


async def test_waiting_ends_when_the_decision_is_readable(log: SqliteLog, open_model: OpenModel) -> None:
    """Who waits for a submission's decision is told once its rows can be read, and not before."""
    demo = DemoLedger()
    model = open_model(demo.ledger)
    projector = Projector(log, demo.ledger, model)
    await demo.pour(log)
    async with running(projector):
        place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
        assert not await projector.wait_decided(*place, 0, timeout=0.05)
        waiting = asyncio.create_task(projector.wait_decided(*place, 1, timeout=20))
        lodge_some(demo, 1)
        await demo.pour(log)
        assert await waiting
        assert [case.status for case in cases(model).values()] == ["accepted"]


async def test_who_watches_is_told_of_changes(log: SqliteLog, open_model: OpenModel) -> None:
    """The version moves with the read model, so that a page may wait for the next change."""
    demo = DemoLedger()
    await demo.pour(log)
    model = open_model(demo.ledger)
    projector = Projector(log, demo.ledger, model)
    await projector.catch_up()
    seen = projector.version
    assert await projector.wait_change(seen, 0.05) == seen
    async with running(projector):
        lodge_some(demo, 1)
        await demo.pour(log)
        assert await projector.wait_change(seen, 20) != seen


async def test_what_is_undecided_is_known(log: SqliteLog, open_model: OpenModel) -> None:
    """Submissions that no worker has decided yet count in how far submissions reach."""
    demo = DemoLedger()
    place = lodge_some(demo)
    await demo.pour(log)
    model = open_model(demo.ledger)
    projector = Projector(log, demo.ledger, model)
    await projector.catch_up()
    demo.put("grievance.submissions", place.partition, b"undecided")
    await demo.pour(log)
    await projector.catch_up()
    positions = model.positions()
    assert positions.ends[place] == positions.at[place].decided_through + 1


async def test_two_projectors_share_one_read_model(log: SqliteLog, open_model: OpenModel) -> None:
    """Two that follow the same log into the same read model leave the rows that one would have left."""
    demo = DemoLedger()
    models = [open_model(demo.ledger), open_model(demo.ledger)]
    projectors = [Projector(log, demo.ledger, model) for model in models]
    await demo.pour(log)
    async with running(*projectors):
        for _ in range(10):
            place = lodge_some(demo, 3)
            await demo.pour(log)
        last = len(demo.events(*place)) - 1
        assert await projectors[0].wait_decided(*place, last, timeout=30)
        assert await projectors[1].wait_decided(*place, last, timeout=30)
    found = rows(models[0], "decisions")
    assert len(found) == sum(1 for _ in demo.decisions())
    assert len(cases(models[0])) == 30


async def test_a_rebuild_meanwhile_loses_nothing(log: SqliteLog, open_model: OpenModel) -> None:
    """While generations are replaced again and again, the one who follows the log ends with every row."""
    demo = DemoLedger()
    model, other = open_model(demo.ledger), open_model(demo.ledger)
    projector = Projector(log, demo.ledger, model)
    await demo.pour(log)
    async with running(projector):
        for _ in range(4):
            rebuilding = asyncio.create_task(rebuild(log, other))
            while not rebuilding.done():
                place = lodge_some(demo, 2)
                await demo.pour(log)
                assert await projector.wait_decided(*place, len(demo.events(*place)) - 1, timeout=30)
                assert len(cases(model)) == len(demo.events(*place)) // 2
            await rebuilding
    assert model.positions().generation == 5
    assert len(rows(model, "decisions")) == sum(1 for _ in demo.decisions())


class LeavingLog(SqliteLog):
    """A log that is away while `away` is set."""

    away = False

    async def end_offsets(self, topics: object) -> dict[TopicPartition, int]:
        """See EventLog."""
        self._check()
        return await super().end_offsets(topics)  # type: ignore[arg-type]

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        self._check()
        return await super().read(topic, partition, offset, limit)

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """See EventLog."""
        self._check()
        return await super().wait(positions, timeout)

    def _check(self) -> None:
        if self.away:
            raise LogUnavailableError("away")


async def test_a_log_that_goes_away_is_waited_for(tmp_path: Path, open_model: OpenModel) -> None:
    """While the log is away the projector tries on, says so once, and goes on when it is back."""
    demo = DemoLedger()
    async with LeavingLog(tmp_path / "leaving.sqlite") as log:
        await demo.pour(log)
        model = open_model(demo.ledger)
        projector = Projector(log, demo.ledger, model)
        log.away = True
        with capture_logs() as lines:
            async with running(projector):
                place = Place(GRIEVANCES, demo.place_of(GRIEVANCES))
                assert not await projector.wait_decided(*place, 0, timeout=0.5)
                log.away = False
                lodge_some(demo, 1)
                await demo.pour(log)
                assert await projector.wait_decided(*place, 1, timeout=30)
    assert [line["event"] for line in lines] == ["read model waits", "read model goes on"]


class LeavingModel(ReadModel):
    """A read model whose database is away while `away` is set."""

    away = False

    def positions(self) -> Positions:
        """See ReadModel."""
        self._check()
        return super().positions()

    def advance(self, generation: int, position: Position, records: object, submissions_end: int) -> Position:
        """See ReadModel."""
        self._check()
        return super().advance(generation, position, records, submissions_end)  # type: ignore[arg-type]

    def _check(self) -> None:
        if self.away:
            raise ReadModelUnavailableError("away")


async def test_a_database_that_goes_away_is_waited_for(log: SqliteLog, open_model: OpenModel) -> None:
    """While the database is away the projector tries on, and no decision is lost or folded twice."""
    demo = DemoLedger()
    await demo.pour(log)
    opened = open_model(demo.ledger)
    model = LeavingModel(opened.engine, demo.ledger)
    projector = Projector(log, demo.ledger, model)
    async with running(projector):
        place = lodge_some(demo, 1)
        model.away = True
        await demo.pour(log)
        assert not await projector.wait_decided(*place, 1, timeout=0.5)
        model.away = False
        assert await projector.wait_decided(*place, 1, timeout=30)
    assert len(rows(model, "decisions")) == sum(1 for _ in demo.decisions())


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
async def test_a_server_that_ends_connections_is_met_again(log: SqliteLog, open_model: OpenModel) -> None:
    """After PostgreSQL has ended every connection, the projector connects anew and goes on."""
    demo = DemoLedger()
    await demo.pour(log)
    model = open_model(demo.ledger)
    projector = Projector(log, demo.ledger, model)
    async with running(projector):
        place = lodge_some(demo, 1)
        await demo.pour(log)
        assert await projector.wait_decided(*place, 1, timeout=30)
        await asyncio.to_thread(_end_connections, model)
        lodge_some(demo, 1)
        await demo.pour(log)
        assert await projector.wait_decided(*place, 3, timeout=30)


def _end_connections(model: ReadModel) -> None:
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with suppress(Exception), model.engine.connect() as connection:
        connection.exec_driver_sql(query)


async def test_portions_on_the_log_do_not_matter(log: SqliteLog, open_model: OpenModel) -> None:
    """Following record by record, or the log at once, leaves the same rows."""
    demo = DemoLedger()
    lodge_some(demo)
    demo.close_import(demo.open_import())
    demo.heartbeat()
    await demo.pour(log)
    model = open_model(demo.ledger)
    await Projector(log, demo.ledger, model).catch_up()
    stand = {name: rows(model, name) for name in ROWS}
    await rebuild(log, model)
    assert stand == {name: rows(model, name) for name in ROWS}
    follow(model, demo)
    assert stand == {name: rows(model, name) for name in ROWS}
