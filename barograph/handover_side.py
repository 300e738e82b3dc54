"""The open work that handlers hand over: read from the read model, and assigned to whoever took it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from runtime.register_reader import RegisterReader
from runtime.submit import Said, Submitter
from services.projections.queries import open_cases_of
from services.projections.store import ReadModel


class HandledCases:
    """See services.register.handovers.OpenWork."""

    def __init__(self, submitter: Submitter, register: RegisterReader, model: ReadModel) -> None:
        self._submitter = submitter
        self._register = register
        self._model = model

    async def of(self, person: str, unit: str) -> Sequence[str]:
        """See services.register.handovers.OpenWork."""
        return await asyncio.to_thread(open_cases_of, self._model, person, unit)

    async def assign(self, case: str, unit: str, taker: str) -> None:
        """See services.register.handovers.OpenWork."""
        register = await self._register.catch_up()
        said = Said(
            family="grievance",
            type="grievance.assign.v1",
            body={"handler": taker},
            actor=taker,
            role="handler",
            unit=unit,
            key=f"handover/{case}/{register.basis}",
            subject=case,
            basis=register.basis,
        )
        await self._submitter.submit(said)
