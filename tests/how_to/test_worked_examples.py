"""The worked examples of docs/how-to, done from their first step to their last."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from barograph import station
from barograph.init import CLOCK, decide_register, enter
from barograph.read_side import ReadWatch
from contracts.base import DAY_MS
from contracts.grievance import policy_in
from contracts.register import DefinePolicyV1, DefineUnitV1
from contracts.working_days import working_days_after
from runtime.clock import Clock
from tests.projections import pages_house
from tests.projections.pages_house import UNIT, House, closed_case, open_case, opened_house
from tests.support.houses import staffed_home
from web.case_forms.resident import RESIDENT_FORMS
from web.commands import COMMAND_FORMS

__all__ = ["staffed_home"]

ROOT = Path(__file__).parents[2]
EXAMPLES = ("referral-refused", "overdue-case", "undo-a-merge")
FORM_WORD = re.compile(r"\*\*([^*]+)\*\*(?: \(([^)]*)\))?")
SCREEN_WORD = re.compile(r'"([^"]+)" \(([^)]*)\)')
MOMENT = re.compile(r'<p class="moment-title">\s*<span>([^<]*)</span>')
DUE_SOON = re.compile(r"Due soon</a></p>\s*<p class=\"figure-value\">1</p>")
ON_TIME = re.compile(r"(\d+) of (\d+) that are closed or overdue")


@dataclass
class Time:
    """A clock that tests set: milliseconds since the epoch."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class Office:
    """A house whose every part goes by one clock, and what its people do on their screens."""

    house: House
    time: Time
    keys: Iterator[int]

    async def do(self, who: str, case: str, command: str, **fields: str) -> None:
        """Send a form of the case's page."""
        form = f"/cases/{case}"
        path = f"/intake/communities/{UNIT}/grievances/{case}/{command}"
        sent = {"form_key": f"worked-example-{next(self.keys):04}", **fields}
        async with self.house.visitor(who) as visitor:
            answer = await visitor.fill(path, sent, form)
        assert answer.status_code == 303, answer.text

    async def page(self, who: str, path: str) -> str:
        """What somebody sees."""
        return (await self.house.visit(who, path)).text

    async def tick(self, at: int) -> None:
        """The clock service looks once at this time."""
        self.time.now = at
        house = self.house.station
        watch = ReadWatch(self.house.model)
        await Clock(house.submitter, house.ledger, house.register, watch, CLOCK, self.time).tick()
        await self.house.settle()

    async def on_time(self) -> tuple[int, int]:
        """The share on the dashboard: on time, of how many."""
        found = ON_TIME.search(await self.page("supervisor", "/dashboard"))
        assert found
        return int(found[1]), int(found[2])


@pytest.fixture
async def office(
    staffed_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Office]:
    """A copy of the home, with two units above the community."""
    time = Time(station.wall_clock() + DAY_MS)
    monkeypatch.setattr(station, "wall_clock", time)
    monkeypatch.setattr(pages_house, "wall_clock", time)
    async with opened_house(staffed_home, tmp_path) as house:
        for unit in (
            DefineUnitV1(unit="city", name="虚构市", tier="city"),
            DefineUnitV1(unit="street", name="虚构街道", tier="street", parent="city"),
            DefineUnitV1(unit=UNIT, name="云溪社区", tier="community", parent="street"),
        ):
            await enter(house.station, unit)
        await decide_register(house.station)
        await house.settle()
        yield Office(house, time, itertools.count())


def translations() -> dict[str, set[str]]:
    """Every text of the pages with its Chinese."""
    found: dict[str, set[str]] = {}
    for source in ("web", "services"):
        for path in (ROOT / source).rglob("messages.po"):
            for message in read_po(BytesIO(path.read_bytes())):
                if isinstance(message.id, str):
                    found.setdefault(message.id, set()).add(str(message.string))
    return found


def form_words() -> set[str]:
    """Titles, buttons, fields and choices of the forms of a case's page and of the tracking page."""
    found: set[str] = set()
    for form in (*COMMAND_FORMS.values(), *RESIDENT_FORMS.values()):
        found |= {form.title, form.button}
        for field in form.fields:
            found |= {field.label, *(label for _, label in field.choices)}
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_names_are_those_of_the_screens(example: str) -> None:
    """Each name in bold is of a form, each in quotes with its Chinese is of a page, and the Chinese is its translation."""
    text = (ROOT / f"docs/how-to/{example}.md").read_text("utf-8")
    chinese, words = translations(), form_words()
    bold = [(name, zh) for name, zh in FORM_WORD.findall(text) if zh]
    assert len(bold) > 5
    assert {name for name, _ in bold} - words == set()
    for name, zh in [*bold, *SCREEN_WORD.findall(text)]:
        assert zh in chinese.get(" ".join(name.split()), ()), name


async def referred(office: Office) -> str:
    """A case of the east zone that was referred to the west."""
    case = await open_case(office.house)
    await office.do("handler", case, "accept")
    await office.do("handler", case, "refer", zone="west", note="灯在西片。（虚构）")
    return case


def last_moment(office: Office) -> int:
    """The end of the fifth working day after now, by the register's calendar."""
    calendar = office.house.station.register.history.at(office.house.station.register.history.end).calendar()
    return working_days_after(office.time.now, 5, calendar, ZoneInfo("Asia/Shanghai"))


async def test_a_term_is_due_soon_in_its_last_days(office: Office) -> None:
    """Five days before its end a case is marked, listed and counted; before that, and once it is closed, it is not."""
    case, soon = await open_case(office.house), f"/cases?unit={UNIT}&view=soon"
    start = office.time.now
    await office.do("handler", case, "accept")
    office.time.now = start + 54 * DAY_MS
    assert case not in await office.page("handler", soon)
    office.time.now = start + 56 * DAY_MS
    assert case in await office.page("handler", soon)
    assert "Due soon" in (await office.page("handler", f"/cases?unit={UNIT}&view=open"))
    assert DUE_SOON.search(await office.page("supervisor", "/dashboard")) is not None
    await office.do("handler", case, "reply", reply="已修复。（虚构）")
    await office.do("handler", case, "close", outcome="resolved")
    assert case not in await office.page("handler", soon)


async def test_a_short_term_is_not_due_soon_from_its_beginning(office: Office) -> None:
    """Of a term of four days the first half is not its end."""
    register = office.house.station.register
    terms = policy_in(await register.catch_up())
    assert terms is not None
    short = terms.model_copy(update={"accept_days": 4})
    body = DefinePolicyV1(policy="grievance", version="short", source="test", terms=short.model_dump())
    await enter(office.house.station, body)
    await decide_register(office.house.station)
    case, soon = await open_case(office.house), f"/cases?unit={UNIT}&view=soon"
    assert case not in await office.page("handler", soon)
    office.time.now += 3 * DAY_MS
    assert case in await office.page("handler", soon)


async def test_danger_stands_on_the_dashboard_until_somebody_looked(office: Office) -> None:
    """For those who may look; once it is recorded what they found, it is gone."""
    case = await office.house.lodge(story="楼上有人要跳楼。（虚构）", danger="life")
    notice = "may be about danger"
    assert notice in await office.page("supervisor", "/dashboard")
    assert notice not in await office.page("auditor", "/dashboard")
    await office.do("supervisor", case, "acknowledge_danger", finding="help_called", note="已报警。（虚构）")
    assert notice not in await office.page("supervisor", "/dashboard")


async def test_a_referral_is_returned_in_time(office: Office) -> None:
    """In the last minute of the fifth working day the west returns it; it stands in the east, and both steps in the history."""
    case = await referred(office)
    assert case in await office.page("idle", f"/cases?unit={UNIT}&view=open&zone=west")
    office.time.now = last_moment(office) - 60_000
    await office.do("idle", case, "return", note="灯在东片。（虚构）")
    assert case in await office.page("idle", f"/cases?unit={UNIT}&view=open&zone=east")
    page = await office.page("idle", f"/cases/{case}")
    assert MOMENT.findall(page) == ["Lodged", "Accepted", "Referred within", "Referral returned"]
    assert "To zone: 西片" in page
    assert "To zone: 东片" in page
    assert "灯在东片" in page
    assert 'id="action-return"' not in page


async def test_after_five_working_days_it_is_refused(office: Office) -> None:
    """A minute later the return is refused with a sentence, the case stays in the west, and a new referral moves it."""
    case = await referred(office)
    office.time.now = last_moment(office) + 60_000
    assert 'id="action-return"' not in await office.page("idle", f"/cases/{case}")
    await office.do("idle", case, "return", note="灯在东片。（虚构）")
    page = await office.page("idle", f"/cases/{case}")
    assert MOMENT.findall(page)[-1] == "Return the referral"
    assert "The time in which a referral can be returned has passed. Refer the case instead." in page
    assert case in await office.page("idle", f"/cases?unit={UNIT}&view=open&zone=west")
    await office.do("idle", case, "refer", zone="east", note="灯在东片。（虚构）")
    assert case in await office.page("idle", f"/cases?unit={UNIT}&view=open&zone=east")


async def test_a_case_passes_its_term(office: Office) -> None:
    """Urged, extended by a second person, paused, overdue, passed up twice, closed late: pages and figures say each."""
    await closed_case(office.house)
    case = await open_case(office.house)
    start = office.time.now
    await office.do("handler", case, "accept")
    await office.do("handler", case, "assign", handler=office.house.people["handler"])
    mine, here = f"/cases?unit={UNIT}&view=mine", f"/cases/{case}"
    office.time.now = start + 40 * DAY_MS
    await office.do("supervisor", case, "urge", note="请于下周内办理。（虚构）")
    assert ">Urged<" in re.sub(r"\s*([<>])\s*", r"\1", await office.page("handler", mine))
    office.time.now = start + 50 * DAY_MS
    await office.do("handler", case, "ask_extension", note="须等配件。（虚构）")
    assert "10 days left" in await office.page("handler", mine)
    office.time.now = start + 55 * DAY_MS
    await office.do("supervisor", case, "decide_extension", verdict="approve", note="属实。（虚构）")
    assert "35 days left" in await office.page("handler", mine)
    office.time.now = start + 60 * DAY_MS
    pause = {"reason": "appraisal", "days": "10", "note": "检测中。（虚构）"}
    await office.do("supervisor", case, "pause", **pause)
    assert "End of the pause" in await office.page("handler", here)
    await office.tick(start + 70 * DAY_MS)
    assert "30 days left" in await office.page("handler", mine)
    assert await office.on_time() == (1, 1)
    await office.tick(start + 100 * DAY_MS)
    assert case in await office.page("handler", f"/cases?unit={UNIT}&view=overdue")
    page = await office.page("supervisor", here)
    offered = set(re.findall(r'id="action-(\w+)"', page))
    assert offered & {"ask_extension", "decide_extension", "pause", "urge"} == {"urge"}
    assert await office.on_time() == (1, 2)
    for day in (105, 110, 111):
        await office.tick(start + day * DAY_MS)
    page = await office.page("handler", here)
    assert MOMENT.findall(page)[-3:] == ["Deadline passed", *["Passed up the chain by rule"] * 2]
    assert page.index("To unit: 虚构街道") < page.index("To unit: 虚构市")
    office.time.now = start + 112 * DAY_MS
    await office.do("handler", case, "reply", reply="已修复。（虚构）")
    await office.do("handler", case, "close", outcome="resolved")
    assert case not in await office.page("handler", f"/cases?unit={UNIT}&view=overdue")
    assert await office.on_time() == (1, 2)


async def test_a_merge_is_undone(office: Office) -> None:
    """The case leaves the open ones, stands on the ledger, and comes back with the very end of its term."""
    first, case = await open_case(office.house), await office.house.lodge(story="西门路灯不亮。（虚构）")
    start = office.time.now
    await office.do("handler", case, "accept")
    opened, ended = f"/cases?unit={UNIT}&view=open", f"/cases?unit={UNIT}&view=closed"
    office.time.now = start + 10 * DAY_MS
    await office.do("handler", case, "merge", target=first, note="同一盏灯。（虚构）")
    assert case not in await office.page("handler", opened)
    assert case in await office.page("handler", ended)
    assert f'href="/cases/{first}"' in await office.page("handler", f"/cases/{case}")
    assert f'href="/cases/{case}"' in await office.page("handler", f"/cases/{first}")
    assert case in await office.page("supervisor", "/reports/disappearances")
    office.time.now = start + 25 * DAY_MS
    await office.do("handler", case, "unmerge", note="是两盏灯。（虚构）")
    assert case in await office.page("handler", opened)
    page = await office.page("handler", f"/cases/{case}")
    assert "35 days left" in page
    assert MOMENT.findall(page) == ["Lodged", "Accepted", "Merged into another case", "Merging undone"]
    ledger = await office.page("supervisor", "/reports/disappearances")
    assert ledger.count(f"/cases/{case}") == 2
