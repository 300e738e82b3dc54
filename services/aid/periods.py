"""The period that a page of figures is asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from contracts.working_days import end_of_day
from web.formats import Formats
from web.forms import Form
from web.i18n import N_

_LABELS = {"since": N_("From"), "until": N_("Until")}
_YEARS = range(1971, 9000)


class Period(NamedTuple):
    """Days from the first to the last, and the milliseconds from the beginning of the one to the end of the other."""

    first: date
    last: date
    since: int
    until: int

    @property
    def form(self) -> Form:
        """The form that asks for another one."""
        values = {"since": self.first.isoformat(), "until": self.last.isoformat()}
        return Form(_LABELS, values, prefix="filter")


def period_of(since: str, until: str, now: int, formats: Formats) -> Period:
    """The period between two days as typed: this year up to today where they say nothing that is a day."""
    today = datetime.fromtimestamp(now / 1000, formats.zone).date()
    first, last = _day(since) or date(today.year, 1, 1), _day(until) or today
    last = max(first, last)
    begins = end_of_day(first - timedelta(days=1), formats.zone)
    return Period(first, last, begins, end_of_day(last, formats.zone))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None
