"""Forms of service of letters, review and re-review."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, CLOSED, IN_REVIEW, NOT_ACCEPTED, OPEN, CommandField, CommandForm
from web.case_forms.words import (
    ACKNOWLEDGEMENTS,
    RECIPIENTS,
    REVIEW_RESULTS,
    SERVICE_MANNERS,
    SERVICE_RESULTS,
)
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "record_service": CommandForm(
            N_("Record service"),
            N_("Record the service"),
            N_(
                "The time in which a review of a reply or an opinion can be asked for starts with this record, "
                "and with none that failed."
            ),
            (
                CommandField("result", N_("Result of the service"), "choice", SERVICE_RESULTS),
                CommandField("manner", N_("How it was served"), "choice", SERVICE_MANNERS),
                CommandField("recipient", N_("To whom"), "choice", RECIPIENTS),
                CommandField("acknowledged", N_("Receipt confirmed by"), "choice", ACKNOWLEDGEMENTS),
                CommandField("letter", N_("Letter"), "letter"),
            ),
            OPEN | CLOSED | NOT_ACCEPTED,
        ),
        "request_review": CommandForm(
            N_("Request a review"),
            N_("Record the request"),
            N_("For the complainant. After a reply it is a review, after the review's opinion a re-review."),
            (CommandField("note", N_("What the complainant asks to be reviewed"), "text"),),
            ACCEPTED | CLOSED,
        ),
        "answer_review": CommandForm(
            N_("Answer the review"),
            N_("Record the opinion"),
            N_("Whoever handled the case cannot answer. The opinion must then be served."),
            (
                CommandField("result", N_("Result of the review"), "choice", REVIEW_RESULTS),
                CommandField("note", N_("Opinion"), "text"),
            ),
            IN_REVIEW,
        ),
    }
)
