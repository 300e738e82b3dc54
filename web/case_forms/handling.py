"""Forms of the handling, from a step of it to closing and reopening."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, CLOSED, CommandField, CommandForm
from web.case_forms.words import OUTCOMES
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "record_progress": CommandForm(
            N_("Record progress"),
            N_("Record this step"),
            N_("A visit, a call, an arrangement: whatever moved the case."),
            (CommandField("note", N_("What was done"), "text"),),
            ACCEPTED,
        ),
        "reply": CommandForm(
            N_("Reply"),
            N_("Record the reply"),
            N_("The complainant sees this text as it stands."),
            (CommandField("reply", N_("Reply to the complainant"), "text"),),
            ACCEPTED,
        ),
        "resolve": CommandForm(
            N_("Resolve"),
            N_("Record: resolved"),
            N_("The matter itself is settled. Say how, and who confirmed it."),
            (CommandField("note", N_("How it was settled"), "text"),),
            ACCEPTED,
        ),
        "close": CommandForm(
            N_("Close"),
            N_("Close the case"),
            N_("Needs a reply or a resolution on record."),
            (CommandField("outcome", N_("Outcome"), "choice", OUTCOMES),),
            ACCEPTED,
        ),
        "reopen": CommandForm(
            N_("Reopen"),
            N_("Reopen the case"),
            N_("The handling term starts anew."),
            (CommandField("note", N_("Why it is opened again"), "text"),),
            CLOSED,
        ),
    }
)
