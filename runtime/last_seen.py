"""The register for whoever must answer while the log is away."""

from __future__ import annotations

import asyncio

from contracts.reference import Register
from ledger.log import LogError
from runtime.register_reader import RegisterReader

PATIENCE_SECONDS = 2.0
"""How long a page waits for a log that does not answer."""


async def last_seen(reader: RegisterReader, patience: float = PATIENCE_SECONDS) -> Register:
    """The register as of now; while the log is away or silent, as it was last folded.

    Pages go on with it, so that a form in hand is not lost. Nothing is decided by it (invariant 7).
    """
    try:
        async with asyncio.timeout(patience):
            return await reader.catch_up()
    except (LogError, TimeoutError):
        return reader.current()
