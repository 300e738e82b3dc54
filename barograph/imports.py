"""What the import command is asked for, and how it tells what it did."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from rich.console import Console

from contracts.base import sha256_hex
from contracts.employment import WorkNeed
from contracts.mediation import DisputeType
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from services.intake.importing import ImportFile, ImportReport
from services.intake.mapping import MESSAGE_BOARD, ImportMap, MapError, MapFamily, read_map
from services.intake.rows import Known
from services.intake.tables import Fault

LISTED = 50
"""Faults of a kind that are printed for a person; JSON has all."""


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """Which file, into which community, by which map (None: a message board's), and whether only to try.

    `family`: what its rows are meant to be.
    """

    file: Path
    community: str
    map: Path | None = None
    dry: bool = False
    family: MapFamily = "grievance"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did, and how long it took."""

    report: ImportReport
    asked: ImportAsked
    seconds: float

    @property
    def bad(self) -> list[Fault]:
        """The faults for which rows were left out."""
        return self.report.bad

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        asked, report = self.asked, self.report
        head = {"file": str(asked.file), "community": asked.community, "dry_run": asked.dry}
        faults = {name: [_told(one) for one in getattr(report, name)] for name in ("bad", "notes")}
        return {**head, "seconds": round(self.seconds, 3), **asdict(report), **faults}

    def show(self, console: Console) -> None:
        """Print it for a person."""
        report = self.report
        if self.asked.dry:
            console.print("a dry run: nothing was submitted")
        console.print(
            f"{report.rows} rows: {report.lodged} lodged, {report.accepted} accepted, {report.replied} replied, "
            f"{report.closed} closed, {report.duplicates} repeat an earlier one, "
            f"{report.already} submissions were there already"
        )
        if report.bad:
            console.print(f"{report.bad_rows} rows left out:")
            _list(report.bad, console)
        if report.notes:
            console.print("imported without these values:")
            _list(report.notes, console)


def _told(fault: Fault) -> dict[str, Any]:
    return {"row": fault.row, "column": fault.column, "problem": fault.problem}


def _list(faults: list[Fault], console: Console) -> None:
    for fault in faults[:LISTED]:
        where = f"row {fault.row}, {fault.column}" if fault.column else f"row {fault.row}"
        console.print(f"  {where}: {fault.problem}", markup=False, highlight=False)
    if len(faults) > LISTED:
        console.print(f"  and {len(faults) - LISTED} more: --json lists all")


_COMMANDS = {"grievance": "grievances", "mediation": "mediations", "aid": "aid", "employment": "employment"}


def read_asked(asked: ImportAsked) -> tuple[ImportMap, ImportFile]:
    """The map, and what names the file on the log. A file that is not there shows later.

    Raises MapError, where the map is of another family, too.
    """
    path = asked.map or MESSAGE_BOARD
    plan = read_map(path)
    if plan.family != asked.family:
        raise MapError(
            f"{path.name} is a map of {plan.family}: use 'barograph import {_COMMANDS[plan.family]}'"
        )
    content = asked.file.read_bytes() if asked.file.is_file() else b""
    return plan, ImportFile(asked.file.name, sha256_hex(content), sha256_hex(path.read_bytes()))


def known_in(register: Register, unit: UnitDefinedV1, plan: ImportMap, now: int) -> Known:
    """What an import into this community may rely on; `now` in milliseconds."""
    categories = {
        "grievance": frozenset(category.code for category in register.categories()),
        "mediation": frozenset(get_args(DisputeType)),
        "employment": frozenset(get_args(WorkNeed)),
        "aid": frozenset(one.programme for one in register.programmes()),
    }
    return Known(
        categories=categories[plan.family],
        zones=frozenset(zone.zone for zone in register.zones(unit.unit)),
        time_zone=ZoneInfo(unit.time_zone),
        now=now,
    )
