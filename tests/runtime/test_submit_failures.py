"""What the submitter does when a body, the log, the clock or a caller fails."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts import register as r
from contracts.envelope import MAX_SUBMISSION_BYTES
from ledger.log import LogError, LogUnavailableError, RecordTooLargeError
from runtime.submit import CLOCK_TOLERANCE_MS, ClockBehindError
from tests.support.given import BEGINNING
from tests.support.intake import STORY, Clock, Intake, entry_of, lodging, open_intake, same

PATIENCE = 60.0
"""Seconds after which a test takes something for hanging."""


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    """One intake process."""
    async with open_intake(tmp_path) as opened:
        yield opened


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Another process holds the log's write lock: appends wait."""
    with closing(sqlite3.connect(home / "log.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.parametrize(
    "change",
    [{"channel": "pigeon"}, {"story": None}, {"unknown": "x"}, {"zone": "a zone"}, {"anonymous": "no"}],
    ids=str,
)
async def test_a_body_of_another_form_is_refused(intake: Intake, change: dict[str, object]) -> None:
    """A body that is not of its command's form raises, appends nothing, and does not use up its key."""
    with pytest.raises(ValidationError):
        await intake.submitter.submit(lodging(body=STORY | change))
    assert await intake.records() == []
    await intake.submitter.submit(lodging())


@pytest.mark.parametrize("change", [{"story": "\ud800"}, {"zone": "\ud800"}, {"source_id": 2**70}], ids=ascii)
async def test_a_body_that_json_cannot_say_is_refused(intake: Intake, change: dict[str, object]) -> None:
    """Half a surrogate pair or an endless number in a body is a body of another form."""
    with pytest.raises(ValidationError):
        await intake.submitter.submit(lodging(body=STORY | change))


@pytest.mark.parametrize(
    "change",
    [{"story": "a" * 10_001}, {"telephone": "none"}, {"title": "a\0"}],
    ids=["story", "telephone", "title"],
)
async def test_a_personal_field_of_another_form_is_refused(intake: Intake, change: dict[str, str]) -> None:
    """What is sealed keeps the rules of its plain type, whoever calls."""
    with pytest.raises(ValidationError):
        await intake.submitter.submit(lodging(body=STORY | change))
    assert await intake.records() == []


async def test_an_anonymous_lodging_names_nobody(intake: Intake) -> None:
    """A body that says to be anonymous and who lodged it is refused, and nothing of it is appended."""
    with pytest.raises(ValidationError, match="anonymous"):
        await intake.submitter.submit(lodging(body=STORY | {"anonymous": True, "reporter_name": "甲"}))
    assert await intake.records() == []


async def test_what_could_not_be_decided_is_not_taken(intake: Intake) -> None:
    """A submission that would be decided unreadable for its length raises, and gets no receipt."""
    categories = tuple(r.Category(code=f"c{n:03}", name="永" * 50) for n in range(400))
    command = r.DefineCategoriesV1(version="1", categories=categories)
    with pytest.raises(RecordTooLargeError, match=str(MAX_SUBMISSION_BYTES)):
        await intake.submitter.submit(entry_of(command, "categories"))
    assert await intake.records("register.submissions", 0) == []


async def test_a_log_that_is_away_gives_no_receipt(tmp_path: Path) -> None:
    """While the log is away submitting raises LogError; the same key serves when it is back."""
    async with open_intake(tmp_path) as intake:
        first = await intake.submitter.submit(lodging("before"))
        await intake.log.__aexit__()
        for _ in range(2):
            with pytest.raises(LogUnavailableError):
                await intake.submitter.submit(lodging())
        assert await intake.submitter.submit(lodging("before")) == first
        await intake.log.__aenter__()
        receipt = await intake.submitter.submit(lodging())
        assert await intake.submitter.submit(lodging()) == receipt
        assert len(await intake.records()) == 2


async def test_who_waits_for_a_failed_append_hears_of_it(tmp_path: Path) -> None:
    """Retries that wait while the first append fails all get an error, and a later one succeeds."""
    async with open_intake(tmp_path) as intake:
        await intake.log.__aexit__()
        tries = [intake.submitter.submit(lodging()) for _ in range(5)]
        outcomes = await asyncio.wait_for(asyncio.gather(*tries, return_exceptions=True), PATIENCE)
        assert all(isinstance(outcome, LogError) for outcome in outcomes)
        await intake.log.__aenter__()
        assert (await intake.submitter.submit(lodging())).offset == 0


async def test_who_waits_for_a_caller_that_gave_up_is_not_left_hanging(tmp_path: Path) -> None:
    """When the first caller is cancelled, those that wait for it get an error at once and may try again."""
    async with open_intake(tmp_path) as intake:
        await intake.enter_community()
        await intake.decide()
        with held(tmp_path):
            first = asyncio.create_task(intake.submitter.submit(lodging()))
            waiting = [asyncio.create_task(intake.submitter.submit(lodging())) for _ in range(3)]
            await until(lambda: first_is_known(intake))
            first.cancel()
            outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE)
        assert all(isinstance(outcome, LogUnavailableError) for outcome in outcomes)
        receipts = await asyncio.gather(*(intake.submitter.submit(lodging()) for _ in range(3)))
        assert same(receipts)
        decided = [decision.outcome for decision in await intake.decide()]
        assert decided.count("accepted") == 1
        assert set(decided) <= {"accepted", "duplicate"}


async def test_a_waiter_that_gives_up_disturbs_nobody(tmp_path: Path) -> None:
    """When a retry that waits is cancelled, the first caller and the other retries get their receipt."""
    async with open_intake(tmp_path) as intake:
        with held(tmp_path):
            tries = [asyncio.create_task(intake.submitter.submit(lodging())) for _ in range(4)]
            await until(lambda: first_is_known(intake))
            tries[2].cancel()
        others = await asyncio.wait_for(asyncio.gather(*tries[:2], tries[3]), PATIENCE)
        assert same(list(others))


@pytest.mark.parametrize("behind", [0, CLOCK_TOLERANCE_MS])
async def test_a_clock_may_be_a_little_behind(intake: Intake, behind: int) -> None:
    """A clock up to five seconds behind the partition's last record is taken."""
    await intake.submitter.submit(lodging("first"))
    intake.clock.now -= behind
    assert (await intake.submitter.submit(lodging())).recorded_at == BEGINNING - behind


async def test_a_clock_that_is_behind_takes_nothing(intake: Intake) -> None:
    """A clock more than five seconds behind the last record refuses, and serves again once it is right."""
    await intake.submitter.submit(lodging("first"))
    intake.clock.now -= CLOCK_TOLERANCE_MS + 1
    with pytest.raises(ClockBehindError):
        await intake.submitter.submit(lodging())
    assert len(await intake.records()) == 1
    intake.clock.now += CLOCK_TOLERANCE_MS + 1
    await intake.submitter.submit(lodging())


async def test_a_clock_is_held_against_what_stands_on_the_log(tmp_path: Path) -> None:
    """A process that has just started compares its clock with the last record, whoever wrote it."""
    async with open_intake(tmp_path) as earlier:
        await earlier.submitter.submit(lodging("first"))
    async with open_intake(tmp_path, Clock(BEGINNING - CLOCK_TOLERANCE_MS - 1)) as later:
        with pytest.raises(ClockBehindError):
            await later.submitter.submit(lodging())


async def test_a_clock_is_held_against_other_processes_too(tmp_path: Path) -> None:
    """A clock that falls behind what another process has written since refuses."""
    async with open_intake(tmp_path) as one, open_intake(tmp_path, Clock(BEGINNING)) as other:
        await one.submitter.submit(lodging("one"))
        other.clock.now += CLOCK_TOLERANCE_MS + 1
        await other.submitter.submit(lodging("other"))
        with pytest.raises(ClockBehindError):
            await one.submitter.submit(lodging("one more"))


def first_is_known(intake: Intake) -> bool:
    """Whether a submission is on its way to the log."""
    return any(last._under_way for last in intake.submitter._last.values())


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)
