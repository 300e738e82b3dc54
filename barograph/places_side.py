"""What the desk of households asks of the read model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import orjson

from contracts.personal import Sealed
from ledger.subject_keys import VaultError
from ledger.vault import Vault
from services.people.place_desk import Home, Listed, Resident, Standing
from services.projections import inspection_queries, place_queries, visits
from services.projections.place_rows import HouseholdRow, ResidentRow
from services.projections.store import ReadModel


class ReadPlaces:
    """See services.people.place_desk.Places."""

    def __init__(self, model: ReadModel, vault: Vault) -> None:
        self._model = model
        self._vault = vault

    async def home(self, household: str) -> Home | None:
        """See services.people.place_desk.Places."""
        if household.startswith("isp_"):
            done = await asyncio.to_thread(inspection_queries.inspection_by_id, self._model, household)
            return None if done is None else Home(household, done.unit, done.zone or None)
        if household.startswith("vst_"):
            visit = await asyncio.to_thread(visits.visit_by_id, self._model, household)
            return None if visit is None else Home(household, visit.row.unit, visit.row.zone)
        found = await asyncio.to_thread(place_queries.household_by_id, self._model, household)
        return None if found is None else Home(household, found.household.unit, found.household.zone)

    async def numbered(self, unit: str, prefix: str) -> str | None:
        """See services.people.place_desk.Places."""
        found = await asyncio.to_thread(place_queries.households_by_prefix, self._model, unit, prefix)
        return found[0] if len(found) == 1 else None

    async def subject_of(self, resident: str) -> str | None:
        """See services.people.place_desk.Places."""
        found = await asyncio.to_thread(place_queries.resident_by_id, self._model, resident)
        return None if found is None else found.subject

    async def standing(self, unit: str) -> Standing:
        """See services.people.place_desk.Places."""
        found = await asyncio.to_thread(place_queries.community_homes, self._model, unit)
        return Standing(tuple(self._listed(*one) for one in found.homes), found.ended)

    def _listed(self, home: HouseholdRow, people: Sequence[ResidentRow]) -> Listed:
        here = [one for one in people if one.state == "here"]
        return Listed(
            home.household_id,
            home.zone,
            self._plain(home.address, "address"),
            tuple(
                Resident(
                    self._plain(one.resident_name, "resident_name"),
                    self._plain(one.telephone, "telephone"),
                    self._plain(one.birth_year, "birth_year"),
                )
                for one in here
            ),
            tuple(one.subject for one in here),
            len(people) - len(here),
        )

    def _plain(self, stored: str | None, field: str) -> str:
        """A sealed text in plain; blank where it was not told, is erased or cannot be opened."""
        if stored is None:
            return ""
        try:
            return self._vault.read(Sealed.model_validate(orjson.loads(stored)), field) or ""
        except VaultError:
            return ""
