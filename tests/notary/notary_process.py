"""A program for tests: sign a folder's log, a few records at a time, and say so after each: FOLDER BATCH."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from ledger.log import TopicPartition
from ledger.tree_store import Growth, TreeStore
from services.notary import notary as notaries
from tests.notary.house import notary_over, opened_log


async def main(folder: Path, batch: int) -> None:
    """Sign to the end."""
    setattr(notaries, "BATCH", batch)  # noqa: B010 - a constant is set for this process alone
    grow = TreeStore.grow

    def told(store: Any, at: TopicPartition, before: int, growth: Growth) -> None:
        grow(store, at, before, growth)
        sys.stdout.write(f"signed {growth.tree.size}\n")
        sys.stdout.flush()

    setattr(TreeStore, "grow", told)  # noqa: B010 - mypy lets no method be assigned
    async with opened_log(folder) as log:
        with notary_over(log, folder) as notary:
            await notary.catch_up()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
