"""The audit's own fold of cases, from the events that its replay admits: the facts that figures rest on.

Written from contracts.figures_definition, not from the read model's fold, so that each holds the other
to account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from contracts import casework as w
from contracts import control as c
from contracts import doors as d
from contracts import ending as e
from contracts import grievance as g
from contracts import pausing as z
from contracts import transfer as t
from contracts.base import Message
from contracts.figures import OPEN, CaseFacts, CaseStatus, OccurrenceFacts, is_late_entered
from services.audit.happened import Happened


class _Due(NamedTuple):
    """A running deadline as decided: which, from when, until when."""

    deadline: g.Deadline
    start: int
    end: int


@dataclass(slots=True)
class _Case:
    unit: str
    zone: str | None
    zone_told: str | None
    lodged_at: int
    due: _Due | None
    batch: str | None
    duplicate_of: str | None
    late_entered: bool
    status: CaseStatus = "lodged"
    replied_at: int | None = None
    closed_at: int | None = None
    lapses: set[tuple[str, int]] = field(default_factory=set)
    overdue_historical: bool = False
    late: bool = False
    before: tuple[CaseStatus, _Due | None] | None = None
    came: bool = False
    petitioners: int | None = None
    in_person: bool = False
    representatives: int | None = None


class _Occurrence(NamedTuple):
    kind: g.OccurrenceKind
    case: str
    at: int


class CaseBook:
    """The cases of one partition of the grievance family."""

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}
        self._batches: dict[str, int | None] = {}
        self._occurrences: list[_Occurrence] = []

    def take(self, happened: Happened) -> None:
        """Fold the events of one decision."""
        for event in happened.events:
            kind = type(event)
            if kind in _STEPS:
                case = self._cases.get(happened.subject)
                if case is not None:
                    _STEPS[kind](self, case, event, happened.effective_at)
            elif kind in _BEGINNINGS:
                _BEGINNINGS[kind](self, event, happened)

    def facts(self) -> Iterator[CaseFacts]:
        """What the figures look at, case by case."""
        for case in self._cases.values():
            yield CaseFacts(
                unit=case.unit,
                zone=case.zone,
                status=case.status,
                lodged_at=case.lodged_at,
                replied_at=case.replied_at,
                closed_at=case.closed_at,
                overdue=case.status in OPEN and self._running(case) in case.lapses,
                overdue_historical=case.overdue_historical,
                late=case.late,
                duplicate_of=case.duplicate_of,
                imported=case.batch is not None,
                late_entered=case.late_entered,
                came=case.came,
                petitioners=case.petitioners,
                present=case.representatives if case.petitioners is not None and case.in_person else None,
            )

    def occurrences(self) -> Iterator[OccurrenceFacts]:
        """What has occurred, each in the unit and present zone of its case."""
        for kind, case_id, at in self._occurrences:
            case = self._cases.get(case_id)
            yield OccurrenceFacts(kind, case.unit if case else "", case.zone if case else None, at)

    def lodge(self, event: g.LodgedV1, happened: Happened) -> None:
        """A case begins."""
        at = happened.effective_at
        self._cases[happened.subject] = _Case(
            unit=happened.unit,
            zone=event.zone or event.zone_told,
            zone_told=event.zone_told,
            lodged_at=at,
            due=_Due("accept", at, event.accept_due_at),
            batch=happened.batch,
            duplicate_of=event.duplicate_of,
            late_entered=is_late_entered(
                happened.occurred_at, happened.recorded_at, imported=happened.batch is not None
            ),
            petitioners=event.petitioners if event.split_from is None else None,
            in_person=event.channel in d.IN_PERSON,
            representatives=event.representatives,
        )

    def take_in(self, event: t.TransferredInV1, happened: Happened) -> None:
        """A case goes on here that was lodged elsewhere, with the standing that it left with."""
        stood = event.standing
        self._cases[happened.subject] = _Case(
            unit=happened.unit,
            zone=None,
            zone_told=None,
            lodged_at=stood.lodged_at,
            due=_Due(stood.deadline, stood.due_start, stood.due_at),
            batch=None,
            duplicate_of=None,
            late_entered=False,
            status="lodged" if stood.deadline == "accept" else "accepted",
            replied_at=stood.replied_at,
            lapses={(stood.deadline, stood.due_at)} if stood.overdue else set(),
            late=stood.late,
            came=True,
        )

    def occur(self, event: g.OccurrenceRecordedV1, happened: Happened) -> None:
        """What a stability claim speaks of was recorded."""
        self._occurrences.append(_Occurrence(event.kind, happened.subject, happened.effective_at))

    def open_import(self, _event: c.ImportOpenedV1, happened: Happened) -> None:
        """An import begins."""
        self._batches[happened.subject] = None

    def close_import(self, event: c.ImportClosedV1, happened: Happened) -> None:
        """An import ends: deadlines that had passed within it count as missed in history."""
        batch, closed_at = happened.subject, event.closed_at
        if batch in self._batches:
            self._batches[batch] = closed_at
            for case in self._cases.values():
                if case.batch == batch and case.due is not None and case.due.end < closed_at:
                    case.overdue_historical = case.late = True

    def accept(self, case: _Case, event: g.AcceptedV1, at: int) -> None:
        """The handling term begins."""
        self._meet(case, at)
        case.status, case.due = "accepted", _Due("handle", at, event.handle_due_at)

    def not_accept(self, case: _Case, _event: g.NotAcceptedV1, at: int) -> None:
        """The case ends without being handled."""
        self._meet(case, at)
        case.status, case.closed_at, case.due = "not_accepted", at, None

    def refer(self, case: _Case, event: g.ReferredV1, _at: int) -> None:
        """The case moves to another zone."""
        case.zone = event.zone

    def give_back(self, case: _Case, event: w.ReturnedV1, _at: int) -> None:
        """The case goes back to the zone that it was referred from."""
        case.zone = event.zone or case.zone_told

    def extend(self, case: _Case, event: w.ExtensionDecidedV1, _at: int) -> None:
        """The handling term ends later, where the extension was approved."""
        if case.due is not None and event.handle_due_at is not None:
            case.due = case.due._replace(end=event.handle_due_at)

    def pause(self, case: _Case, event: z.PausedV1, at: int) -> None:
        """The handling term waits."""
        case.due = _Due("pause", at, event.until)

    def resume(self, case: _Case, event: z.ResumedV1, at: int) -> None:
        """The handling term runs on."""
        case.due = _Due("handle", at, event.handle_due_at)

    def reply(self, case: _Case, _event: g.RepliedV1, at: int) -> None:
        """The first reply counts."""
        case.replied_at = at if case.replied_at is None else case.replied_at

    def close(self, case: _Case, _event: g.ClosedV1, at: int) -> None:
        """The case ends. One that an imported reply closes was never accepted: its decision has judged it."""
        if case.status != "lodged":
            self._meet(case, at)
        case.status, case.closed_at, case.due = "closed", at, None

    def reopen(self, case: _Case, event: g.ReopenedV1, at: int) -> None:
        """The handling term begins anew."""
        case.status, case.closed_at, case.due = "accepted", None, _Due("handle", at, event.handle_due_at)

    def hand_over(self, case: _Case, _event: e.HandedToInspectionV1, _at: int) -> None:
        """It went on as an accusation, which figures of grievances do not follow."""
        case.status, case.due = "to_inspection", None

    def withdraw(self, case: _Case, _event: e.WithdrawnV1, at: int) -> None:
        """The complainant withdrew the case; how it stood is kept."""
        self._meet(case, at)
        case.before = case.status, case.due
        case.status, case.due = "withdrawn", None

    def merge(self, case: _Case, _event: e.MergedV1, at: int) -> None:
        """The case went into another one; how it stood is kept."""
        self._meet(case, at)
        case.before = case.status, case.due
        case.status, case.due = "merged", None

    def restore(self, case: _Case, _event: Message, _at: int) -> None:
        """The case stands as before it was withdrawn or merged; where it was neither, nothing changes."""
        if case.before is not None:
            (case.status, case.due), case.before = case.before, None

    def ask_review(self, case: _Case, event: w.ReviewRequestedV1, at: int) -> None:
        """A request for review ends the handling, where it had not ended, and its answer has a term."""
        self._meet(case, at)
        case.status, case.closed_at = "in_review", None
        case.due = _Due("review", at, event.answer_due_at)

    def answer_review(self, case: _Case, _event: w.ReviewAnsweredV1, at: int) -> None:
        """The case is closed by the answer."""
        self._meet(case, at)
        case.status, case.closed_at, case.due = "closed", at, None

    def leave(self, case: _Case, _event: t.TransferredOutV1, _at: int) -> None:
        """The case ends here, and goes on elsewhere."""
        case.status, case.due = "transferred", None

    def come_back(self, case: _Case, event: t.TransferReleasedV1, _at: int) -> None:
        """The other unit refused it: it is open here as it was."""
        case.status = "lodged" if event.deadline == "accept" else "accepted"
        case.due = _Due(event.deadline, event.due_start, event.due_at)

    def name_representatives(self, case: _Case, event: d.RepresentativesNamedV1, _at: int) -> None:
        """Others speak for the petitioners."""
        case.representatives = event.representatives

    def lapse(self, case: _Case, event: g.OverdueV1, _at: int) -> None:
        """A deadline passed."""
        case.late = True
        if event.historical:
            case.overdue_historical = True
        else:
            case.lapses.add((event.deadline, event.due_at))

    def _running(self, case: _Case) -> tuple[str, int] | None:
        """The deadline that runs for the clock, and its end (invariant 10); None where none does."""
        due = case.due
        if due is None or case.batch is None:
            return due and (due.deadline, due.end)
        closed_at = self._batches.get(case.batch)
        if closed_at is None:
            return None
        return due.deadline, max(due.end, closed_at + due.end - due.start)

    def _meet(self, case: _Case, at: int) -> None:
        """A step meets the deadline that runs: too late, if after its end."""
        if case.due is None:
            return
        running = self._running(case)
        if at > (case.due.end if running is None else running[1]):
            case.late = True
            case.overdue_historical = case.overdue_historical or running is None


_BEGINNINGS: Mapping[type[Message], Callable[[CaseBook, Any, Happened], None]] = MappingProxyType(
    {
        g.LodgedV1: CaseBook.lodge,
        t.TransferredInV1: CaseBook.take_in,
        g.OccurrenceRecordedV1: CaseBook.occur,
        c.ImportOpenedV1: CaseBook.open_import,
        c.ImportClosedV1: CaseBook.close_import,
    }
)
_STEPS: Mapping[type[Message], Callable[[CaseBook, _Case, Any, int], None]] = MappingProxyType(
    {
        g.AcceptedV1: CaseBook.accept,
        g.NotAcceptedV1: CaseBook.not_accept,
        g.ReferredV1: CaseBook.refer,
        w.ReturnedV1: CaseBook.give_back,
        w.ExtensionDecidedV1: CaseBook.extend,
        z.PausedV1: CaseBook.pause,
        z.ResumedV1: CaseBook.resume,
        g.RepliedV1: CaseBook.reply,
        g.ClosedV1: CaseBook.close,
        g.ReopenedV1: CaseBook.reopen,
        w.ReviewRequestedV1: CaseBook.ask_review,
        w.ReviewAnsweredV1: CaseBook.answer_review,
        e.HandedToInspectionV1: CaseBook.hand_over,
        e.WithdrawnV1: CaseBook.withdraw,
        e.WithdrawalUndoneV1: CaseBook.restore,
        e.MergedV1: CaseBook.merge,
        e.UnmergedV1: CaseBook.restore,
        d.RepresentativesNamedV1: CaseBook.name_representatives,
        g.OverdueV1: CaseBook.lapse,
        t.TransferredOutV1: CaseBook.leave,
        t.TransferReleasedV1: CaseBook.come_back,
    }
)


class Books:
    """The cases of every partition, as of the events offsets that stated figures rest on."""

    def __init__(self, until: Mapping[int, int] | None) -> None:
        """`until`: partition → the events offset at which its fold stops; None: at the end."""
        self._until = until
        self._books: dict[int, CaseBook] = {}

    def take(self, happened: Happened) -> None:
        """Fold a decision, unless it stands past where the fold stops."""
        if happened.family != "grievance":
            return
        if self._until is not None and happened.events_offset >= self._until.get(happened.partition, 0):
            return
        book = self._books.get(happened.partition)
        if book is None:
            book = self._books[happened.partition] = CaseBook()
        book.take(happened)

    def facts(self) -> Iterator[CaseFacts]:
        """The facts of every case."""
        for book in self._books.values():
            yield from book.facts()

    def occurrences(self) -> Iterator[OccurrenceFacts]:
        """Every occurrence."""
        for book in self._books.values():
            yield from book.occurrences()
