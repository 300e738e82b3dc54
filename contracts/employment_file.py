"""An employment case as its events make it. Pure and total."""

from __future__ import annotations

from typing import NamedTuple

from contracts import employment as e
from contracts.base import Message


class Offer(NamedTuple):
    """A post that was offered; `declined`: it came to nothing; `taken`: they were placed in it."""

    number: int
    kind: e.PostKind
    declined: bool = False
    taken: bool = False

    @property
    def open(self) -> bool:
        """Whether nothing has come of it yet."""
        return not self.declined and not self.taken


class Placement(NamedTuple):
    """A placement.

    `follow_ups`: after how many months it is to be asked after, and by when; `still`: months after it began → whether they were
    in work then.
    """

    number: int
    kind: e.PostKind
    began_at: int
    follow_ups: tuple[tuple[int, int], ...] = ()
    still: tuple[tuple[int, bool], ...] = ()

    @property
    def in_work(self) -> bool:
        """Whether nobody has said that it ended."""
        return all(still for _, still in self.still)

    @property
    def follow_up(self) -> tuple[int, int] | None:
        """The next time that it is to be asked after: how many months after it began, and by when."""
        asked = max((months for months, _ in self.still), default=0)
        return next((one for one in self.follow_ups if one[0] > asked), None) if self.in_work else None


class Seeker(NamedTuple):
    """Somebody who looks for work. `person`: whose data the name is; times in milliseconds since the epoch."""

    unit: str
    need: e.WorkNeed
    registered_at: int
    batch: str | None = None
    person: str | None = None
    household: str | None = None
    offers: tuple[Offer, ...] = ()
    placements: tuple[Placement, ...] = ()
    ended: e.EmploymentEnd | None = None
    ended_at: int | None = None

    def offer(self, number: int) -> Offer | None:
        """The offer of this number."""
        return next((one for one in self.offers if one.number == number), None)

    @property
    def placement(self) -> Placement | None:
        """The placement that they are in."""
        last = self.placements[-1] if self.placements else None
        return last if last is not None and last.in_work else None


def evolve(
    state: Seeker | None, event: Message, unit: str, effective_at: int, batch: str | None
) -> Seeker | None:
    """The case after an event, which happened at `effective_at` in this unit and import batch."""
    if isinstance(event, e.SeekerRegisteredV1):
        person = None if event.name is None else event.name.subject
        return Seeker(unit, event.need, effective_at, batch, person, event.household)
    if state is None:
        return None
    match event:
        case e.PostOfferedV1():
            return state._replace(offers=(*state.offers, Offer(event.number, event.kind)))
        case e.PostDeclinedV1():
            offers = tuple(
                one._replace(declined=True) if one.number == event.offer else one for one in state.offers
            )
            return state._replace(offers=offers)
        case e.PlacedV1():
            due = tuple(zip(event.asked_months, event.asked_at, strict=False))
            placement = Placement(event.number, event.kind, event.began_at, due)
            offers = tuple(
                one._replace(taken=True) if one.number == event.offer else one for one in state.offers
            )
            return state._replace(offers=offers, placements=(*state.placements, placement))
        case e.WorkAskedAfterV1() if state.placements:
            last = state.placements[-1]
            asked = last._replace(still=(*last.still, (event.months, event.in_work)))
            return state._replace(placements=(*state.placements[:-1], asked))
        case e.HelpEndedV1():
            return state._replace(ended=event.reason, ended_at=effective_at)
        case _:
            return state
