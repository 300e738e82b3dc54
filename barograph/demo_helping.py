"""The demo's pairs and employment cases: made up, as everything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from barograph.station import Station, wall_clock
from contracts.base import DAY_MS
from contracts.reference import Register
from services.aid.helping_desk import HelpingDesk, HelpKind, Wish


class _Step(NamedTuple):
    command: str
    body: Mapping[str, Any]


class _Case(NamedTuple):
    kind: HelpKind
    begin: str
    body: Mapping[str, Any]
    steps: tuple[_Step, ...]


async def stand_by(station: Station, unit: str) -> None:
    """Two pairs, one with a plan that was carried out; and who looks for work, was offered a post, and began to work."""
    register = await station.register.catch_up()
    desk = HelpingDesk(station.submitter, station.register, wall_clock)
    clerk = _clerk(station, register)
    for number, case in enumerate((*_pairs(), *_seekers())):
        key = f"demo-helping-{number}"
        begun = await desk.say(Wish(case.kind, clerk, unit, case.begin, case.body, key))
        for at, step in enumerate(case.steps):
            await desk.say(
                Wish(case.kind, clerk, unit, step.command, step.body, f"{key}-{at}", begun.subject)
            )


def _clerk(station: Station, register: Register) -> str:
    operator = station.ledger.genesis.administrator
    return next(
        one.person for one in register.appointments() if one.role == "clerk" and one.person != operator
    )


def _pairs() -> Iterator[_Case]:
    later = wall_clock() + 30 * DAY_MS
    yield _Case(
        "pai",
        "pair",
        {
            "need": "care",
            "name": "虚构居民辛",
            "telephone": "000-0000-0301",
            "helper_name": "虚构邻居壬",
            "helper_telephone": "000-0000-0302",
            "story": "独居老人腿脚不便，楼下邻居愿意每周上门看看。（演示内容）",
        },
        (
            _Step("plan_help", {"due_at": later, "note": "每周三买菜送上门。（演示内容）"}),
            _Step("record_pair_visit", {"met": True, "plan": 1, "note": "菜已送到。（演示内容）"}),
            _Step("record_pair_result", {"plan": 1, "done": True, "note": "老人说很好。（演示内容）"}),
            _Step("plan_help", {"due_at": later + 30 * DAY_MS, "note": "陪同体检一次。（演示内容）"}),
        ),
    )
    yield _Case(
        "pai",
        "pair",
        {
            "need": "schooling",
            "name": "虚构居民癸",
            "helper_name": "虚构党员甲",
            "story": "孩子上初中，家里没人能辅导功课。（演示内容）",
        },
        (_Step("record_pair_visit", {"met": False, "note": "家中无人，改日再去。（演示内容）"}),),
    )


def _seekers() -> Iterator[_Case]:
    vacancy = _Step("offer_post", {"kind": "vacancy", "note": "超市理货员，步行十分钟。（演示内容）"})
    yield _Case(
        "emp",
        "register_seeker",
        _looks("虚构居民乙", "000-0000-0303", "long_unemployed", "做过保洁，想在附近找活。（演示内容）"),
        (vacancy, _Step("place", {"offer": 1, "kind": "vacancy", "began_at": wall_clock()})),
    )
    yield _Case(
        "emp",
        "register_seeker",
        _looks("虚构居民丙", "000-0000-0304", "no_one_in_work", "会开货车，夫妻两人都没有工作。（演示内容）"),
        (
            vacancy,
            _Step("decline_post", {"offer": 1, "note": "夜班，照看不了孩子。（演示内容）"}),
            _Step("offer_post", {"kind": "public_benefit", "note": "社区保洁岗。（演示内容）"}),
        ),
    )
    yield _Case(
        "emp",
        "register_seeker",
        _looks("虚构居民丁", "000-0000-0305", "young", "刚毕业，学的会计。（演示内容）"),
        (),
    )


def _looks(name: str, telephone: str, need: str, story: str) -> Mapping[str, Any]:
    return {"name": name, "telephone": telephone, "need": need, "story": story}
