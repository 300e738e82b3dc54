"""One case as its page shows it: head, story, reporter, history, and what may be done next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from contracts.base import DAY_MS
from contracts.grievance import GrievancePolicy, policy_in
from contracts.lineage import above, is_gone
from contracts.reference import Register
from contracts.working_days import working_days_after
from services.projections.joint import unit_choices
from services.projections.papers import reporter_data
from services.projections.queries import CaseView
from services.projections.reading import NameOf, Opener, Reader, Words
from services.projections.rows import BatchRow, CaseRow
from services.projections.worklist import WorkingDays, category_name, working_left
from web import commands
from web.case_forms import words
from web.case_forms.kit import CommandForm
from web.forms import Form, new_form_key
from web.i18n import N_

CHANNELS: Mapping[str, str] = {
    "counter": N_("At the counter"),
    "telephone": N_("By telephone"),
    "letter": N_("By letter"),
    "visit": N_("On a visit"),
    "officer_visit": N_("Heard on an officer's visit"),
    "inspection": N_("Found on an inspection"),
    "hotline": N_("Through the hotline"),
    "web": N_("On the web"),
    "poster": N_("From a zone's poster"),
    "message_board": N_("From a message board"),
}
OUTCOME_WORDS: Mapping[str, str] = dict(
    (*words.OUTCOMES, *words.IMPORTED_OUTCOMES, *words.NOT_ACCEPTED_REASONS)
)


class Reporter(NamedTuple):
    """Who lodged a case, who speaks for all, and whom it concerns. Each is None where it was not told.

    `known`: this reader may learn it.
    """

    name: Words | None
    telephone: Words | None
    address: Words | None
    representatives: Words | None
    concerned: Words | None
    known: bool


class Head(NamedTuple):
    """The head of a case's page: names in place of ids.

    `days_left` until the deadline, negative when it has passed; `outcome`, `kind` and `severity`: message ids; `source`: the file
    that an imported case came by.
    """

    case: CaseRow
    unit: str
    zone: str | None
    category: str | None
    channel: str
    handler: str | None
    lodged_by: str | None
    days_left: float | None
    working_left: WorkingDays | None
    outcome: str | None
    kind: str | None
    severity: str | None
    escalated_to: str | None
    transferred_to: str | None
    transferred_from: str | None
    source: str | None


class Action(NamedTuple):
    """A command that is offered: its name, its place in the page, its form, where it is sent, and its key."""

    name: str
    id: str
    definition: CommandForm
    form: Form
    action: str
    form_key: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Members of staff as one reader sees them: by name, or by id where an audit reads."""

    register: Register
    name_of: NameOf
    by_name: bool

    def __call__(self, person: str) -> str:
        """Who this is."""
        return self.name_of(self.register, person) if self.by_name else person


def head_of(case: CaseRow, register: Register, staff: Staff, batch: BatchRow | None, now: int) -> Head:
    """The head of a case's page; `now` in milliseconds."""
    unit = register.unit(case.unit)
    zone = register.zone(case.unit, case.zone) if case.zone else None
    return Head(
        case=case,
        unit=unit.name if unit else case.unit,
        zone=zone.name if zone else case.zone or case.zone_told,
        category=category_name(register, case.category, case.recorded_at),
        channel=CHANNELS.get(case.channel, case.channel),
        handler=staff(case.handler) if case.handler else None,
        lodged_by=staff(case.lodged_by) if case.lodged_by else None,
        days_left=None if case.due_at is None else (case.due_at - now) / DAY_MS,
        working_left=working_left(register, case.unit, case.due_at, now),
        outcome=OUTCOME_WORDS.get(case.outcome, case.outcome) if case.outcome else None,
        kind=dict(words.CASE_KINDS).get(case.kind) if case.kind else None,
        severity=dict(words.SEVERITIES).get(case.severity) if case.severity else None,
        escalated_to=_unit_name(register, case.escalated_to),
        transferred_to=_unit_name(register, case.transferred_to),
        transferred_from=_unit_name(register, case.transferred_from),
        source=batch.source if batch else None,
    )


def _unit_name(register: Register, unit: str | None) -> str | None:
    found = register.unit(unit) if unit else None
    return found.name if found else unit


def reporter_of(view: CaseView, opener: Opener, *, known: bool) -> Reporter:
    """Who lodged the case, as last corrected; `known`: this reader may learn it."""
    data = reporter_data(view)
    if not known:
        return Reporter(None, None, None, None, None, known=False)
    return Reporter(
        name=opener.words(data.get("reporter_name"), "reporter_name"),
        telephone=opener.words(data.get("telephone"), "telephone"),
        address=opener.words(data.get("address"), "address"),
        representatives=opener.words(data.get("representative_names"), "representative_names"),
        concerned=opener.words(data.get("person_concerned"), "person_concerned"),
        known=True,
    )


def target_of(view: CaseView) -> int | None:
    """By when the source of an imported case meant to have it done, in milliseconds; it binds nobody here."""
    data: Mapping[str, Any] = orjson.loads(view.events[0].data) if view.events else {}
    told = data.get("target_at")
    return told if isinstance(told, int) else None


def actions_for(
    case: CaseRow, reader: Reader, now: int, unsent: commands.Unsent | None = None, reply: str = ""
) -> list[Action]:
    """The commands that the case's state offers and the policy lets this reader give. A courtesy only.

    The one that could not be taken is among them in any case, with what was typed. `reply`: what the reply
    form holds at first. `now`: in milliseconds.
    """
    allowed = permissions(reader.register)
    until = return_until(case, reader.register)
    names = [
        name
        for name in commands.offered(case.status)
        if reader.holds_any(allowed.get(name, ()), case.unit)
        and _fits(name, case)
        and (name != "return" or (until is not None and now <= until))
        # Whoever handles it does not follow it up.
        and (name != "record_follow_up" or case.handler != reader.actor.id)
    ]
    if unsent is not None and unsent.command not in names:
        names.append(unsent.command)
    filled = {"reply": {"reply": reply}} if reply else {}
    return [
        _action(name, case, unsent if unsent and unsent.command == name else None, filled.get(name))
        for name in names
    ]


def return_until(case: CaseRow, register: Register) -> int | None:
    """Until when a referral can be returned, in milliseconds; None where there is none to return."""
    policy = policy_in(register)
    if case.referred_at is None or policy is None:
        return None
    zone = timezone(timedelta(minutes=policy.utc_offset_minutes))
    return working_days_after(case.referred_at, policy.return_working_days, register.calendar(), zone)


def _fits(name: str, case: CaseRow) -> bool:
    """Whether the command makes sense for the case as it stands."""
    fits = _FITS.get(name)
    return fits is None or fits(case)


def _action(
    name: str, case: CaseRow, unsent: commands.Unsent | None, filled: Mapping[str, str] | None = None
) -> Action:
    return Action(
        name=name,
        id=commands.action_id(name),
        definition=commands.COMMAND_FORMS[name],
        form=unsent.form if unsent else Form(commands.labels(name), filled or {}, prefix=name),
        action=f"/intake/communities/{case.unit}/grievances/{case.case_id}/{name}",
        form_key=unsent.form_key if unsent else new_form_key(),
    )


def lets(reader: Reader, command: str, unit: str) -> bool:
    """Whether the policy lets this reader give the command here. A courtesy only."""
    return reader.holds_any(permissions(reader.register).get(command, ()), unit)


def permissions(register: Register) -> Mapping[str, Sequence[str]]:
    """Command → the roles that the policy in force lets give it."""
    policy = policy_of(register)
    return policy.permissions if policy else {}


def policy_of(register: Register) -> GrievancePolicy | None:
    """The grievance policy in force; None where there is none that can be read."""
    try:
        return policy_in(register)
    except ValidationError:
        return None


def communities_beside(unit: str, register: Register, now: int) -> list[tuple[str, str]]:
    """The communities that a case of this one can be transferred to; successors of a unit that is gone first."""
    standing = [
        (one.unit, one.name)
        for one in register.units(now)
        if one.tier == "community" and one.unit != unit and not is_gone(register, one.unit, now)
    ]
    into = set(above(register, unit, now))
    return sorted(standing, key=lambda one: one[0] not in into)


def choices_in(unit: str, register: Register, staff: Staff, now: int) -> Mapping[str, list[tuple[str, str]]]:
    """What the fields of commands offer: the zones of the community, and its handlers."""
    posts = register.appointments(now)
    held = dict.fromkeys(post.person for post in posts if post.role == "handler")
    people = [person for person in held if register.holds(person, "handler", unit, now)]
    return {
        "zone": [(zone.zone, zone.name) for zone in register.zones(unit)],
        "category": commands.category_choices(register),
        "handler": [(person, staff(person)) for person in people],
        "unit": unit_choices(register, now),
        "units": unit_choices(register, now),
        "community": communities_beside(unit, register, now),
    }


_FITS: Mapping[str, Callable[[CaseRow], bool]] = {
    "correct": lambda case: not case.anonymous,
    "acknowledge_danger": lambda case: case.danger_due_at is not None,
    "name_representatives": lambda case: case.petitioners is not None,
    "record_follow_up": lambda case: case.replies > 0 or case.closed_at is not None,
    "triage": lambda case: case.kind is None,
    "ask_extension": lambda case: case.extension is None and not case.overdue,
    "decide_extension": lambda case: case.extension == "asked",
    "pause": lambda case: case.due_deadline == "handle" and not case.overdue,
    "resume": lambda case: case.due_deadline == "pause",
    "start_joint_handling": lambda case: not case.joint_open,
    "record_joint_part": lambda case: case.joint_open,
    "end_joint_handling": lambda case: case.joint_open,
    "reply": lambda case: not case.joint_open,
    "close": lambda case: not case.joint_open,
    "propose_reclassification": lambda case: case.kind is not None and not case.proposed,
    "decide_reclassification": lambda case: case.proposed,
    "propose_risk_flag": lambda case: not case.risk_proposed,
    "decide_risk_flag": lambda case: case.risk_proposed,
    "report_risk": lambda case: case.risk_until is not None,
    "lift_risk_flag": lambda case: case.risk_until is not None,
    "record_result_returned": lambda case: case.result_owed,
    "record_service": lambda case: case.unserved,
    "ask_withdrawal": lambda case: not case.withdrawal_asked,
    "request_review": lambda case: case.review_until is not None,
}
"""Command → whether it makes sense for a case as it stands; the others always do in their states."""
