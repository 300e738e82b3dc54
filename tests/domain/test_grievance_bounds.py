"""Who may say something about a grievance, where, and of which time."""

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
from contracts import register as r
from contracts import related as rel
from contracts import risk as k
from contracts import transfer as t
from contracts.base import DAY_MS, Message
from contracts.workflow import FUTURE_TOLERANCE_MS, Accepted, Refused
from services.grievance.policy import default_policy
from tests.support.given import (
    ADMINISTRATOR,
    CLERK,
    CLOCK,
    FORMER,
    GRID_WORKER,
    HANDLER,
    LATER,
    NEIGHBOUR,
    SEALED,
    STRANGER,
    STREET,
    SUPERVISOR,
    TRACKING,
    Who,
    accepted,
    attach,
    community,
    day,
    given,
    lodge,
    lodged,
    policy,
)

PERMISSIONS = g.GrievancePolicy.model_validate(default_policy().terms).permissions
COMMANDS: dict[str, Message] = {
    "lodge": lodge(),
    "triage": w.TriageV1(kind="request", severity="ordinary"),
    "accept": g.AcceptV1(),
    "not_accept": g.NotAcceptV1(reason="outside_remit", remedy=SEALED),
    "assign": g.AssignV1(handler=HANDLER.actor),
    "refer": g.ReferV1(zone="z2", note=SEALED),
    "return": w.ReturnV1(note=SEALED),
    "ask_extension": w.AskExtensionV1(note=SEALED),
    "decide_extension": w.DecideExtensionV1(verdict="approve", note=SEALED),
    "pause": z.PauseV1(reason="court", days=9, note=SEALED),
    "resume": z.ResumeV1(note=SEALED),
    "start_joint_handling": j.StartJointHandlingV1(units=("demo", "street"), lead="demo", note=SEALED),
    "record_joint_part": j.RecordJointPartV1(unit="street", note=SEALED),
    "end_joint_handling": j.EndJointHandlingV1(note=SEALED),
    "hand_to_inspection": e.HandToInspectionV1(),
    "ask_withdrawal": e.AskWithdrawalV1(note=SEALED),
    "confirm_withdrawal": e.ConfirmWithdrawalV1(),
    "undo_withdrawal": e.UndoWithdrawalV1(),
    "merge": e.MergeV1(target="grv_00000000000080008000000000000099", note=SEALED),
    "unmerge": e.UnmergeV1(note=SEALED),
    "urge": w.UrgeV1(note=SEALED),
    "escalate": w.EscalateV1(note=SEALED),
    "record_service": w.RecordServiceV1(result="served", manner="post", recipient="complainant"),
    "request_review": w.RequestReviewV1(note=SEALED),
    "answer_review": w.AnswerReviewV1(result="upheld", note=SEALED),
    "propose_reclassification": w.ProposeReclassificationV1(kind="request", severity="urgent", note=SEALED),
    "decide_reclassification": w.DecideReclassificationV1(verdict="approve", note=SEALED),
    "recuse": w.RecuseV1(handler=HANDLER.actor, note=SEALED),
    "acknowledge_danger": dg.AcknowledgeDangerV1(finding="no_danger", note=SEALED),
    "name_representatives": dr.NameRepresentativesV1(representatives=5),
    "record_progress": g.RecordProgressV1(note=SEALED),
    "reply": g.ReplyV1(reply=SEALED),
    "resolve": g.ResolveV1(note=SEALED),
    "close": g.CloseV1(outcome="answered"),
    "reopen": g.ReopenV1(note=SEALED),
    "propose_risk_flag": k.ProposeRiskFlagV1(fact="threat", days=7, note=SEALED),
    "decide_risk_flag": k.DecideRiskFlagV1(verdict="approve", note=SEALED),
    "report_risk": k.ReportRiskV1(to="street", note=SEALED),
    "lift_risk_flag": k.LiftRiskFlagV1(note=SEALED),
    "add_note": d.AddNoteV1(note=SEALED),
    "note_related": rel.NoteRelatedV1(related="med_00000000", came_to="agreed"),
    "record_result_returned": o.RecordResultReturnedV1(manner="system", note=SEALED),
    "transfer": t.TransferV1(to=NEIGHBOUR, note=SEALED),
    "receive_transfer": t.ReceiveTransferV1(
        transfer=LATER,
        origin="grv_origin00",
        origin_unit=NEIGHBOUR,
        receive_by=day(1),
        standing=t.Standing(deadline="accept", lodged_at=day(0), due_start=day(0), due_at=day(15)),
        tracking=TRACKING,
        channel="counter",
        story=SEALED,
    ),
    "confirm_transfer": t.ConfirmTransferV1(transfer=LATER, case="grv_there0000"),
    "release_transfer": t.ReleaseTransferV1(transfer=LATER, reason="unit_gone"),
    "record_occurrence": g.RecordOccurrenceV1(kind="mass_incident", note=SEALED),
    "attach": attach(),
    "redact": g.RedactV1(text="sub_storytext0000", reason="third_party"),
    "correct": g.CorrectV1(address=SEALED),
    "add_information": a.AddInformationV1(note=SEALED),
    "rate": a.RateV1(satisfaction="satisfied"),
    "record_follow_up": a.RecordFollowUpV1(reached="reached", note=SEALED),
    "deadline_due": g.DeadlineDueV1(deadline="accept", due_at=day(15)),
}
SOMEBODY = (ADMINISTRATOR, CLERK, GRID_WORKER, HANDLER, SUPERVISOR, CLOCK)


@pytest.mark.parametrize("who", SOMEBODY, ids=lambda who: who.role)
@pytest.mark.parametrize("name", COMMANDS)
def test_the_policy_says_which_role_gives_which_command(name: str, who: Who) -> None:
    """A command is refused to every role that the policy does not name for it, and to no other."""
    answer = given().when(COMMANDS[name], by=who).answer
    assert (answer == Refused("not_entitled")) == (who.role not in PERMISSIONS[name])


def test_the_policy_knows_every_command() -> None:
    """The default policy says who may give each command, and who may lodge what is split off; it names nothing else."""
    assert set(PERMISSIONS) == {*COMMANDS, "split"}


def test_a_command_that_the_policy_leaves_out_is_nobodys() -> None:
    """A policy without an entry for a command entitles nobody to it."""
    terms = policy().terms
    others = {name: roles for name, roles in terms["permissions"].items() if name != "accept"}
    held = r.PolicyDefinedV1.model_validate(
        policy().model_dump() | {"terms": terms | {"permissions": others}}
    )
    given(held, lodged()).when(g.AcceptV1()).refused("not_entitled")


def test_a_role_in_another_community_does_not_serve() -> None:
    """A handler of the neighbouring community may not handle a case here."""
    given(lodged()).when(g.AcceptV1(), by=STRANGER).refused("not_entitled")


def test_a_role_in_the_unit_above_serves() -> None:
    """A supervisor of the street may do in its communities what a supervisor may."""
    given(lodged()).when(g.AcceptV1(), by=SUPERVISOR).accepted()


def test_a_role_below_does_not_serve_above() -> None:
    """A clerk of a community may not lodge in the street above it."""
    given().when(lodge(zone=None), by=CLERK, unit=STREET).refused("not_entitled")


def test_a_role_that_has_ended_does_not_serve() -> None:
    """Who was a handler here and is no longer may not handle."""
    given(lodged()).when(g.AcceptV1(), by=FORMER).refused("not_entitled")


def test_a_role_given_back_serves_again() -> None:
    """Who is appointed anew after an end may handle again."""
    again = r.AppointedV1(person=FORMER.actor, role="handler", unit="demo")
    given(again, lodged()).when(g.AcceptV1(), by=FORMER).accepted()


def test_a_role_that_is_claimed_must_be_held() -> None:
    """A clerk who says that she speaks as a handler is refused."""
    given(lodged()).when(g.AcceptV1(), by=Who(CLERK.actor, "handler")).refused("not_entitled")


def test_the_administrator_of_the_ledger_gets_no_case_content() -> None:
    """The administrator, who holds that role everywhere, may not lodge or handle."""
    given().when(lodge(), by=ADMINISTRATOR).refused("not_entitled")


def test_a_home_unit_must_be_in_the_register() -> None:
    """A grievance cannot be lodged in a community that the register does not know."""
    given().when(lodge(), unit="nowhere").refused("unknown_unit", field="unit")


def test_nothing_is_decided_without_a_policy() -> None:
    """Where the register has no grievance policy, every command is refused."""
    bare = [entry for entry in community() if not isinstance(entry, r.PolicyDefinedV1)]
    given(register=bare).when(lodge()).refused("no_policy")


def test_the_last_policy_holds() -> None:
    """Terms come from the policy in force, not from the first one."""
    given(policy(accept_days=3)).when(lodge(), day(0)).then(lodged(accept_due_at=day(3)))


def test_a_case_is_handled_in_its_own_community() -> None:
    """A command about this case in another community's name is refused, though the role is held there."""
    given(lodged()).when(g.AcceptV1(), by=STRANGER, unit=NEIGHBOUR).refused("other_unit")


@pytest.mark.parametrize("ahead", [0, FUTURE_TOLERANCE_MS])
def test_a_told_time_may_be_a_little_ahead(ahead: int) -> None:
    """A told time up to five minutes after the partition's clock is taken."""
    given().when(lodge(), day(1), told=day(1) + ahead).accepted()


def test_a_told_time_may_not_lie_in_the_future() -> None:
    """A told time more than five minutes after the partition's clock is refused, by a millisecond too."""
    told = day(1) + FUTURE_TOLERANCE_MS + 1
    given().when(lodge(), day(1), told=told).refused("occurred_in_future", field="occurred_at")


def test_a_live_term_starts_when_it_is_recorded() -> None:
    """Outside an import the told time starts no clock: the term runs from the record's time."""
    answer = given().when(lodge(), day(20), told=day(1)).answer
    assert answer == Accepted((lodged(accept_due_at=day(20) + 15 * DAY_MS),))


def test_what_happened_before_the_lodging_may_be_told_later() -> None:
    """Outside an import a case may be told of an occurrence before its lodging."""
    occurrence = g.RecordOccurrenceV1(kind="mass_incident", note=SEALED)
    given(lodged(), accepted()).when(occurrence, day(1), told=day(-3)).accepted()
