"""A mediation's page: its parties by name, what is owed, and what happened, as one reader may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.base import Message
from contracts.catalogue import current_event
from contracts.mediation_file import Mediation, Party, evolve
from contracts.mediation_outcome import SignedV1
from contracts.reference import Register
from services.mediation.views import Happening, Mediations, Opened
from web.case_forms import mediation_words as words
from web.entries import yuan
from web.formats import Formats
from web.i18n import N_, Gettext

NameOf = Callable[[Register, str], str]
SEALED = Opened("sealed")
_RISK = frozenset({"risk_reported", "risk_acknowledged"})
_LAST_DAYS = frozenset({"mediate_by", "confirm_by", "visit_by"})
_MOMENTS = frozenset({"planned_at", "ended_at"})
_PARTY_FIELDS = frozenset({"party", "parties", "present", "absent"})
FILE, FILE_NAME = N_("The file that shows it"), N_("File name")
YES, NO = N_("Yes"), N_("No")


class Fact(NamedTuple):
    """One line about an event: a label (a message id), and what it says: a value, or a text that was sealed."""

    label: str
    value: str = ""
    text: Opened | None = None


class Told(NamedTuple):
    """One event as the page tells it: its title (a message id), by whom, and its facts."""

    title: str
    recorded: int
    occurred: int | None
    actor: str
    role: str | None
    facts: Sequence[Fact]


class Named(NamedTuple):
    """A party with its name and telephone, as far as the reader may see them, and who speaks for it."""

    party: Party
    label: str
    name: Opened
    telephone: Opened | None
    representatives: Sequence[str]


class Kept(NamedTuple):
    """A file of the dossier: its blob, where it belongs (a message id), its name and its key."""

    blob: str
    paper: str
    media_type: str
    at: int
    name: Opened
    key: Opened


class Version(NamedTuple):
    """A version of the agreement: its number, terms in plain, total, fingerprint, and obligations as the log has them."""

    number: int
    terms: Opened
    total: int | None
    fingerprint: str
    register_number: str | None
    obligations: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Teller:
    """Folds a mediation for one reader. `may_open`: they may read what was said.

    `told` and `events` are one for each happening; `damaged`: texts that do not open, by place in them and field.
    """

    source: Mediations
    register: Register
    name_of: NameOf
    formats: Formats
    gettext: Gettext
    may_open: bool
    sees_risk: bool
    state: Mediation | None = None
    named: dict[int, Named] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    story: Opened = SEALED
    files: list[Kept] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    events: list[Message] = field(default_factory=list)
    damaged: dict[tuple[int, str], None] = field(default_factory=dict)

    def take(self, unit: str, happenings: Sequence[Happening]) -> None:
        """Fold what happened, in the order of the log."""
        for one in happenings:
            event = current_event(one.type, dict(one.data))
            self.events.append(event)
            self.state = evolve(self.state, event, unit, one.effective_at, one.batch)
            name = one.type.split(".")[1]
            self._remember(name, one)
            facts = tuple(self._facts(name, one.data))
            if isinstance(event, SignedV1):
                facts = (*self._signed_version(event.fingerprint), *facts, *self._signed_page(event.blob))
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
                    facts,
                )
            )

    def party(self, number: int) -> str:
        """A party by its side and name."""
        found = self.named.get(number)
        return f"{number}" if found is None else f"{found.label} {found.name.plain}".strip()

    def staff(self, person: str) -> str:
        """A member of staff by name."""
        return self.name_of(self.register, person)

    def _open(self, value: Any, field_name: str, event: str = "") -> Opened:
        if not (self.may_open or (self.sees_risk and event in _RISK)):
            return SEALED
        found = self.source.text(value, field_name)
        if found.state == "damaged":
            self.damaged[len(self.events) - 1, field_name] = None
        return found

    def _remember(self, name: str, one: Happening) -> None:
        data = one.data
        match name:
            case "started":
                self.story = self._open(data.get("story"), "story")
                for number, side in ((1, "a"), (2, "b")):
                    if f"name_{side}" in data:
                        self._name(number, data, f"name_{side}", f"telephone_{side}")
            case "party_added":
                self._name(data["number"], data, "name", "telephone")
            case "representative_named":
                found = self.named.get(data["party"])
                who = self._open(data["name"], "name")
                if found is not None and who.state == "open":
                    more = (*found.representatives, who.plain)
                    self.named[data["party"]] = found._replace(representatives=more)
            case "drawn_up" | "agreed_orally":
                self.versions.append(self._version(one))
            case "attached":
                self.files.append(self._kept(one))
            case _:
                pass
        if self.state is not None:
            for party in self.state.parties:
                if party.number in self.named:
                    self.named[party.number] = self.named[party.number]._replace(party=party)

    def _signed_version(self, fingerprint: str) -> Sequence[Fact]:
        """Which version a signature is under."""
        found = [one.number for one in self.versions if one.fingerprint == fingerprint]
        return [Fact(words.FIELDS["version"], str(number)) for number in found[-1:]]

    def _signed_page(self, blob: str | None) -> Sequence[Fact]:
        """The file that shows a signature."""
        return [Fact(FILE, text=file.name) for file in self.files if file.blob == blob][:1]

    def _version(self, one: Happening) -> Version:
        data = one.data
        return Version(
            data["version"],
            self._open(data["terms"], "terms"),
            data.get("total"),
            data["fingerprint"],
            data.get("register_number"),
            data.get("obligations", ()),
        )

    def _kept(self, one: Happening) -> Kept:
        data = one.data
        return Kept(
            data["blob"],
            dict(words.PAPERS)[data["paper"]],
            data["media_type"],
            one.recorded_at,
            self._open(data["name"], "name"),
            self._open(data["key"], "key"),
        )

    def _name(self, number: int, data: Mapping[str, Any], name: str, telephone: str) -> None:
        party = None if self.state is None else self.state.party(number)
        if party is None:
            return
        label = self.gettext(dict(words.SIDES)[party.side])
        told = data.get(telephone)
        self.named[number] = Named(
            party,
            label,
            self._open(data[name], name),
            None if told is None else self._open(told, telephone),
            (),
        )

    def _facts(self, event: str, data: Mapping[str, Any]) -> Sequence[Fact]:
        found: list[Fact] = []
        for name, value in data.items():
            if name not in words.FIELDS or value in ((), [], None):
                continue
            label = FILE_NAME if event == "attached" and name == "name" else words.FIELDS[name]
            if isinstance(value, dict):
                found.append(Fact(label, text=self._open(value, name, event)))
            else:
                found.append(Fact(label, self._value(name, value)))
        return found

    def _value(self, name: str, value: Any) -> str:
        if name in _PARTY_FIELDS:
            numbers = value if isinstance(value, list | tuple) else [value]
            return self.gettext(N_(", ")).join(self.party(number) for number in numbers)
        if name in _LAST_DAYS:
            return self.formats.day(value - 1)
        if name in _MOMENTS:
            return self.formats.minute(value)
        if name in ("amount", "total"):
            return self.gettext(N_("%(sum)s yuan")) % {"sum": yuan(value, self.formats)}
        if name == "mediator":
            return self.staff(value)
        if name == "obligations":
            return self._obligations(value)
        if name == "to":
            unit = self.register.unit(value)
            return unit.name if unit else str(value)
        if isinstance(value, bool):
            return self.gettext(YES if value else NO)
        word = words.WORDS.get(name, {}).get(value)
        return str(value) if word is None else self.gettext(word)

    def _obligations(self, value: Sequence[Any]) -> str:
        if value and isinstance(value[0], int):
            return ", ".join(str(number) for number in value)
        return "\n".join(self.obligation(number, one) for number, one in enumerate(value, 1))

    def obligation(self, number: int, one: Mapping[str, Any]) -> str:
        """An obligation in one line: who owes whom what, until which day."""
        kind = dict(words.OBLIGATION_KINDS)[one["kind"]]
        act = self.gettext(kind)
        amount = one.get("amount")
        owed = act if amount is None else f"{act} {self._value('amount', amount)}"
        day = self.formats.day(one["due_at"] - 1)
        return self.gettext(N_("%(number)s. %(debtor)s → %(creditor)s: %(owed)s, until %(day)s")) % {
            "number": number,
            "debtor": self.party(one["debtor"]),
            "creditor": self.party(one["creditor"]),
            "owed": owed,
            "day": day,
        }
