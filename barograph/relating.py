"""The reaction that tells a grievance what came of the mediation and the aid requests that grew from it (invariant 8).

Any number may run, and again after any crash: what they say has ids that follow from the case, what grew from it
and what it came to.
"""

from __future__ import annotations

import asyncio

from runtime.register_reader import RegisterReader
from runtime.submit import Said, Submitter
from services.projections.seeds import Concluded, concluded
from services.projections.store import ReadModel

_AT_ONCE = 200


class Relating:
    """Tells each conclusion once, speaking as `actor`."""

    def __init__(self, submitter: Submitter, register: RegisterReader, model: ReadModel, actor: str) -> None:
        self._submitter = submitter
        self._register = register
        self._model = model
        self._actor = actor

    async def look(self) -> int:
        """Say what is to be said; return how much that is. Raises LogError, VaultError, ReadModelUnavailableError."""
        found = await asyncio.to_thread(concluded, self._model, _AT_ONCE)
        if found:
            await self._register.catch_up()
        for one in found:
            await self._submitter.submit(self._said(one))
        return len(found)

    def _said(self, one: Concluded) -> Said:
        return Said(
            family="grievance",
            type="grievance.note_related.v1",
            body={"related": one.related, "came_to": one.came_to},
            actor=self._actor,
            role="clock",
            unit=one.unit,
            key=f"{one.related}/{one.came_to}",
            subject=one.case,
            basis=self._register.history.end,
            causation=one.related,
        )
