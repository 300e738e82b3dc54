"""The embedded host: every partition of a family in one process, whatever log it is on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contracts.topics import partitions_of
from ledger.log import EventLog, LogError, TopicPartition
from runtime.genesis import Ledger
from runtime.index import index_of
from runtime.kernel import FamilyRules
from runtime.register_reader import RegisterReader
from runtime.seat import Seat
from runtime.worker import PartitionWorker

_IDLE_SECONDS = 2.0
"""How often the log is looked at even if it does not tell of anything new."""

_RETRY_SECONDS = 1.0


def make_workers(
    log: EventLog,
    ledger: Ledger,
    rules: FamilyRules,
    clock: Callable[[], int],
    index_folder: Path | None = None,
) -> list[PartitionWorker]:
    """One worker for each partition of the family, sharing one reader of the register.

    `index_folder` is for derived files that let them start fast (see runtime/index.py); close the workers
    to let go of them.
    """
    family = rules.family
    register = None if family == "register" else RegisterReader(log, ledger)
    workers = []
    for number in range(partitions_of(family, ledger.genesis.partitions)):
        index = None if index_folder is None else index_of(index_folder, ledger, family, number)
        workers.append(PartitionWorker(log, ledger, rules, number, register, clock, index))
    return workers


async def catch_up(workers: Sequence[PartitionWorker]) -> int:
    """Decide all there is; return how many. Raises LogUnavailableError, RulesMissingError."""
    decided = 0
    for worker in workers:
        decided += await worker.catch_up()
    return decided


async def run(log: EventLog, workers: Sequence[PartitionWorker], stop: asyncio.Event) -> None:
    """Decide whatever comes, until `stop`. A log that is away is waited for.

    Raises RulesMissingError: a worker without the rules in force stops. The workers are closed in the end.
    """
    loop = asyncio.get_running_loop()
    failure: asyncio.Future[None] = loop.create_future()

    def fail(error: BaseException) -> None:
        if not failure.done():
            failure.set_exception(error)

    seats = {worker.partition: Seat(worker, fail) for worker in workers}
    tasks = [loop.create_task(_watch(log, workers[0].submissions, seats)), loop.create_task(_stopped(stop))]
    try:
        over, _ = await asyncio.wait([failure, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for done in over:
            done.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await asyncio.gather(*(seat.leave() for seat in seats.values()))


async def _watch(log: EventLog, topic: str, seats: Mapping[int, Seat]) -> None:
    """Tell each partition's seat whenever something is appended to the topic."""
    ends: dict[TopicPartition, int] = {}
    while True:
        try:
            if ends:
                await log.wait(ends, _IDLE_SECONDS)
            ends = await log.end_offsets([topic])
        except LogError:
            # The seats say so.
            await asyncio.sleep(_RETRY_SECONDS)
        for at, end in ends.items():
            seats[at.partition].look(end)


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()
