"""Imports of households: rows become commands, tried by the rules first, so that every problem is listed.

Nothing is entered while one row is wrong, and what stands already is passed over: importing a list again adds
nothing. An import enters; it corrects and moves nobody.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from contracts.base import Message
from contracts.catalogue import COMMANDS
from contracts.envelope import Role, Submission
from contracts.households import household_code, household_prefix
from contracts.people import telephone_handle
from contracts.personal import Sealed, personal_fields, plain_model
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.workflow import Command, Reference, Refused, stream_id
from services.people import domain
from services.people.household_sheet import Row
from services.people.households import Household
from services.people.place_desk import Listed, Resident, Standing, role_in
from web.forms import MESSAGES, error_sentence
from web.i18n import N_, Gettext

_PLACEHOLDER = Sealed(subject="sub_placeholder00", sealed="AAAA")
_COLUMN = {"resident_name": "name"}
_NO_ZONE = N_("There is no such zone in the community. Write its code or its name.")
_FORMS = {
    "telephone": {"string_pattern_mismatch": N_("Write digits, such as 000-0000-0000, or leave it empty.")},
    "birth_year": {"string_pattern_mismatch": N_("Write four digits, such as 1958, or leave it empty.")},
}
_OTHER_ADDRESS = N_("The household of this number has another address. An import corrects none.")
_OTHER_ZONE = N_("The household of this number is in another zone. An import moves none.")
_TWO = N_("Two households stand at this address. Give the number of the one that is meant.")
_AGAIN = N_("This person is on row %(at)s already. Leave one of the rows.")
_OTHERWISE = N_(
    "Somebody of this name lives in the household with another telephone or year of birth. Correct that on the "
    "household's page, or write a name that tells the two apart."
)
_ELSEWHERE = N_(
    "This person lives in household %(code)s already. Move them on its page, or leave the row out."
)


class Problem(NamedTuple):
    """What is wrong with a row: its number in the sheet, the column (or none), and the sentence."""

    row: int
    column: str
    sentence: str


class Step(NamedTuple):
    """One command that a row asks for, in plain.

    `home`: the household that it is about: its id, or the key of the step that enters it.
    """

    row: int
    command: str
    body: Mapping[str, Any]
    key: str
    zone: str
    home: str = ""


class Plan(NamedTuple):
    """What a list would enter, how many residents and households of it stand, and what is wrong.

    `touched`: the households whose data it was held against.
    """

    steps: list[Step]
    standing: int
    problems: list[Problem]
    touched: tuple[str, ...]

    def count(self, command: str) -> int:
        """How many commands of this name it would give."""
        return sum(step.command == command for step in self.steps)


class Who(NamedTuple):
    """Who imports into which community, by which register, at what time (milliseconds)."""

    register: Register
    actor: str
    unit: str
    now: int


class _Place:
    """A household of the list while it is tried."""

    def __init__(self, home: Listed, target: str) -> None:
        self.home, self.target = home, target
        self.rows: dict[str, int] = {}
        self.seen = False
        self.lives = home.lives


class Planner:
    """Tries the rows of a list, one after the other. Owned by one task."""

    def __init__(self, who: Who, standing: Standing, gettext: Gettext) -> None:
        self._who = who
        self._ended = standing.ended
        self._gettext = gettext
        self._steps: list[Step] = []
        self._problems: list[Problem] = []
        self._standing = 0
        self._roles: dict[tuple[str, str], Role] = {}
        zones = who.register.zones(who.unit, who.now)
        self._zones = {zone.zone: zone.zone for zone in zones}
        names = Counter(zone.name for zone in zones)
        self._named = {zone.name: zone.zone for zone in zones if names[zone.name] == 1}
        mine = [_Place(home, home.household) for home in standing.homes if self._mine(home.zone)]
        self._by_id = {place.home.household: place for place in mine}
        self._by_address: dict[tuple[str, str], list[_Place]] = {}
        self._persons: dict[tuple[str, str], tuple[str, int]] = {}
        for place in mine:
            self._by_address.setdefault((place.home.zone, _folded(place.home.address)), []).append(place)
            for one in place.home.residents:
                if key := self._person(one):
                    self._persons[key] = (place.home.household, 0)

    def plan(self, rows: Iterable[Row]) -> Plan:
        """What these rows ask for."""
        for row in rows:
            place, told = self._place(row), _told(row)
            if place is None and any(told):
                self._check("enter_resident", _body(told), row)
            elif place is not None and any(told):
                self._resident(row, place, told)
        touched = tuple(one for one, place in self._by_id.items() if place.seen)
        return Plan(self._steps, self._standing, self._problems, touched)

    def _place(self, row: Row) -> _Place | None:
        """The household of a row; None where the row names none that can be."""
        zone, address = row.cells.get("zone", ""), row.cells.get("address", "")
        if number := row.cells.get("household"):
            return self._numbered(row, number)
        for name in ("zone", "address"):
            if name not in row.cells:
                self._problem(row, name, MESSAGES["missing"])
        known = self._zone(row, zone) if zone else None
        if known is None or not address:
            return None
        found = self._by_address.get((known, _folded(address)), [])
        if len(found) > 1:
            self._problem(row, "address", _TWO)
            return None
        return self._see(found[0]) if found else self._enter(row, known, address)

    def _numbered(self, row: Row, number: str) -> _Place | None:
        prefix = household_prefix(number)
        found = [place for one, place in self._by_id.items() if prefix and one.startswith(prefix)]
        if len(found) != 1:
            self._problem(row, "household", REASONS["no_such_household"])
            return None
        place, zone, address = found[0], row.cells.get("zone"), row.cells.get("address")
        known = self._zone(row, zone) if zone else place.home.zone
        if known is not None and known != place.home.zone:
            self._problem(row, "zone", _OTHER_ZONE)
        elif address and _folded(address) != _folded(place.home.address):
            self._problem(row, "address", _OTHER_ADDRESS)
        elif known is not None:
            return self._see(place)
        return None

    def _see(self, place: _Place) -> _Place:
        self._standing += not place.seen and place.home.household == place.target
        place.seen = True
        return place

    def _enter(self, row: Row, zone: str, address: str) -> _Place | None:
        key = _key("household", self._ended, zone, address)
        step = Step(row.number, "enter_household", {"zone": zone, "address": address}, key, zone)
        if not self._try(step, None, row):
            return None
        place = _Place(Listed("", zone, address), key)
        place.seen = True
        self._by_address[zone, _folded(address)] = [place]
        return place

    def _resident(self, row: Row, place: _Place, told: Resident) -> None:
        name = _folded(told.name)
        if self._is_known(row, place, told):
            return
        key = _key("resident", place.home.gone, place.target, *told)
        step = Step(row.number, "enter_resident", _body(told), key, place.home.zone, place.target)
        lives = frozenset(f"res_{number:032x}" for number in range(place.lives))
        if self._try(step, Household(self._who.unit, place.home.zone, lives), row):
            place.rows[name] = row.number
            place.lives += 1
            if person := self._person(told):
                self._persons[person] = (place.home.household, row.number)

    def _is_known(self, row: Row, place: _Place, told: Resident) -> bool:
        """Whether nothing is to be entered: they stand in the household, or there is a problem with that."""
        name = _folded(told.name)
        same = [one for one in place.home.residents if told.name and _folded(one.name) == name]
        if at := place.rows.get(name):
            self._problem(row, "name", _AGAIN, at=at)
        elif any(self._agrees(told, one) for one in same):
            self._standing += 1
            place.rows[name] = row.number
        elif same:
            self._problem(row, "name", _OTHERWISE)
        else:
            return self._is_elsewhere(row, told)
        return True

    def _is_elsewhere(self, row: Row, told: Resident) -> bool:
        person = self._person(told)
        found = self._persons.get(person) if person else None
        if found is None:
            return False
        household, at = found
        if at:
            self._problem(row, "telephone", _AGAIN, at=at)
        else:
            self._problem(row, "telephone", _ELSEWHERE, code=household_code(household))
        return True

    def _agrees(self, told: Resident, held: Resident) -> bool:
        """Whether what a row tells is what stands; what it leaves blank it does not tell."""
        telephones = [telephone_handle(self._who.unit, one.telephone) for one in (told, held)]
        return (not told.telephone or telephones[0] == telephones[1]) and (
            not told.birth_year or told.birth_year == held.birth_year
        )

    def _person(self, one: Resident) -> tuple[str, str] | None:
        handle = telephone_handle(self._who.unit, one.telephone)
        return (_folded(one.name), handle) if handle and one.name else None

    def _zone(self, row: Row, told: str) -> str | None:
        """The zone of this code, or of this name where only one has it; None, with a problem, if there is none."""
        found = self._zones.get(told) or self._named.get(told)
        if found is None:
            self._problem(row, "zone", _NO_ZONE)
        return found

    def _role(self, command: str, zone: str) -> Role:
        if (command, zone) not in self._roles:
            who = self._who
            self._roles[command, zone] = role_in(who.register, who.actor, who.unit, command, zone)
        return self._roles[command, zone]

    def _mine(self, zone: str) -> bool:
        who = self._who
        return who.register.holds(who.actor, self._role("enter_resident", zone), who.unit, who.now, zone)

    def _try(self, step: Step, state: Household | None, row: Row) -> bool:
        """Keep the step if it is of its form and the rules accept it; else say what is wrong with the row."""
        if not self._check(step.command, step.body, row):
            return False
        model = COMMANDS[f"people.{step.command}.v1"]
        body = model.model_validate({**step.body, **dict.fromkeys(personal_fields(model), _PLACEHOLDER)})
        who = self._who
        answer = domain.decide(
            state, self._command(step, body), Reference(who.register, who.now, who.now, {})
        )
        if isinstance(answer, Refused):
            self._problem(row, answer.field or "", REASONS[answer.reason])
            return False
        self._steps.append(step)
        return True

    def _check(self, command: str, body: Mapping[str, Any], row: Row) -> bool:
        """Whether a body is of its form; what is wrong with it is listed."""
        try:
            plain_model(COMMANDS[f"people.{command}.v1"]).model_validate(body)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False):
                at = str(detail["loc"][0]) if detail["loc"] else ""
                sentence = error_sentence(detail, self._gettext, _FORMS.get(at, {}))
                self._problems.append(Problem(row.number, _COLUMN.get(at, at), sentence))
            return False
        return True

    def _command(self, step: Step, body: Message) -> Command:
        who, identity = self._who, f"{step.row:036d}"
        begins = step.command == "enter_household"
        submission = Submission(
            id=identity,
            source="/import",
            type=f"people.{step.command}.v1",
            subject=stream_id("hsh", identity) if begins else f"hsh_{0:032x}",
            time="1970-01-01T00:00:00.000Z",
            actor=who.actor,
            role=self._role(step.command, step.zone),
            unit=who.unit,
            basis=0,
            data={},
        )
        return Command(submission, who.now, body)

    def _problem(self, row: Row, column: str, sentence: str, **values: object) -> None:
        told = self._gettext(sentence)
        self._problems.append(Problem(row.number, column, told % values if values else told))


def _told(row: Row) -> Resident:
    return Resident(*(row.cells.get(name, "") for name in ("name", "telephone", "birth_year")))


def _body(told: Resident) -> dict[str, str]:
    body = {"resident_name": told.name, "telephone": told.telephone, "birth_year": told.birth_year}
    return {field: text for field, text in body.items() if text}


def _folded(text: str) -> str:
    """What makes two ways of writing an address or a name the same: white space is none."""
    return "".join(text.split()).casefold()


def _key(kind: str, generation: int, *parts: str) -> str:
    """What makes the intent the same whenever the list is imported, until somebody of it has left."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return f"import:{kind}:{generation}:{digest}"
