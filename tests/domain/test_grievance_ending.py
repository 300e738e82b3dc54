"""Withdrawal, which is the complainant's own act, and the merging of duplicates; both can be undone."""

from __future__ import annotations

import pytest

from contracts import casework as w
from contracts import ending as e
from contracts import grievance as g
from contracts import pausing as z
from contracts.base import LAST_MS, Message
from contracts.grievance import RESIDENT as RESIDENTS
from tests.support.given import (
    CASE,
    CLERK,
    HANDLER,
    NEIGHBOUR,
    RESIDENT,
    SEALED,
    SUPERVISOR,
    Past,
    Who,
    accepted,
    day,
    given,
    import_opened,
    lodge,
    lodged,
    on,
    overdue,
    policy,
    staff,
)

OTHER = "grv_00000000000080008000000000000099"
ASK, CONFIRM, UNDO = e.AskWithdrawalV1(note=SEALED), e.ConfirmWithdrawalV1(), e.UndoWithdrawalV1()
ASKED = e.WithdrawalAskedV1(note=SEALED, confirm_from=day(5))
SAID = e.WithdrawalAskedV1(note=SEALED)
WITHDRAWN, UNDONE = e.WithdrawnV1(undo_until=day(35)), e.WithdrawalUndoneV1()
MERGE, UNMERGE = e.MergeV1(target=OTHER, note=SEALED), e.UnmergeV1(note=SEALED)
MERGED, UNMERGED = e.MergedV1(target=OTHER, note=SEALED), e.UnmergedV1(note=SEALED)
OPEN = (*on(day(0), lodged()), *on(day(1), accepted()))
PENDING = (*OPEN, *on(day(2), ASKED))
GONE = (*PENDING, *on(day(5), WITHDRAWN))


def test_the_complainant_asks_and_may_confirm_after_three_days() -> None:
    """Asked with the number, it can be confirmed from three days on; until then the case stays open."""
    given(*OPEN).when(ASK, day(2), by=RESIDENT).then(ASKED)
    given(*PENDING).when(CONFIRM, day(5) - 1).refused("withdrawal_too_early")
    given(*PENDING).when(CONFIRM, day(5)).then(WITHDRAWN)


def test_the_policy_sets_both_times() -> None:
    """The time to think it over, and the time to take it back, are the policy's."""
    terms = policy(withdrawal_cooling_days=7, undo_days=90)
    given(terms, *OPEN).when(ASK, day(2), by=RESIDENT).then(
        e.WithdrawalAskedV1(note=SEALED, confirm_from=day(9))
    )
    given(terms, *PENDING).when(CONFIRM, day(5)).then(e.WithdrawnV1(undo_until=day(95)))


def test_what_staff_enter_withdraws_nothing() -> None:
    """It records what was said: nothing can be confirmed by it, and the complainant can still ask themselves."""
    given(*OPEN).when(ASK, day(2), by=CLERK).then(SAID)
    said = (*OPEN, *on(day(2), SAID))
    given(*said).when(CONFIRM, day(30)).refused("withdrawal_not_asked")
    given(*said).when(ASK, day(2), by=HANDLER).refused("withdrawal_asked_already")
    given(*said).when(ASK, day(2), by=RESIDENT).then(ASKED)


@pytest.mark.parametrize("who", [CLERK, HANDLER, SUPERVISOR])
@pytest.mark.parametrize("body", [CONFIRM, UNDO])
def test_no_staff_confirms_or_undoes(who: Who, body: Message) -> None:
    """Neither the handler nor a supervisor can say this for the complainant."""
    given(*PENDING).when(body, day(9), by=who).refused("not_entitled")


def test_no_staff_speaks_as_a_resident() -> None:
    """A member of staff who claims the role of a resident is not heard, and neither is one with that post."""
    as_resident = Who(HANDLER.actor, "resident")
    given(*PENDING).when(CONFIRM, day(9), by=as_resident).refused("not_entitled")
    given(*staff(as_resident, "demo"), *PENDING).when(CONFIRM, day(9), by=as_resident).refused("not_entitled")
    given(*PENDING).when(CONFIRM, day(9), by=Who(RESIDENTS, "supervisor")).refused("not_entitled")


def test_a_policy_that_lets_staff_confirm_changes_nothing() -> None:
    """Whatever a policy permits, only the complainant confirms and takes back."""
    norm = policy()
    permissions = {
        **norm.terms["permissions"],
        "confirm_withdrawal": ["supervisor"],
        "undo_withdrawal": ["supervisor"],
    }
    loose = norm.model_copy(update={"terms": {**norm.terms, "permissions": permissions}})
    given(loose, *PENDING).when(CONFIRM, day(9), by=SUPERVISOR).refused("complainant_only")
    given(loose, *GONE).when(UNDO, day(9), by=SUPERVISOR).refused("complainant_only")


def test_asking_twice_starts_no_second_time() -> None:
    """The complainant's time to think it over runs once."""
    given(*PENDING).when(ASK, day(4), by=RESIDENT).refused("withdrawal_asked_already")


def test_what_was_asked_can_be_taken_back() -> None:
    """Before it is confirmed too; then it must be asked anew."""
    given(*PENDING).when(UNDO, day(3)).then(UNDONE)
    given(*PENDING, *on(day(3), UNDONE)).when(CONFIRM, day(9)).refused("withdrawal_not_asked")
    given(*OPEN).when(UNDO, day(3)).refused("nothing_withdrawn")


def test_a_withdrawal_can_be_undone_for_thirty_days() -> None:
    """Until the last millisecond of the time, and not after."""
    given(*GONE).when(UNDO, day(35)).then(UNDONE)
    given(*GONE).when(UNDO, day(35) + 1).refused("undo_too_late")


def test_the_clock_goes_on_as_it_stood() -> None:
    """An undone withdrawal leaves status, term, its end and everything else as before."""
    before = given(*OPEN).case
    assert given(*GONE, *on(day(9), UNDONE)).case == before


def test_a_withdrawn_case_has_no_term() -> None:
    """A clock that speaks of the term that ran changes nothing."""
    given(*GONE).when(g.DeadlineDueV1(deadline="handle", due_at=day(60)), day(61)).no_op("stale")


def test_a_paused_or_overdue_case_comes_back_so() -> None:
    """A pause, a missed deadline and the way up the chain are there again."""
    paused = z.PausedV1(reason="appraisal", days=10, note=SEALED, until=day(11), left=1000)
    late = overdue("handle", day(60))
    for past in ((*OPEN, *on(day(1), paused)), (*OPEN, *on(day(60), late))):
        before = given(*past).case
        gone = (*past, *on(day(61), ASKED), *on(day(64), WITHDRAWN))
        case = given(*gone).case
        assert case is not None
        assert (case.due, case.life.escalate_at) == (None, None)
        assert given(*gone, *on(day(65), UNDONE)).case == before


@pytest.mark.parametrize(
    "body", [g.ReopenV1(note=SEALED), g.ReplyV1(reply=SEALED), g.CloseV1(outcome="resolved")]
)
def test_a_withdrawn_case_is_not_worked_on(body: Message) -> None:
    """Nobody reopens, answers or closes what was withdrawn."""
    reason = "not_closed" if isinstance(body, g.ReopenV1) else "was_withdrawn"
    given(*GONE).when(body, day(9)).refused(reason)


def test_what_was_asked_ends_with_the_case() -> None:
    """Closed and opened again, a case is not withdrawn by what was asked before."""
    again = g.ReopenedV1(note=SEALED, handle_due_at=day(80))
    ended = (*PENDING, *on(day(4), g.ClosedV1(outcome="answered")), *on(day(6), again))
    given(*ended).when(CONFIRM, day(9)).refused("withdrawal_not_asked")


@pytest.mark.parametrize("body", [ASK, MERGE])
def test_neither_within_an_open_import(body: Message) -> None:
    """What an import brought has no clock that could go on, until the import is closed."""
    past = (*on(day(0), import_opened()), Past(lodged(), day(0), "imp_00000000000080008000000000000" + "0bb"))
    world = given(*past).beside(OTHER, *OPEN)
    who = RESIDENT if body is ASK else HANDLER
    world.when(body, day(2), by=who).refused("import_open")


def test_a_duplicate_is_merged_into_an_open_case() -> None:
    """It points to the case in which the matter goes on."""
    given(*OPEN).beside(OTHER, *OPEN).when(MERGE, day(2)).then(MERGED)


def test_no_case_is_merged_into_itself() -> None:
    """The other case must be another one."""
    given(*OPEN).when(e.MergeV1(target=CASE, note=SEALED), day(2)).refused("merge_into_itself", "target")


def test_the_other_case_must_be_there() -> None:
    """A case that nobody lodged takes nothing in."""
    given(*OPEN).when(MERGE, day(2)).refused("unknown_target", "target")


def test_the_other_case_must_be_of_the_community() -> None:
    """A case next door that shares the partition is refused."""
    given(*OPEN).beside(OTHER, *OPEN, unit=NEIGHBOUR).when(MERGE, day(2)).refused(
        "target_elsewhere", "target"
    )


def test_no_case_is_merged_into_a_merged_one() -> None:
    """So that no circle of merged cases ever stands: its last link would go into a merged case."""
    elsewhere = e.MergedV1(target=CASE, note=SEALED)
    world = given(*OPEN).beside(OTHER, *OPEN, *on(day(2), elsewhere))
    world.when(MERGE, day(3)).refused("target_merged", "target")


@pytest.mark.parametrize(
    "end",
    [g.ClosedV1(outcome="resolved"), WITHDRAWN, g.NotAcceptedV1(reason="outside_remit", remedy=SEALED)],
)
def test_no_case_is_merged_into_one_that_is_over(end: Message) -> None:
    """Nothing would go on there, so the matter would be lost."""
    given(*OPEN).beside(OTHER, *OPEN, *on(day(2), end)).when(MERGE, day(3)).refused(
        "target_not_open", "target"
    )


def test_only_an_open_case_is_merged() -> None:
    """What is over is not counted again as something else."""
    closed = (*OPEN, *on(day(2), g.ClosedV1(outcome="resolved")))
    given(*closed).beside(OTHER, *OPEN).when(MERGE, day(3)).refused("already_closed")
    given(*GONE).beside(OTHER, *OPEN).when(MERGE, day(9)).refused("was_withdrawn")


def test_unmerging_restores_the_case_with_its_clock() -> None:
    """It stands as before, and the complainant can ask for it as well as staff."""
    merged = (*OPEN, *on(day(2), MERGED))
    for who in (RESIDENT, CLERK):
        given(*merged).when(UNMERGE, day(40), by=who).then(UNMERGED)
    assert given(*merged, *on(day(40), UNMERGED)).case == given(*OPEN).case
    given(*OPEN).when(UNMERGE, day(3)).refused("not_merged")


def test_a_merged_case_is_not_worked_on_or_withdrawn() -> None:
    """The matter goes on in the other case; there the complainant finds it, or after the merge is undone."""
    merged = (*OPEN, *on(day(2), MERGED))
    given(*merged).when(g.ReplyV1(reply=SEALED), day(3)).refused("was_merged")
    given(*merged).when(ASK, day(3), by=RESIDENT).refused("was_merged")
    given(*merged).when(w.UrgeV1(note=SEALED), day(3), by=SUPERVISOR).refused("was_merged")


def test_times_stay_within_what_can_be_told() -> None:
    """At the end of time nothing overflows."""
    given(*on(LAST_MS, lodged())).when(ASK, LAST_MS, by=RESIDENT).then(
        e.WithdrawalAskedV1(note=SEALED, confirm_from=LAST_MS)
    )


SPLIT = {"split_from": OTHER, "split_note": SEALED}


def test_a_matter_is_split_off_with_no_more_time_than_the_case_had() -> None:
    """It is lodged anew; its term to be accepted ends with the term of the case, where that is sooner."""
    origin = (*on(day(0), lodged()), *on(day(2), accepted(day(62))))
    given().beside(OTHER, *origin).when(lodge(**SPLIT), day(3), by=HANDLER).then(
        lodged(accept_due_at=day(18), **SPLIT)
    )
    soon = given().beside(OTHER, *origin)
    soon.when(lodge(**SPLIT), day(60), by=HANDLER).then(lodged(accept_due_at=day(62), **SPLIT))
    late = soon.when(lodge(**SPLIT), day(70), by=HANDLER)
    late.then(lodged(accept_due_at=day(70), **SPLIT))


@pytest.mark.parametrize(
    ("told", "origin", "by", "reason", "field"),
    [
        ({"split_from": OTHER}, lodged(), HANDLER, "split_without_reason", "split_note"),
        ({"split_note": SEALED}, lodged(), HANDLER, "split_without_case", "split_note"),
        (SPLIT, None, HANDLER, "unknown_origin", None),
        (SPLIT, g.NotAcceptedV1(reason="outside_remit", remedy=SEALED), HANDLER, "origin_not_open", None),
        (SPLIT, lodged(), CLERK, "not_entitled", None),
        (SPLIT, lodged(), RESIDENT, "not_entitled", None),
    ],
)
def test_what_cannot_be_split_off(
    told: dict[str, object], origin: Message | None, by: Who, reason: str, field: str | None
) -> None:
    """Without a reason, from no case or one that has ended, and by others than those who handle, nothing is split off."""
    world = given()
    if origin is not None:
        begun = () if isinstance(origin, g.LodgedV1) else (lodged(),)
        world = world.beside(OTHER, *on(day(0), *begun, origin))
    world.when(lodge(**told), day(1), by=by).refused(reason, field)


def test_what_accuses_somebody_is_handed_over_before_it_is_triaged() -> None:
    """Lodged and not triaged, it ends here; triaged or accepted it does not, and nothing more is done to it here."""
    hand, handed = e.HandToInspectionV1(), e.HandedToInspectionV1()
    begun = on(day(0), lodged())
    given(*begun).when(hand, day(1), by=CLERK).then(handed)
    given(*begun, *on(day(0), w.TriagedV1(kind="request", severity="ordinary"))).when(hand, by=CLERK).refused(
        "triaged_as_other"
    )
    given(*begun, *on(day(0), accepted())).when(hand, by=CLERK).refused("not_lodged_state")
    gone = (*begun, *on(day(1), handed))
    given(*gone).when(g.AcceptV1(), day(2)).refused("handed_to_inspection")
    given(*gone).when(hand, day(2), by=CLERK).refused("handed_to_inspection")
    given(*gone).when(g.DeadlineDueV1(deadline="accept", due_at=day(15)), day(15)).no_op("stale")
