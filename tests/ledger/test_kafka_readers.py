"""The pool of readers on Kafka, as far as it can be judged without a broker."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from ledger import kafka_read
from ledger.log import TopicPartition


class Stub:
    """A reader whose disconnecting takes a turn of the event loop."""

    def __init__(self, users: int = 0) -> None:
        self.users = users
        self.closed = 0

    async def close(self) -> None:
        """Count it."""
        await asyncio.sleep(0)
        self.closed += 1


async def test_readers_that_make_room_at_once_close_each_idle_one_once() -> None:
    """Several reads that end together disconnect what is too much, none twice, and none that is in use."""
    readers = kafka_read.Readers(cast("Any", None), cast("Any", None))
    most = kafka_read._MAX_READERS
    stubs = [Stub(users=number % 2) for number in range(most + 10)]
    readers._readers.update({TopicPartition("t", at): cast("Any", stub) for at, stub in enumerate(stubs)})
    await asyncio.gather(*(readers._make_room() for _ in range(5)))
    assert len(readers._readers) == most
    assert sum(stub.closed for stub in stubs) == 10
    assert all(stub.closed <= 1 - stub.users for stub in stubs)
