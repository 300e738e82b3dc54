"""What intake and the clock ask of the read model: verdicts, tracked cases, deadlines, watched hours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import orjson

from barograph.station import wall_clock
from contracts.base import HOUR_MS
from contracts.figures import HIDDEN, OPEN
from contracts.grievance import RESIDENT
from contracts.personal import Sealed
from ledger.log import LogError, LogUnavailableError
from ledger.subject_keys import VaultError
from ledger.vault import Vault
from runtime.clock import DueDeadline
from services.intake.desk import Origin, Verdict
from services.intake.redaction import Redactable
from services.intake.tracking import Letter, Letters, TrackedCase, TrackedPart
from services.people.desk import PeopleDesk
from services.projections import accusations, aids, mediations, queries
from services.projections.access import AccessLog
from services.projections.database import ReadModelUnavailableError
from services.projections.history import event_name
from services.projections.papers import FILE_FIELDS, redactions_of, reporter_subject, text_of
from services.projections.projector import Projector
from services.projections.queries import CaseView
from services.projections.reading import Opener
from services.projections.rows import CaseEventRow, CaseRow
from services.projections.store import ReadModel
from services.projections.told import OF_PERSONS, told_of

_DUE_AT_ONCE = 200


class ReadVerdicts:
    """Verdicts on submissions, as soon as the read model has them."""

    def __init__(self, model: ReadModel, projector: Projector) -> None:
        self._model = model
        self._projector = projector

    async def wait(self, family: str, partition: int, offset: int, timeout: float) -> Verdict | None:
        """See services.intake.desk.Decisions.

        While the read model is away no verdict is visible: what was submitted is durable all the same.
        """
        try:
            if not await self._projector.wait_decided(family, partition, offset, timeout):
                return None
            found = await asyncio.to_thread(queries.decision, self._model, family, partition, offset)
        except (ReadModelUnavailableError, LogUnavailableError):
            return None
        return Verdict(found.outcome, found.reason, found.field) if found else None

    async def reporter(self, case: str) -> str | None:
        """See services.intake.desk.Decisions."""
        view = await asyncio.to_thread(queries.case_by_id, self._model, case)
        return reporter_subject(view) if view else None

    async def origin(self, case: str) -> Origin | None:
        """See services.intake.desk.Decisions."""
        view = await asyncio.to_thread(queries.case_by_id, self._model, case)
        return None if view is None else _origin(view)


def _origin(view: CaseView) -> Origin:
    row, told = view.case, told_of(view.events)
    plain = {
        "channel": row.channel,
        "anonymous": row.anonymous,
        "zone": row.zone,
        "petitioners": row.petitioners,
        "representatives": row.representatives,
        "on_behalf_of": row.on_behalf_of,
        "confidential": row.confidential or None,
    }
    known = {name: value for name, value in plain.items() if value is not None}
    return Origin(row.tracking, known, {name: told[name] for name in OF_PERSONS if name in told})


class ReadTexts:
    """Texts of cases in plain, for who is about to redact them."""

    def __init__(self, model: ReadModel, vault: Vault, access: AccessLog) -> None:
        self._model = model
        self._vault = vault
        self._access = access

    async def redactable(self, actor: str, unit: str, case: str, text: str) -> Redactable | None:
        """See services.intake.redaction.Texts."""
        view = await asyncio.to_thread(queries.case_by_id, self._model, case)
        if view is None or view.case.unit != unit or text in view.case.redacted.split():
            return None
        await self._access.record_reading(actor, unit, "casework", cases=[case])
        found = text_of(view, text)
        plain = self._vault.read(Sealed.model_validate(found[1]), found[0]) if found else None
        if found is None or plain is None:
            return None
        is_file = found[0] in FILE_FIELDS
        return Redactable("" if is_file else plain, is_file)


_LETTERS = {"replied": "reply", "not_accepted": "remedy", "review_answered": "note"}
"""Event that is a letter to the complainant → the field that holds its text."""


class ReadTracking:
    """Cases and accusations by their tracking numbers; letters open once their reading is on record (ADR 0030)."""

    def __init__(self, model: ReadModel, vault: Vault, people: PeopleDesk) -> None:
        self._model = model
        self._vault = vault
        self._people = people

    async def find(self, tracking_number: str, part: int = 0) -> TrackedCase | None:
        """See services.intake.tracking.Cases."""
        found, parts = await self._found(tracking_number, part)
        if found is None or found.case.status == HIDDEN:
            return None if part else await self._accusation(tracking_number)
        if not found.events:
            return None
        # The receipt is of the lodging; the state is that of the case where it is now.
        views = await asyncio.to_thread(queries.followed, self._model, found)
        case = views[-1].case
        return TrackedCase(
            unit=case.unit,
            status=_state(case),
            lodged_at=case.lodged_at,
            changed_at=case.changed_at,
            due_at=case.due_at,
            replied_at=case.replied_at,
            closed_at=case.closed_at,
            partition=found.case.partition,
            offset=found.events[0].submission_offset,
            zone=case.zone,
            case=case.case_id,
            offers=tuple(_offers(case, wall_clock())),
            answered=any(event_name(row.type) in _LETTERS for view in views for row in view.events),
            satisfaction=case.satisfaction,
            additions=case.additions,
            withdrawal_asked=case.withdrawal_asked,
            confirm_from=case.confirm_from,
            undo_until=case.undo_until,
            parts=parts,
        )

    async def _found(
        self, tracking_number: str, part: int
    ) -> tuple[CaseView | None, tuple[TrackedPart, ...]]:
        """One of the cases under a number, and all of them where they are several."""
        first = await asyncio.to_thread(queries.case_by_tracking_number, self._model, tracking_number)
        if first is None:
            return None, ()
        split = (await asyncio.to_thread(queries.relatives, self._model, first.case.case_id)).parts
        if part > len(split):
            return None, ()
        rows = (first.case, *split) if split else ()
        parts = tuple(TrackedPart(_state(row), row.lodged_at, row.category) for row in rows)
        if not part:
            return first, parts
        return await asyncio.to_thread(queries.case_by_id, self._model, split[part - 1].case_id), parts

    async def _accusation(self, tracking_number: str) -> TrackedCase | None:
        found = await asyncio.to_thread(accusations.by_tracking_number, self._model, tracking_number)
        if found is None:
            return None
        return TrackedCase(
            unit=found.unit,
            status=found.status,
            lodged_at=found.lodged_at,
            changed_at=found.changed_at,
            due_at=None,
            replied_at=None,
            closed_at=found.changed_at if found.status == "closed" else None,
            partition=found.partition,
            offset=found.submission_offset,
            family=found.family,
        )

    async def letters(self, tracking_number: str, part: int = 0) -> Letters:
        """See services.intake.tracking.Cases. What is read again within the hour is one reading."""
        found, _ = await self._found(tracking_number, part)
        if found is None or found.case.status == HIDDEN:
            return Letters()
        views = await asyncio.to_thread(queries.followed, self._model, found)
        hour, letters = wall_clock() // HOUR_MS, []
        for case, events in views:
            told, key = [case.case_id], f"tracking:{case.case_id}:{hour}"
            try:
                await self._people.record_reading(RESIDENT, case.unit, "tracking", cases=told, key=key)
            except (LogError, VaultError):
                return Letters(withheld=True)
            opener = Opener(self._vault, may_open=True, redactions=redactions_of(CaseView(case, events), str))
            letters += [_letter(row, opener) for row in events if event_name(row.type) in _LETTERS]
        return Letters(tuple(reversed(letters)))


def _state(case: CaseRow) -> str:
    return "overdue" if case.overdue and case.closed_at is None else case.status


def _letter(row: CaseEventRow, opener: Opener) -> Letter:
    kind = event_name(row.type)
    words = opener.words(orjson.loads(row.data).get(_LETTERS[kind]), _LETTERS[kind])
    text = words.text if words is not None and words.state == "open" else None
    return Letter(kind, row.effective_at or row.recorded_at, text)


def _offers(case: CaseRow, now: int) -> Iterator[str]:
    """What the holder of the number may say now. A courtesy only."""
    if case.replies:
        yield "rate"
    if case.status in OPEN:
        yield "add_information"
    if case.review_until is not None and now <= case.review_until:
        yield "request_review"
    yield from _endings(case, now)


def _endings(case: CaseRow, now: int) -> Iterator[str]:
    if case.status == "merged":
        yield "unmerge"
    elif case.status not in OPEN:
        if case.undo_until is not None and now <= case.undo_until:
            yield "undo_withdrawal"
    else:
        if case.confirm_from is None:
            yield "ask_withdrawal"
        elif now >= case.confirm_from:
            yield "confirm_withdrawal"
        if case.withdrawal_asked:
            yield "undo_withdrawal"


class ReadWatch:
    """What a clock looks at. A read model that is away counts as a log that is: the clock tries again."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model

    async def due(self, now: int) -> Sequence[DueDeadline]:
        """See runtime.clock.Watch."""
        with _unavailable():
            cases = await asyncio.to_thread(queries.due_deadlines, self._model, now, _DUE_AT_ONCE)
            others = await asyncio.to_thread(mediations.due, self._model, now, _DUE_AT_ONCE)
            requests = await asyncio.to_thread(aids.due, self._model, now, _DUE_AT_ONCE)
        found = [DueDeadline(*row) for row in cases] + [DueDeadline(*row, "mediation") for row in others]
        return found + [DueDeadline(*row, "aid") for row in requests]

    async def last_hour(self, family: str, partition: int) -> int:
        """See runtime.clock.Watch."""
        with _unavailable():
            return await asyncio.to_thread(queries.last_heartbeat, self._model, family, partition)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except ReadModelUnavailableError as error:
        raise LogUnavailableError(str(error)) from error
