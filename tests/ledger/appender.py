"""A program for tests: append to topic "t", partition 0, of an SQLite log, and print what is acknowledged.

Arguments: path of the log, a name, the number of appends, how many of them at a time. Prints
"offset text" for each record once it is acknowledged.
"""

from __future__ import annotations

import asyncio
import sys

from ledger.log import Draft
from ledger.sqlite import SqliteLog


async def main(path: str, name: str, count: int, at_a_time: int) -> None:
    """Append, each appender its share in turn."""
    async with SqliteLog(path, busy_seconds=30) as log:

        async def append(first: int) -> None:
            for number in range(first, count, at_a_time):
                text = f"{name}-{number}"
                (offset,) = await log.append("t", 0, [Draft(number, None, text.encode())])
                sys.stdout.write(f"{offset} {text}\n")
                sys.stdout.flush()

        await asyncio.gather(*(append(first) for first in range(at_a_time)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
