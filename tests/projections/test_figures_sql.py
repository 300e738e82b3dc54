"""The figures by SQL are those of the definition, whatever happened."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts import doors as d
from contracts import grievance as g
from contracts.base import DAY_MS
from contracts.figures import KINDS, CaseFacts, Petitions, Scope, compute
from services.projections.figures import figures, recomputed
from services.projections.rows import CaseRow
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import cases, follow, followed
from tests.projections.histories import STEPS, Step, live
from tests.support.ledger import BEGINNING, CLERK, HANDLER, NEIGHBOUR, SEALED, UNIT, DemoLedger

TIMES = st.none() | st.integers(-500, 500).map(lambda days: BEGINNING + days * DAY_MS)
SCOPES = st.builds(
    Scope,
    unit=st.none() | st.sampled_from([UNIT, NEIGHBOUR]),
    origins=st.sampled_from([(), (NEIGHBOUR,), (UNIT, NEIGHBOUR)]),
    zone=st.none() | st.sampled_from(["z1", "z2", "K3"]),
    since=TIMES,
    until=TIMES,
    time_zone=st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York"]),
)


@settings(max_examples=60)
@given(steps=STEPS, scopes=st.lists(SCOPES, min_size=1, max_size=4))
def test_sql_computes_what_the_definition_says(steps: list[Step], scopes: list[Scope]) -> None:
    """On any history and scope the figures by SQL equal those computed case by case."""
    demo = live(steps)
    with followed(demo) as model:
        for scope in [Scope(), *scopes]:
            assert figures(model, scope) == recomputed(model, scope)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, scopes=st.lists(SCOPES, min_size=1, max_size=4))
def test_postgresql_computes_the_same(steps: list[Step], scopes: list[Scope], postgres_url: str) -> None:
    """The same on PostgreSQL."""
    demo = live(steps)
    model = ReadModel.open(postgres_url, demo.ledger)
    try:
        follow(model, demo)
        for scope in [Scope(), *scopes]:
            assert figures(model, scope) == recomputed(model, scope)
    finally:
        with model.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        model.close()


def imported(demo: DemoLedger, delays: list[int]) -> None:
    """Import cases replied to and closed after so many days, the later ones repeating the first."""
    batch = demo.open_import()
    first: str | None = None
    for days in delays:
        lodged = BEGINNING - 2000 * DAY_MS
        case = demo.lodge(told=lodged, batch=batch, zone=None, zone_told="K3", duplicate_of=first)
        reply = g.ReplyV1(reply=SEALED, closes=True)
        demo.submit(reply, subject=case, told=lodged + days * DAY_MS, batch=batch, by=CLERK)
        first = first or case
    demo.close_import(batch)


def test_an_import_gives_its_figures(open_model: OpenModel) -> None:
    """Every imported reply counts, the repeats too; what was late is historical and never overdue."""
    demo = DemoLedger()
    imported(demo, [1, 15, 16, 30, 61, 100])
    model = open_model(demo.ledger)
    follow(model, demo)
    found = figures(model, Scope(unit=UNIT))
    assert (found.received, found.closed, found.duplicates, found.overdue) == (6, 6, 5, 0)
    assert found.replied_after_days == {"15": 4, "30": 2, "60": 2}
    assert (found.reply_days.median, found.reply_days.p90, found.reply_days.max) == (23, 100, 100)
    assert (found.overdue_historical, found.on_time.on_time, found.on_time.denominator) == (2, 4, 6)
    assert [row.zone for row in found.by_zone] == ["K3"]
    assert found.imported.model_dump() == {
        name: value for name, value in found.model_dump().items() if name in type(found.imported).model_fields
    }


def test_late_entered_cases_are_counted_apart(open_model: OpenModel) -> None:
    """A case lodged live four days after it happened is late-entered; one of three days is not."""
    demo = DemoLedger()
    for days in (0, 3, 4):
        demo.lodge(told=BEGINNING - days * DAY_MS)
    model = open_model(demo.ledger)
    follow(model, demo)
    found = figures(model)
    assert (found.received, found.imported.received, found.late_entered.received) == (3, 0, 1)


def test_a_petitions_persons_stand_beside_its_case(open_model: OpenModel) -> None:
    """In person as many representatives as were named last; by letter none; what was split off counts no person."""
    demo = DemoLedger()
    came = demo.lodge(petitioners=40, representatives=4)
    demo.submit(d.NameRepresentativesV1(representatives=5), subject=came, by=CLERK)
    demo.lodge(channel="letter", petitioners=300, representatives=300)
    note = {"split_from": came, "split_note": SEALED}
    demo.lodge(petitioners=40, representatives=4, by=HANDLER, **note)
    model = open_model(demo.ledger)
    follow(model, demo)
    found = figures(model, Scope(unit=UNIT))
    assert found.received == 3
    assert found.petitions == Petitions(cases=2, representatives_present=5, persons=340)
    assert found == recomputed(model, Scope(unit=UNIT))


def test_occurrences_are_never_a_bare_zero(open_model: OpenModel) -> None:
    """Each kind is counted from what cases say, and is unknown as long as no watching is recorded."""
    demo = DemoLedger()
    case = demo.lodge()
    for _ in range(2):
        demo.submit(g.RecordOccurrenceV1(kind="mass_incident", note=SEALED), subject=case)
    model = open_model(demo.ledger)
    follow(model, demo)
    stability = figures(model).stability
    assert [getattr(stability, kind).count for kind in KINDS] == [0, 2, 0]
    assert {getattr(stability, kind).state for kind in KINDS} == {"unknown"}


def test_figures_name_their_position(open_model: OpenModel) -> None:
    """The figures say up to which offset of both topics they hold, and how much is undecided."""
    demo = DemoLedger()
    demo.lodge()
    model = open_model(demo.ledger)
    place = str(demo.place_of("grievance"))
    follow(model, demo)
    positions = model.positions()
    ends = {at: end + 2 for at, end in positions.ends.items() if at.family == "grievance"}
    model.note_ends(positions.generation, ends)
    found = figures(model)
    assert found.as_of["grievance.events"][place] == 1
    assert found.as_of["grievance.submissions"][place] == 3
    assert (len(found.as_of["grievance.events"]), found.undecided) == (12, 24)


def test_the_definition_is_applied_to_the_rows(open_model: OpenModel) -> None:
    """What is computed case by case from the tables is `compute` of the facts that the rows hold."""
    demo = DemoLedger()
    imported(demo, [3, 90])
    demo.submit(g.AcceptV1(), subject=demo.lodge())
    model = open_model(demo.ledger)
    follow(model, demo)
    by_hand = compute([_facts(row) for row in cases(model).values()], [])
    found = recomputed(model)
    assert found == by_hand.model_copy(update={"as_of": found.as_of})


def _facts(row: CaseRow) -> CaseFacts:
    return CaseFacts(
        row.unit,
        row.zone or row.zone_told,
        row.status,
        row.lodged_at,
        row.replied_at,
        row.closed_at,
        row.overdue,
        row.overdue_historical,
        row.late,
        row.duplicate_of,
        row.batch is not None,
        row.late_entered,
    )
