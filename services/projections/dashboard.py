"""The dashboard's figures: what was asked for, computed once for all who ask the same, and shown."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from contracts.base import EPOCH, LAST_MS
from contracts.figures import UNWATCHED, Figures, MonthCounts, Scope
from contracts.lineage import origins
from contracts.partition import partition_of
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from services.projections.chart import month_day
from services.projections.figures import by_sql
from services.projections.live import mark_of
from services.projections.queries import MonthFlow, flow_by_month
from services.projections.reading import Reader
from services.projections.schema import Tables
from services.projections.store import Place, Positions, ReadModel, read_positions
from web.forms import MESSAGES, Form, FormErrors
from web.i18n import N_, Gettext
from web.problems import ProblemError

FAMILY = "grievance"
ALL = "*"
"""In place of a community: all of them, for whoever serves all of them."""

LABELS: Mapping[str, str] = {
    "unit": N_("Community"),
    "zone": N_("Zone"),
    "from": N_("Lodged from"),
    "to": N_("Lodged until"),
    "boundaries": N_("Boundaries"),
}
BOUNDARIES = (
    ("", N_("As of today, with what was merged into it")),
    ("own", N_("Only what was recorded under this community")),
)
"""On which boundaries a community that others went into is shown."""
BACKWARDS = N_("This day lies before the first one. Exchange the two.")
NO_DATE = MESSAGES["date_parsing"]
UNKNOWN_ZONE = REASONS["unknown_zone"]
_CODE = re.compile(r"[\w./\-]{1,64}")
_KEPT = 64


class Asked(NamedTuple):
    """What a reader wants to see. `scope` is None where the filter has errors, or there is no community.

    `unit`: the community, None for all of them; `merged`: the units that went into it.
    """

    form: Form
    unit: UnitDefinedV1 | None
    scope: Scope | None
    merged: tuple[str, ...] = ()

    def address(self, path: str = "/dashboard", **changed: str) -> str:
        """A path with this filter as its query, or one that differs from it; what is blank is left out."""
        query = {name: value for name, value in {**self.form.values, **changed}.items() if value}
        return f"{path}?{urlencode(query)}" if query else path


class Waiting(NamedTuple):
    """What waits in a community as of now, beside its figures: terms that end soon, and cases that may tell of danger.

    `soon` is None for a reader who does not work there.
    """

    soon: int | None = None
    dangers: int = 0


class PlaceStanding(NamedTuple):
    """How far one partition of the log is read: records of its events, submissions decided and known.

    `clock`: its own time, in milliseconds; 0 before its first submission.
    """

    partition: int
    records: int
    decided: int
    known: int
    clock: int


class Shown(NamedTuple):
    """Figures, the flow by month, how far the partitions in scope are read, and the mark of where that is."""

    figures: Figures
    flow: tuple[MonthFlow, ...]
    places: tuple[PlaceStanding, ...]
    mark: str

    @property
    def decided(self) -> int:
        """How many submissions in scope are decided."""
        return sum(place.decided for place in self.places)

    @property
    def known(self) -> int:
        """How many submissions in scope are known of."""
        return sum(place.known for place in self.places)

    @property
    def is_filtered(self) -> bool:
        """Whether the figures are of less than a whole community and all times."""
        scope = self.figures.scope
        return (scope.zone, scope.since, scope.until) != (None, None, None)

    @property
    def clock(self) -> int:
        """The latest time on the clocks of these partitions, in milliseconds; 0 where there is none."""
        return max((place.clock for place in self.places), default=0)

    @property
    def months(self) -> list[tuple[date, MonthCounts]]:
        """The counts by month of lodging after the month's first day, the newest first."""
        return [(month_day(counts.month), counts) for counts in reversed(self.figures.by_month)]


def read_filter(sent: Mapping[str, str], reader: Reader, gettext: Gettext) -> Asked:
    """Read the filter of the dashboard. Raises ProblemError for a community that is not the reader's."""
    values = {name: sent.get(name, "").strip() for name in LABELS}
    everywhere = values["unit"] == ALL
    if everywhere and not serves_all(reader):
        raise ProblemError(403)
    unit = None if everywhere else reader.choose(values["unit"])
    values["unit"] = ALL if everywhere else unit.unit if unit else ""
    time_zone = unit.time_zone if unit else "Asia/Shanghai"
    since, until, errors = _period(values, ZoneInfo(time_zone), gettext)
    if not _zone_fits(values["zone"], unit, reader.register):
        errors = errors.plus("zone", gettext(UNKNOWN_ZONE))
    form = Form(LABELS, values, errors, prefix="filter")
    merged = tuple(origins(reader.register, unit.unit, None)) if unit else ()
    if errors or not (unit or everywhere):
        return Asked(form, unit, None, merged)
    scope = Scope(
        unit=unit.unit if unit else None,
        zone=values["zone"] or None,
        since=since,
        until=until,
        time_zone=time_zone,
        origins=() if values["boundaries"] == "own" else merged,
    )
    return Asked(form, unit, scope, merged)


def serves_all(reader: Reader) -> bool:
    """Whether the reader holds a role in every community of a ledger that has several."""
    communities = [unit for unit in reader.register.units() if unit.tier == "community"]
    return len(communities) > 1 and len(reader.communities()) == len(communities)


def places_of(scope: Scope | None, partitions: int) -> list[Place]:
    """The partitions that hold what is in scope."""
    if scope is None or scope.unit is None:
        return [Place(FAMILY, number) for number in range(partitions)]
    return [Place(FAMILY, number) for number in sorted({partition_of(u, partitions) for u in scope.units})]


def zone_names(register: Register, units: Iterable[UnitDefinedV1]) -> dict[str, str]:
    """Zone → its name, of these communities; several names where the same id stands for several zones."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for unit in units:
        for zone in register.zones(unit.unit):
            found[zone.zone].append(zone.name)
    return {zone: " · ".join(dict.fromkeys(names)) for zone, names in found.items()}


class FiguresShelf:
    """Figures by scope, computed anew when the read model has moved. Owned by one event loop.

    However many dashboards show the same scope, one of them computes.
    """

    def __init__(self, model: ReadModel) -> None:
        self._model = model
        self._partitions = model.ledger.genesis.partitions
        self._kept: OrderedDict[Scope, Shown] = OrderedDict()
        self._locks: defaultdict[Scope, asyncio.Lock] = defaultdict(asyncio.Lock)

    def places(self, scope: Scope | None) -> list[Place]:
        """The partitions that hold what is in scope."""
        return places_of(scope, self._partitions)

    async def get(self, scope: Scope) -> Shown:
        """The figures of a scope as of now. Raises ReadModelError."""
        lock = self._locks[scope]
        async with lock:
            now = mark_of(await asyncio.to_thread(self._model.positions), self.places(scope))
            kept = self._kept.get(scope)
            if kept is None or kept.mark != now:
                kept = await asyncio.to_thread(_read, self._model, scope, self.places(scope))
                self._keep(scope, kept)
        return kept

    def _keep(self, scope: Scope, shown: Shown) -> None:
        self._kept[scope] = shown
        self._kept.move_to_end(scope)
        if len(self._kept) > _KEPT:
            oldest, _ = self._kept.popitem(last=False)
            self._locks.pop(oldest, None)


def _read(model: ReadModel, scope: Scope, places: Sequence[Place]) -> Shown:
    """Figures and positions of one snapshot, and the flow of the same one or a later one."""

    def query(connection: Connection, tables: Tables) -> tuple[Figures, Positions]:
        return by_sql(connection, tables, scope, UNWATCHED), read_positions(connection, tables)

    figures, positions = model.read(query)
    standing = tuple(_standing(positions, place) for place in places)
    return Shown(figures, flow_by_month(model, scope), standing, mark_of(positions, places))


def _standing(positions: Positions, place: Place) -> PlaceStanding:
    at = positions.at[place]
    known = positions.ends[place]
    return PlaceStanding(place.partition, at.events_offset, at.decided_through, known, at.now_ms)


def _period(
    values: Mapping[str, str], zone: ZoneInfo, gettext: Gettext
) -> tuple[int | None, int | None, FormErrors]:
    """The bounds of the days from and to, both within, in milliseconds."""
    errors = FormErrors()
    days: dict[str, date] = {}
    for name in ("from", "to"):
        if values[name]:
            try:
                days[name] = date.fromisoformat(values[name])
            except ValueError:
                errors = errors.plus(name, gettext(NO_DATE))
    if len(days) == len(("from", "to")) and days["to"] < days["from"]:
        errors = errors.plus("to", gettext(BACKWARDS))
    since = _start(days["from"], zone) if "from" in days else None
    until = _start(days["to"], zone, later=1) if "to" in days else None
    return since, until, errors


def _start(day: date, zone: ZoneInfo, later: int = 0) -> int:
    """When a day starts, in milliseconds, within what a scope can say; `later` counts days on."""
    try:
        moment = datetime.combine(day + timedelta(days=later), time(), zone)
    except OverflowError:
        return LAST_MS
    return min(max((moment - EPOCH) // timedelta(milliseconds=1), 0), LAST_MS)


def _zone_fits(zone: str, unit: UnitDefinedV1 | None, register: Register) -> bool:
    """Whether this may be a zone of the community, or a place code that a source told."""
    if not zone or unit is None:
        return not zone or _CODE.fullmatch(zone) is not None
    if register.zone(unit.unit, zone) is not None:
        return True
    others: Sequence[UnitDefinedV1] = [other for other in register.units() if other.unit != unit.unit]
    foreign = any(register.zone(other.unit, zone) is not None for other in others)
    return not foreign and _CODE.fullmatch(zone) is not None
