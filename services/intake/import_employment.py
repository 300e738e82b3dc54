"""Imports of employment help: who was registered, by name or not, and when they began which kind of work."""

from __future__ import annotations

from dataclasses import replace

from runtime.submit import Said
from services.intake.importing import GrievanceImport, ImportReport, Plan, digest_of_row
from services.intake.rows import ImportRow
from services.intake.tables import Fault


class EmploymentImport(GrievanceImport):
    """Imports employment help of another system. A row that is there twice, word for word, is one person."""

    family = "aid"
    begins, ends = "register_seeker", "place"

    def _plan(self, row: ImportRow) -> Plan:
        beginning = self._lodging(row)
        if row.closed_at is None:
            return Plan(row, beginning, None, None, None)
        subject = self._submitter.subject_of(beginning)
        body = {"kind": row.outcome, "began_at": row.closed_at}
        key = f"place:{row.source_id}:{_digest(row)}"
        placed = self._said("aid.place.v1", body, key, subject=subject, told_at=row.closed_at)
        return Plan(row, beginning, None, None, placed)

    def _with_repeats(self, plans: list[Plan], report: ImportReport) -> list[Plan]:
        """Without rows that repeat an earlier one, and those that tell a placement and not of what kind, which are reported."""
        seen: set[str] = set()
        found = []
        for plan in plans:
            key = plan.lodging.key
            if plan.close is not None and plan.row.outcome == "not_told":
                problem = "placed, but not told in what kind of work: left out"
                report.bad.append(Fault(plan.row.row, "", problem, left_out=True))
            elif key in seen:
                report.duplicates += 1
            else:
                seen.add(key)
                found.append(plan)
        return found

    def _lodging(self, row: ImportRow) -> Said:
        body = {
            "need": row.category or "ordinary",
            "story": row.story if row.title is None else f"{row.title}\n{row.story}",
            "source_id": row.source_id,
        }
        key = f"register:{row.source_id}:{_digest(row)}"
        said = self._said("aid.register_seeker.v1", body, key, kind="emp", told_at=row.lodged_at)
        if not row.reporter:
            return said
        # The same name in two households is two people, as far as the source tells.
        handle = f"{self._importer.source}:{self._importer.unit}:{row.reporter}:{row.household or ''}"
        return replace(said, body={**body, "name": row.reporter}, handles={"applicant": handle})


def _digest(row: ImportRow) -> str:
    """What makes one row another than that of an edited row of the same number."""
    more = f"{row.category}|{row.household}|{row.outcome}|{row.closed_at}"
    return digest_of_row(row._replace(story=f"{row.story}\0{more}"))
