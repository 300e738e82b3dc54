"""The demo: a fictional community with staff, cases in every state, and a year of imported history.

Everything in it is made up, and every page says so: the genesis record marks the ledger as simulated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from barograph.demo_aid import enter_programmes, help_people
from barograph.demo_helping import stand_by
from barograph.demo_inspections import import_list, inspect
from barograph.demo_mediations import mediate
from barograph.demo_places import clerk_of, enter_households, visit
from barograph.families import family_rules
from barograph.init import NewCommunity, decide_register, enter
from barograph.staff import NewStaff, add_staff
from barograph.station import Station, wall_clock
from contracts.base import DAY_MS, HOUR_MS, sha256_hex
from contracts.envelope import Role
from contracts.reference import LEDGER_UNIT
from contracts.register import (
    Category,
    DefineCategoriesV1,
    DefinePostV1,
    DefineUnitV1,
    DefineZoneV1,
    NameResponsibleV1,
    OrganisationKind,
)
from contracts.tracking import digest_of
from runtime import embedded
from runtime.submit import Said
from services.intake.desk import reporter_handle
from services.intake.importing import GrievanceImport, Importer, ImportFile
from services.intake.rows import ImportRow
from web.identity import Accounts
from web.signin import SignInHint

COMMUNITY = NewCommunity("demo", "云溪社区")
STREET = ("demo-street", "虚构街道")
"""The unit above, which is called upon when a case is passed up."""
ZONES = {"east": "东片责任区", "west": "西片责任区", "north": "北片责任区", "riverside": "河滨责任区"}
CATEGORIES = {
    "environment": ("环境卫生", {"environment.waste": "垃圾清运", "environment.noise": "噪声扰民"}),
    "property": ("物业管理", {"property.lift": "电梯", "property.fees": "物业收费"}),
    "neighbours": ("邻里纠纷", {"neighbours.leak": "漏水", "neighbours.parking": "车位占用"}),
    "safety": ("公共安全", {"safety.fire": "消防通道", "safety.light": "路灯"}),
    "welfare": ("民生保障", {"welfare.aid": "救助政策", "welfare.elderly": "养老服务"}),
}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A demo sign-in. Its password exists only in ledgers that are marked as simulated."""

    sign_in: str
    name: str
    roles: tuple[Role, ...]
    unit: str = COMMUNITY.unit

    @property
    def password(self) -> str:
        """The published password of this demo account."""
        return f"{self.sign_in}-demo"


ACCOUNTS = (
    DemoAccount("clerk", "甲窗口（虚构）", ("clerk",)),
    DemoAccount("handler", "乙承办（虚构）", ("handler",)),
    DemoAccount("handler2", "丙承办（虚构）", ("handler",)),
    DemoAccount("supervisor", "丁督办（虚构）", ("supervisor",)),
    DemoAccount("auditor", "戊审计（虚构）", ("auditor",)),
    DemoAccount("auditor2", "庚审计（虚构）", ("auditor",)),
    DemoAccount("dpo", "辛数据保护（虚构）", ("data_protection_officer",)),
    DemoAccount("mediator", "子调解（虚构）", ("mediator",)),
    DemoAccount("mediator2", "丑调解（虚构）", ("mediator",)),
    DemoAccount("aid", "寅救助（虚构）", ("aid_officer",)),
    DemoAccount("approver", "卯审批（虚构）", ("aid_approver",)),
    DemoAccount("inspector", "壬监察（虚构）", ("inspector",), LEDGER_UNIT),
    DemoAccount("inspector2", "癸监察（虚构）", ("inspector",), LEDGER_UNIT),
    DemoAccount("admin", "己管理（虚构）", ("administrator",)),
    DemoAccount("street", "子街道（虚构）", ("supervisor",), STREET[0]),
)

ORGANISATIONS: tuple[tuple[str, str, OrganisationKind], ...] = (
    ("demo-police", "虚构警务室", "police_post"),
    ("demo-property", "虚构物业公司", "property_company"),
    ("demo-school", "虚构小学", "school"),
)
CHAIN: tuple[tuple[str, str, Role], ...] = (
    ("building-head", "楼长", "block_leader"),
    ("group-head", "组长", "block_leader"),
    ("section-chief", "片长", "grid_worker"),
    ("director", "主任", "supervisor"),
    ("secretary", "书记", "supervisor"),
)
"""Who asks whom, from the building up."""

_STORIES = (
    ("environment.waste", "楼下垃圾桶两天没有清运，气味很重，希望安排清理。"),
    ("environment.noise", "夜里十一点以后还有装修声，孩子睡不着，请协调施工时间。"),
    ("property.lift", "三单元电梯一周停了两次，老人上下楼不方便，请督促维修。"),
    ("property.fees", "物业收费项目没有公示，请说明停车费的依据。"),
    ("neighbours.leak", "楼上漏水，天花板已经起皮，双方说不到一起，请来看一看。"),
    ("neighbours.parking", "固定车位被占用多次，贴条无效，请协调。"),
    ("safety.fire", "消防通道停了两辆车，担心出事时堵住，请处理。"),
    ("safety.light", "河边步道有四盏路灯不亮，晚上走路看不清。"),
    ("welfare.aid", "想了解临时救助需要准备哪些材料。"),
    ("welfare.elderly", "希望助餐点周末也开放，独居老人做饭困难。"),
)
_REPLY = "已到现场查看，并与责任单位确定了处理办法和时间，完成后再次回访。（演示内容）"


def hints() -> list[SignInHint]:
    """The demo sign-ins, as the sign-in page shows them."""
    return [SignInHint(account.sign_in, account.password, account.roles[0]) for account in ACCOUNTS]


async def load_demo(station: Station, accounts: Accounts) -> None:
    """Fill a new simulated ledger. Raises AccountError, LogError."""
    await enter(station, DefineUnitV1(unit=STREET[0], name=STREET[1], tier="street"))
    community = DefineUnitV1(unit=COMMUNITY.unit, name=COMMUNITY.name, tier="community", parent=STREET[0])
    await enter(station, community)
    for zone, name in ZONES.items():
        await enter(station, DefineZoneV1(zone=zone, unit=COMMUNITY.unit, name=name))
    await enter(station, DefineCategoriesV1(version="demo-1", categories=tuple(_categories())))
    people = [NewStaff(a.sign_in, a.password, a.name, a.roles, a.unit) for a in ACCOUNTS]
    await add_staff(station, accounts, people)
    await decide_register(station)
    await _name_places(station)
    await enter_programmes(station, COMMUNITY.unit)
    await decide_register(station)
    await _import_history(station)
    await _lodge_live(station)
    await enter_households(station, COMMUNITY.unit, [*ZONES, *ZONES])
    clerk = await clerk_of(station)
    await import_list(station, COMMUNITY.unit, list(ZONES), clerk)
    await inspect(station, COMMUNITY.unit, list(ZONES), clerk)
    await visit(station, COMMUNITY.unit, STREET[0], list(ZONES))
    await mediate(station, COMMUNITY.unit)
    await help_people(station, COMMUNITY.unit)
    await stand_by(station, COMMUNITY.unit)
    for family in ("grievance", "people", "mediation", "aid", "fund"):
        workers = embedded.make_workers(station.log, station.ledger, family_rules()[family], wall_clock)
        await embedded.catch_up(workers)


async def _name_places(station: Station) -> None:
    """Who answers for the zones, all but the last; the chain of posts; organisations beside the community."""
    register = await station.register.catch_up()
    for unit, name, kind in ORGANISATIONS:
        organisation = DefineUnitV1(
            unit=unit, name=name, tier="organisation", kind=kind, parent=COMMUNITY.unit
        )
        await enter(station, organisation)
    operator = station.ledger.genesis.administrator
    people = {a.role: a.person for a in register.appointments() if a.person != operator}
    for zone in list(ZONES)[:-1]:
        named = NameResponsibleV1(unit=COMMUNITY.unit, zone=zone, person=people["clerk"])
        await enter(station, named)
    above = None
    for post, name, role in reversed(CHAIN):
        await enter(station, DefinePostV1(unit=COMMUNITY.unit, post=post, name=name, role=role, above=above))
        above = post


def _categories() -> Iterator[Category]:
    for code, (name, below) in CATEGORIES.items():
        yield Category(code=code, name=name)
        for lower, lower_name in below.items():
            yield Category(code=lower, name=lower_name, parent=code)


async def _import_history(station: Station) -> None:
    """A year of made-up messages, most of them with replies, through the same import as real ones."""
    importer = Importer(station.ledger.genesis.administrator, COMMUNITY.unit, station.register.history.end)
    job = GrievanceImport(station.log, station.ledger, station.submitter, importer)
    messages = list(_history(wall_clock()))
    file = ImportFile("demo-history", sha256_hex(b"barograph demo history"))
    await job.run(file, messages, lambda _rows: None)


def _history(now: int) -> Iterator[ImportRow]:
    chance = random.Random(7)  # noqa: S311 - made-up data that shall be the same every time
    for number in range(60):
        lodged = now - 20 * DAY_MS - int(chance.random() * 340 * DAY_MS)
        delay = int(chance.expovariate(1 / (11 * DAY_MS))) + 2 * HOUR_MS
        _, story = chance.choice(_STORIES)
        yield ImportRow(
            row=number + 2,
            source_id=f"demo-{number:03d}",
            reporter=f"虚构网友{number % 47:02d}",
            title=story.split("，", maxsplit=1)[0],
            story=f"{story}（演示内容）",
            place=None,
            lodged_at=lodged,
            reply=_REPLY,
            replied_at=min(lodged + delay, now - DAY_MS),
        )


async def _lodge_live(station: Station) -> None:
    """A handful of cases at the counter, in every state that a case can be in."""
    register = await station.register.catch_up()
    operator = station.ledger.genesis.administrator
    by_role: dict[str, str] = {
        held.role: held.person
        for held in reversed(register.appointments())
        if held.unit == COMMUNITY.unit and held.person != operator
    }
    live = _Live(station, by_role)
    zones = list(ZONES)
    for number, (category, story) in enumerate(_STORIES):
        case = await live.lodge(number, zones[number % len(zones)], category, f"{story}（演示内容）")
        handling = _handling(by_role["handler"], category)
        for step in (*handling[: number % (len(handling) + 1)], *_BESIDES.get(category, ())):
            await live.command(case, step)


class _Step(NamedTuple):
    """A command of the demo's staff: its name, its body, and who gives it."""

    command: str
    body: Mapping[str, Any]
    role: Role = "handler"


def _handling(handler: str, category: str) -> tuple[_Step, ...]:
    """What happens to a case from its triage to its closing."""
    return (
        _Step("triage", {"kind": "request", "severity": "ordinary", "category": category}, "clerk"),
        _Step("accept", {}),
        _Step("assign", {"handler": handler}),
        _Step("record_progress", {"note": "已联系责任单位，约定上门时间。（演示内容）"}),
        _Step("reply", {"reply": _REPLY}),
        _Step("record_service", {"result": "served", "manner": "in_person", "recipient": "complainant"}),
        _Step("resolve", {"note": "双方确认已经解决。（演示内容）"}),
        _Step("close", {"outcome": "resolved"}),
    )


_BESIDES: Mapping[str, tuple[_Step, ...]] = {
    "property.lift": (_Step("escalate", {"note": "维修基金须由街道协调。（演示内容）"}, "clerk"),),
    "property.fees": (
        _Step("ask_extension", {"note": "物业公司尚在核对收费依据。（演示内容）"}),
        _Step("urge", {"note": "请在本周内约三方见面。（演示内容）"}, "supervisor"),
    ),
    "neighbours.leak": (
        _Step(
            "pause", {"reason": "appraisal", "days": 20, "note": "等待漏水鉴定。（演示内容）"}, "supervisor"
        ),
    ),
}
"""What others than the handler say of some of the cases, by category."""


_OF_MANY: Mapping[str, Mapping[str, Any]] = {"property.lift": {"petitioners": 36, "representatives": 5}}
"""Which of the cases are joint petitions, by category."""


@dataclass(frozen=True, slots=True)
class _Live:
    """Speaks for the demo's staff."""

    station: Station
    by_role: dict[str, str]

    async def lodge(self, number: int, zone: str, category: str, story: str) -> str:
        """Every fifth came by letter, and is entered late."""
        by_letter = number % 5 == 4  # noqa: PLR2004 - the last of five
        told_at = self.station.ledger.genesis.created_at - 6 * DAY_MS if by_letter else None
        said = self._said("lodge", {}, "clerk", f"demo-lodge-{number}", kind="grv")
        submitter = self.station.submitter
        body: dict[str, Any] = {
            "tracking": digest_of(submitter.tracking_number(submitter.submission_id(said))),
            "channel": "letter" if by_letter else "counter",
            "zone": zone,
            "category": category,
            "story": story,
            "reporter_name": f"虚构居民{number + 1}",
            "telephone": f"000-0000-{number:04d}",
        }
        body |= _OF_MANY.get(category, {})
        handles = reporter_handle(body, COMMUNITY.unit, submitter.subject_of(said))
        more = {"kind": "grv", "handles": handles, "told_at": told_at}
        said = self._said("lodge", body, "clerk", f"demo-lodge-{number}", **more)
        return (await submitter.submit(said)).subject

    async def command(self, case: str, step: _Step) -> None:
        key = f"demo-{step.command}-{case}"
        await self.station.submitter.submit(self._said(step.command, step.body, step.role, key, subject=case))

    def _said(self, name: str, body: Mapping[str, Any], role: Role, key: str, **more: Any) -> Said:
        return Said(
            family="grievance",
            type=f"grievance.{name}.v1",
            body=body,
            actor=self.by_role[role],
            role=role,
            unit=COMMUNITY.unit,
            key=key,
            basis=self.station.register.history.end,
            **more,
        )
