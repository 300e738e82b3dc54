"""The words of aid requests: states, deadlines, choices, and what each event and field is called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from web.i18n import N_
from web.words import State

ORIGINS = (
    ("self", N_("By the person")),
    ("proxy", N_("By somebody for them")),
    ("found", N_("Found by the community")),
)
SCOPES = (
    ("income", N_("Income")),
    ("property", N_("Property")),
    ("health", N_("Health")),
    ("family", N_("Family")),
)
WHOSE = (
    ("reporter", N_("Of the applicant")),
    ("third_party", N_("Of somebody else")),
    ("office", N_("Of this office")),
)
VERDICTS = (("grant", N_("Grant it")), ("refuse", N_("Refuse it")))
KINDS = (
    ("goods", N_("Goods, in pieces")),
    ("trip", N_("Vehicle trips")),
    ("service", N_("Services")),
    ("hours", N_("Volunteers' hours")),
)
PAY_MANNERS = (("bank", N_("By bank")), ("cash", N_("In cash")), ("other", N_("Otherwise")))
REVIEW_OUTCOMES = (
    ("go_on", N_("It goes on as it is")),
    ("change", N_("It is to be proposed anew")),
    ("stop", N_("It stops")),
)
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
UPHELD = (("yes", N_("Upheld: inquire again")), ("no", N_("Not upheld")))
APPEAL_VERDICTS = (
    ("approve", N_("Upheld: the request is taken up again")),
    ("refuse", N_("Not upheld: the decision stands")),
)

STATES: Mapping[str, State] = MappingProxyType(
    {
        "applied": State(N_("Applied for"), "running"),
        "incomplete": State(N_("Papers missing"), "warning"),
        "complete": State(N_("To be inquired into"), "running"),
        "inquired": State(N_("Inquired into"), "running"),
        "proposed": State(N_("Proposed"), "running"),
        "noticed": State(N_("On public notice"), "running"),
        "reserving": State(N_("Waits for its fund"), "running"),
        "unfunded": State(N_("The fund has not enough"), "warning"),
        "approved": State(N_("Approved"), "answered"),
        "rejected": State(N_("Refused"), "stopped"),
        "stopped": State(N_("Stopped"), "stopped"),
        "withdrawn": State(N_("Withdrawn"), "stopped"),
        "closed": State(N_("Closed"), "done"),
    }
)
DEADLINES: Mapping[str, str] = MappingProxyType(
    {
        "decide": N_("Decide by"),
        "reserve": N_("Wait for the fund until"),
        "justify": N_("Justify the emergency payment by"),
        "review": N_("Look at the need again by"),
        "answer": N_("Answer the appeal by"),
    }
)
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "applied": N_("Aid was applied for"),
        "attached": N_("A file was attached"),
        "consent_recorded": N_("The household's consent was recorded"),
        "completeness_checked": N_("The application was checked"),
        "inquired": N_("The household was inquired into"),
        "proposed": N_("A proposal was made"),
        "notice_published": N_("The proposal was put on public notice"),
        "objection_raised": N_("An objection was raised"),
        "objection_handled": N_("An objection was handled"),
        "rejected": N_("The request was refused"),
        "sent_back": N_("The proposal was sent back"),
        "fund_asked": N_("The fund was asked to set the sum aside"),
        "approved": N_("The request was approved"),
        "reservation_answered": N_("The fund answered"),
        "justified": N_("The emergency payment was justified"),
        "tranche_paid": N_("A tranche was paid"),
        "in_kind_given": N_("Help in kind was given"),
        "receipt_confirmed": N_("A receipt was confirmed"),
        "need_reviewed": N_("The need was looked at again"),
        "repayment_demanded": N_("A repayment was demanded"),
        "repaid": N_("A repayment came in"),
        "appealed": N_("The decision was appealed against"),
        "appeal_decided": N_("The appeal was decided on"),
        "withdrawn": N_("The request was withdrawn"),
        "note_added": N_("A note was added"),
        "closed": N_("The request was closed"),
        "grant_told": N_("An import told what was given"),
        "deadline_passed": N_("A deadline passed"),
    }
)
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "origin": N_("Who applied"),
        "persons": N_("Persons helped"),
        "asked": N_("Sum asked for"),
        "cost": N_("Cost"),
        "story": N_("What is needed, and why"),
        "name": N_("Name"),
        "document": N_("Document"),
        "scopes": N_("What may be looked at"),
        "until": N_("Until"),
        "missing": N_("Missing"),
        "visited": N_("Visited at home"),
        "within_limit": N_("Income within the programme's limit"),
        "entitled": N_("The programme gives at most"),
        "with_whom": N_("Together with"),
        "income": N_("Income of the household a month, in yuan"),
        "property": N_("Property"),
        "health": N_("Health"),
        "verdict": N_("Verdict"),
        "amount": N_("Sum"),
        "tranches": N_("Tranches"),
        "in_kind": N_("In kind"),
        "number": N_("Number"),
        "upheld": N_("Upheld"),
        "granted": N_("The grant comes to"),
        "fund": N_("Fund"),
        "round": N_("Asked for the"),
        "answer_by": N_("Answer by"),
        "emergency": N_("Before any approval"),
        "justify_by": N_("To be justified by"),
        "reserved": N_("Set aside"),
        "available": N_("What the fund may spend on it"),
        "review_by": N_("Looked at again by"),
        "tranche": N_("Tranche"),
        "manner": N_("How"),
        "voucher": N_("Voucher"),
        "kind": N_("Kind"),
        "count": N_("How many"),
        "outcome": N_("Outcome"),
        "appeal_until": N_("Appeal until"),
        "person_times": N_("Person-times"),
        "deadline": N_("Which"),
        "note": N_("Note"),
    }
)
"""Field of an event → its label, in the order of the event's own fields."""

WORDS: Mapping[str, Mapping[Any, str]] = MappingProxyType(
    {
        "origin": dict(ORIGINS),
        "scopes": dict(SCOPES),
        "kind": dict(KINDS),
        "manner": dict(PAY_MANNERS),
        "outcome": dict(REVIEW_OUTCOMES),
        "deadline": dict(DEADLINES),
        "verdict": {**dict(VERDICTS), **dict(APPEAL_VERDICTS), "refuse": N_("Refuse it")},
    }
)
"""Field → value → word."""
