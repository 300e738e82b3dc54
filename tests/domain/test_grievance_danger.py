"""A lodging that may tell of danger: who looks, by when, and what happens where nobody has."""

from __future__ import annotations

from contracts import danger as a
from contracts import grievance as g
from contracts import register as r
from contracts import transfer as t
from contracts.base import Message
from tests.support.given import (
    BATCH,
    CLERK,
    CLOCK,
    COMMUNITY,
    GRID_WORKER,
    NEIGHBOUR,
    SEALED,
    SUPERVISOR,
    World,
    community,
    day,
    given,
    import_opened,
    lodge,
    lodged,
    on,
    policy,
)

MINUTE = 60_000
DUE = day(0) + 15 * MINUTE
TOLD = lodged(danger="home").model_copy(update={"danger_due_at": DUE})
LOOKED = a.AcknowledgeDangerV1(finding="no_danger", note=SEALED)
SEEN = a.DangerAcknowledgedV1(finding="no_danger", note=SEALED)
PASSED = g.DeadlineDueV1(deadline="danger_seen", due_at=DUE)


def told(*more: Message) -> World:
    """A case that may tell of danger, and what happened since."""
    return given(*community(), TOLD, *more)


def on_duty() -> tuple[Message, ...]:
    """The grid worker holds the post on duty."""
    post = r.PostDefinedV1(unit=COMMUNITY, post="duty", name="On duty", role="grid_worker")
    return post, r.MembershipEnteredV1(person=GRID_WORKER.actor, unit=COMMUNITY, post="duty")


def test_somebody_must_look_within_minutes() -> None:
    """A lodging with such words says by when somebody on duty looks."""
    given(*community()).when(lodge(danger="home"), day(0)).then(TOLD)


def test_the_policy_says_within_how_many_minutes() -> None:
    """A community may set a shorter time."""
    then = lodged(danger="life").model_copy(update={"danger_due_at": day(0) + 5 * MINUTE})
    given(*community(), policy(danger_minutes=5)).when(lodge(danger="life"), day(0)).then(then)


def test_whoever_looked_says_what_they_found() -> None:
    """It is acknowledged with a note, a false alarm too, and no clock says anything after."""
    told().when(LOOKED, day(0), by=CLERK).then(SEEN)
    told(SEEN).when(PASSED, DUE, by=CLOCK).no_op("stale")


def test_it_is_acknowledged_once() -> None:
    """Where somebody has looked, nothing waits any more; nor where nothing told of danger."""
    told(SEEN).when(LOOKED, day(0), by=CLERK).refused("no_danger_told")
    given(*community(), lodged()).when(LOOKED, day(0), by=CLERK).refused("no_danger_told")


def test_where_nobody_looked_the_supervisor_is_called_upon() -> None:
    """A clock says it at that time, and once; before, it is early."""
    told().when(PASSED, DUE - 1, by=CLOCK).no_op("early")
    then = a.DangerOverdueV1(due_at=DUE)
    told().when(PASSED, DUE, by=CLOCK).then(then)
    told(then).when(PASSED, DUE + 1, by=CLOCK).no_op("stale")


def test_it_can_be_looked_at_late() -> None:
    """Also after its time somebody says that they have looked, of a closed case too."""
    late = a.DangerOverdueV1(due_at=DUE)
    told(late).when(LOOKED, day(1), by=SUPERVISOR).then(SEEN)
    refused = g.NotAcceptedV1(reason="outside_remit", remedy=SEALED)
    told(refused).when(LOOKED, day(1), by=CLERK).then(SEEN)


def test_who_holds_the_post_on_duty_looks() -> None:
    """Where somebody holds the post, nobody else acknowledges it but a supervisor."""
    case = told(*on_duty())
    case.when(LOOKED, day(0), by=GRID_WORKER).then(SEEN)
    case.when(LOOKED, day(0), by=SUPERVISOR).then(SEEN)
    case.when(LOOKED, day(0), by=CLERK).refused("not_on_duty")


def test_the_other_terms_run_on() -> None:
    """Looking at it neither accepts the case nor stops its other terms."""
    told(SEEN).when(g.DeadlineDueV1(deadline="accept", due_at=day(15)), day(15), by=CLOCK).accepted()


def test_nobody_is_called_for_what_an_import_tells() -> None:
    """A record of the past that an import brings starts no such term."""
    opened = on(day(0), import_opened())
    case = given(*community(), *opened)
    said = case.when(lodge(danger="home"), day(1), told=day(0), batch=BATCH)
    said.then(lodged(danger="home"))


def test_danger_is_looked_at_before_a_case_is_moved() -> None:
    """A case that may tell of danger stays where it is until somebody has looked."""
    move = t.TransferV1(to=NEIGHBOUR, note=SEALED)
    told().when(move, day(1)).refused("danger_first")
    told(SEEN).when(move, day(1)).accepted()
