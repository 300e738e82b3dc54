"""What Faust alone delivers: the records of a topic to one agent that counts them."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path
from typing import Any

import faust


def faust_rate(bootstrap: str, topic: str, folder: Path, records: int) -> float:
    """Records a second, from the first that arrives to the last of so many."""
    for name in ("aiokafka", "faust", "mode"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return asyncio.run(_counted(bootstrap, topic, folder, records))


async def _counted(bootstrap: str, topic: str, folder: Path, records: int) -> float:
    app: Any = faust.App(
        f"bare-{uuid.uuid4().hex}",
        broker=f"kafka://{bootstrap}",
        env={},
        datadir=str(folder / "faust"),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        key_serializer="raw",
        value_serializer="raw",
        consumer_auto_offset_reset="earliest",
        stream_wait_empty=False,
    )
    seconds: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def count(stream: Any) -> None:
        seen, began = 0, 0.0
        async for _ in stream.events():
            seen += 1
            if seen == 1:
                began = time.perf_counter()
            if seen == records and not seconds.done():
                seconds.set_result(time.perf_counter() - began)

    app.agent(app.topic(topic, key_type=bytes, value_type=bytes, acks=False), concurrency=1)(count)
    await app.start()
    try:
        return records / await asyncio.wait_for(seconds, 600)
    finally:
        await app.stop()
