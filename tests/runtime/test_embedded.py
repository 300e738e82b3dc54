"""The embedded host: all partitions of a family in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts import grievance as g
from ledger.log import Draft, EventLog, LogUnavailableError
from ledger.sqlite import SqliteLog
from runtime import embedded
from runtime.chain import Chain
from runtime.genesis import Ledger
from runtime.kernel import FamilyRules, RulesMissingError
from tests.support.given import BEGINNING, HANDLER, NEIGHBOUR, day, lodge
from tests.support.partitions import case_of, say
from tests.support.workload import (
    RULES,
    SUBMISSIONS,
    THERE,
    append,
    check,
    found_ledger,
    submissions,
    undecided,
)

DEADLINE = 30.0


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EventLog]:
    """An open SQLite log."""
    async with SqliteLog(tmp_path / "log") as opened:
        yield opened


async def all_decided(log: EventLog, *, but: int = 0) -> None:
    """Return when no more than `but` submissions are undecided; fail at the deadline."""
    reader: dict[int, tuple[Chain, int]] = {}
    async with asyncio.timeout(DEADLINE):
        while await undecided(log, reader) > but:  # noqa: ASYNC110 - the host's own tasks decide
            await asyncio.sleep(0.005)


async def run(log: EventLog, ledger: Ledger, stop: asyncio.Event, folder: Path | None = None) -> None:
    """Host the grievances."""
    workers = embedded.make_workers(log, ledger, RULES, lambda: day(0), folder)
    await embedded.run(log, workers, stop)


async def test_it_decides_what_stood_and_what_comes(log: EventLog, tmp_path: Path) -> None:
    """Submissions from before the start and after it are decided, over several starts."""
    ledger = await found_ledger(log)
    puts = submissions(900, seed=1)
    for at in range(0, 900, 300):
        await append(log, puts[at : at + 100])
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(run(log, ledger, stop, tmp_path / "index"))
            await all_decided(log)
            for later in range(at + 100, at + 300, 10):
                await append(log, puts[later : later + 10])
            await all_decided(log)
            stop.set()
    assert (await check(log)).ignored == 0


async def test_one_partition_does_not_hold_up_another(log: EventLog) -> None:
    """While a submission waits for a register that is not there yet, the other partitions go on."""
    ledger = await found_ledger(log)
    waiting = say("next", lodge(zone="n1"), day(0), unit=NEIGHBOUR, basis=10_000)
    await log.append(SUBMISSIONS, THERE, [Draft(*waiting[1:])])
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run(log, ledger, stop))
        await append(log, [put for put in submissions(100, seed=2) if put.partition != THERE])
        await all_decided(log, but=1)
        stop.set()


async def test_missing_rules_stop_it(log: EventLog) -> None:
    """A host without the rules in force ends with a sentence that names them."""
    ledger = await found_ledger(log)
    accept = say("a", g.AcceptV1(), BEGINNING, by=HANDLER, subject=case_of("b"))
    await log.append(SUBMISSIONS, THERE, [Draft(*accept[1:])])
    workers = embedded.make_workers(log, ledger, FamilyRules("grievance", {}), lambda: day(0))
    with pytest.raises(RulesMissingError, match="grievance-1"):
        async with asyncio.timeout(DEADLINE):
            await embedded.run(log, workers, asyncio.Event())


async def test_a_log_that_is_away_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log fails for a while, the host is still there when it answers again."""
    async with SqliteLog(tmp_path / "log") as log:
        ledger = await found_ledger(log)
        puts = submissions(100, seed=3)
        await append(log, puts[:50])
        failures = iter(range(30))
        whole = SqliteLog.read

        async def failing(self: SqliteLog, topic: str, *place: int) -> object:
            if topic == SUBMISSIONS and next(failures, None) is not None:
                raise LogUnavailableError("told to fail")
            return await whole(self, topic, *place)

        monkeypatch.setattr(SqliteLog, "read", failing)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(run(log, ledger, stop))
            await all_decided(log)
            await append(log, puts[50:])
            await all_decided(log)
            stop.set()
        await check(log)
