"""310 committees with open cases become 128 communities: what the figures and their states say before and after.

The city of tests/register/test_city.py, with cases in every committee; every name and case is invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pytest

from contracts import grievance as g
from contracts import register as r
from contracts import transfer as t
from contracts.base import Message
from contracts.figures import (
    KINDS,
    UNWATCHED,
    CaseFacts,
    Figures,
    OccurrenceFacts,
    Scope,
    State,
    Watching,
    compute,
)
from contracts.lineage import origins
from contracts.workflow import stream_id
from services.projections.figures import figures, recomputed
from services.projections.rows import CaseRow
from services.projections.store import ReadModel
from tests.projections.following import cases, follow, rows, sqlite_model
from tests.projections.histories import case_state
from tests.register import test_city as city
from tests.register.test_city import CHANGE, COMMITTEES, COMMUNITIES, community
from tests.support.given import day
from tests.support.ledger import CLERK, CLOCK, HANDLER, SEALED, DemoLedger, Submitted, Who

WATCHED = Watching(window_open=False, coverage=1.0, minimum=0.9, missing_zones=(), settled=True)
WATCHINGS: tuple[tuple[Watching, State], ...] = (
    (WATCHED, "certified"),
    (WATCHED._replace(window_open=True), "provisional"),
    (WATCHED._replace(missing_zones=("east",)), "unknown"),
    (UNWATCHED, "unknown"),
)
"""How the committees were watched, in turn, and what may be said of their counts."""

ADDED = (
    "received",
    "open",
    "closed",
    "not_accepted",
    "overdue",
    "replied",
    "duplicates",
    "transferred_in",
    "transferred_out",
)
COMMITTEE_NAMES = [f"committee-{number}" for number in range(COMMITTEES)]
COMMUNITY_NAMES = [f"community-{number}" for number in range(COMMUNITIES)]


class Shown(NamedTuple):
    """The figures at one time: of each committee, of each community with and without what went into it, of all."""

    old: Mapping[str, Figures]
    new: Mapping[str, Figures]
    own: Mapping[str, Figures]
    whole: Figures


class City(NamedTuple):
    """What was shown before the day of the change, on it, and after open cases were worked on.

    `finished` and `moved` are cases of each committee, by its name, that were closed where they stood and transferred
    to the successor; `denied` what became of the attempts by the next community's handler; `rows` the cases at the end;
    `agreed` whether the figures of SQL were those of the cases one by one, at each time.
    """

    before: Shown
    after: Shown
    later: Shown
    finished: Mapping[str, str]
    moved: Mapping[str, str]
    denied: frozenset[str | None]
    rows: Mapping[str, CaseRow]
    agreed: tuple[bool, ...]


def watching_of(committee: str) -> tuple[Watching, State]:
    """How this committee was watched, and what may be said of it."""
    return WATCHINGS[int(committee.rsplit("-", 1)[1]) % len(WATCHINGS)]


def handler_of(name: str) -> Who:
    """The handler of a community."""
    return Who(f"act_handler{name.rsplit('-', 1)[1]:0>4}", "handler")


def successor(committee: str, beyond: int = 0) -> str:
    """The community that a committee went into, or one that is so many further."""
    return community(int(community(int(committee.rsplit("-", 1)[1])).rsplit("-", 1)[1]) + beyond)


def say(demo: DemoLedger, body: Message, **more: object) -> Submitted:
    """Submit what is accepted."""
    said = demo.submit(body, **more)  # type: ignore[arg-type]  # whatever submit takes
    assert said.decision.outcome == "accepted", (body, said.decision.reason)
    return said


def build(demo: DemoLedger) -> tuple[dict[str, str], dict[str, str]]:
    """The old city with its cases; return one accepted and one lodged case of each committee."""
    for entry in city.before():
        say(demo, entry)
    for who in (CLERK, HANDLER):
        say(demo, r.AppointV1(person=who.actor, role=who.role, unit="city"))
    working, waiting = {}, {}
    for number, unit in enumerate(COMMITTEE_NAMES):
        demo.now = day(1)
        waiting[unit] = demo.lodge(unit=unit, zone=None)
        for _ in range(number % 3):
            demo.lodge(unit=unit, zone=None)
        working[unit] = demo.lodge(unit=unit, zone=None)
        say(demo, g.AcceptV1(), subject=working[unit], unit=unit)
        finish(demo, demo.lodge(unit=unit, zone=None), unit, HANDLER, accept=True)
        if number % 5 == 0:
            refused = demo.lodge(unit=unit, zone=None)
            say(demo, g.NotAcceptV1(reason="not_specific", remedy=SEALED), subject=refused, unit=unit)
        if number % 7 == 0:
            occurred = g.RecordOccurrenceV1(kind=KINDS[number % 3], note=SEALED)
            say(demo, occurred, subject=waiting[unit], unit=unit)
    for unit in COMMITTEE_NAMES[::4]:
        lapse(demo, waiting[unit], unit)
    return working, waiting


def lapse(demo: DemoLedger, case: str, unit: str) -> None:
    """The clock says, on the twentieth day, that the term of this case has passed."""
    demo.now = day(20)
    state = case_state(demo, case, unit)
    assert state is not None
    assert state.due is not None
    tick = g.DeadlineDueV1(deadline="accept", due_at=state.due.end)
    say(demo, tick, subject=case, unit=unit)


def finish(demo: DemoLedger, case: str, unit: str, by: Who, *, accept: bool = False) -> None:
    """Reply and close."""
    if accept:
        say(demo, g.AcceptV1(), subject=case, unit=unit, by=by)
    say(demo, g.ReplyV1(reply=SEALED), subject=case, unit=unit, by=by)
    say(demo, g.CloseV1(outcome="resolved"), subject=case, unit=unit, by=by)


def rearrange(demo: DemoLedger) -> None:
    """Enter the rearrangement, with a handler in each new community, and let its day come."""
    for entry in city.change():
        say(demo, entry)
    for name in COMMUNITY_NAMES:
        handler = handler_of(name)
        say(demo, r.DefinePersonV1(person=handler.actor, name=SEALED))
        say(demo, r.AppointV1(person=handler.actor, role="handler", unit=name))
    demo.now = CHANGE
    for unit in {demo.place_of("grievance", unit): unit for unit in COMMITTEE_NAMES}.values():
        demo.heartbeat(unit)


def move(demo: DemoLedger, row: CaseRow) -> None:
    """The successor's handler transfers a case to the successor, which is told twice and takes it in once."""
    to = successor(row.unit)
    ask = t.TransferV1(to=to, note=SEALED)
    left = say(demo, ask, subject=row.case_id, unit=row.unit, by=handler_of(to))
    told = left.decision.events[0].data
    request = t.ReceiveTransferV1(
        transfer=left.submission.id,
        origin=row.case_id,
        origin_unit=row.unit,
        receive_by=told["receive_by"],
        standing=t.Standing.model_validate(told["standing"]),
        tracking=row.tracking,
        channel=row.channel,
        story=SEALED,
    )
    taken = say(demo, request, unit=to, by=CLOCK)
    again = demo.submit(request, unit=to, by=CLOCK, id=taken.submission.id)
    assert again.decision.outcome == "duplicate"
    there = stream_id("grv", taken.submission.id)
    confirm = t.ConfirmTransferV1(transfer=left.submission.id, case=there)
    say(demo, confirm, subject=row.case_id, unit=row.unit, by=CLOCK)


def shown(model: ReadModel, demo: DemoLedger) -> Shown:
    """The figures of every scope, from the read model's cases."""
    follow(model, demo)
    register = demo.register.at(demo.register.end)
    found = list(cases(model).values())
    unit_of = {row.case_id: row.unit for row in found}
    facts = [facts_of(row) for row in found]
    occurred = [
        OccurrenceFacts(row["kind"], unit_of[row["case_id"]], None, row["at"])
        for row in rows(model, "occurrences")
    ]

    def count(unit: str | None, of: Iterable[str] = (), watching: Watching = UNWATCHED) -> Figures:
        return compute(facts, occurred, Scope(unit=unit, origins=tuple(of)), watching=watching)

    return Shown(
        old={unit: count(unit, watching=watching_of(unit)[0]) for unit in COMMITTEE_NAMES},
        new={name: count(name, origins(register, name, demo.now)) for name in COMMUNITY_NAMES},
        own={name: count(name) for name in COMMUNITY_NAMES},
        whole=count(None),
    )


def facts_of(row: CaseRow) -> CaseFacts:
    """What the figures look at in a case of the read model."""
    return CaseFacts(
        unit=row.unit,
        zone=row.zone,
        status=row.status,
        lodged_at=row.lodged_at,
        replied_at=row.replied_at,
        closed_at=row.closed_at,
        overdue=row.overdue,
        overdue_historical=row.overdue_historical,
        late=row.late,
        duplicate_of=row.duplicate_of,
        imported=row.batch is not None,
        late_entered=row.late_entered,
        came=row.transferred_from is not None,
    )


def agree(model: ReadModel, demo: DemoLedger, told: Shown) -> bool:
    """Whether SQL counts the same, in all and on the new boundaries of a community of three committees and of two."""
    register = demo.register.at(demo.register.end)
    expected = [(Scope(), told.whole)] + [
        (Scope(unit=name, origins=tuple(origins(register, name, demo.now))), told.new[name])
        for name in COMMUNITY_NAMES[53:55]
    ]
    return all(
        figures(model, scope) == recomputed(model, scope) and counted(figures(model, scope)) == counted(want)
        for scope, want in expected
    )


@pytest.fixture(scope="module")
def merged() -> City:
    """The city before, on the day of the change, and after the work that followed."""
    demo = DemoLedger()
    working, waiting = build(demo)
    with sqlite_model(demo.ledger) as model:
        before = shown(model, demo)
        agreed = [agree(model, demo, before)]
        rearrange(demo)
        after = shown(model, demo)
        agreed.append(agree(model, demo, after))
        standing = cases(model)
        denied = set()
        for unit in COMMITTEE_NAMES:
            reply = g.ReplyV1(reply=SEALED)
            foreign = handler_of(successor(unit, beyond=1))
            denied.add(demo.submit(reply, subject=working[unit], unit=unit, by=foreign).decision.reason)
            finish(demo, working[unit], unit, handler_of(successor(unit)))
            move(demo, standing[waiting[unit]])
        later = shown(model, demo)
        agreed.append(agree(model, demo, later))
        return City(before, after, later, working, waiting, frozenset(denied), cases(model), tuple(agreed))


def total(of: Mapping[str, Figures], name: str) -> int:
    """A figure summed over units."""
    return sum(getattr(one, name) for one in of.values())


def counted(one: Figures) -> dict[str, object]:
    """All that was counted, and what may be said of it."""
    return one.model_dump(exclude={"scope", "as_of", "undecided"})


def test_every_committee_had_open_and_closed_cases(merged: City) -> None:
    """Each of the 310 has cases of both kinds, so that no claim below is of nothing."""
    assert len(merged.before.old) == COMMITTEES
    assert all(one.open >= 2 and one.closed >= 1 for one in merged.before.old.values())
    assert total(merged.before.old, "overdue") == len(COMMITTEE_NAMES[::4])


def test_old_boundaries_show_what_they_showed(merged: City) -> None:
    """The merger changes no committee's figures, nor those of the whole city, in any number or state."""
    for unit in COMMITTEE_NAMES:
        assert counted(merged.after.old[unit]) == counted(merged.before.old[unit])
    assert counted(merged.after.whole) == counted(merged.before.whole)


@pytest.mark.parametrize("name", ADDED)
def test_new_boundaries_count_every_case_once(merged: City, name: str) -> None:
    """Over the 128 communities every figure that can be added is what it was over the 310, and in all."""
    assert total(merged.after.new, name) == total(merged.before.old, name)
    assert total(merged.after.new, name) == getattr(merged.after.whole, name)


def test_each_community_counts_its_own_committees(merged: City) -> None:
    """A community's figure on new boundaries is the sum over the very committees that went into it."""
    for name in COMMUNITY_NAMES:
        of = {unit: merged.before.old[unit] for unit in COMMITTEE_NAMES if successor(unit) == name}
        assert [merged.after.new[name].open, merged.after.new[name].closed] == [
            total(of, "open"),
            total(of, "closed"),
        ]


def test_before_the_change_nothing_is_on_new_boundaries(merged: City) -> None:
    """Until there is a community, it has no figure; without its origins it still has none on the day."""
    assert total(merged.before.new, "received") == 0
    assert total(merged.after.own, "received") == 0


@pytest.mark.parametrize("kind", KINDS)
def test_states_stay_with_the_committees(merged: City, kind: str) -> None:
    """What was certified, provisional or unknown of a committee is so after the merger, with the same count."""
    for unit, was in merged.before.old.items():
        assert getattr(was.stability, kind).state == watching_of(unit)[1]
        assert getattr(merged.after.old[unit].stability, kind) == getattr(was.stability, kind)
    states = {getattr(one.stability, kind).state for one in merged.after.old.values()}
    assert states == {"certified", "provisional", "unknown"}


@pytest.mark.parametrize("kind", KINDS)
def test_occurrences_are_neither_lost_nor_doubled(merged: City, kind: str) -> None:
    """Every occurrence is counted on new boundaries, once, and also after its case has been transferred."""

    def occurred(of: Mapping[str, Figures]) -> int:
        return sum(getattr(one.stability, kind).count for one in of.values())

    assert occurred(merged.before.old) > 0
    assert occurred(merged.after.new) == occurred(merged.before.old) == occurred(merged.later.new)


def test_a_merger_certifies_no_zero(merged: City) -> None:
    """A community whose own watching is not on record is unknown, though its committees may have been certified."""
    for time in (merged.after, merged.later):
        for one in time.new.values():
            assert {getattr(one.stability, kind).state for kind in KINDS} == {"unknown"}


def test_an_open_case_is_finished_where_it_stands(merged: City) -> None:
    """The successor's handler closes a case in the committee that is gone, and it stays counted there."""
    for unit, case in merged.finished.items():
        row = merged.rows[case]
        assert (row.unit, row.status) == (unit, "closed")
        assert merged.later.old[unit].closed == merged.after.old[unit].closed + 1


def test_nobody_else_works_on_it(merged: City) -> None:
    """The handler of another new community is refused, at every committee."""
    assert merged.denied == {"not_entitled"}


def test_an_open_case_goes_to_the_successor(merged: City) -> None:
    """It is transferred out of the committee and into its successor under one id, linked both ways."""
    for unit, case in merged.moved.items():
        here = merged.rows[case]
        there = merged.rows[here.became or ""]
        assert (here.status, here.transferred_to, there.unit) == (
            "transferred",
            successor(unit),
            successor(unit),
        )
        assert (there.status, there.came_from, there.transferred_from) == ("lodged", case, unit)
        assert there.transfer == here.transfer is not None


def test_a_moved_case_keeps_its_term_and_lateness(merged: City) -> None:
    """A case that was overdue in a committee is so in the community; no term is gained by the merger."""
    overdue = {
        unit for unit, case in merged.moved.items() if merged.rows[merged.rows[case].became or ""].overdue
    }
    assert overdue == set(COMMITTEE_NAMES[::4])
    assert merged.later.whole.overdue == merged.before.whole.overdue


def test_what_moved_counts_once_in_the_city(merged: City) -> None:
    """After 310 transfers the city has received what it had; each case left once, came once, and is open once."""
    whole, was = merged.later.whole, merged.before.whole
    assert (whole.received, whole.closed) == (was.received, was.closed + COMMITTEES)
    assert (whole.open, whole.transferred_out, whole.transferred_in) == (
        was.open - COMMITTEES,
        COMMITTEES,
        COMMITTEES,
    )
    assert total(merged.later.own, "open") == COMMITTEES


@pytest.mark.parametrize("name", ADDED)
def test_both_boundaries_add_up_after_the_moves(merged: City, name: str) -> None:
    """The 128 with what went into them are the whole, and so are the 310 and the 128 each by itself."""
    whole = getattr(merged.later.whole, name)
    assert total(merged.later.new, name) == whole
    assert total(merged.later.old, name) + total(merged.later.own, name) == whole


def test_every_scope_balances(merged: City) -> None:
    """Received and transferred in are open, closed and transferred out, in every unit and on both boundaries."""
    for time in (merged.before, merged.after, merged.later):
        for one in (*time.old.values(), *time.new.values(), *time.own.values(), time.whole):
            assert one.received + one.transferred_in == one.open + one.closed + one.transferred_out


def test_the_database_counts_the_same(merged: City) -> None:
    """SQL gives what the cases give one by one, before, on and after the day, on new boundaries too."""
    assert merged.agreed == (True, True, True)
