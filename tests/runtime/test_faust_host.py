"""The Faust host on a real broker, inside the test's own event loop."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import LAST_MS
from ledger.kafka import KafkaLog
from ledger.log import Draft, EventLog, LogError
from runtime.chain import Chain
from runtime.faust_host import _record, run_faust
from runtime.genesis import Ledger, make_ledger
from runtime.kernel import FamilyRules, RulesMissingError
from runtime.register_reader import RegisterReader
from tests.support.broker import Broker
from tests.support.given import BEGINNING
from tests.support.partitions import GENESIS, REGISTERS, WHOLE
from tests.support.workload import (
    RULES,
    Put,
    append,
    check,
    found_ledger,
    register_submissions,
    submissions,
    undecided,
)

DEADLINE = 60.0


@asynccontextmanager
async def hosted(
    bootstrap: str, prefix: str, ledger: Ledger, log: EventLog, workdir: Path, rules: FamilyRules = RULES
) -> AsyncIterator[asyncio.Task[None]]:
    """A Faust host at work; should it fail, so does the block. Stopped at its end."""
    stop = asyncio.Event()
    async with asyncio.timeout(4 * DEADLINE), asyncio.TaskGroup() as group:
        yield group.create_task(run_faust(bootstrap, prefix, ledger, log, rules, workdir, stop))
        stop.set()


@pytest.fixture
def prefix() -> str:
    """A prefix for topics that no other test has."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
async def log(kafka_bootstrap: str, prefix: str) -> AsyncIterator[EventLog]:
    """An open log on the shared broker."""
    async with KafkaLog(kafka_bootstrap, prefix) as opened:
        yield opened


async def all_decided(log: EventLog) -> None:
    """Return when nothing is undecided; fail at the deadline."""
    reader: dict[int, tuple[Chain, int]] = {}
    async with asyncio.timeout(DEADLINE):
        while await undecided(log, reader):  # noqa: ASYNC110 - other processes decide
            await asyncio.sleep(0.02)


async def put_until_kept(log: EventLog, puts: list[Put]) -> None:
    """Append each submission, again until it is known to be kept: some may be there twice."""
    async with asyncio.timeout(DEADLINE):
        for put in puts:
            while True:
                try:
                    await append(log, [put])
                    break
                except LogError:
                    await asyncio.sleep(0.1)


def listening() -> set[str]:
    """The sockets of this process that wait for connections (Linux only)."""
    links = [fd for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()]
    mine = {str(fd.readlink()) for fd in links}
    tables = [Path(f"/proc/net/{name}").read_text() for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()]
    return {row[9] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine}


async def test_it_decides_what_stood_and_what_comes(
    kafka_bootstrap: str, prefix: str, log: EventLog, tmp_path: Path
) -> None:
    """Submissions from before the start and after it are decided; stopping leaves nothing behind."""
    ledger = await found_ledger(log)
    puts = submissions(600, seed=1)
    await append(log, puts[:300])
    async with hosted(kafka_bootstrap, prefix, ledger, log, tmp_path):
        await all_decided(log)
        for at in range(300, 600, 10):
            await append(log, puts[at : at + 10])
        await all_decided(log)
    assert (await check(log)).ignored == 0
    assert (await log.topics()) == GENESIS.topics
    async with KafkaLog(kafka_bootstrap) as every:
        assert not [name for name in await every.topics() if prefix in name and not name.startswith(prefix)]


async def test_a_restart_goes_on_from_the_events(
    kafka_bootstrap: str, prefix: str, log: EventLog, tmp_path: Path
) -> None:
    """A host that comes back decides what was said meanwhile, with its derived files or without."""
    ledger = await found_ledger(log)
    puts = submissions(300, seed=2)
    for at, workdir in enumerate([tmp_path / "a", tmp_path / "a", tmp_path / "b"]):
        await append(log, puts[100 * at : 100 * at + 100])
        async with hosted(kafka_bootstrap, prefix, ledger, log, workdir):
            await all_decided(log)
    assert (await check(log)).ignored == 0


async def test_two_families_live_in_one_loop(
    kafka_bootstrap: str, prefix: str, log: EventLog, tmp_path: Path
) -> None:
    """The register and the grievances are hosted side by side; who needs the register waits for it."""
    ledger = await make_ledger(log, GENESIS)
    drafts = [Draft(*record[1:]) for record in register_submissions()]
    await log.append("register.submissions", 0, drafts)
    await append(log, submissions(100, seed=3))
    async with (
        hosted(kafka_bootstrap, prefix, ledger, log, tmp_path / "g"),
        hosted(kafka_bootstrap, prefix, ledger, log, tmp_path / "r", REGISTERS),
    ):
        await all_decided(log)
    register = RegisterReader(log, ledger)
    assert (await register.catch_up()).basis == WHOLE
    await check(log)


async def test_it_takes_no_signal_and_opens_no_port(
    kafka_bootstrap: str, prefix: str, log: EventLog, tmp_path: Path
) -> None:
    """In a process that serves other things too, the host touches neither signals nor ports."""
    ledger = await found_ledger(log)
    await append(log, submissions(10, seed=4))
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP)
    handlers, sockets = [signal.getsignal(number) for number in numbers], listening()
    async with hosted(kafka_bootstrap, prefix, ledger, log, tmp_path):
        await all_decided(log)
        assert [signal.getsignal(number) for number in numbers] == handlers
        assert listening() == sockets


async def test_missing_rules_stop_it(
    kafka_bootstrap: str, prefix: str, log: EventLog, tmp_path: Path
) -> None:
    """A host without the rules in force ends with a sentence that names them."""
    ledger = await found_ledger(log)
    await append(log, submissions(10, seed=5))
    other = FamilyRules("grievance", {"grievance-9": RULES.versions["grievance-1"]})
    run = run_faust(kafka_bootstrap, prefix, ledger, log, other, tmp_path, asyncio.Event())
    with pytest.raises(RulesMissingError, match="grievance-1"):
        async with asyncio.timeout(DEADLINE):
            await run


async def test_it_outlives_its_broker(private_broker: Callable[[], Broker], tmp_path: Path) -> None:
    """A broker that is killed and comes back finds the host still there, and everything gets decided."""
    broker = private_broker()
    async with KafkaLog(broker.bootstrap) as log:
        ledger = await found_ledger(log)
        puts = submissions(150, seed=6)
        async with hosted(broker.bootstrap, "", ledger, log, tmp_path) as host:
            await append(log, puts[:50])
            await all_decided(log)
            putting = asyncio.create_task(put_until_kept(log, puts[50:]))
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
            await putting
            await all_decided(log)
            assert not host.done()
        await check(log)


async def test_it_waits_for_a_broker_that_is_away(
    private_broker: Callable[[], Broker], tmp_path: Path
) -> None:
    """Started while no broker answers, the host begins when one does."""
    broker = private_broker()
    async with KafkaLog(broker.bootstrap) as log:
        ledger = await found_ledger(log)
        await append(log, submissions(20, seed=7))
        await asyncio.to_thread(broker.kill)
        async with hosted(broker.bootstrap, "", ledger, log, tmp_path) as host:
            await asyncio.wait([host], timeout=1.0)
            assert not host.done()
            await asyncio.to_thread(broker.start)
            await log_answers(log)
            await all_decided(log)
        await check(log)


async def log_answers(log: EventLog) -> None:
    """Return when the log can be reached again."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                await log.end_offset("ledger", 0)
            except LogError:
                await asyncio.sleep(0.1)
            else:
                break


@given(st.integers(0, LAST_MS))
def test_the_time_of_a_delivered_record_is_exact(recorded_at: int) -> None:
    """Faust's seconds in double precision give back every millisecond up to the year 9999."""
    record = _record(delivered(recorded_at / 1000.0))
    assert record is not None
    assert record.timestamp == recorded_at


@pytest.mark.parametrize("seconds", [None, (2**63 - 1) / 1000.0, -(2.0**60)])
def test_a_record_whose_time_is_not_exact_is_left_to_the_log(seconds: float | None) -> None:
    """Where the timestamp cannot be told to the millisecond, the record is not taken as delivered."""
    assert _record(delivered(seconds)) is None


def test_what_is_delivered_is_what_stands_on_the_log() -> None:
    """Offset, key and value are taken as they are, and a record without a timestamp bears -1."""
    assert _record(delivered(-0.001)) == (5, -1, b"k", b"v")
    assert _record(delivered(BEGINNING / 1000.0)) == (5, BEGINNING, b"k", b"v")


def delivered(seconds: float | None) -> SimpleNamespace:
    """A message as Faust hands it over."""
    return SimpleNamespace(offset=5, timestamp=seconds, key=b"k", value=b"v")
