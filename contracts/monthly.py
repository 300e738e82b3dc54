"""The monthly report on grievances: what each of its figures means, frozen, and how it is computed from cases.

The page and the command line compute them by SQL; `compute` does so from the cases one by one, so that an
audit can hold the one against the other. A case is never a merit or demerit of who lodged it (invariant 18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from contracts.base import DAY_MS, Message
from contracts.figures import AsOf, DefinitionRef, Scope
from contracts.figures_definition import Definition, Meaning

Figure = Literal["accepted_in_time", "handled_in_time", "satisfied", "rated", "repeated"]
FIGURES: tuple[Figure, ...] = get_args(Figure)
REPEAT_MS = 365 * DAY_MS
"""How far back an earlier case of the same person makes a case a repeat: part of the definition."""
PLEASED = ("satisfied", "fairly")

MONTHLY = Definition(
    id="grievance.monthly",
    version=1,
    figures={
        "scope": Meaning(
            en="Cases of a unit. A month starts at 00:00 of its first day in the community's time zone. Where a figure "
            "has nothing to count, there is no data, which is not zero. Until the month is over they are provisional.",
            zh="某单位的诉求；月份自社区所在时区当月一日零时起。无可统计的，为无数据，而非零。当月未结束的，为暂定。",
        ),
        "accepted_in_time": Meaning(
            en="Denominator: cases whose term for acceptance ends in the month, those still waiting among them. "
            "Numerator: those accepted, or not accepted with the other remedy named, by its end.",
            zh="分母：受理期限在当月届满的诉求，含尚未处理的。分子：其中在期限内受理或不予受理（并告知其他途径）的。",
        ),
        "handled_in_time": Meaning(
            en="Denominator: accepted cases whose last term for handling ends in the month, open and overdue ones among "
            "them. Numerator: those whose handling had ended by then, and that never missed a term for handling, also "
            "before they were opened again. While a term is paused it does not count; that of a case that left by "
            "transfer runs where it went.",
            zh="分母：最近一次办理期限在当月届满的已受理诉求，含未办结和逾期的。分子：其中在期限内办理完毕，且从未超过"
            "任何一次办理期限（含重新办理之前）的。期限中止期间不计；转出的，期限在转入单位计。",
        ),
        "rated": Meaning(
            en="Denominator: cases closed for the first time with a reply in the month, whatever became of them since; "
            "not those closed within an import. Numerator: those that the complainant rated.",
            zh="分母：当月首次以答复办结的诉求，此后情况不影响；导入时办结的不计。分子：其中反映人已评价的。",
        ),
        "satisfied": Meaning(
            en="Denominator: the numerator of the figure above. Numerator: those rated last as satisfied or fairly "
            "satisfied. Follow-ups by staff do not count.",
            zh="分母：上项的分子。分子：其中最近一次评价为满意或基本满意的。工作人员回访不计入。",
        ),
        "repeated": Meaning(
            en="Denominator: cases lodged in the month; one that came by transfer counts where it was lodged. Numerator: "
            "those that repeat another: marked so by an import, or lodged by a person who had lodged another within the "
            "365 times 24 hours before. To petition again is a right.",
            zh="分母：当月登记的诉求；转入的在原登记单位计。分子：其中重复的，即导入时记为重复，或同一人在此前三百六十五个二十四小时内已登记过"
            "其他诉求的。再次反映是群众的权利。",
        ),
    },
)


class MonthFacts(NamedTuple):
    """What the report looks at in one case. Times in milliseconds; see services.projections.rows.CaseRow.

    `came`: it came by transfer.
    """

    case_id: str
    unit: str
    reporter: str | None
    lodged_at: int
    duplicate: bool
    accept_due: int | None
    accept_met: int | None
    handle_due: int | None
    handle_met: int | None
    handle_missed: bool
    concluded_at: int | None
    satisfaction: str | None
    came: bool


class Ratio(Message):
    """So many of so many."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there is no data."""
        return self.numerator / self.denominator if self.denominator else None


class MonthlyReport(Message):
    """The report of one unit and month (`2026-07`) as of one position of the log."""

    definition: DefinitionRef
    unit: str
    month: str
    accepted_in_time: Ratio
    handled_in_time: Ratio
    satisfied: Ratio
    rated: Ratio
    repeated: Ratio
    as_of: AsOf
    undecided: int


class Members(NamedTuple):
    """The cases behind a figure, by id: all that count, and those of them in the numerator."""

    counted: frozenset[str]
    met: frozenset[str]


def compute(facts: Iterable[MonthFacts], scope: Scope) -> Mapping[Figure, Members]:
    """The cases behind each figure, in the units and between the times of the scope."""
    cases = list(facts)
    here = [case for case in cases if case.unit in scope.units]
    by_reporter: dict[str, list[int]] = {}
    for case in cases:
        if case.reporter is not None:
            by_reporter.setdefault(case.reporter, []).append(case.lodged_at)
    concluded = [case for case in here if _within(case.concluded_at, scope)]
    rated = [case for case in concluded if case.satisfaction is not None]
    found: dict[Figure, Members] = {
        "accepted_in_time": _members(
            [case for case in here if _within(case.accept_due, scope)],
            [case for case in here if _by(case.accept_met, case.accept_due)],
        ),
        "handled_in_time": _members(
            [case for case in here if _within(case.handle_due, scope)],
            [case for case in here if _by(case.handle_met, case.handle_due) and not case.handle_missed],
        ),
        "satisfied": _members(rated, [case for case in rated if case.satisfaction in PLEASED]),
        "rated": _members(concluded, rated),
        "repeated": _members(
            [case for case in here if _within(case.lodged_at, scope) and not case.came],
            [case for case in here if case.duplicate or _repeats(case, by_reporter)],
        ),
    }
    return MappingProxyType(found)


def _members(counted: Sequence[MonthFacts], met: Sequence[MonthFacts]) -> Members:
    ids = frozenset(case.case_id for case in counted)
    return Members(ids, ids & {case.case_id for case in met})


def _within(at: int | None, scope: Scope) -> bool:
    return (
        at is not None
        and (scope.since is None or at >= scope.since)
        and (scope.until is None or at < scope.until)
    )


def _by(met: int | None, due: int | None) -> bool:
    return met is not None and due is not None and met <= due


def _repeats(case: MonthFacts, by_reporter: Mapping[str, Sequence[int]]) -> bool:
    """Whether the same person had lodged another case not too long before."""
    times = by_reporter.get(case.reporter or "", ())
    return any(case.lodged_at - REPEAT_MS <= at < case.lodged_at for at in times)
