"""The read model as an audit sees it: compared with a fresh fold of the log, which is thrown away after."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from barograph.families import family_rules
from barograph.notary_side import trees_of
from barograph.station import opened_log, wall_clock
from contracts.evidence import ProvenReceipt, SignedReceipt
from ledger.log import EventLog
from ledger.notes import NoteError, split_notes
from ledger.receipts import ReceiptError, read_receipt
from runtime.genesis import open_ledger
from runtime.home import Home
from runtime.settings import Settings
from services.audit.checks import ROW
from services.audit.comparing import shown
from services.audit.evidence import NOTHING, Brought
from services.audit.findings import Difference, Scalar
from services.audit.integrity import run_integrity
from services.audit.replay import Report
from services.audit.report import AuditReport, Signed, Stated, run_audit
from services.projections import difference as projections
from services.projections.projector import Projector
from services.projections.store import ReadModel

_NUMBER = re.compile(r"-?[0-9]{1,16}")


async def audit(settings: Settings, report: Report | None = None, brought: Brought = NOTHING) -> AuditReport:
    """Bring the read model up to date, and audit the installation of these settings.

    `brought`: checkpoints and receipts that the auditor holds. Opens everything itself, and keeps the event
    loop busy: give it one of its own. Raises LogError, NoLedgerError, RulesMissingError, ReadModelError,
    NoteError, TreeStoreError.
    """
    async with opened_log(settings) as log:
        ledger = await open_ledger(log)
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, ledger)
        try:
            await Projector(log, ledger, model).catch_up()
            side = AuditReadSide(log, model)
            with contextlib.closing(trees_of(Home(settings.home))) as trees:
                signed = Signed(trees, brought)
                return await run_audit(log, ledger, family_rules(), wall_clock, report, side, signed)
        finally:
            model.close()


async def audit_integrity(settings: Settings, brought: Brought = NOTHING) -> AuditReport:
    """Hold the log against what was signed, and decide nothing anew. Raises as `audit`."""
    async with opened_log(settings) as log:
        ledger = await open_ledger(log)
        with contextlib.closing(trees_of(Home(settings.home))) as trees:
            return await run_integrity(log, ledger, wall_clock, Signed(trees, brought))


def read_brought(checkpoints: Sequence[Path], receipts: Sequence[Path]) -> Brought:
    """What the auditor's files hold. Raises BroughtError, whose sentence names the file."""
    notes: list[str] = []
    promises: list[SignedReceipt] = []
    for file in checkpoints:
        with _readable(file):
            notes += split_notes(file.read_bytes())
    for file in receipts:
        with _readable(file):
            read = read_receipt(file.read_bytes())
            promises.append(read.receipt if isinstance(read, ProvenReceipt) else read)
    return Brought(tuple(notes), tuple(promises))


@contextlib.contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BroughtError(f"{file} cannot be read: {error.strerror}") from error
    except (NoteError, ReceiptError) as error:
        raise BroughtError(f"{file}: {error}") from error


class BroughtError(Exception):
    """A file that an auditor brought is not what it should be; the sentence says why."""


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
