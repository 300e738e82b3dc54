"""The receipt of a submission: where it stands in the log, and what became of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from contracts.base import sha256_hex
from contracts.envelope import Submission, UnreadableError, decode_submission
from contracts.reference import Register
from contracts.topics import submissions_topic
from ledger.log import EventLog, Record
from services.intake.api import verdict_sentence
from services.intake.desk import Desk
from web.actor import Actor
from web.pages import Pages
from web.problems import ProblemError

FAMILY = "grievance"
TOPIC = submissions_topic(FAMILY)


class Receipts:
    """The receipt pages. `log` is read for the record itself."""

    def __init__(self, pages: Pages, desk: Desk, log: EventLog) -> None:
        self._pages = pages
        self._desk = desk
        self._log = log

    async def show(self, request: Request, actor: Actor, partition: int, offset: int) -> Response:
        """The receipt of the submission at this place. Raises ProblemError 403, 404; LogError."""
        record, submission = await self._submission(partition, offset)
        register = await self._desk.register()
        if not serves(register, actor, submission.unit):
            raise ProblemError(403)
        unit = register.unit(submission.unit)
        verdict = await self._desk.decisions.wait(FAMILY, partition, offset, 0)
        is_lodging = submission.type == "grievance.lodge.v1"
        return await self._pages.render(
            request,
            "intake/receipt.html",
            submission=submission,
            record=record,
            unit_name=unit.name if unit else submission.unit,
            tracking_number=self._desk.tracking_number(submission.id) if is_lodging else None,
            position=f"{TOPIC}/{partition}/{offset}",
            digest=record_digest(record),
            verdict=verdict,
            reason=verdict_sentence(verdict, self._pages.gettext(request)) if verdict else None,
        )

    async def _submission(self, partition: int, offset: int) -> tuple[Record, Submission]:
        records = await self._log.read(TOPIC, partition, offset, 1)
        if not records:
            raise ProblemError(404)
        try:
            return records[0], decode_submission(records[0].value, records[0].key)
        except UnreadableError:
            raise ProblemError(404) from None


def record_digest(record: Record) -> str:
    """SHA-256 of the record's value, in groups of eight that can be read out."""
    digest = sha256_hex(record.value or b"")
    return " ".join(digest[at : at + 8] for at in range(0, 64, 8))


def serves(register: Register, actor: Actor, unit: str) -> bool:
    """Whether this actor holds a role in this unit, or above it."""
    return any(register.holds(actor.id, role, unit) for role in actor.roles)
