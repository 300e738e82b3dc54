"""Imports of aid that was given: to whom, where that is told, and what, each thing in its own unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contracts.aid import MOST_PERSONS, InKind
from runtime.submit import Said
from services.intake.importing import GrievanceImport, ImportReport, Plan, digest_of_row
from services.intake.rows import ImportRow
from services.intake.tables import Fault

_KINDS: Mapping[str, InKind] = {"goods": "goods", "trips": "trip", "services": "service", "hours": "hours"}
"""Column of the map → the kind of help."""


class AidImport(GrievanceImport):
    """Imports aid of another system. A row that is there twice, word for word, was given once."""

    family = "aid"
    begins, ends = "apply", "tell_grant"

    def _plan(self, row: ImportRow) -> Plan:
        beginning = self._lodging(row)
        body = {
            "granted": _granted(row),
            "amount": row.numbers.get("amount", 0),
            "in_kind": tuple(_in_kind(row)),
            "person_times": row.numbers.get("person_times", 0 if self._importer.counts_times else 1),
        }
        told_at = row.lodged_at if row.closed_at is None else row.closed_at
        key = f"grant:{row.source_id}:{_digest(row)}"
        subject = self._submitter.subject_of(beginning)
        end = self._said("aid.tell_grant.v1", body, key, subject=subject, told_at=told_at)
        return Plan(row, beginning, None, None, end)

    def _with_repeats(self, plans: list[Plan], report: ImportReport) -> list[Plan]:
        """Without rows that repeat an earlier one word for word, and those of no programme, which are reported."""
        seen: set[str] = set()
        found = []
        for plan in plans:
            row, digest = plan.row, f"{plan.row.source_id}:{_digest(plan.row)}"
            if row.category is None:
                report.bad.append(Fault(row.row, "", "no programme of the register: left out", left_out=True))
            elif digest in seen:
                report.duplicates += 1
            else:
                seen.add(digest)
                found.append(plan)
        return found

    def _lodging(self, row: ImportRow) -> Said:
        persons = min(max(row.numbers.get("persons", 1), 1), MOST_PERSONS)
        body: dict[str, Any] = {
            "programme": row.category or "",
            "origin": "found",
            "persons": persons,
            "story": row.story if row.title is None else f"{row.title}\n{row.story}",
            "name": row.reporter,
            "household": self._household(row.household) if row.household else None,
            "zone": row.zone,
            "source_id": row.source_id,
        }
        told = {name: value for name, value in body.items() if value is not None}
        key = f"apply:{row.source_id}:{_digest(row)}"
        said = self._said("aid.apply.v1", told, key, kind="aid", told_at=row.lodged_at)
        if not row.reporter:
            return said
        # The same name in two households is two people, as far as the source tells.
        whose = f"{row.reporter}:{row.household or ''}"
        handle = f"{self._importer.source}:{self._importer.unit}:{whose}"
        return replace(said, handles={"applicant": handle})

    def _household(self, told: str) -> str:
        """The id of a household of the source: the same for the same number, and nobody can tell the number from it."""
        said = self._said("people.enter_household.v1", {}, f"{self._importer.source}:{told}", kind="hsh")
        return self._submitter.subject_of(said)


def _granted(row: ImportRow) -> bool | None:
    given = row.numbers.get("amount", 0) > 0 or any(row.numbers.get(name, 0) for name in _KINDS)
    if given:
        return True
    return {"granted": True, "refused": False}.get(row.outcome)


def _in_kind(row: ImportRow) -> Iterator[dict[str, Any]]:
    for name, kind in _KINDS.items():
        if row.numbers.get(name, 0) > 0:
            yield {"kind": kind, "count": row.numbers[name]}


def _digest(row: ImportRow) -> str:
    """What makes one row another than that of an edited row of the same number."""
    numbers = ",".join(f"{name}={value}" for name, value in sorted(row.numbers.items()))
    more = f"{row.category}|{row.household}|{row.zone}|{row.outcome}|{row.closed_at}|{numbers}"
    return digest_of_row(row._replace(story=f"{row.story}\0{more}"))
