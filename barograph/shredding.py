"""After a redaction: the text's key is destroyed, as soon as the decision is in the read model (ADR 0016)."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import structlog

from ledger.log import LogUnavailableError
from ledger.vault import Vault
from services.projections.database import ReadModelUnavailableError
from services.projections.page_queries import redacted_texts
from services.projections.projector import Projector
from services.projections.store import ReadModel

_SECONDS = 1.0


async def shred(model: ReadModel, projector: Projector, vault: Vault, stop: asyncio.Event) -> None:
    """Destroy the key of every redacted text, from the first redaction on, until `stop`.

    It begins anew with each start: a vault that was restored from an old copy loses what was redacted since.
    Any number may do so at once.
    """
    through: defaultdict[int, int] = defaultdict(int)
    version, logger = -1, structlog.get_logger("shredder")
    while not stop.is_set():
        try:
            destroyed = await shred_once(model, vault, through)
        except (LogUnavailableError, ReadModelUnavailableError) as error:
            logger.warning("redacted keys wait", reason=type(error).__name__)
        else:
            if destroyed:
                logger.info("redacted keys destroyed", keys=destroyed)
        version = await projector.wait_change(version, _SECONDS)


async def shred_once(model: ReadModel, vault: Vault, through: defaultdict[int, int]) -> int:
    """Destroy what was redacted at or after these submission offsets of each partition; move them on.

    Returns how many keys there were to destroy. Raises LogUnavailableError, ReadModelUnavailableError.
    """
    found = await asyncio.to_thread(redacted_texts, model, dict(through))
    destroyed = sum(vault.destroy_text(subject, text) for subject, text in found.texts)
    through.update(found.through)
    return destroyed
