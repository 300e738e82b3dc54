"""The reaction that lodges what grew: a case for each opinion or finding of which a grievance was made (invariant 8).

Any number may run, and again after any crash: the case's id follows from what it grew from, so there is one.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import orjson

from contracts.grown import case_of, seed_of
from contracts.personal import Sealed
from contracts.tracking import digest_of
from ledger.vault import Vault
from runtime.register_reader import RegisterReader
from runtime.submit import OtherBodyError, Said, Submitter
from services.intake.danger import danger_in
from services.projections.seeds import Seed, seeds
from services.projections.store import ReadModel

_AT_ONCE = 100


class Growing:
    """Lodges each case that is to grow, speaking as `actor`."""

    def __init__(
        self,
        submitter: Submitter,
        register: RegisterReader,
        model: ReadModel,
        vault: Vault,
        actor: str,
    ) -> None:
        self._submitter = submitter
        self._register = register
        self._model = model
        self._vault = vault
        self._actor = actor

    async def look(self) -> int:
        """Lodge what has not been lodged yet; return how many these are.

        One whose words were erased meanwhile has nothing to lodge. Raises LogError, VaultError, ReadModelUnavailableError.
        """
        waiting = await asyncio.to_thread(seeds, self._model, _AT_ONCE)
        if waiting:
            await self._register.catch_up()
        for seed in waiting:
            words = self._vault.read(Sealed.model_validate(orjson.loads(seed.text)), seed.field)
            if words is not None:
                await self._lodge(seed, words)
        return len(waiting)

    async def _lodge(self, seed: Seed, words: str) -> None:
        grown_from = seed_of(seed.stream, seed.number)
        said = Said(
            family="grievance",
            type="grievance.lodge.v1",
            body={},
            actor=self._actor,
            role="clock",
            unit=seed.unit,
            key=grown_from,
            subject=case_of(grown_from),
            basis=self._register.history.end,
        )
        number = self._submitter.tracking_number(self._submitter.submission_id(said))
        body: dict[str, Any] = {
            "tracking": digest_of(number),
            "channel": "officer_visit" if seed.stream.startswith("vst_") else "inspection",
            "zone": seed.zone or None,
            "anonymous": True,
            "story": words,
            "grown_from": grown_from,
        }
        if (danger := danger_in(None, words)) is not None:
            body["danger"] = danger
        try:
            await self._submitter.submit(replace(said, body=body))
        except OtherBodyError:
            return
