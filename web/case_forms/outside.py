"""The form for sending the result of an outside order back, and where such orders come from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import ACCEPTED, CLOSED, NOT_ACCEPTED, TRANSFERRED, CommandField, CommandForm
from web.i18n import N_

SOURCES = (
    ("12345", N_("Hotline 12345")),
    ("petition_office", N_("Petition office")),
    ("superior", N_("An office above us")),
    ("mailbox", N_("Leaders' mailbox")),
)
RETURN_MANNERS = (
    ("system", N_("In the other system")),
    ("letter", N_("In a letter")),
    ("telephone", N_("On the telephone")),
    ("in_person", N_("In person")),
)
FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "record_result_returned": CommandForm(
            N_("Send the result back"),
            N_("Record: sent back"),
            N_("For an order from outside: send its result there first, then record here what it said."),
            (
                CommandField("manner", N_("How it was sent back"), "choice", RETURN_MANNERS),
                CommandField("note", N_("What it said"), "text"),
            ),
            ACCEPTED | CLOSED | NOT_ACCEPTED | TRANSFERRED,
        ),
    }
)
