"""The read model as an audit sees it: compared with a fresh fold of the log, which is thrown away after."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from barograph.families import family_rules
from barograph.station import opened_log, wall_clock
from ledger.log import EventLog
from runtime.genesis import open_ledger
from runtime.settings import Settings
from services.audit.checks import ROW
from services.audit.comparing import shown
from services.audit.findings import Difference, Scalar
from services.audit.replay import Report
from services.audit.report import AuditReport, Stated, run_audit
from services.projections import difference as projections
from services.projections.projector import Projector
from services.projections.store import ReadModel

_NUMBER = re.compile(r"-?[0-9]{1,16}")


async def audit(settings: Settings, report: Report | None = None) -> AuditReport:
    """Bring the read model up to date, and audit the installation of these settings.

    Opens everything itself, and keeps the event loop busy: give it one of its own. Raises LogError,
    NoLedgerError, RulesMissingError, ReadModelError.
    """
    async with opened_log(settings) as log:
        ledger = await open_ledger(log)
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, ledger)
        try:
            await Projector(log, ledger, model).catch_up()
            side = AuditReadSide(log, model)
            return await run_audit(log, ledger, family_rules(), wall_clock, report, side)
        finally:
            model.close()


class AuditReadSide:
    """What services.audit.report.ReadSide asks for. Raises LogUnavailableError, ReadModelUnavailableError."""

    def __init__(self, log: EventLog, model: ReadModel) -> None:
        """`log` must belong to the event loop that `compare` is called in."""
        self._log = log
        self._model = model

    async def compare(self) -> Stated:
        """See services.audit.report.ReadSide."""
        with TemporaryDirectory(prefix="barograph-audit-") as folder:
            address = f"sqlite:///{Path(folder) / 'fresh.sqlite'}"
            scratch = await asyncio.to_thread(ReadModel.open, address, self._model.ledger)
            try:
                compared = await projections.compare_with_log(self._log, self._model, scratch)
            finally:
                scratch.close()
        found = None if compared.difference is None else _difference(compared.difference)
        return Stated(compared.rows, found, compared.figures)


def _difference(found: projections.Difference) -> Difference:
    return Difference(
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        what=f"{found.table}.{found.column or ROW}",
        expected=_shown(found.fresh),
        found=_shown(found.live),
    )


def _shown(text: str | None) -> Scalar:
    """A column as a report may show it: a number, a known word or id; of other text only the hash."""
    return int(text) if text is not None and _NUMBER.fullmatch(text) else shown(text)
