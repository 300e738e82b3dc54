"""What only the pages ask, on both databases."""

from __future__ import annotations

from contracts import grievance as g
from services.projections.page_queries import batch_of, newest, not_recorded
from services.projections.queries import WorklistFilter
from services.projections.schema import NOT_RECORDED
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import cases, follow
from tests.support.ledger import HANDLER, NEIGHBOUR, UNIT, DemoLedger
from web.paging import Page

HOUR = 3_600_000


def busy() -> DemoLedger:
    """Two communities: refusals in each, and a record that is no submission."""
    demo = DemoLedger()
    for unit, zone in ((UNIT, "z1"), (NEIGHBOUR, "n1")):
        case = demo.lodge(unit=unit, zone=zone)
        demo.now += HOUR
        demo.submit(g.CloseV1(outcome="answered"), subject=case, unit=unit, by=HANDLER)
    demo.put("grievance.submissions", demo.place_of("grievance"), b"no submission", UNIT.encode())
    demo.decide("grievance", demo.place_of("grievance"))
    return demo


def followed(open_model: OpenModel, demo: DemoLedger) -> ReadModel:
    """A read model that has followed the ledger."""
    model = open_model(demo.ledger)
    follow(model, demo)
    return model


def test_not_recorded_is_of_the_units_and_of_none(open_model: OpenModel) -> None:
    """A list for one community holds its own refusals and the records that name no unit."""
    model = followed(open_model, busy())
    found = not_recorded(model, [UNIT], NOT_RECORDED, Page())
    assert {(row.outcome, row.unit) for row in found.rows} == {("refused", UNIT), ("unreadable", None)}
    assert found.total == 2


def test_not_recorded_comes_in_pages(open_model: OpenModel) -> None:
    """Each page holds its part, the newest first, and the total of all."""
    model = followed(open_model, busy())
    pages = [not_recorded(model, [UNIT, NEIGHBOUR], NOT_RECORDED, Page(size=1))]
    while (at := pages[-1].after) is not None:
        pages.append(not_recorded(model, [UNIT, NEIGHBOUR], NOT_RECORDED, Page(at, 1)))
    times = [row.recorded_at for page in pages for row in page.rows]
    assert [len(page.rows) for page in pages] == [1, 1, 1]
    assert times == sorted(times, reverse=True)
    assert {page.total for page in pages} == {3}


def test_newest_first(open_model: OpenModel) -> None:
    """The case to which something happened last stands first."""
    demo = DemoLedger()
    first, second = demo.lodge(), demo.lodge()
    demo.now += HOUR
    demo.submit(g.AcceptV1(), subject=first, by=HANDLER)
    model = followed(open_model, demo)
    found = newest(model, WorklistFilter(unit=UNIT), Page())
    assert [row.case_id for row in found.cases] == [first, second]
    assert newest(model, WorklistFilter(unit=UNIT, zone="z2"), Page()).total == 0


def test_batch_of_a_case(open_model: OpenModel) -> None:
    """An imported case leads to its batch, another one to none."""
    demo = DemoLedger()
    batch = demo.open_import()
    imported, lodged = demo.lodge(batch=batch, told=demo.now - HOUR), demo.lodge()
    model = followed(open_model, demo)
    rows = cases(model)
    found = batch_of(model, rows[imported])
    assert found is not None
    assert found.source == "fictional.xlsx"
    assert batch_of(model, rows[lodged]) is None
