"""Keeps a reaction going (invariant 8): it looks at what the read model says is left to be said, and says it."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from ledger.log import LogError
from ledger.subject_keys import VaultError
from services.projections.database import ReadModelUnavailableError
from services.projections.projector import Projector

_SECONDS = 5.0


class Reaction(Protocol):
    """Says, under ids that follow from their causes, what is left to be said. Any number may run."""

    async def look(self) -> int:
        """Say it, and return how much there was. Raises LogError, VaultError, ReadModelUnavailableError."""
        ...


async def keep_reacting(reaction: Reaction, projector: Projector, stop: asyncio.Event) -> None:
    """React until `stop`: at every change of the read model, and every few seconds."""
    version, logger = -1, structlog.get_logger("reactions")
    while not stop.is_set():
        try:
            await reaction.look()
        except (LogError, VaultError, ReadModelUnavailableError, OSError) as error:
            logger.warning("a reaction waits", which=type(reaction).__name__, reason=type(error).__name__)
        version = await projector.wait_change(version, _SECONDS)
