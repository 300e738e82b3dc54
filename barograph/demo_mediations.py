"""The demo's mediations: made up, as everything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from barograph.station import Station, wall_clock
from contracts.base import DAY_MS
from contracts.reference import Register
from services.mediation.desk import MediationDesk, Wish

_FIRST = {
    "origin": "oral",
    "dispute": "neighbours",
    "amount": 600_000,
    "story": "楼上漏水泡坏了楼下的天花板和衣柜，双方对赔多少说不到一起。（演示内容）",
    "name_a": "虚构居民甲",
    "telephone_a": "000-0000-0101",
    "name_b": "虚构居民乙",
    "telephone_b": "000-0000-0102",
}
_SECOND = {
    "origin": "initiative",
    "dispute": "property_management",
    "amount": 120_000,
    "story": "停车费涨价后业主拒交物业费，物业停了门禁卡。（演示内容）",
    "name_a": "虚构业主丙",
    "telephone_a": "000-0000-0103",
    "kind_b": "organisation",
    "name_b": "虚构物业公司",
}


class _Step(NamedTuple):
    command: str
    body: Mapping[str, Any]
    as_mediator: bool = False


async def mediate(station: Station, unit: str) -> None:
    """One mediation whose agreement waits for signatures, and one agreed by word of mouth and partly performed."""
    register = await station.register.catch_up()
    clerk, mediator = _holder(register, "clerk"), _holder(register, "mediator")
    desk = MediationDesk(station.submitter, station.register, wall_clock)
    for number, (start, steps) in enumerate(((_FIRST, _written()), (_SECOND, _oral()))):
        key = f"demo-mediation-{number}"
        begins = mediator if start["origin"] == "initiative" else clerk
        subject = (await desk.start(begins, unit, start, key)).subject
        if begins == clerk:
            name = {"mediator": mediator, "choice": "assigned"}
            await desk.say(Wish(clerk, unit, "name_mediator", name, f"{key}-name", subject))
        for at, step in enumerate(steps):
            who = mediator if step.as_mediator else clerk
            wish = Wish(who, unit, step.command, step.body, f"{key}-{at}", subject, step.as_mediator)
            await desk.say(wish)


def _holder(register: Register, role: str) -> str:
    operator = register.history.administrator
    return next(one.person for one in register.appointments() if one.role == role and one.person != operator)


def _begin() -> Iterator[_Step]:
    for party in (1, 2):
        yield _Step("serve_rights_notice", {"party": party, "manner": "read_out"})
        yield _Step("record_consent", {"party": party, "consents": True})
    note = "双方到场，逐项核对损失和责任，提出了调解方案。（演示内容）"
    yield _Step("hold_session", {"sitting": "joint", "present": (1, 2), "note": note}, as_mediator=True)


def _written() -> Iterator[_Step]:
    yield from _begin()
    later = wall_clock() + 20 * DAY_MS
    obligations = (
        {"kind": "pay", "due_at": later, "debtor": 2, "creditor": 1, "amount": 350_000},
        {"kind": "repair", "due_at": later, "debtor": 2, "creditor": 1},
    )
    terms = "一、乙方赔偿甲方衣柜和天花板损失三千五百元。二、乙方修好卫生间防水，甲方予以配合。（演示内容）"
    yield _Step("draw_up", {"terms": terms, "obligations": obligations, "total": 350_000}, as_mediator=True)


def _oral() -> Iterator[_Step]:
    yield from _begin()
    later = wall_clock() + 10 * DAY_MS
    obligations = (
        {"kind": "pay", "due_at": later, "debtor": 1, "creditor": 2, "amount": 120_000},
        {"kind": "give_back", "due_at": later, "debtor": 2, "creditor": 1},
    )
    terms = "甲方分两次付清物业费一千二百元，乙方当天恢复门禁卡。（演示内容）"
    yield _Step(
        "agree_orally", {"terms": terms, "obligations": obligations, "total": 120_000}, as_mediator=True
    )
    paid = {"obligation": 1, "amount": 60_000, "note": "付了第一笔。（演示内容）"}
    yield _Step("record_performance", paid)
    yield _Step("record_performance", {"obligation": 2, "whole": True, "note": "门禁卡已恢复。（演示内容）"})
