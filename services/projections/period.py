"""One unit and one month, as the report pages ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request

from contracts.figures import Scope
from contracts.lineage import origins
from contracts.months import month_bounds, months_between
from contracts.register import UnitDefinedV1
from services.projections.chart import month_day
from services.projections.reading import Reader
from services.projections.sources import ReaderPages
from web.forms import Form, FormErrors
from web.i18n import N_
from web.problems import ProblemError

LABELS: Mapping[str, str] = {"unit": N_("Community"), "month": N_("Month")}
NO_MONTH = N_("Enter a month such as 2026-07.")


class Asked(NamedTuple):
    """What is asked for. `scope` is None where the month is none; `over`: the month has ended."""

    unit: UnitDefinedV1
    month: str
    form: Form
    scope: Scope | None
    over: bool

    def query(self, **more: object) -> str:
        """The query of the address of a page of this unit and month."""
        return urlencode({"unit": self.unit.unit, "month": self.month, **more})

    @property
    def day(self) -> date | None:
        """The first day of the month."""
        return None if self.scope is None else month_day(self.month)


class PeriodPages(ReaderPages):
    """Pages about a unit and a month."""

    def _asked(self, request: Request, reader: Reader, roles: frozenset[str]) -> Asked:
        sent, now = request.query_params, self._sources.clock()
        unit = reader.choose(sent.get("unit", "").strip(), roles)
        if unit is None:
            raise ProblemError(403)
        month = sent.get("month", "").strip() or months_between(now, now, unit.time_zone)[0].name
        values = {"unit": unit.unit, "month": month}
        try:
            since, until = month_bounds(month, unit.time_zone)
        except ValueError:
            errors = FormErrors({"month": (self._pages.gettext(request)(NO_MONTH),)})
            return Asked(unit, month[:20], Form(LABELS, values, errors, "filter"), None, over=False)
        merged = tuple(origins(reader.register, unit.unit, None))
        scope = Scope(unit=unit.unit, since=since, until=until, time_zone=unit.time_zone, origins=merged)
        return Asked(unit, month, Form(LABELS, values, prefix="filter"), scope, over=until <= now)
