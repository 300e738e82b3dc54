"""The auditor's pages: what they show, to whom, and what they never show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from barograph.audit_side import audit
from barograph.web_app import make_app
from contracts.base import sha256_hex
from ledger.log import Draft
from services.audit.pages import AuditPages
from services.audit.runner import AuditRunner, in_thread
from tests.audit.house import File
from tests.projections.pages_house import (
    SECRETS,
    STAFF,
    UNIT,
    House,
    make_home,
    opened_house,
    worked_case,
)

AUDIT = "/audit"
PLAIN = b'{"story":"in plain words"}'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a register and staff."""
    return make_home(tmp_path_factory.mktemp("audit"))


class Audited(NamedTuple):
    """A house whose application has the audit's pages."""

    house: House
    runner: AuditRunner

    async def get(self, path: str = AUDIT, who: str = "auditor", **headers: str) -> httpx.Response:
        """Get a page as this member of staff."""
        return await self.house.visit(who, path, **headers)

    async def run(self) -> None:
        """Press the button, and wait for the audit to end."""
        async with self.house.visitor("auditor") as visitor:
            assert (await visitor.fill("/audit/run", {}, AUDIT)).status_code == 303
        await self.runner.finished()

    def submission(self, offset: int) -> str:
        """The address of a submission of the community's partition."""
        return f"/audit/submissions/grievance/{self.house.place(UNIT).partition}/{offset}"


@pytest.fixture
async def audited(home: Path, tmp_path: Path) -> AsyncIterator[Audited]:
    """A house with one worked case, and its audit."""
    async with opened_house(home, tmp_path) as house:
        settings = house.station.settings
        runner = AuditRunner(in_thread(partial(audit, settings)), tmp_path / "audit.json")
        pages = AuditPages(house.kit, runner, house.station.log)
        house.app = make_app(house.station, house.kit, [pages.router()])
        await worked_case(house)
        yield Audited(house, runner)
        pages.close()
        await runner.finished()


@pytest.mark.parametrize("who", sorted(set(STAFF) - {"auditor", "auditor2"}))
@pytest.mark.parametrize("path", [AUDIT, "/audit/state", "/audit/submissions/register/0/0"])
async def test_only_auditors_see_the_audit(audited: Audited, who: str, path: str) -> None:
    """Whoever holds another role is refused."""
    assert (await audited.get(path, who)).status_code == 403


async def test_before_the_first_audit_the_page_says_so(audited: Audited) -> None:
    """A ledger that was never audited has no result to show."""
    assert "No audit has been run here yet." in (await audited.get()).text


async def test_the_button_runs_an_audit(audited: Audited) -> None:
    """After the button was pressed the page shows the result."""
    await audited.run()
    page = (await audited.get()).text
    assert "No difference was found." in page
    assert "Every submission is decided once" in page


async def test_a_run_without_a_token_is_refused(audited: Audited) -> None:
    """The button works from our own page only."""
    async with audited.house.visitor("auditor") as visitor:
        assert (await visitor.post("/audit/run")).status_code == 403
    assert not audited.runner.state.running


async def test_a_difference_is_named_by_its_place(audited: Audited) -> None:
    """A decision that was tampered with is shown with topic, partition and offset."""
    number = audited.house.place(UNIT).partition
    file = File(audited.house.station.home.path / "log.sqlite")
    file.change("grievance.events", 1, lambda value: value.replace(b'"basis":', b'"basis":1'), number)
    await audited.run()
    page = (await audited.get()).text
    assert "Differences were found." in page
    assert f"grievance.events/{number}/1" in page


async def test_the_fragment_is_the_part_of_the_page(audited: Audited) -> None:
    """What the page's script fetches is the same result without the frame around it."""
    await audited.run()
    part = (await audited.get("/audit/state", **{"X-Fragment": "1"})).text
    assert "No difference was found." in part
    assert "<html" not in part


async def test_the_page_follows_the_audit(audited: Audited) -> None:
    """The stream that the page names tells of the end of an audit."""
    seen = audited.runner.state.revision
    assert f'data-live-source="/audit/stream?seen={seen}"' in (await audited.get()).text
    changes = audited.runner.changes(seen)
    waiting = asyncio.ensure_future(anext(changes))
    await audited.run()
    assert await asyncio.wait_for(waiting, 10) > seen
    await changes.aclose()


@pytest.mark.parametrize("query", ["seen=-1", "seen=soon"])
async def test_a_bad_mark_is_refused(audited: Audited, query: str) -> None:
    """What cannot be a revision is answered with 422."""
    assert (await audited.get(f"/audit/stream?{query}")).status_code == 422


async def test_a_submission_is_shown_with_its_decision(audited: Audited) -> None:
    """The page of a submission has both records, and what became of it."""
    page = (await audited.get(audited.submission(0))).text
    assert "grievance.lodge.v1" in page
    assert "grievance.lodged.v1" in page
    assert "Recorded" in page


async def test_a_submission_shows_the_hash_of_its_bytes(audited: Audited) -> None:
    """What the page names is the hash of the value as the log holds it."""
    place = audited.house.place(UNIT)
    (record,) = await audited.house.station.log.read("grievance.submissions", place.partition, 0, 1)
    assert sha256_hex(record.value or b"") in (await audited.get(audited.submission(0))).text


async def test_sealed_values_are_shortened(audited: Audited) -> None:
    """Of ciphertext only the beginning is shown."""
    place = audited.house.place(UNIT)
    (record,) = await audited.house.station.log.read("grievance.submissions", place.partition, 0, 1)
    text = (record.value or b"").decode()
    sealed = text.split('"sealed":"')[1].split('"')[0]
    page = (await audited.get(audited.submission(0))).text
    assert sealed[:12] in page
    assert sealed[:13] not in page


@pytest.mark.parametrize("offset", range(5))
async def test_no_personal_data_is_shown(audited: Audited, offset: int) -> None:
    """Names, stories and telephone numbers of a case are on no page of the audit."""
    await audited.run()
    pages = (await audited.get()).text + (await audited.get(audited.submission(offset))).text
    assert not [secret for secret in SECRETS if secret in pages]


async def test_an_unreadable_record_is_not_shown(audited: Audited) -> None:
    """Of a record that is no submission only reason, length and hash are shown: it could hold anything."""
    await audited.house.put(PLAIN)
    page = (await audited.get(audited.submission(5))).text
    assert "in plain words" not in page
    assert sha256_hex(PLAIN) in page
    assert "an attribute is missing" in page


async def test_a_body_that_its_type_does_not_declare_is_not_shown(audited: Audited) -> None:
    """Data that no known message declares may be personal, so they are left out."""
    place = audited.house.place(UNIT)
    log = audited.house.station.log
    (record,) = await log.read("grievance.submissions", place.partition, 1, 1)
    value = (record.value or b"").replace(b'"data":{', b'"data":{"told":"in plain words"')
    await log.append("grievance.submissions", place.partition, [Draft(record.timestamp, record.key, value)])
    page = (await audited.get(audited.submission(5))).text
    assert "in plain words" not in page
    assert "No decision about it is on record yet." in page


async def test_a_listed_record_leads_to_its_page(audited: Audited) -> None:
    """The list of unreadable records links each one."""
    await audited.house.put(PLAIN)
    await audited.run()
    assert f'href="{audited.submission(5)}"' in (await audited.get()).text


@pytest.mark.parametrize(
    "path",
    [
        "/audit/submissions/grievance/0/99",
        "/audit/submissions/weather/0/0",
        "/audit/submissions/grievance/99/0",
    ],
)
async def test_a_record_that_is_not_there_is_not_found(audited: Audited, path: str) -> None:
    """An offset past the end, an unknown family and an unknown partition are answered with 404."""
    assert (await audited.get(path)).status_code == 404


async def test_a_place_that_cannot_be_is_refused(audited: Audited) -> None:
    """An offset that is no number is answered with 422."""
    assert (await audited.get("/audit/submissions/grievance/0/first")).status_code == 422


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_page_is_there_in_both_languages(audited: Audited, language: str) -> None:
    """The page renders in Chinese and in English."""
    await audited.run()
    page = await audited.get(**{"Accept-Language": language})
    assert (page.status_code, page.headers["content-language"]) == (200, language)
