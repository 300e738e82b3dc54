"""A process that decides grievances until it is told to stop: `python -m tests.support.worker_process`.

On Kafka it is a member of a Faust consumer group, on SQLite the embedded host: what `barograph serve` runs.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

from ledger.open import open_log
from runtime import embedded
from runtime.genesis import open_ledger
from runtime.kernel import RulesMissingError
from tests.support.workload import RULES


async def work(log_url: str, workdir: Path, group: str) -> None:
    """Decide until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_log(log_url) as log:
        ledger = await open_ledger(log)
        if log_url.startswith("kafka://"):
            from runtime.faust_host import run_faust

            bootstrap, _, prefix = log_url.removeprefix("kafka://").partition("/")
            await run_faust(bootstrap, prefix, ledger, log, RULES, workdir, stop, group=group)
        else:
            workers = embedded.make_workers(log, ledger, RULES, lambda: time.time_ns() // 1_000_000, workdir)
            await embedded.run(log, workers, stop)


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log")
    parser.add_argument("workdir", type=Path)
    parser.add_argument("--group", default="")
    chosen = parser.parse_args()
    try:
        asyncio.run(work(chosen.log, chosen.workdir, chosen.group))
    except RulesMissingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - talks to whoever started it
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
