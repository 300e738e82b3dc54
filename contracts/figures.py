"""The grievance figures: what each of them means, frozen, and how they are computed from cases.

The dashboard computes them by SQL; `compute` computes them from the cases one by one, so that an audit
can hold the one against the other (DESIGN.md section 6).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field, PlainSerializer

from contracts.base import DAY_MS, Code, Hash, Message, Milliseconds
from contracts.figures_definition import DEFINITION, Definition
from contracts.grievance import OccurrenceKind
from contracts.months import month_of, months_between

CaseStatus = Literal[
    "lodged",
    "accepted",
    "in_review",
    "not_accepted",
    "closed",
    "transferred",
    "withdrawn",
    "merged",
    "to_inspection",
]
State = Literal["provisional", "unknown", "certified"]
AsOf = dict[str, dict[str, int]]
"""Topic → partition → how many of its records the figures rest on, or are known of."""

OPEN: tuple[CaseStatus, ...] = ("lodged", "accepted", "in_review")
DONE: tuple[CaseStatus, ...] = ("closed", "not_accepted")
SET_ASIDE: tuple[CaseStatus, ...] = ("withdrawn", "merged")
"""How a case ends that is neither open nor closed; it stays among the received."""
HIDDEN: CaseStatus = "to_inspection"
"""A case that went on as an accusation: it is received, and no list, page or search of grievances shows it."""

AFTER_DAYS = (15, 30, 60)
LATE_ENTRY_MS = 3 * DAY_MS
"""How long a live lodging may come after what it tells of: what waits on paper over a weekend is in time.

Part of the definition, not of a policy: a figure must not change its meaning with a later setting.
"""
KINDS: tuple[OccurrenceKind, ...] = get_args(OccurrenceKind)

Days = Annotated[float, PlainSerializer(lambda days: round(days, 2), return_type=float)]
"""Days of 24 hours, exact in memory, with two decimals where they are written out."""


class CaseFacts(NamedTuple):
    """What the figures look at in one case. Times in milliseconds since the epoch.

    `zone` is the zone of ours, or else the place code that the source told; `replied_at` the first
    reply; `overdue`, `overdue_historical`, `late` and `late_entered` are as DEFINITION says; `came`: by transfer
    from another unit, where it was lodged. `petitioners`: of how many persons a joint petition is, None where it is
    none, came by transfer or was split off; `present`: how many representatives of one that came in person were named
    last.
    """

    unit: str
    zone: str | None
    status: CaseStatus
    lodged_at: int
    replied_at: int | None
    closed_at: int | None
    overdue: bool
    overdue_historical: bool
    late: bool
    duplicate_of: str | None
    imported: bool
    late_entered: bool
    came: bool = False
    petitioners: int | None = None
    present: int | None = None


class OccurrenceFacts(NamedTuple):
    """One recorded occurrence of what a stability claim speaks of; `zone` as of its case."""

    kind: OccurrenceKind
    unit: str
    zone: str | None
    at: int


class Scope(Message):
    """Which cases count: those of a unit, of a zone, lodged from `since` on and before `until`.

    None: no bound. Occurrences are selected by their own time. `time_zone` says when a month starts.
    `origins`: units that went into the unit, whose cases are counted with it, on its boundaries.
    """

    unit: Code | None = None
    zone: Code | None = None
    since: Milliseconds | None = None
    until: Milliseconds | None = None
    time_zone: Annotated[str, Field(max_length=40)] = "Asia/Shanghai"
    origins: Annotated[tuple[Code, ...], Field(strict=False, max_length=400)] = ()

    @property
    def units(self) -> tuple[Code, ...]:
        """The units whose cases count; empty: all of them."""
        return () if self.unit is None else (self.unit, *self.origins)

    def covers(self, unit: str, zone: str | None, at: int) -> bool:
        """Whether something of this unit and zone at this time is in scope."""
        return (
            (self.unit is None or unit in self.units)
            and self.zone in (None, zone)
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )


class Watching(NamedTuple):
    """What is recorded about the watching of a period (DESIGN.md section 6, invariant 16).

    `window_open`: the period or its late-return window still runs. `coverage`: the share of patrols
    done, None where none is recorded; `minimum` what the definition asks. `missing_zones`: zones whose
    nil return is missing. `settled`: every partition in scope has a heartbeat past the period's end and
    grace, nothing before it is undecided, and checkpoints cover both topics to there.
    """

    window_open: bool
    coverage: float | None
    minimum: float
    missing_zones: tuple[str, ...]
    settled: bool


UNWATCHED = Watching(window_open=False, coverage=None, minimum=1.0, missing_zones=(), settled=False)
"""Nothing is recorded about any watching."""


def watched_state(watching: Watching) -> State:
    """What may be said of a count in a period watched like this."""
    if watching.window_open:
        return "provisional"
    covered = watching.coverage is not None and watching.coverage >= watching.minimum
    if not covered or watching.missing_zones or not watching.settled:
        return "unknown"
    return "certified"


class OnTime(Message):
    """How many were closed with every deadline met, of those closed, open and overdue, or set aside too late."""

    on_time: int
    denominator: int


class ReplyDays(Message):
    """Days from lodging to the first reply; None where nothing was replied."""

    median: Days | None = None
    p90: Days | None = None
    max: Days | None = None


class Counts(Message):
    """The figures of one set of cases; each is defined in DEFINITION under its name."""

    received: int
    open: int
    closed: int
    not_accepted: int
    withdrawn: int
    merged: int
    overdue: int
    overdue_historical: int
    on_time: OnTime
    duplicates: int
    replied: int
    reply_days: ReplyDays
    replied_after_days: dict[str, int]
    transferred_in: int = 0
    transferred_out: int = 0


class ZoneCounts(Counts):
    """The figures of one zone, or of one place code told by a source; None: neither is known."""

    zone: str | None


class MonthCounts(Counts):
    """The figures of the cases lodged in one month (`2026-11`) of the scope's time zone."""

    month: str


class Petitions(Message):
    """Joint petitions, and the persons beside them: no person is ever counted among the cases."""

    cases: int
    representatives_present: int
    persons: int


class StabilityFigure(Message):
    """A count of occurrences, and what may be said of it: never the count alone."""

    count: int
    state: State


class Stability(Message):
    """The three stability claims."""

    collective_petition: StabilityFigure
    mass_incident: StabilityFigure
    heinous_crime: StabilityFigure


class DefinitionRef(Message):
    """Which frozen definition the figures follow."""

    id: str
    version: int
    hash: Hash


class Figures(Counts):
    """The grievance figures of one scope as of one position of the log.

    `imported` and `late_entered` are those of such cases alone, which the others include. `undecided`
    counts the submissions known of that have no decision yet.
    """

    definition: DefinitionRef
    scope: Scope
    imported: Counts
    late_entered: Counts
    petitions: Petitions
    stability: Stability
    by_zone: Annotated[tuple[ZoneCounts, ...], Field(strict=False)]
    by_month: Annotated[tuple[MonthCounts, ...], Field(strict=False)]
    as_of: AsOf
    undecided: int


class DelayRanks(NamedTuple):
    """Which of n delays in ascending order the reply figures take, counted from 0.

    The median is the mean of the two in the middle (of an odd number, both are the same one); the 90th
    percentile the smallest delay that at least 90 % do not exceed (nearest rank).
    """

    lower: int
    upper: int
    p90: int
    last: int


def delay_ranks(count: int) -> DelayRanks:
    """The ranks for this many delays, at least 1."""
    return DelayRanks((count - 1) // 2, count // 2, (9 * count + 9) // 10 - 1, count - 1)


def reply_days(lower: int, upper: int, p90: int, longest: int) -> ReplyDays:
    """The figures of the delays at these ranks, in milliseconds."""
    return ReplyDays(median=(lower + upper) / (2 * DAY_MS), p90=p90 / DAY_MS, max=longest / DAY_MS)


def compute(
    facts: Iterable[CaseFacts],
    occurrences: Iterable[OccurrenceFacts],
    scope: Scope | None = None,
    *,
    watching: Watching = UNWATCHED,
    as_of: AsOf | None = None,
    undecided: int = 0,
) -> Figures:
    """The figures of the cases and occurrences in scope. Raises ZoneInfoNotFoundError."""
    scope = scope or Scope()
    cases = [case for case in facts if scope.covers(case.unit, case.zone, case.lodged_at)]
    occurred = Counter(o.kind for o in occurrences if scope.covers(o.unit, o.zone, o.at))
    times = [case.lodged_at for case in cases]
    months = months_between(min(times), max(times), scope.time_zone) if times else []
    by_zone = _grouped(cases, lambda case: case.zone)
    by_month = _grouped(cases, lambda case: month_of(case.lodged_at, months))
    return Figures(
        **dict(count(cases)),
        definition=definition_ref(),
        scope=scope,
        imported=count([case for case in cases if case.imported]),
        late_entered=count([case for case in cases if case.late_entered]),
        petitions=_petitions(cases),
        stability=stability(occurred, watching),
        by_zone=tuple(ZoneCounts(zone=zone, **dict(counts)) for zone, counts in by_zone),
        by_month=tuple(MonthCounts(month=month or "", **dict(counts)) for month, counts in by_month),
        as_of=as_of or {},
        undecided=undecided,
    )


def definition_ref(definition: Definition = DEFINITION) -> DefinitionRef:
    """The reference to a definition; to the one that this module computes, where none is given."""
    return DefinitionRef(id=definition.id, version=definition.version, hash=definition.hash)


def stability(occurred: Counter[OccurrenceKind], watching: Watching) -> Stability:
    """The three claims, from how often each kind occurred."""
    state = watched_state(watching)
    return Stability(**{kind: StabilityFigure(count=occurred[kind], state=state) for kind in KINDS})


def is_late_entered(occurred_at: int, recorded_at: int, *, imported: bool) -> bool:
    """Whether a record was entered live, but long after what it tells of. Times in milliseconds."""
    return not imported and recorded_at - occurred_at > LATE_ENTRY_MS


def zone_order(zone: str | None) -> tuple[bool, str]:
    """Sorts zones by their code, the unknown one last."""
    return (zone is None, zone or "")


def _grouped(
    cases: Iterable[CaseFacts], key: Callable[[CaseFacts], str | None]
) -> list[tuple[str | None, Counts]]:
    groups: defaultdict[str | None, list[CaseFacts]] = defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    return [(name, count(groups[name])) for name in sorted(groups, key=zone_order)]


def count(cases: Sequence[CaseFacts]) -> Counts:
    """The figures of these cases, whatever their scope."""
    done = [case for case in cases if case.status in DONE]
    overdue = sum(case.overdue for case in cases)
    late_aside = sum(case.late for case in cases if case.status in SET_ASIDE)
    delays = sorted(
        case.replied_at - case.lodged_at
        for case in cases
        if case.replied_at is not None and case.status != "transferred"
    )
    return Counts(
        received=sum(not case.came for case in cases),
        open=sum(case.status in OPEN for case in cases),
        closed=len(done),
        not_accepted=sum(case.status == "not_accepted" for case in done),
        withdrawn=sum(case.status == "withdrawn" for case in cases),
        merged=sum(case.status == "merged" for case in cases),
        overdue=overdue,
        overdue_historical=sum(case.overdue_historical for case in cases),
        transferred_in=sum(case.came for case in cases),
        transferred_out=sum(case.status == "transferred" for case in cases),
        on_time=OnTime(
            on_time=sum(not case.late for case in done), denominator=len(done) + overdue + late_aside
        ),
        duplicates=sum(case.duplicate_of is not None for case in cases),
        replied=len(delays),
        reply_days=_days(delays),
        replied_after_days={str(days): sum(d > days * DAY_MS for d in delays) for days in AFTER_DAYS},
    )


def _petitions(cases: Iterable[CaseFacts]) -> Petitions:
    of_many = [case for case in cases if case.petitioners is not None]
    return Petitions(
        cases=len(of_many),
        representatives_present=sum(case.present or 0 for case in of_many),
        persons=sum(case.petitioners or 0 for case in of_many),
    )


def _days(delays: Sequence[int]) -> ReplyDays:
    if not delays:
        return ReplyDays()
    return reply_days(*(delays[rank] for rank in delay_ranks(len(delays))))
