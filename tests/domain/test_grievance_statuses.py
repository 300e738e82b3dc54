"""Which command a grievance admits in which status, and with which events."""

from __future__ import annotations

import pytest

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
from contracts.base import Message
from contracts.workflow import Accepted, Refused
from tests.support.given import (
    CATEGORY,
    CLERK,
    CLOCK,
    HANDLER,
    LATER,
    NEIGHBOUR,
    OTHER_ZONE,
    SEALED,
    STORY,
    STRANGER,
    ZONE,
    accepted,
    attach,
    day,
    given,
    lodge,
    lodged,
    on,
)

REPLIED = g.RepliedV1(reply=SEALED)
RESOLVED = g.ResolvedV1(note=SEALED)
CLOSED = g.ClosedV1(outcome="resolved")
REOPENED = g.ReopenedV1(note=SEALED, handle_due_at=day(90))
NOT_ACCEPTED = g.NotAcceptedV1(reason="outside_remit", remedy=SEALED)

STATUSES: dict[str, tuple[Message, ...]] = {
    "absent": (),
    "lodged": (lodged(),),
    "accepted": (lodged(), accepted()),
    "answered": (lodged(), accepted(), REPLIED),
    "resolved": (lodged(), accepted(), RESOLVED),
    "not accepted": (lodged(), NOT_ACCEPTED),
    "closed": (lodged(), accepted(), RESOLVED, CLOSED),
    "reopened": (lodged(), accepted(), RESOLVED, CLOSED, REOPENED),
}

WORKED_ON = {
    "absent": "not_found",
    "lodged": "not_accepted_yet",
    "not accepted": "was_not_accepted",
    "closed": "already_closed",
}
TERM_RUNS = ("accepted", "answered", "resolved", "reopened")
ENDED = {"absent": "not_found", "not accepted": "was_not_accepted", "closed": "already_closed"}
FIRST_ANSWER = dict.fromkeys(["accepted", "answered", "resolved", "reopened"], "not_lodged_state") | {
    "absent": "not_found",
    "not accepted": "was_not_accepted",
    "closed": "already_closed",
}

REFUSALS: dict[Message, dict[str, str]] = {
    lodge(): dict.fromkeys(set(STATUSES) - {"absent"}, "already_exists"),
    w.TriageV1(kind="request", severity="ordinary"): FIRST_ANSWER,
    g.AcceptV1(): FIRST_ANSWER,
    g.NotAcceptV1(reason="outside_remit", remedy=SEALED): FIRST_ANSWER,
    g.AssignV1(handler=HANDLER.actor): WORKED_ON,
    g.ReferV1(zone=OTHER_ZONE, note=SEALED): WORKED_ON,
    w.ReturnV1(note=SEALED): WORKED_ON | dict.fromkeys(TERM_RUNS, "not_referred"),
    w.AskExtensionV1(note=SEALED): WORKED_ON,
    w.EscalateV1(note=SEALED): ENDED,
    w.RecordServiceV1(result="served", manner="post", recipient="complainant"): {
        **WORKED_ON,
        **dict.fromkeys(("accepted", "resolved", "closed", "reopened"), "nothing_to_serve"),
    },
    w.ProposeReclassificationV1(kind="request", severity="urgent", note=SEALED): {
        **dict.fromkeys(("lodged", *TERM_RUNS), "not_triaged"),
        **ENDED,
    },
    w.RecuseV1(handler=HANDLER.actor, note=SEALED): ENDED,
    t.TransferV1(to=NEIGHBOUR, note=SEALED): ENDED
    | {"answered": "answered_already", "resolved": "answered_already"},
    g.RecordProgressV1(note=SEALED): WORKED_ON,
    g.ReplyV1(reply=SEALED): WORKED_ON,
    g.ResolveV1(note=SEALED): WORKED_ON | {"resolved": "already_resolved"},
    g.CloseV1(outcome="resolved"): WORKED_ON | {"accepted": "not_answered", "reopened": "not_answered"},
    g.ReopenV1(note=SEALED): dict.fromkeys(set(STATUSES) - {"absent", "closed"}, "not_closed")
    | {"absent": "not_found"},
    g.RecordOccurrenceV1(kind="mass_incident", note=SEALED): {"absent": "not_found"},
    attach(): dict.fromkeys(("closed", "not accepted"), "no_attaching_when_closed") | {"absent": "not_found"},
    g.RedactV1(text=STORY.text or "", reason="third_party"): {"absent": "not_found"},
    g.CorrectV1(address=SEALED): {"absent": "not_found"},
    d.AddNoteV1(note=SEALED): {"absent": "not_found"},
    rel.NoteRelatedV1(related="med_00000000", came_to="agreed"): {"absent": "not_found"},
    k.ProposeRiskFlagV1(fact="threat", days=7, note=SEALED): ENDED,
    k.ReportRiskV1(to="street", note=SEALED): {
        **dict.fromkeys(STATUSES, "not_flagged"),
        "absent": "not_found",
    },
    o.RecordResultReturnedV1(manner="system", note=SEALED): {
        **dict.fromkeys(STATUSES, "not_from_outside"),
        "absent": "not_found",
    },
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", REFUSALS, ids=lambda command: type(command).__name__)
def test_each_command_in_each_status(command: Message, status: str) -> None:
    """A command is accepted in the statuses that admit it, and refused with the table's reason in others."""
    answer = given(*STATUSES[status]).when(command, day(1)).answer
    told = answer.reason if isinstance(answer, Refused) else None
    assert told == REFUSALS[command].get(status)
    assert isinstance(answer, Refused | Accepted)


def test_every_command_has_its_row() -> None:
    """The table above leaves out the commands that have files of their own: the clock's, a supervisor's, the doors'."""
    elsewhere = {
        g.DeadlineDueV1,
        w.DecideExtensionV1,
        t.ReceiveTransferV1,
        t.ConfirmTransferV1,
        t.ReleaseTransferV1,
        z.PauseV1,
        z.ResumeV1,
        j.RecordJointPartV1,
        j.EndJointHandlingV1,
        j.StartJointHandlingV1,
        e.HandToInspectionV1,
        e.AskWithdrawalV1,
        e.ConfirmWithdrawalV1,
        e.UndoWithdrawalV1,
        e.MergeV1,
        e.UnmergeV1,
        w.UrgeV1,
        k.DecideRiskFlagV1,
        k.LiftRiskFlagV1,
        w.RequestReviewV1,
        w.AnswerReviewV1,
        w.DecideReclassificationV1,
        dr.NameRepresentativesV1,
        dg.AcknowledgeDangerV1,
        a.AddInformationV1,
        a.RateV1,
        a.RecordFollowUpV1,
    }
    assert {type(command) for command in REFUSALS} == set(_members()) - elsewhere


def _members() -> tuple[type[Message], ...]:
    members: tuple[type[Message], ...] = g.Command.__args__
    return members


def test_lodging_starts_the_clock_of_acceptance() -> None:
    """A grievance must be accepted or not within the policy's days from its lodging."""
    given().when(lodge(), day(2)).then(lodged(accept_due_at=day(17)))


def test_a_lodging_says_all_that_was_told() -> None:
    """Every field of the lodging is in the event."""
    told = lodge(category=CATEGORY, title=SEALED, reporter_name=SEALED, telephone=SEALED, address=SEALED)
    given().when(told).then(g.LodgedV1(**told.__dict__, accept_due_at=day(15)))


def test_a_lodging_needs_no_zone() -> None:
    """A grievance whose place is not known is lodged without a zone, with the place as told."""
    given().when(lodge(zone=None, zone_told="A7")).then(lodged(zone=None, zone_told="A7"))


def test_a_zone_of_another_community_is_unknown() -> None:
    """A grievance cannot be lodged in a zone that its community does not have."""
    given().when(lodge(zone="n1")).refused("unknown_zone", field="zone")


def test_a_category_must_be_in_the_tree() -> None:
    """A grievance cannot be lodged under a category that is not in the tree in force."""
    given().when(lodge(category="rivers")).refused("unknown_category", field="category")


def test_a_lodging_makes_the_stream_of_its_own_id() -> None:
    """A grievance's stream id comes from the submission that lodged it, and from no other."""
    given().when(lodge(), subject=f"grv_{LATER.replace('-', '')}").refused("wrong_stream")


def test_acceptance_starts_the_clock_of_handling() -> None:
    """An accepted grievance must be handled within the policy's days from its acceptance."""
    given(lodged()).when(g.AcceptV1(), day(3)).then(accepted(handle_due_at=day(63)))


def test_not_accepting_names_a_reason_and_another_remedy() -> None:
    """A grievance that is not accepted keeps the reason and the remedy that was named."""
    given(lodged()).when(g.NotAcceptV1(reason="outside_remit", remedy=SEALED)).then(NOT_ACCEPTED)


def test_assigning_names_the_handler() -> None:
    """A case can be given to a handler of its community, and again to another one."""
    assigned = g.AssignedV1(handler=HANDLER.actor)
    given(lodged(), accepted(), assigned).when(g.AssignV1(handler=HANDLER.actor)).then(assigned)


@pytest.mark.parametrize("actor", [CLERK.actor, STRANGER.actor, CLOCK.actor, "act_nobody0000"])
def test_only_a_handler_here_can_be_assigned(actor: str) -> None:
    """A case cannot be given to who is no handler, or is one in another community only."""
    given(lodged(), accepted()).when(g.AssignV1(handler=actor)).refused("unknown_handler", field="handler")


def test_referring_moves_the_case_to_the_other_zone() -> None:
    """A case referred to another zone is there: referring it there again is refused, and back is not."""
    referred = g.ReferredV1(zone=OTHER_ZONE, note=SEALED)
    given(lodged(), accepted()).when(g.ReferV1(zone=OTHER_ZONE, note=SEALED)).then(referred)
    there = given(lodged(), accepted(), referred)
    there.when(g.ReferV1(zone=OTHER_ZONE, note=SEALED)).refused("same_zone", field="zone")
    there.when(g.ReferV1(zone=ZONE, note=SEALED)).then(g.ReferredV1(zone=ZONE, note=SEALED))


def test_referring_to_the_zone_where_it_is_is_refused() -> None:
    """A case cannot be referred to the zone in which it was lodged."""
    given(lodged(), accepted()).when(g.ReferV1(zone=ZONE, note=SEALED)).refused("same_zone", field="zone")


def test_referring_to_another_communitys_zone_is_refused() -> None:
    """A case is referred within its community only."""
    given(lodged(), accepted()).when(g.ReferV1(zone="n1", note=SEALED)).refused("unknown_zone", field="zone")


def test_progress_reply_and_occurrence_are_recorded_as_said() -> None:
    """What was noted is in the event, under the same seal."""
    case = given(lodged(), accepted())
    case.when(g.RecordProgressV1(note=SEALED)).then(g.ProgressRecordedV1(note=SEALED))
    case.when(g.ReplyV1(reply=SEALED)).then(REPLIED)
    case.when(g.ResolveV1(note=SEALED)).then(RESOLVED)
    occurrence = {"kind": "heinous_crime", "note": SEALED}
    case.when(g.RecordOccurrenceV1.model_validate(occurrence)).then(
        g.OccurrenceRecordedV1.model_validate(occurrence)
    )


def test_closing_needs_a_reply_or_a_resolution() -> None:
    """A case that has neither a reply nor a resolution cannot be closed; either will do."""
    given(lodged(), accepted()).when(g.CloseV1(outcome="answered")).refused("not_answered", field="outcome")
    for answer in (REPLIED, RESOLVED):
        given(lodged(), accepted(), answer).when(g.CloseV1(outcome="resolved")).then(CLOSED)


def test_a_reopened_case_must_be_answered_anew() -> None:
    """The reply and the resolution from before do not serve for closing a reopened case."""
    before = (lodged(), accepted(), REPLIED, RESOLVED, CLOSED, REOPENED)
    given(*before).when(g.CloseV1(outcome="resolved")).refused("not_answered", field="outcome")
    given(*before, REPLIED).when(g.CloseV1(outcome="answered")).then(g.ClosedV1(outcome="answered"))
    given(*before).when(g.ResolveV1(note=SEALED)).then(RESOLVED)


def test_reopening_restarts_the_clock_of_handling() -> None:
    """A reopened case has the whole term of handling from its reopening on."""
    before = (*on(day(0), lodged(), accepted(), REPLIED), *on(day(30), CLOSED))
    given(before).when(g.ReopenV1(note=SEALED), day(40)).then(
        g.ReopenedV1(note=SEALED, handle_due_at=day(100))
    )
