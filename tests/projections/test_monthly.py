"""The monthly report: by SQL what the definition says, without survivors, and drillable to the cases."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import aftercare as a
from contracts import grievance as g
from contracts import monthly as m
from contracts.base import DAY_MS
from contracts.figures import Scope
from contracts.months import month_bounds
from contracts.personal import Sealed
from services.projections import monthly as sql
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow, followed
from tests.projections.histories import STEPS, Step, live
from tests.support.community import RESIDENT
from tests.support.ledger import BEGINNING, NEIGHBOUR, SEALED, UNIT, DemoLedger
from web.paging import Page

EVERYTHING = Page(size=1000)
ZONE = "Asia/Shanghai"
TIMES = st.none() | st.integers(-500, 700).map(lambda days: BEGINNING + days * DAY_MS)
SCOPES = st.builds(
    Scope, unit=st.sampled_from([UNIT, NEIGHBOUR]), origins=st.sampled_from([(), (NEIGHBOUR,)]), since=TIMES
)
ALL = Scope(unit=UNIT)


def month(name: str) -> Scope:
    """The demo community in one month."""
    since, until = month_bounds(name, ZONE)
    return Scope(unit=UNIT, since=since, until=until)


def same(model: ReadModel, scope: Scope) -> None:
    """The figures and the lists behind them are those that are computed case by case."""
    report, expected = sql.monthly(model, scope, "2026-01"), sql.recomputed(model, scope)
    for name in m.FIGURES:
        members = expected[name]
        ratio = m.Ratio(numerator=len(members.met), denominator=len(members.counted))
        assert getattr(report, name) == ratio, name
        met = sql.cases_behind(model, scope, name, "met", EVERYTHING)
        rest = sql.cases_behind(model, scope, name, "rest", EVERYTHING)
        assert {row.case_id for row in met.cases} == members.met
        assert {row.case_id for row in rest.cases} == members.counted - members.met


@settings(max_examples=60)
@given(steps=STEPS, scopes=st.lists(SCOPES, min_size=1, max_size=3))
def test_sql_computes_what_the_definition_says(steps: list[Step], scopes: list[Scope]) -> None:
    """On any history and scope each figure, and each list behind it, equals the one computed case by case."""
    with followed(live(steps)) as model:
        for scope in [ALL, *scopes]:
            same(model, scope)


def report_of(open_model: OpenModel, demo: DemoLedger, scope: Scope) -> m.MonthlyReport:
    """The report of what happened."""
    model = open_model(demo.ledger)
    follow(model, demo)
    same(model, scope)
    return sql.monthly(model, scope, "2026-01")


def ratio(of: m.Ratio) -> tuple[int, int]:
    """A figure as a pair."""
    return of.numerator, of.denominator


def test_no_data_is_not_zero(open_model: OpenModel) -> None:
    """Where nothing falls due there is no share at all."""
    found = report_of(open_model, DemoLedger(), month("2026-01"))
    assert found.accepted_in_time.share is None


def test_those_still_waiting_are_in_the_denominator(open_model: OpenModel) -> None:
    """Of three cases due in the month the one accepted in time is one third: the late and the waiting count."""
    demo = DemoLedger()
    in_time, late, _waiting = (demo.lodge() for _ in range(3))
    demo.submit(g.AcceptV1(), subject=in_time)
    demo.now += 16 * DAY_MS
    demo.submit(g.AcceptV1(), subject=late)
    assert ratio(report_of(open_model, demo, month("2026-01")).accepted_in_time) == (1, 3)


def test_opening_again_wipes_no_missed_term(open_model: OpenModel) -> None:
    """A case whose handling was late once stays so, however quickly it is closed after it was opened again."""
    demo = DemoLedger()
    case = demo.lodge()
    demo.submit(g.AcceptV1(), subject=case)
    demo.now += 61 * DAY_MS
    for said in (g.ReplyV1(reply=SEALED), g.CloseV1(outcome="answered"), g.ReopenV1(note=SEALED)):
        demo.submit(said, subject=case)
    demo.submit(g.ReplyV1(reply=SEALED), subject=case)
    demo.submit(g.CloseV1(outcome="answered"), subject=case)
    assert ratio(report_of(open_model, demo, ALL).handled_in_time) == (0, 1)


def rated(demo: DemoLedger, satisfaction: a.Satisfaction | None) -> str:
    """A case that was replied to, closed, and rated so."""
    case = demo.lodge()
    demo.submit(g.AcceptV1(), subject=case)
    demo.submit(g.ReplyV1(reply=SEALED), subject=case)
    demo.submit(g.CloseV1(outcome="answered"), subject=case)
    if satisfaction is not None:
        demo.submit(a.RateV1(satisfaction=satisfaction), subject=case, by=RESIDENT)
    return case


def test_satisfaction_is_of_those_who_rated(open_model: OpenModel) -> None:
    """Two of three ratings are good, and three of four cases were rated."""
    demo = DemoLedger()
    for satisfaction in ("satisfied", "fairly", "not_satisfied", None):
        rated(demo, satisfaction)
    found = report_of(open_model, demo, month("2026-01"))
    assert (ratio(found.satisfied), ratio(found.rated)) == ((2, 3), (3, 4))


def test_a_new_reply_wipes_no_bad_rating(open_model: OpenModel) -> None:
    """A case that was opened again and replied to anew still counts as it was rated last."""
    demo = DemoLedger()
    case = rated(demo, "not_satisfied")
    demo.submit(g.ReopenV1(note=SEALED), subject=case)
    demo.submit(g.ReplyV1(reply=SEALED), subject=case)
    found = report_of(open_model, demo, month("2026-01"))
    assert (ratio(found.satisfied), ratio(found.rated)) == ((0, 1), (1, 1))


def test_a_follow_up_is_no_rating(open_model: OpenModel) -> None:
    """What staff record of a follow-up changes no satisfaction figure."""
    demo = DemoLedger()
    case = rated(demo, None)
    demo.submit(a.RecordFollowUpV1(reached="reached", note=SEALED), subject=case)
    assert ratio(report_of(open_model, demo, month("2026-01")).rated) == (0, 1)


def test_the_same_person_again_is_a_repeat(open_model: OpenModel) -> None:
    """The second case of a person within 365 days repeats, the first and the one after 366 days do not."""
    demo = DemoLedger()
    name = Sealed(subject="sub_fictional0001", sealed="TkFNRQ==")
    first = demo.lodge(reporter_name=name)
    demo.now += DAY_MS
    second = demo.lodge(reporter_name=name)
    demo.now += 366 * DAY_MS
    third = demo.lodge(reporter_name=name)
    model = open_model(demo.ledger)
    follow(model, demo)
    same(model, ALL)
    assert sql.repeats_among(model, [first, second, third]) == {second}


def test_an_import_closed_within_itself_was_never_asked(open_model: OpenModel) -> None:
    """Imported replies are in no satisfaction figure: nobody was asked."""
    demo = DemoLedger()
    batch = demo.open_import()
    case = demo.lodge(told=BEGINNING - 20 * DAY_MS, batch=batch)
    demo.submit(g.ReplyV1(reply=SEALED, closes=True), subject=case, told=BEGINNING - DAY_MS, batch=batch)
    demo.close_import(batch)
    found = report_of(open_model, demo, ALL)
    assert (ratio(found.rated), ratio(found.handled_in_time)) == ((0, 0), (0, 0))
