"""Forms for the holder of a tracking number: what they say of their own case."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import (
    ACCEPTED,
    CLOSED,
    IN_REVIEW,
    MERGED,
    OPEN,
    WITHDRAWN,
    CommandField,
    CommandForm,
)
from web.case_forms.words import SATISFACTIONS
from web.i18n import N_

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
            OPEN,
        ),
        "request_review": CommandForm(
            N_("Ask for a review"),
            N_("Send the request"),
            N_("Somebody who did not handle the case looks at it again and answers you by a set day."),
            (CommandField("note", N_("What you want to be reviewed, and why"), "text"),),
            ACCEPTED | CLOSED,
        ),
        "ask_withdrawal": CommandForm(
            N_("Withdraw the case"),
            N_("Ask for the withdrawal"),
            N_(
                "Nothing ends yet: you have some days to think it over, and then confirm it here yourself. "
                "Nobody may press you to withdraw."
            ),
            (CommandField("note", N_("Why you want to withdraw it"), "text"),),
            OPEN,
        ),
        "confirm_withdrawal": CommandForm(
            N_("Confirm the withdrawal"),
            N_("Yes, withdraw the case"),
            N_("The case ends without an answer. You can take this back here for some time."),
            (),
            OPEN,
        ),
        "undo_withdrawal": CommandForm(
            N_("Take the withdrawal back"),
            N_("Take it back"),
            N_("The case stands as it stood, and its term ends when it would have ended."),
            (),
            OPEN | WITHDRAWN,
        ),
        "unmerge": CommandForm(
            N_("This is another matter"),
            N_("Undo the merging"),
            N_(
                "The office took your case for a repeat of another one. If it is not, it is handled by itself again."
            ),
            (CommandField("note", N_("Why it is not the same matter"), "text"),),
            MERGED,
        ),
    }
)
"""Command → its form on the tracking page."""
