"""A risk flag on a dispute: a stated fact, a second person, an end, a report."""

from __future__ import annotations

from typing import get_args

from contracts import risk as k
from tests.support.given import (
    CLERK,
    HANDLER,
    SEALED,
    STREET,
    SUPERVISOR,
    accepted,
    day,
    given,
    lodged,
)

PROPOSE = k.ProposeRiskFlagV1(fact="threat", days=10, note=SEALED)
PROPOSED = k.RiskFlagProposedV1(fact="threat", days=10, note=SEALED, proposed_by=HANDLER.actor)
APPROVE = k.DecideRiskFlagV1(verdict="approve", note=SEALED)
APPROVED = k.RiskFlagDecidedV1(verdict="approve", note=SEALED, fact="threat", until=day(12))
REPORT = k.ReportRiskV1(to=STREET, note=SEALED)
LIFT = k.LiftRiskFlagV1(note=SEALED)
CASE = (lodged(), accepted())


def test_a_flag_stands_when_a_second_person_approves() -> None:
    """The flag ends so many days after its approval as were proposed."""
    given(*CASE).when(PROPOSE, by=HANDLER).then(PROPOSED)
    given(*CASE, PROPOSED).when(APPROVE, day(2), by=SUPERVISOR).then(APPROVED)


def test_whoever_proposed_a_flag_cannot_approve_it() -> None:
    """A supervisor's own proposal waits for another."""
    own = PROPOSED.model_copy(update={"proposed_by": SUPERVISOR.actor})
    given(*CASE, own).when(APPROVE, by=SUPERVISOR).refused("second_person")


def test_a_refused_flag_flags_nothing() -> None:
    """What was refused can neither be reported nor lifted."""
    refused = k.RiskFlagDecidedV1(verdict="refuse", note=SEALED)
    given(*CASE, PROPOSED).when(
        k.DecideRiskFlagV1(verdict="refuse", note=SEALED), day(2), by=SUPERVISOR
    ).then(refused)
    given(*CASE, PROPOSED, refused).when(REPORT, day(2), by=CLERK).refused("not_flagged")


def test_a_flag_ends_by_itself() -> None:
    """At its end, by the partition's clock, there is nothing to report, and a new flag can be proposed."""
    flagged = (*CASE, PROPOSED, APPROVED)
    given(*flagged).when(REPORT, day(12) - 1, by=CLERK).accepted()
    given(*flagged).when(REPORT, day(12), by=CLERK).refused("not_flagged")
    given(*flagged).when(PROPOSE, day(12) - 1, by=HANDLER).refused("flagged_already")
    given(*flagged).when(PROPOSE, day(12), by=HANDLER).accepted()


def test_a_flag_is_lifted_before_its_time() -> None:
    """A lifted flag is gone."""
    lifted = k.RiskFlagLiftedV1(note=SEALED)
    given(*CASE, PROPOSED, APPROVED).when(LIFT, day(3), by=SUPERVISOR).then(lifted)
    given(*CASE, PROPOSED, APPROVED, lifted).when(LIFT, day(3), by=SUPERVISOR).refused("not_flagged")


def test_a_flag_lasts_no_longer_than_the_policy_lets() -> None:
    """A longer one is refused at its field."""
    long = PROPOSE.model_copy(update={"days": 31})
    given(*CASE).when(long, by=HANDLER).refused("risk_too_long", "days")


def test_a_report_names_a_unit_that_there_is() -> None:
    """A unit that is not in the register is refused at its field."""
    unknown = REPORT.model_copy(update={"to": "nowhere"})
    given(*CASE, PROPOSED, APPROVED).when(unknown, day(3), by=CLERK).refused("unknown_unit", "to")


def test_that_somebody_complains_is_no_fact() -> None:
    """The facts are of harm that was seen or heard; none is a number of complaints, and a flag names no person."""
    assert set(get_args(k.RiskFact)) == {"threat", "weapon", "violence", "self_harm", "crowd"}
    assert set(k.ProposeRiskFlagV1.model_fields) == {"fact", "days", "note"}
