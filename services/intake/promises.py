"""Receipts that can be checked by anyone: signed on demand, printed with a QR code, handed out as files."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, Protocol

import segno
from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import sha256_hex
from contracts.doors import IN_PERSON
from contracts.envelope import Submission, UnreadableError, decode_submission
from contracts.evidence import ProvenReceipt, SignedReceipt
from contracts.grievance import policy_in
from contracts.reference import Register
from contracts.topics import submissions_topic
from ledger.keys import verify_submission
from ledger.log import EventLog, Record, TopicPartition
from ledger.receipts import qr_text, receipt_json
from runtime.key_reader import KeyReader
from runtime.submit import Submitter, receipt_of
from services.intake.desk import Desk
from web.actor import Actor
from web.notices import verdict_sentence
from web.pages import Pages
from web.problems import ProblemError

FAMILY = "grievance"
TOPIC = submissions_topic(FAMILY)
_QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""

Partition = Annotated[int, Path(ge=0, lt=1000)]
Offset = Annotated[int, Path(ge=0, lt=2**53)]


class Proof(NamedTuple):
    """That a record is in the signed tree: the text of a checkpoint, and the proof's hashes in hexadecimal."""

    checkpoint: str
    inclusion: tuple[str, ...]


class Proofs(Protocol):
    """Where the notary's proofs are read; the composition root supplies it."""

    async def find(self, topic: str, partition: int, offset: int) -> Proof | None:
        """The proof of this record in the newest checkpoint; None where the tree does not reach it yet."""
        ...


class Issued(NamedTuple):
    """A submission on the log with its receipt.

    `receipt` is None where the record does not bear intake's valid signature: nothing is promised of it.
    """

    record: Record
    submission: Submission
    receipt: SignedReceipt | None
    proof: Proof | None

    @property
    def code(self) -> str:
        """The receipt's QR code as an SVG picture, black on white in any colour scheme."""
        return qr_picture(self.receipt) if self.receipt else ""

    @property
    def file(self) -> bytes:
        """The receipt as a file: with its proof, where there is one. Raises ProblemError 404."""
        if self.receipt is None:
            raise ProblemError(404)
        if self.proof is None:
            return receipt_json(self.receipt)
        checkpoint, inclusion = self.proof
        return receipt_json(ProvenReceipt(receipt=self.receipt, checkpoint=checkpoint, inclusion=inclusion))


class Issuer:
    """Issues receipts for what stands on the log. `proofs` is None where no notary publishes a tree."""

    def __init__(
        self, log: EventLog, keys: KeyReader, submitter: Submitter, proofs: Proofs | None = None
    ) -> None:
        self.has_tree = proofs is not None
        self._log = log
        self._keys = keys
        self._submitter = submitter
        self._proofs = proofs

    async def issue(self, partition: int, offset: int, family: str = FAMILY) -> Issued | None:
        """The submission of a family at this place with its receipt; None where no submission stands there.

        Raises LogError.
        """
        topic = submissions_topic(family)
        found = await self._log.read(topic, partition, offset, 1)
        if not found:
            return None
        record = found[0]
        try:
            submission = decode_submission(record.value, record.key)
        except UnreadableError:
            return None
        ring = await self._keys.catch_up()
        place = TopicPartition(topic, partition)
        if verify_submission(record.value, ring, place, offset).verdict != "ok":
            return Issued(record, submission, None, None)
        receipt = self._submitter.promise(receipt_of(topic, partition, record, submission))
        proof = await self._proofs.find(topic, partition, offset) if self._proofs else None
        return Issued(record, submission, receipt, proof)


class ReceiptPages:
    """The receipt's page for staff, and its file."""

    def __init__(self, pages: Pages, desk: Desk, issuer: Issuer) -> None:
        self._pages = pages
        self._desk = desk
        self._issuer = issuer

    def router(self) -> APIRouter:
        """`/intake/receipts/{partition}/{offset}` and the same with `.json`."""
        router = APIRouter(prefix="/intake/receipts", include_in_schema=False)
        signed_in = self._pages.require()

        @router.get("/{partition}/{offset}.json")
        async def download(
            partition: Partition, offset: Offset, actor: Annotated[Actor, Depends(signed_in)]
        ) -> Response:
            return as_file(await self._issued(actor, partition, offset))

        @router.get("/{partition}/{offset}")
        async def show(
            request: Request,
            partition: Partition,
            offset: Offset,
            actor: Annotated[Actor, Depends(signed_in)],
        ) -> Response:
            issued = await self._issued(actor, partition, offset)
            return await self._pages.render(
                request, "intake/receipt.html", **await self._shown(request, issued, partition, actor)
            )

        return router

    async def _issued(self, actor: Actor, partition: int, offset: int) -> Issued:
        issued = await self._issuer.issue(partition, offset)
        if issued is None:
            raise ProblemError(404)
        register = await self._desk.register()
        if not serves(register, actor, issued.submission.unit):
            raise ProblemError(403)
        return issued

    async def _shown(self, request: Request, issued: Issued, partition: int, actor: Actor) -> dict[str, Any]:
        record, submission = issued.record, issued.submission
        unit = (await self._desk.register()).unit(submission.unit)
        verdict = await self._desk.decisions.wait(FAMILY, partition, record.offset, 0)
        # Who holds the number speaks as the complainant: whoever comes to handle the case does not read it here.
        is_own = submission.type == "grievance.lodge.v1" and submission.actor == actor.id
        has_number = is_own and "split_from" not in submission.data
        policy = policy_in(await self._desk.register())
        return {
            "to_choose": to_choose(submission.data, policy.representatives_in_person if policy else None),
            "minutes": policy.danger_minutes if policy else None,
            "issued": issued,
            "submission": submission,
            "record": record,
            "unit_name": unit.name if unit else submission.unit,
            "tracking_number": self._desk.tracking_number(submission.id) if has_number else None,
            "position": f"{TOPIC}/{partition}/{record.offset}",
            "digest": record_digest(record),
            "verdict": verdict,
            "reason": verdict_sentence(verdict, self._pages.gettext(request)) if verdict else None,
            "standing": standing(issued, self._desk.now(), has_tree=self._issuer.has_tree),
        }


def to_choose(data: Mapping[str, Any], most: int | None) -> int | None:
    """How many may speak for all, where a lodging names more who came in person; else None."""
    spoken = data.get("representatives") or 0
    return most if most is not None and data.get("channel") in IN_PERSON and spoken > most else None


def as_file(issued: Issued) -> Response:
    """The receipt as a download. Its name tells its place and nothing else. Raises ProblemError 404."""
    content = issued.file
    receipt = issued.receipt
    place = f"{receipt.partition}-{receipt.offset}" if receipt else ""
    headers = {
        "Content-Disposition": f'attachment; filename="receipt-{place}.json"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/json", headers=headers)


def standing(issued: Issued, now: int, *, has_tree: bool) -> str:
    """How far the promise is: `proven`, `waiting`, `overdue`, `no_tree`, or `unsigned` where there is none."""
    if issued.receipt is None:
        return "unsigned"
    if issued.proof is not None:
        return "proven"
    if not has_tree:
        return "no_tree"
    return "waiting" if now < issued.receipt.due_at else "overdue"


def qr_picture(receipt: SignedReceipt) -> str:
    """A QR code that holds the whole receipt, with correction level M, as inline SVG."""
    code = segno.make(qr_text(receipt), error="m", micro=False, boost_error=False)
    return code.svg_inline(
        border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )


def record_digest(record: Record) -> str:
    """SHA-256 of the record's value, in groups of eight that can be read out."""
    digest = sha256_hex(record.value or b"")
    return " ".join(digest[at : at + 8] for at in range(0, 64, 8))


def serves(register: Register, actor: Actor, unit: str) -> bool:
    """Whether this actor holds a role in this unit, or above it."""
    return any(register.holds(actor.id, role, unit) for role in actor.roles)
