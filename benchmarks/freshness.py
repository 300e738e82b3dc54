"""From a submission's acknowledgement to its row in the read model, on Kafka through Faust."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from statistics import median, quantiles

from barograph.station import Station, opened_station
from benchmarks.bare_trip import opened_trip
from benchmarks.installation import COMMUNITY, STORY, ZONE, prepare, running
from benchmarks.measure import Bench, Result
from contracts.tracking import digest_of
from runtime.settings import Settings
from runtime.submit import Receipt, Said
from services.projections.store import Place, ReadModel

RATE = 100
"""Submissions a second."""

COUNT = 300
"""Submissions in each round."""

START_SECONDS = 90
POLL_SECONDS = 0.001


def freshness(bench: Bench) -> Result:
    """The median time to visibility at 100 submissions a second, against a bare produce-to-consume trip."""
    bootstrap, prefix = bench.kafka(), f"bench-{uuid.uuid4().hex}"
    settings = Settings(home=bench.folder / "home", log=f"kafka://{bootstrap}/{prefix}")
    asyncio.run(prepare(settings))
    command = ["-m", "barograph", "--home", str(settings.home), "--log", settings.log, "serve", "grievance"]
    with running([sys.executable, *command]):
        ours, bare = asyncio.run(_measured(settings, bench, bootstrap, f"{prefix}-bare"))
    note = (
        f"median (less is better); p99 {_p99(ours):.1f} ms, of the yardstick {_p99(bare):.1f} ms; {RATE} "
        "submissions/s; worker and projector in one process, read model on SQLite; yardstick: bare aiokafka, "
        "from send to consumer"
    )
    return Result(median(ours), "ms", median(bare), note)


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


async def _measured(
    settings: Settings, bench: Bench, bootstrap: str, bare_prefix: str
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    bare: list[float] = []
    count = bench.count(COUNT)
    async with opened_watcher(settings) as watcher, opened_trip(bootstrap, bare_prefix) as trip:
        async with asyncio.timeout(START_SECONDS):
            await watcher.once()
        await trip.once()
        for _ in range(bench.rounds):
            bare += await at_rate(count, trip.once)
            ours += await at_rate(count, watcher.once)
    return ours, bare


async def at_rate(count: int, once: Callable[[], Awaitable[float]]) -> list[float]:
    """Begin RATE of them a second, whether the ones before have ended or not; return what each gives."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    started = []
    for number in range(count):
        await asyncio.sleep(began + number / RATE - loop.time())
        started.append(asyncio.ensure_future(once()))
    return await asyncio.gather(*started)


class Watcher:
    """Lodges grievances, and polls the read model for what has become visible."""

    def __init__(self, station: Station, model: ReadModel, clerk: str) -> None:
        self._station = station
        self._model = model
        self._clerk = clerk
        self._waiting: dict[Place, dict[int, asyncio.Future[float]]] = {}
        self._lodged = 0

    async def once(self) -> float:
        """Milliseconds from a lodging's receipt to the look at the read model that finds its rows."""
        receipt = await self._lodge()
        acknowledged = time.perf_counter()
        seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        place = Place("grievance", receipt.partition)
        self._waiting.setdefault(place, {})[receipt.offset] = seen
        return (await seen - acknowledged) * 1000

    async def _lodge(self) -> Receipt:
        self._lodged += 1
        submitter = self._station.submitter
        said = Said(
            family="grievance",
            type="grievance.lodge.v1",
            body={"channel": "counter", "zone": ZONE, "story": STORY, "tracking": ""},
            actor=self._clerk,
            role="clerk",
            unit=COMMUNITY.unit,
            key=f"bench-key-{self._lodged}",
            kind="grv",
            basis=self._station.register.history.end,
        )
        number = submitter.tracking_number(submitter.submission_id(said))
        return await submitter.submit(replace(said, body={**said.body, "tracking": digest_of(number)}))

    async def watch(self) -> None:
        """Look again and again; rows and position change in one transaction. Runs until cancelled."""
        while True:
            positions = await asyncio.to_thread(self._model.positions)
            now = time.perf_counter()
            for place, waiting in self._waiting.items():
                decided = positions.at[place].decided_through
                for offset in [offset for offset in waiting if offset < decided]:
                    waiting.pop(offset).set_result(now)
            await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def opened_watcher(settings: Settings) -> AsyncIterator[Watcher]:
    """A watcher of this installation."""
    async with opened_station(settings) as station:
        register = station.register.current()
        clerk = next(held.person for held in reversed(register.appointments()) if held.role == "clerk")
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, station.ledger)
        watcher = Watcher(station, model, clerk)
        watching = asyncio.create_task(watcher.watch())
        try:
            yield watcher
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            model.close()
