"""The read model follows a Kafka log as it follows the embedded one (invariant 19)."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

from contracts import grievance as g
from ledger.open import open_log
from services.projections.difference import compare_with_log
from services.projections.projector import Projector
from services.projections.rebuild import rebuild
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import rows
from tests.support.ledger import SEALED, DemoLedger


async def test_a_kafka_log_is_followed_rebuilt_and_compared(
    kafka_bootstrap: str, open_model: OpenModel, tmp_path: Path
) -> None:
    """Cases decided on Kafka are waited for, rebuilt to the same rows, and differ in nothing."""
    demo = DemoLedger(partitions=3)
    async with open_log(f"kafka://{kafka_bootstrap}/test-{uuid.uuid4().hex}") as log:
        await demo.pour(log)
        model = open_model(demo.ledger)
        projector = Projector(log, demo.ledger, model)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(projector.run(stop))
            for _ in range(5):
                last = demo.submit(g.AcceptV1(), subject=demo.lodge(title=SEALED))
                await demo.pour(log)
            assert await projector.wait_decided("grievance", last.partition, last.offset, timeout=60)
            stop.set()
        stand = rows(model, "cases")
        assert [row["status"] for row in stand] == ["accepted"] * 5
        await rebuild(log, model)
        assert rows(model, "cases") == stand
        scratch = ReadModel.open(f"sqlite:///{tmp_path}/scratch.sqlite", demo.ledger)
        compared = await compare_with_log(log, model, scratch)
        scratch.close()
        assert (compared.difference, compared.figures) == (None, compared.recomputed)
