"""The tables of the read model, once for each generation, so that a rebuild goes beside (invariant 15)."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from contracts.envelope import Outcome
from contracts.figures import OPEN
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
from services.projections.helping_rows import (
    HelpingPersonRow,
    PairPlanRow,
    PairRow,
    PairVisitRow,
    PlacementRow,
    SeekerRow,
)
from services.projections.mediation_rows import MediationPersonRow, MediationRow
from services.projections.notice_rows import NoticeRow
from services.projections.place_rows import (
    FindingRow,
    HouseholdRow,
    InspectionRow,
    OpinionRow,
    ResidentRow,
    VisitRow,
)
from services.projections.rows import (
    AccusationEventRow,
    AccusationRow,
    BatchRow,
    CaseEventRow,
    CaseRow,
    DecisionRow,
    DisappearanceRow,
    HeartbeatRow,
    OccurrenceRow,
    PeopleEventRow,
    Position,
    ReadingRow,
    Row,
    TableName,
)

NOT_RECORDED: tuple[Outcome, ...] = ("refused", "conflict", "unsupported", "unreadable")
"""Outcomes of submissions that were not recorded as somebody asked."""

FAR = 2**53 - 1
"""Where a case without a deadline stands among those with one, in milliseconds."""

PROJECTION_VERSION = 6
"""Changes whenever a fold or a table does: a read model of another version must be rebuilt."""

ROWS: dict[TableName, type[Row]] = {
    "positions": Position,
    "cases": CaseRow,
    "case_events": CaseEventRow,
    "decisions": DecisionRow,
    "occurrences": OccurrenceRow,
    "disappearances": DisappearanceRow,
    "notices": NoticeRow,
    "batches": BatchRow,
    "heartbeats": HeartbeatRow,
    "people_events": PeopleEventRow,
    "readings": ReadingRow,
    "accusations": AccusationRow,
    "accusation_events": AccusationEventRow,
    "mediations": MediationRow,
    "mediation_events": CaseEventRow,
    "mediation_people": MediationPersonRow,
    "aid_requests": AidRow,
    "aid_events": CaseEventRow,
    "aid_people": AidPersonRow,
    "grants": GrantRow,
    "fund_moves": MoveRow,
    "funds": FundRow,
    "fund_events": CaseEventRow,
    "fund_balances": BalanceRow,
    "fund_running": RunningRow,
    "fund_entries": EntryRow,
    "statement_lines": StatementRow,
    "pairs": PairRow,
    "pair_events": CaseEventRow,
    "pair_people": HelpingPersonRow,
    "pair_plans": PairPlanRow,
    "pair_visits": PairVisitRow,
    "seekers": SeekerRow,
    "seeker_events": CaseEventRow,
    "seeker_people": HelpingPersonRow,
    "placements": PlacementRow,
    "households": HouseholdRow,
    "residents": ResidentRow,
    "inspections": InspectionRow,
    "findings": FindingRow,
    "visits": VisitRow,
    "opinions": OpinionRow,
}

KEYS: dict[TableName, tuple[str, ...]] = {
    "positions": ("family", "partition"),
    "cases": ("case_id", "partition"),
    "case_events": ("partition", "submission_offset", "number"),
    "decisions": ("family", "partition", "submission_offset"),
    "occurrences": ("partition", "submission_offset", "number"),
    "disappearances": ("partition", "submission_offset", "number"),
    "notices": ("partition", "submission_offset", "number", "receiver"),
    "batches": ("family", "partition", "batch_id"),
    "heartbeats": ("family", "partition", "submission_offset"),
    "people_events": ("partition", "submission_offset", "number"),
    "readings": ("partition", "submission_offset", "number"),
    "accusations": ("accusation_id", "partition"),
    "accusation_events": ("partition", "submission_offset", "number"),
    "mediations": ("mediation_id", "partition"),
    "mediation_events": ("partition", "submission_offset", "number"),
    "mediation_people": ("mediation_id", "subject", "partition"),
    "aid_requests": ("request_id", "partition"),
    "aid_events": ("partition", "submission_offset", "number"),
    "aid_people": ("request_id", "subject", "partition"),
    "grants": ("partition", "submission_offset", "number", "nth"),
    "fund_moves": ("partition", "submission_offset", "number"),
    "funds": ("fund_id", "partition"),
    "fund_events": ("partition", "submission_offset", "number"),
    "fund_balances": ("fund_id", "account", "purpose", "year", "partition"),
    "fund_running": ("fund_id", "purpose", "partition"),
    "fund_entries": ("partition", "submission_offset", "number", "part"),
    "statement_lines": ("partition", "submission_offset", "number"),
    "pairs": ("pair_id", "partition"),
    "pair_events": ("partition", "submission_offset", "number"),
    "pair_people": ("stream_id", "subject", "partition"),
    "pair_plans": ("pair_id", "number", "partition"),
    "pair_visits": ("partition", "submission_offset", "number"),
    "seekers": ("seeker_id", "partition"),
    "seeker_events": ("partition", "submission_offset", "number"),
    "seeker_people": ("stream_id", "subject", "partition"),
    "placements": ("seeker_id", "number", "partition"),
    "households": ("household_id", "partition"),
    "residents": ("resident_id", "partition"),
    "inspections": ("inspection_id", "partition"),
    "findings": ("inspection_id", "number", "partition"),
    "visits": ("visit_id", "partition"),
    "opinions": ("visit_id", "number", "partition"),
}

CHANGING = CaseRow._fields[CaseRow._fields.index("status") :]
"""The columns of a case that events after its lodging change."""

_LONG = frozenset(
    {
        "title",
        "story",
        "data",
        "redacted",
        "letters_unserved",
        "address",
        "resident_name",
        "text",
        "how",
        "note",
        "against",
        "excluded",
        "entrusted",
        "mediators",
        "joint",
        "held",
    }
)

READ_MODEL = Table(
    "read_model",
    MetaData(),
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("ledger", String, nullable=False),
    Column("genesis_hash", String, nullable=False),
    Column("projection_version", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("last_generation", Integer, nullable=False),
)
"""One row: whose read model this is, and which generation is in force.

`last_generation` is the highest number that was ever given to a generation.
"""


READ_UNTIL = Table(
    "notices_read",
    MetaData(),
    Column("actor", String, primary_key=True),
    Column("partition", BigInteger, primary_key=True, autoincrement=False),
    Column("submission_offset", BigInteger, nullable=False),
)
"""Up to which submission of each partition a member of staff has read their notices; of no generation (ADR 0036)."""


class Tables(NamedTuple):
    """The tables of one generation."""

    metadata: MetaData
    generation: int
    positions: Table
    cases: Table
    case_events: Table
    decisions: Table
    occurrences: Table
    disappearances: Table
    notices: Table
    batches: Table
    heartbeats: Table
    people_events: Table
    readings: Table
    accusations: Table
    accusation_events: Table
    mediations: Table
    mediation_events: Table
    mediation_people: Table
    aid_requests: Table
    aid_events: Table
    aid_people: Table
    grants: Table
    fund_moves: Table
    funds: Table
    fund_events: Table
    fund_balances: Table
    fund_running: Table
    fund_entries: Table
    statement_lines: Table
    pairs: Table
    pair_events: Table
    pair_people: Table
    pair_plans: Table
    pair_visits: Table
    seekers: Table
    seeker_events: Table
    seeker_people: Table
    placements: Table
    households: Table
    residents: Table
    inspections: Table
    findings: Table
    visits: Table
    opinions: Table

    def named(self, name: TableName) -> Table:
        """The table of this name."""
        table: Table = getattr(self, name)
        return table


@functools.cache
def tables_of(generation: int) -> Tables:
    """The tables of a generation; nothing is created in a database."""
    metadata = MetaData()
    tables = {name: _table(name, generation, metadata) for name in ROWS}
    # Beside the row: where the submissions ended when last looked at, which no decision tells.
    tables["positions"].append_column(Column("submissions_end", BigInteger, nullable=False))
    _add_indices(**tables)
    _add_place_indices(**tables)
    _add_aid_indices(tables["aid_requests"], tables["fund_entries"], tables)
    _add_helping_indices(tables)
    return Tables(metadata, generation, **tables)


def _table(name: TableName, generation: int, metadata: MetaData) -> Table:
    hints = get_type_hints(ROWS[name])
    columns = [_column(field, hints[field], KEYS[name]) for field in ROWS[name]._fields]
    return Table(f"g{generation}_{name}", metadata, *columns)


def _column(name: str, hint: object, key: tuple[str, ...]) -> Column[Any]:
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return Column(
        name,
        _type(name, kinds[0]),
        primary_key=name in key,
        autoincrement=False,
        nullable=type(None) in kinds,
    )


def _type(name: str, kind: object) -> TypeEngine[Any]:
    if kind is bool:
        return Boolean()
    if kind is int:
        return BigInteger()
    if kind is not str and get_origin(kind) is not Literal:
        raise TypeError(f"no column type for {kind}")
    # The order of texts is the order of their bytes on both databases.
    return Text() if name in _LONG else String().with_variant(String(collation="C"), "postgresql")


def open_now(cases: Table) -> ColumnElement[bool]:
    """Whether a case is open, in the very words of the index of open cases: SQLite uses it for no others."""
    return cases.c.status.in_([literal_column(f"'{status}'") for status in OPEN])


def not_taken(decisions: Table) -> ColumnElement[bool]:
    """Whether a submission was not recorded as somebody asked, in the very words of the index of those."""
    return decisions.c.outcome.in_([literal_column(f"'{outcome}'") for outcome in NOT_RECORDED])


def due_order(table: Table) -> ColumnElement[int]:
    """What a list by deadlines, and the index of open cases, is ordered by: the deadline, FAR where none runs."""
    return func.coalesce(table.c.due_at, literal_column(str(FAR)))


def _add_indices(
    *,
    cases: Table,
    case_events: Table,
    decisions: Table,
    occurrences: Table,
    disappearances: Table,
    people_events: Table,
    readings: Table,
    **others: Table,
) -> None:
    case = cases.c
    _index("tracking", case.tracking)
    _index("worklist", case.unit, case.status, case.due_at)
    _index("open", case.unit, due_order(cases), case.lodged_at, case.case_id, where=open_now(cases))
    _index("changed", case.unit, case.changed_at, case.case_id)
    _index("zone", case.unit, case.zone, case.due_at)
    _index("handler", case.handler, case.status, case.due_at, where=case.handler.is_not(None))
    _index("due", case.due_at, where=case.due_at.is_not(None))
    _index("owed", case.unit, case.changed_at, where=case.result_owed)
    _index("unserved", case.unit, case.changed_at, where=case.unserved)
    _index("danger", case.danger_due_at, where=case.danger_due_at.is_not(None))
    _index("unsettled", case.unit, case.unsettled, case.changed_at, where=case.unsettled.is_not(None))
    _index("accept_due", case.unit, case.accept_due, where=case.accept_due.is_not(None))
    _index("handle_due", case.unit, case.handle_due, where=case.handle_due.is_not(None))
    _index("concluded", case.unit, case.concluded_at, where=case.concluded_at.is_not(None))
    _index("escalation", case.escalate_at, where=case.escalate_at.is_not(None))
    _index("import", case.partition, case.batch, where=case.due_deadline.is_not(None))
    _index("delay", case.unit, case.reply_delay, where=case.reply_delay.is_not(None))
    _index("lodged", case.unit, case.lodged_at)
    _index("transit", case.case_id, where=case.in_transit)
    _index("reporter", case.reporter, case.lodged_at, where=case.reporter.is_not(None))
    _index("parts", case.split_from, where=case.split_from.is_not(None))
    _index("merged", case.merged_into, where=case.merged_into.is_not(None))
    _index("case", case_events.c.case_id)
    _index("submission", decisions.c.submission_id)
    _index("subject", decisions.c.subject)
    order = (
        decisions.c.recorded_at,
        decisions.c.family,
        decisions.c.partition,
        decisions.c.submission_offset,
    )
    _index("turned_down", *order, where=not_taken(decisions))
    _index("unreadable", decisions.c.recorded_at, where=decisions.c.outcome == "unreadable")
    _index("case", occurrences.c.case_id)
    _index("unit", disappearances.c.unit, disappearances.c.recorded_at)
    _index("receiver", others["notices"].c.receiver, others["notices"].c.recorded_at)
    _index("stream", people_events.c.stream)
    _index("about", people_events.c.about, where=people_events.c.about.is_not(None))
    _index("unit", people_events.c.unit, people_events.c.type)
    _index("about", readings.c.about, readings.c.recorded_at)
    accusations, accusation_events = others["accusations"], others["accusation_events"]
    _index("queue", accusations.c.unit, accusations.c.status, accusations.c.lodged_at)
    _index("tracking", accusations.c.tracking)
    _index("accusation", accusation_events.c.accusation_id)
    mediation, mediation_events = others["mediations"].c, others["mediation_events"]
    _index("list", mediation.unit, mediation.status, mediation.started_at)
    _index("figures", mediation.unit, mediation.started_at)
    _index("due", mediation.due_at, where=mediation.due_at.is_not(None))
    _index("mediation", mediation_events.c.case_id)
    _index("subject", others["mediation_people"].c.subject)


def _add_aid_indices(aid_requests: Table, fund_entries: Table, of: Mapping[TableName, Table]) -> None:
    request, entry = aid_requests.c, fund_entries.c
    _index("list", request.unit, request.status, request.applied_at)
    _index("figures", request.unit, request.applied_at)
    _index("due", request.due_at, where=request.due_at.is_not(None))
    _index("notice", request.unit, request.notice_until, where=request.notice_until.is_not(None))
    _index("asked", request.request_id, where=request.asked_round.is_not(None))
    _index("tracking", request.tracking, where=request.tracking.is_not(None))
    _index("applicant", request.applicant, where=request.applicant.is_not(None))
    _index("household", request.household, where=request.household.is_not(None))
    _index("request", of["aid_events"].c.case_id)
    _index("subject", of["aid_people"].c.subject)
    _index("figures", of["grants"].c.unit, of["grants"].c.given_at)
    _index("request", of["grants"].c.request_id)
    _index("request", of["fund_moves"].c.request_id)
    _index("stream", of["fund_events"].c.case_id)
    _index("request", entry.request, entry.round, where=entry.request.is_not(None))
    _index("runs", entry.fund_id, entry.purpose, entry.kind, entry.from_fen)
    _index("tracking", entry.tracking, where=entry.tracking.is_not(None))
    _index("donor", entry.donor, where=entry.donor.is_not(None))
    _index("list", of["statement_lines"].c.fund_id, of["statement_lines"].c.booked_at)


def _add_helping_indices(of: Mapping[TableName, Table]) -> None:
    pair, plan, visit = of["pairs"].c, of["pair_plans"].c, of["pair_visits"].c
    seeker, placement = of["seekers"].c, of["placements"].c
    _index("list", pair.unit, pair.ended, due_order(of["pairs"]), pair.began_at)
    _index("figures", pair.unit, pair.began_at)
    _index("helped", pair.helped, where=pair.ended.is_(None))
    _index("household", pair.household, where=pair.household.is_not(None))
    _index("figures", plan.unit, plan.due_at)
    _index("figures", visit.unit, visit.at)
    _index("list", seeker.unit, seeker.ended, due_order(of["seekers"]), seeker.registered_at)
    _index("figures", seeker.unit, seeker.registered_at)
    _index("person", seeker.person, where=seeker.person.is_not(None))
    _index("household", seeker.household, where=seeker.household.is_not(None))
    _index("figures", placement.unit, placement.began_at)
    _index("stream", of["pair_events"].c.case_id)
    _index("stream", of["seeker_events"].c.case_id)
    _index("subject", of["pair_people"].c.subject)
    _index("subject", of["seeker_people"].c.subject)


def _add_place_indices(
    *,
    households: Table,
    residents: Table,
    inspections: Table,
    findings: Table,
    visits: Table,
    opinions: Table,
    **_others: Table,
) -> None:
    _index("zone", households.c.unit, households.c.zone, households.c.entered_at)
    _index("household", residents.c.household)
    _index("subject", residents.c.subject)
    _index("kind", inspections.c.unit, inspections.c.inspection, inspections.c.period)
    _index("at", inspections.c.unit, inspections.c.at)
    _index("open", findings.c.unit, findings.c.at, where=findings.c.put_right_at.is_(None))
    _index("at", visits.c.unit, visits.c.at)
    _index("at", opinions.c.unit, opinions.c.at)
    _index("grown", opinions.c.grievance, where=opinions.c.grievance.is_not(None))
    _index("grown", findings.c.grievance, where=findings.c.grievance.is_not(None))
    _index("way", residents.c.unit, where=residents.c.state == "on_the_way")


def _index(name: str, *columns: ColumnElement[Any], where: Any = None) -> None:
    table: Table = columns[0].table
    Index(f"{table.name}_{name}", *columns, sqlite_where=where, postgresql_where=where)
