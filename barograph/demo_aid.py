"""The demo's aid: funds with money, and requests at several stages. Made up, as everything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from barograph.demo_programmes import GIFTS, HARDSHIP, MUTUAL, funds, programmes
from barograph.init import enter
from barograph.station import Station, wall_clock
from contracts.base import DAY_MS
from contracts.fund import stream_of_fund
from contracts.reference import Register
from contracts.tracking import digest_of
from runtime.submit import Said
from services.aid.desk import AidDesk, Wish


class _Step(NamedTuple):
    command: str
    body: Mapping[str, Any]
    by: str = "aid_officer"


class _Case(NamedTuple):
    body: Mapping[str, Any]
    steps: tuple[_Step, ...]


async def enter_programmes(station: Station, unit: str) -> None:
    """Enter the funds and programmes in the register."""
    for fund in funds(unit):
        await enter(station, fund)
    for programme in programmes(unit):
        await enter(station, programme)


async def help_people(station: Station, unit: str) -> None:
    """Put money into the funds, and bring requests as far as they get before a fund has answered."""
    register = await station.register.catch_up()
    desk = AidDesk(station.submitter, station.register, wall_clock)
    who = {role: _holder(register, role) for role in ("clerk", "aid_officer", "aid_approver")}
    for number, (fund, body) in enumerate(_receipts()):
        await _receive(station, who["clerk"], fund, body, f"demo-receipt-{number}")
    for number, case in enumerate(_cases()):
        key = f"demo-aid-{number}"
        subject = (await desk.apply(Wish(who["clerk"], unit, "apply", case.body, key))).subject
        for at, step in enumerate(case.steps):
            await desk.say(Wish(who[step.by], unit, step.command, step.body, f"{key}-{at}", subject))


def _holder(register: Register, role: str) -> str:
    operator = register.history.administrator
    return next(one.person for one in register.appointments() if one.role == role and one.person != operator)


async def _receive(station: Station, actor: str, fund: str, body: Mapping[str, Any], key: str) -> None:
    entry = station.register.current().fund(fund)
    said = Said(
        family="fund",
        type="fund.receive.v1",
        body=body,
        actor=actor,
        role="clerk",
        unit=entry.unit if entry else "",
        key=key,
        subject=stream_of_fund(fund),
        basis=station.register.history.end,
        handles={"donor": f"donor-of:{key}"} if "donor" in body else {},
    )
    if "donor" in body:
        number = station.submitter.tracking_number(station.submitter.submission_id(said))
        said = replace(said, body={**body, "tracking": digest_of(number)})
    await station.submitter.submit(said)


def _receipts() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield HARDSHIP, {"source": "allocation", "amount": 20_000_000, "voucher": "DEMO-0001"}
    yield MUTUAL, {"source": "dues", "amount": 3_180_000, "voucher": "DEMO-0002"}
    gift = {"source": "donation", "voucher": "DEMO-0003", "purpose": "tuition", "amount": 1_800_000}
    yield HARDSHIP, {**gift, "donor": "虚构热心居民", "anonymous": True}
    clothes = ({"name": "棉衣", "count": 500, "measure": "件"},)
    yield GIFTS, {"source": "donation", "items": clothes, "donor": "虚构单位"}


def _cases() -> Iterator[_Case]:
    checked = _Step("check_completeness", {"missing": ()})
    later = wall_clock() + 5 * DAY_MS
    yield _Case(
        _applied(
            "temporary", "虚构居民丁", "000-0000-0201", 2, "丈夫突发疾病住院，家里一时周转不开。（演示内容）"
        ),
        (
            checked,
            _inquired(500_000),
            _granted(300_000, later),
            _Step("approve", {}, "aid_approver"),
        ),
    )
    yield _Case(
        _applied("winter", "虚构居民戊", "000-0000-0202", 3, "取暖费没有着落。（演示内容）"),
        (
            checked,
            _Step("record_consent", {"scopes": ("income",), "until": wall_clock() + 365 * DAY_MS}),
            _inquired(80_000, income="2100.00"),
            _granted(80_000, later),
            _Step("publish_notice", {}),
        ),
    )
    yield _Case(
        _applied("tuition", "虚构居民己", "000-0000-0203", 1, "孩子考上大学，学费还差一截。（演示内容）"),
        (checked,),
    )
    yield _Case(
        _applied(
            "temporary", "虚构居民庚", "000-0000-0204", 4, "昨晚厨房失火，一家人暂住亲戚家。（演示内容）"
        ),
        (_Step("pay_first", {"amount": 150_000, "note": "先解决吃住。（演示内容）"}),),
    )


def _applied(programme: str, name: str, telephone: str, persons: int, story: str) -> Mapping[str, Any]:
    told = {"name": name, "telephone": telephone, "persons": persons, "story": story}
    return {"programme": programme, "origin": "self", "zone": "east", **told}


def _inquired(entitled: int, income: str | None = None) -> _Step:
    note = "入户查看，与申报相符。（演示内容）"
    body: dict[str, Any] = {"visited": True, "within_limit": True, "entitled": entitled, "note": note}
    return _Step("inquire", body | ({"income": income} if income else {}))


def _granted(amount: int, due_at: int) -> _Step:
    tranches = ({"amount": amount, "due_at": due_at},)
    note = "符合条件，建议给予救助。（演示内容）"
    return _Step("propose", {"verdict": "grant", "amount": amount, "tranches": tranches, "note": note})
