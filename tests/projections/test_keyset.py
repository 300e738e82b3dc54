"""Lists page by page, and by which index, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, text

from services.projections.page_queries import newest, not_recorded
from services.projections.queries import Worklist, WorklistFilter, worklist
from services.projections.schema import NOT_RECORDED
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow
from tests.support.ledger import UNIT, DemoLedger
from web.paging import Page

HOUR = 3_600_000
CASES = 7
Ask = Callable[[ReadModel, Page], object]


def cases_by_deadline(model: ReadModel, page: Page) -> Worklist:
    """The open cases of a unit."""
    return worklist(model, WorklistFilter(unit=UNIT), page)


def cases_by_change(model: ReadModel, page: Page) -> Worklist:
    """The cases of a unit, the last changed first."""
    return newest(model, WorklistFilter(unit=UNIT), page)


def turned_down(model: ReadModel, page: Page) -> object:
    """What was not recorded as asked."""
    return not_recorded(model, [UNIT], NOT_RECORDED, page)


def filled(open_model: OpenModel) -> ReadModel:
    """A read model of some cases, two of them imported, so that they have no deadline yet."""
    demo = DemoLedger()
    batch = demo.open_import()
    for number in range(CASES):
        told = {"told": demo.now - HOUR, "batch": batch} if number < 2 else {}
        demo.lodge(**told)
        demo.now += HOUR * (number % 2)
    model = open_model(demo.ledger)
    follow(model, demo)
    return model


@pytest.mark.parametrize("ask", [cases_by_deadline, cases_by_change])
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_hold_the_list_each_row_once(
    open_model: OpenModel, ask: Callable[[ReadModel, Page], Worklist], size: int
) -> None:
    """Forward and then back, page after page, the rows are those of the whole list in its order."""
    model = filled(open_model)
    whole = ask(model, Page(size=1000)).cases
    assert len(whole) == CASES
    pages = [ask(model, Page(size=size))]
    while (after := pages[-1].after) is not None:
        pages.append(ask(model, Page(after, size)))
    assert tuple(row for page in pages for row in page.cases) == whole
    back, at = [pages[-1].cases], pages[-1].before
    while at is not None:
        page = ask(model, Page(at, size))
        back.append(page.cases)
        at = page.before
    assert back[-1] == pages[0].cases
    assert tuple(row for rows in reversed(back) for row in rows) == whole


def test_cases_without_a_deadline_stand_last(open_model: OpenModel) -> None:
    """The cases of an open import, for which no deadline runs, come after those that have one."""
    shown = cases_by_deadline(filled(open_model), Page()).cases
    assert [row.due_at is None for row in shown] == [False] * 5 + [True] * 2


@pytest.mark.parametrize(
    ("ask", "index"),
    [(cases_by_deadline, "cases_open"), (cases_by_change, "cases_changed"), (turned_down, "turned_down")],
)
def test_a_page_is_read_by_its_index(open_model: OpenModel, ask: Ask, index: str) -> None:
    """The database follows the list's own index to the place, and sorts nothing."""
    model = filled(open_model)
    asked: list[tuple[str, object]] = []
    event.listen(model.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    first = ask(model, Page(size=2))
    ask(model, Page(getattr(first, "after", None), 2))
    statement, values = next(one for one in reversed(asked) if "ORDER BY" in one[0])
    plan = _plan(model, statement, values)
    assert index in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def _plan(model: ReadModel, statement: str, values: object) -> str:
    sqlite = model.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    with model.engine.connect() as connection:
        if not sqlite:
            # Of so few rows a scan is cheapest: what is asked is whether the index could serve.
            for way in ("seqscan", "sort", "bitmapscan"):
                connection.execute(text(f"SET enable_{way} = off"))
        found = connection.exec_driver_sql(explain + statement, values)  # type: ignore[arg-type]
        return "\n".join(str(row) for row in found)
