"""What the desk of households asks of the read model."""

from __future__ import annotations

import asyncio

from services.people.place_desk import Home
from services.projections import inspection_queries, place_queries, visits
from services.projections.store import ReadModel


class ReadPlaces:
    """See services.people.place_desk.Places."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model

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
