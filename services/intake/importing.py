"""Imports: rows become submissions at their own times, inside a batch (invariant 10).

Every row's identity comes from its content, so that importing the same file again, or going on after a
crash, adds only what is not on the log yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

import anyio

from contracts.envelope import UnreadableError, decode_submission
from contracts.partition import partition_of
from contracts.topics import partitions_of, submissions_topic
from ledger.log import EventLog
from runtime.genesis import Ledger
from runtime.submit import Said, Submitter
from services.intake.message_board import BadCell, Message

CHUNK = 250
"""Rows whose submissions are made together: they share the log's commits."""

BULK = 5000
_TOPIC = submissions_topic("grievance")


class Importer(NamedTuple):
    """Who imports, into which community, seeing how much of the register."""

    actor: str
    unit: str
    basis: int


@dataclass(slots=True)
class ImportReport:
    """What an import did. `already`: submissions that were on the log before it."""

    batch: str = ""
    rows: int = 0
    lodged: int = 0
    replied: int = 0
    duplicates: int = 0
    already: int = 0
    bad: list[BadCell] = field(default_factory=list)


class GrievanceImport:
    """Imports messages with replies into one community."""

    def __init__(self, log: EventLog, ledger: Ledger, submitter: Submitter, importer: Importer) -> None:
        self._log = log
        self._submitter = submitter
        self._importer = importer
        count = partitions_of("grievance", ledger.genesis.partitions)
        self._partition = partition_of(importer.unit, count)

    async def run(
        self,
        file_name: str,
        content: str,
        rows: Iterable[Message | BadCell],
        progress: Callable[[int], None],
    ) -> ImportReport:
        """Import rows of a file whose SHA-256 is `content`; `progress` is told how many rows are done.

        Raises LogError; what was submitted before it stays, and the next run goes on from there.
        """
        report = ImportReport()
        known = await self._known()
        opening = self._opening(file_name, content)
        report.batch = self._submitter.subject_of(opening)
        await self._submit([opening], known, report)
        firsts: dict[bytes, str] = {}
        remaining = iter(rows)
        while chunk := list(islice(remaining, CHUNK)):
            await self._import_chunk(chunk, firsts, known, report)
            progress(report.rows)
        await self._submit([self._closing(report, content)], known, report)
        return report

    async def _import_chunk(
        self,
        chunk: Sequence[Message | BadCell],
        firsts: dict[bytes, str],
        known: set[str],
        report: ImportReport,
    ) -> None:
        lodgings, replies = [], []
        for row in chunk:
            report.rows += 1
            if isinstance(row, BadCell):
                report.bad.append(row)
                continue
            lodging = self._lodging(row, report.batch, firsts)
            lodgings.append(lodging)
            report.duplicates += "duplicate_of" in lodging.body
            if row.reply is not None and row.replied_at is not None:
                case = self._submitter.subject_of(lodging)
                replies.append(self._reply(case, row.source_id, row.reply, row.replied_at, report.batch))
        report.lodged += await self._submit(lodgings, known, report)
        report.replied += await self._submit(replies, known, report)

    async def _submit(self, said: Sequence[Said], known: set[str], report: ImportReport) -> int:
        """Submit what is not on the log yet, together; return how many."""
        new = [one for one in said if self._submitter.submission_id(one) not in known]
        report.already += len(said) - len(new)
        async with anyio.create_task_group() as group:
            for one in new:
                group.start_soon(self._submitter.submit, one)
        return len(new)

    async def _known(self) -> set[str]:
        """The ids of all submissions on the community's partition."""
        return {submission_id async for submission_id in self._submission_ids()}

    async def _submission_ids(self) -> AsyncIterator[str]:
        offset = 0
        while records := await self._log.read(_TOPIC, self._partition, offset, BULK):
            for record in records:
                try:
                    yield decode_submission(record.value, record.key).id
                except UnreadableError:
                    continue
            offset = records[-1].offset + 1

    def _opening(self, file_name: str, content: str) -> Said:
        body = {"source": file_name[:120], "content": content}
        return self._said("control.open_import.v1", body, f"open:{content}", kind="imp")

    def _closing(self, report: ImportReport, content: str) -> Said:
        body = {"rows": report.rows, "bad_rows": len(report.bad)}
        return self._said("control.close_import.v1", body, f"close:{content}", subject=report.batch)

    def _lodging(self, row: Message, batch: str, firsts: dict[bytes, str]) -> Said:
        told = "\0".join((row.user, row.title, str(row.lodged_at), row.story))
        key = f"lodge:{row.source_id}:{_digest(told)}"
        lodging = self._said("grievance.lodge.v1", {}, key, kind="grv", told_at=row.lodged_at, batch=batch)
        case = self._submitter.subject_of(lodging)
        body = {
            "tracking_number": self._submitter.tracking_number(self._submitter.submission_id(lodging)),
            "channel": "message_board",
            "title": row.title,
            "story": row.story,
            "reporter_name": row.user,
            "source_id": row.source_id,
        }
        if row.place is not None:
            body["zone_told"] = row.place
        first = firsts.setdefault(hashlib.sha256(f"{row.user}\0{row.story}".encode()).digest(), case)
        if first != case:
            body["duplicate_of"] = first
        return replace(
            lodging, body=body, handles={"reporter": f"message-board:{self._importer.unit}:{row.user}"}
        )

    def _reply(self, case: str, source_id: str, reply: str, replied_at: int, batch: str) -> Said:
        key = f"reply:{source_id}:{_digest(f'{replied_at} {reply}')}"
        body = {"reply": reply, "closes": True}
        return self._said("grievance.reply.v1", body, key, subject=case, told_at=replied_at, batch=batch)

    def _said(
        self,
        command: str,
        body: Mapping[str, object],
        key: str,
        subject: str | None = None,
        kind: str = "",
        told_at: int | None = None,
        batch: str | None = None,
    ) -> Said:
        return Said(
            family="grievance",
            type=command,
            body=body,
            actor=self._importer.actor,
            role="clerk",
            unit=self._importer.unit,
            key=key,
            subject=subject,
            kind=kind,
            told_at=told_at,
            basis=self._importer.basis,
            batch=batch,
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
