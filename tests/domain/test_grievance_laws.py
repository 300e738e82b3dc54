"""Laws over arbitrary sequences of commands about one case, at arbitrary times."""

from __future__ import annotations

from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts import aftercare as a
from contracts import casework as w
from contracts import danger as dg
from contracts import desk as d
from contracts import doors as dr
from contracts import ending as e
from contracts import grievance as g
from contracts import joint as j
from contracts import outside as o
from contracts import pausing as z
from contracts import related as rel
from contracts import risk as k
from contracts import transfer as t
from contracts.base import DAY_MS, LAST_MS, Message
from contracts.workflow import Accepted, NoOp, Refused
from services.grievance.case import Case, is_open
from tests.support.given import (
    CATEGORY,
    CLERK,
    CLOCK,
    COMMUNITY,
    HANDLER,
    LATER,
    NEIGHBOUR,
    OTHER_ZONE,
    RESIDENT,
    SEALED,
    STREET,
    SUPERVISOR,
    ZONE,
    Past,
    Who,
    World,
    day,
    given,
    lodge,
    lodged,
    on,
)

OTHER = "grv_00000000000080008000000000000099"
"""Another open case of the community."""

COMMANDS: tuple[Message, ...] = (
    lodge(),
    lodge(petitioners=30, representatives=6, danger="home"),
    dg.AcknowledgeDangerV1(finding="help_called", note=SEALED),
    w.TriageV1(kind="request", severity="serious", category=CATEGORY),
    g.AcceptV1(),
    g.AcceptV1(),
    g.NotAcceptV1(reason="outside_remit", remedy=SEALED),
    g.AssignV1(handler=HANDLER.actor),
    g.ReferV1(zone=ZONE, note=SEALED),
    g.ReferV1(zone=OTHER_ZONE, note=SEALED),
    w.ReturnV1(note=SEALED),
    w.AskExtensionV1(note=SEALED),
    w.DecideExtensionV1(verdict="approve", note=SEALED),
    w.DecideExtensionV1(verdict="refuse", note=SEALED),
    z.PauseV1(reason="appraisal", days=20, note=SEALED),
    z.ResumeV1(note=SEALED),
    j.StartJointHandlingV1(units=(COMMUNITY, STREET), lead=COMMUNITY, note=SEALED),
    j.RecordJointPartV1(unit=COMMUNITY, note=SEALED),
    j.RecordJointPartV1(unit=STREET, note=SEALED),
    j.EndJointHandlingV1(note=SEALED),
    w.UrgeV1(note=SEALED),
    w.EscalateV1(note=SEALED),
    w.ProposeReclassificationV1(kind="suggestion", severity="ordinary", note=SEALED),
    w.DecideReclassificationV1(verdict="approve", note=SEALED),
    w.RecuseV1(handler=HANDLER.actor, note=SEALED),
    dr.NameRepresentativesV1(representatives=6, representative_names=SEALED),
    dr.NameRepresentativesV1(representatives=5, representative_names=SEALED),
    g.ReplyV1(reply=SEALED),
    g.ReplyV1(reply=SEALED, closes=True),
    w.RecordServiceV1(result="served", manner="post", recipient="complainant"),
    w.RecordServiceV1(result="failed", manner="post", recipient="complainant"),
    w.RequestReviewV1(note=SEALED),
    w.AnswerReviewV1(result="upheld", note=SEALED),
    g.ResolveV1(note=SEALED),
    g.CloseV1(outcome="resolved"),
    g.ReopenV1(note=SEALED),
    a.AddInformationV1(note=SEALED),
    a.RateV1(satisfaction="not_satisfied"),
    a.RecordFollowUpV1(reached="reached", note=SEALED),
    d.AddNoteV1(note=SEALED),
    rel.NoteRelatedV1(related="med_00000000", came_to="agreed"),
    k.ProposeRiskFlagV1(fact="threat", days=7, note=SEALED),
    k.DecideRiskFlagV1(verdict="approve", note=SEALED),
    k.ReportRiskV1(to="street", note=SEALED),
    k.LiftRiskFlagV1(note=SEALED),
    o.RecordResultReturnedV1(manner="system", note=SEALED),
    e.HandToInspectionV1(),
    e.AskWithdrawalV1(note=SEALED),
    e.ConfirmWithdrawalV1(),
    e.UndoWithdrawalV1(),
    e.MergeV1(target=OTHER, note=SEALED),
    e.UnmergeV1(note=SEALED),
    t.TransferV1(to=NEIGHBOUR, note=SEALED),
    t.ReleaseTransferV1(transfer=LATER, reason="unit_gone"),
    t.ConfirmTransferV1(transfer=LATER, case="grv_there0000"),
)
LONGEST_DAYS = 60 + 30
"""No term of the default policy is longer, extended."""


class Step:
    """A command, or a tick of the clock where None, so many days after the one before, by somebody usual or not."""

    def __init__(self, body: Message | None, days: float, by: Who | None) -> None:
        self.body, self.days = body, days
        resident = RESIDENT if isinstance(body, _RESIDENTS) else HANDLER
        usual = SUPERVISOR if isinstance(body, _DECISIONS) else resident
        answers = isinstance(body, t.ConfirmTransferV1 | t.ReleaseTransferV1)
        usual = RESIDENT if isinstance(body, _OWN) else by or usual
        self.by = CLOCK if answers else usual


_RESIDENTS = (a.AddInformationV1, a.RateV1)
_OWN = (e.AskWithdrawalV1, e.ConfirmWithdrawalV1, e.UndoWithdrawalV1)
_DECISIONS = (
    z.PauseV1,
    z.ResumeV1,
    w.DecideExtensionV1,
    w.DecideReclassificationV1,
    w.UrgeV1,
    w.AnswerReviewV1,
)


STEPS = st.lists(
    st.builds(
        Step,
        body=st.sampled_from((*COMMANDS, None, None, None, None)),
        days=st.sampled_from([0, 0, 1, 5, 8, 16, 31, 61]),
        by=st.sampled_from([None, None, None, None, HANDLER, SUPERVISOR, CLERK, RESIDENT]),
    ),
    max_size=40,
)


def ticks(case: Case | None) -> list[g.DeadlineDueV1]:
    """What a clock may say of the case."""
    found: list[g.DeadlineDueV1] = []
    if case is not None and case.due is not None and (case.due.deadline, case.due.end) not in case.overdue:
        found.append(g.DeadlineDueV1(deadline=case.due.deadline, due_at=case.due.end))
    if case is not None and case.life.escalate_at is not None:
        found.append(g.DeadlineDueV1(deadline="escalate", due_at=case.life.escalate_at))
    return found


def said(world: World, past: list[Past], body: Message, at: int, by: Who | None) -> list[Past]:
    """The events of one more command, added to what happened; every answer is one of the three."""
    answer = world.beside(OTHER, lodged()).when(body, at, by=by).answer
    assert isinstance(answer, Accepted | Refused | NoOp)
    return [*past, *on(at, *answer.events)] if isinstance(answer, Accepted) else past


@for_all(STEPS)
def test_no_sequence_loses_a_case_or_lets_a_closed_one_run(steps: list[Step]) -> None:
    """Whatever is said of a case: it stays, its terms are bounded, and only an open one has a term or goes up."""
    at, past = day(0), list(on(day(0), *_lodged()))
    for step in steps:
        at += round(step.days * DAY_MS)
        world = given(past)
        bodies = [step.body] if step.body is not None else ticks(world.case)
        for body in bodies:
            past = said(world, past, body, at, None if step.body is None else step.by)
            world = given(past)
        case = world.case
        assert case is not None
        assert is_open(case) == (case.due is not None)
        assert is_open(case) or case.life.escalate_at is None
        assert case.due is None or case.due.end <= min(case.due.start + LONGEST_DAYS * DAY_MS, LAST_MS)


@for_all(STEPS)
def test_the_clock_comes_to_an_end(steps: list[Step]) -> None:
    """A clock that has said all that there is to say, over and over, has nothing left to say."""
    at, past = day(0), list(on(day(0), *_lodged()))
    for step in steps:
        at += round(step.days * DAY_MS)
        if step.body is not None:
            past = said(given(past), past, step.body, at, step.by)
    at += 1000 * DAY_MS
    for _ in range(4):
        for tick in ticks(given(past).case):
            past = said(given(past), past, tick, at, None)
    assert ticks(given(past).case) == []


def _lodged() -> tuple[Message, ...]:
    answer = given().when(lodge()).answer
    assert isinstance(answer, Accepted)
    return answer.events
