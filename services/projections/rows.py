"""The rows of the read model, one class a table; a field is a column, in the same order.

Times are in milliseconds since the epoch. `data`, `title`, `story` and `note` are JSON as the log has
it: what is personal in them is sealed (invariant 14).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from contracts.aftercare import Satisfaction
from contracts.casework import CaseKind, Severity
from contracts.danger import Danger
from contracts.disappearances import Disappearance
from contracts.doors import OnBehalf
from contracts.figures import CaseStatus, is_late_entered
from contracts.grievance import Deadline, OccurrenceKind
from services.projections.aid_rows import (
    AidPersonRow,
    AidRow,
    BalanceRow,
    EntryRow,
    FundRow,
    GrantRow,
    MoveRow,
    RunningRow,
    StatementRow,
)
from services.projections.helping_rows import HelpingRow
from services.projections.mediation_rows import MediationPersonRow, MediationRow
from services.projections.notice_rows import NoticeRow
from services.projections.place_rows import PlaceRow

ExtensionState = Literal["asked", "approved", "refused"]


class Position(NamedTuple):
    """How far one partition of one family is folded (invariant 15).

    `events_offset`: the next record of the events partition to read; `decided_through`: the next
    undecided submission, all below it are decided; `previous`: the hash, and `rules`: the version of the
    rules, that the next decision must name; `now_ms` the partition's clock; `basis` the effective
    register basis; `ignored`: how many records of the events partition were not admitted.
    """

    family: str
    partition: int
    events_offset: int
    decided_through: int
    previous: str
    rules: str
    now_ms: int = 0
    basis: int = 0
    ignored: int = 0


class CaseRow(NamedTuple):
    """A grievance as worklist, dashboard and the head of its page show it.

    `kind` and `severity` are None until it is triaged. `batch`: the import it came by; `reporter`: the data
    subject who lodged it; `submission_id` and `lodged_by` of its lodging; `replied_at`: the first reply,
    `reply_delay` counted from lodging; `outcome`: of the closing, or the reason where it was not accepted.
    `due_start` and `due_end` are the running deadline as decided; `due_at` is when it ends for the clock: later
    for an imported case (invariant 10), None while its import is open. `lapses`: `deadline:due_at` of each live
    overdue event; `overdue`, `overdue_historical`, `late`: see contracts.figures_definition. `extension`: of the handling
    term that runs; `referred_at`: when it was referred last, None where that was
    returned; `urged`: how often; `escalated_to`: the unit
    last called upon, `escalate_at` when the rule calls upon the next one. `proposed`: a reclassification waits for
    a decision; `unserved`: a letter to the complainant, made live, waits to be served; `review_until`:
    until when a review can be asked for. `redacted`: the text keys that were redacted.
    `petitioners` of a joint petition and how many `representatives` speak for them; `others`: the data subjects of
    representatives and of the person concerned. `danger`: what its words may tell of, `danger_due_at` by when somebody on
    duty must look, None once they have; `danger_overdue`: nobody had by then.
    `satisfaction` as rated last, `rated_reply` which reply was; `additions` by the complainant, `news`: one came
    after the last step of the handling; `followed_up`: whether the complainant was reached last.
    `accept_due`, `handle_due`: when the term for acceptance, and the last one for handling, end for the clock; None
    inside an open import; `accept_met`, `handle_met`: when they were met, `handle_missed`: one for handling was met
    late; `concluded_at`: when it was closed with a reply for the first time, live; `unsettled`: why a closed case
    needs to be looked at again (services.projections.after).
    `withdrawal_asked`: a withdrawal was asked for, `confirm_from` when the complainant can confirm it; `undo_until`: until
    when they can undo one; `merged_into`: the case that it was merged into;
    `split_from`: the one that it was split off from; `grown_from`: the opinion or finding that it
    was made of; `held`: JSON of the columns as they stood
    before it was withdrawn or merged.
    `transfer`: the cause of the transfer by which it left or came; `transferred_to`: the unit that it left for, and `became`
    the case that it is there; `transferred_from` and `came_from` say the same of one that came; `in_transit`: it left, and
    nobody has said yet what became of it.
    `letters_unserved`: the numbers of letters that wait to be served; `service_failed`: the last service did.
    `source`: the outside office whose order it is, `target_at` by when that meant to have it done, `result_owed` to it.
    `risk_proposed`: a flag on the dispute waits for a decision; `risk_until`: when the approved one ends by itself.
    `joint`: the units of the last joint handling, the lead first, each as `unit:done` or `unit:pending`.
    """

    case_id: str
    partition: int
    unit: str
    tracking: str
    channel: str
    anonymous: bool
    zone_told: str | None
    source_id: str | None
    duplicate_of: str | None
    batch: str | None
    reporter: str | None
    submission_id: str | None
    lodged_by: str | None
    lodged_at: int
    occurred_at: int
    recorded_at: int
    title: str | None
    story: str
    status: CaseStatus
    zone: str | None
    category: str | None
    changed_at: int
    kind: CaseKind | None = None
    severity: Severity | None = None
    handler: str | None = None
    accepted_at: int | None = None
    replied_at: int | None = None
    reply_delay: int | None = None
    resolved_at: int | None = None
    closed_at: int | None = None
    outcome: str | None = None
    reopened: int = 0
    due_deadline: Deadline | None = None
    due_start: int | None = None
    due_end: int | None = None
    due_at: int | None = None
    lapses: str = ""
    overdue: bool = False
    overdue_historical: bool = False
    late: bool = False
    extension: ExtensionState | None = None
    referred_at: int | None = None
    urged: int = 0
    escalated_to: str | None = None
    escalate_at: int | None = None
    proposed: bool = False
    unserved: bool = False
    review_until: int | None = None
    redacted: str = ""
    petitioners: int | None = None
    representatives: int | None = None
    on_behalf_of: OnBehalf | None = None
    confidential: bool = False
    others: str = ""
    danger: Danger | None = None
    danger_due_at: int | None = None
    danger_overdue: bool = False
    replies: int = 0
    satisfaction: Satisfaction | None = None
    rated_reply: int = 0
    additions: int = 0
    news: bool = False
    followed_up: Literal["reached", "not_reached"] | None = None
    accept_due: int | None = None
    accept_met: int | None = None
    handle_due: int | None = None
    handle_met: int | None = None
    handle_missed: bool = False
    concluded_at: int | None = None
    unsettled: Literal["no_answer", "not_satisfied", "unrated"] | None = None
    withdrawal_asked: bool = False
    confirm_from: int | None = None
    undo_until: int | None = None
    merged_into: str | None = None
    split_from: str | None = None
    grown_from: str | None = None
    held: str | None = None
    transfer: str | None = None
    transferred_to: str | None = None
    became: str | None = None
    transferred_from: str | None = None
    came_from: str | None = None
    in_transit: bool = False
    letters_unserved: str = ""
    service_failed: bool = False
    source: str | None = None
    target_at: int | None = None
    result_owed: bool = False
    risk_proposed: bool = False
    risk_until: int | None = None
    risk_reported: bool = False
    joint: str = ""
    joint_open: bool = False

    @property
    def late_entered(self) -> bool:
        """Whether it was lodged live, but long after it happened (contracts.figures_definition)."""
        given = self.batch is not None or self.transferred_from is not None
        return is_late_entered(self.occurred_at, self.recorded_at, imported=given)


class CaseEventRow(NamedTuple):
    """One event of a case as the log has it; `number` is its place within its decision, from 0."""

    partition: int
    submission_offset: int
    number: int
    events_offset: int
    case_id: str
    type: str
    actor: str | None
    role: str | None
    batch: str | None
    submission_id: str | None
    occurred_at: int | None
    recorded_at: int
    effective_at: int | None
    data: str


class DecisionRow(NamedTuple):
    """What became of one submission record; refusals and unreadable records are listed from here."""

    family: str
    partition: int
    submission_offset: int
    events_offset: int
    outcome: str
    reason: str | None
    field: str | None
    submission_id: str | None
    submission_type: str | None
    subject: str | None
    unit: str | None
    actor: str | None
    role: str | None
    batch: str | None
    occurred_at: int | None
    recorded_at: int
    duplicate_of: int | None
    sha256: str | None


class OccurrenceRow(NamedTuple):
    """An occurrence of what a stability claim speaks of, recorded in a case; `at` is its effective time."""

    partition: int
    submission_offset: int
    number: int
    case_id: str
    unit: str
    kind: OccurrenceKind
    at: int


class DisappearanceRow(NamedTuple):
    """What no longer stands as it stood; see contracts.disappearances.Line. `was_…`: before a reclassification."""

    partition: int
    submission_offset: int
    number: int
    events_offset: int
    case_id: str
    unit: str
    what: Disappearance
    recorded_at: int
    actor: str | None
    role: str | None
    goes_on: str | None
    reason: str | None
    was_kind: str | None
    was_severity: str | None
    kind: str | None
    severity: str | None


class BatchRow(NamedTuple):
    """An import batch of a partition; `rows` and `bad_rows` as told at its close."""

    family: str
    partition: int
    batch_id: str
    unit: str
    actor: str
    source: str
    content: str
    opened_at: int
    closed_at: int | None
    rows: int | None
    bad_rows: int | None


class HeartbeatRow(NamedTuple):
    """An hour (counted from the epoch) in which a clock watched a partition."""

    family: str
    partition: int
    submission_offset: int
    hour: int


class PeopleEventRow(NamedTuple):
    """One event of the people family, but for readings; `stream`: a subject, retention run or disclosure.

    `about`: the case that a disclosure or a correction is of, or the schedule of a run.
    """

    family: str
    partition: int
    submission_offset: int
    number: int
    events_offset: int
    unit: str
    stream: str
    about: str | None
    type: str
    actor: str | None
    role: str | None
    recorded_at: int
    data: str


class ReadingRow(NamedTuple):
    """Personal data of a case or a subject (`about`) were shown to a member of staff."""

    family: str
    partition: int
    submission_offset: int
    number: int
    events_offset: int
    unit: str
    about: str
    actor: str
    role: str
    purpose: str
    disclosure: str | None
    recorded_at: int


class AccusationRow(NamedTuple):
    """An accusation as far as its queue asks; `entrusted`: ids of who may see it, parted by spaces.

    `against`, `excluded`: JSON as the log has it, sealed; `submission_offset` of its lodging; `proposed_by`:
    who proposed not to pursue it, while that waits for a second person.
    """

    family: str
    partition: int
    accusation_id: str
    unit: str
    tracking: str
    about: str
    channel: str
    submission_offset: int
    lodged_at: int
    against: str
    excluded: str | None
    entrusted: str
    status: str
    changed_at: int
    proposed_by: str | None = None


class AccusationEventRow(NamedTuple):
    """One event of an accusation as the log has it; readings are among them."""

    family: str
    partition: int
    submission_offset: int
    number: int
    events_offset: int
    accusation_id: str
    type: str
    actor: str | None
    role: str | None
    recorded_at: int
    data: str


Row = (
    Position
    | CaseRow
    | CaseEventRow
    | DecisionRow
    | OccurrenceRow
    | DisappearanceRow
    | NoticeRow
    | BatchRow
    | HeartbeatRow
    | PeopleEventRow
    | ReadingRow
    | AccusationRow
    | AccusationEventRow
    | MediationRow
    | MediationPersonRow
    | AidRow
    | AidPersonRow
    | GrantRow
    | MoveRow
    | FundRow
    | BalanceRow
    | RunningRow
    | EntryRow
    | StatementRow
    | HelpingRow
    | PlaceRow
)
TableName = Literal[
    "positions",
    "cases",
    "case_events",
    "decisions",
    "occurrences",
    "disappearances",
    "notices",
    "batches",
    "heartbeats",
    "people_events",
    "readings",
    "accusations",
    "accusation_events",
    "mediations",
    "mediation_events",
    "mediation_people",
    "aid_requests",
    "aid_events",
    "aid_people",
    "grants",
    "fund_moves",
    "funds",
    "fund_events",
    "fund_balances",
    "fund_running",
    "fund_entries",
    "statement_lines",
    "pairs",
    "pair_events",
    "pair_people",
    "pair_plans",
    "pair_visits",
    "seekers",
    "seeker_events",
    "seeker_people",
    "placements",
    "households",
    "residents",
    "inspections",
    "findings",
    "visits",
    "opinions",
]
