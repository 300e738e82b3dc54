"""The worklist: which cases are asked for, and how each of them reads in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from contracts.base import DAY_MS
from contracts.figures import DONE, OPEN, SET_ASIDE
from contracts.grievance import policy_in
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from contracts.working_days import is_covered, working_days_between
from services.projections.page_queries import BY_CHANGE, newest
from services.projections.queries import BY_DEADLINE, Worklist, WorklistFilter, worklist
from services.projections.reading import CASEWORK, Opener, Reader, Words
from services.projections.rows import CaseRow
from services.projections.store import ReadModel
from web.forms import Form
from web.i18n import N_
from web.paging import Page, read_cursor

PAGE_SIZE = 50
EXCERPT = 60
"""Characters of a story that stand for a title where there is none."""

LABELS: Mapping[str, str] = {"unit": N_("Community"), "zone": N_("Zone")}
FIND_LABELS: Mapping[str, str] = {"number": N_("Tracking number")}
NOT_A_NUMBER = N_("A tracking number has twenty digits and letters, such as 7Q2M-0000-AB3D-9XYZ-K5T1.")
NO_SUCH_NUMBER = N_("No case that you may read has this tracking number. Check it against the receipt.")

VIEWS: Mapping[str, str] = {
    "mine": N_("Assigned to me"),
    "open": N_("All open"),
    "soon": N_("Due soon"),
    "overdue": N_("Overdue and open"),
    "unserved": N_("Letters to be served"),
    "owed": N_("Results to be sent back"),
    "unsettled": N_("Not answered, or not satisfied"),
    "unrated": N_("Closed and not rated"),
    "closed": N_("Closed or ended otherwise"),
    "transferred": N_("Transferred to another community"),
    "all": N_("All cases"),
}
EMPTY: Mapping[str, str] = {
    "mine": N_("Nothing is assigned to you. Look through all open cases for what waits to be taken on."),
    "open": N_("No case is open. New ones appear here as soon as they are recorded."),
    "soon": N_("No term ends in the next days."),
    "overdue": N_("No open case is past its deadline."),
    "unserved": N_("Every reply and every opinion has been served."),
    "owed": N_("Every order from outside has had its result sent back."),
    "unsettled": N_("No case was closed without an answer, and nobody was left dissatisfied."),
    "unrated": N_("Every reply to a closed case has been rated."),
    "closed": N_("No case has been closed yet. Cases come here when they are closed or not accepted."),
    "transferred": N_("No case was transferred to another community."),
    "all": N_("No case is on record yet. Record the first one with the form for a new grievance."),
}
UNSETTLED: Mapping[str, tuple[str, ...]] = {
    "unsettled": ("no_answer", "not_satisfied"),
    "unrated": ("unrated",),
}
"""View → why a closed case needs to be looked at again."""

_NEWEST_FIRST = frozenset({"unserved", "owed", "unsettled", "unrated", "closed", "transferred", "all"})


class View(NamedTuple):
    """What a worklist shows: the community, one of VIEWS, a zone of it or all, and from which place on."""

    unit: UnitDefinedV1
    name: str
    zone: str
    at: str = ""

    @property
    def form(self) -> Form:
        """The filter, filled in."""
        return Form(LABELS, {"unit": self.unit.unit, "zone": self.zone}, prefix="filter")

    def address(self, **changed: str) -> str:
        """The address of this worklist, or of another that differs in `name`, `zone` or `at`."""
        asked = {"unit": self.unit.unit, "view": self.name, "zone": self.zone, "at": self.at}
        asked |= {"view" if key == "name" else key: value for key, value in changed.items()}
        return f"/cases?{urlencode({key: value for key, value in asked.items() if value})}"


class Line(NamedTuple):
    """One case in the list. `title` stands for it; `about` says what kind of matter it is.

    `days_left` until the deadline, negative when it has passed; None where none runs.
    """

    case: CaseRow
    title: Words | None
    category: str | None
    zone: str | None
    handler: str | None
    days_left: float | None
    working_left: WorkingDays | None
    soon: bool = False


class WorkingDays(NamedTuple):
    """Working days until a deadline, negative when it has passed; `known`: the calendar has those years."""

    days: int
    known: bool


def working_left(register: Register, unit: str, due_at: int | None, now: int) -> WorkingDays | None:
    """The working days until a deadline of a case of this unit; None where none runs."""
    if due_at is None:
        return None
    home = register.unit(unit)
    zone = ZoneInfo(home.time_zone if home else "Asia/Shanghai")
    calendar = register.calendar()
    days = working_days_between(now, due_at, calendar, zone)
    return WorkingDays(days, is_covered(now, due_at, calendar, zone))


def read_view(sent: Mapping[str, str], reader: Reader) -> View | None:
    """Which worklist is asked for; None for a reader without a community.

    What is not known (another view, a zone elsewhere) falls back to the usual.
    Raises ProblemError for a community that is not the reader's.
    """
    unit = reader.choose(sent.get("unit", "").strip(), CASEWORK)
    if unit is None:
        return None
    views = views_for(unit, reader)
    name = sent.get("view", "")
    if name not in views:
        name = next(iter(views))
    zone = sent.get("zone", "").strip()
    if reader.register.zone(unit.unit, zone) is None:
        zone = ""
    return View(unit, name, zone, sent.get("at", ""))


def views_for(unit: UnitDefinedV1, reader: Reader) -> Mapping[str, str]:
    """The views that make sense for a reader, the usual one first: cases are assigned to handlers only."""
    if reader.holds_any({"handler"}, unit.unit):
        return VIEWS
    return {name: label for name, label in VIEWS.items() if name != "mine"}


def read_cases(model: ReadModel, view: View, actor: str, soon: tuple[int, int] | None = None) -> Worklist:
    """The cases of a view: by deadline where they are open, else the last changed first. Blocks.

    Raises ProblemError 400 for a place that is none of this view.
    """
    by_change = view.name in _NEWEST_FIRST
    page = Page(read_cursor(view.at, BY_CHANGE if by_change else BY_DEADLINE), PAGE_SIZE)
    return (newest if by_change else worklist)(model, query_of(view, actor, soon), page)


def query_of(view: View, actor: str, soon: tuple[int, int] | None = None) -> WorklistFilter:
    """What to ask the read model for; `soon`: now, and until when a term is due soon, in milliseconds."""
    over = (*DONE, *SET_ASIDE)
    statuses = {
        "closed": over,
        "unsettled": DONE,
        "unrated": DONE,
        "transferred": ("transferred",),
        "all": (*OPEN, *over, "transferred"),
        "unserved": (*OPEN, *DONE),
        "owed": (*OPEN, *DONE, "transferred"),
    }.get(view.name, OPEN)
    return WorklistFilter(
        unit=view.unit.unit,
        statuses=statuses,
        zone=view.zone or None,
        handler=actor if view.name == "mine" else None,
        overdue=True if view.name == "overdue" else None,
        unserved=view.name == "unserved",
        owed=view.name == "owed",
        soon=soon if view.name == "soon" else None,
        unsettled=UNSETTLED.get(view.name, ()),
    )


def line_of(
    case: CaseRow, register: Register, opener: Opener, name_of: Callable[[str], str], now: int
) -> Line:
    """One case as the list shows it."""
    zone = register.zone(case.unit, case.zone) if case.zone else None
    return Line(
        case=case,
        title=title_of(case, opener),
        category=category_name(register, case.category, case.recorded_at),
        zone=zone.name if zone else case.zone or case.zone_told,
        handler=name_of(case.handler) if case.handler else None,
        days_left=None if case.due_at is None else (case.due_at - now) / DAY_MS,
        working_left=working_left(register, case.unit, case.due_at, now),
        soon=is_due_soon(case, register, now),
    )


def soon_in(register: Register, now: int) -> tuple[int, int]:
    """Now, and until when a term that ends is due soon by the policy in force, in milliseconds."""
    policy = policy_in(register)
    return now, now + (policy.warn_days if policy else 0) * DAY_MS


def is_due_soon(case: CaseRow, register: Register, now: int) -> bool:
    """Whether the case's term ends soon: see queries.due_soon."""
    _, until = soon_in(register, now)
    if case.due_at is None or case.due_start is None or case.due_end is None:
        return False
    return now <= case.due_at <= until and (case.due_at - now) * 2 <= case.due_end - case.due_start


def title_of(case: CaseRow, opener: Opener) -> Words | None:
    """What stands for a case: its title, else how its story begins."""
    title = opener.stored(case.title, "title", case.redacted)
    if title is not None:
        return title._replace(text=" ".join(title.text.split()))
    story = opener.stored(case.story, "story", case.redacted)
    return story._replace(text=excerpt(story.text)) if story else None


def excerpt(text: str) -> str:
    """How a text begins, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rstrip()}…"


def category_name(register: Register, code: str | None, recorded_at: int) -> str | None:
    """A category's name as it was when the case was recorded, else as it is; its code where no tree has it."""
    if code is None:
        return None
    found = register.category_then(code, recorded_at) or register.category(code)
    return found.name if found else code
