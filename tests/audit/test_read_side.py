"""The audit holds the read model's rows and figures against the log."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given

from contracts.doors import IN_PERSON
from contracts.figures import CaseFacts
from ledger.log import Draft, EventLog, Record, TopicPartition
from ledger.sqlite import SqliteLog
from runtime.chain import Admitted, Chain, beginning
from services.audit.cases import Books
from services.audit.happened import Happened
from services.audit.report import ReadSide, Stated
from services.projections.fold import Fold, admit, first_position
from services.projections.rows import CaseRow
from tests.audit.house import EVENTS, PLACE, SUBMISSIONS, audit, decide, read_side, settle, small_ledger
from tests.audit.record_golden import build
from tests.projections.histories import STEPS, Step, live
from tests.support.ledger import DemoLedger


class House(NamedTuple):
    """An open log, and a read model that follows it."""

    log: EventLog
    rows: Path
    side: ReadSide


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A small ledger with its read model."""
    async with SqliteLog(tmp_path / "log.sqlite") as log:
        await settle(log, small_ledger())
        async with read_side(log, tmp_path) as (path, side):
            yield House(log, path, side)


def edit(rows: Path, statement: str) -> None:
    """Edit the read model behind everybody's back."""
    with closing(sqlite3.connect(rows)) as connection, connection:
        connection.execute(statement)


async def test_a_read_model_that_follows_the_log_is_ok(house: House) -> None:
    """Rows and figures of an untouched read model are those of the log."""
    report = await audit(house.log, house.side)
    assert report.ok
    assert {"read_model", "figures"} <= set(report.checks)


async def test_rows_and_figures_are_counted(house: House) -> None:
    """Both checks have looked at something."""
    report = await audit(house.log, house.side)
    assert min(report.checks[name].checked for name in ("read_model", "figures")) > 10


async def test_without_a_read_model_nothing_is_said_about_it(house: House) -> None:
    """An audit of the log alone has no checks of rows and figures."""
    assert {"read_model", "figures"}.isdisjoint((await audit(house.log)).checks)


async def test_an_edited_row_is_named(house: House) -> None:
    """A status edited in the read model is found, with the place of the case's last decision."""
    edit(house.rows, "UPDATE g1_cases SET status = 'closed' WHERE status = 'accepted'")
    report = await audit(house.log, house.side)
    found = report.checks["read_model"].first_difference
    assert found is not None
    assert (found.what, found.topic, found.partition, found.found) == (
        "cases.status",
        EVENTS,
        PLACE,
        "closed",
    )


async def test_a_removed_row_is_named(house: House) -> None:
    """A case taken from the read model is found."""
    edit(house.rows, "DELETE FROM g1_cases WHERE status = 'closed'")
    found = (await audit(house.log, house.side)).checks["read_model"].first_difference
    assert found is not None
    assert found.what == "cases.row"


async def test_an_edited_row_shows_in_the_figures(house: House) -> None:
    """A figure that the edited row changes is named with both values."""
    edit(house.rows, "UPDATE g1_cases SET status = 'closed' WHERE status = 'accepted'")
    found = (await audit(house.log, house.side)).checks["figures"].first_difference
    assert found is not None
    assert (found.what, found.expected, found.found) == ("open", 2, 1)


async def test_a_read_model_that_lags_is_held_against_its_own_position(house: House) -> None:
    """Decisions that the read model has not reached yet are no difference, and are audited all the same."""
    before = await house.side.compare()
    await settle_more(house.log)
    report = await audit(house.log, Fixed(before))
    assert report.ok
    assert report.as_of[EVENTS][str(PLACE)] > before.figures.as_of[EVENTS][str(PLACE)]


async def test_undecided_submissions_are_stated_truly(house: House) -> None:
    """A wrong count of undecided submissions is a difference of the figures."""
    stated = await house.side.compare()
    told = Fixed(stated._replace(figures=stated.figures.model_copy(update={"undecided": 1})))
    found = (await audit(house.log, told)).checks["figures"].first_difference
    assert found is not None
    assert (found.what, found.expected, found.found) == ("undecided", 0, 1)


async def test_figures_as_of_a_later_position_than_the_log_has_are_named(house: House) -> None:
    """Figures cannot rest on decisions that are not there."""
    stated = await house.side.compare()
    end = stated.figures.as_of[EVENTS][str(PLACE)]
    later = {**stated.figures.as_of, EVENTS: {**stated.figures.as_of[EVENTS], str(PLACE): end + 1}}
    told = Fixed(stated._replace(figures=stated.figures.model_copy(update={"as_of": later})))
    found = (await audit(house.log, told)).checks["figures"].first_difference
    assert found is not None
    assert (found.what, found.topic, found.partition, found.offset) == ("as_of", EVENTS, PLACE, end)


class Fixed:
    """A read side that always says the same."""

    def __init__(self, stated: Stated) -> None:
        self._stated = stated

    async def compare(self) -> Stated:
        """See ReadSide."""
        return self._stated


async def settle_more(log: EventLog) -> None:
    """One more case, decided."""
    demo = small_ledger()
    submissions = demo.records[TopicPartition(SUBMISSIONS, PLACE)]
    known = len(submissions)
    demo.lodge()
    await log.append(SUBMISSIONS, PLACE, [Draft(*record[1:]) for record in submissions[known:]])
    await decide(log, demo)


async def test_the_golden_ledgers_figures_are_recomputed(tmp_path: Path) -> None:
    """Imports, deadlines, reopened cases: the audit's own fold gives the figures that are stated."""
    async with SqliteLog(tmp_path / "log.sqlite") as log:
        await settle(log, build())
        async with read_side(log, tmp_path) as (_, side):
            assert (await audit(log, side)).ok


def books_of(demo: DemoLedger) -> Books:
    """The audit's fold of a ledger."""
    books = Books(None)
    for family, number in demo.partitions:
        chain = Chain(family, beginning(family, demo.ledger.genesis, demo.ledger.hash))
        for record in demo.events(family, number):
            admitted = chain.take(record.value)
            if admitted is not None and admitted.events:
                books.take(happened(record, number, admitted))
    return books


def happened(record: Record, number: int, admitted: Admitted) -> Happened:
    """An admitted decision as a replay hands it on."""
    body = admitted.decision.data
    return Happened(
        admitted.decision.type.split(".")[0],
        number,
        record.offset,
        body.submission_offset,
        admitted.decision.subject or "",
        body.unit or "",
        body.batch,
        body.recorded_at if body.occurred_at is None else body.occurred_at,
        body.recorded_at,
        body.effective_at or 0,
        admitted.events,
    )


def facts_of_rows(demo: DemoLedger) -> list[CaseFacts]:
    """The facts of the read model's fold of the same ledger."""
    found = []
    for family, number in demo.partitions:
        if family == "grievance":
            fold = Fold(family, number)
            taken, _ = admit(first_position(family, number, demo.ledger), demo.events(family, number))
            for one in taken:
                fold.take(one)
            found += [facts(row) for row in fold.cases.values()]
    return found


def facts(row: CaseRow) -> CaseFacts:
    """What the figures look at in a row."""
    return CaseFacts(
        unit=row.unit,
        zone=row.zone or row.zone_told,
        status=row.status,
        lodged_at=row.lodged_at,
        replied_at=row.replied_at,
        closed_at=row.closed_at,
        overdue=row.overdue,
        overdue_historical=row.overdue_historical,
        late=row.late,
        duplicate_of=row.duplicate_of,
        imported=row.batch is not None,
        late_entered=row.late_entered,
        petitioners=row.petitioners,
        present=row.representatives if row.petitioners and row.channel in IN_PERSON else None,
    )


@given(STEPS)
def test_both_folds_find_the_same_facts(steps: list[Step]) -> None:
    """Whatever happens to cases, the audit's own fold and the read model's agree on what figures look at."""
    demo = live(steps)
    assert sorted(books_of(demo).facts(), key=str) == sorted(facts_of_rows(demo), key=str)
