"""The form of what staff record after the reply."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, CLOSED, IN_REVIEW, NOT_ACCEPTED, CommandField, CommandForm
from web.case_forms.words import REACHED
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
