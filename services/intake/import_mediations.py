"""Imports of mediations: how each began, and what came of it where its source tells."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.mediation import Origin
from runtime.submit import Said
from services.intake.importing import GrievanceImport, ImportReport, Plan, digest_of_row
from services.intake.rows import ImportRow

_ORIGINS: Mapping[str, Origin] = {"letter": "written", "visit": "initiative"}
"""Channel of the map → how its mediations began; any other: by word of mouth."""


class MediationImport(GrievanceImport):
    """Imports mediations of another system; parties stay unknown, and nothing is sealed but the story."""

    family = "mediation"
    begins, ends = "start", "tell_outcome"

    def _plan(self, row: ImportRow) -> Plan:
        beginning = self._lodging(row)
        if row.is_open:
            return Plan(row, beginning, None, None, None)
        told_at = row.lodged_at if row.closed_at is None else row.closed_at
        body = {"outcome": row.outcome} | ({} if row.closed_at is None else {"ended_at": row.closed_at})
        key = f"outcome:{row.source_id}:{row.closed_at}:{row.outcome}"
        subject = self._submitter.subject_of(beginning)
        end = self._said("mediation.tell_outcome.v1", body, key, subject=subject, told_at=told_at)
        return Plan(row, beginning, None, None, end)

    def _with_repeats(self, plans: list[Plan], _report: ImportReport) -> list[Plan]:
        """Disputes of the same words are as many disputes: a source of mediations names no repeats."""
        return plans

    def _lodging(self, row: ImportRow) -> Said:
        body = {
            "origin": _ORIGINS.get(self._importer.channel, "oral"),
            "dispute": row.category or "other",
            "story": row.story if row.title is None else f"{row.title}\n{row.story}",
            "source_id": row.source_id,
            "zone": row.zone,
        }
        told = {name: value for name, value in body.items() if value is not None}
        key = f"start:{row.source_id}:{digest_of_row(row)}"
        return self._said("mediation.start.v1", told, key, kind="med", told_at=row.lodged_at)
