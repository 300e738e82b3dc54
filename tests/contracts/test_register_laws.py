"""Laws of the register, over any sequence of commands: what is accepted never breaks what stands."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import register as r
from contracts.base import Message
from contracts.lineage import stands_as
from contracts.reference import LEDGER_UNIT, Register
from contracts.spells import SKEW_MS
from contracts.workflow import Accepted
from tests.support import given as rules
from tests.support.given import ADMINISTRATOR, BEGINNING, SEALED, day

UNITS = ("u0", "u1", "u2", "u3")
PEOPLE = ("act_person000", "act_person111")
TIMES = (day(0), day(1), day(2), day(3), day(4))

_maybe_time = st.one_of(st.none(), st.sampled_from(TIMES))
_unit, _person = st.sampled_from(UNITS), st.sampled_from(PEOPLE)
_define = st.builds(
    lambda unit, parent, since: r.DefineUnitV1(
        unit=unit, name=unit, tier="organisation", kind="office", parent=parent, since=since
    ),
    _unit,
    st.one_of(st.none(), _unit),
    _maybe_time,
)
_succeed = st.builds(
    lambda of, into, since: r.SucceedUnitsV1(of=tuple(of), into=tuple(into), since=since),
    st.lists(_unit, min_size=1, max_size=2),
    st.lists(_unit, min_size=1, max_size=2),
    st.sampled_from(TIMES),
)
_appoint = st.builds(
    lambda person, unit, since, until: r.AppointV1(
        person=person, role="handler", unit=unit, since=since, until=until
    ),
    _person,
    _unit,
    _maybe_time,
    _maybe_time,
)
_end = st.builds(
    lambda person, unit, until: r.EndAppointmentV1(person=person, role="handler", unit=unit, until=until),
    _person,
    _unit,
    _maybe_time,
)
_leave = st.builds(
    lambda person, deputy, since, until: r.RecordLeaveV1(
        person=person, deputy=deputy, since=since, until=until
    ),
    _person,
    _person,
    st.sampled_from(TIMES),
    st.sampled_from(TIMES),
)
_commands = st.lists(st.one_of(_define, _succeed, _appoint, _end, _leave), max_size=20)

START: tuple[Message, ...] = (
    *(r.UnitDefinedV1(unit=unit, name=unit, tier="organisation", kind="office") for unit in UNITS),
    *(r.PersonDefinedV1(person=person, name=SEALED) for person in PEOPLE),
)


def accepted(commands: Iterable[Message]) -> tuple[list[Message], Register]:
    """The events of those commands that are accepted, one after the other, and the register after them."""
    events: list[Message] = []
    world = rules.given(register=START)
    for command in commands:
        answer = world.when(command, by=ADMINISTRATOR).answer
        if isinstance(answer, Accepted):
            world.register.fold(BEGINNING, answer.events)
            events += answer.events
    return events, world.register.at(world.register.end)


@settings(max_examples=200, deadline=None)
@given(_commands)
def test_a_lineage_ends_at_the_ledger_and_repeats_nothing(commands: list[Message]) -> None:
    """On any day, from any unit, what stands above it leads to the ledger without a circle."""
    _, register = accepted(commands)
    for unit in UNITS:
        for at in (0, *TIMES):
            line = register.lineage(unit, at)
            assert line[0] == unit
            assert line[-1] == LEDGER_UNIT
            assert len(set(line)) == len(line)


@settings(max_examples=200, deadline=None)
@given(_commands)
def test_successors_make_no_circle(commands: list[Message]) -> None:
    """Nothing succeeds itself, over any number of steps, and where a place ends up it is not gone to one."""
    _, register = accepted(commands)
    for unit in UNITS:
        seen: set[str] = set()
        waiting = [unit]
        while waiting:
            here = waiting.pop()
            into = [name for spell in register.spells("unit-succession", here) for name in spell.said.into]
            assert unit not in into
            waiting += [name for name in into if name not in seen]
            seen.update(into)
        last, _ = stands_as(register, unit, None, day(9))
        assert all(len(spell.said.into) > 1 for spell in register.spells("unit-succession", last))


@settings(max_examples=300, deadline=None)
@given(_commands)
def test_holds_agrees_with_a_recomputation(commands: list[Message]) -> None:
    """Who holds a role where, on any day, is what going through the events by hand says."""
    events, register = accepted(commands)
    for person in PEOPLE:
        for unit in UNITS:
            for at in (*TIMES, *(at - 1 for at in TIMES), BEGINNING - SKEW_MS):
                assert register.holds(person, "handler", unit, at) is _holds(events, person, unit, at)


def _holds(events: list[Message], person: str, unit: str, at: int) -> bool:
    stand_ins = {person}
    for event in events:
        if (
            isinstance(event, r.LeaveRecordedV1)
            and event.deputy == person
            and event.since <= at < event.until
        ):
            stand_ins.add(event.person)
    return any(_appointed(events, one, here, at) for one in stand_ins for here in _line(events, unit, at))


def _appointed(events: list[Message], person: str, unit: str, at: int) -> bool:
    """Each appointment by itself, cut by every ending that came after it."""
    for number, event in enumerate(events):
        if not (isinstance(event, r.AppointedV1) and (event.person, event.unit) == (person, unit)):
            continue
        since, until = _time(event.since), event.until
        for later in events[number + 1 :]:
            if isinstance(later, r.AppointmentEndedV1) and (later.person, later.unit) == (person, unit):
                end = max(_time(later.until), since)
                until = end if until is None else min(until, end)
        if since <= at and (until is None or at < until):
            return True
    return False


def _line(events: list[Message], unit: str, at: int) -> set[str]:
    """Every unit from which a role reaches down to this one on a day."""
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += _above(events, here, at)
    return found


def _above(events: list[Message], unit: str, at: int) -> list[str]:
    for event in events:
        if isinstance(event, r.UnitsSucceededV1) and unit in event.of and event.since <= at:
            return list(event.into)
    versions = [e for e in events if isinstance(e, r.UnitDefinedV1) and e.unit == unit]
    told: list[tuple[int, str | None]] = [(-1, None)]
    told += [(_time(e.since), e.parent) for e in versions if _time(e.since) <= at]
    last = max(since for since, _ in told)
    parent = [parent for since, parent in told if since == last][-1]
    return [] if parent is None else [parent]


def _time(told: int | None) -> int:
    return BEGINNING - SKEW_MS if told is None else told
