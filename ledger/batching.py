"""Many awaited calls, one blocking transaction: what waits while a batch runs makes up the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Runs `flush` in a thread on all items that wait, one batch at a time.

    `flush` gets the items in order and returns as many answers; what it raises reaches every waiter.
    """

    def __init__(self, flush: Callable[[Sequence[Item]], Sequence[Answer]]) -> None:
        self._flush = flush
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def call(self, item: Item) -> Answer:
        """The answer to one item, once the batch it is in has been flushed."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._settle(batch)
        finally:
            self._task = None

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await asyncio.to_thread(self._flush, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is.
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
