"""Many approvals of aid at once against one fund on Kafka, against the same approvals of help that asks no fund.

Each approval asks the fund; its own stream answers `reserved` or `insufficient`; the request is told. The yardstick are as many
approvals that are decided at once: what is measured is what the fund's exact balance costs.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from barograph.families import family_rules
from barograph.funding import Funding
from barograph.init import CLOCK, appoint, decide_register, enter, enter_person
from barograph.station import Station, opened_station, wall_clock
from benchmarks.installation import COMMUNITY, prepare
from benchmarks.measure import Bench, Result, Sides, in_fresh_process
from contracts.fund import stream_of_fund
from contracts.programmes import Benefit, DefineFundV1, DefineProgrammeV1
from contracts.register import AppointV1
from contracts.tracking import digest_of
from runtime import embedded
from runtime.settings import Settings
from runtime.submit import Said
from services.projections import aids
from services.projections.projector import Projector
from services.projections.store import ReadModel

APPROVALS = 1_000
AMOUNT = 50_000
"""What each request is granted, in fen."""

OFFICER, APPROVER, FUND = "act_benchofficer", "act_benchapprover", "hardship"
_SECONDS = 600.0


class Run(NamedTuple):
    """Seconds until every approval had its answer, and how many were granted."""

    seconds: float
    granted: int


def approvals(bench: Bench) -> Result:
    """Approve on Kafka, with money for nine in ten."""
    bootstrap, count = bench.kafka(), bench.count(APPROVALS)
    sides: dict[bool, list[Run]] = {True: [], False: []}
    for number in range(bench.rounds):
        for asks, runs in sides.items():
            prefix = f"bench-{uuid.uuid4().hex}"
            home = bench.folder / f"home{number}-{asks}"
            settings = Settings(home=home, log=f"kafka://{bootstrap}/{prefix}")
            runs.append(in_fresh_process(_run, settings, count, asks))
    enough = count * 9 // 10
    assert all(run.granted == enough for run in sides[True]), "the balance is not exact"
    values = [count / run.seconds for run in sides[True]]
    note = (
        f"{count} approvals at once, money for {enough}: {enough} granted, {count - enough} without money, balance 0; "
        f"median {median(run.seconds for run in sides[True]):.1f} s; yardstick: the same approvals of help in kind"
    )
    return Sides(values, [count / run.seconds for run in sides[False]]).result("approvals/s", note)


def _run(settings: Settings, count: int, asks: bool) -> Run:
    return asyncio.run(_approved(settings, count, asks=asks))


async def _approved(settings: Settings, count: int, *, asks: bool) -> Run:
    await prepare(settings)
    async with opened_station(settings) as station:
        await enter_aid(station)
        requests = await propose(station, count, asks=asks)
        await decide_all(station)
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, station.ledger)
        try:
            return await _timed(station, model, requests)
        finally:
            model.close()


async def _timed(station: Station, model: ReadModel, requests: Sequence[str]) -> Run:
    projector, stop = Projector(station.log, station.ledger, model), asyncio.Event()
    funding = Funding(station.submitter, station.register, model, CLOCK)
    workers = [
        embedded.make_workers(station.log, station.ledger, family_rules()[family], wall_clock)
        for family in ("aid", "fund")
    ]
    async with asyncio.TaskGroup() as group:
        group.create_task(projector.run(stop))
        for of_family in workers:
            group.create_task(embedded.run(station.log, of_family, stop))
        while (await asyncio.to_thread(states, model)).get("proposed", 0) < len(requests):
            await projector.wait_change(-1, 0.2)
        began = time.perf_counter()
        await station.submitter.submit_many([approve(station, one) for one in requests])
        version = -1
        while True:
            await funding.look()
            found = await asyncio.to_thread(states, model)
            if found.get("approved", 0) + found.get("unfunded", 0) == len(requests):
                break
            version = await projector.wait_change(version, 0.05)
            if time.perf_counter() - began > _SECONDS:
                raise TimeoutError(f"not answered: {found}")
        seconds = time.perf_counter() - began
        stop.set()
    return Run(seconds, found.get("approved", 0))


def states(model: ReadModel) -> Mapping[str, int]:
    """State → how many requests of the community are in it."""
    return aids.states(model, COMMUNITY.unit)


async def enter_aid(station: Station) -> None:
    """Enter an officer, an approver, the fund and a programme without a notice."""
    register = await station.register.catch_up()
    for person, role in ((OFFICER, "aid_officer"), (APPROVER, "aid_approver")):
        await enter_person(station, register, person, "虚构人员")
        await decide_register(station)
        await appoint(
            station,
            register,
            AppointV1.model_validate({"person": person, "role": role, "unit": COMMUNITY.unit}),
        )
    await enter(station, DefineFundV1(fund=FUND, unit=COMMUNITY.unit, name="虚构资金", kind="hardship"))
    await enter(
        station,
        DefineProgrammeV1(
            programme="quick",
            unit=COMMUNITY.unit,
            name="虚构项目",
            kind="temporary",
            criteria="虚构",
            fund=FUND,
            benefit=Benefit(method="up_to", amount=10 * AMOUNT),
            notice_days=0,
            source="虚构",
        ),
    )
    await decide_register(station)


async def propose(station: Station, count: int, *, asks: bool = True) -> list[str]:
    """Put money for nine in ten into the fund, and bring so many requests to a proposal; return their streams."""
    money = {"source": "allocation", "amount": count * 9 // 10 * AMOUNT}
    receipt = _said(
        station, "receive", money, "receipt", OFFICER, subject=stream_of_fund(FUND), family="fund"
    )
    await station.submitter.submit_many([receipt])
    due = wall_clock() + 86_400_000
    streams = []
    for first in range(0, count, 100):
        said: list[Said] = []
        for number in range(first, min(first + 100, count)):
            application = _application(station, number)
            stream = station.submitter.subject_of(application)
            streams.append(stream)
            said += [application, *_steps(station, stream, number, due, asks=asks)]
        await station.submitter.submit_many(said)
    return streams


def _application(station: Station, number: int) -> Said:
    empty = _said(station, "apply", {}, f"apply:{number}", OFFICER)
    tracking = station.submitter.tracking_number(station.submitter.submission_id(empty))
    body = {
        "programme": "quick",
        "origin": "found",
        "persons": 1,
        "story": "虚构的困难。",
        "name": f"虚构居民{number}",
        "tracking": digest_of(tracking),
    }
    handles = {"applicant": f"bench:{number}"}
    return _said(station, "apply", body, f"apply:{number}", OFFICER, handles=handles)


def _steps(station: Station, stream: str, number: int, due: int, *, asks: bool) -> Iterator[Said]:
    inquiry = {"visited": True, "within_limit": True, "entitled": AMOUNT, "note": "属实。"}
    grant: dict[str, Any] = {"verdict": "grant", "note": "建议救助。"}
    if asks:
        grant |= {"amount": AMOUNT, "tranches": ({"amount": AMOUNT, "due_at": due},)}
    else:
        grant |= {"in_kind": ({"kind": "goods", "count": 1},)}
    for name, body in (("check_completeness", {}), ("inquire", inquiry), ("propose", grant)):
        yield _said(station, name, body, f"{name}:{number}", OFFICER, subject=stream)


def approve(station: Station, stream: str) -> Said:
    """Approve a request."""
    return _said(station, "approve", {}, f"approve:{stream}", APPROVER, subject=stream)


async def decide_all(station: Station) -> None:
    """Decide what was submitted of aid and funds."""
    for family in ("aid", "fund"):
        rules = family_rules()[family]
        await embedded.catch_up(embedded.make_workers(station.log, station.ledger, rules, wall_clock))


def _said(
    station: Station,
    command: str,
    body: Mapping[str, Any],
    key: str,
    actor: str,
    family: str = "aid",
    **more: Any,
) -> Said:
    return Said(
        family=family,
        type=f"{family}.{command}.v1",
        body=body,
        actor=actor,
        role="aid_approver" if actor == APPROVER else "aid_officer",
        unit=COMMUNITY.unit,
        key=key,
        kind="aid",
        basis=station.register.history.end,
        **more,
    )
