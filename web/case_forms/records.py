"""Forms of what is put on record about a case in any state."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from web.case_forms.kit import CLOSED, NOT_ACCEPTED, OPEN, CommandField, CommandForm
from web.case_forms.words import OCCURRENCES
from web.i18n import N_

FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        "add_note": CommandForm(
            N_("Add an internal note"),
            N_("Add the note"),
            N_(
                "For the staff alone. The complainant is never shown it; what they are to know goes into a reply."
            ),
            (CommandField("note", N_("Internal note"), "text"),),
            OPEN | CLOSED | NOT_ACCEPTED,
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
            OPEN | CLOSED,
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
            OPEN | CLOSED | NOT_ACCEPTED,
        ),
    }
)
