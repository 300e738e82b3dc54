"""Acknowledged durable submissions per second, against the same application's POST that stores nothing."""

from __future__ import annotations

import asyncio
import itertools
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import orjson

from barograph.station import opened_station
from benchmarks.installation import STORY, ZONE, prepare, running
from benchmarks.intake_server import IDLE, PLAIN, STORING
from benchmarks.load import Visit, drive, request, sign_in
from benchmarks.measure import Bench, Result, in_turns
from contracts.topics import submissions_topic
from runtime.settings import Settings

CLIENTS = 64
REQUESTS = 2_000
"""Posts in each round, of each kind."""

BODY = orjson.dumps({"channel": "counter", "zone": ZONE, "story": STORY})


def on_sqlite(bench: Bench) -> Result:
    """Intake on the embedded log."""
    return _measure(bench, f"sqlite:///{bench.folder / 'log.sqlite'}")


def on_kafka(bench: Bench) -> Result:
    """Intake on a Kafka broker that flushes each batch to the disk before it acknowledges."""
    return _measure(bench, f"kafka://{bench.kafka()}/bench-{uuid.uuid4().hex}")


def _measure(bench: Bench, log: str) -> Result:
    settings = Settings(home=bench.folder / "home", log=log)
    asyncio.run(prepare(settings))
    count = bench.count(REQUESTS)
    with running([sys.executable, "-m", "benchmarks.intake_server", str(settings.home), log]) as server:
        assert server.stdout is not None
        visit = sign_in(server.stdout.readline().strip())
        keys = (f"bench-key-{number}" for number in itertools.count())
        storing, idle = (_posting(visit, path, keys, count) for path in (STORING, IDLE))
        for warm_up in (idle, storing):
            warm_up()
        sides = in_turns(bench.rounds, storing, idle)
    stored, size = asyncio.run(_stored(settings))
    acknowledged = count * (bench.rounds + 1)
    assert stored == acknowledged, f"{stored} records for {acknowledged} receipts"
    note = (
        f"{CLIENTS} clients, records of {size} bytes, one process; yardstick: a POST of the same application "
        "that reads, checks and signs in alike, and stores nothing"
    )
    return sides.result("submissions/s", note)


def encryption(bench: Bench) -> Result:
    """Intake as it is, against the same intake that seals nothing and keeps no subject's keys."""
    count = bench.count(REQUESTS)
    with ExitStack() as stack:
        posting = [_server(bench, stack, count, *words) for words in ((), (PLAIN,))]
        for warm_up in posting:
            warm_up()
        sides = in_turns(bench.rounds, *posting)
    note = f"{CLIENTS} clients on SQLite, a short story and no name; yardstick: texts in plain, no keys made"
    return sides.result("submissions/s", note)


def _server(bench: Bench, stack: ExitStack, count: int, *words: str) -> Callable[[], float]:
    home = bench.folder / "-".join(("home", *words))
    log = f"sqlite:///{home / 'log.sqlite'}"
    asyncio.run(prepare(Settings(home=home, log=log)))
    command = [sys.executable, "-m", "benchmarks.intake_server", str(home), log, *words]
    server = stack.enter_context(running(command))
    assert server.stdout is not None
    visit = sign_in(server.stdout.readline().strip())
    keys = (f"bench-key-{number}" for number in itertools.count())
    return _posting(visit, STORING, keys, count)


def _posting(visit: Visit, path: str, keys: Iterator[str], count: int) -> Callable[[], float]:
    def post() -> float:
        requests = [request(visit, path, key, BODY) for key in itertools.islice(keys, count)]
        return drive(visit, requests, CLIENTS)

    return post


async def _stored(settings: Settings) -> tuple[int, int]:
    """How many grievance submissions are on the log, and the size of one of them in bytes."""
    topic, count, size = submissions_topic("grievance"), 0, 0
    async with opened_station(settings) as station:
        for place, end in (await station.log.end_offsets([topic])).items():
            count += end
            for record in await station.log.read(topic, place.partition, 0, 1):
                size = len(record.value or b"")
    return count, size
