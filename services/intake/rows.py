"""From a row of a file to what it tells in our words, and to what is wrong with it, cell by cell.

What cannot be used is reported and stays unknown; a row is left out only where nothing true could be said
without it: no lodging time, no story, closed but not when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from contracts.base import DAY_MS, Code, clean
from contracts.employment import PostKind
from contracts.grievance import CloseOutcome
from contracts.mediation_outcome import Outcome
from services.intake.mapping import AidOutcome, ImportMap
from services.intake.tables import Fault, RawRow
from services.intake.told_times import EXAMPLES, milliseconds_of

FAR_MS = 10 * 366 * DAY_MS
"""A target so long after the opening is a slip or means "no target": it is reported and not used."""

_LIMITS = {"source_id": 64, "reporter": 200, "title": 200, "story": 10_000, "reply": 10_000}
_CODE: TypeAdapter[str] = TypeAdapter(Code)
_JOINT = " · "
_COUNTS = ("amount", "persons", "person_times", "goods", "trips", "services", "hours")
_SPACES = re.compile(r"[,，\s¥￥元]")
_SUM, _COUNT = re.compile(r"[0-9]{1,11}(\.[0-9]{1,2})?"), re.compile(r"[0-9]{1,6}")


class ImportRow(NamedTuple):
    """What one row tells. Times in milliseconds since the epoch, None where it is not told.

    `row`: its number in the file; `place` a place code that is no zone of ours; `closed_at` None while it is
    open; `is_open`: the source says so; `reply_closes`: the source knows a reply and no closing, so the reply is
    both; `repeats`: the source id of the case that it repeats. `numbers`: of aid, what was given and to how many, sums in fen.
    """

    row: int
    source_id: str
    reporter: str | None
    title: str | None
    story: str
    place: str | None
    lodged_at: int
    reply: str | None
    replied_at: int | None
    reply_closes: bool = True
    accepted_at: int | None = None
    closed_at: int | None = None
    outcome: CloseOutcome | Outcome | AidOutcome | PostKind = "not_told"
    target_at: int | None = None
    zone: str | None = None
    category: str | None = None
    repeats: str | None = None
    is_open: bool = False
    household: str | None = None
    numbers: Mapping[str, int] = {}


class Known(NamedTuple):
    """What the import may rely on: codes in the register, the community's time zone, and now (ms)."""

    categories: Collection[str]
    zones: Collection[str]
    time_zone: ZoneInfo
    now: int


class _LeftOutError(Exception):
    """The row cannot be imported; its faults say why."""


def read_rows(rows: Iterator[RawRow | Fault], plan: ImportMap, known: Known) -> Iterator[ImportRow | Fault]:
    """Every row, read, and every fault found, in order: all faults of a row, before the row itself."""
    for raw in rows:
        if isinstance(raw, Fault):
            yield raw
            continue
        reading = _Reading(raw, plan, known)
        row = reading.row()
        yield from reading.faults
        if row is not None:
            yield row


class _Reading:
    """One row while it is read. `faults` grow; a row with one that leaves it out is None in the end."""

    def __init__(self, raw: RawRow, plan: ImportMap, known: Known) -> None:
        self.faults: list[Fault] = []
        self._raw = raw
        self._plan = plan
        self._known = known
        self._headings = plan.columns.headings()
        self._is_open = False
        self._zone = ZoneInfo(plan.time_zone) if plan.time_zone else known.time_zone

    def row(self) -> ImportRow | None:
        """The row, or None where it is left out."""
        source_id, story = self._text("source_id", needed=True), self._text("story", needed=True)
        lodged_at = self._time("lodged_at", needed=True)
        reporter, title = self._text("reporter"), self._text("title")
        since = lodged_at or 0
        accepted_at, target_at = self._after("accepted_at", since), self._target(lodged_at)
        reply, replied_at, closed_at = self._course(since)
        zone, place = self._places()
        row = ImportRow(
            row=self._raw.number,
            source_id=source_id,
            reporter=reporter or None,
            title=title or None,
            story=story,
            place=place,
            lodged_at=since,
            reply=reply,
            replied_at=replied_at,
            reply_closes=not self._tells_closing,
            accepted_at=accepted_at,
            closed_at=closed_at,
            target_at=target_at,
            zone=zone,
            category=self._category(),
            is_open=self._is_open,
            household=self._word("household")[:64] or None,
            numbers=self._numbers(),
        )
        row = self._with_end(row)
        return None if any(fault.left_out for fault in self.faults) else row

    @property
    def _tells_closing(self) -> bool:
        return not {"closed_at", "status"}.isdisjoint(self._headings)

    def _fault(self, name: str, problem: str, *, left_out: bool) -> None:
        column = _JOINT.join(self._headings[name])
        self.faults.append(Fault(self._raw.number, column, problem, left_out))

    def _word(self, name: str) -> str:
        """What a column says, in one piece; empty where it says nothing or is not mapped."""
        told = [self._cell(heading) for heading in self._headings.get(name, ())]
        # The same words in two columns are said once.
        return _JOINT.join(dict.fromkeys(text for text in told if text))

    def _cell(self, heading: str) -> str:
        cell = self._raw.cells.get(heading)
        text = "" if cell is None else str(cell).strip()
        return "" if text in self._plan.absent else text

    def _text(self, name: str, *, needed: bool = False) -> str:
        text = self._word(name)
        if not text and needed:
            self._fault(name, "nothing is entered", left_out=True)
        if len(text) > _LIMITS[name]:
            self._fault(name, f"longer than {_LIMITS[name]} characters", left_out=True)
        try:
            return clean(text)
        except ValueError:
            self._fault(name, "control characters, or not in the encoding that the map names", left_out=True)
            return ""

    def _time(self, name: str, *, needed: bool = False) -> int | None:
        """A time that has happened. One that cannot be used leaves the row out where it is needed."""
        if not self._word(name):
            if needed:
                self._fault(name, "nothing is entered", left_out=True)
            return None
        at = self._moment(name, left_out=needed)
        if at is not None and at > self._known.now:
            self._fault(name, "lies in the future", left_out=needed)
            return None
        return at

    def _moment(self, name: str, *, left_out: bool) -> int | None:
        cell = self._raw.cells.get(self._headings[name][0])
        at = milliseconds_of(cell, self._plan.dates, self._zone)
        if at is None:
            self._fault(name, f"not a date such as {EXAMPLES[self._plan.dates]}", left_out=left_out)
        elif at < 0:
            self._fault(name, "lies before 1970", left_out=left_out)
        else:
            return at
        return None

    def _after(self, name: str, since: int, *, needed: bool = False) -> int | None:
        """A time that must not lie before the lodging."""
        at = self._time(name, needed=needed)
        if at is not None and at < since:
            self._fault(name, "earlier than the lodging", left_out=needed)
            return None
        return at

    def _target(self, since: int | None) -> int | None:
        """By when the source meant to be done: it may lie ahead, and is used only where it makes sense."""
        if not self._word("target_at"):
            return None
        at = self._moment("target_at", left_out=False)
        if at is None or since is None:
            return None
        if at < since:
            self._fault("target_at", "earlier than the lodging: not used", left_out=False)
        elif at - since > FAR_MS:
            self._fault("target_at", "more than ten years after the lodging: not used", left_out=False)
        else:
            return at
        return None

    def _course(self, since: int) -> tuple[str | None, int | None, int | None]:
        """The reply, when it was given, and when the case was closed."""
        reply = self._text("reply") or None
        closed_at = self._closed(since)
        replied_at = None
        if reply is not None and "replied_at" in self._headings:
            replied_at = self._after("replied_at", since, needed=True)
        elif reply is not None and closed_at is None:
            self._fault("reply", "not told when it was given: not used", left_out=False)
        elif reply is not None:
            # What is written at the closing was said at the closing.
            replied_at = closed_at
        if replied_at is None:
            reply = None
        if replied_at is not None and closed_at is not None and replied_at > closed_at:
            self._fault("replied_at", "later than the closing", left_out=True)
        return reply, replied_at, closed_at

    def _closed(self, since: int) -> int | None:
        status = self._status()
        self._is_open = status == "open"
        if "closed_at" not in self._headings:
            if status != "closed":
                return None
            if not self._word("replied_at"):
                self._fault("status", "closed, but not told when", left_out=True)
                return None
            return self._after("replied_at", since, needed=True)
        if status == "open":
            if self._word("closed_at"):
                self._fault("closed_at", "a closing time of a case that is open: not used", left_out=False)
            return None
        if status == "closed" and not self._word("closed_at"):
            self._fault("closed_at", "closed, but not told when", left_out=True)
            return None
        return self._after("closed_at", since, needed=bool(self._word("closed_at")))

    def _status(self) -> str | None:
        return self._listed("status", self._plan.values.status)

    def _listed(self, name: str, words: Mapping[str, str]) -> str | None:
        """What a word of the source is here; None, and reported, where the map does not say."""
        told = self._word(name)
        if told and told not in words:
            self._fault(name, "the map does not say what this word is here: not used", left_out=False)
        return words.get(told)

    def _with_end(self, row: ImportRow) -> ImportRow:
        """With the outcome of its closing, and the case that it repeats."""
        outcome = self._outcome(row)
        repeats = self._word("duplicate_of") or None
        pattern = self._plan.duplicate_pattern
        found = re.search(pattern, row.reply, re.IGNORECASE) if pattern and row.reply else None
        if found is not None or (repeats and row.closed_at is not None):
            outcome = "duplicate"
        if found is not None and repeats is None:
            repeats = found.groupdict().get("id")
        return row._replace(outcome=outcome, repeats=repeats)

    def _outcome(self, row: ImportRow) -> CloseOutcome:
        told = self._listed("outcome", self._plan.values.outcome)
        known: CloseOutcome | Outcome = "answered" if row.reply else "not_told"
        return told or known  # type: ignore[return-value]

    def _numbers(self) -> dict[str, int]:
        """What was given and to how many, of the columns that say something."""
        told = {name: self._word(name) for name in _COUNTS if self._word(name)}
        found: dict[str, int] = {}
        for name, text in told.items():
            plain = _SPACES.sub("", text)
            match = (_SUM if name == "amount" else _COUNT).fullmatch(plain)
            if match is None:
                example = "1200.50" if name == "amount" else "12"
                self._fault(name, f"not a number such as {example}, 0 or more", left_out=True)
            else:
                found[name] = round(Decimal(plain) * 100) if name == "amount" else int(plain)
        return found

    def _category(self) -> str | None:
        told = self._word("category")
        code = self._plan.values.category.get(told, told)
        if not code:
            return None
        if code not in self._known.categories:
            self._fault("category", "no category of the register, nor in the map: not used", left_out=False)
            return None
        return code

    def _places(self) -> tuple[str | None, str | None]:
        """The zone of ours, and the place code of another system where it is none of ours."""
        told = self._word("zone")
        zone = self._plan.values.zone.get(told, told)
        if zone in self._known.zones:
            return zone, None
        if told:
            return None, self._code("zone", told)
        place = self._place()
        if place:
            return None, self._code("place", place)
        return None, self._cell_code() or None

    def _place(self) -> str:
        told, pattern = self._word("place"), self._plan.place_pattern
        if pattern is None:
            return told
        found = re.search(pattern, told)
        return found.group(0) if found else ""

    def _cell_code(self) -> str:
        """The code of the cell in which a place lies: where somebody lives is not told by it."""
        if not self._word("latitude") or not self._word("longitude"):
            return ""
        decimals = self._plan.cell_decimals
        try:
            latitude, longitude = float(self._word("latitude")), float(self._word("longitude"))
        except ValueError:
            latitude = longitude = float("nan")
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004 - degrees
            self._fault("latitude", "not degrees north and east: not used", left_out=False)
            return ""
        if latitude == longitude == 0:
            self._fault("latitude", "no place (0, 0): not used", left_out=False)
            return ""
        return f"cell_{latitude:.{decimals}f}_{longitude:.{decimals}f}"

    def _code(self, name: str, place: str) -> str | None:
        code = re.sub(r"[^\w./\-]", "", re.sub(r"\s+", "_", place))
        try:
            return _CODE.validate_python(code)
        except ValidationError:
            self._fault(name, "no place code: 64 letters and digits at most; not used", left_out=False)
            return None


Progress = Callable[[int], None]
"""Is told how many rows are done."""
