"""A pair as its events make it. Pure and total."""

from __future__ import annotations

from typing import NamedTuple

from contracts import pairing as p
from contracts.base import Message


class Plan(NamedTuple):
    """What was planned for whoever is helped; `done` is None until they say what it came to."""

    number: int
    due_at: int
    done: bool | None = None


class Pair(NamedTuple):
    """A pair. `helper`, `helped`: whose data their names are; times in milliseconds since the epoch."""

    unit: str
    need: p.Need
    began_at: int
    helper: str
    helped: str
    helper_staff: str | None = None
    household: str | None = None
    plans: tuple[Plan, ...] = ()
    visits: int = 0
    met: int = 0
    last_visit_at: int | None = None
    ended: p.PairEnd | None = None
    ended_at: int | None = None

    def plan(self, number: int) -> Plan | None:
        """The plan of this number."""
        return next((one for one in self.plans if one.number == number), None)


def evolve(
    state: Pair | None, event: Message, unit: str, effective_at: int, _batch: str | None
) -> Pair | None:
    """The pair after an event, which happened at `effective_at` in this unit."""
    if isinstance(event, p.PairedV1):
        return Pair(
            unit,
            event.need,
            effective_at,
            event.helper_name.subject,
            event.name.subject,
            event.helper_staff,
            event.household,
        )
    if state is None:
        return None
    match event:
        case p.HelpPlannedV1():
            return state._replace(plans=(*state.plans, Plan(event.number, event.due_at)))
        case p.PairVisitRecordedV1():
            met = state.met + event.met
            return state._replace(visits=state.visits + 1, met=met, last_visit_at=effective_at)
        case p.PairResultRecordedV1():
            plans = tuple(
                one._replace(done=event.done) if one.number == event.plan else one for one in state.plans
            )
            return state._replace(plans=plans)
        case p.PairEndedV1():
            return state._replace(ended=event.reason, ended_at=effective_at)
        case _:
            return state
