"""The forms of commands on personal data, and their words.

Shared by the pages that show them and by the people service, which takes what they send.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import CommandField, CommandForm
from web.i18n import N_

ERASURE_REASONS = (
    ("consent_withdrawn", N_("The person withdraws consent")),
    ("purpose_achieved", N_("The purpose is achieved, or cannot be")),
    ("retention_ended", N_("The retention period has ended")),
    ("unlawful", N_("Collected or used against law or agreement")),
    ("other_law", N_("Another law or regulation asks for it")),
)
HOLD_REASONS = (
    ("court_case", N_("Court case")),
    ("administrative_review", N_("Administrative review")),
    ("criminal_investigation", N_("Criminal investigation")),
    ("supervision", N_("Discipline inspection or supervision")),
)
DISCLOSURE_PURPOSES = (
    ("verify_case", N_("To check what was done in this case")),
    ("complaint", N_("To look into a complaint")),
    ("court_order", N_("A court or another authority asks for it")),
)
CORRECTED_FIELDS = (
    ("reporter_name", N_("Name")),
    ("telephone", N_("Telephone")),
    ("address", N_("Address")),
    ("title", N_("Subject")),
    ("story", N_("What it is about")),
)
READING_PURPOSES = (
    ("casework", N_("Case page")),
    ("worklist", N_("Worklist")),
    ("receipt", N_("Receipt")),
    ("supervision", N_("Supervision")),
    ("disclosure", N_("Disclosure to an auditor")),
    ("subject_search", N_("Search for a person")),
    ("subject_report", N_("Report to the person")),
    ("household", N_("Household page")),
)
_TERMS = (("1", N_("1 day")), ("7", N_("7 days")), ("30", N_("30 days")))

PEOPLE_FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "erase": CommandForm(
            N_("Erase"),
            N_("Erase for ever"),
            N_(
                "Destroys the keys of these data. Nobody can undo it. Figures and proofs stay as they are; "
                "what others wrote is under its own keys and stays."
            ),
            (CommandField("reason", N_("Reason"), "choice", ERASURE_REASONS),),
            frozenset(),
        ),
        "place_hold": CommandForm(
            N_("Place a legal hold"),
            N_("Hold these data"),
            N_("Nothing that is held can be erased until the hold is lifted."),
            (
                CommandField("matter", N_("File number of the matter"), "line"),
                CommandField("reason", N_("Reason"), "choice", HOLD_REASONS),
            ),
            frozenset(),
        ),
        "lift_hold": CommandForm(
            N_("Lift the hold"),
            N_("Lift the hold"),
            N_("The matter is over: these data need be kept for it no more."),
            (CommandField("matter", N_("File number of the matter"), "line"),),
            frozenset(),
        ),
        "request_correction": CommandForm(
            N_("Ask for a correction"),
            N_("Record the request"),
            N_("Record what the person says is wrong, and what is right."),
            (
                CommandField("field", N_("What is to be corrected"), "choice", CORRECTED_FIELDS),
                CommandField("text", N_("What is right"), "text"),
            ),
            frozenset(),
        ),
        "request_disclosure": CommandForm(
            N_("Ask to see the personal data"),
            N_("Ask for a disclosure"),
            N_(
                "Another auditor or the data protection officer decides. Request, grant and reading are on record."
            ),
            (CommandField("purpose", N_("Purpose"), "choice", DISCLOSURE_PURPOSES),),
            frozenset(),
        ),
        "grant_disclosure": CommandForm(
            N_("Grant the disclosure"),
            N_("Grant"),
            N_("Whoever asked may then see the personal data of this one case until the term ends."),
            (CommandField("days", N_("Term"), "choice", _TERMS),),
            frozenset(),
        ),
        "end_disclosure": CommandForm(N_("End the disclosure"), N_("Decline or end"), "", (), frozenset()),
        "confirm_retention": CommandForm(
            N_("Confirm the retention run"),
            N_("Confirm, and erase for ever"),
            N_("Whoever proposed it cannot confirm it. Who is held meanwhile is not erased."),
            (),
            frozenset(),
        ),
    }
)
"""Command name → its form."""


def labels(command: str) -> dict[str, str]:
    """Field → label (a message id) of one command's form. Raises KeyError."""
    return {field.name: field.label for field in PEOPLE_FORMS[command].fields}
