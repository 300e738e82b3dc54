"""The Faust host: the processes of a consumer group share a family's partitions.

Faust says which partitions are ours and delivers what is appended from then on. What has been decided is
read from the events topic alone (invariant 4): nothing is committed, what was appended before is read from
the log in bulk, and so is whatever Faust skips.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faust
import structlog

from contracts.topics import submissions_topic
from ledger.kafka_admin import Cluster
from ledger.log import EventLog, LogError, Record
from runtime.genesis import Ledger
from runtime.index import index_of
from runtime.kernel import FamilyRules
from runtime.register_reader import RegisterReader
from runtime.seat import FIRST_PAUSE, LONGEST_PAUSE, Seat
from runtime.worker import PartitionWorker

_HEAL_SECONDS = 2.0
"""How often the end of each partition is compared with what has been decided."""

_SESSION_SECONDS = 6.0
"""How long a process may be silent before others take over its partitions: brokers allow no less."""

_STOP_SECONDS = 20.0
"""How long Faust may take to leave the group."""

_EXACT_SECONDS = 2.0**40
"""Up to here (the year 36,812) a number of seconds in double precision names its millisecond."""


async def run_faust(  # noqa: PLR0913 - where the log is, what is decided on it, and until when
    bootstrap: str,
    prefix: str,
    ledger: Ledger,
    log: EventLog,
    rules: FamilyRules,
    workdir: Path,
    stop: asyncio.Event,
    *,
    group: str = "",
) -> None:
    """Decide the partitions of a family that fall to this process, until `stop`.

    Runs in the caller's event loop, handles no signals and opens no port. `bootstrap` and `prefix` are
    those of `log` (ledger.kafka.KafkaLog), `workdir` a folder for files that may be deleted. `group` names
    the processes that share the partitions, by default all of this ledger and family. A broker that is
    away is waited for. Raises RulesMissingError: a worker without the rules in force stops.
    """
    topic = Cluster(bootstrap, prefix).full_name(submissions_topic(rules.family))
    host = _Host(
        bootstrap=bootstrap,
        topic=topic,
        group=group or f"barograph.{ledger.genesis.ledger}.{topic}",
        ledger=ledger,
        log=log,
        rules=rules,
        workdir=workdir,
        register=None if rules.family == "register" else RegisterReader(log, ledger),
        failure=asyncio.get_running_loop().create_future(),
    )
    _quiet()
    await host.run(stop)


@dataclass(slots=True)
class _Host:
    """One process of the group. `topic` is the submissions topic's name on the brokers."""

    bootstrap: str
    topic: str
    group: str
    ledger: Ledger
    log: EventLog
    rules: FamilyRules
    workdir: Path
    register: RegisterReader | None
    failure: asyncio.Future[None]
    seats: dict[int, Seat] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Take part in the group until `stop`; after each failure of Faust or the brokers, again."""
        stopping = asyncio.get_running_loop().create_task(stop.wait())
        pause = FIRST_PAUSE
        try:
            while not stopping.done():
                began = time.monotonic()
                reason = await self._take_part(stopping)
                if reason is None:
                    break
                logger = structlog.get_logger("worker")
                logger.warning("left the consumer group", topic=self.topic, reason=type(reason).__name__)
                pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else pause
                await asyncio.wait([stopping], timeout=pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            stopping.cancel()

    async def _take_part(self, stopping: asyncio.Task[Any]) -> BaseException | None:
        """Return None when it is time to stop, or why Faust could not go on. Raises what a worker raised."""
        try:
            # Faust reports brokers that are away at great length; so they are asked for first.
            await self.log.end_offsets([submissions_topic(self.rules.family)])
        except LogError as error:
            return error
        async with self._started() as (app, over):
            await asyncio.wait([stopping, over, self.failure], return_when=asyncio.FIRST_COMPLETED)
            if self.failure.done():
                self.failure.result()
            if stopping.done():
                return None
            return app.crash_reason or over.exception() or RuntimeError("Faust has stopped")

    @contextlib.asynccontextmanager
    async def _started(self) -> AsyncIterator[tuple[Any, asyncio.Task[None]]]:
        """A Faust application that is being started, and a task that ends when it has ended."""
        app = self._application()
        over = asyncio.get_running_loop().create_task(_life(app))
        try:
            yield app, over
        finally:
            await self._leave(list(self.seats))
            over.cancel()
            await asyncio.wait([over])
            with contextlib.suppress(Exception):
                await asyncio.wait_for(app.stop(), _STOP_SECONDS)
            await self._leave(list(self.seats))

    def _application(self) -> Any:
        """A Faust application that delivers to `seats`: no tables, no web server, no topics of its own."""
        self.workdir.mkdir(parents=True, exist_ok=True)
        app: Any = faust.App(
            self.group,
            broker=[f"kafka://{address}" for address in self.bootstrap.split(",")],
            env={},
            datadir=str(self.workdir / "faust"),
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            processing_guarantee="at_least_once",
            key_serializer="raw",
            value_serializer="raw",
            # Where to begin is no question to Faust: what stands on the log is read from there, in bulk.
            consumer_auto_offset_reset="latest",
            broker_session_timeout=_SESSION_SECONDS,
            broker_heartbeat_interval=_SESSION_SECONDS / 4,
            stream_wait_empty=False,
        )
        topic = app.topic(self.topic, key_type=bytes, value_type=bytes, acks=False)
        app.agent(topic, concurrency=1, name=f"{self.rules.family}-submissions")(self._forward)
        app.timer(_HEAL_SECONDS, name="heal")(self._heal)
        app.on_partitions_assigned.connect(self._on_assigned)
        app.on_partitions_revoked.connect(self._on_revoked)
        return app

    async def _forward(self, stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            seat = self.seats.get(message.partition)
            if seat is not None:
                record = _record(message)
                seat.read_log() if record is None else seat.deliver(record)

    async def _heal(self) -> None:
        """Have read from the log what was not delivered."""
        with contextlib.suppress(LogError):
            ends = await self.log.end_offsets([submissions_topic(self.rules.family)])
            for at, end in ends.items():
                if at.partition in self.seats:
                    self.seats[at.partition].look(end)

    async def _on_assigned(self, _app: Any, assigned: Iterable[Any] = (), **_: Any) -> None:
        ours = {at.partition for at in assigned if at.topic == self.topic}
        await self._leave([number for number in self.seats if number not in ours])
        for number in ours - self.seats.keys():
            self.seats[number] = Seat(self._worker(number), self._fail)

    async def _on_revoked(self, _app: Any, revoked: Iterable[Any] = (), **_: Any) -> None:
        await self._leave([at.partition for at in revoked if at.topic == self.topic])

    def _worker(self, number: int) -> PartitionWorker:
        index = index_of(self.workdir / "index", self.ledger, self.rules.family, number)
        return PartitionWorker(self.log, self.ledger, self.rules, number, self.register, _now, index)

    async def _leave(self, numbers: Iterable[int]) -> None:
        seats = [self.seats.pop(number) for number in numbers if number in self.seats]
        await asyncio.gather(*(seat.leave() for seat in seats))

    def _fail(self, error: BaseException) -> None:
        if not self.failure.done():
            self.failure.set_exception(error)


async def _life(app: Any) -> None:
    """Start the application; return or raise when it has stopped or crashed."""
    await app.start()
    await app.wait_until_stopped()


def _record(message: Any) -> Record | None:
    """What Faust delivered, as it stands on the log; None where that cannot be told.

    Faust gives the timestamp in seconds, in double precision.
    """
    seconds = message.timestamp
    if seconds is None or abs(seconds) > _EXACT_SECONDS:
        return None
    return Record(message.offset, round(seconds * 1000), message.key, message.value)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _quiet() -> None:
    """Keep the libraries' own reports out of the log: this host says what matters, in one line."""
    for name in ("aiokafka", "faust", "mode"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
