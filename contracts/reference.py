"""The register folded: who may do what, where, under which policy, as of any register offset.

One history serves every partition: each entry keeps its versions with the offset that made them, and a
`Register` reads the versions below its basis.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from contracts.base import Message
from contracts.register import (
    AppointedV1,
    AppointmentEndedV1,
    CategoriesDefinedV1,
    Category,
    PersonDefinedV1,
    PolicyDefinedV1,
    UnitDefinedV1,
    ZoneDefinedV1,
)

LEDGER_UNIT = "-"
"""The ledger itself: it stands above every unit that names none above it."""

T = TypeVar("T", bound=Message)
V = TypeVar("V")
_Versions = list[tuple[int, Message | None]]


@dataclass(slots=True)
class RegisterHistory:
    """Every version of every register entry.

    Offsets are those of the register's submissions, each decided once, so that a basis means the same
    whatever else stands on the events partition. `recorded_at[n]` is when submission n was recorded;
    `administrator` holds that role over the whole ledger from the genesis on.
    """

    administrator: str
    recorded_at: list[int] = field(default_factory=list)
    entries: dict[tuple[str, ...], _Versions] = field(default_factory=dict)
    by_kind: dict[str, dict[tuple[str, ...], None]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def end(self) -> int:
        """How many register submissions have been decided and folded."""
        return len(self.recorded_at)

    def fold(self, recorded_at: int, events: Iterable[Message]) -> None:
        """Take in the events of the next register decision."""
        offset = self.end
        for event in events:
            key = _key(event)
            if key is not None:
                value = None if isinstance(event, AppointmentEndedV1) else event
                self.entries.setdefault(key, []).append((offset, value))
                self.by_kind[key[0]][key] = None
                self._fold_categories(offset, event)
        self.recorded_at.append(recorded_at)

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


def _key(event: Message) -> tuple[str, ...] | None:
    match event:
        case UnitDefinedV1():
            return ("unit", event.unit)
        case ZoneDefinedV1():
            return ("zone", event.unit, event.zone)
        case PersonDefinedV1():
            return ("person", event.person)
        case AppointedV1() | AppointmentEndedV1():
            return ("appointment", event.person, event.role, event.unit)
        case CategoriesDefinedV1():
            return ("categories",)
        case PolicyDefinedV1():
            return ("policy", event.policy)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Register:
    """The register as of one basis. Every look-up answers None where there is no such entry.

    What lies below the basis never changes: the answers to what each decision asks are kept.
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

    def _get(self, kind: type[T], *key: str) -> T | None:
        versions = self.history.entries.get(key)
        if versions is None:
            return None
        offset, value = versions[-1]
        if offset >= self.basis:
            at = bisect_left(versions, self.basis, key=lambda version: version[0])
            value = versions[at - 1][1] if at else None
        return value if isinstance(value, kind) else None

    def _all(self, kind: type[T], name: str) -> Iterator[T]:
        for key in self.history.by_kind.get(name, ()):
            value = self._get(kind, *key)
            if value is not None:
                yield value

    def unit(self, unit: str) -> UnitDefinedV1 | None:
        """The unit of this id."""
        return self._get(UnitDefinedV1, "unit", unit)

    def units(self) -> list[UnitDefinedV1]:
        """Every unit, in the order of entry."""
        return list(self._all(UnitDefinedV1, "unit"))

    def zone(self, unit: str, zone: str) -> ZoneDefinedV1 | None:
        """The zone of this id in this community."""
        return self._get(ZoneDefinedV1, "zone", unit, zone)

    def zones(self, unit: str) -> list[ZoneDefinedV1]:
        """The zones of a community, in the order of entry."""
        return [zone for zone in self._all(ZoneDefinedV1, "zone") if zone.unit == unit]

    def person(self, person: str) -> PersonDefinedV1 | None:
        """The member of staff of this id."""
        return self._get(PersonDefinedV1, "person", person)

    def appointments(self) -> list[AppointedV1]:
        """Every appointment in force."""
        return list(self._all(AppointedV1, "appointment"))

    def category(self, code: str) -> Category | None:
        """The category of this code in the tree in force."""
        return self._get(Category, "category", code)

    def categories(self) -> list[Category]:
        """The category tree in force, in its own order."""
        tree = self._get(CategoriesDefinedV1, "categories")
        return list(tree.categories) if tree else []

    def policy(self, policy: str) -> PolicyDefinedV1 | None:
        """The policy of a family."""
        return self._get(PolicyDefinedV1, "policy", policy)

    def policies(self) -> list[PolicyDefinedV1]:
        """Every policy in force, in the order of entry."""
        return list(self._all(PolicyDefinedV1, "policy"))

    def holds(self, person: str, role: str, unit: str) -> bool:
        """Whether the person holds the role in this unit or in one above it."""
        question = (person, role, unit)
        held: bool | None = self._answers.get(question)
        return self._keep(question, self._holds(person, role, unit)) if held is None else held

    def _holds(self, person: str, role: str, unit: str) -> bool:
        if role == "administrator" and person == self.history.administrator:
            return True
        return any(
            self._get(AppointedV1, "appointment", person, role, above) is not None
            for above in self.lineage(unit)
        )

    def lineage(self, unit: str) -> list[str]:
        """The unit, those above it in order, and the ledger."""
        line: list[str] = []
        at: str | None = unit
        while at is not None and at != LEDGER_UNIT and at not in line:
            line.append(at)
            above = self.unit(at)
            at = above.parent if above else None
        return [*line, LEDGER_UNIT]

    def roles(self, person: str) -> list[AppointedV1]:
        """The appointments that a person holds."""
        return [held for held in self.appointments() if held.person == person]
