"""Imports of the register: rows become commands, tried on a copy first, so that every problem is listed.

Nothing is entered while one row is wrong, and what stands already is passed over: importing a file again
adds nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from contracts import register as r
from contracts.base import EPOCH, Message
from contracts.catalogue import type_name
from contracts.envelope import Submission
from contracts.personal import Sealed, personal_fields, plain_model
from contracts.reasons import REASONS
from contracts.reference import LEDGER_UNIT, Register, RegisterHistory
from contracts.workflow import Accepted, Command, Reference, Refused
from contracts.working_days import end_of_day, local_day
from services.register import domain, programmes
from services.register.sheets import COLUMNS, Row
from web.forms import MESSAGES

PersonOf = Callable[[str], str]
"""Gives the id of a person by staff number: an id that means nothing, always the same for one number."""

_PLACEHOLDER = Sealed(subject="sub_placeholder00", sealed="AAAA")
_NUMBERS = {"seats", "percent", "months", "review_months", "notice_days", "justify_days"}
_MODELS: Mapping[str, type[Message]] = {
    "units": r.DefineUnitV1,
    "people": r.DefinePersonV1,
    "posts": r.DefinePostV1,
    "appointments": r.AppointV1,
    "zones": r.DefineZoneV1,
    "funds": r.DefineFundV1,
    "programmes": r.DefineProgrammeV1,
}
_RENAMED = {"number": "person", "responsible": "person"}


class Problem(NamedTuple):
    """What is wrong with a row: its table, its number in the sheet, the column (or none), and the sentence."""

    table: str
    row: int
    column: str
    sentence: str


class Step(NamedTuple):
    """One command that a row asks for: its type, and its body in plain."""

    row: Row
    type: str
    body: Mapping[str, Any]


class Plan(NamedTuple):
    """What a file would enter, how many rows stand already, and what is wrong with the others."""

    steps: list[Step]
    standing: int
    problems: list[Problem]


class Planner:
    """Tries the rows of a file, one after the other, on a copy of the register, `history`. Owned by one task."""

    def __init__(self, register: RegisterHistory, now: int, zone: ZoneInfo, person_of: PersonOf) -> None:
        self.history = copy.deepcopy(register)
        self._now = now
        self._zone = zone
        self._person_of = person_of
        self._plan = Plan([], 0, [])

    def plan(self, rows: Iterable[Row]) -> Plan:
        """What these rows ask for."""
        for row in rows:
            self._take(row)
            if row.table == "zones" and "responsible" in row.cells:
                self._try(row, r.NameResponsibleV1, self._values(row, ("unit", "zone", "responsible")))
        return self._plan

    def _take(self, row: Row) -> None:
        columns = [column for column in COLUMNS[row.table] if column != "responsible"]
        try:
            values = self._values(row, columns)
        except _CellError as error:
            self._plan.problems.append(Problem(row.table, row.number, error.column, error.sentence))
            return
        told = programmes.nested(values) if row.table == "programmes" else values
        self._try(row, _MODELS[row.table], told)

    def _values(self, row: Row, columns: Iterable[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column in columns:
            text = row.cells.get(column)
            if text is not None:
                values[_RENAMED.get(column, column)] = self._value(column, text)
        return values

    def _value(self, column: str, text: str) -> Any:
        try:
            if column in _RENAMED:
                return self._person_of(text)
            if column in _NUMBERS:
                return int(text)
            if column == "since":
                moment = datetime.combine(date.fromisoformat(text), time(), self._zone)
                return (moment - EPOCH) // timedelta(milliseconds=1)
            if column in programmes.READERS:
                return programmes.READERS[column](text)
            return end_of_day(date.fromisoformat(text), self._zone) if column == "until" else text
        except ValueError as error:
            if column in programmes.READERS:
                raise _CellError(column, str(error)) from None
            kind = "int_parsing" if column in _NUMBERS else "date_parsing"
            raise _CellError(column, MESSAGES[kind]) from None

    def _try(self, row: Row, model: type[Message], values: dict[str, Any]) -> None:
        try:
            plain_model(model).model_validate(values)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                at = programmes.field_at(detail["loc"])
                told = str(detail.get("ctx", {}).get("error", ""))
                sentence = MESSAGES.get(told or str(detail["type"]), told or detail["msg"])
                self._problem(row, at, sentence % detail.get("ctx", {}) if "%(" in sentence else sentence)
            return
        sealed = dict.fromkeys(personal_fields(model), _PLACEHOLDER)
        body = model.model_validate({**values, **sealed})
        register = self.history.at(self.history.end)
        if stands(body, register, self._now):
            self._plan = self._plan._replace(standing=self._plan.standing + 1)
            return
        answer = domain.decide(None, self._command(body), Reference(register, self._now, self._now, {}))
        if isinstance(answer, Accepted):
            self.history.fold(self._now, answer.events)
            self._plan.steps.append(Step(row, type_name("register", model), values))
        elif isinstance(answer, Refused):
            field = answer.field or ""
            self._problem(row, programmes.FIELD_OF.get(field, field), REASONS[answer.reason])

    def _problem(self, row: Row, field: str, sentence: str) -> None:
        back = "responsible" if row.table == "zones" else "number"
        self._plan.problems.append(
            Problem(row.table, row.number, back if field == "person" else field, sentence)
        )

    def _command(self, body: Message) -> Command:
        submission = Submission(
            id="0" * 36,
            source="/import",
            type=type_name("register", type(body)),
            subject="reg_import",
            time="1970-01-01T00:00:00.000Z",
            actor=self.history.administrator,
            role="administrator",
            unit=LEDGER_UNIT,
            basis=0,
            data={},
        )
        return Command(submission, self._now, body)


class _CellError(Exception):
    """A cell cannot be read."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(column)
        self.column = column
        self.sentence = sentence


def stands(body: Message, register: Register, now: int) -> bool:
    """Whether the register says this already."""
    match body:
        case r.DefinePersonV1():
            return register.person(body.person) is not None
        case r.AppointV1():
            spells = register.spells("appointment", body.person, body.role, body.unit)
            return any(_same(body, spell.said, {"since", "until"} - _told(body)) for spell in spells)
        case r.NameResponsibleV1():
            held = register.said(now, "responsible", body.unit, body.zone)
            return held is not None and held.person == body.person
        case r.DefineUnitV1():
            return _same(body, register.unit(body.unit, now), {"since"})
        case r.DefineZoneV1():
            return _same(body, register.zone(body.unit, body.zone, now), {"since", "area"})
        case r.DefinePostV1():
            return _same(body, register.post(body.unit, body.post))
        case r.DefineFundV1():
            return _same(body, register.fund(body.fund))
        case r.DefineProgrammeV1():
            aside = {"version"} if body.since is not None else {"version", "since"}
            spells = register.spells("programme", body.programme)
            return any(_same(body, spell.said, aside) for spell in spells)
        case _:
            return False


def _told(body: Message) -> set[str]:
    return {name for name in ("since", "until") if getattr(body, name) is not None}


def _same(body: Message, held: Message | None, aside: Iterable[str] = ()) -> bool:
    without = set(aside)
    return held is not None and body.model_dump(exclude=without) == held.model_dump(exclude=without)


def exported(
    register: Register, now: int, zone: ZoneInfo, names: Callable[[str], str], tables: Iterable[str]
) -> dict[str, list[list[str | None]]]:
    """The register's tables as they stand. People go by their ids: a staff number is not kept."""
    rows: dict[str, list[list[str | None]]] = {}
    for table in tables:
        rows[table] = _table(table, register, now, zone, names)
    return rows


def _table(
    table: str, register: Register, now: int, zone: ZoneInfo, names: Callable[[str], str]
) -> list[list[str | None]]:
    if table == "people":
        return [[person.person, names(person.person)] for person in register.people()]
    found: list[tuple[Message, dict[str, Any]]] = []
    if table == "units":
        found = [(unit, {}) for unit in register.units(now)]
    elif table == "funds":
        found = [(fund, {}) for fund in register.funds()]
    elif table == "programmes":
        found = [(one, _exported_programme(one, zone)) for one in register.programmes(now)]
    elif table == "posts":
        found = [(post, {}) for post in register.posts()]
    elif table == "zones":
        for unit in register.units(now):
            for held in register.zones(unit.unit, now):
                named = register.said(now, "responsible", unit.unit, held.zone)
                found.append((held, {"responsible": named.person if named else None}))
    else:
        for _, spell in register.all_spells("appointment"):
            said = spell.said
            more = {
                "number": said.person,
                "since": None if said.since is None else str(local_day(said.since, zone)),
                "until": None if said.until is None else str(local_day(said.until - 1, zone)),
            }
            found.append((said, more))
    return [
        [_cell({**said.model_dump(), **more}.get(column)) for column in COLUMNS[table]]
        for said, more in found
    ]


def _exported_programme(held: r.ProgrammeDefinedV1, zone: ZoneInfo) -> dict[str, Any]:
    since = None if held.since is None else str(local_day(held.since, zone))
    blank = dict.fromkeys(COLUMNS["programmes"])
    return {**blank, **programmes.as_typed(held), "since": since}


def _cell(value: Any) -> str | None:
    return None if value is None else str(value)
