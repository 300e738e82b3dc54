"""The register folded: who may do what, where, under which policy, as of any register offset and day.

One history serves every partition: each entry keeps its versions with the offset that made them, and a
`Register` reads the versions below its basis. Beside that, what is said of places and posts holds from a
time on or for a period: look-ups take the time, in milliseconds since the epoch, as `at`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from contracts.base import LEDGER_UNIT, Message
from contracts.lineage import Reach, lineage, reaches, serves
from contracts.places import TIERS_POLICY, TierNames
from contracts.register import (
    AppointedV1,
    CategoriesDefinedV1,
    Category,
    FundDefinedV1,
    HandoverAcceptedV1,
    HandoverOfferedV1,
    LeaveRecordedV1,
    MembershipEnteredV1,
    PersonDefinedV1,
    PolicyDefinedV1,
    PostDefinedV1,
    ProgrammeDefinedV1,
    UnitDefinedV1,
    ZoneDefinedV1,
)
from contracts.spells import ALWAYS, FOREVER, Key, Spell, Spells, folded
from contracts.working_days import Calendar, CalendarDefinedV1, calendar_of

__all__ = ["CALENDAR", "LEDGER_UNIT", "WHOLE_UNIT", "Register", "RegisterHistory"]

WHOLE_UNIT = ""
"""Asked for as the zone: the role must be held over a whole unit, not in one of its zones."""

CALENDAR = "cn"
"""The working-day calendar that deadlines are shown by."""

T = TypeVar("T", bound=Message)
V = TypeVar("V")


@dataclass(slots=True)
class RegisterHistory:
    """Every version of every register entry.

    Offsets are those of the register's submissions, each decided once, so that a basis means the same
    whatever else stands on the events partition. `recorded_at[n]` is when submission n was recorded;
    `administrator` holds that role over the whole ledger from the genesis on.
    """

    administrator: str
    recorded_at: list[int] = field(default_factory=list)
    entries: dict[Key, list[tuple[int, Any]]] = field(default_factory=dict)
    by_kind: dict[str, dict[Key, None]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def end(self) -> int:
        """How many register submissions have been decided and folded."""
        return len(self.recorded_at)

    def fold(self, recorded_at: int, events: Iterable[Message]) -> None:
        """Take in the events of the next register decision."""
        offset = self.end
        for event in events:
            for key, value in folded(event, recorded_at, self._latest):
                self.entries.setdefault(key, []).append((offset, value))
                self.by_kind[key[0]][key] = None
            self._fold_categories(offset, event)
        self.recorded_at.append(recorded_at)

    def _latest(self, key: Key) -> Any:
        versions = self.entries.get(key)
        return versions[-1][1] if versions else None

    def _fold_categories(self, offset: int, event: Message) -> None:
        if isinstance(event, CategoriesDefinedV1):
            codes = {category.code: category for category in event.categories}
            known = [key for key in self.by_kind["category"] if key[1] not in codes]
            for key in known:
                self.entries[key].append((offset, None))
            for code, category in codes.items():
                self.entries.setdefault(("category", code), []).append((offset, category))
                self.by_kind["category"][("category", code)] = None

    def at(self, basis: int) -> Register:
        """The register as its first `basis` decisions made it."""
        return Register(self, basis)

    def as_recorded(self, at: int) -> Register:
        """The register as all decisions recorded up to this time made it: what could be known then."""
        later = (offset for offset, recorded in enumerate(self.recorded_at) if recorded > at)
        return self.at(next(later, self.end))


@dataclass(frozen=True, slots=True)
class Register:
    """The register as of one basis. Every look-up answers None where there is no such entry.

    What lies below the basis never changes: the answers to what each decision asks are kept. Where a
    look-up is given no time, it answers for that of the register's last record.
    """

    history: RegisterHistory
    basis: int
    _answers: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def derived(self, make: Callable[[Register], V]) -> V:
        """What this pure function makes of the register, made once."""
        found: V | None = self._answers.get(make)
        if found is None:
            found = self._keep(make, make(self))
        return found

    def _keep(self, question: Hashable, answer: V) -> V:
        # Above the end there may still be folded what changes the answer.
        if self.basis <= self.history.end:
            self._answers[question] = answer
        return answer

    @property
    def latest(self) -> int:
        """When the register's last record was made, in milliseconds since the epoch; 0 for none."""
        end = min(self.basis, self.history.end)
        return self.history.recorded_at[end - 1] if end else 0

    def _get(self, *key: str) -> Any:
        versions = self.history.entries.get(key)
        if versions is None:
            return None
        offset, value = versions[-1]
        if offset >= self.basis:
            at = bisect_left(versions, self.basis, key=lambda version: version[0])
            value = versions[at - 1][1] if at else None
        return value

    def _plain(self, kind: type[T], *key: str) -> T | None:
        value = self._get(*key)
        return value if isinstance(value, kind) else None

    def _all(self, name: str) -> Iterator[tuple[Key, Any]]:
        for key in self.history.by_kind.get(name, ()):
            value = self._get(*key)
            if value:
                yield key, value

    def all_spells(self, *kinds: str) -> Iterator[tuple[Key, Spell]]:
        """Everything that was said of the entries of these kinds, with its times."""
        for kind in kinds:
            for key, spells in self._all(kind):
                for spell in spells:
                    yield key, spell

    def spells(self, *key: str) -> Spells:
        """Everything that was said of an entry, with its times; empty where nothing was."""
        found: Spells | None = self._get(*key)
        return found or ()

    def said(self, at: int | None, *key: str) -> Any:
        """What holds of an entry at a time; None where nothing does."""
        versions = self.history.entries.get(key)
        if versions is None:
            return None
        offset, spells = versions[-1]
        if offset >= self.basis:
            spells = self._get(*key)
        if not spells:
            return None
        if len(spells) == 1:
            since, until, said = spells[0]
            if since == ALWAYS and until == FOREVER:
                return said
        when = self.latest if at is None else at
        return next((spell.said for spell in reversed(spells) if spell.holds(when)), None)

    def unit(self, unit: str, at: int | None = None) -> UnitDefinedV1 | None:
        """The unit of this id."""
        found: UnitDefinedV1 | None = self.said(at, "unit", unit)
        return found

    def units(self, at: int | None = None) -> list[UnitDefinedV1]:
        """Every unit, gone ones too, in the order of entry."""
        return [found for key, _ in self._all("unit") if (found := self.said(at, *key)) is not None]

    def zone(self, unit: str, zone: str, at: int | None = None) -> ZoneDefinedV1 | None:
        """The zone of this id in this community."""
        found: ZoneDefinedV1 | None = self.said(at, "zone", unit, zone)
        return found

    def zones(self, unit: str, at: int | None = None) -> list[ZoneDefinedV1]:
        """The zones of a community, gone ones too, in the order of entry."""
        of_unit = (key for key, _ in self._all("zone") if key[1] == unit)
        return [found for key in of_unit if (found := self.said(at, *key)) is not None]

    def person(self, person: str) -> PersonDefinedV1 | None:
        """The member of staff of this id."""
        return self._plain(PersonDefinedV1, "person", person)

    def people(self) -> list[PersonDefinedV1]:
        """Every member of staff, in the order of entry."""
        return [value for _, value in self._all("person")]

    def appointments(self, at: int | None = None) -> list[AppointedV1]:
        """Every appointment in force."""
        return [spell.said for spell in self._in_force("appointment", at)]

    def _in_force(self, kind: str, at: int | None) -> Iterator[Spell]:
        when = self.latest if at is None else at
        for _, spells in self._all(kind):
            yield from (spell for spell in spells if spell.holds(when))

    def memberships(self, at: int | None = None) -> list[MembershipEnteredV1]:
        """Every membership in force."""
        return [spell.said for spell in self._in_force("membership", at)]

    def leaves(self, at: int | None = None) -> list[LeaveRecordedV1]:
        """Who is away."""
        return [spell.said for spell in self._in_force("leave", at)]

    def post(self, unit: str, post: str) -> PostDefinedV1 | None:
        """The post of this id in this unit."""
        return self._plain(PostDefinedV1, "post", unit, post)

    def posts(self, unit: str | None = None) -> list[PostDefinedV1]:
        """The posts of a unit, or all of them, in the order of entry."""
        return [value for key, value in self._all("post") if unit in (None, key[1])]

    def handover(self, giver: str, role: str, unit: str) -> HandoverOfferedV1 | HandoverAcceptedV1 | None:
        """The last thing said of a handover of this person's work in this role and unit."""
        found: HandoverOfferedV1 | HandoverAcceptedV1 | None = self._get("handover", giver, role, unit)
        return found

    def handovers_to(self, taker: str) -> list[HandoverOfferedV1]:
        """What was signed over to this person and waits for their own signature, in the order of entry."""
        said = (value for _, value in self._all("handover"))
        return [one for one in said if isinstance(one, HandoverOfferedV1) and one.taker == taker]

    def handovers_taken(self, taker: str) -> list[HandoverAcceptedV1]:
        """What this person has signed as taken over, in the order of entry."""
        said = (value for _, value in self._all("handover"))
        return [one for one in said if isinstance(one, HandoverAcceptedV1) and one.taker == taker]

    def fund(self, fund: str) -> FundDefinedV1 | None:
        """The fund of this code."""
        return self._plain(FundDefinedV1, "fund", fund)

    def funds(self) -> list[FundDefinedV1]:
        """Every fund, in the order of entry."""
        return [value for _, value in self._all("fund")]

    def programme(self, programme: str, at: int | None = None) -> ProgrammeDefinedV1 | None:
        """The version of this programme in force, a retired one too."""
        found: ProgrammeDefinedV1 | None = self.said(at, "programme", programme)
        return found

    def programmes(self, at: int | None = None) -> list[ProgrammeDefinedV1]:
        """Every programme in its version in force, retired ones too, in the order of entry."""
        return [found for key, _ in self._all("programme") if (found := self.said(at, *key)) is not None]

    def category(self, code: str) -> Category | None:
        """The category of this code in the tree in force."""
        return self._plain(Category, "category", code)

    def category_then(self, code: str, at: int) -> Category | None:
        """The category of this code in the tree that was in force when something was recorded."""
        recorded = self.history.recorded_at
        versions = self.history.entries.get(("category", code), ())
        held = [value for offset, value in versions if offset < self.basis and recorded[offset] <= at]
        found: Category | None = held[-1] if held else None
        return found

    def categories(self) -> list[Category]:
        """The category tree in force, in its own order."""
        tree = self._plain(CategoriesDefinedV1, "categories")
        return list(tree.categories) if tree else []

    def policy(self, policy: str) -> PolicyDefinedV1 | None:
        """The policy of a family."""
        return self._plain(PolicyDefinedV1, "policy", policy)

    def policies(self) -> list[PolicyDefinedV1]:
        """Every policy in force, in the order of entry."""
        return [value for _, value in self._all("policy")]

    def calendar_years(self) -> list[CalendarDefinedV1]:
        """Every year of every working-day calendar."""
        return [value for _, value in self._all("calendar")]

    def calendar(self) -> Calendar:
        """The working-day calendar that deadlines are shown by."""
        return self.derived(_calendar)

    def tier_names(self) -> TierNames | None:
        """What the tiers are called here; None where nothing was said of it."""
        entry = self.policy(TIERS_POLICY)
        return TierNames.model_validate(entry.terms) if entry else None

    def holds(
        self, person: str, role: str, unit: str, at: int | None = None, zone: str | None = None
    ) -> bool:
        """Whether the person holds the role in this unit or above it at a time, of their own or as a deputy.

        Without a zone it is enough to hold it in one of the unit's zones; with one, it must be that zone.
        """
        question = (person, role, unit)
        # What every decision asks is kept as one number where it can be: whoever holds a role over the
        # whole unit without a set end holds it from a time on.
        found: int | tuple[Reach, ...] | None = self._answers.get(question)
        if found is None:
            found = self._keep(question, self._reaches(person, role, unit))
        when = self.latest if at is None else at
        if isinstance(found, int):
            return when >= found
        return any(
            since <= when < until and (zone is None or part is None or part == zone)
            for since, until, part in found
        )

    def _reaches(self, person: str, role: str, unit: str) -> int | tuple[Reach, ...]:
        if role == "administrator" and person == self.history.administrator:
            return 0
        found = reaches(self, person, role, unit)
        if len(found) == 1 and found[0].until == FOREVER and found[0].zone is None:
            return found[0].since
        return found

    def lineage(self, unit: str, at: int | None = None) -> list[str]:
        """The unit, what stands above it, nearest first, and the ledger: see contracts.lineage."""
        return lineage(self, unit, at)

    def serves(self, person: str, unit: str, at: int | None = None, zone: str | None = None) -> bool:
        """Whether the person holds any role in this unit or above it, or belongs to it."""
        return serves(self, person, unit, at, zone)

    def own_appointments(self, person: str, at: int | None = None) -> list[AppointedV1]:
        """The appointments that a person holds of their own."""
        when = self.latest if at is None else at
        keys = self.history.by_kind.get("appointment", ())
        mine = (self.spells(*key) for key in keys if key[1] == person)
        return [spell.said for spells in mine for spell in spells if spell.holds(when)]

    def roles(self, person: str, at: int | None = None) -> list[AppointedV1]:
        """The appointments that a person holds, and those of whom they stand in for."""
        found = self.own_appointments(person, at)
        when = self.latest if at is None else at
        for leave in self.spells("deputy", person):
            if leave.holds(when):
                away = self.own_appointments(leave.said.person, at)
                found += [held.model_copy(update={"person": person}) for held in away]
        return found


def _calendar(register: Register) -> Calendar:
    return calendar_of(year for year in register.calendar_years() if year.calendar == CALENDAR)
