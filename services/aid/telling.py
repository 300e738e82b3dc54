"""An aid request's page: who is helped, how it stands, and what happened, as one reader may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.aid_file import Request, evolve
from contracts.catalogue import current_event
from contracts.programmes import ProgrammeDefinedV1
from contracts.reference import Register
from services.aid.views import Happening, Requests
from web.case_forms import request_words as words
from web.entries import yuan
from web.formats import Formats
from web.i18n import N_, Gettext

NameOf = Callable[[Register, str], str]
_SUMS = frozenset({"asked", "cost", "entitled", "amount", "granted", "available"})
_LAST_DAYS = frozenset({"until", "answer_by", "justify_by", "review_by", "appeal_until"})


class Fact(NamedTuple):
    """One line about an event: a label (a message id), and what it says; None: a text that this reader may not see."""

    label: str
    value: str | None
    is_text: bool = False


class Told(NamedTuple):
    """One event as the page tells it: its title (a message id), by whom, and its facts."""

    title: str
    recorded: int
    occurred: int | None
    actor: str
    role: str | None
    facts: Sequence[Fact]


class Person(NamedTuple):
    """Somebody whom a request names; None: erased, or not to be seen."""

    name: str | None
    telephone: str | None


class Kept(NamedTuple):
    """A file: its blob, which document it is, name and key where the reader may have them."""

    blob: str
    document: str | None
    media_type: str
    at: int
    name: str | None
    key: str | None


@dataclass(slots=True)
class Teller:
    """Folds a request for one reader. `may_open`: they may read what was said."""

    source: Requests
    register: Register
    name_of: NameOf
    formats: Formats
    gettext: Gettext
    may_open: bool
    state: Request | None = None
    programme: ProgrammeDefinedV1 | None = None
    story: str | None = None
    cost: int | None = None
    asked: int | None = None
    applicant: Person | None = None
    proxy: Person | None = None
    objections: dict[int, str | None] = field(default_factory=dict)
    files: list[Kept] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def take(self, unit: str, happenings: Sequence[Happening]) -> None:
        """Fold what happened, in the order of the log."""
        for one in happenings:
            event = current_event(one.type, dict(one.data))
            self.state = evolve(self.state, event, unit, one.effective_at, one.batch)
            name = one.type.split(".")[1]
            self._remember(name, one)
            actor = one.actor or ""
            known = self.register.person(actor) is not None
            occurred = one.occurred_at if one.occurred_at != one.recorded_at else None
            self.told.append(
                Told(
                    words.EVENTS.get(name, name),
                    one.recorded_at,
                    occurred,
                    self.name_of(self.register, actor) if known else "",
                    one.role,
                    tuple(self._facts(one.data)),
                )
            )

    def staff(self, person: str) -> str:
        """A member of staff by name."""
        return self.name_of(self.register, person)

    def money(self, amount: int) -> str:
        """A sum as it is shown."""
        return self.gettext(N_("%(sum)s yuan")) % {"sum": yuan(amount, self.formats)}

    def document(self, document: str) -> str:
        """A document of the programme by its name."""
        listed = self.programme.documents if self.programme else ()
        return next((one.name for one in listed if one.document == document), document)

    def _open(self, value: Any, name: str) -> str | None:
        return self.source.text(value, name) if self.may_open and value is not None else None

    def _remember(self, name: str, one: Happening) -> None:
        data = one.data
        match name:
            case "applied":
                self._apply(data)
            case "attached":
                texts = (self._open(data["name"], "name"), self._open(data["key"], "key"))
                kept = Kept(data["blob"], data.get("document"), data["media_type"], one.recorded_at, *texts)
                self.files.append(kept)
            case "objection_raised":
                self.objections[data["number"]] = self._open(data["note"], "note")
            case _:
                return

    def _apply(self, data: Mapping[str, Any]) -> None:
        self.story = self._open(data.get("story"), "story")
        self.cost, self.asked = data.get("cost"), data.get("asked")
        spells = self.register.spells("programme", data["programme"])
        found = (spell.said for spell in spells if spell.said.version == data["version"])
        self.programme = next(found, None)
        if "name" in data:
            self.applicant = self._person(data, "")
        if "proxy_name" in data:
            self.proxy = self._person(data, "proxy_")

    def _person(self, data: Mapping[str, Any], prefix: str) -> Person:
        name, telephone = f"{prefix}name", f"{prefix}telephone"
        return Person(self._open(data.get(name), name), self._open(data.get(telephone), telephone))

    def _facts(self, data: Mapping[str, Any]) -> Sequence[Fact]:
        found: list[Fact] = []
        for name, value in data.items():
            if name not in words.FIELDS or value in ((), [], None):
                continue
            label = words.FIELDS[name]
            if isinstance(value, dict) and "sealed" in value:
                found.append(Fact(label, self._open(value, name), is_text=True))
            else:
                found.append(Fact(label, self._value(name, value)))
        return found

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return self.gettext(N_("Yes") if value else N_("No"))
        if name in _SUMS:
            return self.money(value)
        if name in _LAST_DAYS:
            return self.formats.day(value - 1)
        if isinstance(value, list | tuple) or name in ("document", "missing"):
            return self._several(name, value if isinstance(value, list | tuple) else [value])
        match name:
            case "with_whom":
                return self.staff(value)
            case "fund":
                fund = self.register.fund(value)
                return fund.name if fund else str(value)
            case "round":
                return self.gettext(N_("time no. %(number)s")) % {"number": value}
            case _:
                return self._word(name, value)

    def _several(self, name: str, values: Sequence[Any]) -> str:
        if name == "tranches":
            rows = ((self.money(one["amount"]), self.formats.day(one["due_at"] - 1)) for one in values)
            return "\n".join(f"{amount} · {day}" for amount, day in rows)
        return self.gettext(N_(", ")).join(self._one_of(name, one) for one in values)

    def _one_of(self, name: str, value: Any) -> str:
        if name == "in_kind":
            return f"{self._word('kind', value['kind'])} {value['count']}"
        return self._word("scopes", value) if name == "scopes" else self.document(value)

    def _word(self, name: str, value: Any) -> str:
        word = words.WORDS.get(name, {}).get(value)
        return str(value) if word is None else self.gettext(word)
