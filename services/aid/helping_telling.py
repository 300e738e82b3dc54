"""The page of a pair or an employment case: who it is about, how it stands, and what happened, as one reader may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.catalogue import current_event
from contracts.employment_file import Seeker
from contracts.pairing_file import Pair
from contracts.reference import Register
from services.aid.domain import evolve
from services.aid.helping_views import Helpings
from services.aid.telling import Fact, NameOf, Person, Told
from services.aid.views import Happening
from web.case_forms import helping_words as words
from web.formats import Formats
from web.i18n import N_, Gettext

_LAST_DAYS = frozenset({"due_at", "asked_at"})


@dataclass(slots=True)
class Teller:
    """Folds a pair or an employment case for one reader. `may_open`: they may read what was said.

    `notes`: number of a plan or an offer → what it is, where the reader may see it.
    """

    source: Helpings
    register: Register
    name_of: NameOf
    formats: Formats
    gettext: Gettext
    may_open: bool
    state: Pair | Seeker | None = None
    story: str | None = None
    helper: Person | None = None
    helped: Person | None = None
    notes: dict[int, str | None] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def take(self, unit: str, happenings: Sequence[Happening]) -> None:
        """Fold what happened, in the order of the log."""
        for one in happenings:
            event = current_event(one.type, dict(one.data))
            after = evolve(self.state, event, unit, one.effective_at, one.batch)
            self.state = after if isinstance(after, Pair | Seeker) else None
            name, data = one.type.split(".")[1], one.data
            if name in ("paired", "seeker_registered"):
                self.story = self._open(data.get("story"), "story")
                self.helper = self._person(data, "helper_")
                self.helped = self._person(data, "")
            elif name in ("help_planned", "post_offered"):
                self.notes[data["number"]] = self._open(data.get("note"), "note")
            actor = one.actor or ""
            known = self.register.person(actor) is not None
            occurred = one.occurred_at if one.occurred_at != one.recorded_at else None
            shown = self.name_of(self.register, actor) if known else ""
            title = words.EVENTS.get(name, name)
            self.told.append(
                Told(title, one.recorded_at, occurred, shown, one.role, tuple(self._facts(data)))
            )

    def staff(self, person: str) -> str:
        """A member of staff by name."""
        return self.name_of(self.register, person)

    def numbered(self, number: int) -> str:
        """A plan or an offer in a list: its number, and how it begins."""
        return f"{number} · {(self.notes.get(number) or '')[:30]}".removesuffix(" · ")

    def _open(self, value: Any, name: str) -> str | None:
        return self.source.text(value, name) if self.may_open and value is not None else None

    def _person(self, data: Mapping[str, Any], prefix: str) -> Person | None:
        name, telephone = f"{prefix}name", f"{prefix}telephone"
        if data.get(name) is None:
            return None
        return Person(self._open(data[name], name), self._open(data.get(telephone), telephone))

    def _facts(self, data: Mapping[str, Any]) -> Sequence[Fact]:
        found: list[Fact] = []
        for name, label in words.FIELDS.items():
            value = data.get(name)
            if value in ((), [], None):
                continue
            if isinstance(value, dict) and "sealed" in value:
                found.append(Fact(label, self._open(value, name), is_text=True))
            else:
                found.append(Fact(label, self._value(name, value)))
        return found

    def _value(self, name: str, value: Any) -> str:
        if name in _LAST_DAYS:
            days = value if isinstance(value, list | tuple) else [value]
            return self.gettext(N_(", ")).join(self.formats.day(one - 1) for one in days)
        if name == "began_at":
            return self.formats.day(value)
        word = words.WORDS.get(name, {}).get(value)
        return str(value) if word is None else self.gettext(word)
