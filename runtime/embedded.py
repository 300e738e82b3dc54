"""The embedded host: every partition of a family in one task of one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from contracts.topics import partitions_of
from ledger.log import EventLog, LogError, TopicPartition
from runtime.genesis import Ledger
from runtime.kernel import FamilyRules
from runtime.register_reader import RegisterReader
from runtime.worker import PartitionWorker

_IDLE_SECONDS = 1.0
_RETRY_SECONDS = 1.0


def make_workers(
    log: EventLog,
    ledger: Ledger,
    rules: FamilyRules,
    clock: Callable[[], int],
) -> list[PartitionWorker]:
    """One worker for each partition of the family, sharing one reader of the register."""
    register = None if rules.family == "register" else RegisterReader(log, ledger)
    count = partitions_of(rules.family, ledger.genesis.partitions)
    return [PartitionWorker(log, ledger, rules, number, register, clock) for number in range(count)]


async def catch_up(workers: Sequence[PartitionWorker]) -> int:
    """Decide all there is; return how many. Raises LogUnavailableError, RulesMissingError."""
    decided = 0
    for worker in workers:
        decided += await worker.catch_up()
    return decided


async def run(log: EventLog, workers: Sequence[PartitionWorker], stop: asyncio.Event) -> None:
    """Decide whatever comes, until `stop`. A log that is away is waited for.

    Raises RulesMissingError: a worker without the rules in force stops.
    """
    logger = structlog.get_logger("worker")
    while not stop.is_set():
        try:
            await catch_up(workers)
            topic = workers[0].submissions
            positions = {TopicPartition(topic, worker.partition): worker.next_offset or 0 for worker in workers}
            await log.wait(positions, _IDLE_SECONDS)
        except LogError as error:
            logger.warning("log unavailable", topic=workers[0].submissions, reason=type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)

