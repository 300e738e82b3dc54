"""The read model of pairs and employment help: rows that follow the log, lists, and figures."""

from __future__ import annotations

from contracts import control as c
from contracts import employment as e
from contracts import pairing as p
from contracts.base import DAY_MS
from contracts.personal import Sealed
from services.projections import helping_figures, helpings
from services.projections.rows import TableName
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow, rows
from tests.projections.test_rebuild import rebuilt_differs
from tests.support.community import CLERK, SEALED, UNIT
from tests.support.given import day
from tests.support.ledger import DemoLedger, Submitted
from tests.support.pairing import HELPED, HELPER, pair, register_seeker
from web.paging import Page

TABLES: tuple[TableName, ...] = (
    "pairs",
    "pair_events",
    "pair_people",
    "pair_plans",
    "pair_visits",
    "seekers",
    "seeker_events",
    "seeker_people",
    "placements",
)
OTHER = Sealed(subject="sub_otherperson0", sealed="QUJD")
FOUND = e.PlaceV1(kind="vacancy", began_at=day(0))


def say(demo: DemoLedger, body: object, subject: str | None = None, **more: object) -> Submitted:
    """The clerk says it, and it is accepted."""
    said = demo.submit(body, by=CLERK, subject=subject, **more)  # type: ignore[arg-type]
    assert said.decision.outcome == "accepted", said.decision.reason
    return said


def helped(demo: DemoLedger) -> str:
    """A pair with two plans of which one was done, and two visits of which one met somebody; return its id."""
    found = say(demo, pair()).submission.subject
    for body in (
        p.PlanHelpV1(due_at=day(10), note=SEALED),
        p.PlanHelpV1(due_at=day(20), note=SEALED),
        p.RecordPairVisitV1(met=True, plan=1),
        p.RecordPairVisitV1(met=False),
        p.RecordPairResultV1(plan=1, done=True, note=SEALED),
    ):
        say(demo, body, found)
    return found


def in_work(demo: DemoLedger, **fields: object) -> str:
    """Somebody who was registered and began to work the same day; return the case's id."""
    found = say(demo, register_seeker(**fields)).submission.subject
    say(demo, FOUND, found)
    return found


def followed(open_model: OpenModel, demo: DemoLedger) -> ReadModel:
    """A read model that has followed the ledger, three records at a time."""
    model = open_model(demo.ledger)
    follow(model, demo, 3)
    return model


def test_a_row_follows_its_pair(open_model: OpenModel) -> None:
    """It tells plans, results, visits and meetings, and which plan is due next; an ended pair has none."""
    demo = DemoLedger()
    found = helped(demo)
    model = followed(open_model, demo)
    row = helpings.pair_by_id(model, found)
    assert row is not None
    assert (row.plans, row.done, row.undone, row.visits, row.met) == (2, 1, 0, 2, 1)
    assert (row.helper, row.helped, row.due_at) == (HELPER.subject, HELPED.subject, day(20))
    say(demo, p.EndPairV1(reason="moved", note=SEALED), found)
    follow(model, demo)
    ended = helpings.pair_by_id(model, found)
    assert ended is not None
    assert (ended.ended, ended.due_at) == ("moved", None)
    assert len(helpings.events_of(model, found)) == 7


def test_a_row_follows_who_looks_for_work(open_model: OpenModel) -> None:
    """Looking, in work, to be asked after, and looking again once the work is lost."""
    demo = DemoLedger()
    found = say(demo, register_seeker()).submission.subject
    model = followed(open_model, demo)

    def views(now: int) -> set[str]:
        follow(model, demo)
        return {
            view
            for view in ("looking", "in_work", "asking_due", "ended")
            if helpings.seekers_listed(model, UNIT, view, Page(), now).total
        }

    assert views(day(0)) == {"looking"}
    say(demo, FOUND, found)
    assert views(day(0)) == {"in_work"}
    assert views(day(100)) == {"in_work", "asking_due"}
    demo.now = day(100)
    say(demo, e.AskAfterWorkV1(months=3, in_work=True), found)
    assert views(day(100)) == {"in_work"}
    row = helpings.seeker_by_id(model, found)
    assert row is not None
    assert (row.placements, row.kind, row.due_months) == (1, "vacancy", 12)
    demo.now = day(200)
    say(demo, e.AskAfterWorkV1(months=7, in_work=False), found)
    assert views(day(900)) == {"looking"}
    say(demo, e.EndHelpV1(reason="moved", note=SEALED), found)
    assert views(day(900)) == {"ended"}


def test_lists_are_of_a_community(open_model: OpenModel) -> None:
    """Neighbours see none of it, and standing pairs are apart from ended ones."""
    demo = DemoLedger()
    found = helped(demo)
    in_work(demo)
    model = followed(open_model, demo)
    assert [one.pair_id for one in helpings.pairs_listed(model, UNIT, Page(), ended=False).rows] == [found]
    assert helpings.pairs_listed(model, UNIT, Page(), ended=True).total == 0
    assert helpings.pairs_listed(model, "next", Page(), ended=False).total == 0
    assert helpings.seekers_listed(model, "next", "in_work", Page(), day(0)).total == 0


def test_a_record_that_comes_twice_changes_nothing(open_model: OpenModel) -> None:
    """A submission that was put on the log twice is decided once."""
    demo = DemoLedger()
    found = say(demo, pair()).submission.subject
    visit = p.RecordPairVisitV1(met=True)
    first = say(demo, visit, found)
    again = demo.submit(visit, by=CLERK, subject=found, id=first.submission.id)
    assert again.decision.outcome == "duplicate"
    row = helpings.pair_by_id(followed(open_model, demo), found)
    assert row is not None
    assert row.visits == 1


async def test_a_rebuild_makes_the_same(open_model: OpenModel) -> None:
    """Every table differs in nothing between following the log three records at a time and building it at once."""
    demo = DemoLedger()
    helped(demo)
    seeker = in_work(demo)
    model = followed(open_model, demo)
    demo.now = day(100)
    say(demo, e.AskAfterWorkV1(months=3, in_work=True), seeker)
    assert not await rebuilt_differs(demo, model)
    assert all(rows(model, name) for name in TABLES)


def test_whose_names_they_hold_can_be_asked(open_model: OpenModel) -> None:
    """Somebody helped in a pair and looking for work is found in both, a helper in the pair alone."""
    demo = DemoLedger()
    paired, seeker = helped(demo), in_work(demo)
    model = followed(open_model, demo)
    assert {(one.stream_id, one.part) for one in helpings.people_of(model, HELPED.subject)} == {
        (paired, "helped"),
        (seeker, "helped"),
    }
    assert [one.part for one in helpings.people_of(model, HELPER.subject)] == ["helper"]
    assert helpings.people_of(model, OTHER.subject) == ()


def test_a_household_has_its_open_help(open_model: OpenModel) -> None:
    """By its own number, or by who lives there; what has ended is left out."""
    demo = DemoLedger()
    home = "hsh_0123456789abcdef0123456789abcdef"
    by_home = say(demo, pair(household=home, name=OTHER)).submission.subject
    by_person, seeker = helped(demo), in_work(demo)
    model = followed(open_model, demo)
    assert {one.pair_id for one in helpings.pairs_of(model, home, [HELPED.subject])} == {by_home, by_person}
    assert [one.pair_id for one in helpings.pairs_of(model, home, [])] == [by_home]
    assert [one.seeker_id for one in helpings.seekers_of(model, home, [HELPED.subject])] == [seeker]
    say(demo, p.EndPairV1(reason="need_met", note=SEALED), by_home)
    follow(model, demo)
    assert helpings.pairs_of(model, home, []) == ()


def test_figures_of_pairs_are_of_a_period(open_model: OpenModel) -> None:
    """Visits when they were made, plans when they were due, and of these only such as are past."""
    demo = DemoLedger()
    helped(demo)
    model = followed(open_model, demo)
    whole = helping_figures.pairs(model, [UNIT], 0, day(400), day(15))
    assert (whole.begun, whole.standing, whole.visits, whole.met) == (1, 1, 2, 1)
    assert (whole.due, whole.done) == (1, 1)
    later = helping_figures.pairs(model, [UNIT], 0, day(400), day(25))
    assert (later.due, later.done) == (2, 1)
    before = helping_figures.pairs(model, [UNIT], 0, day(0), day(25))
    assert (before.begun, before.visits, before.due, before.standing) == (0, 0, 0, 1)
    assert helping_figures.pairs(model, ["next"], 0, day(400), day(25)).visits == 0


def test_persons_and_placements_are_counted_apart(open_model: OpenModel) -> None:
    """Who is placed twice, in two cases and two kinds of work, is one person and two placements."""
    demo = DemoLedger()
    first = in_work(demo)
    demo.now = day(100)
    say(demo, e.AskAfterWorkV1(months=3, in_work=False), first)
    say(demo, e.EndHelpV1(reason="other", note=SEALED), first)
    again = say(demo, register_seeker()).submission.subject
    say(demo, e.PlaceV1(kind="public_benefit", began_at=day(100)), again)
    in_work_other = say(demo, register_seeker(name=OTHER)).submission.subject
    model = followed(open_model, demo)
    found = helping_figures.employment(model, [UNIT], 0, day(400), ())
    (line,) = found.registered
    assert (line.cases, line.persons, line.named, line.placed) == (3, 2, 2, 1)
    assert {(one.kind, one.placements, one.persons) for one in found.placed} == {
        ("vacancy", 1, 1),
        ("public_benefit", 1, 1),
    }
    assert found.placed_persons == {False: (1, 1)}
    assert found.registered_persons == {False: (2, 2)}
    assert helpings.seeker_by_id(model, in_work_other)


def test_who_lost_the_work_is_known_not_to_be_in_it(open_model: OpenModel) -> None:
    """Still in work is of those of whom it is known: asked then, or told before that they had lost it."""
    demo = DemoLedger()
    kept, lost, _unasked = in_work(demo), in_work(demo, name=OTHER), in_work(demo, name=HELPER)
    demo.now = day(70)
    say(demo, e.AskAfterWorkV1(months=3, in_work=False), lost)
    demo.now = day(400)
    say(demo, e.AskAfterWorkV1(months=12, in_work=True), kept)
    model = followed(open_model, demo)
    passed = ((3, day(300)), (12, day(30)), (24, day(-1)))
    after_3, after_12, after_24 = helping_figures.employment(model, [UNIT], 0, day(400), passed).kept
    assert (after_3.passed, after_3.known, after_3.still) == (3, 2, 1)
    assert (after_12.passed, after_12.known, after_12.still) == (3, 2, 1)
    assert (after_24.passed, after_24.known, after_24.still) == (0, 0, 0)


def test_an_import_without_names_counts_its_rows(open_model: OpenModel) -> None:
    """Each nameless row is a person of its own, apart from what was done here, and none is to be asked after."""
    demo = DemoLedger()
    batch = demo.open_import(family="aid")
    for number in range(5):
        told = demo.now - (number + 1) * 30 * DAY_MS
        body = register_seeker(name=None if number else HELPED)
        found = say(demo, body, told=told, batch=batch).submission.subject
        say(demo, e.PlaceV1(kind="elsewhere", began_at=told + DAY_MS), found, told=told, batch=batch)
    demo.submit(c.CloseImportV1(rows=5, bad_rows=0), subject=batch, family="aid")
    in_work(demo)
    model = followed(open_model, demo)
    figures = helping_figures.employment(model, [UNIT], 0, day(1), ((3, day(-50)),))
    assert figures.placed_persons == {False: (1, 1), True: (5, 1)}
    assert {(one.imported, one.persons, one.named) for one in figures.registered} == {
        (False, 1, 1),
        (True, 5, 1),
    }
    assert figures.kept[0].passed == 0
    nameless = helpings.seekers_listed(model, UNIT, "asking_due", Page(), day(400)).rows
    assert all(row.person is not None for row in nameless)
