"""Forms of the beginning: triage, acceptance, assignment and referral."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, LODGED, CommandField, CommandForm
from web.case_forms.words import CASE_KINDS, NOT_ACCEPTED_REASONS, SEVERITIES
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
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
            LODGED,
        ),
        "accept": CommandForm(
            N_("Accept"),
            N_("Accept the case"),
            N_("The case is ours to handle. The handling term starts now."),
            (),
            LODGED,
        ),
        "not_accept": CommandForm(
            N_("Do not accept"),
            N_("Record: not accepted"),
            N_("Give the reason, and name the other remedy to the complainant."),
            (
                CommandField("reason", N_("Reason"), "choice", NOT_ACCEPTED_REASONS),
                CommandField("remedy", N_("Other remedy named"), "text"),
            ),
            LODGED,
        ),
        "assign": CommandForm(
            N_("Assign"),
            N_("Assign the case"),
            N_("The handler sees it in the worklist."),
            (CommandField("handler", N_("Handler"), "handler"),),
            ACCEPTED,
        ),
        "refer": CommandForm(
            N_("Refer within"),
            N_("Refer the case"),
            N_("The case goes to another zone of this community; its number and its history stay."),
            (CommandField("zone", N_("To zone"), "zone"), CommandField("note", N_("Why"), "text")),
            ACCEPTED,
        ),
        "return": CommandForm(
            N_("Return the referral"),
            N_("Return the case"),
            N_("For a case that was referred here by mistake: it goes back to the zone it came from."),
            (CommandField("note", N_("Why it is not for this zone"), "text"),),
            ACCEPTED,
        ),
    }
)
