"""Heartbeats, import batches and rules in force: what is decided about a partition itself."""

from __future__ import annotations

import pytest

from contracts import control as c
from contracts.base import HOUR_MS, Message
from tests.support.given import (
    ADMINISTRATOR,
    BEGINNING,
    CLERK,
    CLOCK,
    COMMUNITY,
    HANDLER,
    LATER,
    NEIGHBOUR,
    SUPERVISOR,
    Who,
    announced,
    day,
    given,
    import_closed,
    import_opened,
    on,
    open_import,
    staff,
)

HOUR = BEGINNING // HOUR_MS
CLOSE = c.CloseImportV1(rows=2, bad_rows=1)
OTHER_CLERK = Who("act_clerk0002", "clerk")
JOINED = tuple(on(day(0), entry) for entry in staff(OTHER_CLERK, COMMUNITY))


def test_a_heartbeat_says_that_the_hour_was_watched() -> None:
    """A clock's heartbeat of the hour that runs is recorded."""
    given().when(c.HeartbeatV1(hour=HOUR)).then(c.HeartbeatRecordedV1(hour=HOUR))


@pytest.mark.parametrize("hour", [HOUR, HOUR - 1])
def test_an_hour_is_watched_once(hour: int) -> None:
    """A heartbeat of an hour that is on record, or of one before it, changes nothing."""
    given(c.HeartbeatRecordedV1(hour=HOUR)).when(c.HeartbeatV1(hour=hour), day(1)).no_op("hour_passed")


def test_no_hour_is_watched_before_it_comes() -> None:
    """A heartbeat of an hour that has not begun by the partition's clock is refused."""
    said = given().when(c.HeartbeatV1(hour=HOUR + 1), BEGINNING + HOUR_MS - 1)
    said.refused("occurred_in_future", field="hour")
    given().when(c.HeartbeatV1(hour=HOUR + 1), BEGINNING + HOUR_MS).accepted()


@pytest.mark.parametrize(
    "who", [CLERK, ADMINISTRATOR, SUPERVISOR, Who(CLERK.actor, "clock")], ids=lambda who: who.role
)
def test_only_a_clock_has_a_heartbeat(who: Who) -> None:
    """A heartbeat by anybody who is not appointed as a clock is refused."""
    given().when(c.HeartbeatV1(hour=HOUR), by=who).refused("not_entitled")


def test_a_clock_of_one_community_speaks_for_it() -> None:
    """A clock that was appointed in one community has heartbeats under that community's name only."""
    local = Who("act_clock0002", "clock")
    world = given(*staff(local, COMMUNITY))
    world.when(c.HeartbeatV1(hour=HOUR), by=local).refused("not_entitled")
    world.when(c.HeartbeatV1(hour=HOUR), by=local, unit=COMMUNITY).accepted()


def test_an_import_is_opened_with_its_source() -> None:
    """A clerk opens an import batch; the event names the source and the hash of its content."""
    given().when(open_import()).then(import_opened())


@pytest.mark.parametrize("who", [HANDLER, SUPERVISOR, CLOCK], ids=lambda who: who.role)
def test_clerks_and_administrators_open_imports(who: Who) -> None:
    """An import is opened by a clerk or an administrator, and by nobody else."""
    given().when(open_import(), by=who).refused("not_entitled")
    given().when(open_import(), by=ADMINISTRATOR).accepted()


def test_an_import_is_opened_where_one_serves() -> None:
    """A clerk of one community cannot open an import in another."""
    given().when(open_import(), unit=NEIGHBOUR).refused("not_entitled")


@pytest.mark.parametrize("unit", ["nowhere", "-"])
def test_an_import_needs_its_community(unit: str) -> None:
    """An import is opened in a unit that the register knows, and the ledger itself is none."""
    given().when(open_import(), by=ADMINISTRATOR, unit=unit).refused("unknown_unit", field="unit")


def test_a_batch_is_the_stream_of_its_own_id() -> None:
    """A batch's id comes from the submission that opened it, and from no other."""
    given().when(open_import(), subject=f"imp_{LATER.replace('-', '')}").refused("wrong_stream")


@pytest.mark.parametrize("closed", [(), (import_closed(day(1)),)], ids=["open", "closed"])
def test_a_batch_is_opened_once(closed: tuple[Message, ...]) -> None:
    """A batch that exists, open or closed, cannot be opened."""
    given(import_opened(), *closed).when(open_import()).refused("batch_exists")


def test_a_batch_is_closed_at_the_partitions_clock() -> None:
    """The closing is recorded at the partition's clock, whatever time it tells."""
    said = given(import_opened()).when(CLOSE, day(3), told=day(1))
    said.then(c.ImportClosedV1(rows=2, bad_rows=1, closed_at=day(3)))


def test_a_batch_is_closed_once() -> None:
    """A batch that was closed, or never opened, cannot be closed."""
    given().when(CLOSE).refused("batch_not_open")
    given(import_opened(), import_closed(day(1))).when(CLOSE, day(2)).refused("batch_not_open")


def test_a_batch_is_closed_by_who_opened_it() -> None:
    """Another clerk, and another community's counter, cannot close the batch."""
    world = given(*JOINED, import_opened())
    world.when(CLOSE, by=OTHER_CLERK).refused("not_entitled")
    world.when(CLOSE, unit=NEIGHBOUR).refused("not_entitled")


TWO = announced("grievance-1", "grievance-2")


def test_rules_are_activated_for_the_ledger() -> None:
    """The administrator of the ledger puts announced rules in force."""
    given(TWO).when(c.ActivateRulesV1(rules="grievance-2")).then(c.RulesActivatedV1(rules="grievance-2"))


@pytest.mark.parametrize("name", ["grievance-9", "grievance-22", "Grievance-2", "register-1"])
def test_rules_that_were_not_announced_are_not_activated(name: str) -> None:
    """Rules that no release has announced for this family are refused, whatever software decides."""
    world = given(TWO)
    world.when(c.ActivateRulesV1(rules=name)).refused("unknown_rules", field="rules")


def test_before_any_announcement_only_the_rules_in_force_are_known() -> None:
    """Without an announcement there are no rules to change to."""
    given().when(c.ActivateRulesV1(rules="grievance-1")).then(c.RulesActivatedV1(rules="grievance-1"))
    given().when(c.ActivateRulesV1(rules="grievance-2")).refused("unknown_rules", field="rules")


def test_what_is_announced_no_more_is_not_activated() -> None:
    """The announcement that stands in the register is the one that counts."""
    world = given(TWO, announced("grievance-1"))
    world.when(c.ActivateRulesV1(rules="grievance-2")).refused("unknown_rules", field="rules")


@pytest.mark.parametrize(
    ("who", "unit"), [(CLERK, "-"), (Who(CLERK.actor, "administrator"), "-"), (ADMINISTRATOR, COMMUNITY)]
)
def test_only_the_ledgers_administrator_activates_rules(who: Who, unit: str) -> None:
    """Rules are put in force by the administrator of the ledger, in the ledger's own name."""
    given(TWO).when(c.ActivateRulesV1(rules="grievance-2"), by=who, unit=unit).refused("not_entitled")
