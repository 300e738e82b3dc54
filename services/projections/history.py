"""A case's history as its page tells it: what happened and what was turned down, in the order of the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import orjson

from contracts.desk import INTERNAL
from contracts.figures import is_late_entered
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.topics import events_topic
from services.projections.joint import JOINT, joint_facts
from services.projections.letters import office_word
from services.projections.papers import MEDIA_WORDS, REDACTION_REASONS, REPORTER_FIELDS
from services.projections.queries import CaseView
from services.projections.reading import Opener, Words
from services.projections.rows import CaseEventRow, DecisionRow
from web import commands
from web.case_forms import mediation, words
from web.case_forms.danger import DANGERS, FINDINGS
from web.case_forms.outside import RETURN_MANNERS
from web.case_forms.risk import RISK_FACTS
from web.i18n import N_, Gettext

FAMILY = "grievance"
LETTER_MADE = "grievance.letter_made.v1"
CORRECTED = "grievance.corrected.v1"
_ABOUT_REPORTER = frozenset({"grievance.lodged.v1", CORRECTED})

EVENT_TITLES: Mapping[str, str] = {
    "lodged": N_("Lodged"),
    "triaged": N_("Triaged"),
    "accepted": N_("Accepted"),
    "not_accepted": N_("Not accepted"),
    "assigned": N_("Assigned"),
    "referred": N_("Referred within"),
    "returned": N_("Referral returned"),
    "extension_asked": N_("Extension asked for"),
    "extension_decided": N_("Extension decided on"),
    "paused": N_("Term paused"),
    "resumed": N_("Term runs on"),
    "joint_handling_started": N_("Joint handling begun"),
    "joint_part_recorded": N_("Part of the joint handling recorded"),
    "joint_handling_ended": N_("Joint handling ended"),
    "urged": N_("Urged"),
    "escalated": N_("Passed up the chain"),
    "service_recorded": N_("Service recorded"),
    "letter_made": N_("Letter made"),
    "result_returned": N_("Result sent back"),
    "risk_flag_proposed": N_("Risk flag proposed"),
    "risk_flag_decided": N_("Risk flag decided on"),
    "risk_reported": N_("Risk reported"),
    "risk_flag_lifted": N_("Risk flag lifted"),
    "note_added": N_("Internal note"),
    "related_noted": N_("A mediation or an aid request of this case was concluded"),
    "review_requested": N_("Review requested"),
    "review_answered": N_("Review answered"),
    "reclassification_proposed": N_("Reclassification proposed"),
    "reclassification_decided": N_("Reclassification decided on"),
    "recused": N_("Handler recused"),
    "withdrawal_asked": N_("Withdrawal asked for"),
    "handed_to_inspection": N_("Handed to the office of inspection"),
    "withdrawn": N_("Withdrawn by the complainant"),
    "withdrawal_undone": N_("Withdrawal taken back by the complainant"),
    "merged": N_("Merged into another case"),
    "unmerged": N_("Merging undone"),
    "transferred_out": N_("Transferred to another community"),
    "transferred_in": N_("Taken in from another community"),
    "transfer_confirmed": N_("The other community has taken it in"),
    "transfer_released": N_("The transfer was refused; the case is back"),
    "progress_recorded": N_("Progress recorded"),
    "replied": N_("Replied"),
    "resolved": N_("Resolved"),
    "closed": N_("Closed"),
    "reopened": N_("Reopened"),
    "occurrence_recorded": N_("Occurrence recorded"),
    "attached": N_("File attached"),
    "redacted": N_("Redacted"),
    "representatives_named": N_("Representatives named"),
    "danger_acknowledged": N_("Possible danger: somebody has looked"),
    "danger_overdue": N_("Possible danger: nobody had looked in time; the supervisor is called upon"),
    "corrected": N_("Reporter's data corrected"),
    "overdue": N_("Deadline passed"),
    "information_added": N_("Information added by the complainant"),
    "rated": N_("Rated by the complainant"),
    "follow_up_recorded": N_("Follow-up recorded"),
}
STAFF_ONLY = N_("Staff only, never shown to the complainant")
BY_RULE = N_("Passed up the chain by rule")
HISTORICAL = N_("Deadline passed (historical)")
OTHER_COMMANDS: Mapping[str, str] = {
    "lodge": N_("Lodge"),
    "attach": N_("Attach a file"),
    "redact": N_("Redact"),
    "add_information": N_("Add information"),
    "rate": N_("Rate the reply"),
    "deadline_due": N_("Deadline passed"),
    "receive_transfer": N_("Take in a transferred case"),
    "confirm_transfer": N_("Confirm a transfer"),
    "release_transfer": N_("Take back a transferred case"),
    "open_import": N_("Open an import"),
    "close_import": N_("Close an import"),
    "note_related": N_("Say what a mediation or an aid request of this case came to"),
    "start": N_("Start a mediation"),
    "heartbeat": N_("Heartbeat"),
    "activate_rules": N_("Activate rules"),
    "define_unit": N_("Enter a unit"),
    "define_zone": N_("Enter a zone"),
    "define_person": N_("Enter a person"),
    "appoint": N_("Appoint"),
    "end_appointment": N_("End an appointment"),
    "define_categories": N_("Enter categories"),
    "define_policy": N_("Enter a policy"),
}
"""Commands that have no form among `web.commands`."""

WITHOUT_REASON: Mapping[str, str] = {
    "conflict": N_("Another text was sent before under the same key. The first one stands."),
    "unsupported": N_("This kind of submission is not known to the rules in force."),
}
RELATED: Mapping[str, str] = {
    "agreed": N_("Mediated: an agreement is in force"),
    "refused": N_("Mediation: a party refused"),
    "failed": N_("Mediation: no agreement"),
    "withdrawn": N_("Withdrawn"),
    "referred": N_("Mediation: referred elsewhere"),
    "approved": N_("Aid: approved"),
    "rejected": N_("Aid: refused"),
    "stopped": N_("Aid: stopped"),
}
DEADLINES: Mapping[str, str] = {
    "accept": N_("Term for acceptance"),
    "handle": N_("Term for handling"),
    "review": N_("Term for the review"),
    "escalate": N_("Passed up by rule"),
    "danger_seen": N_("Somebody on duty looks by"),
    "pause": N_("End of the pause"),
}
_STARTS: Mapping[str, str] = {
    "until": "pause",
    "accept_due_at": "accept",
    "handle_due_at": "handle",
    "answer_due_at": "review",
}
"""Field of an event that starts a term → which."""
_TEXTS = ("note", "reply", "remedy", "split_note")
"""Fields of events that hold free text."""


_WITHHELD: Mapping[str, str] = {
    "sealed": N_("sealed for your role"),
    "redacted": N_("redacted"),
    "erased": N_("erased"),
    "damaged": N_("cannot be opened with the key at hand"),
}


class _Choice(NamedTuple):
    """A field of an event that holds one of a few values, with its label and the words for them."""

    field: str
    label: str
    words: tuple[tuple[str, str], ...]


_CLASS = (
    _Choice("kind", N_("Kind of matter"), words.CASE_KINDS),
    _Choice("severity", N_("Severity"), words.SEVERITIES),
)
_CHOICES: Mapping[str, tuple[_Choice, ...]] = {
    "lodged": (_Choice("danger", N_("Words that may tell of"), DANGERS),),
    "danger_acknowledged": (_Choice("finding", N_("What was found"), FINDINGS),),
    "triaged": _CLASS,
    "reclassification_proposed": _CLASS,
    "reclassification_decided": (_Choice("verdict", N_("Verdict"), words.VERDICTS), *_CLASS),
    "extension_decided": (_Choice("verdict", N_("Verdict"), words.VERDICTS),),
    "service_recorded": (
        _Choice("result", N_("Result of the service"), words.SERVICE_RESULTS),
        _Choice("manner", N_("How it was served"), words.SERVICE_MANNERS),
        _Choice("recipient", N_("To whom"), words.RECIPIENTS),
        _Choice("acknowledged", N_("Receipt confirmed by"), words.ACKNOWLEDGEMENTS),
    ),
    "result_returned": (_Choice("manner", N_("How it was sent back"), RETURN_MANNERS),),
    "risk_flag_proposed": (
        _Choice("fact", N_("What was seen or heard"), RISK_FACTS),
        _Choice("days", N_("For how many days"), ()),
    ),
    "risk_flag_decided": (
        _Choice("verdict", N_("Verdict"), words.VERDICTS),
        _Choice("fact", N_("What was seen or heard"), RISK_FACTS),
    ),
    "review_requested": (_Choice("stage", N_("Stage"), words.REVIEW_STAGES),),
    "review_answered": (_Choice("result", N_("Result of the review"), words.REVIEW_RESULTS),),
    "rated": (_Choice("satisfaction", N_("Satisfaction"), words.SATISFACTIONS),),
    "follow_up_recorded": (_Choice("reached", N_("Reached"), words.REACHED),),
    "paused": (_Choice("reason", N_("Reason"), words.PAUSE_REASONS),),
    "closed": (_Choice("outcome", N_("Outcome"), (*words.OUTCOMES, *words.IMPORTED_OUTCOMES)),),
    "not_accepted": (_Choice("reason", N_("Reason"), words.NOT_ACCEPTED_REASONS),),
    "occurrence_recorded": (_Choice("kind", N_("What occurred"), words.OCCURRENCES),),
    "attached": (_Choice("media_type", N_("Kind of file"), tuple(MEDIA_WORDS.items())),),
    "redacted": (_Choice("reason", N_("Reason"), tuple(REDACTION_REASONS.items())),),
}


class Fact(NamedTuple):
    """A detail of an event: its label and its value."""

    label: str
    value: str


class Moment(NamedTuple):
    """One entry of the history, its words in the visitor's language; times in milliseconds.

    `text`: what was written; `facts`: further details; `due`: a deadline that starts or that has passed,
    after its label; `reason`: why it was turned down; `apart`: how it came where it was not told at once;
    `position`: where it stands on the log.
    """

    title: str
    outcome: str
    recorded: int
    occurred: int | None
    actor: str | None
    role: str | None
    position: str
    text: Words | None = None
    facts: tuple[Fact, ...] = ()
    due: tuple[str, int] | None = None
    reason: str | None = None
    apart: str | None = None


class _Place(NamedTuple):
    """What the history is ordered by: offsets within the case's partition, else the time of recording."""

    clock: int
    partition: int
    offset: int
    number: int


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the history of one case to one reader. `name_of`: a member of staff as the reader sees them."""

    register: Register
    unit: str
    opener: Opener
    name_of: Callable[[str], str]
    gettext: Gettext

    def history(self, view: CaseView, turned_down: Sequence[DecisionRow]) -> list[Moment]:
        """Events and refusals in the order of the log."""
        here = view.case.partition
        found: list[tuple[_Place, Moment]] = []
        known: dict[str, Any] = {}
        for row in view.events:
            if row.type == LETTER_MADE and found:
                place, moment = found[-1]
                letter = tuple(self._facts("letter_made", orjson.loads(row.data)))
                found[-1] = place, moment._replace(facts=moment.facts + letter)
                continue
            moment = self._event(row)
            if row.type in _ABOUT_REPORTER:
                data = orjson.loads(row.data)
                if known and row.type == CORRECTED:
                    moment = moment._replace(facts=tuple(self._corrected(known, data)))
                known |= {name: data[name] for name in REPORTER_FIELDS if name in data}
            found.append((_place(row), moment))
        found += [(_place(row), self._turned_down(row)) for row in turned_down]
        own = sorted((one for one in found if one[0].partition == here), key=_by_offset)
        clocks = accumulate((place.clock for place, _ in own), max)
        timed = [(one[0]._replace(clock=at), one[1]) for one, at in zip(own, clocks, strict=True)]
        timed += [one for one in found if one[0].partition != here]
        return [told for _, told in sorted(timed, key=lambda one: one[0])]

    def _event(self, row: CaseEventRow) -> Moment:
        kind = event_name(row.type)
        data = orjson.loads(row.data)
        texts = (self.opener.words(data.get(name), name) for name in _TEXTS)
        title = EVENT_TITLES.get(kind, kind)
        if kind == "overdue" and data.get("historical", False):
            title = HISTORICAL
        elif kind == "escalated" and data.get("by_rule", False):
            title = BY_RULE
        return Moment(
            title=self.gettext(title),
            outcome="accepted",
            recorded=row.recorded_at,
            occurred=row.occurred_at,
            actor=self.name_of(row.actor) if row.actor else None,
            role=row.role,
            position=position_of(FAMILY, row.partition, row.events_offset),
            text=next((text for text in texts if text is not None), None),
            facts=tuple(self._facts(kind, data)),
            due=self._due(data),
            apart=self.gettext(STAFF_ONLY) if row.type in INTERNAL else self._apart(row),
        )

    def _turned_down(self, row: DecisionRow) -> Moment:
        reason = reason_sentence(row)
        return Moment(
            title=self.gettext(command_title(row.submission_type)),
            outcome=row.outcome,
            recorded=row.recorded_at,
            occurred=row.occurred_at,
            actor=self.name_of(row.actor) if row.actor else None,
            role=row.role,
            position=position_of(row.family, row.partition, row.events_offset),
            reason=self.gettext(reason) if reason else None,
            apart=self._apart(row),
        )

    def _apart(self, row: CaseEventRow | DecisionRow) -> str | None:
        """Imported and late-entered records are shown apart (invariant 10)."""
        if row.batch is not None:
            return self.gettext(N_("Imported"))
        told_at = row.recorded_at if row.occurred_at is None else row.occurred_at
        return (
            self.gettext(N_("Entered late"))
            if is_late_entered(told_at, row.recorded_at, imported=False)
            else None
        )

    def _facts(self, kind: str, data: Mapping[str, Any]) -> list[Fact]:
        if kind in ("assigned", "recused"):
            return [Fact(self.gettext(N_("Handler")), self.name_of(str(data["handler"])))]
        if kind in ("escalated", "risk_reported", "transferred_out"):
            return [Fact(self.gettext(N_("To unit")), self._unit_name(str(data["to"])))]
        if kind == "transferred_in":
            return [Fact(self.gettext(N_("From unit")), self._unit_name(str(data["origin_unit"])))]
        if kind == "transfer_released":
            reason = REASONS.get(str(data["reason"]), str(data["reason"]))
            return [Fact(self.gettext(N_("Reason")), self.gettext(reason))]
        if kind in ("referred", "returned") and "zone" in data:
            zone = self.register.zone(self.unit, str(data["zone"]))
            return [Fact(self.gettext(N_("To zone")), zone.name if zone else str(data["zone"]))]
        if kind in JOINT:
            return [Fact(self.gettext(label), value) for label, value in joint_facts(self.register, data)]
        if kind == "related_noted":
            word = RELATED[str(data["came_to"])]
            return [Fact(self.gettext(N_("Outcome")), self.gettext(word))]
        if kind == "letter_made":
            return [Fact(self.gettext(N_("Letter")), self._letter(data["kind"], data["number"]))]
        if kind == "corrected":
            fields = [
                self.gettext(commands.labels("correct")[name]) for name in REPORTER_FIELDS if name in data
            ]
            return [Fact(self.gettext(N_("Corrected")), self.gettext(N_(", ")).join(fields))]
        facts = [
            self._chosen(one, str(data[one.field])) for one in _CHOICES.get(kind, ()) if one.field in data
        ]
        remains = self.opener.words(data.get("remains"), "remains")
        if remains is not None and remains.state == "open":
            facts.append(Fact(self.gettext(N_("Still open")), remains.text))
        if "letter" in data:
            facts.append(Fact(self.gettext(N_("Letter")), office_word(str(data["letter"]))))
        return facts

    def _corrected(self, known: Mapping[str, Any], data: Mapping[str, Any]) -> list[Fact]:
        """Of each field that was corrected, the value before and the value after."""
        return [
            Fact(
                self.gettext(commands.labels("correct")[name]),
                self.gettext(N_("%(before)s → %(after)s"))
                % {"before": self._value(known.get(name), name), "after": self._value(data[name], name)},
            )
            for name in REPORTER_FIELDS
            if name in data
        ]

    def _value(self, sealed: Any, field: str) -> str:
        found = self.opener.words(sealed, field)
        if found is None:
            return self.gettext(N_("not told"))
        return found.text if found.state == "open" else self.gettext(_WITHHELD[found.state])

    def _letter(self, kind: str, number: str) -> str:
        word = self.gettext(dict(words.LETTER_KINDS).get(kind, kind))
        return f"{word} {office_word(number)}"

    def _unit_name(self, unit: str) -> str:
        found = self.register.unit(unit)
        return found.name if found else unit

    def _chosen(self, choice: _Choice, value: str) -> Fact:
        return Fact(self.gettext(choice.label), self.gettext(dict(choice.words).get(value, value)))

    def _due(self, data: Mapping[str, Any]) -> tuple[str, int] | None:
        if "deadline" in data:
            deadline = str(data["deadline"])
            return self.gettext(DEADLINES.get(deadline, deadline)), int(data["due_at"])
        if kind_until := data.get("until") if "fact" in data else None:
            return self.gettext(N_("The flag ends by itself")), int(kind_until)
        if data.get("review_until") is not None:
            return self.gettext(N_("A review can be asked for until")), int(data["review_until"])
        for field, deadline in _STARTS.items():
            if field in data:
                return self.gettext(DEADLINES[deadline]), int(data[field])
        return None


def _place(row: CaseEventRow | DecisionRow) -> _Place:
    number = row.number if isinstance(row, CaseEventRow) else 0
    return _Place(row.recorded_at, row.partition, row.submission_offset, number)


def _by_offset(one: tuple[_Place, Moment]) -> tuple[int, int]:
    return one[0].offset, one[0].number


def event_name(event_type: str) -> str:
    """The name of an event type without family and version: `lodged`."""
    return event_type.split(".")[1]


def position_of(family: str, partition: int, events_offset: int) -> str:
    """Where a decision stands: topic, partition and offset."""
    return f"{events_topic(family)}/{partition}/{events_offset}"


def command_title(submission_type: str | None) -> str:
    """What somebody wanted to do, as a message id; the type itself where it has no words."""
    if submission_type is None:
        return N_("A record that is no submission")
    name = submission_type.split(".")[1] if submission_type.count(".") else submission_type
    if submission_type.startswith("mediation."):
        form = mediation.FORMS.get(name) or mediation.AGREEMENTS.get(name)
    else:
        form = commands.COMMAND_FORMS.get(name)
    return form.title if form else OTHER_COMMANDS.get(name, submission_type)


def is_about_a_case(row: DecisionRow) -> bool:
    """Whether a submission that was turned down is about a case that there is."""
    names_one = row.family == FAMILY and (row.subject or "").startswith("grv_")
    return names_one and row.reason != "not_found" and row.submission_type != "grievance.lodge.v1"


def reason_sentence(row: DecisionRow) -> str | None:
    """Why something was turned down, as a message id; a code that has no sentence stands for itself."""
    if row.reason is None:
        return WITHOUT_REASON.get(row.outcome)
    return REASONS.get(row.reason, row.reason)
