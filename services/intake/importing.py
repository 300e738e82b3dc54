"""Imports: rows become submissions at their own times, inside a batch (invariant 10).

Every row's identity comes from its content, so that importing the same file again, or going on after a
crash, adds only what is not on the log yet.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from contracts.envelope import UnreadableError, decode_submission
from contracts.grievance import Channel
from contracts.partition import partition_of
from contracts.personal import SubjectRole
from contracts.topics import Family, partitions_of, submissions_topic
from contracts.tracking import digest_of
from ledger.log import EventLog
from runtime.genesis import Ledger
from runtime.submit import Said, Submitter
from services.intake.rows import ImportRow, Progress
from services.intake.tables import Fault

CHUNK = 500
"""Rows whose submissions are made together: they share the log's commits."""

BULK = 5000


class Importer(NamedTuple):
    """Who imports, into which community, seeing how much of the register; and from what kind of source.

    `counts_times`: the source has a column for person-times, so that a row without any tells none.
    """

    actor: str
    unit: str
    basis: int
    source: str = "message-board"
    channel: Channel = "message_board"
    counts_times: bool = False


class ImportFile(NamedTuple):
    """The file: its name, the SHA-256 of its content, and of the map that it is read by."""

    name: str
    content: str
    map: str = ""


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do. `already`: submissions that were on the log before it.

    `bad`: the faults for which rows were left out, `notes`: those of rows imported without a value.
    """

    batch: str = ""
    rows: int = 0
    lodged: int = 0
    accepted: int = 0
    replied: int = 0
    closed: int = 0
    duplicates: int = 0
    already: int = 0
    bad: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows were left out."""
        return len({fault.row for fault in self.bad})


class Plan(NamedTuple):
    """What a row comes to: its lodging, and what followed, in order."""

    row: ImportRow
    lodging: Said
    accept: Said | None
    reply: Said | None
    close: Said | None


class GrievanceImport:
    """Imports rows of another system into one community."""

    family: Family = "grievance"
    begins, ends = "lodge", "close"
    """Its commands that begin a stream, and that say what came of it."""

    def __init__(self, log: EventLog, ledger: Ledger, submitter: Submitter, importer: Importer) -> None:
        self._log = log
        self._submitter = submitter
        self._importer = importer
        count = partitions_of(self.family, ledger.genesis.partitions)
        self._partition = partition_of(importer.unit, count)

    async def run(
        self,
        file: ImportFile,
        rows: Iterable[ImportRow | Fault],
        progress: Progress,
        *,
        dry: bool = False,
    ) -> ImportReport:
        """Import the rows of a file; `progress` is told how many are done. `dry`: submit nothing.

        Raises LogError; what was submitted before it stays, and the next run goes on from there.
        """
        report = ImportReport()
        plans = self._plans(rows, report)
        known = await self._known()
        generation = self._generation(file, plans, known)
        opening = self._opening(file, generation)
        report.batch = self._submitter.subject_of(opening)
        await self._submit([opening], known, report, dry)
        good = 0
        for start in range(0, len(plans), CHUNK):
            chunk = plans[start : start + CHUNK]
            await self._import_chunk(chunk, known, report, dry)
            good += len(chunk)
            progress(good)
        await self._submit([self._closing(report, file, generation)], known, report, dry)
        return report

    def _plans(self, rows: Iterable[ImportRow | Fault], report: ImportReport) -> list[Plan]:
        plans: list[Plan] = []
        for row in rows:
            if isinstance(row, Fault):
                (report.bad if row.left_out else report.notes).append(row)
            else:
                plans.append(self._plan(row))
        report.rows = len(plans) + report.bad_rows
        return self._with_repeats(plans, report)

    def _plan(self, row: ImportRow) -> Plan:
        lodging = self._lodging(row)
        case = self._submitter.subject_of(lodging)
        accept = reply = close = None
        if row.accepted_at is not None:
            key = f"accept:{row.source_id}:{row.accepted_at}"
            accept = self._said("grievance.accept.v1", {}, key, subject=case, told_at=row.accepted_at)
        if row.reply is not None and row.replied_at is not None:
            reply = self._reply(case, row, row.reply, row.replied_at)
        if row.closed_at is not None:
            key = f"close:{row.source_id}:{row.closed_at}:{row.outcome}"
            body = {"outcome": row.outcome}
            close = self._said("grievance.close.v1", body, key, subject=case, told_at=row.closed_at)
        return Plan(row, lodging, accept, reply, close)

    def _with_repeats(self, plans: list[Plan], report: ImportReport) -> list[Plan]:
        """With the case that each repeats: the one that the source names, or the first of the same words."""
        numbers = {plan.row.source_id: self._submitter.subject_of(plan.lodging) for plan in reversed(plans)}
        firsts: dict[bytes, str] = {}
        found = []
        for plan in plans:
            row, case = plan.row, self._submitter.subject_of(plan.lodging)
            original = firsts.setdefault(_same_words(row), case) if row.reporter else case
            if row.repeats is not None:
                named = numbers.get(row.repeats)
                original = named or original
                if named is None:
                    problem = "the case that it repeats is not in this file: not linked"
                    report.notes.append(Fault(row.row, "", problem, left_out=False))
            if original != case:
                report.duplicates += 1
                body = {**plan.lodging.body, "duplicate_of": original}
                plan = plan._replace(lodging=replace(plan.lodging, body=body))  # noqa: PLW2901 - as it will be said
            found.append(plan)
        return found

    async def _import_chunk(
        self, chunk: Sequence[Plan], known: dict[str, str | None], report: ImportReport, dry: bool
    ) -> None:
        """In the order of the log a case is lodged before anything is said about it."""
        said = []
        for plan in chunk:
            said.append(plan.lodging)
            if not self._is_of_another(plan, known, report):
                said += [one for one in (plan.accept, plan.reply, plan.close) if one is not None]
        new = Counter(one.type for one in await self._submit(said, known, report, dry))
        report.lodged += new[f"{self.family}.{self.begins}.v1"]
        report.accepted += new["grievance.accept.v1"]
        report.replied += new["grievance.reply.v1"]
        report.closed += new[f"{self.family}.{self.ends}.v1"]

    def _is_of_another(self, plan: Plan, known: dict[str, str | None], report: ImportReport) -> bool:
        """Whether another import brought the case: what is told of it now is for those who handle it."""
        batch = known.get(self._submitter.submission_id(plan.lodging), report.batch)
        if batch == report.batch:
            return False
        later = [one for one in (plan.accept, plan.reply, plan.close) if one is not None]
        new = [one for one in later if self._submitter.submission_id(one) not in known]
        report.already += len(later) - len(new)
        if new:
            problem = "the case came by an earlier import: enter at the case what has happened since"
            report.notes.append(Fault(plan.row.row, "", problem, left_out=False))
        return True

    async def _submit(
        self, said: Sequence[Said], known: dict[str, str | None], report: ImportReport, dry: bool
    ) -> Sequence[Said]:
        """Submit what is not on the log yet, together and in order; return it. `known` grows by it."""
        new = []
        for one in said:
            identity = self._submitter.submission_id(one)
            if identity not in known:
                known[identity] = report.batch
                new.append(one if one.type.startswith("control.") else replace(one, batch=report.batch))
        report.already += len(said) - len(new)
        if not dry:
            await self._submitter.submit_many(new)
        return new

    async def _known(self) -> dict[str, str | None]:
        """The id of each submission on the community's partition → the batch that it names."""
        return {known: batch async for known, batch in self._submissions()}

    async def _submissions(self) -> AsyncIterator[tuple[str, str | None]]:
        offset = 0
        topic = submissions_topic(self.family)
        while records := await self._log.read(topic, self._partition, offset, BULK):
            for record in records:
                try:
                    submission = decode_submission(record.value, record.key)
                except UnreadableError:
                    continue
                yield submission.id, submission.batch
            offset = records[-1].offset + 1

    def _generation(self, file: ImportFile, plans: Sequence[Plan], known: dict[str, str | None]) -> int:
        """Which batch of this file this is: another one where there are new rows and the last is closed."""
        empty = ImportReport()
        generation = 0
        while self._submitter.submission_id(self._closing_of(file, generation, empty)) in known:
            generation += 1
        new = any(self._submitter.submission_id(plan.lodging) not in known for plan in plans)
        return generation if new or generation == 0 else generation - 1

    def _opening(self, file: ImportFile, generation: int) -> Said:
        body = {"source": file.name[:120], "content": file.content}
        key = f"open:{file.content}:{file.map}:{generation}"
        return self._said("control.open_import.v1", body, key, kind="imp")

    def _closing(self, report: ImportReport, file: ImportFile, generation: int) -> Said:
        return self._closing_of(file, generation, report)

    def _closing_of(self, file: ImportFile, generation: int, report: ImportReport) -> Said:
        body = {"rows": report.rows, "bad_rows": report.bad_rows}
        key = f"close:{file.content}:{file.map}:{generation}"
        batch = self._submitter.subject_of(self._opening(file, generation))
        return self._said("control.close_import.v1", body, key, subject=batch)

    def _lodging(self, row: ImportRow) -> Said:
        key = f"lodge:{row.source_id}:{digest_of_row(row)}"
        lodging = self._said("grievance.lodge.v1", {}, key, kind="grv", told_at=row.lodged_at)
        body = {
            "tracking": digest_of(self._submitter.tracking_number(self._submitter.submission_id(lodging))),
            "channel": self._importer.channel,
            "title": row.title,
            "story": row.story,
            "reporter_name": row.reporter,
            "source_id": row.source_id,
            "zone": row.zone,
            "zone_told": row.place,
            "category": row.category,
            "target_at": row.target_at,
        }
        body = {name: value for name, value in body.items() if value is not None}
        handles: dict[SubjectRole, str] = {}
        if row.reporter:
            handles["reporter"] = f"{self._importer.source}:{self._importer.unit}:{row.reporter}"
        return replace(lodging, body=body, handles=handles)

    def _reply(self, case: str, row: ImportRow, reply: str, replied_at: int) -> Said:
        key = f"reply:{row.source_id}:{_digest(f'{replied_at} {reply}')}"
        body = {"reply": reply, "closes": row.reply_closes}
        return self._said("grievance.reply.v1", body, key, subject=case, told_at=replied_at)

    def _said(
        self,
        command: str,
        body: Mapping[str, object],
        key: str,
        subject: str | None = None,
        kind: str = "",
        told_at: int | None = None,
    ) -> Said:
        return Said(
            family=self.family,
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
        )


def _same_words(row: ImportRow) -> bytes:
    return hashlib.sha256(f"{row.reporter}\0{row.story}".encode()).digest()


def digest_of_row(row: ImportRow) -> str:
    """What makes one beginning of a row another than that of an edited row of the same number."""
    return _digest("\0".join((row.reporter or "", row.title or "", str(row.lodged_at), row.story)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
