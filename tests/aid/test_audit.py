"""An audit holds what requests were told of their funds against what the funds answered."""

from __future__ import annotations

from barograph.families import family_rules
from barograph.init import CLOCK
from barograph.station import wall_clock
from runtime.submit import Said
from services.audit.report import AuditReport, run_audit
from tests.aid.conftest import Helping
from tests.projections.pages_house import UNIT


async def audited(helping: Helping) -> AuditReport:
    """What an audit of the log alone finds."""
    station = helping.house.station
    return await run_audit(station.log, station.ledger, family_rules(), wall_clock)


async def asked(helping: Helping) -> str:
    """A request that was approved and waits for its fund; its address."""
    at, _ = await helping.apply()
    await helping.propose(at)
    await helping.say("approver", at, "approve")
    return at


async def test_an_honest_exchange_agrees(helping: Helping) -> None:
    """What the fund answered is what the request was told."""
    await asked(helping)
    await helping.answer()
    report = await audited(helping)
    assert report.ok
    assert report.checks["money"].checked == 1


async def test_an_answer_that_no_fund_gave_is_found(helping: Helping) -> None:
    """Whoever speaks for the clock and grants money that no fund set aside makes the audit fail."""
    at = await asked(helping)
    said = Said(
        family="aid",
        type="aid.answer_reservation.v1",
        body={"round": 1, "reserved": True},
        actor=CLOCK,
        role="clock",
        unit=UNIT,
        key="forged",
        subject=at.rsplit("/", 1)[1],
        basis=helping.house.station.register.history.end,
    )
    await helping.house.station.submitter.submit(said)
    await helping.house.settle()
    assert (await helping.row(at)).status == "approved"
    report = await audited(helping)
    assert not report.ok
    found = report.checks["money"].first_difference
    assert found is not None
    assert (found.what, found.topic) == ("answer_of_no_fund", "aid.events")
