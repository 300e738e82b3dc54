"""After a redaction: the text's key is destroyed, as soon as the decision is in the read model (ADR 0016)."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import structlog

from ledger.log import LogUnavailableError
from ledger.vault import Vault
from services.projections.database import ReadModelUnavailableError
from services.projections.page_queries import redacted_texts
from services.projections.people_queries import subject_states
from services.projections.projector import Projector
from services.projections.store import ReadModel

_SECONDS = 1.0


class Shredder:
    """Destroys the key of every redacted text once, from the first redaction on.

    A text whose subject is under a legal hold keeps its key until the hold is lifted, though nobody is shown it.
    """

    def __init__(self, model: ReadModel, vault: Vault) -> None:
        self._model = model
        self._vault = vault
        self._through: defaultdict[int, int] = defaultdict(int)
        self._held: frozenset[tuple[str, str]] = frozenset()

    async def look(self) -> int:
        """Destroy what was redacted since the last look, and what is no longer held; return how many keys.

        Raises LogUnavailableError, ReadModelUnavailableError.
        """
        found = await asyncio.to_thread(redacted_texts, self._model, dict(self._through))
        texts = self._held | set(found.texts)
        subjects = sorted({subject for subject, _ in texts})
        states = await asyncio.to_thread(subject_states, self._model, subjects) if subjects else {}
        held = {subject for subject, state in states.items() if state.holds}
        due = [(subject, text) for subject, text in texts if subject not in held]
        destroyed = sum(self._vault.destroy_text(subject, text) for subject, text in due)
        self._through.update(found.through)
        self._held = texts - set(due)
        return destroyed


async def shred(model: ReadModel, projector: Projector, vault: Vault, stop: asyncio.Event) -> None:
    """Shred until `stop`.

    It begins anew with each start: a vault that was restored from an old copy loses what was redacted since.
    Any number may do so at once.
    """
    shredder = Shredder(model, vault)
    version, logger = -1, structlog.get_logger("shredder")
    while not stop.is_set():
        try:
            destroyed = await shredder.look()
        except (LogUnavailableError, ReadModelUnavailableError) as error:
            logger.warning("redacted keys wait", reason=type(error).__name__)
        else:
            if destroyed:
                logger.info("redacted keys destroyed", keys=destroyed)
        version = await projector.wait_change(version, _SECONDS)
