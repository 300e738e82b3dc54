"""The register for whoever must answer while the log is away."""

from __future__ import annotations

from contracts.reference import Register
from ledger.log import LogError
from runtime.register_reader import RegisterReader


async def last_seen(reader: RegisterReader) -> Register:
    """The register as of now; while the log is away, as it was last folded.

    Pages go on with it, so that a form in hand is not lost. Nothing is decided by it (invariant 7).
    """
    try:
        return await reader.catch_up()
    except LogError:
        return reader.current()
