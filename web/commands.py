"""The forms of case commands: what each asks for, in which case states it is offered, and its words.

Shared by the page that shows a case and by intake, which takes what the form sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response

from contracts.reference import Register
from web.forms import Form
from web.i18n import N_

FieldKind = Literal["text", "line", "choice", "handler", "zone", "category"]


class CommandField(NamedTuple):
    """One field: its name in the command's body, its label, and for `choice` the values with their words.

    A `line` and a `category` may be left out.
    """

    name: str
    label: str
    kind: FieldKind
    choices: tuple[tuple[str, str], ...] = ()


class CommandForm(NamedTuple):
    """One command: its title, the button's word, advice, fields, and the case states that offer it."""

    title: str
    button: str
    help: str
    fields: tuple[CommandField, ...]
    states: frozenset[str]


class Unsent(NamedTuple):
    """A command that could not be taken: its form with what was typed and what is wrong, and the status.

    The case's page shows it again in place of the blank form; `form_key` goes with it.
    """

    command: str
    form: Form
    form_key: str
    status: int


class ShowUnsent(Protocol):
    """Answers with the page of a case, in which a command that could not be taken is shown again."""

    async def __call__(self, request: Request, case_id: str, unsent: Unsent) -> Response:
        """Raise ProblemError where there is no such case, or it is not this visitor's to read."""
        ...


OUTCOMES = (
    ("resolved", N_("Resolved")),
    ("partly_resolved", N_("Partly resolved")),
    ("unresolved", N_("Not resolved")),
    ("answered", N_("Answered; resolution not confirmed")),
)
IMPORTED_OUTCOMES = (
    ("duplicate", N_("Closed as a repeat of another case")),
    ("not_told", N_("Closed; the source does not tell how")),
)
"""Outcomes that no form offers: other systems tell them."""

NOT_ACCEPTED_REASONS = (
    ("outside_remit", N_("Not within our remit")),
    ("before_court", N_("Before a court or an arbitrator")),
    ("already_decided", N_("Decided already by due process")),
    ("not_specific", N_("Too unspecific to act on")),
)
OCCURRENCES = (
    ("collective_petition", N_("Collective petition")),
    ("mass_incident", N_("Mass incident with serious effect")),
    ("heinous_crime", N_("Civil dispute turned heinous crime")),
)

CASE_KINDS = (
    ("request", N_("Request: something is owed or to be put right")),
    ("suggestion", N_("Suggestion")),
)
SEVERITIES = (
    ("ordinary", N_("Ordinary")),
    ("serious", N_("Serious")),
    ("urgent", N_("Urgent")),
)
VERDICTS = (("approve", N_("Approve")), ("refuse", N_("Refuse")))
SERVICE_RESULTS = (("served", N_("Served")), ("failed", N_("Could not be served")))
SERVICE_MANNERS = (
    ("in_person", N_("Handed over in person")),
    ("left", N_("Left at the door before witnesses")),
    ("entrusted", N_("Through an entrusted office")),
    ("post", N_("By post")),
    ("electronic", N_("Electronically")),
    ("notice", N_("By public notice")),
)
RECIPIENTS = (
    ("complainant", N_("The complainant")),
    ("household", N_("An adult of the household")),
    ("agent", N_("An agent")),
)
REVIEW_STAGES = (("review", N_("Review")), ("re_review", N_("Re-review")))
REVIEW_RESULTS = (("upheld", N_("Upheld")), ("changed", N_("Changed")), ("revoked", N_("Revoked")))

_LODGED = frozenset({"lodged"})
_ACCEPTED = frozenset({"accepted"})
_CLOSED = frozenset({"closed"})
_IN_REVIEW = frozenset({"in_review"})
_NOT_ACCEPTED = frozenset({"not_accepted"})
_NOTE = CommandField("note", N_("What was done"), "text")

COMMAND_FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "triage": CommandForm(
            N_("Triage"),
            N_("Record the triage"),
            N_(
                "Say what kind of matter it is. Whether it is ours is said next: accept it, or name the other remedy."
            ),
            (
                CommandField("kind", N_("Kind of matter"), "choice", CASE_KINDS),
                CommandField("severity", N_("Severity"), "choice", SEVERITIES),
                CommandField("category", N_("Category"), "category"),
            ),
            _LODGED,
        ),
        "accept": CommandForm(
            N_("Accept"),
            N_("Accept the case"),
            N_("The case is ours to handle. The handling term starts now."),
            (),
            _LODGED,
        ),
        "not_accept": CommandForm(
            N_("Do not accept"),
            N_("Record: not accepted"),
            N_("Give the reason, and name the other remedy to the complainant."),
            (
                CommandField("reason", N_("Reason"), "choice", NOT_ACCEPTED_REASONS),
                CommandField("remedy", N_("Other remedy named"), "text"),
            ),
            _LODGED,
        ),
        "assign": CommandForm(
            N_("Assign"),
            N_("Assign the case"),
            N_("The handler sees it in the worklist."),
            (CommandField("handler", N_("Handler"), "handler"),),
            _ACCEPTED,
        ),
        "refer": CommandForm(
            N_("Refer within"),
            N_("Refer the case"),
            N_("The case goes to another zone of this community; its number and its history stay."),
            (CommandField("zone", N_("To zone"), "zone"), CommandField("note", N_("Why"), "text")),
            _ACCEPTED,
        ),
        "return": CommandForm(
            N_("Return the referral"),
            N_("Return the case"),
            N_("For a case that was referred here by mistake: it goes back to the zone it came from."),
            (CommandField("note", N_("Why it is not for this zone"), "text"),),
            _ACCEPTED,
        ),
        "ask_extension": CommandForm(
            N_("Ask for an extension"),
            N_("Ask for the extension"),
            N_("Once, before the handling term ends. The term moves only when a second person approves."),
            (CommandField("note", N_("Why more time is needed"), "text"),),
            _ACCEPTED,
        ),
        "decide_extension": CommandForm(
            N_("Decide on the extension"),
            N_("Record the decision"),
            N_("Whoever asked for it cannot decide on it. The complainant is told the reasons."),
            (
                CommandField("verdict", N_("Verdict"), "choice", VERDICTS),
                CommandField("note", N_("Reasons of the decision"), "text"),
            ),
            _ACCEPTED,
        ),
        "urge": CommandForm(
            N_("Urge"),
            N_("Urge the handling"),
            N_("A supervision notice: say what is expected, and by when."),
            (CommandField("note", N_("What is expected"), "text"),),
            _LODGED | _ACCEPTED | _IN_REVIEW,
        ),
        "escalate": CommandForm(
            N_("Pass up the chain"),
            N_("Pass the case up"),
            N_("The unit above is called upon. The case stays here, and so do its terms."),
            (CommandField("note", N_("Why the unit above is needed"), "text"),),
            _LODGED | _ACCEPTED | _IN_REVIEW,
        ),
        "propose_reclassification": CommandForm(
            N_("Propose a reclassification"),
            N_("Propose it"),
            N_(
                "Another kind, severity or category than at triage. It holds only when a second person approves."
            ),
            (
                CommandField("kind", N_("Kind of matter"), "choice", CASE_KINDS),
                CommandField("severity", N_("Severity"), "choice", SEVERITIES),
                CommandField("category", N_("Category"), "category"),
                CommandField("note", N_("Why it is to be reclassified"), "text"),
            ),
            _LODGED | _ACCEPTED | _IN_REVIEW,
        ),
        "decide_reclassification": CommandForm(
            N_("Decide on the reclassification"),
            N_("Record the decision"),
            N_("Whoever proposed it cannot decide on it."),
            (
                CommandField("verdict", N_("Verdict"), "choice", VERDICTS),
                CommandField("note", N_("Reasons of the decision"), "text"),
            ),
            _LODGED | _ACCEPTED | _IN_REVIEW,
        ),
        "recuse": CommandForm(
            N_("Recuse a handler"),
            N_("Record the recusal"),
            N_("For a handler with an interest in the case. Assign it to somebody else afterwards."),
            (
                CommandField("handler", N_("Handler"), "handler"),
                CommandField("note", N_("Why the handler is recused"), "text"),
            ),
            _LODGED | _ACCEPTED | _IN_REVIEW,
        ),
        "record_progress": CommandForm(
            N_("Record progress"),
            N_("Record this step"),
            N_("A visit, a call, an arrangement: whatever moved the case."),
            (_NOTE,),
            _ACCEPTED,
        ),
        "reply": CommandForm(
            N_("Reply"),
            N_("Record the reply"),
            N_("The complainant sees this text as it stands."),
            (CommandField("reply", N_("Reply to the complainant"), "text"),),
            _ACCEPTED,
        ),
        "resolve": CommandForm(
            N_("Resolve"),
            N_("Record: resolved"),
            N_("The matter itself is settled. Say how, and who confirmed it."),
            (CommandField("note", N_("How it was settled"), "text"),),
            _ACCEPTED,
        ),
        "close": CommandForm(
            N_("Close"),
            N_("Close the case"),
            N_("Needs a reply or a resolution on record."),
            (CommandField("outcome", N_("Outcome"), "choice", OUTCOMES),),
            _ACCEPTED,
        ),
        "reopen": CommandForm(
            N_("Reopen"),
            N_("Reopen the case"),
            N_("The handling term starts anew."),
            (CommandField("note", N_("Why it is opened again"), "text"),),
            _CLOSED,
        ),
        "record_service": CommandForm(
            N_("Record service"),
            N_("Record the service"),
            N_("The time in which a review can be asked for starts now, not before the letter was served."),
            (
                CommandField("result", N_("Result of the service"), "choice", SERVICE_RESULTS),
                CommandField("manner", N_("How it was served"), "choice", SERVICE_MANNERS),
                CommandField("recipient", N_("To whom"), "choice", RECIPIENTS),
            ),
            _ACCEPTED | _CLOSED,
        ),
        "request_review": CommandForm(
            N_("Request a review"),
            N_("Record the request"),
            N_("For the complainant. After a reply it is a review, after the review's opinion a re-review."),
            (CommandField("note", N_("What the complainant asks to be reviewed"), "text"),),
            _ACCEPTED | _CLOSED,
        ),
        "answer_review": CommandForm(
            N_("Answer the review"),
            N_("Record the opinion"),
            N_("Whoever handled the case cannot answer. The opinion must then be served."),
            (
                CommandField("result", N_("Result of the review"), "choice", REVIEW_RESULTS),
                CommandField("note", N_("Opinion"), "text"),
            ),
            _IN_REVIEW,
        ),
        "record_occurrence": CommandForm(
            N_("Record an occurrence"),
            N_("Record the occurrence"),
            N_(
                "Only what the three stability claims speak of. A lawful petition is the use of a right, not a fault."
            ),
            (
                CommandField("kind", N_("What occurred"), "choice", OCCURRENCES),
                CommandField("note", N_("What happened"), "text"),
            ),
            _LODGED | _ACCEPTED | _IN_REVIEW | _CLOSED,
        ),
        "correct": CommandForm(
            N_("Correct the reporter's data"),
            N_("Record the correction"),
            N_("Fill in only what is to be corrected. The history shows who corrected it, and when."),
            (
                CommandField("reporter_name", N_("Name"), "line"),
                CommandField("telephone", N_("Telephone"), "line"),
                CommandField("address", N_("Address"), "line"),
            ),
            _LODGED | _ACCEPTED | _IN_REVIEW | _CLOSED | _NOT_ACCEPTED,
        ),
    }
)
"""Command name → its form."""

FILE_LABELS: Mapping[str, str] = MappingProxyType(
    {"file": N_("File"), "whose": N_("Whose it is"), "strip": N_("Remove location data")}
)
FILE_VALUES: Mapping[str, str] = MappingProxyType({"whose": "reporter", "strip": "yes"})
"""The form that attaches a file: its labels, and what it holds at first."""

WHOSE = (
    ("reporter", N_("Of who lodged the case")),
    ("third_party", N_("Of somebody else")),
    ("office", N_("Of this office")),
)
REDACTION_REASONS = (
    ("third_party", N_("It names somebody else")),
    ("accidental", N_("Personal data that were not asked for")),
    ("unlawful", N_("There is no ground to keep it")),
    ("mistaken", N_("The wrong file or text")),
)
FILE_TYPES = ".jpg,.jpeg,.png,.webp,.pdf,.txt,.docx,.xlsx,.pptx,.mp3,.m4a,.mp4"
"""What a browser offers to choose from. A courtesy only."""


def offered(state: str) -> list[str]:
    """The commands that a case in this state offers, in the order of its life."""
    return [name for name, form in COMMAND_FORMS.items() if state in form.states]


def action_id(command: str) -> str:
    """The id of the element in the case's page that holds a command's form."""
    return f"action-{command}"


def labels(command: str) -> dict[str, str]:
    """Field → label (a message id) of one command's form. Raises KeyError."""
    return {field.name: field.label for field in COMMAND_FORMS[command].fields}


def category_choices(register: Register) -> list[tuple[str, str]]:
    """The category tree as choices: each leaf with the names above it."""
    by_code = {category.code: category for category in register.categories()}
    above = {category.parent for category in by_code.values()}
    choices = []
    for code, category in by_code.items():
        if code not in above:
            names, at = [category.name], category.parent
            while at is not None and at in by_code:
                names.insert(0, by_code[at].name)
                at = by_code[at].parent
            choices.append((code, " / ".join(names)))
    return choices
