"""Forms of what comes after the reply: for staff the follow-up, for the holder of a tracking number their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, CLOSED, IN_REVIEW, NOT_ACCEPTED, CommandField, CommandForm
from web.case_forms.words import REACHED, SATISFACTIONS
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "record_follow_up": CommandForm(
            N_("Record a follow-up"),
            N_("Record the follow-up"),
            N_("By somebody who did not handle the case. It does not count as the complainant's rating."),
            (
                CommandField("reached", N_("Whether the complainant was reached"), "choice", REACHED),
                CommandField("note", N_("What was asked, and what was answered"), "text"),
                CommandField("remains", N_("What is still open"), "more"),
            ),
            ACCEPTED | IN_REVIEW | CLOSED | NOT_ACCEPTED,
        ),
    }
)

RESIDENT_FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "rate": CommandForm(
            N_("Rate the reply"),
            N_("Send the rating"),
            N_(
                "Only you can rate it: nobody who works here can. You may change it later; both stay on record."
            ),
            (
                CommandField("satisfaction", N_("How satisfied are you?"), "choice", SATISFACTIONS),
                CommandField("note", N_("Why"), "more"),
            ),
            ACCEPTED | IN_REVIEW | CLOSED,
        ),
        "add_information": CommandForm(
            N_("Add information"),
            N_("Send the information"),
            N_("It goes to whoever handles the case. What you sent before stays as it is."),
            (CommandField("note", N_("What you want to add"), "text"),),
            frozenset({"lodged"}) | ACCEPTED | IN_REVIEW,
        ),
        "request_review": CommandForm(
            N_("Ask for a review"),
            N_("Send the request"),
            N_("Somebody who did not handle the case looks at it again and answers you by a set day."),
            (CommandField("note", N_("What you want to be reviewed, and why"), "text"),),
            ACCEPTED | CLOSED,
        ),
    }
)
"""Command → its form on the tracking page."""
